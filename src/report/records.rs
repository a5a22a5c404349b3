//! What a run left behind, read back: `records.csv` and `meta.json`.

use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
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
}

/// The `[figure]` table of a spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FigureSpec {
    /// The swept path on the horizontal axis; without it the first swept path with two values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Divergences to draw, and `bound` when bounds are wanted; empty means everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// The swept path that tells the series of one panel apart; without it the first one that is not `x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Text of the horizontal axis, units included; without it a text made from the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_label: Option<String>,
    /// Stated slopes, drawn as guide lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slopes: Vec<Slope>,
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
    /// Values of the swept paths, as written, in the order of `Records::swept`.
    pub swept: Vec<String>,
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
}

/// The records of one run with their meta data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Meta data.
    pub meta: Meta,
    /// The swept paths in the order of the columns.
    pub swept: Vec<String>,
    /// The rows in file order.
    pub rows: Vec<Row>,
}

impl Records {
    /// Reads `records.csv` and `meta.json` (which may be missing) in `dir`.
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
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |i: usize| record.get(i).unwrap_or_default().to_owned();
            let span = |(lo, hi): (usize, usize)| -> Result<Option<Span>, String> {
                match (number(&text(lo)), number(&text(hi))) {
                    (Ok(Some(lo)), Ok(Some(hi))) => Ok(Some(Span { lo, hi })),
                    (Ok(None), Ok(None)) => Ok(None),
                    _ => Err(format!("line {line}: `{}`, `{}` are not the ends of an interval", text(lo), text(hi))),
                }
            };
            rows.push(Row {
                cell: text(cell),
                swept: (cell + 1..divergence).map(text).collect(),
                divergence: text(divergence),
                measured: span(measured)?,
                evidence: text(evidence),
                theorem: text(theorem),
                bound: span(bound)?,
                ratio: span(ratio)?,
                verdict: text(verdict),
                engine: text(engine),
            });
        }
        Ok(Self { meta, swept: header[cell + 1..divergence].to_vec(), rows })
    }
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

/// `meta.json`, or the default when there is none.
pub(super) fn read_meta(path: &Path) -> Result<Meta, ReportError> {
    if !path.exists() {
        return Ok(Meta::default());
    }
    serde_json::from_str(&read_text(path)?)
        .map_err(|e| ReportError::Malformed { path: path.to_owned(), what: e.to_string() })
}
