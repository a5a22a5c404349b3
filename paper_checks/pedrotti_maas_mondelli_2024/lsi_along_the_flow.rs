//! PMM-4f. See `lsi_along_the_flow.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_BOUNDED_SUPPORT;
use scorebound::bounds::pedrotti_maas_mondelli_2024::LSI_ALONG_THE_FLOW;
use scorebound::targets::{Density, Mixture};

/// `exp(int lambda) C` along the heat flow in tiny steps, suprema on a grid: for unit weights at these means.
fn by_hand(weights: &[f64], means: &[f64], v: f64) -> f64 {
    let worst = |s: f64| {
        let curvature = |x: f64| {
            let parts: Vec<f64> =
                weights.iter().zip(means).map(|(w, m)| w * (-(x - m) * (x - m) / (2.0 * s)).exp()).collect();
            let sum: f64 = parts.iter().sum();
            let mean = parts.iter().zip(means).map(|(p, m)| p * m).sum::<f64>() / sum;
            let square = parts.iter().zip(means).map(|(p, m)| p * (m - mean) * (m - mean)).sum::<f64>() / sum;
            square / (s * s) - 1.0 / s
        };
        (-500..=500).map(|k| curvature(f64::from(k) * 0.01)).filter(|y| y.is_finite()).fold(f64::NEG_INFINITY, f64::max)
    };
    let (mut s, mut log, mut best) = (v, 0.0, f64::INFINITY);
    while s < 60.0 * v {
        let step = 2e-3 * s;
        let lambda = worst(s + 0.5 * step);
        if lambda < 0.0 {
            best = f64::min(best, log - (-worst(s)).ln());
        }
        log += step * lambda;
        s += step;
    }
    best.exp()
}

fn modes(weights: &[f64], means: &[f64], v: f64) -> Density {
    Density::Mixture(Mixture::scalar(weights, means, &vec![v; means.len()]).unwrap())
}

#[test]
fn restated_independently() {
    // The bound is above the integral, and no further than it says itself.
    for (weights, means, v) in [
        (vec![0.5, 0.5], vec![-1.0, 1.0], 1.0),
        (vec![0.15, 0.85], vec![-1.2, 1.2], 1.0),
        (vec![0.3, 0.4, 0.3], vec![-1.5, 0.2, 1.4], 0.8),
    ] {
        let claim = law(modes(&weights, &means, v)).then(&LSI_ALONG_THE_FLOW);
        let expected = by_hand(&weights, &means, v);
        let loss = (claim.bound().mid() / expected).ln();
        assert!(loss > -5e-3 && loss < 1.5 * claim.term("finer steps") + 1e-2, "{expected} {claim}");
        assert!(claim.holds(), "{claim}");
    }
    assert_close(law(normal(1, 2.0, 3.0)).then(&LSI_ALONG_THE_FLOW).bound(), 3.0);
    // Where one mode is light, curvature along the flow knows more than the ball around the means.
    let uneven = law(modes(&[0.02, 0.98], &[-1.2, 1.2], 1.0));
    let (flow, ball) = (uneven.then(&LSI_ALONG_THE_FLOW), uneven.then(&LSI_BOUNDED_SUPPORT));
    assert!(flow.bound().hi() < 1.1 * ball.bound().lo(), "{flow} {ball}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.01..3.0f64, narrow in 0.4..1.0f64) {
        let line = pair(w, [0.0, distance], [narrow, 1.0]);
        for p in [line.clone(), product(vec![(line, 9), (normal(3, 0.0, narrow), 1)])] {
            let claim = law(p).then(&LSI_ALONG_THE_FLOW);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let says = "p is a law on the line with -(ln p_r)'' bounded below, or a product of such laws and Gaussians";
    assert!(law(two_modes()).then(&LSI_ALONG_THE_FLOW).holds());
    assert_eq!(law(three_dimensional()).then(&LSI_ALONG_THE_FLOW).failed(), Some(says));
    assert!(law(pair(0.5, [-30.0, 30.0], [1.0, 1.0])).then(&LSI_ALONG_THE_FLOW).leaves_open(says));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&LSI_ALONG_THE_FLOW).holds());
    assert!(good.against(&good, 1e6, &LSI_ALONG_THE_FLOW).is_violated());
    assert!(good.against(&law(pair(0.5, [-2.5, 2.5], [1.0, 1.0])), 1.0, &LSI_ALONG_THE_FLOW).is_violated());
}

/// For equal modes at `+-R` `ln C` is near `R^2/s` in the bound, near `R^2/(2 s)` in truth.
#[test]
fn rate() {
    let at = |half: f64| law(pair(0.5, [-half, half], [1.0, 1.0])).then(&LSI_ALONG_THE_FLOW);
    let (a, b) = (at(1.0), at(2.0));
    let growth = (b.bound().mid() / a.bound().mid()).ln() / 3.0;
    assert!(growth > 0.99 && growth < 1.1, "{growth}");
    assert!((b.measured().mid() / a.measured().mid()).ln() / 3.0 < growth);
}
