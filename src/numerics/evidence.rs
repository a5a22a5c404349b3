//! What a number is worth: an interval, the kind of evidence behind it, and the ledger of errors it was made from.

use super::Interval;
use std::fmt;

/// The kind of evidence that the truth lies in a reported interval, strongest first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// A closed form evaluated with outward rounding.
    Exact,
    /// Every error term is bounded by a proof and the bound is part of the interval.
    Certified,
    /// At least one error term is an estimate (agreement of two discretisations), not a bound.
    Checked,
    /// A random interval that contains the truth with at least this probability.
    Confidence {
        /// The coverage probability, in (0, 1).
        level: f64,
    },
}

impl Evidence {
    /// The weaker of two: what a number made from both is worth.
    ///
    /// Two confidence levels combine by the union bound; a confidence interval that also rests on an estimate is only
    /// as good as the confidence interval says when the estimate holds, and keeps `Confidence`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        use Evidence::{Certified, Checked, Confidence, Exact};
        match (self, other) {
            (Confidence { level: a }, Confidence { level: b }) => Confidence { level: (a + b - 1.0).max(0.0) },
            (c @ Confidence { .. }, _) | (_, c @ Confidence { .. }) => c,
            (Checked, _) | (_, Checked) => Checked,
            (Certified, _) | (_, Certified) => Certified,
            (Exact, Exact) => Exact,
        }
    }

    /// Whether an interval with this evidence contains the truth beyond doubt.
    #[must_use]
    pub fn is_proved(self) -> bool {
        matches!(self, Evidence::Exact | Evidence::Certified)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Evidence::Exact => "exact",
            Evidence::Certified => "certified",
            Evidence::Checked => "checked",
            Evidence::Confidence { .. } => "confidence",
        })
    }
}

/// Where an error comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Representing a density by finitely many numbers, or an integral by a sum.
    Discretisation,
    /// Cutting off the tail of an integral or a series.
    Truncation,
    /// Wrapping the line onto a circle.
    Periodisation,
    /// Mass that left the computational box during propagation.
    BoxExit,
    /// Frequencies beyond those represented.
    Spectrum,
    /// Floating-point rounding.
    Rounding,
    /// Randomness of a sample.
    Sampling,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Discretisation => "discretisation",
            Source::Truncation => "truncation",
            Source::Periodisation => "periodisation",
            Source::BoxExit => "box exit",
            Source::Spectrum => "spectrum",
            Source::Rounding => "rounding",
            Source::Sampling => "sampling",
        })
    }
}

/// How well an error term is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// A proved bound of the term's absolute value.
    Bounded(f64),
    /// No bound is proved; the value is an estimate (0 when there is not even that).
    Open(f64),
    /// A bound that holds with probability at least `level`.
    Random {
        /// Half-width of the confidence interval.
        bound: f64,
        /// The probability that it holds.
        level: f64,
    },
}

/// One named error term.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Where it comes from.
    pub source: Source,
    /// How large it is, and how well that is known.
    pub size: Size,
    /// One line for people: which inequality, or what would close the term.
    pub why: String,
}

/// The error terms of one number, by name. Their sum is the half-width of its interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    terms: Vec<Term>,
}

impl Ledger {
    /// An empty ledger: a closed form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a term with a proved bound.
    #[must_use]
    pub fn bounded(mut self, source: Source, bound: f64, why: impl Into<String>) -> Self {
        self.terms.push(Term { source, size: Size::Bounded(bound.abs()), why: why.into() });
        self
    }

    /// Adds a term that is only estimated.
    #[must_use]
    pub fn open(mut self, source: Source, estimate: f64, why: impl Into<String>) -> Self {
        self.terms.push(Term { source, size: Size::Open(estimate.abs()), why: why.into() });
        self
    }

    /// Adds a term that holds with probability `level`.
    #[must_use]
    pub fn random(mut self, bound: f64, level: f64, why: impl Into<String>) -> Self {
        self.terms.push(Term {
            source: Source::Sampling,
            size: Size::Random { bound: bound.abs(), level },
            why: why.into(),
        });
        self
    }

    /// All terms of two ledgers.
    #[must_use]
    pub fn and(mut self, other: &Ledger) -> Self {
        self.terms.extend(other.terms.iter().cloned());
        self
    }

    /// Every term multiplied by `factor >= 0` (an error passed through a Lipschitz map, or repeated in `factor` copies).
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for term in &mut self.terms {
            match &mut term.size {
                Size::Bounded(x) | Size::Open(x) | Size::Random { bound: x, .. } => {
                    let product = *x * factor;
                    *x = if product == 0.0 { 0.0 } else { product.next_up() };
                }
            }
        }
        self
    }

    /// The same terms where they bound nothing: errors of one quantity listed under another.
    #[must_use]
    pub fn opened(mut self) -> Self {
        for term in &mut self.terms {
            if let Size::Bounded(x) | Size::Random { bound: x, .. } = term.size {
                term.size = Size::Open(x);
            }
        }
        self
    }

    /// The terms in the order they were added.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// An upper bound of the sum of all terms' sizes.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.terms
            .iter()
            .map(|t| match t.size {
                Size::Bounded(x) | Size::Open(x) | Size::Random { bound: x, .. } => Interval::point(x),
            })
            .sum::<Interval>()
            .hi()
    }

    /// What a number with these errors is worth: one open term makes it `Checked`, a random one `Confidence`.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.terms.iter().fold(Evidence::Exact, |so_far, term| {
            so_far.and(match term.size {
                Size::Bounded(_) => Evidence::Certified,
                Size::Open(_) => Evidence::Checked,
                Size::Random { level, .. } => Evidence::Confidence { level },
            })
        })
    }
}

/// A number with a side on each side: the interval, the evidence, and the ledger it follows from.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The interval said to contain the truth.
    pub value: Interval,
    /// In which sense it contains it.
    pub evidence: Evidence,
    /// The error terms, by name.
    pub ledger: Ledger,
}

impl Measured {
    /// A closed form already enclosed by interval arithmetic.
    #[must_use]
    pub fn exact(value: Interval) -> Self {
        Self { value, evidence: Evidence::Exact, ledger: Ledger::new() }
    }

    /// An enclosure plus error terms that are not in it yet: the interval is widened by their sum and the evidence is
    /// that of the ledger.
    #[must_use]
    pub fn with_ledger(value: Interval, ledger: Ledger) -> Self {
        Self { value: value.widen(ledger.total()), evidence: ledger.evidence(), ledger }
    }

    /// The same, for an enclosure that contains its errors already (they are listed, not added again).
    #[must_use]
    pub fn enclosed(value: Interval, ledger: Ledger) -> Self {
        Self { value, evidence: ledger.evidence(), ledger }
    }

    /// The interval clipped to the values the quantity can take, for example `[0, 1]` for a total variation.
    #[must_use]
    pub fn clamped(mut self, floor: f64, ceiling: f64) -> Self {
        self.value = self.value.clamp(floor, ceiling);
        self
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.evidence)
    }
}
