//! What a run left behind, read back: `records.csv` and `meta.json`.

use crate::bounds::{Relation, THEOREMS, find};
use crate::divergences::Divergence;
use crate::experiments::{PRESCRIBED, moves_dimension};
use crate::numerics::Interval;
use crate::scores::learned::Asked;
use crate::verdicts::at_ceiling;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use thiserror::Error;

/// Why a report could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is there but is not what a run writes.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        what: String,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither the directory nor a directory in it holds records.
    #[error("{} holds no records.csv and no rates.json, nor does a directory in it", .0.display())]
    Nothing(PathBuf),
    /// The drawing library refused.
    #[error("cannot draw a figure: {0}")]
    Draw(String),
}

/// Two ends of an interval as they stand in a record; `hi` may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

/// A stated slope to be drawn as a guide line in the panels of one divergence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Slope {
    /// Which divergence's panels; empty means all.
    #[serde(default)]
    pub of: String,
    /// The exponent: `y ~ x^power`.
    pub power: f64,
    /// What is said about it, for example `LLT-6b`.
    #[serde(default)]
    pub label: String,
    /// The theorem through whose bound it goes, at the bound's first point; empty: through the last measured point.
    #[serde(default)]
    pub on: String,
}

/// A bound whose terms are drawn as shares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stack {
    /// The theorem's label.
    pub theorem: String,
    /// The terms, from the lowest up; empty: the first terms that add up to the bound, or all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}

/// The `[figure]` table of a spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FigureSpec {
    /// The swept path on the horizontal axis, or a constant of the target; without it the first swept path with two
    /// values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Divergences to draw, and `bound` when bounds are wanted, or labels of theorems when only theirs are; empty means
    /// everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// The swept path that tells the series of one panel apart; without it the first one that is not `x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// A swept path of which every point shows the worst value, the one with the largest divergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_over: Option<String>,
    /// A swept path of which every point shows the best value, after the worst one over that of `worst-over`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_over: Option<String>,
    /// A swept path over which every point, and every row of the table, is the mean with Student's 95 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_over: Option<String>,
    /// A swept path by whose values the vertical axis is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// Text of the horizontal axis, units included; without it a text made from the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_label: Option<String>,
    /// What the values of `series` are called in the legend; without it a symbol made from the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_label: Option<String>,
    /// Stated slopes, drawn as guide lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slopes: Vec<Slope>,
    /// Bounds whose terms are drawn as shares, each in a figure of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Stack>,
    /// The theorem whose bound is drawn part by part, from `profile.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Lists of quantities whose order by size is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rank: Vec<Vec<String>>,
}

/// What `meta.json` says that a report needs; other keys are left alone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Meta {
    /// The experiment's title.
    pub title: String,
    /// The question it asks.
    pub question: String,
    /// The `[figure]` table, if the spec has one.
    pub figure: Option<FigureSpec>,
    /// Hash of the spec.
    pub spec_hash: String,
    /// Version of the crate that made the records.
    pub version: String,
    /// Commit of the crate that made the records.
    pub commit: String,
    /// The seed.
    pub seed: Option<u64>,
}

/// One row: a cell, a divergence, and what a theorem says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The cell's name.
    pub cell: String,
    /// Values of the swept quantities, as written, in the order of `Records::swept`.
    pub swept: Vec<String>,
    /// The target's constant that `figure.x` names, if it names one.
    pub constant: Option<f64>,
    /// The divergence or other quantity.
    pub divergence: String,
    /// Its enclosure; `None` when it was not measured.
    pub measured: Option<Span>,
    /// The evidence behind the enclosure.
    pub evidence: String,
    /// The theorem's label; empty when the row only measures.
    pub theorem: String,
    /// The bound; `None` when there is none (a hypothesis failed, or no theorem).
    pub bound: Option<Span>,
    /// bound / measured.
    pub ratio: Option<Span>,
    /// The verdict; empty when the row only measures.
    pub verdict: String,
    /// The engine that carried the law.
    pub engine: String,
    /// Which hypothesis failed and what was found, or what would decide; empty where nothing is to be said.
    pub why: String,
    /// The terms of the bound with their upper ends, in the order of the statement; empty in records that do not hold them.
    pub terms: Vec<(String, f64)>,
    /// What a theorem prescribed for the cell, in the order of [`PRESCRIBED`].
    pub prescribed: Option<[f64; PRESCRIBED.len()]>,
}

/// The records of one run with their meta data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Meta data.
    pub meta: Meta,
    /// The swept paths in the order of the columns.
    pub swept: Vec<String>,
    /// What the values of each path are: `dim` for the only path that sets a number of coordinates, whose values are shown
    /// as the dimensions they lead to, and the path itself for any other.
    pub quantities: Vec<String>,
    /// The rows in file order.
    pub rows: Vec<Row>,
}

impl Row {
    /// Whether the theorem is violated, beyond doubt or not.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        self.verdict.starts_with("VIOLATED")
    }
}

impl Records {
    /// Reads `records.csv` and `meta.json` in `dir`.
    ///
    /// # Errors
    /// `Read` when `records.csv` cannot be read, `Malformed` when either file is not what a run writes.
    pub fn read(dir: &Path) -> Result<Self, ReportError> {
        let path = dir.join("records.csv");
        let text = read_text(&path)?;
        let meta = read_meta(&dir.join("meta.json"))?;
        Self::parse(&text, meta).map_err(|what| ReportError::Malformed { path, what })
    }

    /// Reads the text of a `records.csv`.
    ///
    /// # Errors
    /// A sentence that names the line and the column.
    pub fn parse(text: &str, meta: Meta) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|h| h == name).ok_or(format!("no column `{name}`"));
        let (cell, divergence) = (column("cell")?, column("divergence")?);
        let (theorem, evidence) = (column("theorem")?, column("evidence")?);
        let (verdict, engine) = (column("verdict")?, column("engine")?);
        let measured = (column("lo")?, column("hi")?);
        let bound = (column("bound_lo")?, column("bound_hi")?);
        let ratio = (column("ratio_lo")?, column("ratio_hi")?);
        if divergence <= cell {
            return Err("column `divergence` stands before `cell`".into());
        }
        // Columns that came later, or that only some specs ask for.
        let why = header.iter().position(|h| h == "why");
        let listed = header.iter().rposition(|h| h == "terms").filter(|i| *i > divergence);
        let swept = header[cell + 1..divergence].to_vec();
        let dim = header.iter().rposition(|h| h == "dim").filter(|i| *i > divergence);
        let as_dim = dim.zip(only(swept.iter().map(|path| moves_dimension(path))));
        let mut quantities = swept.clone();
        if let Some((_, i)) = as_dim {
            quantities[i] = "dim".into();
        }
        let prescribed = PRESCRIBED.map(|name| header.iter().position(|h| h == name));
        let x = meta.figure.as_ref().and_then(|f| f.x.as_ref()).filter(|x| !swept.contains(x));
        let constant = x.and_then(|x| header.iter().position(|h| h == x));
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |i: usize| record.get(i).unwrap_or_default().to_owned();
            let wrong = |i: usize, what: &str| format!("line {line}, column `{}`: `{}` {what}", header[i], text(i));
            let end = |i: usize| number(&text(i)).map_err(|()| wrong(i, "is not a number"));
            let span = |(lo, hi): (usize, usize)| match (end(lo)?, end(hi)?) {
                (Some(a), Some(b)) if a <= b => Ok(Some(Span { lo: a, hi: b })),
                (None, None) => Ok(None),
                (Some(_), Some(_)) => Err(wrong(hi, &format!("is below the other end, `{}`", text(lo)))),
                (Some(_), None) => Err(wrong(hi, &format!("is no end of an interval; the other is `{}`", text(lo)))),
                (None, Some(_)) => Err(wrong(lo, &format!("is no end of an interval; the other is `{}`", text(hi)))),
            };
            let word = |i: usize, known: &dyn Fn(&str) -> bool, what: &str| match text(i) {
                text if known(text.split([' ', '(']).next().unwrap_or_default()) || known(&text) => Ok(text),
                _ => Err(wrong(i, what)),
            };
            let mut values: Vec<String> = (cell + 1..divergence).map(text).collect();
            if let Some((dim, i)) = as_dim
                && end(dim)?.is_some()
            {
                values[i] = text(dim);
            }
            let mut numbers = [0.0; PRESCRIBED.len()];
            let mut there = true;
            for (number, column) in numbers.iter_mut().zip(prescribed) {
                match column.map(end).transpose()?.flatten() {
                    Some(x) => *number = x,
                    None => there = false,
                }
            }
            let row = Row {
                cell: text(cell),
                swept: values,
                constant: constant.map(end).transpose()?.flatten(),
                divergence: word(divergence, &is_quantity, "is no divergence")?,
                measured: span(measured)?,
                evidence: word(evidence, &|word| EVIDENCE.contains(&word), "is no evidence")?,
                theorem: text(theorem),
                bound: span(bound)?,
                ratio: span(ratio)?,
                verdict: word(verdict, &|word| word.is_empty() || VERDICTS.contains(&word), "is no verdict")?,
                engine: text(engine),
                why: why.map(text).unwrap_or_default(),
                terms: listed.map_or(Ok(Vec::new()), |i| {
                    terms(&text(i)).ok_or_else(|| wrong(i, "is no list such as `mixing=0.1;score-error=0.2`"))
                })?,
                prescribed: there.then_some(numbers),
            };
            if row.measured.is_some() && row.evidence.is_empty() {
                return Err(wrong(evidence, "is missing: a measured number says what it is worth"));
            }
            if let Some(instead) = contradiction(&row) {
                return Err(wrong(verdict, &instead));
            }
            rows.push(row);
        }
        Ok(Self { meta, swept, quantities, rows })
    }
}

/// What a row's own numbers say against its verdict, if they do.
fn contradiction(row: &Row) -> Option<String> {
    let word = row.verdict.split([' ', '(']).next().unwrap_or_default();
    let theorem = find(&row.theorem);
    let ceiling = theorem.map_or(f64::INFINITY, |theorem| theorem.ceiling);
    let relation = theorem.map_or(Relation::AtMost, |theorem| theorem.relation);
    let decides = theorem.is_none_or(|theorem| theorem.decides());
    let says = match (row.bound, row.measured) {
        (None, _) if word.is_empty() || matches!(word, "HYPOTHESIS-FAILED" | "UNDECIDED") => return None,
        (None, _) => return Some("stands without a bound".into()),
        (Some(bound), _) if at_ceiling(bound.lo, ceiling) => "VACUOUS",
        (Some(_), None) => "UNDECIDED",
        (Some(bound), Some(found)) => {
            match relation.decide(Interval::new(found.lo, found.hi), Interval::new(bound.lo, bound.hi)) {
                // A statement that is only recalled decides nothing.
                Some(_) if !decides => "UNDECIDED",
                Some(true) => "HOLDS",
                Some(false) => "VIOLATED",
                None => "UNDECIDED",
            }
        }
    };
    // A violation that rests on plain numerics is still one.
    (word.trim_end_matches('?') != says).then(|| format!("is not what lo, hi, bound_lo and bound_hi say: {says}"))
}

/// The words of the column `verdict`.
pub const VERDICTS: [&str; 6] = ["HOLDS", "VIOLATED", "VIOLATED?", "UNDECIDED", "VACUOUS", "HYPOTHESIS-FAILED"];

/// The words of the column `evidence`, empty where nothing was measured.
const EVIDENCE: [&str; 5] = ["", "exact", "certified", "checked", "confidence"];

/// The place of the only `true`; `None` when there is none, or there are several.
fn only(flags: impl Iterator<Item = bool>) -> Option<usize> {
    let mut places = flags.enumerate().filter_map(|(i, flag)| flag.then_some(i));
    places.next().filter(|_| places.next().is_none())
}

/// Whether the column `divergence` may say this: a divergence, what some theorem is about, or what is measured of a learned score.
fn is_quantity(name: &str) -> bool {
    Divergence::from_str(name).is_ok()
        || THEOREMS.iter().any(|t| t.about.name() == name)
        || Asked::ALL.iter().any(|asked| asked.name() == name)
}

/// `name=number` with `;` between.
fn terms(text: &str) -> Option<Vec<(String, f64)>> {
    let term = |term: &str| {
        let (name, x) = term.split_once('=')?;
        Some((name.to_owned(), number(x).ok()??))
    };
    if text.is_empty() { Some(Vec::new()) } else { text.split(';').map(term).collect() }
}

/// A cell of the CSV file as a number; empty is `None`.
fn number(text: &str) -> Result<Option<f64>, ()> {
    match text.trim() {
        "" => Ok(None),
        t => t.parse::<f64>().ok().filter(|x| !x.is_nan()).map(Some).ok_or(()),
    }
}

pub(super) fn read_text(path: &Path) -> Result<String, ReportError> {
    std::fs::read_to_string(path).map_err(|source| ReportError::Read { path: path.to_owned(), source })
}

/// `meta.json`, which every run writes.
pub(super) fn read_meta(path: &Path) -> Result<Meta, ReportError> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|e| ReportError::Malformed { path: path.to_owned(), what: e.to_string() })
}

/// The distinct items in the order of their first places.
pub(super) fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}
