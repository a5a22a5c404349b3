//! What divergences need to know of a law on the line.

use crate::numerics::{Ledger, Rule};
use crate::targets::Mixture1;

/// Standard deviations around the mean of a Gaussian component that count; the mass outside is 2e-19.
const REACH: f64 = 9.0;

/// A density on the line in any representation.
pub trait Density1: Sync {
    /// The density at each point of `xs`, written to `out`.
    fn density(&self, xs: &[f64], out: &mut [f64]);
    /// Its logarithm at each point of `xs`, written to `out`; closed forms know it where the density itself underflows.
    fn ln_density(&self, xs: &[f64], out: &mut [f64]) {
        self.density(xs, out);
        out.iter_mut().for_each(|v| *v = v.max(0.0).ln());
    }
    /// P(X <= x).
    fn cdf(&self, x: f64) -> f64;
    /// P(X > x), accurate in the upper tail where the representation allows.
    fn sf(&self, x: f64) -> f64;
    /// An interval outside of which the density is negligible (mass below about 1e-17).
    fn support(&self) -> (f64, f64);
    /// Points at which the density or a derivative may jump, ascending.
    fn kinks(&self) -> Vec<f64>;
    /// The length over which the density may change by a factor; quadrature panels should not be much wider.
    fn scale(&self) -> f64;
    /// Where the density lives and on which length it varies there: intervals `[from, to]` with a scale each. They cover all but
    /// a negligible mass and may overlap; the finest scale counts.
    fn features(&self) -> Vec<(f64, f64, f64)> {
        let (lo, hi) = self.support();
        vec![(lo, hi, self.scale())]
    }
    /// E X.
    fn mean(&self) -> f64;
    /// Var X.
    fn variance(&self) -> f64;
    /// The variances of the Gaussian tails on the left and on the right, as far as they are known.
    fn tail_variance(&self) -> (f64, f64);
    /// The absolute noise of a density value (0 for closed forms).
    fn noise(&self) -> f64;
    /// The errors of this representation, as errors in total variation.
    fn ledger(&self) -> Ledger;
    /// Points beside which the density grows like the inverse square root of the distance, ascending.
    fn poles(&self) -> Vec<f64> {
        Vec::new()
    }
    /// For a panel that ends at or near a pole and holds no kink inside: nodes that resolve the density next to it, where its values at
    /// given points are lost in the rounding of those points.
    fn near_poles(&self, _panel: (f64, f64), _rule: &Rule) -> Vec<PoleNode> {
        Vec::new()
    }
}

/// A quadrature node with the value of a density that is nearly unbounded there: `int f ~ sum weight f` for functions f that grow
/// no faster than the density times its logarithm.
#[derive(Clone, Copy, Debug)]
pub struct PoleNode {
    /// Where.
    pub at: f64,
    /// The weight.
    pub weight: f64,
    /// The logarithm of the density.
    pub ln: f64,
}

impl Density1 for Mixture1 {
    fn density(&self, xs: &[f64], out: &mut [f64]) {
        for (x, o) in xs.iter().zip(out) {
            let part = |i: usize| {
                let (m, v) = (self.means[i], self.variances[i]);
                self.weights[i] * (-(x - m) * (x - m) / (2.0 * v)).exp() / (std::f64::consts::TAU * v).sqrt()
            };
            *o = (0..self.weights.len()).map(part).sum();
        }
    }

    fn ln_density(&self, xs: &[f64], out: &mut [f64]) {
        for (x, o) in xs.iter().zip(out) {
            let part = |i: usize| {
                let (m, v) = (self.means[i], self.variances[i]);
                self.weights[i].ln() - (x - m) * (x - m) / (2.0 * v) - 0.5 * (std::f64::consts::TAU * v).ln()
            };
            let top = (0..self.weights.len()).map(part).fold(f64::NEG_INFINITY, f64::max);
            *o = top + (0..self.weights.len()).map(|i| (part(i) - top).exp()).sum::<f64>().ln();
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        let part =
            |i: usize| 0.5 * self.weights[i] * libm::erfc((self.means[i] - x) / (2.0 * self.variances[i]).sqrt());
        (0..self.weights.len()).map(part).sum()
    }

    fn sf(&self, x: f64) -> f64 {
        let part =
            |i: usize| 0.5 * self.weights[i] * libm::erfc((x - self.means[i]) / (2.0 * self.variances[i]).sqrt());
        (0..self.weights.len()).map(part).sum()
    }

    fn support(&self) -> (f64, f64) {
        let reach = |sign: f64| move |(m, v): (&f64, &f64)| m + sign * REACH * v.sqrt();
        let lo = self.means.iter().zip(&self.variances).map(reach(-1.0)).fold(f64::INFINITY, f64::min);
        let hi = self.means.iter().zip(&self.variances).map(reach(1.0)).fold(f64::NEG_INFINITY, f64::max);
        (lo, hi)
    }

    fn features(&self) -> Vec<(f64, f64, f64)> {
        let one = |(m, v): (&f64, &f64)| (m - REACH * v.sqrt(), m + REACH * v.sqrt(), v.sqrt());
        self.means.iter().zip(&self.variances).map(one).collect()
    }

    fn kinks(&self) -> Vec<f64> {
        Vec::new()
    }

    fn scale(&self) -> f64 {
        self.variances.iter().copied().fold(f64::INFINITY, f64::min).sqrt()
    }

    fn mean(&self) -> f64 {
        self.weights.iter().zip(&self.means).map(|(w, m)| w * m).sum()
    }

    fn variance(&self) -> f64 {
        let mean = Density1::mean(self);
        (0..self.weights.len()).map(|i| self.weights[i] * (self.variances[i] + (self.means[i] - mean).powi(2))).sum()
    }

    fn tail_variance(&self) -> (f64, f64) {
        let widest = self.variances.iter().copied().fold(0.0, f64::max);
        (widest, widest)
    }

    fn noise(&self) -> f64 {
        0.0
    }

    fn ledger(&self) -> Ledger {
        Ledger::new()
    }
}
