//! LLT-13b. See `predictor_l2_score.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::PREDICTOR_L2_SCORE;
use scorebound::divergences::Divergence;
use scorebound::processes::{NoiseLevel, Process};
use scorebound::samplers::{CorrectAt, Corrector};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

/// N(0, 1) and an affine error c x: p(|e| > t) = 2 Phi(-t/(c sqrt v)), and everything else by hand.
#[test]
fn restated_independently() {
    for (delta, n, x, epsilon) in [(0.0, 40, 0.5, 1e-6), (0.2, 100, 0.9, 1e-4), (0.1, 9, 0.3, 3e-3)] {
        let h = x * (1.0 + 2.0 * delta) / 400.0;
        let t = delta + n as f64 * h;
        let (program, last) = ve_predictor(t, delta, n);
        let start = 1.2 * (1.0 + 2.0 * t);
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.3, start)).along(program, last);
        let claim = at.epsilon(affine(1, -0.2), epsilon).then(&PREDICTOR_L2_SCORE);
        let m = claim.term("threshold");
        let still = |k: u64| -> f64 { (k + 1..n).map(|j| 0.5 * h / (1.0 + 2.0 * (t - j as f64 * h))).sum() };
        // Whether thresholds are flat or grow is not told: one of the two is what the bound was evaluated at.
        let by_hand = |grows: bool| {
            let a: f64 = 1.2;
            let mut chi2 = (0.09 / ((1.0 + 2.0 * t) * (2.0 - a)) - 0.5 * (a * (2.0 - a)).ln()).exp_m1();
            let mut bad_sets = 0.0;
            for k in 0..n {
                let v = 1.0 + 2.0 * (t - (k + 1) as f64 * h);
                let (smoothness, lsi) = (1.0 / (v - 2.0 * h), v + 2.0 * h);
                let threshold = if grows { (m * (0.5 * still(k)).exp()).min(1.0 / (48.0 * lsi).sqrt()) } else { m };
                // |e| = epsilon |z| with z standard normal under p_tau.
                let delta = (2.0 * Normal::standard().sf(threshold / epsilon)).min((epsilon / threshold).powi(2));
                bad_sets +=
                    if delta < 1.0 / (1.0 + chi2) { delta + (chi2 * delta * (1.0 - delta)).sqrt() } else { 1.0 };
                let gamma = 12.1 * threshold * threshold * h + 58.2 * smoothness * smoothness * h * h;
                chi2 = (gamma - h / (2.0 * lsi)).exp() * chi2 + gamma.exp_m1();
            }
            let kl = chi2.ln_1p();
            (chi2.sqrt() / 2.0).min((kl / 2.0).sqrt()).min((-(-kl).exp_m1()).sqrt()) + bad_sets
        };
        let (flat, grown) = (by_hand(false), by_hand(true));
        let found = claim.bound().mid();
        let close = |x: f64| (found / x - 1.0).abs() < 1e-6;
        assert!(close(flat) || close(grown), "{claim} by hand {flat} or {grown}");
        let parts = ["start", "score-error", "discretisation", "predictor-bad-sets", "corrector-bad-sets"];
        let sum: f64 = parts.iter().map(|name| claim.term(name)).sum();
        assert!((sum / found - 1.0).abs() < 1e-9 && claim.term("corrector-bad-sets") == 0.0, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 4.0), delta in 0.0..0.4f64, n in 1..60u64, x in 0.02..0.97f64, log in -9.0..-3.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let here = scorebound::targets::Target::constants(&p, Process::Ve.level(delta));
        let h = x / (400.0 * here.lipschitz.value.hi().powi(2) * here.lsi.value.hi());
        let (program, last) = ve_predictor(delta + n as f64 * h, delta, n);
        let at = given(&p).start(normal(d, 0.2, 0.25 + 2.0 * (delta + n as f64 * h))).along(program, last);
        for shape in [constant(d), affine(d, -0.2)] {
            let claim = at.clone().epsilon(shape, 10f64.powf(log)).then(&PREDICTOR_L2_SCORE);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PREDICTOR_L2_SCORE;
    let (program, last) = ve_predictor(0.3, 0.2, 50);
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.3, 1.6)).along(program.clone(), last);
    let good = good.epsilon(affine(2, -0.2), 1e-7);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let sampler = "the sampler is the VE predictor y + 2h s(y) + sqrt(2h) xi, down to the level of p";
    assert_eq!(good.clone().run(noisier(&program, 1.2)).then(theorem).failed(), Some(sampler));
    let corrector = Corrector { at: CorrectAt::EveryLevel, relative: false, step: 1e-3, steps: 5 };
    let (corrected, _) = ve_corrected(0.3, 0.2, 50, corrector);
    assert_eq!(good.clone().run(corrected).then(theorem).failed(), Some(sampler));
    let (long, _) = ve_predictor(1.2, 0.2, 50);
    assert_eq!(good.clone().run(long).then(theorem).failed(), Some("h_k <= 1/(400 L_k^2 C_k) in every predictor step"));
    assert_eq!(good.clone().start(normal(2, 0.0, 3.3)).then(theorem).failed(), Some("chi2(q_0 | p_T) < inf"));
    // Every shape is square integrable under every target; only an amplitude beyond the doubles is not.
    let large = good.clone().error(affine(2, -100.0), 1e307).then(theorem);
    assert!(large.leaves_open("E_{p_tau} |e_k|^2 <= epsilon_k^2 < inf in every step"), "{large}");
    let (down, _) = ve_predictor(4e-4, 0.0, 2);
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).along(down, NoiseLevel::DATA).then(theorem);
    assert_eq!(rough.failed(), Some("every p_tau on the way is L-smooth"));
    let (short, _) = ve_predictor(2e-30, 0.0, 2);
    let far = given(&far_modes()).along(short, NoiseLevel::DATA).then(theorem);
    assert!(far.leaves_open("every p_tau on the way satisfies LSI(C)"), "{far}");
}

#[test]
fn can_be_violated() {
    let theorem = &PREDICTOR_L2_SCORE;
    let (program, last) = ve_predictor(0.5, 0.1, 2000);
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 2.0)).along(program.clone(), last);
    let good = good.epsilon(constant(1), 1e-6);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let claim = good.sabotaged(noisier(&program, 1.6), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The guarantee asks for eps ~ eps_TV eps_chi^3 at every level, the truth only for eps ~ acc on a Gaussian: an error of that size at
/// every level moves the mean by eps times the time.
#[test]
fn rate() {
    let found = measure(
        &[0.003, 0.01, 0.03, 0.1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search { lo: 1e-4, hi: 10.0, integer: false, relative: 1e-4 },
        |accuracy, epsilon| {
            let (program, last) = ve_predictor(0.5, 0.0, 2000);
            let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 2.0)).along(program, last);
            let tv = at.epsilon(constant(1), epsilon).instance().divergence(Divergence::Tv)?;
            Ok(tv.value / accuracy)
        },
    );
    let stated = |in_: &str| {
        let e = PREDICTOR_L2_SCORE.exponents.iter().find(|e| e.of == "epsilon" && e.in_ == in_).unwrap();
        f64::from(e.power.0)
    };
    // With eps_TV and eps_chi both of the order of the accuracy.
    let outcome = found.compare(stated("accuracy-tv") + stated("accuracy-chi"), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value - 1.0).abs() < 0.03, "{found:?}");
}
