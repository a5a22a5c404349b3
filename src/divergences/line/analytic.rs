//! The Chernoff transform of a pair of mixtures on the line with every error bounded.
//!
//! ```text
//! M(1/2 + it) - 1 = int sqrt(pq) [cos(tL) - 1 - (cosh(L/2) - 1) + i (sin(tL) - tL - 2t (sinh(L/2) - L/2))],   L = ln(q/p)
//! ```
//! which is free of cancellation because `int sqrt(pq) 2 sinh(L/2) = int (q - p) = 0`. Each panel carries a Gauss-Legendre rule
//! with enclosed nodes, whose error is bounded once for all t (see [`super::panel`]):
//! `|cos(tL) - 1| <= min(cosh(t|L|) - 1, 1 + cosh(t |Im L|))`, and likewise for the other terms.

use super::decay::Decay;
use super::log_ratio::Pair;
use super::panel::{NODES, Panel, Quadratic, on_rectangle};
use crate::divergences::ChernoffFactor;
use crate::numerics::{ComplexInterval, Interval, Jet, enclosed_gauss_16};
use crate::targets::Mixture1;
use std::sync::OnceLock;

/// Panels are split until their error bounds are this part of the transform's distance from 1.
const RELATIVE: f64 = 1e-19;
/// How often a panel may be halved, and the most panels of a level.
const MAX_DEPTH: u32 = 24;
const MAX_PANELS: usize = 6000;
/// Points of the coarse grid that only decides how fine panels are.
const ROUGH: u32 = 600;
/// Levels of t: level k serves t up to 2^k.
const LEVELS: usize = 12;

/// A pair of mixtures on the line as one factor of a product.
pub struct AnalyticFactor {
    pair: Pair,
    rule: [(Interval, Interval); NODES],
    /// The mass of both laws outside the box.
    outside: f64,
    /// Panels good for all t up to 2^k, made when first asked for; `None` where they cannot be had.
    levels: Vec<OnceLock<Option<Level>>>,
    decay: OnceLock<Decay>,
    rough: OnceLock<Vec<(f64, f64)>>,
}

/// A node: weight times sqrt(pq), L, and what both may be off by.
#[derive(Clone, Copy, Debug)]
struct Node {
    weight: f64,
    weight_error: f64,
    ratio: f64,
    ratio_error: f64,
}

/// What bounds the integrand on a panel's ellipse.
#[derive(Clone, Copy, Debug)]
struct Ellipse {
    /// The panel's error per unit of the integrand without sqrt(pq).
    scale: f64,
    /// `sup |L|` and `sup |Im L|`.
    size: f64,
    imaginary: f64,
}

#[derive(Debug)]
struct Level {
    nodes: Vec<Node>,
    ellipses: Vec<Ellipse>,
}

/// `cosh x - 1` from above.
fn cosh_m1_upper(x: f64) -> f64 {
    let s = (0.5 * x).sinh();
    2.0 * s * s * (1.0 + 1e-14)
}

/// `sinh x - x` for x >= 0 from above: `x^3/6 cosh x` or the difference, whichever is smaller.
fn sinh_minus_upper(x: f64) -> f64 {
    let cubic = x * x * x / 6.0 * x.cosh();
    (x.sinh() * (1.0 + 1e-14)).min(cubic * (1.0 + 1e-14))
}

impl Ellipse {
    /// Bounds of the panel's quadrature error in the real and the imaginary part at t.
    fn error(&self, t: f64) -> (f64, f64) {
        let (a, b) = (t * self.size, t * self.imaginary);
        let cosine = cosh_m1_upper(a).min(1.0 + b.cosh());
        let sine = sinh_minus_upper(a).min(b.cosh() + a);
        let (even, odd) = (cosh_m1_upper(0.5 * self.size), 2.0 * t * sinh_minus_upper(0.5 * self.size));
        (self.scale * (cosine + even), self.scale * (sine + odd))
    }
}

impl AnalyticFactor {
    /// Of the pair (q, p).
    #[must_use]
    pub fn new(q: &Mixture1, p: &Mixture1) -> Self {
        let pair = Pair::new(q, p);
        let (lo, hi) = pair.reach();
        let outside = (pair.q.cdf(lo) + pair.q.sf(hi) + pair.p.cdf(lo) + pair.p.sf(hi)).hi();
        let levels = (0..LEVELS).map(|_| OnceLock::new()).collect();
        Self { pair, rule: enclosed_gauss_16(), outside, levels, decay: OnceLock::new(), rough: OnceLock::new() }
    }

    fn level(&self, t: f64) -> Option<&Level> {
        let k = (t.max(1.0).log2().ceil() as usize).min(LEVELS - 1);
        self.levels[k].get_or_init(|| self.build((k as f64).exp2())).as_ref()
    }

    fn decay(&self) -> &Decay {
        self.decay.get_or_init(|| Decay::new(&self.pair, self.outside))
    }

    /// `sqrt(pq)` times the width, and L, on a coarse grid.
    fn rough(&self) -> &[(f64, f64)] {
        self.rough.get_or_init(|| {
            let (lo, hi) = self.pair.reach();
            let h = (hi - lo) / f64::from(ROUGH);
            let at = |k: u32| {
                let x = Jet::constant(lo + h * (f64::from(k) + 0.5));
                let l = self.pair.log_ratio(&x).value().mid();
                (h * (self.pair.p.ln(&x).value().mid() + 0.5 * l).exp(), l)
            };
            (0..ROUGH).map(at).collect()
        })
    }

    /// Panels whose errors at all times up to t are negligible against |M - 1|.
    fn build(&self, t: f64) -> Option<Level> {
        let (lo, hi) = self.pair.reach();
        // A rough size of 1 - Re M between t/2 and t; it only decides how fine the panels are.
        let size = |t: f64| -> f64 {
            let part = |&(w, l): &(f64, f64)| w * (2.0 * (0.5 * t * l).sin().powi(2) + cosh_m1_upper(0.5 * l));
            self.rough().iter().map(part).sum()
        };
        let scale = size(0.5 * t).min(size(t)).max(f64::MIN_POSITIVE);
        let knots = self.pair.knots((lo, hi));
        let mut stack: Vec<(f64, f64, u32)> = knots.windows(2).rev().map(|k| (k[0], k[1], 0)).collect();
        let mut level = Level { nodes: Vec::new(), ellipses: Vec::new() };
        while let Some((a, b, depth)) = stack.pop() {
            let fine = self.ellipse(a, b).filter(|e| {
                let (re, im) = e.error(t);
                re.max(im) <= RELATIVE * scale
            });
            if let Some(ellipse) = fine {
                level.nodes.extend(self.nodes(a, b)?);
                level.ellipses.push(ellipse);
                if level.ellipses.len() > MAX_PANELS {
                    return None;
                }
                continue;
            }
            let middle = a + 0.5 * (b - a);
            if depth == MAX_DEPTH || !(a < middle && middle < b) {
                return None;
            }
            stack.push((middle, b, depth + 1));
            stack.push((a, middle, depth + 1));
        }
        Some(level)
    }

    /// The exponents of all components of a mixture about c.
    fn exponents(of: &super::log_ratio::Prepared, c: f64) -> Vec<Quadratic> {
        let one = |i: usize| {
            let (m, v) = (Interval::point(of.mixture.means[i]), Interval::point(of.mixture.variances[i]));
            Quadratic::exponent(of.constant(i), m, v, c)
        };
        (0..of.len()).map(one).collect()
    }

    /// Bounds over the ellipse of the panel `[a, b]`; `None` where analyticity is not shown.
    fn ellipse(&self, a: f64, b: f64) -> Option<Ellipse> {
        let panel = Panel::new(a, b);
        let (c, z) = (panel.centre, panel.rectangle);
        let square = z.sqr();
        let p = on_rectangle(&Self::exponents(&self.pair.p, c), z, square)?;
        let ratio = match self.pair.exponent_differences(c) {
            Some(differences) => {
                // L = ln(1 + sum_i r_i expm1(D_i)), r_i = e^{l_i - l_j}/S.
                let part = |(i, d): (usize, &[Interval; 3])| p.terms[i] / p.sum * Quadratic(*d).at(z, square).exp_m1();
                let sum = differences.iter().enumerate().map(part).fold(ComplexInterval::ZERO, |s, x| s + x);
                (sum.re.lo() > -1.0 && sum.re.is_finite() && sum.im.is_finite()).then(|| sum.ln_1p())?
            }
            None => on_rectangle(&Self::exponents(&self.pair.q, c), z, square)?.ln - p.ln,
        };
        let weight = (p.ln.re + ratio.re * 0.5).exp();
        let scale = panel.error(weight).hi();
        let found = Ellipse { scale, size: ratio.norm().hi(), imaginary: ratio.im.magnitude() };
        (found.scale.is_finite() && found.size.is_finite()).then_some(found)
    }

    /// The nodes of the panel `[a, b]`, positions, weights and values enclosed.
    fn nodes(&self, a: f64, b: f64) -> Option<Vec<Node>> {
        let (a, b) = (Interval::point(a), Interval::point(b));
        let (centre, half) = ((a + b) * 0.5, (b - a) * 0.5);
        let node = |(position, weight): &(Interval, Interval)| {
            let x = Jet::constant(centre + half * *position);
            let l = self.pair.log_ratio(&x).value();
            let w = (self.pair.p.ln(&x).value() + l * 0.5).exp() * half * *weight;
            (w.is_finite() && l.is_finite()).then(|| Node {
                weight: w.mid(),
                weight_error: w.width(),
                ratio: l.mid(),
                ratio_error: l.width(),
            })
        };
        self.rule.iter().map(node).collect()
    }
}

/// `sin u - u` without cancellation.
fn sin_minus(u: f64) -> f64 {
    if u.abs() > 0.5 {
        return u.sin() - u;
    }
    // The series; its first neglected term is below u^19/19! < 2e-23 relative to u^3/6.
    let s = u * u;
    let tail = (1..=8).rev().fold(1.0, |sum, k| {
        let k = f64::from(k);
        1.0 - s / ((2.0 * k + 2.0) * (2.0 * k + 3.0)) * sum
    });
    -u * s / 6.0 * tail
}

/// `sinh u - u` without cancellation.
fn sinh_minus(u: f64) -> f64 {
    if u.abs() > 0.5 {
        return u.sinh() - u;
    }
    let s = u * u;
    let tail = (1..=8).rev().fold(1.0, |sum, k| {
        let k = f64::from(k);
        1.0 + s / ((2.0 * k + 2.0) * (2.0 * k + 3.0)) * sum
    });
    u * s / 6.0 * tail
}

/// Rounding of one term, relative to its size: a few elementary functions and products.
const UNITS: f64 = 16.0 * f64::EPSILON;

impl ChernoffFactor for AnalyticFactor {
    fn minus_one(&self, t: f64) -> ComplexInterval {
        let Some(level) = self.level(t) else {
            // No panels are fine enough; what is known of |M| is.
            return ComplexInterval::disc(self.decay().beyond(t)) - ComplexInterval::ONE;
        };
        let (mut re, mut im, mut re_error, mut im_error) = (Sum::default(), Sum::default(), 0.0, 0.0);
        for n in &level.nodes {
            let (w, l) = (n.weight, n.ratio);
            let (half, quarter) = ((0.5 * t * l).sin(), (0.25 * l).sinh());
            let even = -2.0 * (half * half + quarter * quarter);
            let odd = sin_minus(t * l) - 2.0 * t * sinh_minus(0.5 * l);
            re.add(w * even);
            im.add(w * odd);
            // Derivatives in L over its range, whose end is `far`; the argument tL is itself rounded.
            let far = l.abs() + n.ratio_error;
            let slip = n.ratio_error + 2.0 * f64::EPSILON * far;
            let even_slope = t * (t * far).min(1.0) + 0.5 * (0.5 * far).sinh();
            let odd_slope = t * ((0.5 * t * t * far * far).min(2.0) + cosh_m1_upper(0.5 * far));
            re_error += n.weight_error * even.abs() + w * (even_slope * slip + UNITS * even.abs());
            im_error += n.weight_error * odd.abs() + w * (odd_slope * slip + UNITS * (formed_from(t, far) + odd.abs()));
        }
        for ellipse in &level.ellipses {
            let (a, b) = ellipse.error(t);
            re_error += a;
            im_error += b;
        }
        // Beyond the box: |e^{itL} - 1| sqrt(pq) + |sqrt p - sqrt q|^2/2 <= 2 (p + q), and t |q - p| more in the imaginary part.
        re_error += 2.0 * self.outside;
        im_error += (2.0 + t) * self.outside;
        // The errors are sums of up to 1e5 positive terms in plain arithmetic.
        let reach =
            |sum: Sum, error: f64| Interval::around(sum.value(), error * (1.0 + 1e-9) + 4.0 * f64::EPSILON * sum.size);
        ComplexInterval::new(reach(re, re_error), reach(im, im_error))
    }

    fn tail(&self, t: f64) -> Option<f64> {
        Some(self.decay().beyond(t))
    }
}

/// The size of the parts that `odd` is formed from where they are subtracted.
fn formed_from(t: f64, l: f64) -> f64 {
    let sine = if t * l > 0.5 { 1.0 + t * l } else { 0.0 };
    let sinh = if l > 1.0 { 2.0 * t * (0.5 * l).sinh() } else { 0.0 };
    sine + sinh
}

/// A compensated sum: off by at most two units of the sum of the terms' sizes.
#[derive(Clone, Copy, Default)]
struct Sum {
    sum: f64,
    lost: f64,
    size: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let s = self.sum + x;
        self.lost += if self.sum.abs() >= x.abs() { (self.sum - s) + x } else { (x - s) + self.sum };
        self.sum = s;
        self.size += x.abs();
    }

    fn value(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergences::gaussian::GaussianFactor;
    use crate::laws::GaussianLaw;
    use crate::targets::Gaussian;

    /// A Gaussian pair, written as two components that are the same, against the closed form of the transform.
    #[test]
    fn contains_the_closed_form_and_is_narrow() {
        let normal = |m: f64, v: f64| GaussianLaw::exact(&Gaussian::scalar(m, v).unwrap());
        let twice = |m: f64, v: f64| Mixture1 { weights: vec![0.5, 0.5], means: vec![m, m], variances: vec![v, v] };
        for (m, v) in [(0.3, 1.4), (0.01, 1.003), (1e-6, 1.0 + 1e-7), (2.0, 0.5)] {
            let (line, gaussian) = (
                AnalyticFactor::new(&twice(m, v), &twice(0.0, 1.0)),
                GaussianFactor::new(&normal(m, v), &normal(0.0, 1.0)).unwrap(),
            );
            for t in [0.0, 0.1, 0.5, 1.0, 3.0, 10.0, 33.0, 150.0, 700.0] {
                let (found, truth) = (line.minus_one(t), gaussian.minus_one(t));
                assert!(found.re.overlaps(truth.re) && found.im.overlaps(truth.im), "{m} {v} {t}: {found:?} {truth:?}");
                // Far out panels would have to be too fine.
                if t > 500.0 && (v - 1.0_f64).abs() > 0.1 {
                    continue;
                }
                // L is known to a few roundings, which count t times; the tails of both laws count as they are.
                let width = found.re.width().max(found.im.width());
                assert!(
                    width <= 4e-13 * (1.0 + t) * truth.norm().hi() + 1e-20 * (1.0 + t),
                    "{m} {v} {t}: {found:?} {truth:?}"
                );
                assert!(line.tail(t).unwrap() >= gaussian.tail(t).unwrap() * (1.0 - 1e-12), "{m} {v} {t}");
            }
        }
    }

    /// What a panel's rule gives at t for the real and the imaginary part.
    fn panel(factor: &AnalyticFactor, (a, b): (f64, f64), t: f64) -> (f64, f64) {
        let even = |l: f64| -2.0 * ((0.5 * t * l).sin().powi(2) + (0.25 * l).sinh().powi(2));
        let odd = |l: f64| sin_minus(t * l) - 2.0 * t * sinh_minus(0.5 * l);
        let nodes = factor.nodes(a, b).unwrap();
        nodes.iter().fold((0.0, 0.0), |(x, y), n| (x + n.weight * even(n.ratio), y + n.weight * odd(n.ratio)))
    }

    /// The errors of both parts against the sum over 64 panels, with their bounds; `None` where there is no bound.
    fn errors(factor: &AnalyticFactor, (a, b): (f64, f64), t: f64) -> Option<[(f64, f64); 2]> {
        let bounds = factor.ellipse(a, b)?.error(t);
        let cut = |k: u32| a + (b - a) * f64::from(k) / 64.0;
        let parts = (0..64).map(|k| panel(factor, (cut(k), cut(k + 1)), t));
        let fine = parts.fold((0.0, 0.0), |s, part| (s.0 + part.0, s.1 + part.1));
        let coarse = panel(factor, (a, b), t);
        Some([((coarse.0 - fine.0).abs(), bounds.0), ((coarse.1 - fine.1).abs(), bounds.1)])
    }

    /// The error bound of a panel is a bound: panels too wide for the function, against a fine rule.
    #[test]
    fn panel_errors_are_bounded() {
        let p = Mixture1 { weights: vec![0.4, 0.6], means: vec![-1.5, 1.5], variances: vec![0.6, 1.0] };
        let q = Mixture1 { weights: vec![0.5, 0.5], means: vec![-1.0, 1.0], variances: vec![0.6, 1.0] };
        let factor = AnalyticFactor::new(&q, &p);
        let mut shown = 0;
        for panel in [(0.0, 1.0), (-2.0, -1.6), (1.0, 1.5), (2.0, 2.25), (-4.0, -3.5)] {
            for t in [3.0, 30.0, 100.0] {
                for (error, bound) in errors(&factor, panel, t).into_iter().flatten() {
                    assert!(error <= bound + 1e-15 * (1.0 + t), "{panel:?} {t}: {error:e} > {bound:e}");
                    shown += u32::from(error > 1e-13);
                }
            }
        }
        assert!(shown > 2, "the panels are wide enough for their errors to show");
    }

    /// The error bound of a panel is nearly attained, so that it fails this test when divided by 12: with L linear and sqrt(pq)
    /// nearly constant the integrand is a cosine, and for `t r |L'| = 15`, r the half-width, no other ellipse has a smaller bound
    /// than the one with `rho = 4`. The panel is centred where the cosine, or the sine, is even.
    #[test]
    fn panel_errors_are_nearly_attained() {
        let normal = |m: f64| Mixture1 { weights: vec![1.0], means: vec![m], variances: vec![1.0] };
        let factor = AnalyticFactor::new(&normal(0.125), &normal(0.0));
        let half = 1.0 / 64.0;
        let t = 15.0 / (0.125 * half);
        for (part, centre) in [(0, 0.0625), (1, 0.0625 + std::f64::consts::FRAC_PI_2 / (0.125 * t))] {
            let (error, bound) = errors(&factor, (centre - half, centre + half), t).unwrap()[part];
            assert!(error <= bound, "{part}: {error:e} > {bound:e}");
            assert!(error > bound / 12.0, "{part}: {error:e} is far below {bound:e}");
        }
    }
}
