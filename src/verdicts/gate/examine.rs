//! The tests: what was counted, held against what is known.

use super::exchange::{Exact, blocks};
use super::inequalities::{Steps, Units, chances, kolmogorov, kolmogorov_threshold, mean_of_bounded, proportion};
use super::kept::Kept;
use super::reference::{Features, RatioEvent, Reference};
use super::sides::Pairs;
use super::tally::Tally;
use super::view::{Bins, View};
use crate::numerics::Interval;
use rayon::prelude::*;
use serde::Serialize;

/// The kinds of tests; each gets the same share of the false alarms that are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The largest difference of distribution functions.
    Kolmogorov,
    /// How many draws are far out.
    Tails,
    /// The mean, clipped far out.
    Mean,
    /// The variance, clipped far out.
    Variance,
    /// How many draws are where those with a fault would be more frequent.
    Ratio,
    /// The mean responsibility of a mode.
    Weight,
    /// The distance of the mean of random features.
    Features,
    /// Whether draws can be exchanged with exact ones.
    Exchange,
    /// Whether numbers of a draw that should be independent know of each other.
    Together,
    /// Whether draws at some distance agree more or less often than independent ones would.
    Order,
}

/// What is asked of draws.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The probability that a right sampler fails, at most.
    pub alpha: f64,
    /// How far in total variation from the law the sampler may be.
    pub within: f64,
    /// The probability that a fault as large as `detectable` is missed, at most.
    pub missed: f64,
    /// `None`: independent draws; otherwise they come in so many independent groups.
    pub groups: Option<u64>,
}

/// One test and how it went.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// Its kind and what it looks at.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What it looks at.
    pub of: String,
    /// What was found, in `unit`.
    pub statistic: f64,
    /// From where on it fails, in `unit`.
    pub threshold: f64,
    /// A bound of the probability of what was found or worse, under a right sampler.
    pub p_bound: f64,
    /// Its share of the false alarms.
    pub share: f64,
    /// The smallest fault it sees in all but a share `missed` of cases, in `unit`.
    pub detectable: f64,
    /// What the three are measured in.
    pub unit: &'static str,
    /// Whether it passes.
    pub pass: bool,
    /// What a failure means.
    pub says: String,
}

/// A test before it is carried out.
pub(super) enum Test<'a> {
    Kolmogorov(&'a View, &'a [u64]),
    Tails(&'a View, &'a [u64]),
    Mean(&'a View, &'a [u64]),
    Variance(&'a View, &'a [u64]),
    Ratio(&'a RatioEvent),
    Weight(usize),
    Features(&'a Features),
    Exchange(&'a Exact),
    Together(usize),
    Order(usize),
}

impl Test<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Test::Kolmogorov(..) => Kind::Kolmogorov,
            Test::Tails(..) => Kind::Tails,
            Test::Mean(..) => Kind::Mean,
            Test::Variance(..) => Kind::Variance,
            Test::Ratio(_) => Kind::Ratio,
            Test::Weight(_) => Kind::Weight,
            Test::Features(_) => Kind::Features,
            Test::Exchange(_) => Kind::Exchange,
            Test::Together(_) => Kind::Together,
            Test::Order(_) => Kind::Order,
        }
    }

    /// What it looks at.
    fn of(&self, reference: &Reference) -> String {
        match self {
            Test::Kolmogorov(view, _) | Test::Tails(view, _) | Test::Mean(view, _) | Test::Variance(view, _) => {
                view.name.clone()
            }
            Test::Ratio(event) => format!("{} for {}", reference.views[event.view].name, event.fault),
            Test::Weight(k) => format!("mode {k}"),
            Test::Features(_) => "random features".into(),
            Test::Exchange(_) => "kernel means".into(),
            Test::Together(k) => {
                let (i, j, _) = reference.apart[*k];
                format!("{} and {}", reference.sided[i], reference.sided[j])
            }
            Test::Order(k) => reference.sided[*k].clone(),
        }
    }

    /// Its kind and what it looks at.
    pub(super) fn name(&self, reference: &Reference) -> String {
        format!("{} of {}", self.kind().name(), self.of(reference))
    }
}

/// How many kinds of tests there are.
const KINDS: f64 = 9.0;

/// Every test there is, in order.
pub(super) fn tests<'a>(reference: &'a Reference, tally: &'a Tally, asked: &Asked) -> Vec<Test<'a>> {
    let counted = || reference.views.iter().zip(&tally.bins).map(|(view, counts)| (view, &counts[..]));
    let varies = |view: &View| view.bins.masses.iter().filter(|m| **m > 0.0).count() > 2;
    let mut tests: Vec<Test> = counted().map(|(v, c)| Test::Kolmogorov(v, c)).collect();
    tests.extend(counted().map(|(v, c)| Test::Tails(v, c)));
    tests.extend(counted().filter(|(v, _)| varies(v)).map(|(v, c)| Test::Mean(v, c)));
    tests.extend(counted().filter(|(v, _)| varies(v)).map(|(v, c)| Test::Variance(v, c)));
    tests.extend(reference.events.iter().map(Test::Ratio));
    tests.extend((0..reference.weights.len()).map(Test::Weight));
    tests.extend(reference.features.iter().map(Test::Features));
    // Only draws of the law itself, and independent ones, can be exchanged with exact ones.
    let exchangeable = asked.within == 0.0 && asked.groups.is_none() && blocks(asked.alpha / KINDS).is_some();
    tests.extend(reference.exact.iter().filter(|_| exchangeable).map(Test::Exchange));
    tests.extend((0..reference.apart.len()).map(Test::Together));
    tests.extend((0..reference.sides.len()).map(Test::Order));
    tests
}

/// The share of false alarms of each test: equal among kinds, and within a kind.
pub(super) fn share(tests: &[Test], kind: Kind, alpha: f64) -> f64 {
    let mut kinds: Vec<Kind> = tests.iter().map(Test::kind).collect();
    let same = kinds.iter().filter(|k| **k == kind).count();
    kinds.sort();
    kinds.dedup();
    alpha / (kinds.len() * same) as f64
}

/// Carries out every test.
#[must_use]
pub fn examine(reference: &Reference, tally: &Tally, asked: &Asked) -> Vec<Outcome> {
    let tests = tests(reference, tally, asked);
    let one = |test: &Test| {
        let share = share(&tests, test.kind(), asked.alpha);
        finish(test, reference, share, carry_out(test, reference, tally, asked, share))
    };
    tests.par_iter().map(one).collect()
}

/// Whether every test passes: the verdict of [`examine`] without what it could have seen.
#[must_use]
pub fn passes(reference: &Reference, tally: &Tally, asked: &Asked) -> bool {
    let tests = tests(reference, tally, asked);
    tests.iter().all(|test| {
        let share = share(&tests, test.kind(), asked.alpha);
        carry_out(test, reference, tally, asked, share).p_bound > share
    })
}

impl Asked {
    /// How many independent numbers a view saw.
    pub(super) fn units(&self, draws: u64, per_draw: usize) -> Units {
        match self.groups {
            Some(groups) => Units::Groups(groups),
            None if per_draw == 1 => Units::Draws(draws),
            // Coordinates are independent under the law itself, but not under every law near it.
            None if self.within > 0.0 => Units::Groups(draws),
            None => Units::Draws(draws * per_draw as u64),
        }
    }
}

/// A number of the view in each bin: its distance from the middle for the mean, the square of that from the mean for the variance; clipped where the
/// law, or what may be missing of it, has less mass than `clip`. The middle is returned beside them.
pub(super) fn steps(bins: &Bins, clip: f64, square: bool) -> (Vec<f64>, f64) {
    let clip = clip.max(1e-9);
    let lo = bins.at_most.iter().position(|p| p.mid() >= clip).unwrap_or(0);
    let hi = bins.above.iter().rposition(|p| p.mid() >= clip).unwrap_or(bins.edges.len() - 1);
    let (lo, hi) = (bins.edges[lo.min(hi)], bins.edges[hi.max(lo)]);
    let middle = bins.places[bins.at_most.iter().position(|p| p.mid() >= 0.5).unwrap_or(0)];
    let clipped: Vec<f64> = bins.places.iter().map(|x| x.clamp(lo, hi) - middle).collect();
    if !square {
        return (clipped, middle);
    }
    let mean: f64 = clipped.iter().zip(&bins.masses).map(|(x, m)| x * m).sum();
    (clipped.iter().map(|x| (x - mean) * (x - mean)).collect(), 0.0)
}

impl<'a> Steps<'a> {
    /// Values in the bins of a law.
    pub(super) fn of(values: &'a [f64], bins: &'a Bins, slack: f64) -> Self {
        Self { values, masses: &bins.masses, error: bins.mass_error, slack }
    }
}

/// The mean of a number that is known in each bin.
pub(super) fn step_mean(values: &[f64], counts: &[u64]) -> f64 {
    let n: u64 = counts.iter().sum();
    values.iter().zip(counts).map(|(v, c)| v * *c as f64).sum::<f64>() / n as f64
}

/// The edges at which tails are looked at: those beyond which at most a thousandth of the mass lies, and of the ones with next to no draws
/// expected just one.
pub(super) fn tail_edges(bins: &Bins, draws: f64) -> Vec<(usize, bool)> {
    let mut edges = Vec::new();
    for above in [false, true] {
        let masses = if above { &bins.above } else { &bins.at_most };
        let mut far: Vec<usize> = (0..bins.edges.len()).filter(|&k| masses[k].mid() <= 1e-3).collect();
        far.sort_by(|&a, &b| masses[b].mid().total_cmp(&masses[a].mid()));
        // Every halving is enough.
        let mut last = f64::INFINITY;
        for k in far {
            let mass = masses[k].mid();
            if mass > 0.7 * last {
                continue;
            }
            last = mass;
            edges.push((k, above));
            if mass * draws < 1e-3 {
                break;
            }
        }
    }
    edges
}

impl Found<'_> {
    /// Of too few draws.
    fn nothing(unit: &'static str) -> Self {
        let says = "too few draws to say anything";
        let more = move || More { threshold: f64::INFINITY, detectable: f64::INFINITY, says: says.into() };
        Self { statistic: 0.0, p_bound: 1.0, unit, more: Box::new(more) }
    }
}

/// How a test went, from what it found.
pub(super) fn finish(test: &Test, reference: &Reference, share: f64, found: Found) -> Outcome {
    let More { threshold, detectable, says } = (found.more)();
    Outcome {
        name: test.name(reference),
        kind: test.kind(),
        of: test.of(reference),
        statistic: found.statistic,
        threshold,
        p_bound: found.p_bound,
        share,
        detectable,
        unit: found.unit,
        pass: found.p_bound > share,
        says,
    }
}

/// What a test finds.
pub(super) fn carry_out<'a>(
    test: &Test<'a>,
    reference: &'a Reference,
    tally: &'a Tally,
    asked: &'a Asked,
    share: f64,
) -> Found<'a> {
    let units = |view: &View| asked.units(tally.draws, view.map.per_draw());
    let single = asked.units(tally.draws, 1);
    match *test {
        Test::Kolmogorov(view, counts) => of_kolmogorov(&view.bins, counts, units(view), asked, share),
        Test::Tails(view, counts) => of_tails(&view.bins, counts, units(view), asked, share),
        Test::Mean(view, counts) | Test::Variance(view, counts) => {
            of_steps(&view.bins, counts, units(view), asked, share, test.kind() == Kind::Variance)
        }
        Test::Ratio(event) => {
            let view = &reference.views[event.view];
            of_ratio(event, &tally.bins[event.view], units(view), asked, share)
        }
        Test::Weight(k) => of_weight(reference.weights[k], tally.part(k), single.count(), asked, share),
        Test::Features(features) => of_features(features, tally, single.count(), asked, share),
        Test::Exchange(exact) => of_exchange(exact, &tally.kept, asked, share),
        Test::Together(k) => of_together(reference, tally, k, asked, share),
        Test::Order(k) => of_order(reference.chances[k], &seen_sides(tally, k, asked), asked, share),
    }
}

impl Kind {
    /// What its distance from the known law is measured in.
    pub(super) fn distance(self) -> &'static str {
        match self {
            Kind::Kolmogorov => "difference of distribution functions",
            Kind::Tails => "difference of chances",
            Kind::Mean => "difference of means",
            Kind::Variance => "difference of variances",
            Kind::Ratio => "share of draws where the fault would put more",
            Kind::Weight => "weight",
            Kind::Features | Kind::Exchange => "distance of mean embeddings",
            Kind::Together => "share of draws on one side of both medians",
            Kind::Order => "share of pairs on one side",
        }
    }

    /// Whether it looks at one number of the draws and its law.
    #[must_use]
    pub fn is_of_view(self) -> bool {
        matches!(self, Kind::Kolmogorov | Kind::Tails | Kind::Mean | Kind::Variance)
    }

    /// For tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Kolmogorov => "kolmogorov",
            Kind::Tails => "tails",
            Kind::Mean => "mean",
            Kind::Variance => "variance",
            Kind::Ratio => "ratio",
            Kind::Weight => "weight",
            Kind::Features => "mmd",
            Kind::Exchange => "exchange",
            Kind::Together => "together",
            Kind::Order => "order",
        }
    }
}

/// What a test found, and on demand what it could have seen: see [`Outcome`].
pub(super) struct Found<'a> {
    pub statistic: f64,
    pub p_bound: f64,
    pub unit: &'static str,
    pub more: Box<dyn Fn() -> More + 'a>,
}

/// What costs more than the verdict.
#[derive(Clone, Debug)]
pub(super) struct More {
    pub threshold: f64,
    pub detectable: f64,
    pub says: String,
}

fn of_kolmogorov<'a>(bins: &Bins, counts: &[u64], units: Units, asked: &'a Asked, share: f64) -> Found<'a> {
    let (worst, place, higher) = bins.farthest(counts);
    let more = move || {
        let threshold = asked.within + kolmogorov_threshold(units, share);
        let side = if higher { "too many" } else { "too few" };
        More {
            threshold,
            detectable: threshold + kolmogorov_threshold(units, asked.missed),
            says: format!("{side} draws at or below {place:.4}"),
        }
    };
    Found {
        statistic: worst,
        p_bound: kolmogorov(units, (worst - asked.within).max(0.0)),
        unit: "difference of distribution functions",
        more: Box::new(more),
    }
}

fn of_tails<'a>(bins: &'a Bins, counts: &[u64], units: Units, asked: &'a Asked, share: f64) -> Found<'a> {
    let n: u64 = counts.iter().sum();
    let edges = tail_edges(bins, n as f64);
    let looks = edges.len().max(1) as f64;
    let known = |k: usize, above: bool| if above { bins.above[k] } else { bins.at_most[k] };
    let allowed = move |known: Interval| Interval::new(known.lo() - asked.within, known.hi() + asked.within);
    let mut worst = None;
    let (mut statistic, mut p_bound) = (1.0, 1.0);
    for &(k, above) in &edges {
        let (_, seen) = tail(bins, counts, (k, above));
        let part = seen as f64 / n as f64;
        let p = (proportion(units, part, allowed(known(k, above))) * looks).min(1.0);
        if p < p_bound || worst.is_none() {
            (p_bound, statistic, worst) = (p, part / known(k, above).mid(), Some((k, above, seen)));
        }
    }
    let more = move || {
        let needed = |known: Interval| smallest_proportion(units, allowed(known).clamp(0.0, 1.0), share / looks);
        let seen_well = |&(k, above): &(usize, bool)| {
            let known = known(k, above);
            let needed = needed(known);
            (needed + more_than(units.count(), needed, asked.missed)) / known.mid()
        };
        let detectable = edges.iter().map(seen_well).fold(f64::INFINITY, f64::min);
        let Some((k, above, seen)) = worst else {
            return More { threshold: f64::INFINITY, detectable, says: String::new() };
        };
        let (known, far) = (known(k, above), if above { "above" } else { "at or below" });
        let expected = known.mid() * n as f64;
        More {
            threshold: fails_from(units, allowed(known).clamp(0.0, 1.0), share / looks, seen as f64 / n as f64)
                / known.mid(),
            detectable,
            says: format!("{seen} of {n} draws {far} {:.4}, where {expected:.4} are expected", bins.edges[k]),
        }
    };
    let unit = "mass beyond the point, over what it should be";
    Found { statistic, p_bound, unit, more: Box::new(more) }
}

/// How many of n draws are in an event whose chance is known.
fn of_event<'a>(
    (seen, n): (u64, u64),
    known: Interval,
    units: Units,
    asked: &'a Asked,
    share: f64,
    (unit, says): (&'static str, impl Fn(f64) -> String + 'a),
) -> Found<'a> {
    let part = seen as f64 / n.max(1) as f64;
    let allowed = known.widen(asked.within).clamp(0.0, 1.0);
    let more = move || {
        let needed = smallest_proportion(units, allowed, share);
        More {
            threshold: fails_from(units, allowed, share, part),
            detectable: needed + more_than(units.count(), needed, asked.missed),
            says: says(known.mid() * n as f64),
        }
    };
    Found { statistic: part, p_bound: proportion(units, part, allowed), unit, more: Box::new(more) }
}

fn of_ratio<'a>(event: &RatioEvent, counts: &[u64], units: Units, asked: &'a Asked, share: f64) -> Found<'a> {
    let (seen, n, fault) = (event.seen(counts), counts.iter().sum(), event.fault.clone());
    let says = move |expected: f64| {
        format!(
            "{seen} of {n} draws are where `{fault}` would put more than the law does, and {expected:.1} are expected there"
        )
    };
    of_event((seen, n), event.chance, units, asked, share, (Kind::Ratio.distance(), says))
}

/// The chance of being beyond an edge, above or at most it, and how many are.
pub(super) fn tail(bins: &Bins, counts: &[u64], (k, above): (usize, bool)) -> (Interval, u64) {
    if above { (bins.above[k], counts[k + 1..].iter().sum()) } else { (bins.at_most[k], counts[..=k].iter().sum()) }
}

/// The least and the largest proportion at which [`proportion`] is above `level`.
pub(super) fn passing(units: Units, chance: Interval, level: f64) -> (f64, f64) {
    let next = match units {
        Units::Draws(n) => 1.0 / n as f64,
        Units::Groups(_) => 0.0,
    };
    let most = smallest_proportion(units, chance, level) - next;
    let least = 1.0 - smallest_proportion(units, (Interval::ONE - chance).clamp(0.0, 1.0), level) + next;
    (least.max(0.0), most.min(1.0))
}

/// From which proportion on, upwards or downwards as the found one lies, [`proportion`] is at most `level`.
fn fails_from(units: Units, chance: Interval, level: f64, found: f64) -> f64 {
    match found < chance.lo() {
        true => passing(units, chance, level).0,
        false => smallest_proportion(units, chance, level),
    }
}

/// The least proportion above a chance at which [`proportion`] is at most `level`.
pub(super) fn smallest_proportion(units: Units, chance: Interval, level: f64) -> f64 {
    let n = units.count() as f64;
    let (mut lo, mut hi) = (chance.hi(), 1.0);
    if proportion(units, 1.0, chance) > level {
        return f64::INFINITY;
    }
    while hi - lo > 0.5 / n && hi - lo > 1e-12 {
        let middle = 0.5 * (lo + hi);
        if proportion(units, middle, chance) <= level { hi = middle } else { lo = middle }
    }
    match units {
        Units::Draws(_) => (hi * n).ceil() / n,
        Units::Groups(_) => hi,
    }
}

/// How much more than f a chance must be for the proportion of n to be below f with probability at most `missed`.
fn more_than(n: u64, f: f64, missed: f64) -> f64 {
    if !f.is_finite() {
        return f64::INFINITY;
    }
    let (mut lo, mut hi) = (f, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (lo + hi);
        if mean_of_bounded(n, f, middle) <= missed { hi = middle } else { lo = middle }
    }
    hi - f
}

fn of_steps<'a>(bins: &'a Bins, counts: &[u64], units: Units, asked: &'a Asked, share: f64, square: bool) -> Found<'a> {
    let (values, middle) = steps(bins, asked.within, square);
    let mean = step_mean(&values, counts);
    let known = Steps::of(&values, bins, asked.within);
    let expected = known.mean();
    let scale = if square { expected } else { known.variance().sqrt() };
    let p_bound = known.p_bound(units, mean);
    let more = move || {
        let known = Steps::of(&values, bins, asked.within);
        let edge = |level: f64, sign: f64| {
            let exponent = libm::log(2.0 / level) / units.count() as f64;
            known.quantile(exponent, sign).map_or(f64::INFINITY, |s| (s - expected).abs() / scale)
        };
        let fails = [edge(share, 1.0), edge(share, -1.0)];
        let strays = [edge(asked.missed, 1.0), edge(asked.missed, -1.0)];
        // The worse of both sides. A law that is moved strays as the known one does, one that is stretched about its mean in proportion.
        let detectable = match square {
            false => (fails[0] + strays[1]).max(fails[1] + strays[0]),
            true if strays[1] >= 1.0 || fails[1] >= 1.0 => f64::INFINITY,
            true => ((1.0 + fails[0]) / (1.0 - strays[1]) - 1.0).max(1.0 - (1.0 - fails[1]) / (1.0 + strays[0])),
        };
        let (side, more) = if mean >= expected { (0, "larger") } else { (1, "smaller") };
        More {
            threshold: fails[side],
            detectable,
            says: format!("{:.6} found, {:.6} expected: {more}", middle + mean, middle + expected),
        }
    };
    let unit = if square { "relative difference" } else { "standard deviations" };
    Found { statistic: (mean - expected).abs() / scale, p_bound, unit, more: Box::new(more) }
}

fn of_weight(known: Interval, found: f64, units: u64, asked: &Asked, share: f64) -> Found<'_> {
    let allowed = allowed_weight(known, asked);
    let p = if allowed.contains(found) {
        1.0
    } else if found > allowed.hi() {
        2.0 * mean_of_bounded(units, found, allowed.hi())
    } else {
        2.0 * mean_of_bounded(units, found, allowed.lo())
    };
    let more = move || {
        // A weight that is too small is one of all others that is too large.
        let side = |allowed: f64, known: f64| {
            let fails = allowed - known + beyond(units, allowed, 0.5 * share);
            (fails, fails + more_than(units, (known + fails).min(1.0), 0.5 * asked.missed))
        };
        let (up, down) = (side(allowed.hi(), known.mid()), side(1.0 - allowed.lo(), 1.0 - known.mid()));
        More {
            threshold: if found >= known.mid() { up.0 } else { down.0 },
            detectable: up.1.max(down.1),
            says: format!("{found:.6} found, {:.6} expected", known.mid()),
        }
    };
    Found { statistic: (found - known.mid()).abs(), p_bound: p.min(1.0), unit: "weight", more: Box::new(more) }
}

/// What the mean responsibility of a mode may be: fractions are counted in steps of 2^-32.
pub(super) fn allowed_weight(known: Interval, asked: &Asked) -> Interval {
    known.widen(asked.within + 1e-9).clamp(0.0, 1.0)
}

/// How far above p the mean of n must be for [`mean_of_bounded`] to be at most `level`.
pub(super) fn beyond(n: u64, p: f64, level: f64) -> f64 {
    let (mut lo, mut hi) = (p, 1.0);
    if mean_of_bounded(n, 1.0, p) > level {
        return f64::INFINITY;
    }
    for _ in 0..60 {
        let middle = 0.5 * (lo + hi);
        if mean_of_bounded(n, middle, p) <= level { hi = middle } else { lo = middle }
    }
    hi - p
}

/// `|mean of Phi - E Phi|` for features of norm 1: at most `n^(-1/2)` on average, and a draw moves it by at most 2/n (McDiarmid 1989).
fn of_features<'a>(features: &Features, tally: &Tally, units: u64, asked: &'a Asked, share: f64) -> Found<'a> {
    let n = units as f64;
    let statistic = features.distance(tally);
    let allowed = 2.0 * asked.within + 1.0 / n.sqrt() + Features::ERROR * 2f64.sqrt();
    let more = move || {
        let away = |level: f64| (2.0 * libm::log(1.0 / level) / n).sqrt();
        More {
            threshold: allowed + away(share),
            // The mean of the features is itself up to n^(-1/2) from what it is on average.
            detectable: allowed + away(share) + away(asked.missed) + 1.0 / n.sqrt(),
            says: "the characteristic function is another one".into(),
        }
    };
    Found {
        statistic,
        p_bound: libm::exp(-0.5 * n * (statistic - allowed).max(0.0).powi(2)),
        unit: "distance of mean embeddings",
        more: Box::new(more),
    }
}

fn of_exchange<'a>(exact: &Exact, kept: &Kept, asked: &'a Asked, share: f64) -> Found<'a> {
    let unit = Kind::Exchange.distance();
    let (Some(blocks), n) = (blocks(share), kept.rows().len()) else { return Found::nothing(unit) };
    if n < blocks as usize {
        return Found::nothing(unit);
    }
    let found = exact.exchange(kept, blocks);
    let n = n as f64;
    let more = move || {
        // |D_i|^2 is at most 2; the mean embeddings of both are within (2/n)^(1/2) of theirs on average, and one draw moves them by at most 2^(1/2)/n.
        let threshold = |spread: f64| (spread / n).sqrt() * (1.0 + (2.0 * libm::log(2.0 / share)).sqrt());
        let missed = (2.0 / n).sqrt() + (2.0 * libm::log(1.0 / asked.missed) / n).sqrt();
        More {
            threshold: threshold(found.spread),
            detectable: threshold(2.0) + missed,
            says: format!("{n} of the draws can be told from exact ones"),
        }
    };
    Found { statistic: found.distance, p_bound: found.p_bound, unit, more: Box::new(more) }
}

/// Pairs of draws at every distance that is looked at, along the k-th coordinate looked at; of groups the first draws: what is within one may
/// depend on anything.
pub(super) fn agreeing(tally: &Tally, k: usize, asked: &Asked) -> Vec<Pairs> {
    tally.sides.pairs(k, stride(tally, asked))
}

fn stride(tally: &Tally, asked: &Asked) -> u64 {
    asked.groups.map_or(1, |groups| (tally.draws / groups).max(1))
}

/// The chance that two independent draws lie on one side of a point, where each is at most that with this chance.
pub(super) fn agreement(chance: Interval, within: f64) -> Interval {
    // Both at most the median, or both above it; within: the chance of one moves by that much.
    let one = chance.widen(within).clamp(0.0, 1.0);
    let both = |p: f64| p * p + (1.0 - p) * (1.0 - p);
    let most = both(one.lo()).max(both(one.hi()));
    let least = if one.contains(0.5) { 0.5 } else { both(one.lo()).min(both(one.hi())) };
    Interval::new(least, most)
}

/// Draws at some distance, and on which side of the median how many are.
pub(super) struct SeenSides {
    pairs: Vec<Pairs>,
    below: u64,
    all: u64,
}

pub(super) fn seen_sides(tally: &Tally, k: usize, asked: &Asked) -> SeenSides {
    let (below, all) = tally.sides.below(k, stride(tally, asked));
    SeenSides { pairs: agreeing(tally, k, asked), below, all }
}

impl SeenSides {
    /// The pairs at every distance that is looked at.
    pub(super) fn pairs(&self) -> &[Pairs] {
        &self.pairs
    }

    /// The chance of being at most the median, whatever the law, in all but a share `level` of cases.
    pub(super) fn chance(&self, level: f64) -> Interval {
        chances(Units::Draws(self.all.max(1)), self.below as f64 / self.all.max(1) as f64, level)
    }
}

/// The order whatever the law of one draw is: half of the share for the chance of being at most the median, half for the pairs.
pub(super) fn order_alone<'a>(seen: &SeenSides, asked: &'a Asked, share: f64) -> Found<'a> {
    let found = of_order(seen.chance(0.5 * share), seen, asked, 0.5 * share);
    Found { p_bound: (found.p_bound + 0.5 * share).min(1.0), ..found }
}

fn of_order<'a>(chance: Interval, seen: &SeenSides, asked: &'a Asked, share: f64) -> Found<'a> {
    let known = agreement(chance, asked.within);
    let looks = seen.pairs.len().max(1) as f64;
    let part = |pairs: &Pairs| pairs.agreeing as f64 / pairs.pairs as f64;
    let p_of = move |pairs: &Pairs, known: Interval| proportion(Units::Draws(pairs.pairs), part(pairs), known);
    let worst = seen.pairs.iter().map(|pairs| (*pairs, p_of(pairs, known))).min_by(|a, b| a.1.total_cmp(&b.1));
    let unit = Kind::Order.distance();
    let Some((worst, p)) = worst else { return Found::nothing(unit) };
    let (below, all) = (seen.below, seen.all);
    let more = move || {
        let own = chances(Units::Draws(all.max(1)), below as f64 / all.max(1) as f64, share);
        let needed = smallest_proportion(Units::Draws(worst.pairs), known, share / looks);
        let (what, lag) = (if asked.groups.is_some() { "groups" } else { "rows" }, worst.lag);
        let help = match (asked.groups, lag) {
            (None, 1..=64) => {
                "give chains as (chains, n, d), or ask for --batches; or have parts of the file the same seed?"
            }
            (Some(_), 1..=64) => "are chains seeded apart, or batches too short?",
            _ => "do parts of the file have the same seed?",
        };
        let says = if below == 0 || below == all {
            let first = if asked.groups.is_some() { " first" } else { "" };
            format!(
                "all{first} draws lie on one side of the median: every draw must have the law, also the first of a chain"
            )
        } else if p_of(&worst, agreement(own, asked.within)) > share / looks {
            format!(
                "{below} of {all} {what} are at most the median of the law: so many more agree, and nothing says that they know of each other"
            )
        } else {
            format!("{what} {lag} apart are not independent: {help}")
        };
        More {
            threshold: fails_from(Units::Draws(worst.pairs), known, share / looks, part(&worst)),
            detectable: needed + more_than(worst.pairs, needed, asked.missed),
            says,
        }
    };
    Found { statistic: part(&worst), p_bound: (looks * p).min(1.0), unit, more: Box::new(more) }
}

/// Two numbers of a draw that are independent under the law lie on the same side of their medians as often as two coins agree.
fn of_together<'a>(reference: &Reference, tally: &Tally, k: usize, asked: &'a Asked, share: f64) -> Found<'a> {
    let (i, j, error) = reference.apart[k];
    let (a, b) = (reference.chances[i], reference.chances[j]);
    let known = (a * b + (Interval::ONE - a) * (Interval::ONE - b)).widen(error).clamp(0.0, 1.0);
    let (seen, n) = (tally.sides.together(i, j), tally.draws);
    let says = move |expected: f64| {
        format!(
            "{seen} of {n} draws lie on one side of both medians, where {expected:.0} are expected: the two are not independent"
        )
    };
    of_event((seen, n), known, asked.units(n, 1), asked, share, (Kind::Together.distance(), says))
}
