//! Runs of a spec: cells in parallel, finished ones journalled, records and meta data by atomic rename.

use super::atomic::{put, put_or_remove};
use super::embedded::EXPERIMENTS;
use super::error::ExperimentError;
use super::exponents::exponents;
use super::figure::FigureSpec;
use super::journal::{Done, Journal, Key, all};
use super::rates::solve;
use super::record::{CellRecord, PROFILE, columns, record};
use super::spec::Spec;
use super::sweep::{Axis, Cell, cells};
use super::table::Provenance;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The precision of thresholds in quick runs.
const QUICK_PRECISION: f64 = 1e-2;

/// How a spec is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory that holds one directory per run.
    pub out: PathBuf,
    /// Fewer points along every axis.
    pub quick: bool,
    /// Only the cells with `index % of == number - 1`, `number` from 1.
    pub shard: Option<Shard>,
    /// The seed of everything random.
    pub seed: u64,
    /// The number of threads, for the meta data.
    pub threads: usize,
}

/// A share of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which share, from 1.
    pub number: usize,
    /// How many shares.
    pub of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not i/n with 1 <= i <= n, for example 1/4");
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        match (number.trim().parse(), of.trim().parse()) {
            (Ok(number), Ok(of)) if number >= 1 && number <= of && of <= 100_000 => Ok(Self { number, of }),
            _ => Err(wrong()),
        }
    }
}

/// Who looks on while a run is under way.
pub struct Watch<'a> {
    /// Told once how many units there are and how many were finished before.
    pub start: &'a (dyn Fn(usize, usize) + Sync),
    /// Told after each unit.
    pub tick: &'a (dyn Fn() + Sync),
    /// Told what else there is to know.
    pub say: &'a (dyn Fn(&str) + Sync),
    /// Asked before each unit whether to stop.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its directory.
    pub dir: PathBuf,
    /// Whether all cells and rates are there (a shard may leave some to the others).
    pub complete: bool,
    /// Cells recorded, of how many.
    pub cells: (usize, usize),
    /// How many rows have a measured number, of how many.
    pub measured: (usize, usize),
    /// Units taken over from an interrupted run.
    pub resumed: usize,
    /// Whether a theorem is violated or an exponent contradicted.
    pub contradicted: bool,
    /// What cells had to say.
    pub remarks: Vec<(usize, String)>,
    /// The rates, as `rates --json` prints them.
    pub rates: Vec<Value>,
}

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit this crate was built from; empty outside a repository.
pub const COMMIT: &str = env!("SCOREBOUND_COMMIT");

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Meta<'a> {
    name: &'a str,
    title: &'a str,
    question: &'a str,
    figure: Option<&'a FigureSpec>,
    spec: &'a str,
    #[serde(flatten)]
    key: &'a Key,
    /// What was made of tables of data.
    #[serde(skip_serializing_if = "<[Tabled]>::is_empty")]
    data: &'a [Tabled],
    threads: usize,
    theorems: Vec<&'static str>,
    cells: usize,
    recorded: usize,
    complete: bool,
    checks: Checks,
}

/// A table as some cells read it.
#[derive(Serialize)]
struct Tabled {
    #[serde(flatten)]
    table: Provenance,
    /// The numbers of these cells.
    cells: Vec<usize>,
}

/// The tables of all cells, each once.
fn tabled(tables: Vec<Option<Provenance>>, cells: &[Cell]) -> Vec<Tabled> {
    let mut known: Vec<Tabled> = Vec::new();
    for (table, cell) in tables.into_iter().zip(cells).filter_map(|(table, cell)| Some((table?, cell))) {
        match known.iter_mut().find(|other| other.table == table) {
            Some(same) => same.cells.push(cell.index),
            None => known.push(Tabled { table, cells: vec![cell.index] }),
        }
    }
    known
}

/// Rules of `results/reference/README.md` that a run can tell by itself, and whether it meets them.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checks {
    /// Built from a commit with nothing changed in the working tree.
    clean_commit: bool,
    /// The spec is the one of this name that was committed with the program.
    spec_committed: bool,
    /// Everything is there, and not by `--quick`.
    complete: bool,
    /// Nothing is VIOLATED or CONTRADICTED.
    no_violation: bool,
}

/// One thing to do.
enum Unit<'a> {
    Cell(&'a Cell),
    Rate(usize, usize),
}

/// Runs a spec into `<out>/<name>`.
///
/// Every question is read before anything is computed. Finished units are journalled; an interrupted run with the same
/// spec, seed and version goes on where it stopped. Records do not depend on threads or shards but for `seconds`.
///
/// # Errors
/// A flaw in the spec, an unwritable directory, an interruption.
pub fn run(spec: &Spec, options: &Options, watch: &Watch<'_>) -> Result<Outcome, ExperimentError> {
    let spec = if options.quick { &quickened(spec) } else { spec };
    let cells = if spec.axes.is_empty() && !spec.rates.is_empty() {
        Vec::new()
    } else {
        cells(&spec.tree, &spec.axes, options.quick).map_err(|flaw| spec.at(flaw))?
    };
    let tables = cells.par_iter().map(|cell| spec.question_of(&cell.tree).map(|question| question.table));
    let tables = tabled(tables.collect::<Result<_, _>>()?, &cells);

    let dir = options.out.join(&spec.name);
    let partial = dir.join(".partial");
    let key = Key {
        spec_hash: spec.hash(),
        seed: options.seed,
        version: VERSION.to_owned(),
        commit: COMMIT.to_owned(),
        quick: options.quick,
        files: spec.hash_of_files(),
    };
    if options.shard.is_some()
        && let Some(outcome) = finished(&dir, &key)
    {
        (watch.say)("every share is finished already; the results are left as they are");
        return Ok(outcome);
    }
    fs::create_dir_all(&partial).map_err(|e| ExperimentError::io("create", &partial, e))?;
    let file = match options.shard {
        None => "all.jsonl".to_owned(),
        Some(Shard { number, of }) => format!("{number}-of-{of}.jsonl"),
    };
    let (journal, before, dropped) = Journal::open(&partial.join(file), &key)?;
    if let Some(dropped) = dropped {
        (watch.say)(&dropped);
    }
    let units = units(spec, &cells, options.shard, &before);
    if units.is_empty() && before.is_empty() {
        (watch.say)("nothing belongs to this share; rates belong to the first");
    }
    (watch.start)(units.len() + before.len(), before.len());
    let worked = units.par_iter().with_max_len(1).try_for_each(|unit| {
        if (watch.stop)() {
            return Err(ExperimentError::Interrupted { dir: partial.clone() });
        }
        let done = match unit {
            Unit::Cell(cell) => Done::Cell(record(spec, cell, options.seed)?),
            Unit::Rate(r, p) => {
                let solved = solve(spec, &spec.rates[*r], &spec.rates[*r].parameters[*p], options.seed)?;
                let value = serde_json::to_value(&solved).map_err(|e| ExperimentError::Cannot(e.to_string()))?;
                Done::Rate(*r, *p, value)
            }
        };
        journal.add(&done)?;
        (watch.tick)();
        Ok(())
    });
    if let Err(error) = worked {
        if all(&partial, &key)?.is_empty() {
            // Nothing is worth keeping: leave the place as it was found.
            drop(journal);
            let _ = fs::remove_dir_all(&partial).and_then(|()| fs::remove_dir(&dir));
        }
        return Err(error);
    }
    let outcome = assemble(spec, (&cells, &tables), &partial, &key, options)?;
    drop(journal);
    if outcome.complete {
        fs::remove_dir_all(&partial).map_err(|e| ExperimentError::io("remove", &partial, e))?;
    }
    Ok(Outcome { resumed: before.len(), ..outcome })
}

/// The outcome of a run with this key that is complete in a directory; `None` when there is none, or not whole.
fn finished(dir: &Path, key: &Key) -> Option<Outcome> {
    let read = |name: &str| fs::read_to_string(dir.join(name)).ok();
    let meta: Value = serde_json::from_str(&read("meta.json")?).ok()?;
    let made: Key = serde_json::from_value(meta.clone()).ok()?;
    if made != *key || meta["complete"] != true {
        return None;
    }
    let count = |name: &str| meta[name].as_u64().and_then(|n| usize::try_from(n).ok());
    let cells = (count("recorded")?, count("cells")?);
    let rates: Vec<Value> = read("rates.json").map_or(Some(Vec::new()), |text| serde_json::from_str(&text).ok())?;
    let mut measured = (0, 0);
    let mut contradicted = rates.iter().any(|rate| rate["outcome"] == "contradicted");
    if cells.1 > 0 {
        let text = read("records.csv")?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().ok()?.clone();
        let column = |name: &str| header.iter().position(|h| h == name);
        let (lo, verdict) = (column("lo")?, column("verdict")?);
        for row in reader.records() {
            let row = row.ok()?;
            measured = (measured.0 + usize::from(!row.get(lo)?.is_empty()), measured.1 + 1);
            contradicted |= row.get(verdict)?.starts_with("VIOLATED");
        }
    }
    let (dir, remarks) = (dir.to_owned(), Vec::new());
    Some(Outcome { dir, complete: true, cells, measured, resumed: 0, contradicted, remarks, rates })
}

/// The spec with fewer values along the parameters of its rates, and coarser thresholds.
fn quickened(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    for rate in &mut spec.rates {
        rate.precision = rate.precision.max(QUICK_PRECISION);
        for parameter in &mut rate.parameters {
            parameter.axis = Axis::quick(&parameter.axis);
        }
    }
    spec
}

/// What is left to do, in order. Rates belong to the first shard.
fn units<'a>(spec: &Spec, cells: &'a [Cell], shard: Option<Shard>, before: &[Done]) -> Vec<Unit<'a>> {
    let has_cell = |i: usize| before.iter().any(|d| matches!(d, Done::Cell(record) if record.cell == i));
    let has_rate = |r: usize, p: usize| before.iter().any(|d| matches!(d, Done::Rate(a, b, _) if (*a, *b) == (r, p)));
    let mine = |cell: &&Cell| shard.is_none_or(|s| cell.index % s.of == s.number - 1);
    let mut units: Vec<Unit<'a>> = cells.iter().filter(mine).filter(|c| !has_cell(c.index)).map(Unit::Cell).collect();
    if shard.is_none_or(|s| s.number == 1) {
        for (r, rate) in spec.rates.iter().enumerate() {
            units.extend((0..rate.parameters.len()).filter(|p| !has_rate(r, *p)).map(|p| Unit::Rate(r, p)));
        }
    }
    units
}

/// Writes records, rates and meta data of everything that is finished in the journals.
fn assemble(
    spec: &Spec,
    (cells, data): (&[Cell], &[Tabled]),
    partial: &Path,
    key: &Key,
    options: &Options,
) -> Result<Outcome, ExperimentError> {
    let dir = options.out.join(&spec.name);
    let mut records: BTreeMap<usize, CellRecord> = BTreeMap::new();
    let mut rates: BTreeMap<(usize, usize), Value> = BTreeMap::new();
    for done in all(partial, key)? {
        match done {
            Done::Cell(record) => drop(records.insert(record.cell, record)),
            Done::Rate(r, p, value) => drop(rates.insert((r, p), value)),
        }
    }
    let wanted: usize = spec.rates.iter().map(|rate| rate.parameters.len()).sum();
    let known: BTreeSet<usize> = cells.iter().map(|c| c.index).collect();
    records.retain(|cell, _| known.contains(cell));
    let complete = records.len() == cells.len() && rates.len() == wanted;
    if !cells.is_empty() {
        put(&dir.join("records.csv"), &csv(spec, columns(spec), records.values().flat_map(|r| &r.rows))?)?;
    }
    let profiled = spec.figure.as_ref().is_some_and(|figure| figure.profile.is_some());
    let parts = records.values().flat_map(|r| &r.profile);
    let profile = profiled.then(|| csv(spec, PROFILE.to_vec(), parts)).transpose()?;
    put_or_remove(&dir.join("profile.csv"), profile)?;
    let rates: Vec<Value> = rates.into_values().collect();
    put_or_remove(&dir.join("rates.json"), (!rates.is_empty()).then(|| json(&rates)).transpose()?)?;
    let told = complete && !spec.exponents.is_empty();
    let found = told.then(|| exponents(spec, cells, &records)).transpose()?;
    put_or_remove(&dir.join("exponents.json"), found.map(|found| json(&found)).transpose()?)?;
    let contradicted =
        rates.iter().any(|rate| rate["outcome"] == "contradicted") || records.values().any(|r| r.violated);
    let committed = EXPERIMENTS.iter().any(|(name, text)| *name == spec.name && *text == spec.source.text);
    let clean_commit = !COMMIT.is_empty() && env!("SCOREBOUND_CLEAN") == "true";
    let meta = Meta {
        name: &spec.name,
        title: &spec.title,
        question: &spec.question,
        figure: spec.figure.as_ref(),
        spec: &spec.source.name,
        key,
        data,
        threads: options.threads,
        theorems: spec.theorems.iter().map(|t| t.id).collect(),
        cells: cells.len(),
        recorded: records.len(),
        complete,
        checks: Checks {
            clean_commit,
            spec_committed: clean_commit && committed,
            complete: complete && !key.quick,
            no_violation: !contradicted,
        },
    };
    put(&dir.join("meta.json"), &json(&meta)?)?;
    Ok(Outcome {
        complete,
        cells: (records.len(), cells.len()),
        measured: (records.values().map(|r| r.measured).sum(), records.values().map(|r| r.rows.len()).sum()),
        resumed: 0,
        contradicted,
        remarks: records.values().flat_map(|r| r.remarks.iter().map(|text| (r.cell, text.clone()))).collect(),
        rates,
        dir,
    })
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, ExperimentError> {
    let text = serde_json::to_string_pretty(value).map_err(|e| ExperimentError::Cannot(e.to_string()))?;
    Ok((text + "\n").into_bytes())
}

/// A table: the cell, the swept paths, and these columns.
fn csv<'a>(
    spec: &Spec,
    columns: Vec<&str>,
    rows: impl Iterator<Item = &'a Vec<String>>,
) -> Result<Vec<u8>, ExperimentError> {
    let failed = |e: csv::Error| ExperimentError::Cannot(format!("cannot write CSV: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["cell"];
    head.extend(spec.axes.iter().map(|axis| axis.path.as_str()));
    head.extend(columns);
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer.into_inner().map_err(|e| ExperimentError::Cannot(format!("cannot write CSV: {e}")))
}
