//! LLT-18g. See `lsi_bounded_support.md`.

use crate::support::*;
use nalgebra::DVector;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_BOUNDED_SUPPORT;
use scorebound::targets::Points;

/// The smaller of the two forms of C_LS, and the bound of C_P.
fn by_hand(r2: f64, variance: f64) -> (f64, f64) {
    let exponential = r2.exp();
    let lsi = if r2 < 1.0 { exponential.min(1.0 / (1.0 - r2)) } else { exponential };
    (variance * lsi, variance * lsi.min((1.0 + (4.0 * r2).exp()) / 2.0))
}

#[test]
fn restated_independently() {
    for (half, v) in [(0.3, 1.0), (1.5, 1.0), (2.0, 4.0), (1.0, 0.5_f64)] {
        let claim = law(pair(0.3, [-half, half], [v, v])).then(&LSI_BOUNDED_SUPPORT);
        let (lsi, poincare) = by_hand(half * half / v, v);
        assert_close(claim.bound(), lsi);
        assert!((claim.term("C_P") / poincare - 1.0).abs() < 1e-9, "{claim}");
    }
    // Reference s1.
    let claim = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&LSI_BOUNDED_SUPPORT);
    assert_close(claim.bound(), 9.487_735_836_358_526);
    // Two points in space at distance 2, at sigma = 1.5.
    let atoms = [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]].map(|x| DVector::from_row_slice(&x)).to_vec();
    let points = law(Points::new(vec![0.5, 0.5], atoms).unwrap()).at(1.0, 1.5).then(&LSI_BOUNDED_SUPPORT);
    assert_close(points.bound(), by_hand(1.0 / 2.25, 2.25).0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.05..6.0f64, v in 0.2..3.0f64, x in -1.0..1.0f64, y in 0.0..2.0f64) {
        let on_the_line = pair(w, [0.0, distance], [v, v]);
        let plane = in_space(&[(0.5 * w, &[0.0, 0.0], &[v, 1.0]), (0.5 * w, &[0.0, 1.0], &[v, 1.0]), (1.0 - w, &[x, y], &[v, 1.0])]);
        for p in [on_the_line.clone(), plane, product(vec![(on_the_line, 50), (normal(3, 0.0, v), 1)])] {
            let claim = law(p).then(&LSI_BOUNDED_SUPPORT);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(two_modes()).then(&LSI_BOUNDED_SUPPORT).failed(), Some("p = nu * N(0, S), nu in a ball"));
}

#[test]
fn can_be_violated() {
    let good = law(pair(0.5, [-1.0, 1.0], [1.0, 1.0]));
    assert!(good.then(&LSI_BOUNDED_SUPPORT).holds());
    assert!(good.against(&good, 1e6, &LSI_BOUNDED_SUPPORT).is_violated());
    // The bound for R = 1 is wrong for R = 2.
    assert!(good.against(&law(pair(0.5, [-2.0, 2.0], [1.0, 1.0])), 1.0, &LSI_BOUNDED_SUPPORT).is_violated());
}

/// ln C is R^2 in the bound and about R^2/2 in truth: two modes at distance 2R.
#[test]
fn rate() {
    let at = |r: f64| law(pair(0.5, [-r, r], [1.0, 1.0])).then(&LSI_BOUNDED_SUPPORT);
    let (a, b) = (at(4.5), at(5.5));
    let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / (5.5 * 5.5 - 4.5 * 4.5);
    assert!((growth(|c| c.bound().mid()) - 1.0).abs() < 1e-9);
    let seen = growth(|c| c.measured().mid());
    assert!((seen - 0.5).abs() < 0.05, "{seen}");
}
