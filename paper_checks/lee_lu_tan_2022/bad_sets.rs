//! LLT-1. See `bad_sets.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{BAD_SETS, excess_mass};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

/// Phi(-x).
fn tail(x: f64) -> f64 {
    Normal::standard().sf(x)
}

#[test]
fn restated_independently() {
    for (h, n, threshold, v0, shift) in [(0.05, 7, 3.0, 1.3, 0.2), (0.2, 40, 2.5, 0.5, 0.0), (0.01, 3, 4.0, 1.0, 1.0)] {
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, shift, v0)).run(lmc(h, n));
        let claim = at.error(outward(1, threshold, 0.0), 2.0).then(&BAD_SETS);
        let delta = tail(threshold);
        let (mut m, mut v, mut by_hand) = (shift, v0, 0.0_f64);
        for _ in 0..n {
            let chi2 = (m * m / (2.0 - v)).exp() / (v * (2.0 - v)).sqrt() - 1.0;
            by_hand += if delta < 1.0 / (1.0 + chi2) { delta + (chi2 * delta * (1.0 - delta)).sqrt() } else { 1.0 };
            (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
        }
        // statrs' tail is good to about 1e-11.
        assert!((claim.bound().mid() / by_hand - 1.0).abs() < 1e-8, "{claim} by hand {by_hand}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=4, 3.0), h in 0.01..0.3f64, n in 1..30u64, r in 2.0..4.0f64, a in 0.2..4.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let (smoothness, _) = constants(&p);
        let at = given(&p).start(normal(d, 0.1, 0.3)).run(lmc(h / smoothness, n)).error(outward(d, r, 0.0), a);
        let claim = at.then(&BAD_SETS);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.2, 1.3)).run(lmc(0.05, 7)).error(outward(1, 3.0, 0.0), 2.0);
    assert!(good.then(&BAD_SETS).holds(), "{}", good.then(&BAD_SETS));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(&BAD_SETS);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().start(normal(1, 0.0, 2.5)).then(&BAD_SETS).failed(), Some("chi2(q_0 | p) < inf"));
    assert_eq!(
        good.clone().error(constant(1), 0.1).then(&BAD_SETS).failed(),
        Some("the bad set {e != 0} has p(B) < 1")
    );
    // A step so long that the good chain spreads beyond twice the target's variance.
    let long = good.clone().run(lmc(1.5, 7)).then(&BAD_SETS);
    assert_eq!(long.failed(), Some("chi2(qbar_k | p) <= D_k^2 < inf for k <= N"));
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 40)).error(outward(1, 3.0, 0.0), 2.0);
    assert!(good.then(&BAD_SETS).holds(), "{}", good.then(&BAD_SETS));
    assert!(good.with_bound_over(1e6, &BAD_SETS).is_violated());
}

/// The mass a bad set can gain goes like delta^{1/2} at fixed D: the exponent of the published form, attained by f.
#[test]
fn rate() {
    let found = measure(
        &[1e-14, 1e-13, 1e-12, 1e-11],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-12, 1.0),
        |delta, mass| {
            // The largest mass is the one whose chi-squared is D^2 = 1.
            let chi2 = (mass - delta).max(0.0).powi(2) / (delta * (1.0 - delta));
            Ok(Interval::around(chi2, 1e-9 * chi2))
        },
    );
    assert_eq!(found.compare(0.5, Better::Larger, 0.01).word(), "matches", "{found:?}");
    for point in &found.points {
        let f = excess_mass(point.value.into(), Interval::ONE);
        assert!(f.lo() <= point.threshold.hi * (1.0 + 1e-9) && point.threshold.lo <= f.hi() * (1.0 + 1e-9));
    }
}
