//! LLT-19. See `lsi_mixture.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_MIXTURE;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// `int (F_1 - F_2)^2/p` by the trapezoid rule.
pub fn transport(w: f64, means: [f64; 2], variances: [f64; 2]) -> f64 {
    let part = |i: usize| Normal::new(means[i], variances[i].sqrt()).unwrap();
    let (a, b) = (part(0), part(1));
    let middle = 0.5 * (means[0] + means[1]);
    let dx = 1e-3;
    let value = |x: f64| {
        let gap = if x < middle { a.cdf(x) - b.cdf(x) } else { a.sf(x) - b.sf(x) };
        gap * gap / (w * a.pdf(x) + (1.0 - w) * b.pdf(x))
    };
    (-20_000..=20_000).map(|k| value(middle + f64::from(k) * dx)).filter(|y| y.is_finite()).sum::<f64>() * dx
}

/// The two bounds from T.
fn by_hand(w: f64, variances: [f64; 2], t: f64) -> (f64, f64) {
    let least = w.min(1.0 - w);
    let a = if least == 0.5 { 2.0 } else { (1.0 / least - 1.0).ln() / (1.0 - 2.0 * least) };
    let sum = w * (1.0 - w) * t;
    let own = (variances[0] * (1.0 + (1.0 - w) * a / 2.0)).max(variances[1] * (1.0 + w * a / 2.0));
    (own + a / 2.0 * sum, variances[0].max(variances[1]) + sum)
}

#[test]
fn restated_independently() {
    for (w, m, variances) in [(0.5, 1.5, [1.0, 1.0]), (0.2, 1.0, [0.6, 1.0]), (0.7, 2.0, [1.0, 1.5])] {
        let claim = law(pair(w, [-m, m], variances)).then(&LSI_MIXTURE);
        let (lsi, poincare) = by_hand(w, variances, transport(w, [-m, m], variances));
        assert_close_to(claim.bound(), lsi, 1e-6);
        assert!((claim.term("C_P") / poincare - 1.0).abs() < 1e-6, "{claim}");
    }
    // Reference s1, with T = 12.0397538706842365.
    assert!((transport(0.5, [-1.5, 1.5], [1.0, 1.0]) / 12.039_753_870_684_237 - 1.0).abs() < 1e-8);
    let claim = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&LSI_MIXTURE);
    assert_close(claim.bound(), 4.509_938_467_671_059);
    // In the plane: means at distance 3, one covariance I.
    let plane = in_space(&[(0.5, &[0.0, 0.0], &[1.0, 1.0]), (0.5, &[1.8, 2.4], &[1.0, 1.0])]);
    assert_close_to(law(plane).then(&LSI_MIXTURE).bound(), 4.509_938_467_671_059, 1e-8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(w in 0.02..0.98f64, distance in 0.0..7.0f64, v in 0.3..2.0f64, x in -1.0..1.0f64) {
        let on_the_line = pair(w, [0.0, distance + 1e-3], [1.0, v]);
        let plane = in_space(&[(0.5 * w, &[0.0, 0.0], &[v, 1.0]), (0.5 * w, &[0.0, 1.0], &[v, 1.0]), (1.0 - w, &[x, 2.0], &[v, 1.0])]);
        let nested = in_space(&[(w, &[0.0, 0.0], &[0.5; 2]), (1.0 - w, &[x, 1.0], &[1.0; 2])]);
        for p in [on_the_line.clone(), plane, nested, product(vec![(on_the_line, 8), (normal(3, 0.0, v), 1)])] {
            let claim = law(p).then(&LSI_MIXTURE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let says = "p is a mixture of at least two components, or a product with such a factor";
    assert_eq!(law(normal(2, 0.0, 1.0)).then(&LSI_MIXTURE).failed(), Some(says));
    assert_eq!(law(pair(0.5, [1.0, 1.0], [1.0, 1.0])).then(&LSI_MIXTURE).failed(), Some(says));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&LSI_MIXTURE).holds());
    assert!(good.against(&good, 1e6, &LSI_MIXTURE).is_violated());
    assert!(good.against(&law(pair(0.4, [-2.0, 2.0], [0.7, 1.0])), 1.0, &LSI_MIXTURE).is_violated());
}

/// Far modes: ln C grows like D^2/8 on both sides, and unequal weights cost what the bound says up to a factor.
#[test]
fn rate() {
    for w in [0.5, 0.05] {
        let at = |distance: f64| law(pair(w, [0.0, distance], [1.0, 1.0])).then(&LSI_MIXTURE);
        let (a, b) = (at(8.0), at(10.0));
        let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / 36.0;
        let (bound, truth) = (growth(|c| c.bound().mid()), growth(|c| c.measured().mid()));
        assert!((bound - truth).abs() < 2e-3 && (bound - 0.125).abs() < 0.02, "{w}: {bound} {truth}");
        assert!(b.holds() && b.bound().mid() < 2.0 * b.measured().mid(), "{w}: {b}");
    }
}
