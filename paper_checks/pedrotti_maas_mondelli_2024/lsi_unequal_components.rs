//! PMM-4e. See `lsi_unequal_components.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::LSI_UNEQUAL_COMPONENTS;
use statrs::distribution::{Continuous, Normal};

/// `int P_i^a P_j^{1-a}` by the trapezoid rule.
fn overlap(i: (f64, f64), j: (f64, f64), a: f64) -> f64 {
    let part = |(m, v): (f64, f64)| Normal::new(m, v.sqrt()).unwrap();
    let (p, q) = (part(i), part(j));
    let value = |x: f64| (a * p.ln_pdf(x) + (1.0 - a) * q.ln_pdf(x)).exp();
    (-30_000..=30_000).map(|k| value(f64::from(k) * 2e-3)).sum::<f64>() * 2e-3
}

/// The two bounds for two components, C_LS at this p.
fn by_hand(w: f64, parts: [(f64, f64); 2], p: f64) -> (f64, f64) {
    let weights = [w, 1.0 - w];
    let k = parts[0].1.max(parts[1].1);
    let (ab, ba) = (overlap(parts[0], parts[1], 2.0) - 1.0, overlap(parts[1], parts[0], 2.0) - 1.0);
    let sum = w * (1.0 - w) * (ab + ba);
    let by_mean = if sum < 1.0 { 1.0 / (1.0 - sum) } else { f64::INFINITY };
    let poincare = k * (1.0 + 0.5 * (weights[0] * ab).max(weights[1] * ba)).min(by_mean);
    let cross = overlap(parts[0], parts[1], 1.0 + p) + overlap(parts[1], parts[0], 1.0 + p);
    let moment = w * w + (1.0 - w) * (1.0 - w) + w * (1.0 - w) * cross;
    (k * p / (p - 1.0) + poincare * (1.0 + moment.ln() / (2.0 * (p - 1.0))), poincare)
}

#[test]
fn restated_independently() {
    for (w, means, variances) in
        [(0.5, [-0.5, 0.5], [1.0, 1.0]), (0.3, [0.0, 0.6], [0.8, 1.0]), (0.7, [0.0, 1.0], [1.5, 1.2])]
    {
        let claim = law(pair(w, means, variances)).then(&LSI_UNEQUAL_COMPONENTS);
        let parts = [(means[0], variances[0]), (means[1], variances[1])];
        let (lsi, poincare) = by_hand(w, parts, claim.term("p"));
        assert_close_to(claim.bound(), lsi, 1e-6);
        assert!((claim.term("C_P") / poincare - 1.0).abs() < 1e-6 && claim.holds(), "{claim}");
        // No other p is better by much.
        for p in [1.5, 2.0, 3.0, 4.0, 8.0, 20.0] {
            let other = by_hand(w, parts, p).0;
            assert!(
                !other.is_finite() || other.is_nan() || claim.bound().hi() <= other * (1.0 + 1e-3),
                "{p} {other} {claim}"
            );
        }
    }
    // In the plane exponents add over coordinates: two means at distance (0.6, 0.8) are two at distance 1.
    let plane = in_space(&[(0.5, &[0.0, 0.0], &[1.0, 1.0]), (0.5, &[0.6, 0.8], &[1.0, 1.0])]);
    let line = law(pair(0.5, [0.0, 1.0], [1.0, 1.0])).then(&LSI_UNEQUAL_COMPONENTS).bound().mid();
    assert_close(law(plane).then(&LSI_UNEQUAL_COMPONENTS).bound(), line);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.01..2.5f64, narrow in 0.55..1.0f64, x in 0.0..1.0f64) {
        let line = pair(w, [0.0, distance], [narrow, 1.0]);
        let plane = in_space(&[(w, &[0.0, 0.0], &[narrow, 1.0]), (1.0 - w, &[x, 0.5], &[1.0, 0.9])]);
        for p in [line.clone(), plane, product(vec![(line, 9), (normal(3, 0.0, narrow), 1)])] {
            let claim = law(p).then(&LSI_UNEQUAL_COMPONENTS);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let says = "p is a mixture of Gaussians with diagonal covariances, M < inf for some p > 1";
    assert!(law(two_modes()).then(&LSI_UNEQUAL_COMPONENTS).holds());
    assert_eq!(law(pair(0.5, [0.0, 1.0], [1.0, 2.5])).then(&LSI_UNEQUAL_COMPONENTS).failed(), Some(says));
    assert_eq!(law(three_dimensional()).then(&LSI_UNEQUAL_COMPONENTS).failed(), Some(says));
    // M is finite here, but no double; and here for p - 1 below 0.04 only.
    assert!(law(pair(0.5, [-30.0, 30.0], [1.0, 1.0])).then(&LSI_UNEQUAL_COMPONENTS).leaves_open(says));
    assert!(law(pair(0.5, [0.0, 0.5], [1.0, 1.96])).then(&LSI_UNEQUAL_COMPONENTS).leaves_open(says));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&LSI_UNEQUAL_COMPONENTS).holds());
    assert!(good.against(&good, 1e6, &LSI_UNEQUAL_COMPONENTS).is_violated());
    let near = law(pair(0.4, [-0.2, 0.2], [0.9, 1.0]));
    assert!(near.against(&law(pair(0.5, [-2.0, 2.0], [1.0, 1.0])), 1.0, &LSI_UNEQUAL_COMPONENTS).is_violated());
}

/// As the components become one the bound tends to twice the truth; as they part, `ln C` grows like their squared distance.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.5, [0.0, distance], [1.0, 1.0])).then(&LSI_UNEQUAL_COMPONENTS);
    let near = at(1e-3);
    assert!((near.bound().mid() / near.measured().mid() - 2.0).abs() < 0.01, "{near}");
    let growth = (at(5.0).bound().mid() / at(4.0).bound().mid()).ln() / 9.0;
    assert!(growth > 0.9 && growth < 1.2, "{growth}");
}
