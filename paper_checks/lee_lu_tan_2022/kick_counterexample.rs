//! LLT-7b. See `kick_counterexample.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{KICK_COUNTEREXAMPLE, Kick};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

/// The stationary law's TV to N(0, 1) by adding up densities on a fine grid.
fn tv_by_quadrature(a: f64, r: f64) -> f64 {
    let dx = 1e-4;
    let weight = |x: f64| (-x * x / 2.0 + a * (x - r).max(0.0)).exp();
    let grid = || (-120_000..300_000).map(|i| (f64::from(i) + 0.5) * dx);
    let mass: f64 = grid().map(weight).sum::<f64>() * dx;
    let normal = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    0.5 * dx * grid().map(|x| (weight(x) / mass - normal(x)).abs()).sum::<f64>()
}

#[test]
fn restated_independently() {
    for (h, n, r, v0) in [(0.05, 70, 3.0, 1.0), (0.3, 40, 2.5, 0.5), (0.01, 3, 4.0, 1.4)] {
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, v0)).run(lmc(h, n)).error(outward(1, r, 0.0), 6.0);
        let claim = at.then(&KICK_COUNTEREXAMPLE);
        let mut v: f64 = v0;
        let mut by_hand = 0.0;
        for _ in 0..n {
            by_hand += Normal::standard().sf(r / v.sqrt());
            v = (1.0 - h) * (1.0 - h) * v + 2.0 * h;
        }
        assert!((claim.bound().mid() / by_hand - 1.0).abs() < 1e-8, "{claim} by hand {by_hand}");
        let stationary = tv_by_quadrature(6.0, r);
        assert!((claim.term("tv-stationary") - stationary).abs() < 1e-6, "{claim} by hand {stationary}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(h in 0.02..0.5f64, n in 1..60u64, r in 1.5..4.5f64, a in 0.5..9.0f64, v0 in 0.2..3.0f64, d in 1..3usize) {
        let at = given(&normal(d, 0.0, 1.0)).start(normal(d, 0.0, v0)).run(lmc(h, n)).error(outward(d, r, 0.0), a);
        let claim = at.then(&KICK_COUNTEREXAMPLE);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &KICK_COUNTEREXAMPLE;
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 7)).error(outward(1, 3.0, 0.0), 2.0);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    let wide = given(&normal(1, 0.0, 1.1)).run(lmc(0.05, 7)).error(outward(1, 3.0, 0.0), 2.0).then(theorem);
    assert_eq!(wide.failed(), Some("p = N(0, I)"));
    let kick = "e = A 1{v.x > R} v with A > 0";
    assert_eq!(good.clone().error(outward(1, 3.0, 0.1), 2.0).then(theorem).failed(), Some(kick));
    assert_eq!(good.clone().error(constant(1), 2.0).then(theorem).failed(), Some(kick));
    assert_eq!(good.clone().error(outward(1, 3.0, 0.0), -2.0).then(theorem).failed(), Some(kick));
    assert_eq!(good.clone().run(lmc(2.0, 7)).then(theorem).failed(), Some("h < 2"));
    assert_eq!(good.clone().start(normal(1, 0.1, 1.0)).then(theorem).failed(), Some("q_0 = N(0, v_0 I)"));
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 40)).error(outward(1, 3.0, 0.0), 9.0);
    assert!(good.then(&KICK_COUNTEREXAMPLE).holds(), "{}", good.then(&KICK_COUNTEREXAMPLE));
    assert!(good.with_bound_over(1e6, &KICK_COUNTEREXAMPLE).is_violated());
}

/// E_0 T_R = sqrt(2 pi) e^{R^2/2}/R (1 + 1/R^2 + ...): times R it has exponent 1 in x = e^{R^2/2}, approached from below, and the
/// stationary law is nevertheless far from p.
#[test]
fn rate() {
    let found = measure(
        &[9.0, 9.5, 10.0, 10.5].map(|r: f64| (r * r / 2.0).exp()),
        Asymptote::Large,
        Condition::AtMost(1.0),
        |_| Search::real(1.0, 1e30),
        |x, time| {
            let kick = Kick { height: 40.0.into(), threshold: (2.0 * x.ln()).sqrt().into() };
            assert!(kick.stationary_tv().lo() > 0.99);
            Ok(time / (kick.threshold * kick.mean_escape_time()))
        },
    );
    assert_eq!(found.compare(1.0, Better::Larger, 0.02).word(), "matches", "{found:?}");
    // The bound is small while TV_stat is near 1: a short run cannot tell.
    let at = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 40)).error(outward(1, 4.0, 0.0), 9.0);
    let claim = at.then(&KICK_COUNTEREXAMPLE);
    assert!(claim.holds() && claim.bound().hi() < 0.01 && claim.term("tv-stationary") > 0.98, "{claim}");
    assert!(at.instance().divergence(Divergence::Tv).unwrap().value.hi() < 0.05);
}
