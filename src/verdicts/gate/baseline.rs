//! Whether a sampler got worse: its distance from a law beside that of a run that was kept.
//!
//! Every test of the gate measures a distance of the law Q of draws from the known law: of distribution functions, of the chance of a tail, of a mean, of a
//! weight, of mean embeddings. Two runs give two confidence intervals for it, of Q_then and of Q_now, each missed with at most half the test's share of false
//! alarms; the test fails where the one of now lies above the one of then. So a sampler whose law did not change fails with at most that share, whatever its
//! law is.

use super::examine::{
    Asked, Found, Kind, More, Outcome, Test, finish, order_alone, seen_sides, share, step_mean, steps, tail_edges,
    tests,
};
use super::inequalities::{Units, chances, chances_where, kolmogorov_threshold, mean_of_bounded};
use super::reference::{Features, Reference};
use super::tally::Tally;
use crate::numerics::Interval;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format of files that keep what a run measured.
pub const BASELINE: &str = "scorebound-baseline/1";

/// What a run measured, small enough to be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Baseline {
    /// [`BASELINE`].
    pub format: String,
    /// Of the known law and the numbers looked at.
    pub law: String,
    /// Draws.
    pub draws: u64,
    /// Independent groups they come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u64>,
    /// Per test what was found.
    pub measures: Vec<Measure>,
}

/// What one test found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Measure {
    /// Its kind and what it looks at.
    pub name: String,
    /// Means of functions of a draw, or one distance.
    pub found: Vec<Mean>,
}

/// The mean of a function of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mean {
    /// Which of the functions.
    pub at: usize,
    /// The mean; the distance itself where the test measures one.
    pub mean: f64,
    /// The variance over draws, where single draws are independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance: Option<f64>,
}

/// How the mean of a function is enclosed.
#[derive(Clone, Copy, Debug)]
enum Scale {
    /// A distance that the empirical law misses by at most the Kolmogorov distance.
    Kolmogorov,
    /// A distance that it misses by at most the distance of mean embeddings.
    Embedding,
    /// A function with values 0 and 1.
    Indicator,
    /// A function with values in between.
    Bounded(f64, f64),
}

/// A function of a draw whose mean is known.
#[derive(Clone, Copy, Debug)]
struct Known {
    scale: Scale,
    mean: Interval,
}

impl Known {
    /// An interval that contains E g in all but a share `level` of cases.
    fn enclosed(&self, found: &Mean, units: Units, level: f64) -> Interval {
        let n = units.count() as f64;
        match self.scale {
            Scale::Kolmogorov => Interval::around(found.mean, kolmogorov_threshold(units, level)),
            // `|mean of Phi - E_Q Phi|` is at most n^(-1/2) on average, and a draw moves it by at most 2/n (McDiarmid 1989).
            Scale::Embedding => {
                Interval::around(found.mean, (1.0 + (2.0 * libm::log(1.0 / level)).sqrt()) / n.sqrt() + Features::ERROR)
            }
            Scale::Indicator => chances(units, found.mean, level),
            Scale::Bounded(lo, hi) => {
                let range = hi - lo;
                let hoeffding = || {
                    let part = ((found.mean - lo) / range).clamp(0.0, 1.0);
                    let within = chances_where(part, &|p| 2.0 * mean_of_bounded(units.count(), part, p) > level);
                    Interval::new(lo + range * within.lo(), lo + range * within.hi())
                };
                match (found.variance, units) {
                    // Maurer and Pontil 2009, theorem 4, on both sides.
                    (Some(variance), Units::Draws(_)) => {
                        let ln = libm::log(4.0 / level);
                        let away = (2.0 * variance * ln / n).sqrt() + 7.0 * range * ln / (3.0 * (n - 1.0).max(1.0));
                        Interval::around(found.mean, away)
                    }
                    _ => hoeffding(),
                }
            }
        }
    }

    /// How far E g is from what it is under the known law, in all but a share `level` of cases.
    fn distance(&self, found: &Mean, units: Units, level: f64) -> Interval {
        let at = self.enclosed(found, units, level);
        match self.scale {
            Scale::Kolmogorov | Scale::Embedding => Interval::new(at.lo().max(0.0), at.hi().max(0.0)),
            _ => {
                let least = (at.lo() - self.mean.hi()).max(self.mean.lo() - at.hi()).max(0.0);
                let most = (at.hi() - self.mean.lo()).max(self.mean.hi() - at.lo()).max(least);
                Interval::new(least, most)
            }
        }
    }

    /// How much larger than what it must exceed a distance has to be for the test to fail in all but a share `missed` of cases: for laws with the
    /// variance that was found, where one was.
    fn seen(&self, found: &Mean, units: Units, level: f64, missed: f64) -> f64 {
        let n = units.count() as f64;
        match (self.scale, found.variance, units) {
            // Bernstein for the mean, and theorem 10 of Maurer and Pontil for its deviation.
            (Scale::Bounded(lo, hi), Some(variance), Units::Draws(_)) => {
                let (range, sd) = (hi - lo, variance.sqrt());
                let (ln, miss) = (libm::log(4.0 / level), libm::log(2.0 / missed));
                let mean = sd * (2.0 * miss / n).sqrt() + range * miss / (3.0 * n);
                let spread = sd + range * (2.0 * miss / (n - 1.0).max(1.0)).sqrt();
                mean + spread * (2.0 * ln / n).sqrt() + 7.0 * range * ln / (3.0 * (n - 1.0).max(1.0))
            }
            // The interval is as wide as at the end that is farther from where it is narrow.
            _ => {
                let width = |level: f64| {
                    let at = self.enclosed(found, units, level);
                    (at.hi() - found.mean).max(found.mean - at.lo())
                };
                width(level) + width(missed)
            }
        }
    }
}

impl Baseline {
    /// What draws measured.
    #[must_use]
    pub fn new(reference: &Reference, tally: &Tally, asked: &Asked) -> Self {
        let tests = tests(reference, tally, asked);
        let measures = tests.par_iter().filter_map(|test| {
            let found = measured(test, reference, tally, asked).into_iter().map(|(_, found)| found).collect::<Vec<_>>();
            (!found.is_empty()).then(|| Measure { name: test.name(reference), found })
        });
        Self {
            format: BASELINE.into(),
            law: fingerprint(reference),
            draws: tally.draws,
            groups: asked.groups,
            measures: measures.collect(),
        }
    }

    /// What does not fit, if this was kept for another law.
    ///
    /// # Errors
    /// What is different.
    pub fn fits(&self, reference: &Reference) -> Result<(), String> {
        if self.format != BASELINE {
            return Err(format!("its format is `{}`, not `{BASELINE}`", self.format));
        }
        match fingerprint(reference) == self.law {
            true if self.draws >= 2 && self.groups.is_none_or(|groups| groups >= 2) => Ok(()),
            true => Err(format!("it was kept of {} draws, which say nothing", self.draws)),
            false => Err("it was kept for another law, or for other random directions (--seed)".into()),
        }
    }
}

/// A name for the law and what is looked at.
fn fingerprint(reference: &Reference) -> String {
    let mut hash = Sha256::new();
    let mut number = |x: f64| hash.update(x.to_bits().to_le_bytes());
    for view in &reference.views {
        view.bins.edges.iter().for_each(|x| number(*x));
        view.bins.masses.iter().for_each(|x| number(*x));
    }
    reference.weights.iter().for_each(|w| number(w.mid()));
    reference.features.iter().for_each(|features| features.means.iter().for_each(|x| number(*x)));
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What a test measures: functions with their known means, and what was found.
fn measured(test: &Test, reference: &Reference, tally: &Tally, asked: &Asked) -> Vec<(Known, Mean)> {
    let single = matches!(units(test, tally, asked), Units::Draws(_));
    match test {
        Test::Kolmogorov(view, counts) => {
            let found = Mean { at: 0, mean: view.bins.farthest(counts).0, variance: None };
            vec![(Known { scale: Scale::Kolmogorov, mean: Interval::ZERO }, found)]
        }
        Test::Tails(view, counts) => {
            let n: u64 = counts.iter().sum();
            let one = |(k, above): (usize, bool)| {
                let known = if above { view.bins.above[k] } else { view.bins.at_most[k] };
                let seen: u64 = if above { counts[k + 1..].iter().sum() } else { counts[..=k].iter().sum() };
                let found =
                    Mean { at: 2 * k + usize::from(above), mean: seen as f64 / n.max(1) as f64, variance: None };
                (Known { scale: Scale::Indicator, mean: known }, found)
            };
            tail_edges(&view.bins, n as f64).into_iter().map(one).collect()
        }
        Test::Mean(view, counts) | Test::Variance(view, counts) => {
            let (values, _) = steps(&view.bins, 0.0, test.kind() == Kind::Variance);
            let (lo, hi) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
            let mean = step_mean(&values, counts);
            let n: u64 = counts.iter().sum();
            let squares: f64 = values.iter().zip(*counts).map(|(v, c)| (v - mean).powi(2) * *c as f64).sum();
            let variance = (single && n > 1).then(|| squares / (n - 1) as f64);
            let known: f64 = values.iter().zip(&view.bins.masses).map(|(v, m)| v * m).sum();
            let known = Interval::around(known, view.bins.mass_error * lo.abs().max(hi.abs()));
            vec![(Known { scale: Scale::Bounded(lo, hi), mean: known }, Mean { at: 0, mean, variance })]
        }
        Test::Weight(k) => {
            let known = Known { scale: Scale::Bounded(0.0, 1.0), mean: reference.weights[*k].widen(1e-9) };
            vec![(known, Mean { at: 0, mean: tally.part(*k), variance: None })]
        }
        Test::Features(features) => {
            let known = Known { scale: Scale::Embedding, mean: Interval::ZERO };
            vec![(known, Mean { at: 0, mean: features.distance(tally), variance: None })]
        }
        Test::Ratio(_) | Test::Exchange(_) | Test::Together(_) | Test::Order(_) => Vec::new(),
    }
}

/// Coordinates that are pooled need not be independent under the law of just any sampler.
fn units(test: &Test, tally: &Tally, asked: &Asked) -> Units {
    match (asked.groups, test) {
        (Some(groups), _) => Units::Groups(groups),
        (None, Test::Kolmogorov(view, _) | Test::Tails(view, _) | Test::Mean(view, _) | Test::Variance(view, _))
            if view.map.per_draw() > 1 =>
        {
            Units::Groups(tally.draws)
        }
        _ => Units::Draws(tally.draws),
    }
}

/// Whether draws come from a law that is farther from the known one than that of the run that was kept: every test beside its own number of then.
#[must_use]
pub fn not_worse(reference: &Reference, tally: &Tally, asked: &Asked, then: &Baseline) -> Vec<Outcome> {
    let mut tests = tests(reference, tally, asked);
    // A sampler with another law than the known one is no worse for it.
    tests.retain(|test| !matches!(test.kind(), Kind::Exchange | Kind::Together | Kind::Ratio));
    let past = Tally { draws: then.draws, ..Tally::new(reference) };
    let asked_then = Asked { groups: then.groups, ..*asked };
    let judged = |test: &Test| {
        let share = share(&tests, test.kind(), asked.alpha);
        let name = test.name(reference);
        if let Test::Order(k) = *test {
            return finish(test, reference, share, order_alone(&seen_sides(tally, k, asked), asked, share));
        }
        let now = measured(test, reference, tally, asked);
        let kept: &[Mean] = then.measures.iter().find(|m| m.name == name).map_or(&[], |m| &m.found);
        let pairs: Vec<(Known, Mean, Mean)> = now
            .into_iter()
            .filter_map(|(known, now)| Some((known, now, *kept.iter().find(|kept| kept.at == now.at)?)))
            .collect();
        let runs = (units(test, tally, asked), units(test, &past, &asked_then));
        finish(test, reference, share, farther(test.kind(), &pairs, runs, asked, share))
    };
    tests.par_iter().map(judged).collect()
}

/// Of all functions the one whose mean moved away the most surely.
fn farther(
    kind: Kind,
    pairs: &[(Known, Mean, Mean)],
    (now, then): (Units, Units),
    asked: &Asked,
    share: f64,
) -> Found<'static> {
    let looks = pairs.len().max(1) as f64;
    let mut more = More {
        threshold: f64::INFINITY,
        detectable: f64::INFINITY,
        says: "the run that was kept has no such test".into(),
    };
    let (mut statistic, mut p_bound) = (0.0, 1.0);
    for (k, (known, new, old)) in pairs.iter().enumerate() {
        let apart = |level: f64| {
            let level = 0.5 * level / looks;
            known.distance(new, now, level).lo() > known.distance(old, then, level).hi()
        };
        let p = smallest_level(&apart);
        let level = 0.5 * share / looks;
        let (own, before) = (known.distance(new, now, level), known.distance(old, then, level));
        let at = |mean: &Mean| match known.scale {
            Scale::Kolmogorov | Scale::Embedding => mean.mean,
            _ => (mean.mean - known.mean.hi()).max(known.mean.lo() - mean.mean).max(0.0),
        };
        more.detectable = more.detectable.min(before.hi() + known.seen(new, now, level, asked.missed));
        if k == 0 || p < p_bound {
            (p_bound, statistic) = (p, at(new));
            more.threshold = before.hi() + (at(new) - own.lo()).max(0.0);
            more.says = format!(
                "{:.6} away from what the law says, {:.6} in the run that was kept ({:.6} at most)",
                at(new),
                at(old),
                before.hi()
            );
        }
    }
    Found { statistic, p_bound, unit: kind.distance(), more: Box::new(move || more.clone()) }
}

/// The least level at which something holds that holds for all larger ones; 1 if it does not hold there.
fn smallest_level(holds: &dyn Fn(f64) -> bool) -> f64 {
    if !holds(1.0) {
        return 1.0;
    }
    let (mut no, mut yes) = (-680.0, 0.0);
    while yes - no > 1e-6 {
        let middle = 0.5 * (no + yes);
        if holds(libm::exp(middle)) { yes = middle } else { no = middle }
    }
    libm::exp(yes)
}
