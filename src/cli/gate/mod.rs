//! `gate`: draws of somebody's sampler against a law that is known exactly.

mod counting;
mod github;
mod junit;
mod plan;
mod posed;
mod reports;
mod self_test;
mod table;

use super::args::{GateArgs, GateLevels, GateVerb};
use super::session::{Exit, Failure, Session, lists_on_a_line};
use crate::experiments::samples::command::Program;
use crate::experiments::samples::{SampleError, read};
use crate::experiments::{Request, put};
use crate::verdicts::gate::{Asked, Baseline, Fault, Judged, Outcome, Plan, Reference};
use counting::count;
use posed::Posed;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

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
    tests: Vec<Told<'a>>,
    worst: &'a str,
    notes: &'a [String],
    /// What a direction is, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    directions: BTreeMap<&'a str, &'a [f64]>,
    #[serde(skip_serializing_if = "<[Plan]>::is_empty")]
    plan: &'a [Plan],
}

/// A test with what it needs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// How many draws (groups) a fault needs for this test to see it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    needs: BTreeMap<&'a str, f64>,
}

impl<'a> Told<'a> {
    fn all(judged: &'a Judged<'a>) -> Vec<Self> {
        let needs = |outcome: &Outcome| {
            judged.plans.iter().filter_map(|plan| Some((&plan.fault[..], plan.of(&outcome.name)?))).collect()
        };
        judged.outcomes.iter().map(|outcome| Told { outcome, needs: needs(outcome) }).collect()
    }
}

/// Faults of which it is told what they need where nobody asks for any.
const USUAL: [Fault; 4] = [Fault::Variance(0.01), Fault::Mean(0.01), Fault::ModeWeight(0.02), Fault::TailCut(3.5)];

pub fn gate(args: &GateArgs, session: &Session) -> Result<Exit, Failure> {
    match &args.verb {
        Some(GateVerb::Plan(args)) => return plan::plan(args, session),
        Some(GateVerb::SelfTest(args)) => return self_test::self_test(args, session),
        None => {}
    }
    let mut gated = Posed::read(&args.law, session.seed)?;
    let within = within(args.within.as_deref())?;
    let faults = faults(&args.detect)?;
    gated.look_out(&faults)?;
    let asked = asked(&args.levels, within)?;
    args.reports.check()?;
    let baseline = args
        .baseline
        .as_ref()
        .map(|path| Ok::<_, Failure>((path.display().to_string(), kept(path, &gated.reference)?)));
    let baseline = baseline.transpose()?;
    let baseline = baseline.as_ref().map(|(name, baseline)| (&name[..], baseline));
    let (tally, chains) = match (&args.sampler_cmd, &args.samples) {
        (Some(command), _) => {
            let program = Program::new(command, timeout(args.timeout.unwrap_or(TIMEOUT))?)?;
            let samples = wanted(args, &gated, &faults, &asked)?;
            let request = gated.gated.request().map_err(|why| Failure::new(why, "write its draws to a file"))?;
            let request = Request { samples, seed: session.seed, ..request };
            session.remark(&format!("`{command}` is asked for {samples} draws"));
            count(&gated.reference, &mut |each| program.draws(&request, each))?
        }
        (None, Some(path)) => count(&gated.reference, &mut |each| read(path, gated.reference.dim, each))?,
        (None, None) => {
            return Err(Failure::new("no draws", "name a file by --samples, or a program by --sampler-cmd"));
        }
    };
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
    let judged = Judged::new(&gated.name, &gated.reference, &tally, asked, baseline);
    let planned = match faults[..] {
        [] if baseline.is_some() => Vec::new(),
        // Not every law has modes, and not all are known well enough.
        [] => USUAL.iter().filter_map(|&fault| gated.planned(fault, &asked).ok()).collect(),
        _ => faults.iter().map(|&fault| gated.planned(fault, &asked)).collect::<Result<Vec<_>, _>>()?,
    };
    let units = groups.unwrap_or(tally.draws);
    for planned in planned.iter().filter(|_| !faults.is_empty()) {
        if planned.draws.is_none_or(|draws| draws > units as f64) {
            let needed = planned
                .draws
                .map_or("no number of them is known to be enough".into(), |n| format!("{n:.0} are needed"));
            let what = format!("this gate cannot see `{}` with {units} {}: {needed}", planned.fault, unit(groups));
            let help = match planned.draws {
                Some(_) => "draw more, or raise --alpha or --missed; `gate plan` tells what helps",
                None => {
                    "of the numbers that this fault changes none has a law that is known with it, or it stays within what is allowed"
                }
            };
            return Err(Failure::new(what, help));
        }
    }
    if judged.is_blind() {
        let what = format!(
            "{units} {} are too few: however wrong they were, no distribution function could fail",
            unit(groups)
        );
        return Err(Failure::new(
            what,
            "`gate plan` tells how many a fault needs; of batches and chains hundreds are of use",
        ));
    }
    let judged = Judged { plans: planned, ..judged };
    if let Some(path) = &args.save {
        keep(path, &Baseline::new(&gated.reference, &tally, &asked))?;
        session.remark(&format!("what was measured is kept in {}, whatever the verdict", path.display()));
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
            tests: Told::all(&judged),
            worst: judged.by_suspicion().first().map_or("", |worst| &worst.name),
            notes: &gated.reference.notes,
            directions: gated.reference.directions().collect(),
            plan: &judged.plans,
        })?;
    } else {
        session.print(&table::told(&judged, session.explain))?;
    }
    Ok(if pass { Exit::Fine } else { Exit::Contradicted })
}

fn unit(groups: Option<u64>) -> &'static str {
    if groups.is_some() { "independent groups" } else { "draws" }
}

/// Seconds that a program may take where nothing says how many.
const TIMEOUT: f64 = 600.0;

/// Draws that a program is asked for where nothing says how many.
const DRAWS: u64 = 100_000;

/// How many draws a program is asked for: as many as the faults need that the gate must see.
fn wanted(args: &GateArgs, gated: &Posed, faults: &[Fault], asked: &Asked) -> Result<u64, Failure> {
    if let Some(draws) = args.draws {
        return Ok(draws);
    }
    if let Some(batches) = args.batches {
        return Ok(DRAWS.next_multiple_of(batches));
    }
    let needs = faults.iter().map(|&fault| Ok(gated.planned(fault, asked)?.draws.unwrap_or(0.0)));
    let needed = needs.collect::<Result<Vec<f64>, Failure>>()?.into_iter().fold(0.0, f64::max);
    if needed > 1e12 {
        return Err(Failure::new(format!("{needed:e} draws are needed"), "ask for less, or name a number by --draws"));
    }
    Ok(if needed > 0.0 { (needed as u64).max(2) } else { DRAWS })
}

/// What an earlier run measured.
fn kept(path: &Path, reference: &Reference) -> Result<Baseline, Failure> {
    let help = "`gate --save FILE` writes such a file, with the same law and --seed";
    let wrong = |why: String| Failure::new(format!("{}: {why}", path.display()), help);
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let baseline: Baseline =
        serde_json::from_str(&text).map_err(|e| wrong(format!("is no result that was kept: {e}")))?;
    baseline.fits(reference).map_err(wrong)?;
    Ok(baseline)
}

fn keep(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(baseline);
    let text = text.map_err(|e| Failure::new(format!("cannot write JSON: {e}"), ""))?;
    Ok(put(path, (lists_on_a_line(&text) + "\n").as_bytes())?)
}

fn timeout(seconds: f64) -> Result<Duration, Failure> {
    let found = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
    found.ok_or_else(|| {
        Failure::new(format!("--timeout {seconds} is no time"), "a number of seconds above 0, for example 600")
    })
}

fn asked(levels: &GateLevels, within: f64) -> Result<Asked, Failure> {
    for (name, level, usual) in [("--alpha", levels.alpha, "1e-6"), ("--missed", levels.missed, "1e-3")] {
        if !(level > 0.0 && level < 1.0) {
            let help = format!("for example {usual}");
            return Err(Failure::new(format!("{name} {level} is no probability between 0 and 1"), help));
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
