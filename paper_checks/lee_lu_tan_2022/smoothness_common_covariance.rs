//! LLT-20a. See `smoothness_common_covariance.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::SMOOTHNESS_COMMON_COVARIANCE;

#[test]
fn restated_independently() {
    for (gap, v) in [(1.0, 1.0), (4.0, 1.0), (3.0, 0.5_f64)] {
        let claim = law(pair(0.3, [0.0, gap], [v, v])).then(&SMOOTHNESS_COMMON_COVARIANCE);
        let by_hand = (1.0 / v).max(gap * gap / (4.0 * v * v) - 1.0 / v);
        assert_close(claim.bound(), by_hand);
        // Two components of one variance: the bound is attained.
        assert_close_to(claim.measured(), by_hand, 1e-6);
    }
    // Reference s1.
    let s1 = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&SMOOTHNESS_COMMON_COVARIANCE);
    assert_close(s1.bound(), 1.25);
    // S = diag(1, 4), S^-1 m = (0, 1.5) and (3, 1) between the farthest two.
    let plane =
        in_space(&[(0.3, &[0.0, 0.0], &[1.0, 4.0]), (0.3, &[0.0, 6.0], &[1.0, 4.0]), (0.4, &[3.0, 2.0], &[1.0, 4.0])]);
    let claim = law(plane).then(&SMOOTHNESS_COMMON_COVARIANCE);
    assert_close(claim.bound(), ((9.0 + 1.0) / 4.0 - 0.25_f64).max((9.0 + 0.25) / 4.0 - 0.25));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.05..8.0f64, v in 0.2..3.0f64, x in -3.0..3.0f64) {
        let plane = in_space(&[(0.5 * w, &[0.0, 0.0], &[v, 1.0]), (0.5 * w, &[0.0, 1.0], &[v, 1.0]), (1.0 - w, &[x, distance], &[v, 1.0])]);
        let on_the_line = pair(w, [0.0, distance], [v, v]);
        for p in [plane, on_the_line.clone(), diagonal(&[v, 0.3]), product(vec![(on_the_line, 50), (normal(3, 0.0, v), 1)])] {
            let claim = law(p).then(&SMOOTHNESS_COMMON_COVARIANCE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let claim = law(two_modes()).then(&SMOOTHNESS_COMMON_COVARIANCE);
    assert_eq!(claim.failed(), Some("p = nu * N(0, S), nu in a ball"));
}

#[test]
fn can_be_violated() {
    let good = law(pair(0.5, [-2.0, 2.0], [1.0, 1.0]));
    assert!(good.then(&SMOOTHNESS_COMMON_COVARIANCE).holds());
    assert!(good.against(&good, 1e6, &SMOOTHNESS_COMMON_COVARIANCE).is_violated());
    let farther = law(pair(0.5, [-2.01, 2.01], [1.0, 1.0]));
    assert!(good.against(&farther, 1.0, &SMOOTHNESS_COMMON_COVARIANCE).is_violated());
}

/// Far modes: L grows with the square of the distance on both sides.
#[test]
fn rate() {
    let at = |gap: f64| law(pair(0.5, [0.0, gap], [1.0, 1.0])).then(&SMOOTHNESS_COMMON_COVARIANCE);
    let (a, b) = (at(20.0), at(40.0));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent = slope((20.0, side(&a)), (40.0, side(&b)));
        assert!((exponent - 2.0).abs() < 0.02, "{exponent}");
    }
}
