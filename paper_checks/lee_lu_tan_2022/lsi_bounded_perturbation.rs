//! LLT-18c. See `lsi_bounded_perturbation.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_BOUNDED_PERTURBATION;

const BOUNDED: &str = "p = e^-U p_0/Z with U bounded, p_0 the widest component";

/// `v_0 (1 + (w_1/w_0) (v_0/v_1)^{d/2} e^{m^2/(2 (v_0 - v_1))})`.
fn by_hand(d: i32, w: f64, m: f64, narrow: f64, wide: f64) -> f64 {
    wide * (1.0 + w / (1.0 - w) * (wide / narrow).sqrt().powi(d) * (m * m / (2.0 * (wide - narrow))).exp())
}

#[test]
fn restated_independently() {
    for (w, m, narrow, wide) in [(0.5, 0.0, 0.5, 1.0), (0.2, 1.0, 0.25, 2.0), (0.8, -0.5, 0.9, 1.5)] {
        let claim = law(pair(w, [m, 0.0], [narrow, wide])).then(&LSI_BOUNDED_PERTURBATION);
        assert_close(claim.bound(), by_hand(1, w, m, narrow, wide));
    }
    let space = in_space(&[(0.3, &[0.6, 0.0, 0.8], &[0.5; 3]), (0.7, &[0.0; 3], &[1.0; 3])]);
    assert_close(law(space).then(&LSI_BOUNDED_PERTURBATION).bound(), by_hand(3, 0.3, 1.0, 0.5, 1.0));
    // The ratio p/p_0 on a grid, against its bounds.
    let claim = law(pair(0.4, [0.7, 0.0], [0.3, 1.2])).then(&LSI_BOUNDED_PERTURBATION);
    let density = |x: f64, m: f64, v: f64| (-(x - m) * (x - m) / (2.0 * v)).exp() / v.sqrt();
    let ratio = |x: f64| 0.6 + 0.4 * density(x, 0.7, 0.3) / density(x, 0.0, 1.2);
    let seen: Vec<f64> = (-1500..=1500).map(|k| ratio(f64::from(k) * 0.01)).collect();
    let (top, floor) = (seen.iter().copied().fold(0.0, f64::max), seen.iter().copied().fold(9.0, f64::min));
    assert!((claim.term("osc-U") - (top / floor).ln()).abs() < 1e-3, "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, m in 0.0..2.0f64, narrow in 0.1..0.95f64) {
        let on_the_line = pair(w, [m, 0.0], [narrow, 1.0]);
        let space = in_space(&[(w, &[m, 0.0, 0.2], &[narrow; 3]), (1.0 - w, &[0.0; 3], &[1.0; 3])]);
        for p in [law(on_the_line.clone()), law(space), law(product(vec![(on_the_line, 5), (normal(2, 0.0, 1.3), 1)]))] {
            let claim = p.then(&LSI_BOUNDED_PERTURBATION);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    // Equal variances and different means: ln(p/p_0) grows without bound.
    let alike = law(pair(0.5, [-0.5, 0.5], [1.0, 1.0])).then(&LSI_BOUNDED_PERTURBATION);
    assert_eq!(alike.failed(), Some(BOUNDED));
    assert_eq!(law(rough()).then(&LSI_BOUNDED_PERTURBATION).failed(), Some(BOUNDED));
}

#[test]
fn can_be_violated() {
    let good = law(pair(0.5, [0.2, 0.0], [0.8, 1.0]));
    assert!(good.then(&LSI_BOUNDED_PERTURBATION).holds());
    assert!(good.against(&good, 1e6, &LSI_BOUNDED_PERTURBATION).is_violated());
    assert!(good.against(&law(pair(0.5, [-2.5, 2.5], [0.8, 1.0])), 1.0, &LSI_BOUNDED_PERTURBATION).is_violated());
}

/// For a component of small weight the bound is proportional to 1/w_0; what is known of C_LS from below for concentric components
/// hardly grows.
#[test]
fn rate() {
    let at = |wide: f64| law(pair(1.0 - wide, [0.0, 0.0], [0.5, 1.0])).then(&LSI_BOUNDED_PERTURBATION);
    let (a, b) = (at(1e-3), at(1e-4));
    let exponent = slope((1e-3, a.bound().mid()), (1e-4, b.bound().mid()));
    assert!((exponent + 1.0).abs() < 0.01, "{exponent}");
    assert!(a.holds() && b.holds() && b.measured().hi() < 1.1 * a.measured().hi());
}
