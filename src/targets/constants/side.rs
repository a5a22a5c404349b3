//! One end of a constant together with its reason.

use super::Constant;
use crate::numerics::Evidence;

/// A bound from one side.
#[derive(Clone, Debug)]
pub(in crate::targets) struct Side {
    /// The bound.
    pub value: f64,
    /// Statement label and a few words.
    pub statement: String,
    /// What it is worth.
    pub evidence: Evidence,
}

impl Side {
    /// A proved bound.
    pub fn proved(value: f64, statement: impl Into<String>) -> Self {
        Self { value, statement: statement.into(), evidence: Evidence::Certified }
    }

    /// A closed form.
    pub fn exact(value: f64, statement: impl Into<String>) -> Self {
        Self { value, statement: statement.into(), evidence: Evidence::Exact }
    }

    /// The upper end of a constant.
    pub fn upper_of(c: &Constant) -> Self {
        Self { value: c.value.hi(), statement: c.upper.statement.clone(), evidence: c.upper.evidence }
    }

    /// The lower end of a constant.
    pub fn lower_of(c: &Constant) -> Self {
        Self { value: c.value.lo(), statement: c.lower.statement.clone(), evidence: c.lower.evidence }
    }
}
