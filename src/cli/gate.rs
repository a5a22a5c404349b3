//! `gate`: draws of somebody's sampler against a law that is known exactly.

use super::args::{GateArgs, GateLaw, GateLevels, GateVerb, PlanArgs};
use super::columns::aligned;
use super::session::{Exit, Failure, Session};
use super::specs::find;
use crate::experiments::samples::{SampleError, read};
use crate::experiments::{Gated, Spec};
use crate::verdicts::gate::{Asked, Fault, Need, Outcome, Reference, Tally, examine, needs};
use rayon::prelude::*;
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

/// What a fault needs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Planned {
    fault: String,
    /// From how many draws on; `None` where no test ever sees it.
    draws: Option<f64>,
    tests: Vec<Need>,
}

/// Draws are counted in so many blocks at a time.
const AT_A_TIME: usize = 32;
/// Lines of tests that are printed without `--explain`.
const SHOWN: usize = 12;

pub fn gate(args: &GateArgs, session: &Session) -> Result<Exit, Failure> {
    if let Some(GateVerb::Plan(args)) = &args.verb {
        return plan(args, session);
    }
    let gated = Posed::read(&args.law, session.seed)?;
    let within = within(args.within.as_deref())?;
    let faults = faults(&args.detect)?;
    let asked = asked(&args.levels, within)?;
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
    let outcomes = examine(&gated.reference, &tally, &asked);
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
    let worst = outcomes.iter().min_by(|a, b| (a.p_bound / a.share).total_cmp(&(b.p_bound / b.share)));
    let pass = outcomes.iter().all(|outcome| outcome.pass);
    if session.json {
        session.print_json(&Report {
            pass,
            alpha: asked.alpha,
            n: tally.draws,
            groups,
            within,
            missed: asked.missed,
            tests: &outcomes,
            worst: worst.map_or("", |worst| &worst.name),
            notes: &gated.reference.notes,
            plan: planned,
        })?;
    } else {
        session.print(&told(&outcomes, &gated.reference, &tally, &asked, session.explain))?;
    }
    Ok(if pass { Exit::Fine } else { Exit::Contradicted })
}

fn unit(groups: Option<u64>) -> &'static str {
    if groups.is_some() { "independent groups" } else { "draws" }
}

/// A law with its numbers.
struct Posed {
    gated: Gated,
    reference: Reference,
}

impl Posed {
    fn read(law: &GateLaw, seed: u64) -> Result<Self, Failure> {
        let read = |path| -> Result<Spec, Failure> { find(path) };
        let gated = match (&law.target, &law.law) {
            (_, Some(path)) => Gated::output(&read(path)?, seed)?,
            (Some(path), None) => Gated::target(&read(path)?, seed)?,
            (None, None) => {
                return Err(Failure::new("no law to hold draws against", "name a spec by --target or --law"));
            }
        };
        let reference = gated.reference(seed);
        if reference.views.is_empty() {
            return Err(Failure::new(reference.notes.join("; "), "a law whose coordinates have known laws is needed"));
        }
        Ok(Self { gated, reference })
    }

    fn planned(&self, fault: Fault, asked: &Asked) -> Result<Planned, Failure> {
        let (law, features) = self
            .gated
            .with(fault, &self.reference)
            .map_err(|why| Failure::new(why, "`gate plan --help` lists the faults"))?;
        let tests = needs(&self.reference, law.as_ref(), features.as_deref(), asked);
        Ok(Planned { fault: fault.to_string(), draws: tests.first().map(|need| need.draws), tests })
    }
}

/// What was counted in the file, and how many chains it has.
fn count(path: &std::path::Path, reference: &Reference) -> Result<(Tally, Option<u64>), Failure> {
    let mut tally = Tally::new(reference);
    let mut waiting: Vec<(Vec<f64>, usize)> = Vec::with_capacity(AT_A_TIME);
    let count = |blocks: &mut Vec<(Vec<f64>, usize)>, tally: &mut Tally| {
        let counted = blocks.par_iter().fold(
            || Tally::new(reference),
            |mut tally, (xs, n)| {
                tally.add(reference, xs, *n);
                tally
            },
        );
        // Whole numbers: the order does not matter.
        let counted = counted.reduce(|| Tally::new(reference), |a, b| a.and(&b));
        *tally = std::mem::replace(tally, Tally::new(reference)).and(&counted);
        blocks.clear();
    };
    let shape = read(path, reference.dim, &mut |xs, n| {
        waiting.push((xs.to_vec(), n));
        if waiting.len() == AT_A_TIME {
            count(&mut waiting, &mut tally);
        }
    })?;
    count(&mut waiting, &mut tally);
    Ok((tally, shape.chains))
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

/// For people: what failed, then the tests.
fn told(outcomes: &[Outcome], reference: &Reference, tally: &Tally, asked: &Asked, all: bool) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.pass).count();
    let verdict = if failed == 0 { "PASS" } else { "FAIL" };
    let unit = asked.groups.map_or(String::new(), |groups| format!(" in {groups} independent groups"));
    let allowed = if asked.within > 0.0 { format!(", within tv = {}", asked.within) } else { String::new() };
    let mut text = format!(
        "{verdict}: {} draws{unit} in {} dimensions, {} tests, {failed} failed (false alarms: {:e}{allowed})\n\n",
        tally.draws,
        reference.dim,
        outcomes.len(),
        asked.alpha
    );
    let mut shown: Vec<&Outcome> = outcomes.iter().collect();
    shown.sort_by(|a, b| (a.p_bound / a.share).total_cmp(&(b.p_bound / b.share)));
    let kept = if all { shown.len() } else { SHOWN.max(failed.min(40)) };
    let mut rows = Vec::new();
    for outcome in shown.iter().take(kept) {
        let number = |x: f64| if x.is_finite() { format!("{x:.4e}") } else { "-".into() };
        rows.push(vec![
            outcome.name.clone(),
            if outcome.pass { "" } else { "FAIL" }.into(),
            number(outcome.statistic),
            number(outcome.threshold),
            format!("{:.1e}", outcome.p_bound),
            format!("{:.1e}", outcome.share),
            number(outcome.detectable),
            outcome.unit.into(),
        ]);
    }
    text += &aligned(&["test", "", "found", "fails from", "p at most", "its share", "sees", "in"], &rows);
    if shown.len() > kept {
        text += &format!("and {} more, with --explain\n", shown.len() - kept);
    }
    for outcome in shown.iter().filter(|outcome| !outcome.pass).take(10) {
        text += &format!("{}: {}\n", outcome.name, outcome.says);
    }
    for note in &reference.notes {
        text += &format!("note: {note}\n");
    }
    text
}

fn plan(args: &PlanArgs, session: &Session) -> Result<Exit, Failure> {
    let gated = Posed::read(&args.law, session.seed)?;
    let asked = asked(&args.levels, within(args.within.as_deref())?)?;
    let planned =
        faults(&args.detect)?.into_iter().map(|fault| gated.planned(fault, &asked)).collect::<Result<Vec<_>, _>>()?;
    if session.json {
        session.print_json(&planned)?;
    } else {
        let mut rows = Vec::new();
        for fault in &planned {
            let name = |k: usize| {
                fault.tests.get(k).map_or(String::new(), |need| format!("{} ({:.0})", need.name, need.draws))
            };
            let draws = fault.draws.map_or("none is enough".into(), |n| format!("{n:.0}"));
            rows.push(vec![fault.fault.clone(), draws, name(0), name(1)]);
        }
        session.print(&aligned(&["fault", "draws", "seen first by", "then by"], &rows))?;
    }
    match planned.iter().find(|fault| fault.draws.is_none()) {
        None => Ok(Exit::Fine),
        Some(fault) => {
            let what = format!("no number of draws is known to show `{}`", fault.fault);
            Err(Failure::new(
                what,
                "the laws that this fault changes are not among those the gate looks at, or it stays within what is allowed",
            ))
        }
    }
}
