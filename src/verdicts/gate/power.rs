//! How many draws a fault needs before a gate sees it.

use super::examine::{Asked, Kind, agreement, share, smallest_proportion, steps, tail_edges, tests};
use super::inequalities::{Steps, Units, binary_divergence, kolmogorov_threshold, mean_of_bounded};
use super::known::Known;
use super::reference::{Features, RatioEvent, Reference};
use super::sides::{lags, pairs_at};
use super::tally::Tally;
use super::view::{Bins, View};
use crate::numerics::Interval;
use serde::Serialize;

/// What one test needs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Need {
    /// Its kind and what it looks at.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// From how many independent draws on (groups, where they come in groups) it fails with the fault in all but a share `missed` of cases.
    pub draws: f64,
}

/// What a fault needs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The fault.
    pub fault: String,
    /// From how many draws (groups, where they come in groups) on one of the tests sees it; `None` where none ever does.
    pub draws: Option<f64>,
    /// What every test needs, the quickest first.
    pub tests: Vec<Need>,
}

impl Plan {
    /// What a test needs, by its name.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<f64> {
        self.tests.iter().find(|need| need.name == name).map(|need| need.draws)
    }
}

/// From how many draws on each test sees a fault, the quickest first; tests that never do, or of which it is not known, are left out.
/// `law` is that of draws with the fault, `features` the means of the random features under it.
///
/// Sufficient, not necessary: every number is proved with the inequalities of the tests themselves.
#[must_use]
pub fn needs(reference: &Reference, law: &dyn Known, features: Option<&[f64]>, asked: &Asked) -> Vec<Need> {
    let nothing = Tally::new(reference);
    let all = tests(reference, &nothing, asked);
    let of = |kind: Kind| share(&all, kind, asked.alpha);
    let mut needs = Vec::new();
    for view in &reference.views {
        let Some(faulty) = view.under(law) else { continue };
        // Pooled numbers are independent with the fault too where the law says so by pooling them.
        let per_draw = match asked.units(1, view.map.per_draw()) {
            Units::Draws(n) => n as f64,
            Units::Groups(_) => 1.0,
        };
        let mut add = |kind: Kind, numbers: f64| {
            if numbers.is_finite() {
                needs.push(Need {
                    name: format!("{} of {}", kind.name(), view.name),
                    kind,
                    draws: (numbers / per_draw).ceil().max(1.0),
                });
            }
        };
        add(Kind::Kolmogorov, of_kolmogorov(view, &faulty, asked, of(Kind::Kolmogorov)));
        add(Kind::Tails, of_tails(view, &faulty, asked, of(Kind::Tails)));
        add(Kind::Mean, of_steps(view, &faulty, asked, of(Kind::Mean), false));
        add(Kind::Variance, of_steps(view, &faulty, asked, of(Kind::Variance), true));
    }
    for event in &reference.events {
        let view = &reference.views[event.view];
        let Some(faulty) = view.under(law) else { continue };
        let chance = RatioEvent::chance(&event.bins, &faulty.masses, faulty.mass_error);
        let per_draw = match asked.units(1, view.map.per_draw()) {
            Units::Draws(n) => n as f64,
            Units::Groups(_) => 1.0,
        };
        let fails = (2.0 / of(Kind::Ratio)).ln() * (1.0 + 1e-9);
        let numbers = of_chance(event.chance, chance, fails, asked);
        if numbers.is_finite() {
            let name = format!("{} of {} for {}", Kind::Ratio.name(), view.name, event.fault);
            needs.push(Need { name, kind: Kind::Ratio, draws: (numbers / per_draw).ceil().max(1.0) });
        }
    }
    if let (Some(own), Some(faulty)) = (&reference.features, features) {
        let draws = of_features(own, faulty, asked, of(Kind::Features));
        if draws.is_finite() {
            needs.push(Need { name: "mmd of random features".into(), kind: Kind::Features, draws: draws.ceil() });
        }
    }
    // With fewer the gate says that it is blind.
    let level = of(Kind::Kolmogorov);
    let least = smallest(&|n: f64| kolmogorov_threshold(planned(asked, n), level) < 1.0);
    needs.iter_mut().for_each(|need| need.draws = need.draws.max(least));
    needs.sort_by(|a, b| a.draws.total_cmp(&b.draws));
    needs
}

/// Draws that should be independent and are not: how often those at some distance lie on the same side of the median of the first coordinate.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// The distance.
    pub lag: Lag,
    /// The chance that the two of a pair lie on one side.
    pub chance: Interval,
    /// Pairs come in blocks of so many draws (or groups) each, and blocks are independent; where `chance` is 0 or 1 nothing is asked of them.
    pub block: u64,
    /// Draws come a multiple of so many at a time.
    pub multiple: u64,
}

/// A distance between draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// So many places.
    Places(u64),
    /// This part of all.
    Part(u64),
}

/// From how many draws (groups, where they come in groups) on the test of the order sees draws that agree too often
/// or too rarely; `None` where it does not look at the distance or never sees it.
///
/// Pairs over a block have a mean in `[0, 1]`, to which Hoeffding's bound applies block by block.
#[must_use]
pub fn needs_of_order(reference: &Reference, found: &Agreement, asked: &Asked) -> Option<Need> {
    let nothing = Tally::new(reference);
    let share = share(&tests(reference, &nothing, asked), Kind::Order, asked.alpha);
    let independent = agreement(*reference.chances.first()?, asked.within);
    let name = reference.sided.first()?;
    // Seen from the side on which pairs are too many.
    let rarely = found.chance.hi() < independent.lo();
    let (known, chance) = match rarely {
        true => (Interval::ONE - independent, 1.0 - found.chance.hi()),
        false => (independent, found.chance.lo()),
    };
    let whole = |n: f64| (n as u64).div_ceil(found.multiple) * found.multiple;
    let sees = |n: f64| {
        let n = whole(n);
        let lag = match found.lag {
            Lag::Places(lag) => lag,
            Lag::Part(part) => n / part,
        };
        let looks = lags(n as usize);
        if !looks.contains(&(lag as usize)) {
            return false;
        }
        let pairs = pairs_at(n, lag);
        let needed = smallest_proportion(Units::Draws(pairs), known, share / looks.len() as f64);
        // The largest proportion that is missed.
        let below = needed - 1.0 / pairs as f64;
        below < chance && (chance == 1.0 || mean_of_bounded(n / found.block, below, chance) <= asked.missed)
    };
    let draws = smallest(&sees);
    draws.is_finite().then(|| Need {
        name: format!("{} of {name}", Kind::Order.name()),
        kind: Kind::Order,
        draws: whole(draws) as f64,
    })
}

/// `sup |F - G|` at the edges, less what is allowed and unknown, against the two thresholds of n draws, which fall like `n^(-1/2)`.
fn of_kolmogorov(view: &View, faulty: &Bins, asked: &Asked, share: f64) -> f64 {
    let away = view.bins.at_most.iter().zip(&faulty.at_most);
    let away = away.map(|(p, q)| (p.lo() - q.hi()).max(q.lo() - p.hi())).fold(0.0, f64::max) - asked.within;
    if away <= 0.0 {
        return f64::INFINITY;
    }
    let sees = |n: f64| {
        let units = planned(asked, n);
        kolmogorov_threshold(units, share) + kolmogorov_threshold(units, asked.missed) <= away
    };
    smallest(&sees)
}

/// So many draws, or groups where they come in groups.
fn planned(asked: &Asked, n: f64) -> Units {
    match asked.groups {
        Some(_) => Units::Groups(n as u64),
        None => Units::Draws(n as u64),
    }
}

/// The least whole number from which on something holds, if it ever does below 1e18.
fn smallest(holds: &dyn Fn(f64) -> bool) -> f64 {
    let mut hi = 1.0;
    while !holds(hi) {
        hi *= 2.0;
        if hi > 1e18 {
            return f64::INFINITY;
        }
    }
    let mut lo = 0.5 * hi;
    while hi - lo > 1.0 && hi - lo > 1e-6 * hi {
        let middle = (0.5 * (lo + hi)).floor();
        if holds(middle) { hi = middle } else { lo = middle }
    }
    hi
}

/// `min over f of max(ln(2 looks/share)/kl(f, p), ln(1/missed)/kl(f, q))`, f between the mass p and the faulty one q.
fn of_tails(view: &View, faulty: &Bins, asked: &Asked, share: f64) -> f64 {
    // The number of edges looked at depends on n a little: count those of many draws.
    let edges = tail_edges(&view.bins, 1e12);
    let looks = edges.len().max(1) as f64;
    let fails = (2.0 * looks / share).ln() * (1.0 + 1e-9);
    let one = |&(k, above): &(usize, bool)| {
        let (own, other) =
            if above { (view.bins.above[k], faulty.above[k]) } else { (view.bins.at_most[k], faulty.at_most[k]) };
        of_chance(own, other, fails, asked)
    };
    // An edge is looked at where a draw beyond the one before it is expected once in a thousand runs (see `tail_edges`).
    let mass = |&(k, above): &(usize, bool)| if above { view.bins.above[k].mid() } else { view.bins.at_most[k].mid() };
    let looked_at = |i: usize| match i.checked_sub(1).map(|before| &edges[before]) {
        Some(before) if before.1 == edges[i].1 => 1e-3 / mass(before),
        _ => 1.0,
    };
    (0..edges.len()).map(|i| one(&edges[i]).max(looked_at(i))).fold(f64::INFINITY, f64::min)
}

/// `min over f of max(fails/kl(f, p), ln(1/missed)/kl(f, q))`, f between a chance p and the faulty one q.
fn of_chance(own: Interval, other: Interval, fails: f64, asked: &Asked) -> f64 {
    let misses = (1.0 / asked.missed).ln();
    let (p, q) = match () {
        () if other.lo() > own.hi() + asked.within => (own.hi() + asked.within, other.lo()),
        () if other.hi() < own.lo() - asked.within => (own.lo() - asked.within, other.hi()),
        () => return f64::INFINITY,
    };
    between(p, q, &|f| fails / binary_divergence(f, p), &|f| misses / binary_divergence(f, q))
}

/// `min of max(falling, rising)` between p, where the first is infinite, and q, where the second is.
fn between(p: f64, q: f64, away_from_p: &dyn Fn(f64) -> f64, away_from_q: &dyn Fn(f64) -> f64) -> f64 {
    // At q itself: nothing is missed where that is certain.
    let (mut near, mut far) = (p, q);
    for _ in 0..40 {
        let middle = 0.5 * (near + far);
        if away_from_p(middle) > away_from_q(middle) { near = middle } else { far = middle }
    }
    let crossing = away_from_p(far).max(away_from_q(far)).min(away_from_p(near).max(away_from_q(near)));
    if q == 0.0 { crossing.min(away_from_p(0.0)) } else { crossing }
}

fn of_steps(view: &View, faulty: &Bins, asked: &Asked, share: f64, square: bool) -> f64 {
    let (values, _) = steps(&view.bins, asked.within, square);
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return f64::INFINITY;
    }
    let (own, other) = (Steps::of(&values, &view.bins, asked.within), Steps::of(&values, faulty, 0.0));
    let (p, q) = (own.mean(), other.mean());
    if (q - p).abs() <= 1e-12 * own.variance().sqrt() {
        return f64::INFINITY;
    }
    let fails = (2.0 / share).ln() * (1.0 + 1e-9);
    let misses = (1.0 / asked.missed).ln();
    let reach = |steps: &Steps, level: f64, s: f64| match steps.exponent(s) {
        exponent if exponent > 0.0 => level / exponent,
        _ => f64::INFINITY,
    };
    between(p, q, &|s| reach(&own, fails, s), &|s| reach(&other, misses, s))
}

fn of_features(own: &Features, faulty: &[f64], asked: &Asked, share: f64) -> f64 {
    let count = own.frequencies.len() as f64;
    let square = own.means.iter().zip(faulty).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / count;
    let away = square.sqrt() - 2.0 * asked.within - 2.0 * Features::ERROR * 2f64.sqrt();
    let roots = 2.0 + (2.0 * (1.0 / share).ln()).sqrt() + (2.0 * (1.0 / asked.missed).ln()).sqrt();
    if away <= 0.0 { f64::INFINITY } else { (roots / away).powi(2) }
}
