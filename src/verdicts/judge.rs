//! The five verdicts.

use crate::bounds::{Bound, Instance, Theorem};
use crate::numerics::{Interval, Measured};

/// What follows from a measured interval and a bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// measured.hi <= bound.lo; `tightness` = bound / measured.
    Holds {
        /// bound / measured, at least 1.
        tightness: Interval,
    },
    /// measured.lo > bound.hi.
    Violated {
        /// measured - bound.
        by: Interval,
    },
    /// The intervals overlap; `decide` says what would decide it.
    Undecided {
        /// For people.
        decide: String,
    },
    /// The bound is at or above the largest value the quantity can take.
    Vacuous,
    /// A hypothesis is not met.
    HypothesisFailed {
        /// Which.
        says: &'static str,
        /// What was found.
        found: String,
    },
}

/// A verdict with both of its sides.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The left-hand side; `None` when a hypothesis failed before it was measured.
    pub measured: Option<Measured>,
    /// The right-hand side; `None` when a hypothesis failed.
    pub bound: Option<Bound>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Holds a theorem against an instance.
///
/// # Errors
/// When the left-hand side cannot be measured or the right-hand side not evaluated (no engine), with the reason.
pub fn judge(theorem: &Theorem, at: &Instance) -> Result<Judgement, String> {
    let _ = (theorem, at);
    todo!()
}
