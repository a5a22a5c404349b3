//! ln p, ln q and L = ln(q/p) of two mixtures on the line, as series and in intervals, without cancellation.

use crate::numerics::{Interval, Jet};
use crate::targets::Mixture1;

/// How many standard deviations around every mean are integrated over; the mass outside is below 8e-24 a side.
pub(super) const REACH: f64 = 10.0;
/// Components count as matched when means differ by less than this many standard deviations, and variances and weights
/// by less than this factor.
const CLOSE: f64 = 0.25;

/// A mixture prepared for evaluation: `l_i(x) = constants[i] - (x - m_i)^2/(2 v_i)` is `ln(w_i N(x; m_i, v_i))`.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) mixture: Mixture1,
    constants: Vec<Interval>,
}

impl Prepared {
    pub(super) fn new(mixture: &Mixture1) -> Self {
        let constant = |(w, v): (&f64, &f64)| {
            Interval::point(*w).ln() - (Interval::point(*v).ln() * 0.5 + Interval::SQRT_TAU.ln())
        };
        let constants = mixture.weights.iter().zip(&mixture.variances).map(constant).collect();
        Self { mixture: mixture.clone(), constants }
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

    /// l_i - l_j as a series, expanded about the point where the coefficients are exact differences.
    fn part_difference(&self, i: usize, j: usize, x: &Jet) -> Jet {
        &self.part(i, x) - &self.part(j, x)
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
                z.normal_cdf() * m.weights[i]
            })
            .sum()
    }

    /// The interval that holds all but 2e-23 of the mass.
    pub(super) fn reach(&self) -> (f64, f64) {
        let m = &self.mixture;
        (0..self.len()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), i| {
            let r = REACH * m.variances[i].sqrt();
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
        let close = |i: usize| {
            let near = |a: f64, b: f64| (a / b - 1.0).abs() < CLOSE;
            (q.means[i] - p.means[i]).abs() < CLOSE * p.variances[i].sqrt()
                && near(q.variances[i], p.variances[i])
                && near(q.weights[i], p.weights[i])
        };
        let matched = q.weights.len() == p.weights.len() && (0..q.weights.len()).all(close);
        Self { q: Prepared::new(q), p: Prepared::new(p), matched }
    }

    /// The two exchanged.
    pub(super) fn swapped(&self) -> Self {
        Self { q: self.p.clone(), p: self.q.clone(), matched: self.matched }
    }

    /// Whether q and p are the same numbers.
    pub(super) fn is_identical(&self) -> bool {
        self.q.mixture == self.p.mixture
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
        let (w1, w0) = (Interval::point(q.weights[i]), Interval::point(p.weights[i]));
        let (m1, m0) = (Interval::point(q.means[i]), Interval::point(p.means[i]));
        let (v1, v0) = (Interval::point(q.variances[i]), Interval::point(p.variances[i]));
        let constant = ((w1 - w0) / w0).ln_1p() - ((v1 - v0) / v0).ln_1p() * 0.5;
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

    /// The interval that holds all but 4e-23 of either mass.
    pub(super) fn reach(&self) -> (f64, f64) {
        let (a, b) = (self.q.reach(), self.p.reach());
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
