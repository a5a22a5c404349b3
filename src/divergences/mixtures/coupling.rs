//! Upper bounds of divergences by joint convexity: the components of one law against those of the other.
//!
//! For any `w_ij, v_ij >= 0` with row sums of w equal to the weights of q and column sums of v equal to those of p,
//! ```text
//! TV(q, p)         <= sum min(w, v) TV_ij + |w - v|/2
//! KL(q | p)        <= sum w ln(w/v) + w KL_ij
//! 1 + chi^2(q | p) <= sum (w^2/v) (1 + chi^2_ij)
//! 1 - H^2(q, p)    >= sum sqrt(w v) (1 - H^2_ij)
//! ```
//! since `q = sum w_ij Q_i` and `p = sum v_ij P_j`, and each of these is convex and homogeneous in the pair. Row and column sums are
//! made right by one division each, so that the rounding of an approximate coupling is part of the enclosure.

use super::parts::{Parts, law_of};
use super::transport::cheapest;
use crate::divergences::{Divergence, gaussian};
use crate::laws::GaussianLaw;
use crate::numerics::Interval;

/// Rounds of alternating optimisation over w and v.
const ROUNDS: usize = 60;

/// A table over pairs of components.
pub(super) type Table<T> = Vec<Vec<T>>;

/// All components of two mixtures side by side.
pub(super) struct Couplings<'a> {
    q: &'a Parts,
    p: &'a Parts,
    laws: (Vec<GaussianLaw>, Vec<GaussianLaw>),
}

impl<'a> Couplings<'a> {
    pub(super) fn new(q: &'a Parts, p: &'a Parts) -> Self {
        let laws = |parts: &Parts| parts.components.iter().map(law_of).collect();
        Self { q, p, laws: (laws(q), laws(p)) }
    }

    /// D of one pair of components; what no engine says is between 0 and the ceiling.
    pub(super) fn pair(&self, divergence: Divergence, i: usize, j: usize) -> Interval {
        if self.q.components[i] == self.p.components[j] && self.q.components[i].rounding() == 0.0 {
            return Interval::ZERO;
        }
        let all = Interval::new(0.0, divergence.ceiling());
        gaussian::between(divergence, &self.laws.0[i], &self.laws.1[j])
            .map_or(all, |m| m.value.clamp(0.0, divergence.ceiling()))
    }

    pub(super) fn table(&self, divergence: Divergence) -> Table<Interval> {
        self.tabulate(|i, j| self.pair(divergence, i, j))
    }

    fn tabulate<T>(&self, f: impl Fn(usize, usize) -> T) -> Table<T> {
        (0..self.q.len()).map(|i| (0..self.p.len()).map(|j| f(i, j)).collect()).collect()
    }

    /// The cheapest coupling for these costs.
    pub(super) fn cheapest(&self, cost: &Table<Interval>) -> Table<f64> {
        cheapest(&self.q.plain_weights(), &self.p.plain_weights(), &|i, j| cost[i][j].hi().min(f64::MAX))
    }

    /// An upper bound of TV.
    pub(super) fn tv(&self, hellinger: &Table<Interval>) -> f64 {
        // Where the exact distances are needed is decided by those that follow from the affinities.
        let rough = self.tabulate(|i, j| {
            let h = hellinger[i][j];
            (h * (Interval::point(2.0) - h)).max(Interval::ZERO).sqrt()
        });
        let plan = self.cheapest(&rough);
        let (w, v) = (self.with_rows(&plan), self.with_columns(&plan));
        let mut sum = Interval::ZERO;
        for (i, row) in plan.iter().enumerate() {
            for (j, &mass) in row.iter().enumerate() {
                let both = w[i][j].min(v[i][j]);
                let distance = if mass > 0.0 { self.pair(Divergence::Tv, i, j) } else { Interval::ONE };
                sum += Interval::point((both * distance.hi()).hi()) + (w[i][j] - v[i][j]).abs() * 0.5;
            }
        }
        sum.hi().clamp(0.0, 1.0)
    }

    /// An upper bound of KL(q | p).
    pub(super) fn kl(&self) -> f64 {
        let cost = self.table(Divergence::Kl);
        let (w, v) = self.alternate(|i, j| cost[i][j].hi(), |v, c| v.ln() - c, |w, _| w);
        self.sum(&w, &v, |w, v, i, j| w * (w / v).ln() + w * cost[i][j].hi()).hi().max(0.0)
    }

    /// An upper bound of KL(p | q): the roles exchanged.
    pub(super) fn kl_reverse(&self) -> f64 {
        Couplings { q: self.p, p: self.q, laws: (self.laws.1.clone(), self.laws.0.clone()) }.kl()
    }

    /// An upper bound of chi-squared.
    pub(super) fn chi_squared(&self) -> f64 {
        let one = self.tabulate(|i, j| self.pair(Divergence::ChiSquared, i, j) + 1.0);
        let (w, v) = self.alternate(|i, j| one[i][j].hi(), |v, g| v.ln() - g.ln(), |w, g| w * g.sqrt());
        (self.sum(&w, &v, |w, v, i, j| w.sqr() / v * one[i][j].hi()) - 1.0).hi().max(0.0)
    }

    /// An upper bound of the squared Hellinger distance.
    pub(super) fn hellinger(&self, distances: &Table<Interval>) -> f64 {
        let affinity = |i: usize, j: usize| (1.0 - distances[i][j]).max(Interval::ZERO).lo();
        let (w, v) = self.alternate(affinity, |v, a| v.ln() + 2.0 * a.ln(), |w, a| w * a * a);
        let overlap =
            self.sum(&w, &v, |w, v, i, j| (w.max(Interval::ZERO) * v.max(Interval::ZERO)).sqrt() * affinity(i, j));
        (1.0 - overlap).hi().clamp(0.0, 1.0)
    }

    /// `sum f(w, v, i, j)` over the pairs with mass in w; infinite when v may have none there.
    fn sum(
        &self,
        w: &Table<Interval>,
        v: &Table<Interval>,
        f: impl Fn(Interval, Interval, usize, usize) -> Interval,
    ) -> Interval {
        let mut sum = Interval::ZERO;
        for i in 0..self.q.len() {
            for j in 0..self.p.len() {
                if w[i][j].hi() > 0.0 {
                    sum +=
                        if v[i][j].lo() > 0.0 { f(w[i][j], v[i][j], i, j) } else { Interval::new(0.0, f64::INFINITY) };
                }
            }
        }
        sum
    }

    /// Alternating minimisation in floating point, each half step in closed form: row by row `w ~ exp(ln_row(v, cost))`, column by
    /// column `v ~ column(w, cost)`; then the enclosures of the two tables with the right sums.
    fn alternate(
        &self,
        cost: impl Fn(usize, usize) -> f64,
        ln_row: impl Fn(f64, f64) -> f64,
        column: impl Fn(f64, f64) -> f64,
    ) -> (Table<Interval>, Table<Interval>) {
        let (a, b) = (self.q.plain_weights(), self.p.plain_weights());
        let mut v = self.tabulate(|i, j| a[i] * b[j]);
        let mut w = v.clone();
        for _ in 0..ROUNDS {
            for (i, row) in w.iter_mut().enumerate() {
                let logs: Vec<f64> = (0..b.len()).map(|j| ln_row(v[i][j], cost(i, j))).collect();
                let top = logs.iter().copied().filter(|l| !l.is_nan()).fold(f64::NEG_INFINITY, f64::max);
                if !top.is_finite() {
                    continue;
                }
                let shares: Vec<f64> = logs.iter().map(|l| if l.is_nan() { 0.0 } else { (l - top).exp() }).collect();
                let total: f64 = shares.iter().sum();
                // Shares that matter to no sum would only cost range.
                row.iter_mut().zip(&shares).for_each(|(w, s)| *w = if *s < 1e-200 { 0.0 } else { a[i] * s / total });
            }
            for j in 0..b.len() {
                let shares: Vec<f64> = (0..a.len())
                    .map(|i| if w[i][j] > 0.0 { column(w[i][j], cost(i, j).clamp(1e-300, 1e300)) } else { 0.0 })
                    .collect();
                let total: f64 = shares.iter().sum();
                if total > 0.0 && total.is_finite() {
                    (0..a.len()).for_each(|i| v[i][j] = b[j] * shares[i] / total);
                }
            }
        }
        (self.with_rows(&w), self.with_columns(&v))
    }

    /// The table with every row scaled to the weight of its component of q.
    pub(super) fn with_rows(&self, table: &Table<f64>) -> Table<Interval> {
        let sums: Vec<Interval> = table.iter().map(|row| row.iter().map(|&x| Interval::point(x)).sum()).collect();
        self.tabulate(|i, j| scaled(table[i][j], self.q.weights[i], sums[i], self.p.weights[j]))
    }

    /// The table with every column scaled to the weight of its component of p.
    pub(super) fn with_columns(&self, table: &Table<f64>) -> Table<Interval> {
        let sum = |j: usize| table.iter().map(|row| Interval::point(row[j])).sum::<Interval>();
        let sums: Vec<Interval> = (0..self.p.len()).map(sum).collect();
        self.tabulate(|i, j| scaled(table[i][j], self.p.weights[j], sums[j], self.q.weights[i]))
    }
}

/// A share of a weight: `x/sum`, or that of the independent coupling where nothing was shared out.
fn scaled(x: f64, weight: Interval, sum: Interval, other: Interval) -> Interval {
    if sum.lo() > 0.0 { weight * x / sum } else { weight * other }
}
