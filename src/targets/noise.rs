//! What the noise hides of bounded data: the irreducible noise of the regression, Fisher and mutual information.

use super::BoundedData;
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::processes::NoiseLevel;
use rayon::prelude::*;

/// How many standard deviations of the noise around the data are integrated over; the mass outside is below 2e-44.
const REACH: f64 = 14.0;
/// Cells of the trapezoid rule in one such range: for analytic integrands of this scale half of them reach rounding.
const CELLS: f64 = 4000.0;
/// The most cells of one rule. Beyond, where the noise is less than 1e-4 of the data's range, the cells grow.
const MOST_CELLS: f64 = 1e6;

/// One node of a quadrature rule for expectations over X_t on the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineNode {
    /// The value of X_t.
    pub x: f64,
    /// The length of its cell times the density of X_t; the weights sum to 1.
    pub weight: f64,
    /// `ln p_t(x)`, nats.
    pub ln_density: f64,
    /// `E[X_0 | X_t = x]`.
    pub mean: f64,
    /// `Var(X_0 | X_t = x)`.
    pub variance: f64,
}

impl BoundedData {
    /// The intervals of the line that hold the data; `None` in several dimensions.
    fn support(&self) -> Option<Vec<(f64, f64)>> {
        match self {
            _ if self.dim() != 1 => None,
            BoundedData::Points(p) => Some(p.merged().points.iter().map(|x| (x[0], x[0])).collect()),
            BoundedData::Box(p) => Some(vec![(-p.half_width(), p.half_width())]),
            BoundedData::Product(_) => self.blocks()[0].support(),
        }
    }

    /// Nodes for expectations over X_t on the line at a level with sigma > 0: `E g(X_t) ~ sum weight g(x)` for analytic g. `None`
    /// in several dimensions.
    ///
    /// The trapezoid rule on all that lies within 14 sigma of the noised support, with cells of at most 0.007 sigma.
    #[must_use]
    pub fn line_nodes(&self, level: NoiseLevel) -> Option<Vec<LineNode>> {
        let reach = REACH * level.sigma;
        let mut ranges: Vec<(f64, f64)> = Vec::new();
        for (lo, hi) in self.support()? {
            let (lo, hi) = (level.alpha * lo - reach, level.alpha * hi + reach);
            match ranges.last_mut() {
                Some(last) if lo <= last.1 => last.1 = hi,
                _ => ranges.push((lo, hi)),
            }
        }
        let cells = |(lo, hi): (f64, f64)| (CELLS * (hi - lo) / (2.0 * reach)).ceil().min(MOST_CELLS);
        let places: Vec<(f64, f64)> = ranges
            .into_iter()
            .flat_map(|(lo, hi)| {
                let n = cells((lo, hi));
                let step = (hi - lo) / n;
                (0..=n as usize).map(move |k| (lo + step * k as f64, step))
            })
            .collect();
        let node = |(x, step): (f64, f64)| {
            let at = self.posterior(level, &[x]);
            let weight = step * libm::exp(at.ln_density);
            LineNode { x, weight, ln_density: at.ln_density, mean: at.mean[0], variance: at.covariance[(0, 0)] }
        };
        Some(places.into_par_iter().map(node).collect())
    }

    /// `E g(X_t)` on the line; the estimate of the error is what half of the nodes and the mass of all of them say.
    fn on_the_line(&self, level: NoiseLevel, g: impl Fn(&LineNode) -> f64) -> Option<Measured> {
        let nodes = self.line_nodes(level)?;
        let sum = |every: usize| nodes.iter().step_by(every).map(|node| node.weight * g(node)).sum::<f64>();
        let (fine, coarse) = (sum(1), 2.0 * sum(2));
        let mass: f64 = nodes.iter().map(|node| node.weight).sum();
        let size: f64 = nodes.iter().map(|node| (node.weight * g(node)).abs()).sum();
        let ledger = Ledger::new()
            .open(Source::Discretisation, fine - coarse, "the trapezoid rule with half of the nodes")
            .open(Source::Rounding, size * ((mass - 1.0).abs() + 64.0 * f64::EPSILON), "the weights do not sum to 1");
        Some(Measured::with_ledger(Interval::point(fine), ledger))
    }

    /// The irreducible noise of the regression, `sigma^2(t) = E tr Cov(X_0 | X_t)`, on the line; `None` in several dimensions.
    #[must_use]
    pub fn noise_on_line(&self, level: NoiseLevel) -> Option<Measured> {
        self.on_the_line(level, |node| node.variance)
    }

    /// The Fisher information `I(p_t) = E |grad ln p_t(X_t)|^2` on the line; `None` in several dimensions.
    #[must_use]
    pub fn fisher_on_line(&self, level: NoiseLevel) -> Option<Measured> {
        self.on_the_line(level, |node| ((level.alpha * node.mean - node.x) / level.variance()).powi(2))
    }

    /// The mutual information `I(X_0; X_t) = -E ln p_t(X_t) - (1/2) ln(2 pi e h)` on the line, nats; `None` in several dimensions.
    #[must_use]
    pub fn information_on_line(&self, level: NoiseLevel) -> Option<Measured> {
        let alone = -libm::log(level.sigma) - 0.5 * libm::log(std::f64::consts::TAU) - 0.5;
        self.on_the_line(level, |node| alone - node.ln_density)
    }

    /// An upper bound of the mutual information in any dimension, nats: the entropy of atoms, or that of a Gaussian of the same
    /// second moment, `(d/2) ln(1 + gamma E|X_0|^2/d)`, whichever is less.
    #[must_use]
    pub fn most_information(&self, level: NoiseLevel) -> f64 {
        let d = self.dim() as f64;
        let ratio = Interval::point(level.alpha) / Interval::point(level.sigma);
        let gaussian = (ratio.sqr() * self.second_moment() / d).ln_1p() * (0.5 * d);
        self.entropy().map_or(gaussian, |entropy| entropy.min(gaussian)).hi()
    }
}
