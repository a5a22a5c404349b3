//! The tightest instance of a statement, by search: the random numbers that its best draws took are changed a few at a time.

use super::tape::Tape;
use super::verify::recorded;
use super::{Judgement, Verdict, decide};
use crate::bounds::{Instance, Theorem};
use crate::numerics::stream;
use rand::{Rng, RngExt};
use rayon::prelude::*;

/// Instances judged between two looks at the best.
const GENERATION: u64 = 8;
/// The best that are kept to go on from.
pub(super) const KEPT: usize = 4;
/// Below this ratio there is nothing left to find.
const TIGHT: f64 = 1.0 + 1e-9;

/// The tightest instance found.
pub struct Tightest {
    /// The instance.
    pub instance: Instance,
    /// Its verdict with both sides.
    pub judgement: Judgement,
    /// bound / measured; below 1 where the statement is violated.
    pub ratio: f64,
    /// How many instances the search judged.
    pub evaluations: u64,
    /// How many of them were VIOLATED.
    pub violated: u64,
}

/// A draw, by the numbers it took, and its ratio.
#[derive(Clone, PartialEq)]
struct Candidate {
    ratio: f64,
    numbers: Vec<u64>,
}

/// How tight a statement is at an instance: bound / measured where it is decided and says something.
pub(super) fn ratio(judged: &Judgement) -> Option<f64> {
    let measured = judged.measured.as_ref().filter(|m| m.value.lo() > 0.0)?;
    match judged.verdict {
        Verdict::Holds { tightness, .. } => Some(tightness.mid()),
        Verdict::Violated { .. } => Some(judged.bound.as_ref()?.value.mid() / measured.value.mid()),
        _ => None,
    }
}

/// Searches for the instance with the least bound / measured, from the draws of these numbers on, the tightest first.
///
/// `tick` is called once per judged instance, from any thread. The result depends on `seed` only. `None` when no draw said
/// anything to start from.
#[must_use]
pub fn tightest(
    theorem: &'static Theorem,
    seed: u64,
    from: &[(u64, f64)],
    evaluations: u64,
    tick: &(dyn Fn() + Sync),
) -> Option<Tightest> {
    let start = |&(index, ratio): &(u64, f64)| Candidate { ratio, numbers: recorded(theorem, seed, index).1 };
    let mut best: Vec<Candidate> = from.iter().map(start).collect();
    best.truncate(KEPT);
    let (mut judged, mut violated) = (0, 0);
    while judged < evaluations && best.first().is_some_and(|first| first.ratio > TIGHT) {
        let generation = judged..(judged + GENERATION).min(evaluations);
        let found: Vec<(Option<Candidate>, bool)> = generation
            .clone()
            .into_par_iter()
            .map(|number| {
                let numbers = changed(&best, &mut stream(seed, &format!("search/{}", theorem.id), number));
                let mut tape = Tape::new(numbers, stream(seed, &format!("beyond/{}", theorem.id), number));
                let judgement = decide(theorem, &(theorem.draw)(&mut tape));
                tick();
                let candidate = ratio(&judgement).map(|ratio| Candidate { ratio, numbers: tape.into_taken() });
                (candidate, judgement.verdict.is_violated())
            })
            .collect();
        judged = generation.end;
        for (candidate, is_violated) in found {
            violated += u64::from(is_violated);
            best.extend(candidate.filter(|candidate| !best.contains(candidate)));
        }
        best.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        best.truncate(KEPT);
    }
    let Candidate { numbers, ratio } = best.into_iter().next()?;
    let instance = (theorem.draw)(&mut Tape::new(numbers, stream(seed, theorem.id, 0)));
    Some(Tightest { judgement: decide(theorem, &instance), instance, ratio, evaluations: judged, violated })
}

/// The numbers of one of the best draws with one to three of them changed: moved a little, or drawn anew.
fn changed(best: &[Candidate], rng: &mut dyn Rng) -> Vec<u64> {
    // Half of the changes start from the best.
    let parent = if rng.random::<bool>() { 0 } else { rng.random_range(0..best.len()) };
    let mut numbers = best[parent].numbers.clone();
    if numbers.is_empty() {
        return numbers;
    }
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..numbers.len());
        numbers[at] = match rng.random_range(0..4) {
            0 => rng.next_u64(),
            _ => {
                // A part between 1e-4 and 1/2 of the whole range, stopped at its ends.
                let step = (rng.random::<f64>() * (5e3_f64).ln()).exp() * 1e-4 * u64::MAX as f64;
                let step = step as u64;
                if rng.random::<bool>() { numbers[at].saturating_add(step) } else { numbers[at].saturating_sub(step) }
            }
        };
    }
    numbers
}
