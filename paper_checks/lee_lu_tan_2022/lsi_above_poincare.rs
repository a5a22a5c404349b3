//! LLT-18f. See `lsi_above_poincare.md`.

use crate::support::*;
use nalgebra::DVector;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_ABOVE_POINCARE;
use scorebound::targets::Points;

#[test]
fn restated_independently() {
    // Variance within and between the components.
    for (w, m, v) in [(0.5, 1.5, 1.0), (0.2, 1.0, 0.5), (0.4, 0.3, 2.0)] {
        let claim = law(pair(w, [-m, m], [v, 1.0])).then(&LSI_ABOVE_POINCARE);
        assert_close_to(claim.measured(), w * v + (1.0 - w) + w * (1.0 - w) * 4.0 * m * m, 1e-8);
    }
    // Reference s1: the bound of LLT-19.
    let claim = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&LSI_ABOVE_POINCARE);
    assert_close(claim.bound(), 4.009_938_467_671_059);
    let gaussian = law(diagonal(&[0.3, 2.0])).then(&LSI_ABOVE_POINCARE);
    assert_close(gaussian.bound(), 2.0);
    assert_close_to(gaussian.measured(), 2.0, 1e-8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.1..0.9f64, distance in 0.0..5.0f64, v in 0.3..2.0f64, d in 1..9usize) {
        let plane = in_space(&[(w, &[0.0, 0.0], &[v, 1.0]), (1.0 - w, &[0.3, distance], &[v, 1.0])]);
        for p in [pair(w, [0.0, distance], [1.0, v]), plane, normal(d, 1.0, v), product(vec![(two_modes(), 30), (normal(d, 0.0, v), 2)])] {
            let claim = law(p).then(&LSI_ABOVE_POINCARE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let atoms = Points::new(vec![0.5, 0.5], [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap();
    assert_eq!(law(atoms).then(&LSI_ABOVE_POINCARE).failed(), Some("p has a density"));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&LSI_ABOVE_POINCARE).holds());
    assert!(good.against(&good, 1e6, &LSI_ABOVE_POINCARE).is_violated());
    assert!(good.against(&law(pair(0.5, [-3.0, 3.0], [1.0, 1.0])), 1.0, &LSI_ABOVE_POINCARE).is_violated());
}

/// Between far modes C_P grows like e^{D^2/8}, the variance only like D^2/4.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.5, [0.0, distance], [1.0, 1.0])).then(&LSI_ABOVE_POINCARE);
    let (a, b) = (at(9.0), at(11.0));
    let growth = (b.bound().mid() / a.bound().mid()).ln() / (121.0 - 81.0);
    assert!((growth - 0.125).abs() < 0.02, "{growth}");
    let exponent = slope((9.0, a.measured().mid()), (11.0, b.measured().mid()));
    assert!((exponent - 2.0).abs() < 0.1, "{exponent}");
}
