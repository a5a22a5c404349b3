//! What `verify` found, statement by statement, as a record: `coverage.json` and one spec per statement.

use super::atomic::put;
use super::error::ExperimentError;
use super::evaluate::Number;
use super::run::{COMMIT, VERSION};
use super::written::written;
use crate::bounds::{Provenance, Relation, Theorem};
use crate::targets;
use crate::verdicts::{Summary, Tightest};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The directory of the specs beside `coverage.json`.
const SPECS: &str = "tightest";

/// Everything `verify` found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    version: &'static str,
    commit: &'static str,
    seed: u64,
    asked: u64,
    /// Instances judged by the search per statement; 0 without one.
    evaluations: u64,
    statements: Vec<Covered>,
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
    ) -> Self {
        let (spec, no_spec) = match file {
            Some(Ok(name)) => (Some(name), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        Self {
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

/// Writes what was found into `dir`: `coverage.json` and `tightest/<label>.toml`, each by atomic rename. `all` adds the
/// statements that are shown only. Returns the files.
///
/// # Errors
/// When the directory cannot be written to.
pub fn cover(
    dir: &Path,
    found: &[(&'static Theorem, &Summary, Option<&Tightest>)],
    seed: u64,
    all: bool,
) -> Result<Vec<PathBuf>, ExperimentError> {
    let specs = dir.join(SPECS);
    std::fs::create_dir_all(&specs).map_err(|e| ExperimentError::io("create", &specs, e))?;
    let (mut files, mut statements) = (Vec::new(), Vec::new());
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
        let found = Found::of(theorem, summary, *tightest, spec.map(|spec| spec.map(|_| name)));
        statements.push(Covered {
            id: Some(theorem.id),
            labels: theorem.labels.to_vec(),
            title: theorem.title,
            status,
            why,
            found: Some(found),
        });
    }
    let pages = targets::PAGES.iter().filter(|_| all);
    statements.extend(pages.map(|page| Covered {
        id: None,
        labels: vec![page.label],
        title: page.title,
        status: "shown only",
        why: Some("it gives constants of targets, which the other statements use".into()),
        found: None,
    }));
    let coverage = Coverage {
        version: VERSION,
        commit: COMMIT,
        seed,
        asked: found.iter().map(|(_, summary, _)| summary.asked).max().unwrap_or(0),
        evaluations: found.iter().filter_map(|(.., t)| t.map(|t| t.evaluations)).max().unwrap_or(0),
        statements,
    };
    let text = serde_json::to_string_pretty(&coverage)
        .map_err(|e| ExperimentError::Cannot(format!("coverage.json cannot be written: {e}")))?;
    let path = dir.join("coverage.json");
    put(&path, (text + "\n").as_bytes())?;
    files.push(path);
    Ok(files)
}
