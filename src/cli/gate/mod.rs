//! `gate`: draws of somebody's sampler against a law that is known exactly.

mod counting;
mod github;
mod junit;
mod plan;
mod posed;
mod reports;
mod table;

use super::args::{GateArgs, GateLevels, GateVerb};
use super::session::{Exit, Failure, Session};
use crate::experiments::samples::SampleError;
use crate::verdicts::gate::{Asked, Fault, Judged, Outcome};
use counting::count;
use posed::{Planned, Posed};
use serde::Serialize;

impl From<SampleError> for Failure {
    fn from(error: SampleError) -> Self {
        Failure::new(error.to_string(), error.help())
    }
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    pass: bool,
    alpha: f64,
    n: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<u64>,
    within: f64,
    missed: f64,
    tests: &'a [Outcome],
    worst: &'a str,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    plan: Vec<Planned>,
}

pub fn gate(args: &GateArgs, session: &Session) -> Result<Exit, Failure> {
    if let Some(GateVerb::Plan(args)) = &args.verb {
        return plan::plan(args, session);
    }
    let gated = Posed::read(&args.law, session.seed)?;
    let within = within(args.within.as_deref())?;
    let faults = faults(&args.detect)?;
    let asked = asked(&args.levels, within)?;
    args.reports.check()?;
    let path = args.samples.as_deref().ok_or_else(|| Failure::new("no draws", "name a file by --samples"))?;
    let (tally, chains) = count(path, &gated.reference)?;
    if tally.draws < 2 {
        return Err(Failure::new(
            format!("{} draws are too few for any test", tally.draws),
            "`gate plan` tells how many a fault needs",
        ));
    }
    let groups = match (chains, args.batches) {
        (Some(_), Some(_)) => {
            let help = "independent chains are the units where there are several: leave --batches out";
            return Err(Failure::new("--batches with draws of shape (chains, n, d)", help));
        }
        (Some(1), None) => {
            let help = "take it as batches of neighbours by --batches N, or run more chains";
            return Err(Failure::new("one chain is one unit: nothing can be said from it", help));
        }
        (Some(chains), None) => Some(chains),
        (None, Some(batches)) if tally.draws % batches != 0 => {
            let found = format!("{} rows do not make {batches} batches of one size", tally.draws);
            return Err(Failure::new(found, "choose a number that divides them, or leave rows out yourself"));
        }
        (None, batches) => batches,
    };
    let asked = Asked { groups, ..asked };
    let judged = Judged::new(&gated.name, &gated.reference, &tally, asked);
    let planned = faults.iter().map(|&fault| gated.planned(fault, &asked)).collect::<Result<Vec<_>, _>>()?;
    let units = groups.unwrap_or(tally.draws);
    for planned in &planned {
        if planned.draws.is_none_or(|draws| draws > units as f64) {
            let needed = planned
                .draws
                .map_or("no number of them is known to be enough".into(), |n| format!("{n:.0} are needed"));
            let what = format!("this gate cannot see `{}` with {units} {}: {needed}", planned.fault, unit(groups));
            return Err(Failure::new(what, "draw more, or raise --alpha or --missed; `gate plan` tells what helps"));
        }
    }
    let pass = judged.pass();
    args.reports.write(&judged, session)?;
    if session.json {
        session.print_json(&Report {
            pass,
            alpha: asked.alpha,
            n: tally.draws,
            groups,
            within,
            missed: asked.missed,
            tests: &judged.outcomes,
            worst: judged.by_suspicion().first().map_or("", |worst| &worst.name),
            notes: &gated.reference.notes,
            plan: planned,
        })?;
    } else {
        session.print(&table::told(&judged, session.explain))?;
    }
    Ok(if pass { Exit::Fine } else { Exit::Contradicted })
}

fn unit(groups: Option<u64>) -> &'static str {
    if groups.is_some() { "independent groups" } else { "draws" }
}

fn asked(levels: &GateLevels, within: f64) -> Result<Asked, Failure> {
    for (name, level) in [("--alpha", levels.alpha), ("--missed", levels.missed)] {
        if !(level > 0.0 && level < 1.0) {
            return Err(Failure::new(format!("{name} {level} is no probability between 0 and 1"), "for example 1e-6"));
        }
    }
    Ok(Asked { alpha: levels.alpha, within, missed: levels.missed, groups: None })
}

fn within(text: Option<&str>) -> Result<f64, Failure> {
    let Some(text) = text else { return Ok(0.0) };
    let found = text.strip_prefix("tv=").and_then(|x| x.parse::<f64>().ok()).filter(|x| *x >= 0.0 && *x < 1.0);
    found.ok_or_else(|| {
        Failure::new(format!("--within {text} is no discrepancy"), "tv=X with X from 0 to below 1, for example tv=0.01")
    })
}

fn faults(texts: &[String]) -> Result<Vec<Fault>, Failure> {
    texts
        .iter()
        .map(|text| text.parse().map_err(|why: String| Failure::new(why, "`gate plan --help` lists the faults")))
        .collect()
}
