//! `verify`: every statement held against random instances.

use super::{Judgement, Verdict, decide};
use crate::bounds::{Instance, Theorem};
use crate::numerics::stream;
use rayon::prelude::*;

/// How many instances a statement is held against by default.
pub const INSTANCES: u64 = 20;

/// What came out for one statement: the object `verify --json` prints.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The theorem's id.
    pub id: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
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
    /// The smallest bound / measured over the instances that hold.
    pub ratio_min: Option<f64>,
    /// The median of bound / measured over the instances that hold.
    pub ratio_median: Option<f64>,
    /// Every instance that did not simply hold: its number and what was said.
    pub remarks: Vec<(u64, String)>,
}

/// The instance number `index` of a statement, as `verify` draws it.
#[must_use]
pub fn instance(theorem: &Theorem, seed: u64, index: u64) -> Instance {
    (theorem.draw)(&mut stream(seed, theorem.id, index))
}

/// Holds each statement against `instances` random instances, in parallel.
///
/// `progress` is called once per judged instance, from any thread. The result depends on `seed` only, not on the number
/// of threads.
pub fn verify(
    theorems: &[&'static Theorem],
    instances: u64,
    seed: u64,
    progress: impl Fn(&'static Theorem) + Sync,
) -> Vec<Summary> {
    let cells: Vec<(&'static Theorem, u64)> =
        theorems.iter().flat_map(|&theorem| (0..instances).map(move |index| (theorem, index))).collect();
    let judged: Vec<Judgement> = cells
        .par_iter()
        .map(|&(theorem, index)| {
            let judgement = decide(theorem, &instance(theorem, seed, index));
            progress(theorem);
            judgement
        })
        .collect();
    let per_theorem = judged.chunks(instances.max(1) as usize);
    theorems.iter().zip(per_theorem).map(|(theorem, judged)| Summary::of(theorem, judged)).collect()
}

impl Summary {
    /// Counts the verdicts of one statement.
    #[must_use]
    pub fn of(theorem: &'static Theorem, judged: &[Judgement]) -> Self {
        let count = |is: &dyn Fn(&Verdict) -> bool| judged.iter().filter(|j| is(&j.verdict)).count() as u64;
        let mut ratios: Vec<f64> = judged.iter().filter_map(|j| j.tightness().map(|t| t.mid())).collect();
        ratios.sort_by(f64::total_cmp);
        let remark = |(index, judged): (usize, &Judgement)| {
            (!matches!(judged.verdict, Verdict::Holds { .. })).then(|| (index as u64, judged.to_string()))
        };
        Self {
            id: theorem.id,
            labels: theorem.labels,
            instances: judged.len() as u64,
            holds: count(&|v| matches!(v, Verdict::Holds { .. })),
            violated: count(&Verdict::is_violated),
            undecided: count(&|v| matches!(v, Verdict::Undecided { .. })),
            vacuous: count(&|v| matches!(v, Verdict::Vacuous)),
            hypothesis_failed: count(&|v| matches!(v, Verdict::HypothesisFailed { .. })),
            ratio_min: ratios.first().copied(),
            ratio_median: (!ratios.is_empty()).then(|| ratios[ratios.len() / 2]),
            remarks: judged.iter().enumerate().filter_map(remark).collect(),
        }
    }
}
