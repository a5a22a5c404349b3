//! LLT-16. See `predictor_corrector.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::Exponent;
use scorebound::bounds::lee_lu_tan_2022::{
    Chi2Parameters, PREDICTOR_CORRECTOR, PREDICTOR_L2_SCORE, PathError, Setting, best_chi2_parameters, chi2_step,
    kl_bound,
};
use scorebound::divergences::Divergence;
use scorebound::numerics::Interval;
use scorebound::processes::{NoiseLevel, Process};
use scorebound::samplers::{CorrectAt, Corrector};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn corrector(at: CorrectAt, step: f64, steps: u64) -> Corrector {
    Corrector { at, relative: false, step, steps }
}

/// chi2(N(m, a v) | N(0, v)) in d dimensions.
fn chi2_start(d: f64, m2: f64, v: f64, a: f64) -> f64 {
    (d * m2 / (v * (2.0 - a)) - 0.5 * d * (a * (2.0 - a)).ln()).exp_m1()
}

/// One run of Langevin steps by hand, given the parameters: chi-squared (LLT-5a) and KL (LLT-4a).
fn langevin_by_hand(d: f64, v: f64, h: f64, tau: f64, steps: u64, mut chi2: f64) -> (f64, f64) {
    let setting = Setting::new(d, 1.0 / v, v, h);
    let tau2 = Interval::point(tau).sqr();
    let before = chi2;
    let Chi2Parameters { c, a, beta } = best_chi2_parameters(&setting, tau2, chi2.into(), steps).unwrap();
    let (b1, b2) = if tau == 0.0 { (1.0, 0.0) } else { (1.0 + beta, 1.0 + 1.0 / beta) };
    let u = h / v;
    let rest = 1.0 - 6.0 * u * u;
    let r = 2.0 - 1.0 / (2.0 * c) - 2.0 * c * b1 * (24.0 * u * u + 4.0 * u / a) / rest;
    let moved = 2.0 * u * u * (2.0 * d / v + tau * tau) + u / v * d * (1.0 / (1.0 - 2.0 * a)).ln() / a;
    let gamma = 2.0 * c * h * (b2 * tau * tau + b1 * moved / rest);
    for _ in 0..steps {
        chi2 = (gamma - r * h / v).exp() * chi2 + gamma.exp_m1();
    }
    let path = PathError::uniform(steps, tau2);
    let (_, [lambda, beta]) = kl_bound(&setting, before.ln_1p().into(), &path).unwrap();
    let (n, b1, b2) = if tau == 0.0 { (2.0, 1.0, 0.0) } else { (3.0, 1.0 + beta, 1.0 + 1.0 / beta) };
    let nu2 = n * u * u;
    let rho = 2.0 / v * (1.0 - 1.0 / (4.0 * lambda) - lambda * b1 * nu2 / (1.0 - nu2));
    let inc = lambda * b1 * d * u * u * (1.0 + 2.0 * n * u / 3.0) / (1.0 - nu2)
        + lambda * tau * tau * h * (b2 + b1 * nu2 / 3.0 / (1.0 - nu2));
    let kl = (0..steps).fold(before.ln_1p(), |kl, _| (-rho * h).exp() * kl + inc);
    (chi2, kl)
}

/// An affine error in the Langevin steps at the end: the bad sets by hand, step by step. Nothing is forgotten after the last leg, so that
/// both profiles cut at the multiplier.
#[test]
fn bad_sets_by_hand() {
    let (delta, h, hc, n, steps, slope) = (0.1, 1e-3, 5e-4, 20_u64, 2000, 0.2);
    let t = delta + n as f64 * h;
    let corrector = Corrector { at: CorrectAt::End, relative: false, step: hc, steps };
    let (program, last) = ve_corrected(t, delta, n, corrector);
    let confined = program.confined_to_levels(&[last]);
    let (wide, v, a) = (1.0 + 2.0 * t, 1.0 + 2.0 * delta, 1.3);
    let given = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.2, a * wide)).along(confined, last);
    let given = given.epsilon(affine(1, -slope), 1e-8);
    let claim = given.then(&PREDICTOR_CORRECTOR);
    assert!(claim.holds(), "{claim}");
    let cut = claim.term("threshold");
    assert!(cut < 1.0 / (48.0 * v).sqrt(), "{claim}");
    let mut chi2 = chi2_start(1.0, 0.04, wide, a);
    for k in 1..=n {
        let v = 1.0 + 2.0 * (t - k as f64 * h);
        let (smoothness, lsi) = (1.0 / (v - 2.0 * h), v + 2.0 * h);
        let gamma = 58.2 * smoothness * smoothness * h * h;
        chi2 = (gamma - h / (2.0 * lsi)).exp() * chi2 + gamma.exp_m1();
    }
    let sd = slope * given.instance().amplitude_at(last).abs() * v.sqrt();
    let beyond = tails(cut / sd).min((1e-8 / cut).powi(2));
    let setting = Setting::new(1.0, 1.0 / v, v, hc);
    let tau2 = Interval::point(cut).sqr();
    let step = chi2_step(&setting, tau2, best_chi2_parameters(&setting, tau2, chi2.into(), steps).unwrap()).unwrap();
    let mut met = 0.0;
    for _ in 0..steps {
        met += mass(beyond, chi2);
        chi2 = (step.gamma.mid() - step.r.mid() * hc / v).exp() * chi2 + step.gamma.mid().exp_m1();
    }
    assert!(met > 0.0 && claim.term("predictor-bad-sets") == 0.0, "{claim}");
    assert!((claim.term("corrector-bad-sets") / met - 1.0).abs() < 1e-6, "{claim} {met}");
}

/// A constant error is cut off nowhere: the walk by hand.
#[test]
fn restated_independently() {
    for (d, at, n, steps, epsilon) in [
        (1, CorrectAt::EveryLevel, 30, 3, 1e-3),
        (5, CorrectAt::EveryLevel, 100, 1, 0.0),
        (3, CorrectAt::End, 60, 400, 0.01),
        (40, CorrectAt::End, 60, 4000, 0.0),
    ] {
        let (delta, h, hc) = (0.1, 1e-3, 5e-4);
        let t = delta + n as f64 * h;
        let (program, last) = ve_corrected(t, delta, n, Corrector { at, relative: false, step: hc, steps });
        let (dim, wide, a) = (d as f64, 1.0 + 2.0 * t, 1.3);
        let start = normal(d, 0.2, a * wide);
        let given = given(&normal(d, 0.0, 1.0)).start(start).along(program, last).error(constant(d), epsilon);
        let claim = given.then(&PREDICTOR_CORRECTOR);
        let (mut chi2, mut kl) = (chi2_start(dim, 0.04, wide, a), f64::INFINITY);
        for k in 1..=n {
            let v = 1.0 + 2.0 * (t - k as f64 * h);
            let (smoothness, lsi) = (1.0 / (v - 2.0 * h), v + 2.0 * h);
            let gamma = 12.1 * epsilon * epsilon * h + 58.2 * smoothness * smoothness * dim * h * h;
            chi2 = (gamma - h / (2.0 * lsi)).exp() * chi2 + gamma.exp_m1();
            if at == CorrectAt::EveryLevel || k == n {
                (chi2, kl) = langevin_by_hand(dim, v, hc, epsilon, steps, chi2);
            }
        }
        let kl = kl.min(chi2.ln_1p());
        let end = (chi2.sqrt() / 2.0).min((kl / 2.0).sqrt()).min((-(-kl).exp_m1()).sqrt());
        // The parameters are searched for, and end near the same minimum.
        assert_close_to(claim.bound(), end, 1e-6);
        assert!((claim.term("chi2-end") / chi2 - 1.0).abs() < 1e-6, "{claim} by hand {chi2}");
        let parts = ["start", "score-error", "discretisation", "predictor-bad-sets", "corrector-bad-sets"];
        let sum: f64 = parts.iter().map(|name| claim.term(name)).sum();
        assert!((sum / claim.bound().mid() - 1.0).abs() < 1e-9, "{claim}");
    }
}

/// Affine errors in several dimensions, cut off by Chebyshev's inequality: the bad sets by hand, at the thresholds chosen.
#[test]
fn bad_sets_are_counted_at_every_move() {
    let (delta, n, h, hc, epsilon) = (0.1, 40, 1e-3, 1e-3, 1e-7);
    let t = delta + n as f64 * h;
    let (program, last) = ve_corrected(t, delta, n, corrector(CorrectAt::EveryLevel, hc, 2));
    let at = given(&normal(3, 0.0, 1.0)).start(normal(3, 0.2, 1.0 + 2.0 * t)).along(program, last);
    let claim = at.epsilon(affine(3, -0.2), epsilon).then(&PREDICTOR_CORRECTOR);
    assert!(claim.holds(), "{claim}");
    let (predictors, correctors) = (claim.term("predictor-bad-sets"), claim.term("corrector-bad-sets"));
    // Twice as many Langevin steps as predictor steps, at about the same chi-squared and thresholds.
    assert!((correctors / predictors - 2.0).abs() < 0.2, "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 4.0), delta in 0.0..0.4f64, n in 1..60u64, x in 0.02..0.97f64, y in 0.02..1.0f64, steps in 1..9u64, log in -9.0..-3.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let here = scorebound::targets::Target::constants(&p, Process::Ve.level(delta));
        let short = 1.0 / (here.lipschitz.value.hi().powi(2) * here.lsi.value.hi());
        let (h, hc) = (x * short / 400.0, y * short / 132.0);
        for (at, steps) in [(CorrectAt::EveryLevel, steps), (CorrectAt::End, 100 * steps)] {
            let (program, last) = ve_corrected(delta + n as f64 * h, delta, n, corrector(at, hc, steps));
            let at = given(&p).start(normal(d, 0.2, 0.25 + 2.0 * (delta + n as f64 * h))).along(program, last);
            for shape in [constant(d), affine(d, -0.2)] {
                let claim = at.clone().epsilon(shape, 10f64.powf(log)).then(&PREDICTOR_CORRECTOR);
                prop_assert!(claim.holds_or_vacuous(), "{claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PREDICTOR_CORRECTOR;
    let end = corrector(CorrectAt::End, 1e-3, 50);
    let (program, last) = ve_corrected(0.3, 0.2, 50, end);
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.3, 1.6)).along(program.clone(), last);
    let good = good.epsilon(affine(2, -0.2), 1e-7);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let sampler = "the sampler is the VE predictor with Langevin steps at levels it passes, down to the level of p";
    assert_eq!(good.clone().run(noisier(&program, 1.2)).then(theorem).failed(), Some(sampler));
    // No corrector, no predictor, and Langevin steps at a level that it never passes.
    assert_eq!(good.clone().run(ve_predictor(0.3, 0.2, 50).0).then(theorem).failed(), Some(sampler));
    assert_eq!(good.clone().along(lmc(1e-3, 5), NoiseLevel::DATA).then(theorem).failed(), Some(sampler));
    let mut jumping = program.clone();
    jumping.blocks.extend(lmc(1e-3, 5).blocks);
    assert_eq!(good.clone().along(jumping, NoiseLevel::DATA).then(theorem).failed(), Some(sampler));
    let (long, _) = ve_corrected(1.2, 0.2, 50, end);
    assert_eq!(good.clone().run(long).then(theorem).failed(), Some("h_k <= 1/(400 L_k^2 C_k) in every predictor step"));
    let (long, _) = ve_corrected(0.3, 0.2, 50, corrector(CorrectAt::End, 0.3, 50));
    let contracts = "6 (hL)^2 < 1 and r > 0 for some c, a, beta in every Langevin step";
    assert_eq!(good.clone().run(long).then(theorem).failed(), Some(contracts));
    assert_eq!(good.clone().start(normal(2, 0.0, 3.3)).then(theorem).failed(), Some("chi2(q_0 | p_T) < inf"));
    let large = good.clone().error(affine(2, -100.0), 1e307).then(theorem);
    assert!(large.leaves_open("E_{p_tau} |e_k|^2 <= epsilon_k^2 < inf in every step"), "{large}");
    let (down, _) = ve_corrected(4e-4, 0.0, 2, end);
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).along(down, NoiseLevel::DATA).then(theorem);
    assert_eq!(rough.failed(), Some("every p_tau on the way is L-smooth"));
    let (short, _) = ve_corrected(2e-30, 0.0, 2, corrector(CorrectAt::End, 1e-30, 5));
    let far = given(&far_modes()).along(short, NoiseLevel::DATA).then(theorem);
    assert!(far.leaves_open("every p_tau on the way satisfies LSI(C)"), "{far}");
}

#[test]
fn can_be_violated() {
    let theorem = &PREDICTOR_CORRECTOR;
    let (program, last) = ve_corrected(0.3, 0.1, 200, corrector(CorrectAt::End, 1e-4, 50_000));
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 1.6)).along(program.clone(), last);
    let good = good.epsilon(constant(1), 1e-7);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let claim = good.sabotaged(noisier(&program, 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// What the bounds need for E <= acc/2 on N(0, I_d): the predictor alone needs h ~ acc^2 along the whole path, with a corrector at
/// the end h need not shrink at all and the corrector's step is of the order acc^2. The truth is of the order h^1 in both.
#[test]
fn rate() {
    let start = |d: usize, t: f64| normal(d, 0.0, 1.0 + 2.0 * t);
    let stated = |of: &str, exponents: &'static [Exponent]| {
        let found = exponents.iter().find(|e| e.of == of && e.in_ == "accuracy-chi").unwrap();
        f64::from(found.power.0)
    };
    let accuracies = [0.004, 0.008, 0.016, 0.032];
    let search = |_| Search { lo: 5e-6, hi: 2.4e-3, integer: false, relative: 1e-2 };
    // The bound of the predictor alone, with steps h.
    let alone = measure(&accuracies, Asymptote::Small, Condition::AtMost(1.0), search, |accuracy, h| {
        let n = (0.1 / h).ceil() as u64;
        let (program, last) = ve_predictor(0.1, 0.0, n);
        let claim = given(&normal(1, 0.0, 1.0)).start(start(1, 0.1)).along(program, last).then(&PREDICTOR_L2_SCORE);
        Ok(claim.bound() / accuracy)
    });
    let outcome = alone.compare(stated("step", PREDICTOR_L2_SCORE.exponents), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "matches", "{outcome} {alone:?}");
    // With a corrector that runs for a time of 12 at the end, the predictor's step stays as it is: the corrector's is what counts.
    let corrected = |h: f64, accuracy: f64, hc: f64| {
        let steps = (12.0 / hc).ceil() as u64;
        let (program, last) = ve_corrected(0.1, 0.0, (0.1 / h).ceil() as u64, corrector(CorrectAt::End, hc, steps));
        let at = given(&normal(1, 0.0, 1.0)).start(start(1, 0.1)).along(program, last);
        at.then(&PREDICTOR_CORRECTOR).bound() / accuracy
    };
    let by_corrector = measure(&accuracies, Asymptote::Small, Condition::AtMost(1.0), search, |acc, hc| {
        Ok(corrected(2.2e-3, acc, hc))
    });
    let outcome = by_corrector.compare(stated("corrector-step", PREDICTOR_CORRECTOR.exponents), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "matches", "{outcome} {by_corrector:?}");
    assert_eq!(stated("predictor-step", PREDICTOR_CORRECTOR.exponents), 0.0);
    for (accuracy, threshold) in by_corrector.points.iter().map(|p| (p.value, p.threshold.lo)) {
        let finer = corrected(2.2e-4, accuracy, threshold);
        assert!((finer.mid() - corrected(2.2e-3, accuracy, threshold).mid()).abs() < 0.02, "{finer:?}");
    }
    // The truth: TV of the order of h without a corrector.
    let truth = measure(
        &[0.001, 0.002, 0.004, 0.008],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search { lo: 1e-3, hi: 0.4, integer: false, relative: 1e-3 },
        |accuracy, h| {
            let (program, last) = ve_predictor(1.0, 0.0, (1.0 / h).ceil() as u64);
            let at = given(&normal(1, 0.0, 1.0)).start(start(1, 1.0)).along(program, last).instance();
            Ok(at.divergence(Divergence::Tv)?.value / accuracy)
        },
    );
    let outcome = truth.compare(stated("step", PREDICTOR_L2_SCORE.exponents), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {truth:?}");
}
