//! The five verdicts, from intervals alone.

use crate::bounds::{Bound, Holds, Instance, Provenance, Relation, Theorem};
use crate::numerics::{Evidence, Interval, Measured, Size};
use std::fmt;

/// What follows from a measured interval and a bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// measured.hi <= bound.lo, or the two sides of an identity agree; `tightness` = bound / measured.
    Holds {
        /// bound / measured, at least 1.
        tightness: Interval,
        /// What hypotheses rest on that is not proved, if anything.
        doubt: Option<String>,
    },
    /// measured.lo > bound.hi, or the two sides of an identity are apart.
    Violated {
        /// measured - bound.
        by: Interval,
        /// What the verdict rests on that is not proved, if anything; then it is printed as `VIOLATED?`.
        doubt: Option<String>,
    },
    /// The intervals overlap, or a hypothesis or a side is not known; `decide` says what would decide it.
    Undecided {
        /// For people.
        decide: String,
    },
    /// The bound is at or above the largest value the quantity can take.
    Vacuous,
    /// A hypothesis is known not to be met.
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
            Verdict::Holds { tightness, doubt: None } => write!(f, " (bound/truth {:.4})", tightness.mid()),
            Verdict::Holds { tightness, doubt: Some(doubt) } => {
                write!(f, " (bound/truth {:.4}, rests on {doubt})", tightness.mid())
            }
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
    /// The left-hand side; `None` when it has no engine, or the hypotheses are not known to hold.
    pub measured: Option<Measured>,
    /// The right-hand side; `None` when it cannot be evaluated, or the hypotheses are not known to hold.
    pub bound: Option<Bound>,
    /// The verdict.
    pub verdict: Verdict,
}

impl Judgement {
    /// A verdict before either side was looked at.
    #[must_use]
    pub fn without_sides(verdict: Verdict) -> Self {
        Self { measured: None, bound: None, verdict }
    }

    /// bound / measured where the theorem holds.
    #[must_use]
    pub fn tightness(&self) -> Option<Interval> {
        match self.verdict {
            Verdict::Holds { tightness, .. } => Some(tightness),
            _ => None,
        }
    }

    /// What comes of it where the statement is only recalled: it neither holds nor is violated.
    fn recalled(mut self, sure: &str) -> Self {
        if matches!(self.verdict, Verdict::Holds { .. } | Verdict::Violated { .. }) {
            let decide = format!("recalled ({sure}), so it decides nothing; it would be {}", self.verdict);
            self.verdict = Verdict::Undecided { decide };
        }
        self
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

/// Checks the hypotheses in their order: what those that hold rest on that is not proved, if anything. A statement that knows the size
/// of the score error has a hypothesis about it.
///
/// # Errors
/// `HypothesisFailed` for the first one that is known to fail; `Undecided` for the first one that is not decided, where
/// none is known to fail.
pub fn check_hypotheses(theorem: &Theorem, at: &Instance) -> Result<Option<String>, Verdict> {
    let mut doubts: Vec<String> = Vec::new();
    let mut open = None;
    for hypothesis in theorem.hypotheses {
        let says = hypothesis.says;
        match (hypothesis.holds)(at) {
            Holds::Yes => {}
            Holds::Numerically(what) if !doubts.contains(&what) => doubts.push(what),
            Holds::Numerically(_) => {}
            Holds::No(found) => return Err(Verdict::HypothesisFailed { says, found }),
            Holds::Unknown { found, decides } => {
                let decide = || format!("hypothesis not decided: {says}: {found}; would decide: {decides}");
                open.get_or_insert_with(decide);
            }
        }
    }
    match open {
        Some(decide) => Err(Verdict::Undecided { decide }),
        None => Ok((!doubts.is_empty()).then(|| doubts.join(", "))),
    }
}

/// Holds a theorem against an instance.
///
/// Hypotheses come first, in their order. Then the bound, then the left-hand side. A vacuous bound decides even where the
/// left-hand side has no engine; any other bound is kept beside the reason why there is no verdict. A statement that is only
/// recalled is evaluated and shown, and its verdict is UNDECIDED.
#[must_use]
pub fn judge(theorem: &Theorem, at: &Instance) -> Judgement {
    let judged = decide(theorem, at);
    match judged.verdict {
        Verdict::Vacuous => Judgement { measured: theorem.about.measured(at).ok(), ..judged },
        _ => judged,
    }
}

/// The same, but the left-hand side of a vacuous bound is not measured.
#[must_use]
pub fn decide(theorem: &Theorem, at: &Instance) -> Judgement {
    let judged = decide_as_stated(theorem, at);
    match theorem.reference.provenance {
        Provenance::Recalled { sure } => judged.recalled(sure),
        Provenance::Quoted { .. } | Provenance::DerivedHere => judged,
    }
}

fn decide_as_stated(theorem: &Theorem, at: &Instance) -> Judgement {
    let doubts = match check_hypotheses(theorem, at) {
        Ok(doubts) => doubts,
        Err(verdict) => return Judgement::without_sides(verdict),
    };
    let bound = (theorem.bound)(at);
    if let Ok(bound) = &bound
        && is_vacuous(bound, theorem.ceiling)
    {
        return Judgement { measured: None, bound: Some(bound.clone()), verdict: Verdict::Vacuous };
    }
    match (bound, theorem.about.measured(at)) {
        (Ok(bound), Ok(measured)) => compare(theorem.relation, theorem.ceiling, measured, bound, doubts),
        (Ok(bound), Err(why)) => {
            let decide = format!("the left-hand side is not measured: {why}");
            Judgement { measured: None, bound: Some(bound), verdict: Verdict::Undecided { decide } }
        }
        (Err(why), measured) => {
            let decide = format!("the bound cannot be evaluated: {why}");
            Judgement { measured: measured.ok(), bound: None, verdict: Verdict::Undecided { decide } }
        }
    }
}

/// Whether a bound says nothing about a quantity that never exceeds `ceiling`: it is there or above, up to rounding.
#[must_use]
pub fn is_vacuous(bound: &Bound, ceiling: f64) -> bool {
    at_ceiling(bound.value.lo(), ceiling)
}

/// Whether the lower end of a bound is at the ceiling or above, up to rounding.
#[must_use]
pub fn at_ceiling(bound: f64, ceiling: f64) -> bool {
    bound >= ceiling * (1.0 - 1e-12)
}

/// The verdict on two sides that are there. `doubts` names hypotheses that rest on plain numerics.
#[must_use]
pub fn compare(
    relation: Relation,
    ceiling: f64,
    measured: Measured,
    bound: Bound,
    doubts: Option<String>,
) -> Judgement {
    let (left, right) = (measured.value, bound.value);
    let decided = relation.decide(left, right);
    let verdict = if is_vacuous(&bound, ceiling) {
        Verdict::Vacuous
    } else if decided == Some(true) {
        Verdict::Holds { tightness: ratio(right, left), doubt: doubts }
    } else if decided == Some(false) {
        let open = (!measured.evidence.is_proved()).then(|| format!("a {} left-hand side", measured.evidence));
        let doubt = match (doubts, open) {
            (Some(a), Some(b)) => Some(format!("{a}, and on {b}")),
            (a, b) => a.or(b),
        };
        Verdict::Violated { by: left - right, doubt }
    } else {
        Verdict::Undecided { decide: what_decides(&measured, right) }
    };
    Judgement { measured: Some(measured), bound: Some(bound), verdict }
}

/// bound / measured for measured <= bound (or equal); 0/0 counts as 1.
fn ratio(bound: Interval, measured: Interval) -> Interval {
    if measured.hi() <= 0.0 {
        return if bound.hi() <= 0.0 { Interval::ONE } else { Interval::INFINITY };
    }
    let measured = Interval::new(measured.lo().max(0.0), measured.hi());
    let ratio = bound / measured;
    Interval::new(ratio.lo().max(1.0), ratio.hi().max(1.0))
}

/// A sentence about which of two overlapping intervals has to become narrower, and what there is to be done about it.
fn what_decides(measured: &Measured, bound: Interval) -> String {
    let left = measured.value;
    if !bound.is_finite() {
        return "the bound is not known to be finite: its inputs must be enclosed better".into();
    }
    if left.width() < bound.width() {
        return format!("the bound is known to {:.1e} only: its inputs must be enclosed better", bound.width());
    }
    let known = match left.is_finite() {
        true => {
            let gap = (bound.mid() - left.mid()).abs();
            format!("the left-hand side is known to {:.1e}, {gap:.1e} would decide", left.width())
        }
        false => format!("the left-hand side is only known to be at least {:.4e}", left.lo()),
    };
    format!("{known}: {}", remedy(measured))
}

/// What makes a measured interval wide, by its evidence and the largest term of its ledger.
fn remedy(measured: &Measured) -> String {
    let sized = measured.ledger.terms().iter().map(|term| match term.size {
        Size::Bounded(x) | Size::Open(x) | Size::Random { bound: x, .. } => (x, term),
    });
    let largest = sized.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, term)| term);
    match (measured.evidence, largest) {
        (Evidence::Confidence { .. }, _) => "more particles".into(),
        (_, Some(term)) => format!("its largest error is {} ({})", term.source, term.why),
        (_, None) => "it is enclosed in double precision, whose rounding is all there is to narrow".into(),
    }
}
