//! A mixture in the plane, prepared for evaluation.

use super::component::{Cell, Component};
use crate::numerics::Interval;

/// `sum_i w_i N_i`.
#[derive(Clone, Debug)]
pub struct PlaneLaw {
    pub(super) components: Vec<Component>,
}

impl PlaneLaw {
    /// From weights, means and covariances `[S_11, S_12, S_22]`; `None` when a covariance is not known to be positive
    /// definite.
    pub fn new(parts: impl IntoIterator<Item = (Interval, [Interval; 2], [Interval; 3])>) -> Option<Self> {
        let components =
            parts.into_iter().map(|(w, mean, cov)| Component::new(w, mean, cov)).collect::<Option<Vec<_>>>()?;
        (!components.is_empty()).then_some(Self { components })
    }

    /// The logarithm of the density at a point (or an enclosure of it over a rectangle).
    pub(super) fn ln(&self, x: Interval, y: Interval) -> Interval {
        let parts: Vec<Interval> = self.components.iter().map(|c| c.ln(x, y)).collect();
        ln_of_sum(&parts)
    }

    /// The rectangle that holds that many standard deviations around every mean.
    pub(super) fn reach(&self, sigmas: f64) -> Cell {
        let side = |axis: usize, variance: usize| {
            self.components.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), c| {
                let r = c.cov[variance].sqrt() * sigmas;
                (a.min((c.mean[axis] - r).lo()), b.max((c.mean[axis] + r).hi()))
            })
        };
        Cell { x: side(0, 0), y: side(1, 2) }
    }
}

/// `ln sum_i e^{l_i}`, each end by itself.
pub(super) fn ln_of_sum(parts: &[Interval]) -> Interval {
    if let [only] = parts {
        return *only;
    }
    let top = parts.iter().map(|l| l.mid()).fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return Interval::ENTIRE;
    }
    let sum: Interval = parts.iter().map(|&l| (l - top).exp()).sum();
    sum.ln() + top
}

/// The smallest rectangle that holds both.
pub(super) fn hull(a: Cell, b: Cell) -> Cell {
    let join = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
    Cell { x: join(a.x, b.x), y: join(a.y, b.y) }
}
