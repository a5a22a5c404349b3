//! What `verify` found, statement by statement, as a record: `coverage.json` and one spec per statement.

use super::atomic::put;
use super::error::ExperimentError;
use super::evaluate::Number;
use super::run::{COMMIT, VERSION};
use super::written::written;
use crate::bounds::{Provenance, Relation, THEOREMS, Theorem, pages};
use crate::targets::Page;
use crate::verdicts::{Summary, Tightest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The directory of the specs beside `coverage.json`.
const SPECS: &str = "tightest";

/// Everything `verify` found.
#[derive(Serialize)]
struct Coverage {
    statements: Vec<Value>,
}

/// The record a directory holds already.
#[derive(Default, Deserialize)]
struct Before {
    statements: Vec<Value>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Covered {
    id: Option<&'static str>,
    labels: Vec<&'static str>,
    title: &'static str,
    /// `checked here`, `shown only` or `not applicable`.
    status: &'static str,
    /// Why it is not checked, or what was not reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(flatten)]
    found: Option<Found>,
}

/// What was found of a statement that was judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Found {
    version: &'static str,
    commit: &'static str,
    seed: u64,
    about: String,
    asked: u64,
    instances: u64,
    holds: u64,
    violated: u64,
    undecided: u64,
    vacuous: u64,
    hypothesis_failed: u64,
    engines: BTreeMap<&'static str, u64>,
    targets: BTreeMap<&'static str, u64>,
    evidence: BTreeMap<String, u64>,
    ratio_min: Option<Number>,
    ratio_median: Option<Number>,
    /// The least bound / measured known: of the search, and of the draws it started from.
    ratio_searched: Option<Number>,
    searched: u64,
    search_violated: u64,
    violated_by: String,
    /// The spec that reproduces the tightest instance.
    spec: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_spec: Option<String>,
}

/// The tightest instance of a statement as a spec, or why it has none.
fn spec(theorem: &Theorem, found: &Tightest, seed: u64) -> Result<String, String> {
    let title = format!("{}: the tightest instance found", theorem.labels[0]);
    let how = match found.evaluations {
        0 => format!("the draws of seed {seed}"),
        n => format!("a search over {n} instances, seed {seed}"),
    };
    let question = format!("bound/measured is {:.10} here, the least in {how}.", found.ratio);
    written(theorem, &found.instance, &title, &question)
}

/// What it would take to violate a statement, from the tightest instance known.
fn violated_by(theorem: &Theorem, tightest: Option<&Tightest>) -> String {
    let about = theorem.about;
    let sides =
        tightest.and_then(|t| Some((t, t.judgement.measured.as_ref()?.value, t.judgement.bound.as_ref()?.value)));
    let Some((t, measured, bound)) = sides else {
        return "not known: no instance was found at which it is decided and its left-hand side is above 0".into();
    };
    let (measured, bound) = (measured.mid(), bound.mid());
    match theorem.relation {
        _ if t.ratio < 1.0 => format!("it is violated: {about} is {measured:.4e}, the bound {bound:.4e}"),
        Relation::Equal => {
            let digits = Relation::AGREEMENT;
            format!(
                "the two sides apart by more than {digits:.0e} of their size; at the instance found both are {measured:.4e}"
            )
        }
        Relation::AtMost => {
            let (measured, bound, times) = (short(measured), short(bound), t.ratio);
            format!(
                "{about} {times:.4} times as large at the tightest instance, where it is {measured} and the bound {bound}"
            )
        }
    }
}

/// Four digits.
fn short(x: f64) -> String {
    match x.abs() {
        size if (1e-3..1e5).contains(&size) => {
            let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
            format!("{x:.decimals$}")
        }
        _ => format!("{x:.3e}"),
    }
}

impl Found {
    fn of(
        theorem: &Theorem,
        summary: &Summary,
        tightest: Option<&Tightest>,
        file: Option<Result<String, String>>,
        seed: u64,
    ) -> Self {
        let (spec, no_spec) = match file {
            Some(Ok(name)) => (Some(name), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        Self {
            version: VERSION,
            commit: COMMIT,
            seed,
            about: theorem.about.to_string(),
            asked: summary.asked,
            instances: summary.instances,
            holds: summary.holds,
            violated: summary.violated,
            undecided: summary.undecided,
            vacuous: summary.vacuous,
            hypothesis_failed: summary.hypothesis_failed,
            engines: summary.engines.clone(),
            targets: summary.targets.clone(),
            evidence: summary.evidence.clone(),
            ratio_min: summary.ratio_min.map(Number),
            ratio_median: summary.ratio_median.map(Number),
            ratio_searched: tightest.map(|t| Number(t.ratio)),
            searched: tightest.map_or(0, |t| t.evaluations),
            search_violated: tightest.map_or(0, |t| t.violated),
            violated_by: violated_by(theorem, tightest),
            spec,
            no_spec,
        }
    }
}

/// The rows of statements of the record in `path`, by id; none when there is no record.
fn before(path: &Path) -> Result<BTreeMap<String, Value>, ExperimentError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(ExperimentError::io("read", path, e)),
    };
    let record: Before = serde_json::from_str(&text).map_err(|e| {
        let path = path.display();
        ExperimentError::Cannot(format!("{path} is no record of statements ({e}): name another directory or move it"))
    })?;
    let id = |row: &Value| Some(row.get("id")?.as_str()?.to_owned());
    Ok(record.statements.into_iter().filter_map(|row| Some((id(&row)?, row))).collect())
}

/// Writes what was found into `dir`: `coverage.json` and `tightest/<label>.toml`, each by atomic rename. Returns the files.
///
/// Statements of an earlier record there that were not judged again are kept, each with the commit and the seed it was
/// judged at; those this version no longer has are dropped. Once every statement is there, the ones that are shown only
/// are added.
///
/// # Errors
/// When the directory cannot be written to, or what it holds is no such record.
pub fn cover(
    dir: &Path,
    found: &[(&'static Theorem, &Summary, Option<&Tightest>)],
    seed: u64,
) -> Result<Vec<PathBuf>, ExperimentError> {
    let path = dir.join("coverage.json");
    let mut rows = before(&path)?;
    let specs = dir.join(SPECS);
    std::fs::create_dir_all(&specs).map_err(|e| ExperimentError::io("create", &specs, e))?;
    let mut files = Vec::new();
    for (theorem, summary, tightest) in found {
        let label = theorem.labels[0];
        let spec = tightest.map(|found| spec(theorem, found, seed));
        let text = match &spec {
            Some(Ok(text)) => Some(text.clone()),
            Some(Err(why)) => Some(format!("# The tightest instance of {label} found has no form in specs: {why}.\n")),
            None => None,
        };
        let name = format!("{SPECS}/{label}.toml");
        if let Some(text) = text {
            put(&dir.join(&name), text.as_bytes())?;
            files.push(dir.join(&name));
        }
        let decided = summary.holds + summary.violated + summary.undecided + summary.vacuous > 0;
        let (status, why) = match theorem.reference.provenance {
            Provenance::Recalled { sure } => ("shown only", Some(format!("recalled ({sure}): it decides nothing"))),
            _ if !decided => ("not applicable", Some("its hypotheses failed at every instance".to_owned())),
            _ if summary.holds < summary.asked => {
                let (holds, asked) = (summary.holds, summary.asked);
                (
                    "checked here",
                    Some(format!("{holds} of {asked} instances asked for hold after {} tried", summary.instances)),
                )
            }
            _ => ("checked here", None),
        };
        let found = Found::of(theorem, summary, *tightest, spec.map(|spec| spec.map(|_| name)), seed);
        let covered = Covered {
            id: Some(theorem.id),
            labels: theorem.labels.to_vec(),
            title: theorem.title,
            status,
            why,
            found: Some(found),
        };
        rows.insert(theorem.id.to_owned(), value(&covered)?);
    }
    let mut statements: Vec<Value> = THEOREMS.iter().filter_map(|theorem| rows.remove(theorem.id)).collect();
    if statements.len() == THEOREMS.len() {
        for page in pages() {
            statements.push(value(&shown(page))?);
        }
    }
    let text = serde_json::to_string_pretty(&Coverage { statements }).map_err(cannot)?;
    put(&path, (text + "\n").as_bytes())?;
    files.push(path);
    Ok(files)
}

/// A statement that is not judged.
fn shown(page: &Page) -> Covered {
    Covered {
        id: None,
        labels: vec![page.label],
        title: page.title,
        status: "shown only",
        why: Some(page.role.to_owned()),
        found: None,
    }
}

fn value(covered: &Covered) -> Result<Value, ExperimentError> {
    serde_json::to_value(covered).map_err(cannot)
}

#[allow(clippy::needless_pass_by_value)] // an argument of map_err
fn cannot(e: serde_json::Error) -> ExperimentError {
    ExperimentError::Cannot(format!("coverage.json cannot be written: {e}"))
}
