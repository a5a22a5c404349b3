//! What a theorem is: hypotheses, a bound term by term, stated exponents, and where it comes from.

use super::Instance;
use crate::numerics::{Interval, Measured};

/// The status of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Read in the paper, in this version.
    Quoted {
        /// Which version.
        version: &'static str,
    },
    /// Remembered; printed with that label and never deciding a verdict.
    Recalled {
        /// How sure.
        sure: &'static str,
    },
    /// Proved in this project; the proof is in the statement's page.
    DerivedHere,
}

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Key of the BibTeX entry, for example `lee-lu-tan-2022`.
    pub key: &'static str,
    /// Status.
    pub provenance: Provenance,
}

/// Whether a hypothesis holds at an instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does as far as plain numerics can tell; what that rests on. A violation is then printed as `VIOLATED?`.
    Numerically(String),
    /// It does not (or cannot be shown to), with what was found.
    No(String),
}

/// A hypothesis: its statement and its predicate.
pub struct Hypothesis {
    /// For people, for example `h <= 1/(4 L)`.
    pub says: &'static str,
    /// The predicate.
    pub holds: fn(&Instance) -> Holds,
}

/// A bound, term by term; the value is an enclosure of the right-hand side of the theorem.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The right-hand side.
    pub value: Interval,
    /// Its parts by name; how they combine is in the statement.
    pub terms: Vec<(&'static str, Interval)>,
}

/// In which sense an exponent is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Proved here as a guarantee: the truth may only be better.
    Guarantee,
    /// What the paper is remembered to state; shown, decides nothing.
    Recalled,
}

/// A stated exponent: `of ~ in^(numerator/denominator)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exponent {
    /// Which threshold: `step`, `steps`, `epsilon`.
    pub of: &'static str,
    /// In which parameter: `dim`, `lsi`, `smoothness`, `accuracy`, `accuracy-tv`, `accuracy-chi`.
    pub in_: &'static str,
    /// The exponent as a fraction.
    pub power: (i32, i32),
    /// Status.
    pub claim: Claim,
}

/// A theorem as data: no state, no closure.
pub struct Theorem {
    /// `paper-folder/name-with-dashes`, for example `lee-lu-tan-2022/lmc-kl`.
    pub id: &'static str,
    /// Labels on the theory page, for example `LLT-3b`.
    pub labels: &'static [&'static str],
    /// One line.
    pub title: &'static str,
    /// The statement and its proof: the text of `paper_checks/<folder>/<name>.md`.
    pub statement: &'static str,
    /// Where it comes from.
    pub reference: Reference,
    /// What is bounded, in words of specs: `tv`, `kl`, `chi2`, `probability`, ...; `tv-twin` is the TV between the output
    /// and that of the same sampler with the exact score.
    pub about: &'static str,
    /// The largest value the quantity can take (1 for TV), `+inf` if none: a bound at or above it is vacuous.
    pub ceiling: f64,
    /// Its hypotheses.
    pub hypotheses: &'static [Hypothesis],
    /// The left-hand side, measured on the instance.
    pub measured: fn(&Instance) -> Result<Measured, String>,
    /// The right-hand side at the instance.
    pub bound: fn(&Instance) -> Result<Bound, String>,
    /// Its stated exponents.
    pub exponents: &'static [Exponent],
    /// A random instance around the admissible region, for `verify`.
    pub draw: fn(&mut dyn rand::Rng) -> Instance,
}

impl Theorem {
    /// The kind of quantity that is bounded, whichever two laws it is between: `tv` for `tv-twin`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.about.strip_suffix("-twin").unwrap_or(self.about)
    }
}
