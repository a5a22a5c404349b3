//! LLT-19 for C_P. See `poincare_mixture.md`.

use super::lsi_mixture::transport;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::POINCARE_MIXTURE;

#[test]
fn restated_independently() {
    for (w, m, variances) in [(0.5, 1.5, [1.0, 1.0_f64]), (0.2, 1.0, [0.6, 1.0]), (0.7, 2.0, [1.0, 1.5])] {
        let claim = law(pair(w, [-m, m], variances)).then(&POINCARE_MIXTURE);
        let t = transport(w, [-m, m], variances);
        assert_close_to(claim.bound(), variances[0].max(variances[1]) + w * (1.0 - w) * t, 1e-6);
    }
    // Reference s1: the bound, and C_P by Sturm-Liouville.
    let claim = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&POINCARE_MIXTURE);
    assert_close(claim.bound(), 4.009_938_467_671_059);
    assert_close(claim.measured(), 3.887_733_677_783_309);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(w in 0.02..0.98f64, distance in 0.0..7.0f64, v in 0.3..2.0f64, x in -1.0..1.0f64) {
        let on_the_line = pair(w, [0.0, distance + 1e-3], [1.0, v]);
        let plane = in_space(&[(0.5 * w, &[0.0, 0.0], &[v, 1.0]), (0.5 * w, &[0.0, 1.0], &[v, 1.0]), (1.0 - w, &[x, 2.0], &[v, 1.0])]);
        for p in [on_the_line.clone(), plane, product(vec![(on_the_line, 8), (normal(3, 0.0, v), 1)])] {
            let claim = law(p).then(&POINCARE_MIXTURE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let says = "p is a mixture of at least two components, or a product with such a factor";
    assert_eq!(law(normal(2, 0.0, 1.0)).then(&POINCARE_MIXTURE).failed(), Some(says));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&POINCARE_MIXTURE).holds());
    assert!(good.against(&good, 1e6, &POINCARE_MIXTURE).is_violated());
    assert!(good.against(&law(pair(0.4, [-2.0, 2.0], [0.7, 1.0])), 1.0, &POINCARE_MIXTURE).is_violated());
}

/// Far modes: the bound is the truth to leading order.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.3, [0.0, distance], [1.0, 1.0])).then(&POINCARE_MIXTURE);
    let (a, b) = (at(8.0), at(10.0));
    let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / 36.0;
    assert!((growth(|c| c.bound().mid()) - growth(|c| c.measured().mid())).abs() < 1e-3);
    assert!(b.bound().mid() < 1.01 * b.measured().mid(), "{b}");
}
