//! LLT-18b. See `lsi_strongly_log_concave.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_STRONGLY_LOG_CONCAVE;

const CONVEX: &str = "-Hess ln p >= alpha I with alpha > 0";

#[test]
fn restated_independently() {
    // Equal weights: the least curvature is half way, 1/v - (D/(2v))^2.
    for (half, v) in [(0.5, 1.0), (0.9, 1.0), (0.3, 0.25_f64)] {
        let alpha = 1.0 / v - (half / v).powi(2);
        let claim = law(pair(0.5, [-half, half], [v, v])).then(&LSI_STRONGLY_LOG_CONCAVE);
        assert_close_to(claim.bound(), 1.0 / alpha, 2e-3);
    }
    // One covariance in the plane, whitened distance D = 1.2.
    let plane =
        in_space(&[(0.3, &[0.0, 0.0], &[1.0, 4.0]), (0.3, &[0.0, 2.4], &[1.0, 4.0]), (0.4, &[0.5, 1.2], &[1.0, 4.0])]);
    assert_close(law(plane).then(&LSI_STRONGLY_LOG_CONCAVE).bound(), 4.0 / (1.0 - 0.25 * 1.44));
    assert_close(law(diagonal(&[0.3, 5.0])).then(&LSI_STRONGLY_LOG_CONCAVE).bound(), 5.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.05..1.99f64, v in 0.3..1.0f64, third in -0.6..0.6f64) {
        let shifted = pair(w, [0.0, distance * v.sqrt()], [v, v]);
        let unlike = pair(w, [0.0, 0.4 * distance * v.sqrt()], [v, 1.0]);
        let plane = in_space(&[(0.5 * w, &[0.0, 0.0], &[v, 1.0]), (0.5 * w, &[0.0, distance], &[v, 1.0]), (1.0 - w, &[third * v, 0.0], &[v, 1.0])]);
        for p in [law(shifted.clone()), law(unlike), law(plane), law(product(vec![(shifted, 9), (normal(1, 0.0, v), 1)]))] {
            let claim = p.then(&LSI_STRONGLY_LOG_CONCAVE);
            prop_assert!(claim.holds() || claim.failed().is_some() || claim.leaves_open("alpha is between"), "{claim}");
        }
        prop_assert!(law(pair(w, [0.0, distance * v.sqrt()], [v, v])).then(&LSI_STRONGLY_LOG_CONCAVE).holds());
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&LSI_STRONGLY_LOG_CONCAVE).failed(), Some(CONVEX));
    let plane = in_space(&[(0.5, &[0.0, 0.0], &[1.0, 1.0]), (0.5, &[3.0, 0.0], &[1.0, 1.0])]);
    assert_eq!(law(plane).then(&LSI_STRONGLY_LOG_CONCAVE).failed(), Some(CONVEX));
    // Three modes that are on no line: nothing is known below, and what is seen between two of them is enough.
    let corners = [(0.3, &[0.0, 0.0], &[1.0, 1.0]), (0.3, &[6.0, 0.0], &[1.0, 1.0]), (0.4, &[0.3, 5.7], &[1.0, 1.0])];
    let corners = in_space(&corners.map(|(w, m, v)| (w, &m[..], &v[..])));
    assert_eq!(law(corners).then(&LSI_STRONGLY_LOG_CONCAVE).failed(), Some(CONVEX));
    // Several covariances in space: nothing is known of alpha.
    assert!(law(three_dimensional()).then(&LSI_STRONGLY_LOG_CONCAVE).leaves_open(CONVEX));
}

#[test]
fn can_be_violated() {
    let close = law(pair(0.5, [-0.5, 0.5], [1.0, 1.0]));
    assert!(close.then(&LSI_STRONGLY_LOG_CONCAVE).holds());
    assert!(close.against(&close, 1e6, &LSI_STRONGLY_LOG_CONCAVE).is_violated());
    // The bound for close modes is wrong for modes twice as far apart.
    assert!(close.against(&law(pair(0.5, [-1.0, 1.0], [1.0, 1.0])), 1.0, &LSI_STRONGLY_LOG_CONCAVE).is_violated());
}

/// The bound is 1/alpha, and explodes where the truth does not: at D = 2 the true constant is finite.
#[test]
fn rate() {
    let at = |alpha: f64| {
        let half = (1.0 - alpha).sqrt();
        law(pair(0.5, [-half, half], [1.0, 1.0])).then(&LSI_STRONGLY_LOG_CONCAVE)
    };
    let (a, b) = (at(0.1), at(0.01));
    let exponent = slope((0.1, a.bound().mid()), (0.01, b.bound().mid()));
    assert!((exponent + 1.0).abs() < 0.02, "{exponent}");
    assert!(slope((0.1, a.measured().mid()), (0.01, b.measured().mid())).abs() < 0.1);
}
