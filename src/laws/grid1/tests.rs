//! The smooth 1-D engine against independent reference values and closed forms.

use crate::laws::density1::Density1;
use crate::laws::{Grid1, Propagate};
use crate::numerics::gauss_legendre;
use crate::processes::NoiseLevel;
use crate::samplers::{Program, lmc};
use crate::scores::errors::{Fourier, Random};
use crate::scores::{Damaged, ErrorShape, Size, calibrate};
use crate::targets::{Density, Gaussian, Mixture, Mixture1};
use serde_json::Value;
use std::sync::Arc;

pub(in crate::laws) fn two_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap())
}

pub(in crate::laws) fn line(mean: f64, variance: f64) -> Density {
    Density::Gaussian(Gaussian::scalar(mean, variance).unwrap())
}

/// The value and the tolerance of one output of `laws.json`.
pub(in crate::laws) fn reference(id: &str, output: &str) -> Option<(f64, f64)> {
    let all: Value = serde_json::from_str(include_str!("../../../paper_checks/reference/laws.json")).unwrap();
    let entry = all["values"].as_array().unwrap().iter().find(|e| e["id"] == id).unwrap();
    let value: f64 = entry["output"].get(output)?.as_str().unwrap().parse().unwrap();
    let tolerance = |kind: &str| entry["tolerance"][output].get(kind).map_or(0.0, |t| t.as_f64().unwrap());
    Some((value, tolerance("rtol") * value.abs() + tolerance("atol")))
}

/// TV by splitting at the sign changes of q - p and using both distribution functions; (KL, reverse KL, 1 - affinity) by
/// composite Gauss-Legendre quadrature with nonnegative integrands.
pub(in crate::laws) fn distances(q: &dyn Density1, p: &Mixture1) -> [f64; 4] {
    let (a, b) = q.support();
    let cells = ((b - a) / q.scale().min(0.2)).ceil() as usize * 4;
    let mut knots: Vec<f64> = (0..=cells).map(|i| a + (b - a) * i as f64 / cells as f64).collect();
    knots.extend(q.kinks());
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    let gap = |x: f64| {
        let (mut u, mut v) = ([0.0], [0.0]);
        q.density(&[x], &mut u);
        p.density(&[x], &mut v);
        u[0] - v[0]
    };
    let excess = |x: f64| if x < 0.0 { q.cdf(x) - p.cdf(x) } else { p.sf(x) - q.sf(x) };
    let (mut tv, mut from): (f64, f64) = (0.0, 0.0);
    for w in knots.windows(2) {
        let (mut lo, mut hi) = (w[0], w[1]);
        let (at_lo, at_hi) = (gap(lo), gap(hi));
        if at_lo.abs().min(at_hi.abs()) < 1e-15 || at_lo * at_hi > 0.0 {
            continue;
        }
        for _ in 0..80 {
            let mid = 0.5 * (lo + hi);
            if gap(mid) * at_lo > 0.0 { lo = mid } else { hi = mid }
        }
        tv += (excess(lo) - from).abs();
        from = excess(lo);
    }
    tv += from.abs();
    let rule = gauss_legendre(16);
    let mut sums = [0.0; 3];
    for w in knots.windows(2) {
        let xs: Vec<f64> = rule.nodes.iter().map(|t| 0.5 * (w[0] + w[1]) + 0.5 * (w[1] - w[0]) * t).collect();
        let (mut u, mut v) = (vec![0.0; 16], vec![0.0; 16]);
        q.density(&xs, &mut u);
        p.density(&xs, &mut v);
        for i in 0..16 {
            let (q, p, weight) = (u[i], v[i], 0.5 * (w[1] - w[0]) * rule.weights[i]);
            if q > 1e-17 && p > 1e-300 {
                let l = (q / p).ln();
                sums[0] += weight * (q * l - q + p);
                sums[1] += weight * (-p * l + q - p);
                sums[2] += weight * 0.5 * (q.sqrt() - p.sqrt()).powi(2);
            }
        }
    }
    [0.5 * tv, sums[0], sums[1], sums[2]]
}

fn cosine(amplitude: f64) -> Damaged {
    let target: Arc<dyn crate::targets::Target> = Arc::new(two_modes());
    if amplitude == 0.0 {
        return Damaged::exact(target);
    }
    let shape = Fourier { dim: 1, frequency: 2.0, phase: 0.0 };
    calibrate(target, Arc::new(shape), Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap()
}

fn carried(start: &Density, program: &Program, field: &Damaged) -> Grid1 {
    let mut law = Grid1::new(start, program, field).unwrap();
    law.run(program, field).unwrap();
    law
}

#[test]
fn reference_values_are_reached() {
    let p = two_modes().as_mixture1().unwrap();
    for (id, amplitude, h, n) in [
        ("mixlmc_err_h.05_N20", 0.1, 0.05, 20),
        ("mixlmc_h.05_N1", 0.0, 0.05, 1),
        ("mixlmc_err_h1e-3_N5000", 0.1, 1e-3, 5000),
        ("mixlmc_err_h1e-7_N1e8", 0.1, 1e-7, 100_000_000),
        ("mixlmc_h1e-7_N1e8", 0.0, 1e-7, 100_000_000),
    ] {
        let law = carried(&line(0.5, 2.0), &lmc(h, n, NoiseLevel::DATA), &cosine(amplitude));
        let [tv, _kl, kl_reverse, hellinger] = distances(&law, &p);
        for (output, value) in
            [("tv", tv), ("kl_rev", kl_reverse), ("hell2", hellinger), ("mean", law.mean()), ("var", law.variance())]
        {
            if let Some((truth, tolerance)) = reference(id, output) {
                let error = (value - truth).abs();
                assert!(error <= tolerance, "{id}: {output} is off by {error:e}, allowed {tolerance:e}");
            }
        }
    }
}

/// A bounded error bends the drift everywhere but changes its slope at infinity nowhere: the tails are those of the exact
/// score, and a large wave is not an explosion.
#[test]
fn waves_do_not_change_the_tails() {
    let flat = || Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-0.3, 0.3], &[1.0, 1.0]).unwrap());
    let wave = |frequency: f64, phase: f64| -> Arc<dyn ErrorShape> { Arc::new(Fourier { dim: 1, frequency, phase }) };
    let random: Arc<dyn ErrorShape> = Arc::new(Random::new(1, 20, 1.8, 3));
    // 1/(1 - h/2) is the stationary variance of x <- (1 - h) x + sqrt(2h) xi.
    let tail = 1.0 / (1.0 - 0.01) + (1.0 - 1.0 / 0.99) * 0.98_f64.powi(400);
    for (shape, amplitude) in [(wave(1.8, 4.7), 6.0), (wave(1.0, 0.0), 10.0), (random, 6.0)] {
        let field = calibrate(Arc::new(flat()), shape, Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap();
        let law = carried(&line(0.0, 1.0), &lmc(0.02, 200, NoiseLevel::DATA), &field);
        let (left, right) = law.tail_variance();
        assert!((left - tail).abs() < 1e-12 && (right - tail).abs() < 1e-12, "{left} {right} {tail}");
        assert!(law.ledger().total() < 1e-10, "{:?}", law.ledger());
    }
}

/// What falls between the nodes is refused: a wave of the score that is far shorter than their spacing, and a target so far
/// away that the box cannot resolve the start. (Two resolutions agree on either.)
#[test]
fn what_the_nodes_cannot_see_is_refused() {
    let wave = Arc::new(Fourier { dim: 1, frequency: 5000.0, phase: 0.0 });
    let field = calibrate(Arc::new(two_modes()), wave, Size::Amplitude(5.0), &[NoiseLevel::DATA]).unwrap();
    let program = lmc(0.01, 100, NoiseLevel::DATA);
    let mut law = Grid1::new(&line(0.0, 1.0), &program, &field).unwrap();
    assert!(law.run(&program, &field).is_err());
    let far = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1e5, 1.5], &[0.6, 1.0]).unwrap());
    let field = Damaged::exact(Arc::new(far));
    let program = lmc(0.05, 10, NoiseLevel::DATA);
    let mut law = Grid1::new(&line(0.5, 2.0), &program, &field).unwrap();
    if law.run(&program, &field).is_ok() {
        assert!(
            (law.cdf(f64::INFINITY) - 1.0).abs() < 1e-8 && law.variance() > 1.0,
            "{} {}",
            law.mean(),
            law.variance()
        );
    }
}
