//! The five verdicts, from intervals alone.

use crate::bounds::{Bound, Holds, Instance, Theorem};
use crate::numerics::{Interval, Measured};
use std::fmt;

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
        /// What the verdict rests on that is not proved, if anything; then it is printed as `VIOLATED?`.
        doubt: Option<String>,
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

impl Verdict {
    /// The word printed in tables and records.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Holds { .. } => "HOLDS",
            Verdict::Violated { doubt: None, .. } => "VIOLATED",
            Verdict::Violated { doubt: Some(_), .. } => "VIOLATED?",
            Verdict::Undecided { .. } => "UNDECIDED",
            Verdict::Vacuous => "VACUOUS",
            Verdict::HypothesisFailed { .. } => "HYPOTHESIS-FAILED",
        }
    }

    /// Whether the theorem was contradicted, beyond doubt or not.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        matches!(self, Verdict::Violated { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Verdict::Holds { tightness } => write!(f, " (bound/truth {:.4})", tightness.mid()),
            Verdict::Violated { by, doubt: None } => write!(f, " by {:.3e}", by.lo()),
            Verdict::Violated { by, doubt: Some(doubt) } => write!(f, " by {:.3e} (rests on {doubt})", by.lo()),
            Verdict::Undecided { decide } => write!(f, " ({decide})"),
            Verdict::Vacuous => Ok(()),
            Verdict::HypothesisFailed { says, found } => write!(f, " ({says}: {found})"),
        }
    }
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

impl Judgement {
    /// The judgement that a hypothesis failed.
    #[must_use]
    pub fn hypothesis_failed(says: &'static str, found: String) -> Self {
        Self { measured: None, bound: None, verdict: Verdict::HypothesisFailed { says, found } }
    }

    /// bound / measured where the theorem holds.
    #[must_use]
    pub fn tightness(&self) -> Option<Interval> {
        match self.verdict {
            Verdict::Holds { tightness } => Some(tightness),
            _ => None,
        }
    }

    /// Whether the theorem was confirmed or said nothing: what must be true of every admissible instance.
    #[must_use]
    pub fn holds_or_vacuous(&self) -> bool {
        matches!(self.verdict, Verdict::Holds { .. } | Verdict::Vacuous)
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict)?;
        if let Some(measured) = &self.measured {
            write!(f, "  measured {measured}")?;
        }
        if let Some(bound) = &self.bound {
            write!(f, "  bound {}", bound.value)?;
            for (name, value) in &bound.terms {
                write!(f, "  {name} {:.4e}", value.hi())?;
            }
        }
        Ok(())
    }
}

/// Checks the hypotheses in their order.
///
/// # Errors
/// The first hypothesis that the instance does not meet, with what was found.
pub fn check_hypotheses(theorem: &Theorem, at: &Instance) -> Result<Option<String>, (&'static str, String)> {
    let mut doubts = Vec::new();
    for hypothesis in theorem.hypotheses {
        match (hypothesis.holds)(at) {
            Holds::Yes => {}
            Holds::Numerically(what) => doubts.push(what),
            Holds::No(found) => return Err((hypothesis.says, found)),
        }
    }
    Ok((!doubts.is_empty()).then(|| doubts.join(", ")))
}

/// Holds a theorem against an instance.
///
/// Hypotheses come first, in their order; the first that fails decides. Then the bound, then the left-hand side. A
/// vacuous bound decides even where the left-hand side has no engine.
///
/// # Errors
/// When the left-hand side cannot be measured or the right-hand side not evaluated (no engine), with the reason.
pub fn judge(theorem: &Theorem, at: &Instance) -> Result<Judgement, String> {
    let doubts = match check_hypotheses(theorem, at) {
        Ok(doubts) => doubts,
        Err((says, found)) => return Ok(Judgement::hypothesis_failed(says, found)),
    };
    let bound = (theorem.bound)(at)?;
    match theorem.about.measured(at) {
        Ok(measured) => Ok(compare(theorem.ceiling, measured, bound, doubts)),
        Err(_) if is_vacuous(&bound, theorem.ceiling) => {
            Ok(Judgement { measured: None, bound: Some(bound), verdict: Verdict::Vacuous })
        }
        Err(why) => Err(why),
    }
}

/// Whether a bound says nothing about a quantity that never exceeds `ceiling`.
#[must_use]
pub fn is_vacuous(bound: &Bound, ceiling: f64) -> bool {
    bound.value.lo() >= ceiling
}

/// The verdict on two sides that are there. `doubts` names hypotheses that rest on plain numerics.
#[must_use]
pub fn compare(ceiling: f64, measured: Measured, bound: Bound, doubts: Option<String>) -> Judgement {
    let (left, right) = (measured.value, bound.value);
    let verdict = if is_vacuous(&bound, ceiling) {
        Verdict::Vacuous
    } else if left.hi() <= right.lo() {
        Verdict::Holds { tightness: ratio(right, left) }
    } else if left.lo() > right.hi() {
        let open = (!measured.evidence.is_proved()).then(|| format!("a {} left-hand side", measured.evidence));
        let doubt = match (doubts, open) {
            (Some(a), Some(b)) => Some(format!("{a}, and on {b}")),
            (a, b) => a.or(b),
        };
        Verdict::Violated { by: left - right, doubt }
    } else {
        Verdict::Undecided { decide: what_decides(left, right) }
    };
    Judgement { measured: Some(measured), bound: Some(bound), verdict }
}

/// bound / measured for measured <= bound; 0/0 counts as 1.
fn ratio(bound: Interval, measured: Interval) -> Interval {
    if measured.hi() <= 0.0 {
        return if bound.hi() <= 0.0 { Interval::ONE } else { Interval::INFINITY };
    }
    let measured = Interval::new(measured.lo().max(0.0), measured.hi());
    let ratio = bound / measured;
    Interval::new(ratio.lo().max(1.0), ratio.hi().max(1.0))
}

/// A sentence about which of two overlapping intervals has to become narrower.
fn what_decides(measured: Interval, bound: Interval) -> String {
    if !bound.is_finite() {
        return "the bound is not known to be finite: its inputs must be enclosed better".into();
    }
    if measured.width() >= bound.width() {
        let gap = (bound.mid() - measured.mid()).abs();
        format!(
            "the left-hand side is known to {:.1e}, {:.1e} would decide: a finer grid or more samples",
            measured.width(),
            gap
        )
    } else {
        format!("the bound is known to {:.1e} only: its inputs must be enclosed better", bound.width())
    }
}
