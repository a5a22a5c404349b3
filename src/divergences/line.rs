//! Divergences between laws on the line.

mod analytic;
mod atoms;
mod binned;
mod checked;
mod closed;
mod decay;
mod factor;
mod information;
mod log_ratio;
mod monotone;
mod panel;
mod seen;
mod wasserstein;

pub use analytic::AnalyticFactor;
pub(super) use atoms::{w2 as w2_to_atoms, w2_checked as w2_to_atoms_checked};
pub use binned::{closed as closed_bins, sampled as sampled_bins};
pub(super) use checked::{FROM_TAILS, Functional, Tally, UNSEEN};
pub use factor::LineFactor;
pub use information::{Component, Information};
pub(super) use seen::{Known, Node};

use super::{Divergence, NoEngine};
use crate::laws::Density1;
use crate::numerics::{Interval, Measured};
use crate::targets::Mixture1;

/// D(q, p) between two mixtures on the line: certified.
///
/// # Promise
/// The divergence lies in the interval; an infinite chi-squared is reported as infinite.
#[must_use]
pub fn between_closed(divergence: Divergence, q: &Mixture1, p: &Mixture1) -> Measured {
    closed::between(divergence, q, p)
}

/// `int q ln(q/p)^2` of two mixtures on the line.
///
/// # Promise
/// The integral is at most the upper end.
#[must_use]
pub fn log_ratio_square(q: &Mixture1, p: &Mixture1) -> Interval {
    closed::log_ratio_square(q, p)
}

/// D(q, p) between any two densities on the line: checked.
///
/// # Errors
/// When a tail cannot be bounded sensibly.
pub fn between_any(divergence: Divergence, q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    match divergence {
        Divergence::W2 => wasserstein::w2(q, p),
        other => checked::between(other, q, p),
    }
}
