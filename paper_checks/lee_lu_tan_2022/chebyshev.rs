//! LLT-2. See `chebyshev.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::CHEBYSHEV;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

#[test]
fn restated_independently() {
    for (amplitude, threshold) in [(2.0, 3.0), (0.1, 1.0), (7.0, 0.0)] {
        let claim = given(&normal(1, 0.0, 1.0)).error(outward(1, threshold, 0.0), amplitude).then(&CHEBYSHEV);
        let epsilon = amplitude * Normal::standard().sf(threshold).sqrt();
        let tau = (epsilon * amplitude).sqrt();
        assert!((claim.bound().mid() / (epsilon / tau).powi(2) - 1.0).abs() < 1e-8, "{claim}");
        // On {x > R} the error is `amplitude` > tau: the left-hand side is the mass of the whole bad set.
        assert!((claim.measured().mid() / Normal::standard().sf(threshold) - 1.0).abs() < 1e-8, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=1, 3.0), c in 1e-8..10.0f64, threshold in -1.0..4.0f64, edge in 0.1..1.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        for shape in [outward(d, threshold, edge), outward(d, threshold, 0.0), affine(d, 1.0), constant(d)] {
            let claim = given(&p).error(shape, c).then(&CHEBYSHEV);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let claim = given(&normal(1, 0.0, 1.0)).then(&CHEBYSHEV);
    assert_eq!(claim.failed(), Some("the error is not 0"));
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).error(outward(1, 1.0, 0.0), 1.0);
    assert!(good.then(&CHEBYSHEV).holds());
    assert!(good.with_bound_over(1e6, &CHEBYSHEV).is_violated());
}

/// At fixed mass the guarantee is tau >= epsilon delta^{-1/2}; for an affine error on a Gaussian tau grows like the square
/// root of the logarithm only: a smaller tau is better, so the guarantee is beaten.
#[test]
fn rate() {
    let found = measure(
        &[1e-12, 1e-11, 1e-10, 1e-9],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-1, 1e2),
        |delta, tau| {
            let at = given(&normal(1, 0.0, 1.0)).error(affine(1, 1.0), 1.0).instance();
            Ok(at.exceedance(tau)? / Interval::point(delta))
        },
    );
    let outcome = found.compare(-0.5, Better::Smaller, 0.02);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
}
