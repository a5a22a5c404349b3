//! The four numbers every bound for Langevin Monte Carlo depends on.

use crate::numerics::Interval;

/// Dimension, smoothness, log-Sobolev constant and step of one LMC run (LLT-0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// d.
    pub dim: Interval,
    /// L: grad ln p is L-Lipschitz. An upper bound of the true constant will do.
    pub smoothness: Interval,
    /// C: p satisfies LSI(C). An upper bound of the true constant will do.
    pub lsi: Interval,
    /// h.
    pub step: Interval,
}

impl Setting {
    /// A setting from plain numbers.
    #[must_use]
    pub fn new(dim: f64, smoothness: f64, lsi: f64, step: f64) -> Self {
        Self { dim: dim.into(), smoothness: smoothness.into(), lsi: lsi.into(), step: step.into() }
    }

    /// `u = h L`.
    #[must_use]
    pub fn u(&self) -> Interval {
        self.step * self.smoothness
    }

    /// `v = h L^2 C`.
    #[must_use]
    pub fn v(&self) -> Interval {
        self.u() * self.smoothness * self.lsi
    }

    /// `d L^2 C h`, the size of the discretisation terms.
    #[must_use]
    pub fn bias(&self) -> Interval {
        self.dim * self.v()
    }

    /// `h / C`, the time of one step in units of the log-Sobolev constant.
    #[must_use]
    pub fn pace(&self) -> Interval {
        self.step / self.lsi
    }
}
