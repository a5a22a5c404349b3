//! `run`: experiments to records, tables and figures.

use super::args::RunArgs;
use super::session::{Exit, Failure, Session, interrupted};
use super::specs::{built_in, find};
use crate::experiments::{Options, Outcome, Spec, Watch, run as run_spec};
use crate::report::{self, Exponent, Rate, Records};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub fn run(args: &RunArgs, session: &Session) -> Result<Exit, Failure> {
    let specs: Vec<Spec> = match &args.specs[..] {
        [] => built_in()?.into_iter().filter(|spec| args.all || spec.default).collect(),
        paths => paths.iter().map(|path| find(path)).collect::<Result<_, _>>()?,
    };
    let mut names: Vec<&str> = specs.iter().map(|s| s.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let what = format!("two specs are called `{}`: their records would go to the same place", twice[0]);
        return Err(Failure::new(what, "run them one by one with different --out, or rename one"));
    }
    let options = Options {
        out: args.out.clone(),
        quick: args.quick,
        shard: args.shard,
        seed: session.seed,
        threads: rayon::current_num_threads(),
    };
    let mut done = Vec::new();
    for spec in &specs {
        done.push(one(spec, &options, session)?);
    }
    summary(&specs, &done, &args.out, session)?;
    let empty = done.iter().zip(&specs).find(|((outcome, _), _)| outcome.measured.0 == 0 && outcome.measured.1 > 0);
    if let Some(((outcome, _), spec)) = empty {
        let why = outcome.remarks.first().map_or("", |(_, why)| why.as_str());
        return Err(Failure::new(format!("{}: nothing could be measured: {why}", spec.source.name), ""));
    }
    let contradicted = done.iter().any(|(outcome, _)| outcome.contradicted);
    Ok(if contradicted { Exit::Contradicted } else { Exit::Fine })
}

/// Runs one spec and reports on it.
fn one(spec: &Spec, options: &Options, session: &Session) -> Result<(Outcome, Vec<PathBuf>), Failure> {
    let bar = session.progress(0, &spec.name);
    let start = |all: usize, before: usize| {
        bar.start(all, before);
        if before > 0 {
            session.remark(&format!("{}: {before} of {all} were finished by an earlier run", spec.name));
        }
    };
    let say = |text: &str| session.remark(&format!("{}: {text}", spec.name));
    let watch = Watch { start: &start, tick: &|| bar.inc(), say: &say, stop: &interrupted };
    let outcome = run_spec(spec, options, &watch)?;
    bar.finish();
    // A share without cells may come before there is anything to show.
    let nothing_yet = outcome.cells.1 == 0 && outcome.rates.is_empty();
    let written = if nothing_yet { Vec::new() } else { report::write(&outcome.dir)?.files };
    if !session.json {
        session.print(&tables(spec, &outcome)?)?;
    }
    remarks(&outcome, session);
    if !outcome.complete {
        let (there, of) = outcome.cells;
        session.remark(&format!("{}: {there} of {of} cells are recorded; the other shards add theirs", spec.name));
    }
    Ok((outcome, written))
}

/// The verdict table and the rates of a run, from its records.
fn tables(spec: &Spec, outcome: &Outcome) -> Result<String, Failure> {
    let title = if spec.title.is_empty() { &spec.name } else { &spec.title };
    let mut text = format!("# {title}\n\n");
    if !spec.question.is_empty() {
        text += &format!("{}\n\n", spec.question);
    }
    if outcome.cells.0 > 0 {
        let records = Records::read(&outcome.dir)?;
        let wide = report::wide_table(&records);
        // Where means stand side by side, rows one by one are for `table.md`; but verdicts are always told.
        if wide.is_empty() || records.rows.iter().any(|row| !row.theorem.is_empty()) {
            text += &report::short_table(&records);
            text.push('\n');
        }
        let exponents = report::exponents_table(&Exponent::read(&outcome.dir)?);
        for more in [wide, report::ranking(&records), exponents].into_iter().filter(|more| !more.is_empty()) {
            text += &format!("{more}\n");
        }
        let prescribed = report::prescribed_table(&records);
        if !prescribed.is_empty() {
            text += &format!("What the theorem prescribes:\n\n{prescribed}\n");
        }
    }
    if !outcome.rates.is_empty() {
        text += &report::rates_table(&parsed(&outcome.rates)?);
        text.push('\n');
    }
    Ok(text)
}

/// Rates as the report reads them.
pub fn parsed(rates: &[serde_json::Value]) -> Result<Vec<Rate>, Failure> {
    let read = |value: &serde_json::Value| serde_json::from_value(value.clone());
    let failed = |e: serde_json::Error| Failure::new(format!("a rate cannot be read back: {e}"), "");
    rates.iter().map(read).collect::<Result<_, _>>().map_err(failed)
}

/// What cells had to say: each distinct reason once, with the number of cells; with `--explain`, cell by cell.
fn remarks(outcome: &Outcome, session: &Session) {
    if session.explain {
        for (cell, text) in &outcome.remarks {
            session.explain(&format!("cell {cell}: {text}\n"));
        }
        return;
    }
    // Numbers differ from cell to cell: remarks that are the same but for numbers are one, shown by its first example.
    let mut kinds: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for (_, text) in &outcome.remarks {
        kinds.entry(report::kind(text)).or_insert((0, text)).0 += 1;
    }
    for (count, example) in kinds.values() {
        let among = if *count > 1 { format!("{count} cells, for example: ") } else { String::new() };
        session.remark(&format!("  {among}{example}"));
    }
}

fn summary(specs: &[Spec], done: &[(Outcome, Vec<PathBuf>)], out: &Path, session: &Session) -> Result<(), Failure> {
    // One page over all runs in the directory; each run has its own already. Another run there may be damaged: that is
    // said, and no failure of this one.
    let overview =
        report::write_overview(out).map_err(|why| session.remark(&format!("no page over all runs: {why}"))).ok();
    if session.json {
        let entry = |(spec, (outcome, written)): (&Spec, &(Outcome, Vec<PathBuf>))| {
            json!({
                "name": spec.name, "dir": outcome.dir, "complete": outcome.complete, "cells": outcome.cells.0,
                "resumed": outcome.resumed, "contradicted": outcome.contradicted, "rates": outcome.rates,
                "files": written,
                "remarks": outcome.remarks.iter().map(|(cell, text)| json!({"cell": cell, "text": text})).collect::<Vec<_>>(),
            })
        };
        return session.print_json(&specs.iter().zip(done).map(entry).collect::<Vec<_>>());
    }
    let mut text = String::from("where things are:\n");
    for (outcome, _) in done {
        text += &format!("  {}\n", outcome.dir.display());
    }
    text += "  each with records.csv or rates.json, meta.json, table.md, figures as SVG, and index.html\n";
    if let Some(page) = overview {
        text += &format!("  {} shows all runs there are\n", page.display());
    }
    session.remark(text.trim_end());
    Ok(())
}
