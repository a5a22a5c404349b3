//! ln p, ln q and L = ln(q/p) of two mixtures on the line, as series and in intervals, without cancellation.

use crate::numerics::{Interval, IntervalSum, Jet};
use crate::targets::Mixture1;

/// How many standard deviations around every mean are integrated over; the mass outside is below 8e-45 a side, which is
/// little even against the divergences of laws that differ in their last digits.
const REACH: f64 = 14.0;
/// Components count as matched when means differ by less than this many standard deviations, and variances and weights
/// by less than this factor.
const CLOSE: f64 = 0.25;

/// A mixture prepared for evaluation: `l_i(x) = constants[i] - (x - m_i)^2/(2 v_i)` is `ln(w_i N(x; m_i, v_i))`, with weights
/// that sum to 1: the given ones divided by their sum. Components with the same mean and variance are one.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The components; their weights are as given, summed in floating point.
    pub(super) mixture: Mixture1,
    /// The weights as given, and their sum.
    given: Vec<Interval>,
    sum: Interval,
    weights: Vec<Interval>,
    constants: Vec<Interval>,
}

impl Prepared {
    pub(super) fn new(mixture: &Mixture1) -> Self {
        let mut merged = Mixture1 { weights: Vec::new(), means: Vec::new(), variances: Vec::new() };
        let mut given: Vec<Interval> = Vec::new();
        for ((&w, &m), &v) in mixture.weights.iter().zip(&mixture.means).zip(&mixture.variances) {
            match (0..given.len()).find(|&i| merged.means[i] == m && merged.variances[i] == v) {
                Some(i) => {
                    given[i] += Interval::point(w);
                    merged.weights[i] += w;
                }
                None => {
                    given.push(Interval::point(w));
                    merged.weights.push(w);
                    merged.means.push(m);
                    merged.variances.push(v);
                }
            }
        }
        let sum = mixture.weights.iter().map(|&w| Interval::point(w)).collect::<IntervalSum>().value();
        let weights: Vec<Interval> = if given.len() == 1 {
            vec![Interval::ONE]
        } else {
            given.iter().map(|&w| (w / sum).min(Interval::ONE)).collect()
        };
        let constant = |(w, v): (&Interval, &f64)| w.ln() - (Interval::point(*v).ln() * 0.5 + Interval::SQRT_TAU.ln());
        let constants = weights.iter().zip(&merged.variances).map(constant).collect();
        Self { mixture: merged, given, sum, weights, constants }
    }

    /// w_i, of sum 1.
    pub(super) fn weight(&self, i: usize) -> Interval {
        self.weights[i]
    }

    /// `ln(w_i/sqrt(2 pi v_i))`.
    pub(super) fn constant(&self, i: usize) -> Interval {
        self.constants[i]
    }

    pub(super) fn len(&self) -> usize {
        self.constants.len()
    }

    /// l_i as a series.
    fn part(&self, i: usize, x: &Jet) -> Jet {
        let (m, v) = (self.mixture.means[i], self.mixture.variances[i]);
        x.shift(-m).sqr().scale(Interval::point(-0.5) / v).shift(self.constants[i])
    }

    /// The component that dominates at x.
    fn dominant(&self, x: f64) -> usize {
        let at = |i: usize| {
            let (m, v) = (self.mixture.means[i], self.mixture.variances[i]);
            self.constants[i].mid() - (x - m) * (x - m) / (2.0 * v)
        };
        (0..self.len()).max_by(|&i, &j| at(i).total_cmp(&at(j))).unwrap_or(0)
    }

    /// l_i - l_j as a series, both as it stands and from the differences of the parameters,
    /// ```text
    /// c_i - c_j + (x - m_j)^2 (v_i - v_j)/(2 v_i v_j) + (m_i - m_j)(2x - m_i - m_j)/(2 v_i),
    /// ```
    /// in which what the two have in common cancels; the first is the better one where they have little in common.
    fn part_difference(&self, i: usize, j: usize, x: &Jet) -> Jet {
        let at = |k: usize| (Interval::point(self.mixture.means[k]), Interval::point(self.mixture.variances[k]));
        let ((mi, vi), (mj, vj)) = (at(i), at(j));
        let bend = x.shift(-mj).sqr().scale((vi - vj) / (vi * vj * 2.0));
        let tilt = x.scale(2.0).shift(-(mi + mj)).scale((mi - mj) / (vi * 2.0));
        let collected = (bend + tilt).shift(self.constants[i] - self.constants[j]);
        (&self.part(i, x) - &self.part(j, x)).intersect(&collected)
    }

    /// `ln p` as a series: the dominant component plus the logarithm of one plus the others relative to it.
    pub(super) fn ln(&self, x: &Jet) -> Jet {
        let j = self.dominant(x.value().mid());
        let top = self.part(j, x);
        if self.len() == 1 {
            return top;
        }
        let rest = (0..self.len())
            .filter(|&i| i != j)
            .map(|i| self.part_difference(i, j, x).exp())
            .reduce(|a, b| a + b)
            .unwrap_or_else(|| Jet::constant(0.0));
        top + rest.ln_1p()
    }

    /// P(X <= x), from the side on which it does not cancel.
    pub(super) fn cdf(&self, x: f64) -> Interval {
        self.mass_beyond(x, -1.0)
    }

    /// P(X > x).
    pub(super) fn sf(&self, x: f64) -> Interval {
        self.mass_beyond(x, 1.0)
    }

    fn mass_beyond(&self, x: f64, side: f64) -> Interval {
        let m = &self.mixture;
        (0..self.len())
            .map(|i| {
                let z = (Interval::point(m.means[i]) - x) * side / Interval::point(m.variances[i]).sqrt();
                z.normal_cdf() * self.weights[i]
            })
            .sum()
    }

    /// The interval that holds that many standard deviations around every mean.
    fn reach_of(&self, sigmas: f64) -> (f64, f64) {
        let m = &self.mixture;
        (0..self.len()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), i| {
            let r = sigmas * m.variances[i].sqrt();
            (a.min(m.means[i] - r), b.max(m.means[i] + r))
        })
    }
}

/// Two mixtures with L = ln(q/p).
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) q: Prepared,
    pub(super) p: Prepared,
    /// Whether the components correspond one to one with nearly equal parameters.
    matched: bool,
}

impl Pair {
    pub(super) fn new(q: &Mixture1, p: &Mixture1) -> Self {
        let (q, p) = (Prepared::new(q), Prepared::new(p));
        let close = |i: usize| {
            let (q, p) = (&q.mixture, &p.mixture);
            let near = |a: f64, b: f64| (a / b - 1.0).abs() < CLOSE;
            (q.means[i] - p.means[i]).abs() < CLOSE * p.variances[i].sqrt()
                && near(q.variances[i], p.variances[i])
                && near(q.weights[i], p.weights[i])
        };
        let matched = q.len() == p.len() && (0..q.len()).all(close);
        Self { q, p, matched }
    }

    /// The two exchanged.
    pub(super) fn swapped(&self) -> Self {
        Self { q: self.p.clone(), p: self.q.clone(), matched: self.matched }
    }

    /// Whether q and p are the same law, component by component.
    pub(super) fn is_identical(&self) -> bool {
        let (q, p) = (&self.q.mixture, &self.p.mixture);
        q.means == p.means
            && q.variances == p.variances
            && (0..q.means.len()).all(|i| self.weight_change(i) == Interval::ZERO)
    }

    /// `w'/w - 1` for the i-th weights of q and p, each divided by its sum S: `((w' - w) S - w (S' - S))/(w S')` with
    /// `S' - S` summed from the differences, so that nothing cancels.
    fn weight_change(&self, i: usize) -> Interval {
        let (q, p) = (&self.q, &self.p);
        if p.len() == 1 {
            return Interval::ZERO;
        }
        let total = q.given.iter().zip(&p.given).map(|(&a, &b)| a - b).collect::<IntervalSum>().value();
        ((q.given[i] - p.given[i]) * p.sum - p.given[i] * total) / (p.given[i] * q.sum)
    }

    /// L as a series. For matched components `L = ln(1 + sum_i r_i expm1(D_i))` with r_i the responsibilities under p and
    /// D_i the difference of the i-th exponents, formed from the differences of the parameters.
    pub(super) fn log_ratio(&self, x: &Jet) -> Jet {
        self.near_log_ratio(x).unwrap_or_else(|| &self.q.ln(x) - &self.p.ln(x))
    }

    /// The form for matched components; a component whose exponents differ by more than 1 enters as a difference of
    /// exponentials instead.
    fn near_log_ratio(&self, x: &Jet) -> Option<Jet> {
        if !self.matched {
            return None;
        }
        let difference = |i: usize| self.exponent_difference(i, x);
        if self.p.len() == 1 {
            return Some(difference(0));
        }
        let ln_p = self.p.ln(x);
        let term = |i: usize| {
            let (d, share) = (difference(i), (&self.p.part(i, x) - &ln_p).exp());
            if d.value().magnitude() <= 1.0 {
                &share * &d.exp_m1()
            } else {
                &(&self.q.part(i, x) - &ln_p).exp() - &share
            }
        };
        let sum = (0..self.p.len()).map(term).reduce(|a, b| a + b)?;
        (sum.value().lo() > -1.0 && sum.value().is_finite()).then(|| sum.ln_1p())
    }

    /// `ln(w'/w) - ln(v'/v)/2 + [(x - m)^2 (v' - v) + v (m' - m)(2x - m - m')]/(2 v v')`, primes for q.
    fn exponent_difference(&self, i: usize, x: &Jet) -> Jet {
        let (q, p) = (&self.q.mixture, &self.p.mixture);
        let (m1, m0) = (Interval::point(q.means[i]), Interval::point(p.means[i]));
        let (v1, v0) = (Interval::point(q.variances[i]), Interval::point(p.variances[i]));
        let constant = self.weight_change(i).ln_1p() - ((v1 - v0) / v0).ln_1p() * 0.5;
        let bend = x.shift(-m0).sqr().scale((v1 - v0) / (v0 * v1 * 2.0));
        let tilt = x.scale(2.0).shift(-(m0 + m1)).scale((m1 - m0) / (v1 * 2.0));
        (bend + tilt).shift(constant)
    }

    /// For matched components, each difference of exponents as a quadratic in the distance from c.
    pub(super) fn exponent_differences(&self, c: f64) -> Option<Vec<[Interval; 3]>> {
        let about = |i: usize| {
            let series = self.exponent_difference(i, &Jet::variable(Interval::point(c)));
            [0, 1, 2].map(|k| series.coefficient(k))
        };
        self.matched.then(|| (0..self.p.len()).map(about).collect())
    }

    /// The interval that holds all but 4e-44 of either mass.
    pub(super) fn reach(&self) -> (f64, f64) {
        self.reach_of(REACH)
    }

    /// The interval that holds that many standard deviations around every mean of both.
    pub(super) fn reach_of(&self, sigmas: f64) -> (f64, f64) {
        let (a, b) = (self.q.reach_of(sigmas), self.p.reach_of(sigmas));
        (a.0.min(b.0), a.1.max(b.1))
    }

    /// Points around which the densities change: every mean, plus and minus multiples of the standard deviation.
    pub(super) fn knots(&self, (lo, hi): (f64, f64)) -> Vec<f64> {
        let mut knots = vec![lo, hi];
        for m in [&self.q.mixture, &self.p.mixture] {
            for (mean, v) in m.means.iter().zip(&m.variances) {
                knots.extend([-6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0].map(|k| mean + k * v.sqrt()));
            }
        }
        knots.retain(|k| (lo..=hi).contains(k));
        knots.sort_by(f64::total_cmp);
        knots.dedup_by(|b, a| *b - *a < 1e-9 * (hi - lo));
        knots
    }
}
