//! LLT-7a. See `smooth_counterexample.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{SMOOTH_COUNTEREXAMPLE, SecondMode};
use scorebound::numerics::Interval;
use scorebound::targets::{Density, Mixture};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

/// N(0, I) with the score of (1-w) N(0, I) + w N(m e_1, I).
fn example(dim: usize, m: f64, weight: f64, h: f64, time: f64) -> Given {
    let threshold = SecondMode::new(m, weight).threshold().mid();
    given(&normal(dim, 0.0, 1.0)).run(lmc(h, steps(time, h))).error(outward(dim, threshold, 1.0 / m), m)
}

#[test]
fn restated_independently() {
    for (m, weight, h, time) in [(3.0, 0.5, 0.05, 20.0), (4.0, 0.9, 0.02, 400.0), (2.5, 0.2, 0.1, 5.0)] {
        let claim = example(1, m, weight, h, time).then(&SMOOTH_COUNTEREXAMPLE);
        let stationary = weight * (2.0 * Normal::standard().cdf(m / 2.0) - 1.0);
        let run = h * steps(time, h) as f64;
        let left = 0.5 * (weight / (1.0 - weight)).sqrt() * (-run / claim.term("poincare")).exp();
        assert!((claim.bound().mid() - (1.0 - stationary + left)).abs() < 1e-8, "{claim}");
        // epsilon: what the calibration reaches lies below the closed bound.
        let at = example(1, m, weight, h, time).instance();
        assert!(at.epsilon().hi() <= claim.term("epsilon-upper") * (1.0 + 1e-12), "{:?} {claim}", at.epsilon());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn holds_where_it_should(m in 1.0..4.0f64, weight in 0.05..0.95f64, time in 1.0..60.0f64, d in 1..4usize) {
        // The statement turns into an equality as T grows, and the diffusion is only known to the distance of two chains: it
        // must be decided while the term that is left exceeds that distance, and never be violated.
        let claim = example(d, m, weight, 0.02, time).then(&SMOOTH_COUNTEREXAMPLE);
        prop_assert!(!claim.is_violated(), "{claim}");
        prop_assert!(claim.holds_or_vacuous() || claim.term("not-yet-there") < 0.02, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &SMOOTH_COUNTEREXAMPLE;
    let good = example(1, 3.0, 0.5, 0.05, 20.0);
    assert!(good.then(theorem).holds_or_vacuous(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    let moved = given(&normal(1, 0.1, 1.0)).run(lmc(0.05, 7)).error(outward(1, 1.5, 1.0 / 3.0), 3.0).then(theorem);
    assert_eq!(moved.failed(), Some("p = N(0, I)"));
    assert_eq!(good.clone().start(normal(1, 0.0, 0.9)).then(theorem).failed(), Some("q_0 = p"));
    let shape =
        "s is the score of (1-w) N(0, I) + w N(m v, I): a logistic step of height m and width 1/m, in every step";
    assert_eq!(good.clone().error(outward(1, 1.5, 0.3), 3.0).then(theorem).failed(), Some(shape));
    assert_eq!(good.clone().error(outward(1, 1.5, 0.0), 3.0).then(theorem).failed(), Some(shape));
    // The error in the first step only: the chain forgets it, and the diffusion of the statement is another one.
    assert_eq!(good.clone().run(partly(0.05, 1, 399)).then(theorem).failed(), Some(shape));
    // "C_P(r) < inf" cannot be broken: r is a mixture of two Gaussians of the same covariance.
}

#[test]
fn can_be_violated() {
    // Long enough for the lower bound of TV to be positive, short enough for the statement not to be an equality; divided
    // by 1e6 the bound on 1 - TV is absurd.
    let good = example(1, 3.0, 0.5, 0.02, 20.0);
    assert!(good.then(&SMOOTH_COUNTEREXAMPLE).holds(), "{}", good.then(&SMOOTH_COUNTEREXAMPLE));
    assert!(good.with_bound_over(1e6, &SMOOTH_COUNTEREXAMPLE).is_violated());
    // A sampler that sees no error stays at p.
    let claim = good.sabotaged(lmc(0.02, 1000).clean(), &SMOOTH_COUNTEREXAMPLE);
    assert!(claim.is_violated(), "{claim}");
}

/// With o = e^{m^2/16} the closed bound of epsilon falls at least like e^{-0.0478 m^2}: in x = e^{m^2} with exponent -0.0478,
/// while TV(r, p) tends to 1. The stationary distance itself is the TV of two closed-form densities.
#[test]
fn rate() {
    let at = |m: f64| SecondMode { distance: m.into(), ln_odds: (Interval::point(m).sqr()) / 16.0 };
    let found = measure(
        &[10.0, 12.0, 14.0, 16.0].map(|m: f64| (m * m).exp()),
        Asymptote::Large,
        Condition::AtMost(1.0),
        |_| Search::real(1e-30, 1.0),
        |x, epsilon| {
            let m = x.ln().sqrt();
            Ok(epsilon * m / at(m).epsilon_upper())
        },
    );
    assert!(matches!(found.compare(-0.0478, Better::Smaller, 0.005).word(), "matches" | "beaten"), "{found:?}");
    for m in [6.0, 8.0, 12.0] {
        assert!(
            at(m).stationary_tv().lo() > 1.0 - 1.1 * (-m * m / 16.0_f64).exp() - 2.0 * Normal::standard().sf(m / 2.0)
        );
    }
    // TV(r, p) exactly, by the engine for closed-form densities on the line.
    let r = Density::Mixture(Mixture::scalar(&[0.3, 0.7], &[0.0, 4.0], &[1.0, 1.0]).unwrap());
    let tv = given(&normal(1, 0.0, 1.0)).start(r).instance();
    let tv = tv.between(scorebound::bounds::Pair::StartTarget, scorebound::divergences::Divergence::Tv).unwrap();
    assert!(tv.value.overlaps(SecondMode::new(4.0, 0.7).stationary_tv()), "{tv}");
}
