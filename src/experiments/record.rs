//! Records: what one cell says, row by row.

use super::error::SpecError;
use super::fields::suggestion;
use super::figure::FigureSpec;
use super::posed::Posed;
use super::spec::Spec;
use super::sweep::Cell;
use super::tree::float;
use crate::bounds::{Bound, Family, Pair, Quantity, Theorem, find};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};
use crate::verdicts::{Judgement, Verdict, check_hypotheses, judge};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The columns after the swept paths that every run has; what only some specs ask for ([`columns`]) stands before the last two.
const COLUMNS: [&str; 15] = [
    "divergence",
    "lo",
    "hi",
    "evidence",
    "theorem",
    "bound_lo",
    "bound_hi",
    "ratio_lo",
    "ratio_hi",
    "verdict",
    "engine",
    "why",
    "dim",
    "terms",
    "seconds",
];

/// What a theorem prescribed for a cell: the step, the number of steps, the threshold of its proof, the admissible score
/// error, and the accuracy in TV that it promises for them. Each is a column where the spec has `prescribed`.
pub const PRESCRIBED: [&str; 5] =
    ["prescribed-step", "prescribed-steps", "prescribed-tau", "prescribed-epsilon", "promised"];

/// The columns after the swept paths.
pub fn columns(spec: &Spec) -> Vec<&str> {
    let (first, last) = COLUMNS.split_at(COLUMNS.len() - 2);
    let prescribed = PRESCRIBED.iter().filter(|_| spec.prescribes());
    let constant = spec.figure.as_ref().and_then(FigureSpec::constant);
    first.iter().chain(prescribed).copied().chain(constant).chain(last.iter().copied()).collect()
}

/// The rows of one cell, as they stand in `records.csv`, and what there is to say about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// The cell's number.
    pub cell: usize,
    /// The rows, column by column.
    pub rows: Vec<Vec<String>>,
    /// Why something is missing or failed.
    pub remarks: Vec<String>,
    /// Whether a theorem is violated.
    pub violated: bool,
    /// How many rows have a measured number.
    pub measured: usize,
    /// The parts of the bound that `figure.profile` names, as they stand in `profile.csv`.
    #[serde(default)]
    pub profile: Vec<Vec<String>>,
}

/// One row before it is text.
#[derive(Default)]
struct Row {
    divergence: String,
    measured: Option<Measured>,
    theorem: String,
    bound: Option<Interval>,
    /// The terms of the bound.
    terms: String,
    verdict: String,
    /// Which hypothesis failed and what was found, or what would decide.
    why: String,
    seconds: f64,
}

impl Row {
    /// The row as text; `about` is what is known of the whole cell.
    fn fields(&self, cell: &Cell, engine: &str, about: &[String]) -> Vec<String> {
        let ends = |x: Option<Interval>| x.map_or([String::new(), String::new()], |x| [float(x.lo()), float(x.hi())]);
        let value = self.measured.as_ref().map(|m| m.value);
        let ratio = self.bound.zip(value).and_then(|(bound, value)| ratio(bound, value));
        let mut fields = vec![cell.index.to_string()];
        fields.extend(cell.labels.iter().cloned());
        fields.push(self.divergence.clone());
        fields.extend(ends(value));
        fields.push(self.measured.as_ref().map_or_else(String::new, |m| m.evidence.to_string()));
        fields.push(self.theorem.clone());
        fields.extend(ends(self.bound));
        fields.extend(ends(ratio));
        fields.extend([self.verdict.clone(), engine.to_owned(), self.why.clone()]);
        fields.extend(about.iter().cloned());
        fields.push(self.terms.clone());
        fields.push(format!("{:.3}", self.seconds));
        fields
    }
}

/// bound / measured, where the measured number is not 0 and the bound is finite.
fn ratio(bound: Interval, measured: Interval) -> Option<Interval> {
    let positive = measured.hi() > 0.0 && bound.lo() >= 0.0 && bound.is_finite();
    positive.then(|| bound / Interval::new(measured.lo().max(0.0), measured.hi()))
}

/// Measures and judges one cell.
///
/// # Errors
/// What is wrong with the question the cell poses.
pub fn record(spec: &Spec, cell: &Cell, seed: u64) -> Result<CellRecord, SpecError> {
    let posed = spec.question_of(&cell.tree)?.pose(seed).map_err(|flaw| spec.at(flaw))?;
    let mut remarks = Vec::new();
    let mut rows = Vec::new();
    let about = |kind: Divergence| spec.theorems.iter().any(|t| t.about.name() == kind.name());
    for &kind in posed.measure.divergences.iter().filter(|kind| !about(**kind)) {
        let from = Instant::now();
        let (measured, why) = match posed.instance.divergence(kind) {
            Ok(measured) => (Some(measured), String::new()),
            Err(why) => (None, why),
        };
        if !why.is_empty() {
            remarks.push(why.clone());
        }
        let seconds = from.elapsed().as_secs_f64();
        rows.push(Row { divergence: kind.name().to_owned(), measured, why, seconds, ..Row::default() });
    }
    for asked in &posed.measure.learning {
        let from = Instant::now();
        let found = posed.learned(*asked);
        remarks.extend(found.as_ref().err().cloned());
        let why = found.as_ref().err().cloned().unwrap_or_default();
        let (divergence, seconds) = (asked.name().to_owned(), from.elapsed().as_secs_f64());
        rows.push(Row { divergence, measured: found.ok(), why, seconds, ..Row::default() });
    }
    for theorem in &spec.theorems {
        rows.push(judged(spec, theorem, &posed, &mut remarks));
    }
    remarks.dedup();
    let violated = rows.iter().any(|row| row.verdict.starts_with("VIOLATED"));
    let measured = rows.iter().filter(|row| row.measured.is_some()).count();
    let engine = posed.engine().map_err(|flaw| spec.at(flaw))?;
    let engine = if posed.is_unsampled() { "" } else { engine.name() };
    let about = about_cell(spec, &posed);
    let rows = rows.iter().map(|row| row.fields(cell, engine, &about)).collect();
    let profile = profile(spec, cell, &posed, &mut remarks);
    Ok(CellRecord { cell: cell.index, rows, remarks, violated, measured, profile })
}

/// The columns of `profile.csv` after the swept paths.
pub const PROFILE: [&str; 8] = ["theorem", "part", "time_from", "time_to", "sigma_from", "term", "lo", "hi"];

/// The parts of the bound that `figure.profile` names, one row for each term of each part.
fn profile(spec: &Spec, cell: &Cell, posed: &Posed, remarks: &mut Vec<String>) -> Vec<Vec<String>> {
    let named = spec.figure.as_ref().and_then(|figure| figure.profile.as_deref()).and_then(find);
    let Some((theorem, parts)) = named.and_then(|theorem| Some((theorem, theorem.profile?))) else { return Vec::new() };
    let shares = match check_hypotheses(theorem, &posed.instance) {
        Err(verdict) => Err(verdict.to_string()),
        Ok(_) => parts(&posed.instance),
    };
    let shares = shares.unwrap_or_else(|why| {
        remarks.push(format!("no profile of {}: {why}", theorem.labels[0]));
        Vec::new()
    });
    let family = Family::of(shares.iter().flat_map(|share| [share.from, share.to]));
    let time = |level| family.time(level).map_or(f64::NAN, |t| t.mid().max(0.0));
    let rows = shares.iter().enumerate().flat_map(|(part, share)| {
        share.terms.iter().map(move |(term, value)| {
            let mut row = vec![cell.index.to_string()];
            row.extend(cell.labels.iter().cloned());
            row.extend([theorem.labels[0].to_owned(), part.to_string()]);
            row.extend([time(share.from), time(share.to), share.from.sigma].map(float));
            row.extend([(*term).to_owned(), float(value.lo()), float(value.hi())]);
            row
        })
    });
    rows.collect()
}

/// What is known of a whole cell: its dimension, what is prescribed for it, the constant that `figure.x` names.
fn about_cell(spec: &Spec, posed: &Posed) -> Vec<String> {
    let mut about = vec![posed.instance.dim().to_string()];
    if spec.prescribes() {
        about.extend(posed.prescribed.map_or_else(
            || vec![String::new(); PRESCRIBED.len()],
            |(p, promised)| vec![float(p.step), p.steps.to_string(), float(p.tau), float(p.epsilon), float(promised)],
        ));
    }
    about.extend(spec.figure.as_ref().and_then(FigureSpec::constant).map(|name| {
        let constants = posed.instance.constants();
        float(match name {
            "lsi" => constants.lsi.value.hi(),
            "poincare" => constants.poincare.value.hi(),
            _ => constants.lipschitz.value.hi(),
        })
    }));
    about
}

/// What `figure.stack` asks of a bound that has no such term.
fn unknown_terms(spec: &Spec, theorem: &Theorem, bound: &Bound) -> Vec<String> {
    let known: Vec<&str> = bound.terms.iter().map(|(name, _)| *name).collect();
    let stacks = spec.figure.iter().flat_map(|figure| &figure.stack);
    let asked = stacks.filter(|stack| stack.theorem == theorem.labels[0]).flat_map(|stack| &stack.terms);
    let unknown = asked.filter(|name| !known.contains(&name.as_str()));
    let says = |name: &String| {
        let help = suggestion(name, known.iter().copied());
        format!("`figure.stack` asks for `{name}`, which is no term of {}: {help}", theorem.labels[0])
    };
    unknown.map(says).collect()
}

fn judged(spec: &Spec, theorem: &'static Theorem, posed: &Posed, remarks: &mut Vec<String>) -> Row {
    let from = Instant::now();
    let mut row =
        Row { divergence: theorem.about.name().to_owned(), theorem: theorem.labels[0].to_owned(), ..Row::default() };
    let Judgement { measured, bound, verdict } = judge(theorem, &posed.instance);
    if !matches!(verdict, Verdict::Holds { .. } | Verdict::Vacuous) {
        remarks.push(format!("{}: {verdict}", row.theorem));
    }
    row.why = match &verdict {
        Verdict::HypothesisFailed { says, found } => format!("{says}: {found}"),
        Verdict::Undecided { decide } => decide.clone(),
        Verdict::Holds { doubt, .. } | Verdict::Violated { doubt, .. } => {
            doubt.as_ref().map_or_else(String::new, |d| format!("rests on {d}"))
        }
        Verdict::Vacuous => String::new(),
    };
    row.verdict = verdict.word().to_owned();
    if let Some(bound) = &bound {
        remarks.extend(unknown_terms(spec, theorem, bound));
    }
    row.terms = bound.as_ref().map_or_else(String::new, |b| listed(&b.terms));
    row.bound = bound.map(|b| b.value);
    row.measured = measured.or_else(|| left_hand_side(theorem, posed));
    row.seconds = from.elapsed().as_secs_f64();
    row
}

/// The terms of a bound as records hold them: `name=upper end`, with `;` between.
fn listed(terms: &[(&'static str, Interval)]) -> String {
    terms.iter().map(|(name, x)| format!("{name}={}", float(x.hi()))).collect::<Vec<_>>().join(";")
}

/// What the theorem would have bounded, where a hypothesis came first and it is the output's divergence from the target.
/// Other quantities (`tv-twin`, `1 - tv-diffusion`, probabilities) are not known to make sense then.
fn left_hand_side(theorem: &Theorem, posed: &Posed) -> Option<Measured> {
    match theorem.about {
        Quantity::Divergence(Pair::OutputTarget, kind) => posed.instance.divergence(kind).ok(),
        Quantity::Divergence(..) | Quantity::Other { .. } => None,
    }
}
