//! Running the zoo past the gate.

use super::super::examine::{Asked, Outcome, examine, passes};
use super::super::inequalities::binomial_at_least;
use super::super::tally::Tally;
use super::pilot::MISSED;
use super::{Basis, Faulty, Right, Sampler};
use crate::numerics::stream;
use rayon::prelude::*;
use serde::Serialize;

/// How improbable, at most, what is held against the gate is while it keeps its promises, sampler by sampler.
pub const LEVEL: f64 = 1e-6;
/// The same for misses of one faulty sampler.
const MISSES: f64 = 1e-5;

/// How often the gate may err.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    /// A right sampler fails with at most this probability.
    pub alpha: f64,
    /// A faulty one passes at its planned number of draws with at most this probability.
    pub missed: f64,
}

/// How a faulty sampler fared.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Caught {
    /// Its name.
    pub name: &'static str,
    /// The kind of its fault.
    pub kind: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
    /// The planned number of draws.
    pub draws: u64,
    /// The test that the plan rests on.
    pub planned_by: String,
    /// How it is known what it draws from.
    pub planned_from: Basis,
    /// Runs.
    pub runs: u64,
    /// Runs that failed the gate, as they must.
    pub caught: u64,
    /// The test that was surest in the first run.
    pub worst: String,
    /// What it said.
    pub says: String,
    /// Whether it was caught often enough.
    pub pass: bool,
}

/// How a right sampler fared.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Alarms {
    /// Its name.
    pub name: &'static str,
    /// How it draws.
    pub tells: &'static str,
    /// Draws of each run.
    pub draws: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that failed the gate.
    pub alarms: u64,
    /// The most alarms that are not held against the gate.
    pub most: u64,
    /// Whether there are no more.
    pub pass: bool,
}

/// A sampler before the gate: every run has random numbers of its own.
struct Held<'a> {
    sampler: &'a Sampler,
    asked: Asked,
    draws: u64,
    seed: u64,
    name: &'a str,
}

impl Held<'_> {
    fn counted(&self, run: u64) -> Tally {
        self.sampler.counted(&mut stream(self.seed, &format!("zoo/{}", self.name), run), self.draws)
    }

    fn examined(&self, run: u64) -> Vec<Outcome> {
        examine(&self.sampler.reference, &self.counted(run), &self.asked)
    }

    fn passes(&self, run: u64) -> bool {
        passes(&self.sampler.reference, &self.counted(run), &self.asked)
    }
}

/// The least k with `P(Bin(n, p) > k) <= level`.
fn most(n: u64, p: f64, level: f64) -> u64 {
    (0..n).find(|k| binomial_at_least((k + 1) as f64, n as f64, p) <= level).unwrap_or(n)
}

/// So many runs of a faulty sampler, each with a part of the planned number of draws.
///
/// # Errors
/// Why there is no such sampler, or that no number of draws is known to show its fault.
pub(super) fn face(
    faulty: &Faulty,
    kind: &'static str,
    runs: u64,
    seed: u64,
    levels: &Levels,
    part: f64,
) -> Result<Caught, String> {
    let wrong = (faulty.build)().map_err(|why| format!("{}: {why}", faulty.name))?;
    let nothing = || format!("{}: no number of draws is known to show the fault", faulty.name);
    let (need, planned_from) = wrong.plan(faulty.name, levels).ok_or_else(nothing)?;
    let sampler = &wrong.sampler;
    // A whole number of groups, and at least two of them.
    let group = sampler.group;
    let draws = ((part * need.draws) as u64).div_ceil(group).max(2) * group;
    let held = Held { sampler, asked: sampler.asked(draws, levels), draws, seed, name: faulty.name };
    let outcomes = held.examined(0);
    let first = u64::from(outcomes.iter().any(|outcome| !outcome.pass));
    let others = (1..runs).into_par_iter().filter(|&run| !held.passes(run)).count();
    let caught = first + others as u64;
    let worst = outcomes.into_iter().min_by(|a, b| (a.p_bound / a.share).total_cmp(&(b.p_bound / b.share)));
    let (worst, says) = worst.map(|worst| (worst.name, worst.says)).unwrap_or_default();
    Ok(Caught {
        name: faulty.name,
        kind,
        fault: faulty.fault,
        draws,
        planned_by: need.name,
        planned_from,
        runs,
        caught,
        worst,
        says,
        pass: runs - caught <= most(runs, levels.missed, MISSES),
    })
}

/// So many runs of a faulty sampler at its planned number of draws. It counts as caught where no more runs are missed than would be with
/// probability 1e-5, were each missed as often as the plan allows.
///
/// # Errors
/// Why there is no such sampler, or that no number of draws is known to show its fault.
pub fn caught(
    (kind, faulty): (&'static str, &Faulty),
    runs: u64,
    seed: u64,
    levels: &Levels,
) -> Result<Caught, String> {
    face(faulty, kind, runs, seed, levels, 1.0)
}

/// So many runs of a right sampler; `step` is called after each. The alarms are too many where so many or more had a probability of at most
/// [`LEVEL`], were each as probable as the gate promises.
///
/// # Errors
/// Why there is no such sampler.
pub fn alarms(
    right: &Right,
    runs: u64,
    seed: u64,
    levels: &Levels,
    step: &(dyn Fn() + Sync),
) -> Result<Alarms, String> {
    let sampler = (right.build)().map_err(|why| format!("{}: {why}", right.name))?;
    let Right { name, tells, draws, .. } = *right;
    let held = Held { asked: sampler.asked(draws, levels), sampler: &sampler, draws, seed, name };
    let fails = |run: &u64| {
        let passes = held.passes(*run);
        step();
        !passes
    };
    let alarms = (0..runs).into_par_iter().filter(fails).count() as u64;
    let most = most(runs, levels.alpha, LEVEL);
    Ok(Alarms { name, tells, draws, runs, alarms, most, pass: alarms <= most })
}

/// A bound of the probability that any of these is held against a gate that keeps its promises.
#[must_use]
pub fn fails_though_kept(caught: &[Caught], alarms: &[Alarms], missed: f64, alpha: f64) -> f64 {
    let beyond = |n: u64, p: f64, k: u64| if k >= n { 0.0 } else { binomial_at_least((k + 1) as f64, n as f64, p) };
    let of_faulty = |one: &Caught| {
        let pilot = if one.planned_from == Basis::Pilot { MISSED } else { 0.0 };
        beyond(one.runs, missed, most(one.runs, missed, MISSES)) + pilot
    };
    caught.iter().map(of_faulty).sum::<f64>() + alarms.iter().map(|one| beyond(one.runs, alpha, one.most)).sum::<f64>()
}
