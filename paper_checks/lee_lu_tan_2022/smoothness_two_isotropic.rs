//! LLT-20b. See `smoothness_two_isotropic.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::SMOOTHNESS_TWO_ISOTROPIC;
use scorebound::targets::Density;

/// The largest eigenvalue over a fine grid of rho, for components N(0, v_1 I), N(m, v_2 I), v_1 < v_2.
fn by_hand(d: i32, w: f64, m: f64, [v1, v2]: [f64; 2]) -> f64 {
    let (a1, a2) = (1.0 / v1, 1.0 / v2);
    let offset = ((1.0 - w) / w).ln() + 0.5 * f64::from(d) * (a2 / a1).ln() - 0.5 * a1 * a2 * m * m / (a1 - a2);
    let at = |rho: f64| {
        let g = 1.0 / (1.0 + (offset + rho).exp());
        let own = g * a1 + (1.0 - g) * a2;
        (2.0 * (a1 - a2) * rho * g * (1.0 - g) - own).max(own)
    };
    (0..1_000_000).map(|k| at(f64::from(k) * 1e-4)).fold(0.0, f64::max)
}

fn isotropic(d: usize, w: f64, m: f64, [v1, v2]: [f64; 2]) -> Density {
    let mut mean = vec![0.0; d];
    let zero = mean.clone();
    mean[d - 1] = m;
    in_space(&[(w, &zero, &vec![v1; d]), (1.0 - w, &mean, &vec![v2; d])])
}

#[test]
fn restated_independently() {
    for (d, w, m, v) in [(1, 0.5, 1.0, [0.5, 1.0]), (2, 0.3, 3.0, [0.2, 1.0]), (4, 0.7, 0.0, [0.1, 2.0])] {
        let claim = law(isotropic(d, w, m, v)).then(&SMOOTHNESS_TWO_ISOTROPIC);
        assert_close_to(claim.bound(), by_hand(d as i32, w, m, v), 1e-6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, m in 0.0..3.0f64, narrow in 0.1..0.9f64, d in 1..4usize) {
        let claim = law(isotropic(d, w, m, [narrow, 1.0])).then(&SMOOTHNESS_TWO_ISOTROPIC);
        prop_assert!(claim.holds(), "{claim}");
        // The supremum is found.
        prop_assert!(claim.bound().hi() <= claim.measured().lo() * 1.05, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let says = "p has two isotropic components of different variance";
    for p in [pair(0.5, [-1.0, 1.0], [1.0, 1.0]), normal(2, 0.0, 1.0), rough(), three_dimensional()] {
        assert_eq!(law(p).then(&SMOOTHNESS_TWO_ISOTROPIC).failed(), Some(says));
    }
}

#[test]
fn can_be_violated() {
    let good = law(isotropic(2, 0.5, 1.0, [0.3, 1.0]));
    assert!(good.then(&SMOOTHNESS_TWO_ISOTROPIC).holds());
    assert!(good.against(&good, 1e6, &SMOOTHNESS_TWO_ISOTROPIC).is_violated());
    let narrower = law(isotropic(2, 0.5, 1.0, [0.29, 1.0]));
    assert!(good.against(&narrower, 1.0, &SMOOTHNESS_TWO_ISOTROPIC).is_violated());
}

/// Concentric components: L is 1/(narrow variance) on both sides once it is small.
#[test]
fn rate() {
    let at = |narrow: f64| law(isotropic(2, 0.9, 0.0, [narrow, 1.0])).then(&SMOOTHNESS_TWO_ISOTROPIC);
    let (a, b) = (at(1e-3), at(1e-4));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent = slope((1e-3, side(&a)), (1e-4, side(&b)));
        assert!((exponent + 1.0).abs() < 0.3, "{exponent}");
    }
}
