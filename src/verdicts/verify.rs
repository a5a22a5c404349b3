//! `verify`: every statement held against random instances.

use super::search::{self, KEPT};
use super::tape::Tape;
use super::{Judgement, Verdict, decide};
use crate::bounds::{Instance, Theorem};
use crate::laws::Engine;
use crate::numerics::stream;
use crate::targets::{Data, Density};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How many instances a statement has to hold at by default.
pub const INSTANCES: u64 = 20;

/// What came out for one statement: the object `verify --json` prints.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The theorem's id.
    pub id: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// At how many instances it was to hold.
    pub asked: u64,
    /// How many instances were judged.
    pub instances: u64,
    /// How many verdicts were HOLDS.
    pub holds: u64,
    /// How many were VIOLATED or `VIOLATED?`.
    pub violated: u64,
    /// How many were UNDECIDED, for want of an engine too.
    pub undecided: u64,
    /// How many were VACUOUS.
    pub vacuous: u64,
    /// How many were HYPOTHESIS-FAILED.
    pub hypothesis_failed: u64,
    /// The engines that carried the output of the instances that hold, each with their number.
    pub engines: BTreeMap<&'static str, u64>,
    /// The kinds of targets of the instances that hold, as specs call them, each with their number.
    pub targets: BTreeMap<&'static str, u64>,
    /// In which sense the left-hand sides of the instances that hold are known, each with their number.
    pub evidence: BTreeMap<String, u64>,
    /// The smallest bound / measured over the instances that hold.
    pub ratio_min: Option<f64>,
    /// The median of bound / measured over the instances that hold.
    pub ratio_median: Option<f64>,
    /// The tightest instances at which the left-hand side is not 0, by number, with bound / measured; tightest first.
    pub tightest: Vec<(u64, f64)>,
    /// Every instance that did not simply hold: its number and what was said.
    pub remarks: Vec<(u64, String)>,
}

/// The instance number `index` of a statement, as `verify` draws it.
#[must_use]
pub fn instance(theorem: &Theorem, seed: u64, index: u64) -> Instance {
    recorded(theorem, seed, index).0
}

/// The same, with the random numbers it took.
pub(super) fn recorded(theorem: &Theorem, seed: u64, index: u64) -> (Instance, Vec<u64>) {
    let mut tape = Tape::new(Vec::new(), stream(seed, theorem.id, index));
    let instance = (theorem.draw)(&mut tape);
    (instance, tape.into_taken())
}

/// What an instance that holds is made of.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// The engine that carried the output.
    pub engine: Option<Engine>,
    /// The kind of the target, as specs call it.
    pub target: &'static str,
}

impl Made {
    fn of(instance: &Instance) -> Self {
        let target = match instance.target.data() {
            Some(Data::Density(Density::Gaussian(_))) => "gaussian",
            Some(Data::Density(Density::Mixture(_))) => "mixture",
            Some(Data::Density(Density::Product(_)) | Data::Product(_)) => "product",
            Some(Data::Points(_)) => "points",
            Some(Data::Box(_)) => "box-mixture",
            None => "other",
        };
        Self { engine: instance.engine(), target }
    }
}

/// A judged instance, with what it is made of where it holds.
pub type Judged = (Judgement, Option<Made>);

/// One statement on its way.
struct Work {
    theorem: &'static Theorem,
    asked: u64,
    judged: Vec<Judged>,
    holds: u64,
}

impl Work {
    /// The most instances that are tried.
    fn most(&self) -> u64 {
        if self.holds == 0 { 3 * self.asked + 10 } else { 8 * self.asked + 50 }
    }

    /// The instances to be judged next: about as many as let the rest hold, by what held so far.
    fn next(&self) -> std::ops::Range<u64> {
        let tried = self.judged.len() as u64;
        let rest = self.asked - self.holds;
        let wanted = if self.holds == 0 { rest } else { (rest * tried).div_ceil(self.holds) };
        tried..(tried + wanted).min(self.most().max(tried))
    }

    /// Takes what was judged, in order, until enough hold.
    fn take(&mut self, judged: impl Iterator<Item = Judged>) {
        for (judgement, made) in judged {
            if self.holds == self.asked {
                return;
            }
            self.holds += u64::from(matches!(judgement.verdict, Verdict::Holds { .. }));
            self.judged.push((judgement, made));
        }
    }
}

/// Holds each statement against random instances, in parallel, until it holds at `asked` of them; at most `8 asked + 50` are
/// tried, and `3 asked + 10` where it holds at none.
///
/// `progress` is called once per instance that holds, from any thread. The result depends on `seed` only, not on the number
/// of threads: instances count in the order of their numbers.
pub fn verify(
    theorems: &[&'static Theorem],
    asked: u64,
    seed: u64,
    progress: impl Fn(&'static Theorem) + Sync,
) -> Vec<Summary> {
    let work = |&theorem| Work { theorem, asked, judged: Vec::new(), holds: 0 };
    let mut works: Vec<Work> = theorems.iter().map(work).collect();
    loop {
        let next: Vec<_> = works.iter().map(Work::next).collect();
        let cells: Vec<(&'static Theorem, u64)> =
            works.iter().zip(&next).flat_map(|(work, next)| next.clone().map(|index| (work.theorem, index))).collect();
        if cells.is_empty() {
            break;
        }
        let judged: Vec<_> = cells
            .par_iter()
            .with_max_len(1)
            .map(|&(theorem, index)| {
                let instance = instance(theorem, seed, index);
                let judgement = decide(theorem, &instance);
                let holds = matches!(judgement.verdict, Verdict::Holds { .. });
                if holds {
                    progress(theorem);
                }
                (judgement, holds.then(|| Made::of(&instance)))
            })
            .collect();
        let mut judged = judged.into_iter();
        for (work, next) in works.iter_mut().zip(next) {
            work.take(judged.by_ref().take((next.end - next.start) as usize).collect::<Vec<_>>().into_iter());
        }
    }
    works.iter().map(|work| Summary::of(work.theorem, work.asked, &work.judged)).collect()
}

impl Summary {
    /// Counts the verdicts of one statement.
    #[must_use]
    pub fn of(theorem: &'static Theorem, asked: u64, judged: &[Judged]) -> Self {
        let count = |is: &dyn Fn(&Verdict) -> bool| judged.iter().filter(|(j, _)| is(&j.verdict)).count() as u64;
        let mut ratios: Vec<f64> = judged.iter().filter_map(|(j, _)| j.tightness().map(|t| t.mid())).collect();
        ratios.sort_by(f64::total_cmp);
        let numbered = || judged.iter().enumerate().map(|(index, (judged, _))| (index as u64, judged));
        let mut tightest: Vec<(u64, f64)> =
            numbered().filter_map(|(index, judged)| Some((index, search::ratio(judged)?))).collect();
        tightest.sort_by(|a, b| a.1.total_cmp(&b.1));
        tightest.truncate(KEPT);
        let said = numbered().filter(|(_, judged)| !matches!(judged.verdict, Verdict::Holds { .. }));
        let (mut engines, mut targets) = (BTreeMap::new(), BTreeMap::new());
        for made in judged.iter().filter_map(|(_, made)| *made) {
            if let Some(engine) = made.engine {
                *engines.entry(engine.name()).or_insert(0) += 1;
            }
            *targets.entry(made.target).or_insert(0) += 1;
        }
        let mut evidence = BTreeMap::new();
        let hold = judged.iter().filter(|(_, made)| made.is_some());
        for measured in hold.filter_map(|(judged, _)| judged.measured.as_ref()) {
            *evidence.entry(measured.evidence.to_string()).or_insert(0) += 1;
        }
        Self {
            id: theorem.id,
            labels: theorem.labels,
            asked,
            instances: judged.len() as u64,
            holds: count(&|v| matches!(v, Verdict::Holds { .. })),
            violated: count(&Verdict::is_violated),
            undecided: count(&|v| matches!(v, Verdict::Undecided { .. })),
            vacuous: count(&|v| matches!(v, Verdict::Vacuous)),
            hypothesis_failed: count(&|v| matches!(v, Verdict::HypothesisFailed { .. })),
            engines,
            targets,
            evidence,
            ratio_min: ratios.first().copied(),
            ratio_median: (!ratios.is_empty()).then(|| ratios[ratios.len() / 2]),
            tightest,
            remarks: said.map(|(index, judged)| (index, judged.to_string())).collect(),
        }
    }
}
