//! W2 between mixtures on the line by the monotone map, every error bounded.
//!
//! ```text
//! W2^2 = int (T(x) - x)^2 p(x) dx,     F_q(T(x)) = F_p(x),     T' = p/q(T)
//! ```
//! T at a point is enclosed between two points at which F_q is provably too small and too large; over an interval it lies
//! between its values at the ends, being increasing. Its higher derivatives follow from the differential equation.

use super::log_ratio::{Pair, Prepared};
use super::wasserstein::inverse;
use crate::numerics::{Interval, Jet, Ledger, Measured, ORDER, Source, integrate_over};

/// How often the enclosure of a quantile is doubled before nothing is said of it.
const MAX_DOUBLINGS: u32 = 1100;
/// Standard deviations of a component that are integrated over; with the lightest component that counts, tails do not
/// underflow.
const REACH: f64 = 14.0;
const LIGHT: f64 = 1e-250;
/// Where the panels begin, in standard deviations around every mean.
const ENDS: [f64; 9] = [-8.0, -6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0, 8.0];
/// Relative accuracy aimed at: of the square itself, and of the positions it is made from.
const RELATIVE: f64 = 1e-15;
/// The first tolerance, relative to the square of the range.
const FIRST: f64 = 1e-7;

/// W2(q, p).
///
/// # Promise
/// Contains the distance.
pub(super) fn w2(pair: &Pair) -> Measured {
    // The distance is symmetric; the map is integrated under the law whose narrowest component is the wider one.
    let narrowest = |r: &Prepared| r.mixture.variances.iter().copied().fold(f64::INFINITY, f64::min);
    let (p, q) = if narrowest(&pair.p) >= narrowest(&pair.q) { (&pair.p, &pair.q) } else { (&pair.q, &pair.p) };
    let map = Monotone { q, p };
    let (lo, hi) = reach(p);
    let squared = |x: &Jet| &(&map.series(x) - x).sqr() * &p.ln(x).exp();
    let tail = Interval::new(0.0, (map.beyond(lo, -1.0) + map.beyond(hi, 1.0)).hi());
    let knots = map.knots((lo, hi));
    // Positions are known to a rounding error of the range, which costs the square that much times the distance: no
    // tolerance below that is worth asking for.
    let range = hi - lo;
    let mut tolerance = FIRST * range * range;
    let square = loop {
        let square = integrate_over(&squared, &knots, tolerance).max(Interval::ZERO);
        let distance = square.hi().sqrt();
        let aim = RELATIVE * (distance * (distance + range) + RELATIVE * range * range);
        if tolerance <= aim || !square.is_finite() {
            break square + tail;
        }
        tolerance = aim;
    };
    let what = "(T - x)^2 outside fourteen standard deviations of every component";
    let value = square.sqrt();
    let ledger = Ledger::new()
        .bounded(Source::Discretisation, value.width(), "Taylor remainders and rounding of a certified quadrature")
        .bounded(Source::Truncation, (tail / (value * 2.0)).hi().min(tail.sqrt().hi()), what);
    Measured::enclosed(value, ledger)
}

/// What is integrated over: fourteen standard deviations around every component that is not so light that its tails underflow.
fn reach(p: &Prepared) -> (f64, f64) {
    let m = &p.mixture;
    let heavy = (0..p.len()).filter(|&i| p.weight(i).hi() > LIGHT);
    heavy.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), i| {
        let r = REACH * m.variances[i].sqrt();
        (a.min(m.means[i] - r), b.max(m.means[i] + r))
    })
}

/// The increasing map that carries p to q.
struct Monotone<'a> {
    q: &'a Prepared,
    p: &'a Prepared,
}

impl Monotone<'_> {
    /// Where the components of p begin and end, and the points that are carried to where those of q do.
    fn knots(&self, (lo, hi): (f64, f64)) -> Vec<f64> {
        let ends = |r: &Prepared| -> Vec<f64> {
            let (means, variances) = (&r.mixture.means, &r.mixture.variances);
            means.iter().zip(variances).flat_map(|(m, v)| ENDS.map(|k| m + k * v.sqrt())).collect()
        };
        let back = |t: f64| inverse(&self.p.mixture, &self.q.mixture, t);
        let mut knots = vec![lo, hi];
        knots.extend(ends(self.p));
        knots.extend(ends(self.q).into_iter().map(back));
        knots.retain(|k| (lo..=hi).contains(k));
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        knots
    }

    /// T(x), from the tail in which neither distribution function is close to 1.
    ///
    /// # Promise
    /// Contains T(x).
    fn at(&self, x: f64) -> Interval {
        let below = self.p.cdf(x);
        let lower = below.mid() < 0.5;
        let goal = if lower { below } else { self.p.sf(x) };
        // Increasing in t in either tail, and zero at T(x).
        let excess = |t: f64| if lower { self.q.cdf(t) - goal } else { goal - self.q.sf(t) };
        let guess = inverse(&self.q.mixture, &self.p.mixture, x);
        let side = |from: f64, sign: f64| {
            let mut step = f64::EPSILON * from.abs().max(f64::MIN_POSITIVE);
            for _ in 0..MAX_DOUBLINGS {
                let t = from + sign * step;
                let value = excess(t);
                if (sign < 0.0 && value.hi() < 0.0) || (sign > 0.0 && value.lo() > 0.0) {
                    return t;
                }
                step *= 2.0;
            }
            sign * f64::INFINITY
        };
        Interval::new(side(guess, -1.0), side(guess, 1.0))
    }

    /// T as a series over the interval on which x is one: with `S_i = l_i(T)`, `E_i = e^{S_i}` and `Q = sum E_i = q(T)`, the
    /// coefficients of T, S, E and Q follow from each other one order at a time through `T' Q = p`.
    fn series(&self, x: &Jet) -> Jet {
        let over = x.value();
        let first = if over.lo() == over.hi() {
            self.at(over.lo())
        } else {
            Interval::new(self.at(over.lo()).lo(), self.at(over.hi()).hi())
        };
        let density = self.p.ln(x).exp();
        let mut t = [Interval::ZERO; ORDER + 1];
        t[0] = first;
        let n = self.q.len();
        let mut s = vec![[Interval::ZERO; ORDER + 1]; n];
        let mut e = vec![[Interval::ZERO; ORDER + 1]; n];
        let mut slope = [Interval::ZERO; ORDER + 1];
        let mut total = [Interval::ZERO; ORDER + 1];
        for k in 0..ORDER {
            for i in 0..n {
                let (m, v) = (self.q.mixture.means[i], self.q.mixture.variances[i]);
                let shifted = |j: usize| if j == 0 { t[0] - m } else { t[j] };
                if k == 0 {
                    s[i][0] = self.q.constant(i) - shifted(0).sqr() / Interval::point(v) * 0.5;
                    e[i][0] = s[i][0].exp();
                } else {
                    let square: Interval = (0..=k).map(|j| shifted(j) * shifted(k - j)).sum();
                    s[i][k] = -(square / Interval::point(v)) * 0.5;
                    let chain: Interval = (1..=k).map(|j| s[i][j] * (j as f64) * e[i][k - j]).sum();
                    e[i][k] = chain / (k as f64);
                }
                total[k] += e[i][k];
            }
            let known: Interval = (1..=k).map(|j| slope[k - j] * total[j]).sum();
            slope[k] = (density.coefficient(k) - known) / total[0];
            t[k + 1] = slope[k] / (k as f64 + 1.0);
        }
        Jet::from_coefficients(t)
    }

    /// `int (T(x) - x)^2 p(x) dx` over the x beyond `end` on one side: at most `2 int (t - c)^2 q + 2 int (x - c)^2 p` over the
    /// t and the x beyond, c being `end`.
    fn beyond(&self, end: f64, side: f64) -> Interval {
        let image = self.at(end);
        let from = if side < 0.0 { image.hi() } else { image.lo() };
        (second_moment_beyond(self.q, from, end, side) + second_moment_beyond(self.p, end, end, side)) * 2.0
    }
}

/// A bound of `int (x - c)^2 r(x) dx` beyond `end`: for a component N(m, v) at most
/// `2 v E[y^2; y > z] + 2 (m - c)^2 P(y > z)` with y standard normal and `E[y^2; y > z] = z phi(z) + P(y > z)`.
fn second_moment_beyond(r: &Prepared, end: f64, c: f64, side: f64) -> Interval {
    let m = &r.mixture;
    (0..r.len())
        .map(|i| {
            let (mean, v) = (Interval::point(m.means[i]), Interval::point(m.variances[i]));
            let z = (Interval::point(end) - mean) * side / v.sqrt();
            let mass = (-z).normal_cdf();
            let square = (z * z.normal_pdf() + mass).max(Interval::ZERO);
            (v * square + (mean - c).sqr() * mass) * 2.0 * r.weight(i)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Mixture1;

    fn prepared(weights: &[f64], means: &[f64], variances: &[f64]) -> Prepared {
        let (weights, means, variances) = (weights.to_vec(), means.to_vec(), variances.to_vec());
        Prepared::new(&Mixture1 { weights, means, variances })
    }

    /// What is left out beyond a point, against its closed form for `T(x) = s x`; the bound fails when divided by 4.5.
    #[test]
    fn what_lies_beyond_is_bounded() {
        let p = prepared(&[1.0], &[0.0], &[1.0]);
        let mut least = f64::INFINITY;
        for s in [1e-3_f64, 0.5, 0.9, 1.1, 3.0, 100.0] {
            let q = prepared(&[1.0], &[0.0], &[s * s]);
            let map = Monotone { q: &q, p: &p };
            for end in [0.5, 1.0, 2.0, 6.0] {
                let z = Interval::point(end);
                let truth = (z * z.normal_pdf() + (-z).normal_cdf()) * (1.0 - s).powi(2);
                for bound in [map.beyond(end, 1.0), map.beyond(-end, -1.0)] {
                    assert!(bound.hi() >= truth.lo(), "{s} {end}: {bound} {truth}");
                    least = least.min(bound.hi() / truth.lo());
                }
            }
        }
        assert!(least < 4.5, "{least}");
    }

    /// The points of the map are enclosed, in a few roundings; and so are its derivatives: the series about one point reaches
    /// the points nearby.
    #[test]
    fn the_map_and_its_derivatives_are_enclosed() {
        let (p, q) = (prepared(&[1.0], &[0.25], &[1.0]), prepared(&[1.0], &[0.75], &[4.0]));
        let affine = Monotone { q: &q, p: &p };
        for x in [-6.0, -1.0, 0.25, 0.3, 5.0] {
            let (found, truth) = (affine.at(x), 0.25 + 2.0 * x);
            assert!(found.contains(truth) && found.width() < 2e-14 * (1.0 + truth.abs()), "{x}: {found}");
        }
        let (p, q) =
            (prepared(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]), prepared(&[0.5, 0.5], &[-1.0, 1.0], &[0.6, 1.0]));
        let map = Monotone { q: &q, p: &p };
        for x in [-3.0, -1.0, 0.0, 0.5, 2.0] {
            let series = map.series(&Jet::variable(Interval::point(x)));
            for h in [-0.0625, 0.0625] {
                let taylor: Interval =
                    (0..=ORDER).map(|k| series.coefficient(k) * Interval::point(h).powi(k as i32)).sum();
                let truth = map.at(x + h);
                assert!(taylor.widen(1e-13).overlaps(truth) && taylor.width() < 1e-12, "{x} {h}: {taylor} {truth}");
            }
        }
    }

    fn mixture(parts: &[(f64, f64, f64)]) -> Mixture1 {
        Mixture1 {
            weights: parts.iter().map(|p| p.0).collect(),
            means: parts.iter().map(|p| p.1).collect(),
            variances: parts.iter().map(|p| p.2).collect(),
        }
    }

    /// Narrow modes beside a wide gap, and a component of weight 1e-300.
    #[test]
    fn hard_pairs_are_enclosed_narrowly() {
        let modes = |at: f64| mixture(&[(0.25, 7.4, 0.78), (0.75, at, 9e-4)]);
        let normal = mixture(&[(1.0, 0.0, 1.0)]);
        // 3/4 of the mass moves by 0.002; the modes do not mix.
        let cases = [
            (modes(-0.306), modes(-0.304), 0.75_f64.sqrt() * 0.002, 1e-11),
            (normal, mixture(&[(1e-300, -50.0, 0.6), (1.0, 1.5, 1.0)]), 1.5, 1e-11),
        ];
        for (q, p, truth, width) in cases {
            let found = w2(&Pair::new(&q, &p)).value;
            assert!((found.mid() - truth).abs() <= 1e-10 && found.width() < width, "{found} {:e}", found.width());
        }
    }
}
