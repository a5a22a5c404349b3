//! The constants a theorem needs of its target: each an interval with the statement it comes from.

use crate::numerics::{Evidence, Interval};

/// Whose bound one end of a constant is.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Statement label and a few words, for example `LLT-18a: largest eigenvalue of the covariance`.
    pub statement: String,
    /// Exact or Certified when proved; Checked when it rests on plain numerics.
    pub evidence: Evidence,
}

/// A constant of a law, enclosed: a theorem that holds for C holds for every larger C, so it is instantiated at `hi`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The interval; `hi` may be `+inf` (unknown or truly infinite, the certificate says which).
    pub value: Interval,
    /// Where the lower end comes from.
    pub lower: Certificate,
    /// Where the upper end comes from.
    pub upper: Certificate,
}

/// The constants of one law.
#[derive(Clone, Debug, PartialEq)]
pub struct Constants {
    /// L: the Lipschitz constant of grad ln p.
    pub lipschitz: Constant,
    /// C_LS: KL(q|p) <= (C/2) FI(q|p).
    pub lsi: Constant,
    /// C_P: Var_p f <= C_P E_p |grad f|^2.
    pub poincare: Constant,
    /// E_p |x|^2.
    pub second_moment: Interval,
}

impl Constants {
    /// The constants of a law in closed form.
    #[must_use]
    pub fn of(p: &super::Density) -> Self {
        let _ = p;
        todo!()
    }

    /// No constant at all, with the reason.
    #[must_use]
    pub fn none(why: &str) -> Self {
        let unknown = || Certificate { statement: why.to_string(), evidence: Evidence::Exact };
        let constant = || Constant { value: Interval::new(0.0, f64::INFINITY), lower: unknown(), upper: unknown() };
        Self { lipschitz: constant(), lsi: constant(), poincare: constant(), second_moment: Interval::ENTIRE }
    }
}
