//! What a theorem is: hypotheses, a bound term by term, stated exponents, and where it comes from.

use super::{Instance, Pair};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use std::fmt;

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
    /// It is known not to, with what was found.
    No(String),
    /// Neither is known.
    Unknown {
        /// What is known.
        found: String,
        /// What would decide it.
        decides: String,
    },
}

impl Holds {
    /// Neither is known, with what is known and what would decide.
    #[must_use]
    pub fn unknown(found: impl Into<String>, decides: impl Into<String>) -> Self {
        Holds::Unknown { found: found.into(), decides: decides.into() }
    }

    /// Whether all of several do: the first that does not, else the first that is not known, else all that rests on plain
    /// numerics.
    #[must_use]
    pub fn all(several: impl IntoIterator<Item = Self>) -> Self {
        several.into_iter().fold(Holds::Yes, |so_far, next| match (so_far, next) {
            (no @ Holds::No(_), _) | (_, no @ Holds::No(_)) => no,
            (open @ Holds::Unknown { .. }, _) | (_, open @ Holds::Unknown { .. }) => open,
            (Holds::Numerically(a), Holds::Numerically(b)) => Holds::Numerically(format!("{a}, {b}")),
            (rests @ Holds::Numerically(_), Holds::Yes) | (Holds::Yes, rests) => rests,
        })
    }

    /// The same answer, with a word on what it is about.
    #[must_use]
    pub fn about(self, what: impl fmt::Display) -> Self {
        match self {
            Holds::Yes => Holds::Yes,
            Holds::Numerically(rests) => Holds::Numerically(format!("{what}: {rests}")),
            Holds::No(found) => Holds::No(format!("{what}: {found}")),
            Holds::Unknown { found, decides } => Holds::Unknown { found: format!("{what}: {found}"), decides },
        }
    }
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

/// What one part of a way through noise levels adds to a bound: a predictor step, or the stay at a level.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The level at which the part begins.
    pub from: NoiseLevel,
    /// The level at which it ends.
    pub to: NoiseLevel,
    /// What it adds, term by term.
    pub terms: Vec<(&'static str, Interval)>,
}

/// The parts of a bound along the way, first part first.
pub type Profile = fn(&Instance) -> Result<Vec<Share>, String>;

/// What a theorem bounds, its left-hand side.
#[derive(Clone, Copy, Debug)]
pub enum Quantity {
    /// A divergence between two laws of the instance.
    Divergence(Pair, Divergence),
    /// Another number of the instance.
    Other {
        /// Its name, for example `probability`.
        name: &'static str,
        /// How it is measured.
        measured: fn(&Instance) -> Result<Measured, String>,
    },
}

impl Quantity {
    /// What kind of number it is, whichever laws it is between: `tv`, `kl`, `chi2`, `probability`, ...
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Quantity::Divergence(_, kind) => kind.name(),
            Quantity::Other { name, .. } => name,
        }
    }

    /// Its name in records: the kind, for the output against the target; `tv-twin` between the output and that of the same
    /// sampler with the exact score.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Quantity::Divergence(Pair::OutputTwin, kind) => match kind {
                Divergence::Tv => "tv-twin",
                Divergence::Kl => "kl-twin",
                Divergence::KlReverse => "kl-reverse-twin",
                Divergence::ChiSquared => "chi2-twin",
                Divergence::Renyi2 => "renyi2-twin",
                Divergence::HellingerSquared => "hellinger-squared-twin",
                Divergence::W2 => "w2-twin",
            },
            _ => self.kind(),
        }
    }

    /// Its value at an instance.
    ///
    /// # Errors
    /// When there is no engine for it.
    pub fn measured(&self, at: &Instance) -> Result<Measured, String> {
        match self {
            Quantity::Divergence(pair, kind) => at.between(*pair, *kind),
            Quantity::Other { measured, .. } => measured(at),
        }
    }

    /// Whether it is this divergence of the output from the target, which is what specs measure.
    #[must_use]
    pub fn is_of_output(&self, kind: Divergence) -> bool {
        matches!(self, Quantity::Divergence(Pair::OutputTarget, own) if *own == kind)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Divergence(pair, kind) => write!(f, "{} of {pair}", kind.name()),
            Quantity::Other { name, .. } => f.write_str(name),
        }
    }
}

/// How the left-hand side is said to relate to the right-hand side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// At most.
    AtMost,
    /// Equal: an identity.
    Equal,
}

impl Relation {
    /// The relative accuracy to which both sides of an identity must be known for their agreement to confirm it.
    pub const AGREEMENT: f64 = 1e-9;

    /// What two enclosures say about the relation: it holds, it does not, or they leave it open.
    ///
    /// An identity holds where the enclosures overlap and neither is wider than [`Relation::AGREEMENT`] times the larger side;
    /// it does not where they are apart.
    #[must_use]
    pub fn decide(self, measured: Interval, bound: Interval) -> Option<bool> {
        let apart = measured.lo() > bound.hi();
        match self {
            Relation::AtMost if measured.hi() <= bound.lo() => Some(true),
            Relation::AtMost => apart.then_some(false),
            Relation::Equal if apart || bound.lo() > measured.hi() => Some(false),
            Relation::Equal => {
                let narrow = Self::AGREEMENT * measured.magnitude().max(bound.magnitude());
                (measured.width() <= narrow && bound.width() <= narrow).then_some(true)
            }
        }
    }
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
    /// Which threshold: `step`, `steps`, or a size of the error: `epsilon` is `(E_p |e|^2)^{1/2}`, `path-epsilon` is
    /// `(sup_k E_{q_k} |e|^2)^{1/2}` along a chain, `sup-epsilon` is `sup |e|`. The three agree for a constant error.
    /// A statement may name another quantity of its own: `chi` is `D_N`, `threshold` is tau, `mgf-epsilon` is `((1/r) ln E_p exp(r |e|^2))^{1/2}`.
    pub of: &'static str,
    /// In which parameter: `dim`, `lsi`, `smoothness`, `accuracy`, `accuracy-tv`, `accuracy-chi`, or one of the
    /// statement's own: `mass` is `p(|e| > tau)`, `contraction` is the m of `<x - y, s(x) - s(y)> <= -m |x - y|^2`.
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
    /// What is bounded: the left-hand side.
    pub about: Quantity,
    /// The largest value the quantity can take (1 for TV), `+inf` if none: a bound at or above it is vacuous.
    pub ceiling: f64,
    /// How it relates to the right-hand side.
    pub relation: Relation,
    /// Its hypotheses.
    pub hypotheses: &'static [Hypothesis],
    /// The right-hand side at the instance.
    pub bound: fn(&Instance) -> Result<Bound, String>,
    /// The parts of the bound along the way through the noise levels, first part first, where it is a sum over them.
    pub profile: Option<Profile>,
    /// Its stated exponents.
    pub exponents: &'static [Exponent],
    /// A random instance around the admissible region, for `verify`.
    pub draw: fn(&mut dyn rand::Rng) -> Instance,
}

impl Theorem {
    /// Whether a verdict may rest on it: not where it is only recalled.
    #[must_use]
    pub fn decides(&self) -> bool {
        !matches!(self.reference.provenance, Provenance::Recalled { .. })
    }
}
