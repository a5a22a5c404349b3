//! LLT-18a. See `lsi_gaussian.md`.

use crate::support::*;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_GAUSSIAN;
use scorebound::targets::{Covariance, Density, Gaussian};

/// N(0, S) with a full S.
fn full(d: usize, rows: &[f64]) -> Density {
    Density::Gaussian(Gaussian::new(DVector::zeros(d), Covariance::Dense(DMatrix::from_row_slice(d, d, rows))).unwrap())
}

#[test]
fn restated_independently() {
    for (a, b, c) in [(2.0, 0.5, 1.0), (1.0, -0.9, 1.0), (4.0, 0.1, 0.2_f64)] {
        let largest = 0.5 * (a + c) + (0.25 * (a - c) * (a - c) + b * b).sqrt();
        let claim = law(full(2, &[a, b, b, c])).then(&LSI_GAUSSIAN);
        assert_close(claim.bound(), largest);
        assert_close(claim.measured(), largest);
    }
    assert_close(law(diagonal(&[0.3, 7.0, 2.0])).then(&LSI_GAUSSIAN).bound(), 7.0);
    let both = product(vec![(normal(3, 1.0, 2.5), 100), (full(2, &[1.0, 0.5, 0.5, 1.0]), 2)]);
    assert_close(law(both).then(&LSI_GAUSSIAN).bound(), 2.5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(entries in prop::collection::vec(-1.0..1.0f64, 36), d in 2..7usize, floor in 0.01..1.0f64) {
        let a = DMatrix::from_fn(d, d, |i, j| entries[i * 6 + j]);
        let s = &a * a.transpose() + DMatrix::identity(d, d) * floor;
        let rows: Vec<f64> = s.transpose().iter().copied().collect();
        let claim = law(full(d, &rows)).then(&LSI_GAUSSIAN);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(two_modes()).then(&LSI_GAUSSIAN).failed(), Some("p = N(m, S), or a product of such"));
}

#[test]
fn can_be_violated() {
    let one = law(diagonal(&[1.0, 2.0]));
    assert!(one.against(&one, 1.0, &LSI_GAUSSIAN).holds());
    assert!(one.against(&one, 1e6, &LSI_GAUSSIAN).is_violated());
    assert!(one.against(&law(diagonal(&[1.0, 2.001])), 1.0, &LSI_GAUSSIAN).is_violated());
}

/// C grows with the square of a scale.
#[test]
fn rate() {
    let at = |m: f64| law(full(2, &[2.0 * m * m, 0.5 * m * m, 0.5 * m * m, m * m])).then(&LSI_GAUSSIAN);
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent = slope((1.0, side(&at(1.0))), (8.0, side(&at(8.0))));
        assert!((exponent - 2.0).abs() < 1e-9, "{exponent}");
    }
}
