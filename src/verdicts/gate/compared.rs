//! What tests compare, place by place: what is known, what was found, and what passes.

use super::examine::{
    Kind, agreement, allowed_weight, beyond, passing, seen_sides, step_mean, steps, tail, tail_edges,
};
use super::inequalities::{Steps, Units, proportion};
use super::judged::Judged;
use super::view::Bins;
use crate::numerics::Interval;

/// A number that was found, beside what it is under the law and between which values its test passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Under the law.
    pub known: f64,
    /// Of the draws.
    pub found: f64,
    /// The test passes between these; infinite where no value fails.
    pub passes: (f64, f64),
    /// Whether it fails.
    pub fails: bool,
}

/// How much lies on both sides of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The point.
    pub at: f64,
    /// How many numbers are at or below it, and how many above.
    pub found: (u64, u64),
    /// The chances of both.
    pub known: (f64, f64),
    /// From which difference of distribution functions on the test fails here.
    pub allowed: f64,
}

impl Place {
    /// `F_n - F`.
    #[must_use]
    pub fn difference(&self) -> f64 {
        let (below, above) = self.found;
        below as f64 / (below + above) as f64 - self.known.0
    }
}

impl Judged<'_> {
    fn units(&self, view: usize) -> Units {
        self.asked.units(self.tally.draws, self.reference.views[view].map.per_draw())
    }

    /// Counts and chances at the edges of a view.
    #[must_use]
    pub fn places(&self, view: usize) -> Vec<Place> {
        let (bins, counts) = (&self.reference.views[view].bins, &self.tally.bins[view]);
        let own = self.outcome(Kind::Kolmogorov, &self.reference.views[view].name);
        let threshold = own.map_or(f64::INFINITY, |outcome| outcome.threshold);
        let (n, mut below) = (counts.iter().sum::<u64>(), 0);
        let place = |(k, count): (usize, &u64)| {
            below += count;
            let known = (bins.at_most[k].mid(), bins.above[k].mid());
            let allowed = threshold + 0.5 * bins.at_most[k].width();
            Place { at: bins.edges[k], found: (below, n - below), known, allowed }
        };
        counts[..bins.edges.len()].iter().enumerate().map(place).collect()
    }

    /// How many numbers of a view are beyond the points of its test of tails, on one side, the farthest last.
    #[must_use]
    pub fn tails(&self, view: usize, above: bool) -> Vec<(f64, Compared)> {
        let (bins, counts) = (&self.reference.views[view].bins, &self.tally.bins[view]);
        let Some(outcome) = self.outcome(Kind::Tails, &self.reference.views[view].name) else { return Vec::new() };
        let (units, n) = (self.units(view), counts.iter().sum::<u64>() as f64);
        let edges = tail_edges(bins, n);
        let level = outcome.share / edges.len().max(1) as f64;
        let one = |edge: (usize, bool)| {
            let (known, seen) = tail(bins, counts, edge);
            let allowed = Interval::new(known.lo() - self.asked.within, known.hi() + self.asked.within);
            let (lo, hi) = passing(units, allowed.clamp(0.0, 1.0), level);
            let (known, found, passes) = (known.mid() * n, seen as f64, (lo * n, hi * n));
            let fails = proportion(units, found / n, allowed) <= level;
            (bins.edges[edge.0], Compared { known, found, passes, fails })
        };
        edges.into_iter().filter(|edge| edge.1 == above).map(one).collect()
    }

    /// The mean of a view less what it should be, in standard deviations, or its variance (`kind`), relatively; `None` where that is not tested.
    #[must_use]
    pub fn moment(&self, view: usize, kind: Kind) -> Option<Compared> {
        let (bins, counts) = (&self.reference.views[view].bins, &self.tally.bins[view]);
        let outcome = self.outcome(kind, &self.reference.views[view].name)?;
        let square = kind == Kind::Variance;
        let (values, _) = steps(bins, self.asked.within, square);
        let known = Steps { values: &values, masses: &bins.masses, error: bins.mass_error, slack: self.asked.within };
        let expected = known.mean();
        let scale = if square { expected } else { known.variance().sqrt() };
        let level = libm::log(2.0 / outcome.share) / self.units(view).count() as f64;
        let end = |sign: f64| known.quantile(level, sign).map_or(sign * f64::INFINITY, |s| (s - expected) / scale);
        let found = (step_mean(&values, counts) - expected) / scale;
        Some(Compared { known: 0.0, found, passes: (end(-1.0), end(1.0)), fails: !outcome.pass })
    }

    /// The mean responsibility of every mode beside its weight.
    #[must_use]
    pub fn weights(&self) -> Vec<Compared> {
        let units = self.asked.units(self.tally.draws, 1).count();
        let outcomes = self.outcomes.iter().filter(|outcome| outcome.kind == Kind::Weight);
        let one = |(k, outcome): (usize, &super::Outcome)| {
            let known = self.reference.weights[k];
            let allowed = allowed_weight(known, &self.asked);
            let level = 0.5 * outcome.share;
            let lo = allowed.lo() - beyond(units, 1.0 - allowed.lo(), level);
            let hi = allowed.hi() + beyond(units, allowed.hi(), level);
            let found = self.tally.part(k);
            Compared { known: known.mid(), found, passes: (lo.max(0.0), hi.min(1.0)), fails: !outcome.pass }
        };
        outcomes.enumerate().map(one).collect()
    }

    /// At every distance the share of pairs of draws on one side of the median of the k-th coordinate looked at.
    #[must_use]
    pub fn agreement(&self, k: usize) -> Vec<(usize, Compared)> {
        let Some(outcome) = self.outcomes.iter().filter(|outcome| outcome.kind == Kind::Order).nth(k) else {
            return Vec::new();
        };
        let seen = seen_sides(self.tally, k, &self.asked);
        let pairs = seen.pairs();
        // Beside a run that was kept the law of one draw may be any.
        let (chance, share) = match self.baseline {
            Some(_) => (seen.chance(0.5 * outcome.share), 0.5 * outcome.share),
            None => (self.reference.chances[k], outcome.share),
        };
        let known = agreement(chance, self.asked.within);
        let level = share / pairs.len().max(1) as f64;
        let one = |pairs: &super::Pairs| {
            let units = Units::Draws(pairs.pairs);
            let found = pairs.agreeing as f64 / pairs.pairs as f64;
            let fails = proportion(units, found, known) <= level;
            (pairs.lag, Compared { known: known.mid(), found, passes: passing(units, known, level), fails })
        };
        pairs.iter().map(one).collect()
    }
}

impl Bins {
    /// The point at or below which `below` of the mass lies, and above which `above` does; between edges by interpolation of the logarithm of
    /// the smaller of the two.
    #[must_use]
    pub fn quantile(&self, below: f64, above: f64) -> f64 {
        let (masses, share, lower) =
            if below < above { (&self.at_most, below, true) } else { (&self.above, above, false) };
        let passed = |p: &Interval| if lower { p.mid() < share } else { p.mid() > share };
        let k = masses.partition_point(passed);
        if k == 0 || k == masses.len() {
            return self.edges[k.min(masses.len() - 1)];
        }
        let (p, q) = (masses[k - 1].mid(), masses[k].mid());
        let part = match p.min(q) {
            least if least > 0.0 && share > 0.0 => libm::log(share / p) / libm::log(q / p),
            _ => (share - p) / (q - p),
        };
        self.edges[k - 1] + (self.edges[k] - self.edges[k - 1]) * part
    }

    /// Whether the mass lies at points, with nothing between them.
    #[must_use]
    pub fn has_atoms(&self) -> bool {
        3 * self.masses.iter().filter(|mass| **mass <= 0.0).count() > self.masses.len()
    }
}
