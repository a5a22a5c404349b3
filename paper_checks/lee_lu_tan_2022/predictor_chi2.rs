//! LLT-13. See `predictor_chi2.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PREDICTOR_CHI2, Setting, chi2_predictor_step};
use scorebound::divergences::Divergence;
use scorebound::processes::{NoiseLevel, Process};
use scorebound::samplers::{CorrectAt, Corrector};
use scorebound::targets::Density;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// Isotropic Gaussians, where L and C of every level are known: the recursion by hand.
#[test]
fn restated_independently() {
    for (d, s, delta, n, x, c) in
        [(1, 1.0, 0.0, 40, 0.5, 0.05), (4, 0.5, 0.1, 100, 0.9, 0.0), (12, 2.0, 0.3, 7, 0.1, 0.3)]
    {
        let h = x * (s + 2.0 * delta) / 400.0;
        let t = delta + n as f64 * h;
        let (program, last) = ve_predictor(t, delta, n);
        let wide = s + 2.0 * t;
        let claim = given(&normal(d, 0.0, s))
            .start(normal(d, 0.2, 1.1 * wide))
            .along(program, last)
            .error(constant(d), c)
            .then(&PREDICTOR_CHI2);
        let a: f64 = 1.1;
        let dim = d as f64;
        let mut chi2 = (dim * 0.04 / (wide * (2.0 - a)) - 0.5 * dim * (a * (2.0 - a)).ln()).exp_m1();
        let (mut gammas, start) = ([0.0, 0.0], chi2);
        for k in 1..=n {
            // The less noisy end of the step.
            let v = s + 2.0 * (t - k as f64 * h);
            let (smoothness, lsi) = (1.0 / v / (1.0 - 2.0 * h / v), v + 2.0 * h);
            assert!(400.0 * h * smoothness * smoothness * lsi <= 1.0);
            let (error, length) = (12.1 * c * c * h, 58.2 * smoothness * smoothness * dim * h * h);
            chi2 = (error + length - h / (2.0 * lsi)).exp() * chi2 + (error + length).exp_m1();
            gammas = [gammas[0] + error, gammas[1] + length];
        }
        assert_close(claim.bound(), chi2);
        assert!((claim.term("gamma-error") - gammas[0]).abs() <= 1e-9 * gammas[0], "{claim}");
        assert!((claim.term("gamma-discretisation") - gammas[1]).abs() <= 1e-9 * gammas[1], "{claim}");
        let parts = claim.term("start") + claim.term("score-error") + claim.term("discretisation");
        assert!((parts - chi2).abs() <= 1e-9 * chi2, "{claim}");
        // The short form at the end of the statement is weaker.
        assert!(claim.bound().hi() <= (gammas[0] + gammas[1]).exp() * (1.0 + start) - 1.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=10, 4.0), delta in 0.0..0.4f64, n in 1..150u64, x in 0.02..0.97f64, t in 0.0..1.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let here = scorebound::targets::Target::constants(&p, Process::Ve.level(delta));
        let (smoothness, lsi) = (here.lipschitz.value.hi(), here.lsi.value.hi());
        let h = x / (400.0 * smoothness * smoothness * lsi);
        let (program, last) = ve_predictor(delta + n as f64 * h, delta, n);
        let wide = 0.25 + 2.0 * (delta + n as f64 * h);
        let at = given(&p).start(normal(d, 0.2, wide)).along(program, last).error(constant(d), t / lsi.sqrt());
        let claim = at.then(&PREDICTOR_CHI2);
        prop_assert!(claim.holds(), "{claim}");
    }
}

/// A mixture on the line, with a wave: the constants of every level come from the 1-D bounds.
#[test]
fn holds_on_a_mixture() {
    let (program, last) = ve_predictor(0.3 + 12.0 * 3e-4, 0.3, 12);
    let at = given(&two_modes()).start(normal(1, 0.2, 1.8)).along(program, last).error(fourier(1, 1.0), 0.05);
    let claim = at.then(&PREDICTOR_CHI2);
    assert!(claim.holds(), "{claim}");
}

/// The constants of a step come from its less noisy end: those of every level on the way are below L'/(1 - 2hL') and C' + 2h. The
/// noisier end alone would not do: merging modes, noise lowers C.
#[test]
fn constants_on_the_way() {
    use scorebound::targets::{Mixture, Target};
    let modes = |x: f64| Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-x, x], &[0.5, 0.5]).unwrap());
    let at = |p: &Density, tau: f64| {
        let found = p.constants(Process::Ve.level(tau));
        (found.lipschitz.value, found.lsi.value)
    };
    for (p, tau, h) in [(modes(0.8), 0.0, 0.05), (modes(1.5), 0.1, 0.02), (normal(1, 0.0, 0.3), 0.0, 0.1)] {
        let (smoothness, lsi) = at(&p, tau);
        let (limit, slow) = (smoothness.hi() / (1.0 - 2.0 * h * smoothness.hi()), lsi.hi() + 2.0 * h);
        for part in [0.1, 0.5, 1.0] {
            let (on_the_way, slowness) = at(&p, tau + part * h);
            assert!(on_the_way.lo() <= limit && slowness.lo() <= slow, "{on_the_way:?} {limit} {slowness:?} {slow}");
        }
    }
    assert!(at(&modes(2.5), 2.0).1.hi() < at(&modes(2.5), 0.0).1.lo());
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PREDICTOR_CHI2;
    let (program, last) = ve_predictor(0.3, 0.2, 50);
    let good =
        given(&normal(2, 0.0, 1.0)).start(normal(2, 0.3, 1.6)).along(program.clone(), last).error(constant(2), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let sampler = "the sampler is the VE predictor y + 2h s(y) + sqrt(2h) xi, down to the level of p";
    assert_eq!(good.clone().run(noisier(&program, 1.2)).then(theorem).failed(), Some(sampler));
    assert_eq!(good.clone().along(program.clone(), NoiseLevel::DATA).then(theorem).failed(), Some(sampler));
    assert_eq!(good.clone().along(lmc(0.001, 5), NoiseLevel::DATA).then(theorem).failed(), Some(sampler));
    let corrector = Corrector { at: CorrectAt::End, relative: false, step: 1e-3, steps: 5 };
    let (corrected, _) = ve_corrected(0.3, 0.2, 50, corrector);
    assert_eq!(good.clone().run(corrected).then(theorem).failed(), Some(sampler));
    let (long, _) = ve_predictor(1.2, 0.2, 50);
    assert_eq!(good.clone().run(long).then(theorem).failed(), Some("h_k <= 1/(400 L_k^2 C_k) in every predictor step"));
    assert_eq!(
        good.clone().error(affine(2, -0.2), 0.1).then(theorem).failed(),
        Some("sup |e_k| <= t_k < inf in every step")
    );
    assert_eq!(good.clone().start(normal(2, 0.0, 3.3)).then(theorem).failed(), Some("chi2(q_0 | p_T) < inf"));
    assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("chi2(q_0 | p_T) < inf"));
    let (down, _) = ve_predictor(4e-4, 0.0, 2);
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).along(down, NoiseLevel::DATA).then(theorem);
    assert_eq!(rough.failed(), Some("every p_tau on the way is L-smooth"));
    let (short, _) = ve_predictor(2e-30, 0.0, 2);
    let far = given(&far_modes()).along(short, NoiseLevel::DATA).then(theorem);
    assert!(far.leaves_open("every p_tau on the way satisfies LSI(C)"), "{far}");
}

#[test]
fn can_be_violated() {
    let theorem = &PREDICTOR_CHI2;
    let (program, last) = ve_predictor(0.5, 0.1, 400);
    let good = given(&normal(1, 0.0, 1.0)).along(program.clone(), last);
    let good = good.start(normal(1, 0.0, 2.0));
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    // Noise of sqrt(2h) 1.4 instead of sqrt(2h).
    let claim = good.sabotaged(noisier(&program, 1.4), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The guarantee: chi2 of the order d h, so h of the order d^{-1} and a^1. On N(0, I_d) the truth is of the order d h^2: d^{-1/2} and
/// a^{1/2}.
#[test]
fn rate() {
    let truth = |d: f64, h: f64| {
        let n = (1.0 / h).ceil() as u64;
        let (program, last) = ve_predictor(1.0, 0.0, n);
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 3.0)).along(program, last).instance();
        // ln(1 + chi2) adds up over coordinates.
        at.divergence(Divergence::ChiSquared).map(|chi2| chi2.value.ln_1p() * d)
    };
    let stated = |in_: &str| {
        let found = PREDICTOR_CHI2.exponents.iter().find(|e| e.of == "step" && e.in_ == in_).unwrap();
        f64::from(found.power.0)
    };
    let search = |_| Search { lo: 1e-4, hi: 0.1, integer: false, relative: 1e-3 };
    let dims = [64.0, 256.0, 1024.0, 4096.0];
    let found = measure(&dims, Asymptote::Large, Condition::AtMost(0.01_f64.ln_1p()), search, truth);
    let outcome = found.compare(stated("dim"), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 0.5).abs() < 0.04, "{found:?}");
    let accuracies = [1e-5, 3e-5, 1e-4, 3e-4];
    let of_accuracy = |a: f64, h: f64| truth(64.0, h).map(|x| x / a);
    let found = measure(&accuracies, Asymptote::Small, Condition::AtMost(1.0), search, of_accuracy);
    let outcome = found.compare(stated("accuracy"), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value - 0.5).abs() < 0.04, "{found:?}");
    // The bound itself has the stated exponents: its discretisation is d h, from a step's gamma of d h^2.
    let gamma = |d: f64, h: f64| chi2_predictor_step(&Setting::new(d, 1.0, 1.0, h), 0.0.into()).gamma.mid() / h;
    assert!((gamma(64.0, 1e-4) / gamma(16.0, 1e-4) - 4.0).abs() < 1e-9);
    assert!((gamma(64.0, 1e-4) / gamma(64.0, 1e-5) - 10.0).abs() < 1e-9);
}
