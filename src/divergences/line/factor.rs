//! The Chernoff transform of a pair of densities on the line.

use super::checked::Sampled;
use crate::divergences::ChernoffFactor;
use crate::laws::Density1;
use crate::numerics::{ComplexInterval, Interval, Ledger, Source};
use std::ops::Range;

/// `M(1/2 + it) - 1 = int sqrt(pq) [-2 sin^2(tL/2) - 2 sinh^2(L/4) + i (sin tL - 2t sinh(L/2))]` by quadrature on fixed nodes,
/// which is free of cancellation because `int sqrt(pq) sinh(L/2) = 0`.
pub struct LineFactor {
    nodes: Vec<Node>,
    ledger: Ledger,
}

/// What does not depend on t at one node.
struct Node {
    /// Weight times sqrt(pq).
    weight: f64,
    /// L.
    ratio: f64,
    /// `sinh^2(L/4)`.
    quarter: f64,
    /// `sinh(L/2)`.
    half: f64,
}

/// Quadrature panels per length scale.
const REFINE: f64 = 3.0;

impl LineFactor {
    /// Of two densities known by their values.
    #[must_use]
    pub fn sampled(q: &dyn Density1, p: &dyn Density1) -> Self {
        let noise = q.noise() + p.noise();
        let of = |refine: f64| {
            let grid = Sampled::new(q, p, refine);
            // Where the values drown in noise the law contributes nothing; the mass there is in the laws' ledgers.
            let ratio = |i: usize| {
                let (q, p) = (grid.q[i], grid.p[i]);
                if q > 3.0 * noise && p > 3.0 * noise { ((q - p) / p).ln_1p() } else { 0.0 }
            };
            Self::from_grid(&grid, ratio)
        };
        let (coarse, mut fine) = (of(REFINE / 2.0), of(REFINE));
        fine.ledger = fine.discretisation(&coarse, q.ledger().and(&p.ledger()));
        fine
    }

    fn from_grid(grid: &Sampled, ratio: impl Fn(usize) -> f64) -> Self {
        let node = |i: usize| {
            let (weight, ratio) = (grid.weight[i] * (grid.p[i].max(0.0) * grid.q[i].max(0.0)).sqrt(), ratio(i));
            let quarter = (0.25 * ratio).sinh();
            Node { weight, ratio, quarter: quarter * quarter, half: (0.5 * ratio).sinh() }
        };
        let nodes = (0..grid.x.len()).map(node).filter(|n| n.weight > 0.0).collect();
        Self { nodes, ledger: Ledger::new() }
    }

    /// The open term of two panel widths: their distance in the transform where it matters most, as one in total variation.
    fn discretisation(&self, coarse: &Self, laws: Ledger) -> Ledger {
        let spread = self.nodes.iter().map(|n| n.weight * n.ratio * n.ratio).sum::<f64>().sqrt().max(1e-300);
        let distance = [0.0, 0.5, 1.0, 2.0]
            .map(|s| {
                let (a, b) = (self.value((s / spread).min(1e3)), coarse.value((s / spread).min(1e3)));
                (a.0 - b.0).hypot(a.1 - b.1)
            })
            .into_iter()
            .fold(0.0, f64::max);
        laws.open(
            Source::Discretisation,
            distance.min(1.0),
            "two panel widths of the quadrature of one factor's transform",
        )
    }

    fn value(&self, t: f64) -> (f64, f64) {
        self.nodes.iter().fold((0.0, 0.0), |(re, im), n| {
            let (w, wave) = (n.weight, (0.5 * t * n.ratio).sin());
            (re - 2.0 * w * (wave * wave + n.quarter), im + w * ((t * n.ratio).sin() - 2.0 * t * n.half))
        })
    }
}

/// Partial sums side by side.
const LANES: usize = 4;

impl LineFactor {
    /// The values at `(first + k) spacing`, k below `count`, by rotating every node's `e^{i tL/2}`: the rounding of
    /// `sin(tL/2)` and `cos(tL/2)` grows by a few units a step.
    fn values(&self, first: f64, spacing: f64, count: usize) -> Vec<(f64, f64)> {
        let mut sums = vec![[[0.0; LANES]; 2]; count];
        for nodes in self.nodes.chunks(LANES) {
            let mut lanes = [[0.0; LANES]; 7];
            for (i, n) in nodes.iter().enumerate() {
                let (s, c) = (0.5 * first * spacing * n.ratio).sin_cos();
                let (s1, c1) = (0.5 * spacing * n.ratio).sin_cos();
                for (lane, x) in lanes.iter_mut().zip([n.weight, n.quarter, n.half, s, c, s1, c1]) {
                    lane[i] = x;
                }
            }
            let [w, quarter, half, mut s, mut c, s1, c1] = lanes;
            for (k, [re, im]) in sums.iter_mut().enumerate() {
                let twice = 2.0 * (first + k as f64) * spacing;
                for i in 0..LANES {
                    re[i] += w[i] * (s[i] * s[i] + quarter[i]);
                    im[i] += w[i] * (2.0 * s[i] * c[i] - twice * half[i]);
                    (c[i], s[i]) = (c[i] * c1[i] - s[i] * s1[i], s[i] * c1[i] + c[i] * s1[i]);
                }
            }
        }
        sums.iter().map(|[re, im]| (-2.0 * re.iter().sum::<f64>(), im.iter().sum())).collect()
    }

    /// The value with the rounding of a sum of terms of one sign (re), or no larger than it in all (im), each off by `units`.
    fn enclosed((re, im): (f64, f64), units: f64) -> ComplexInterval {
        let reach = units * f64::EPSILON * (re.abs() + im.abs());
        ComplexInterval::new(Interval::around(re, reach), Interval::around(im, reach))
    }
}

impl ChernoffFactor for LineFactor {
    fn minus_one(&self, t: f64) -> ComplexInterval {
        Self::enclosed(self.value(t), 8.0)
    }

    fn logs(&self, nodes: Range<u32>, spacing: f64) -> Vec<ComplexInterval> {
        let count = nodes.len();
        let values = self.values(f64::from(nodes.start), spacing, count);
        values.into_iter().map(|value| Self::enclosed(value, 8.0 + 4.0 * count as f64).ln_1p()).collect()
    }

    fn tail(&self, _t: f64) -> Option<f64> {
        None
    }

    fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Mixture1;

    /// Nodes taken together are the nodes taken one by one, where the transform is near 0 and near 1.
    #[test]
    fn a_run_of_nodes_is_each_of_them() {
        let one = |m: f64, v: f64| Mixture1 { weights: vec![1.0], means: vec![m], variances: vec![v] };
        for (q, p) in [(one(1e-7, 1.0), one(0.0, 1.0)), (one(1.0, 1.4), one(0.0, 1.0))] {
            let factor = LineFactor::sampled(&q, &p);
            for (k, run) in (5..21).zip(factor.logs(5..21, 0.0825)) {
                let (alone, size) = (factor.log(f64::from(k) * 0.0825), 1e-12 * run.re.magnitude());
                assert!((alone.re.mid() - run.re.mid()).abs() <= size, "{k}: {alone:?} {run:?}");
                assert!((alone.im.mid() - run.im.mid()).abs() <= size.max(1e-14), "{k}: {alone:?} {run:?}");
            }
        }
    }
}
