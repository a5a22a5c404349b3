//! Entropy and Fisher information of mixtures on the line, every error bounded.
//!
//! ```text
//! H = -int p ln p,   J = int p s^2,   s = (ln p)'
//! ```
//! Both integrands are analytic where p has no complex zero; panels are split until their error bounds are negligible (see
//! [`super::panel`]).

use super::panel::{Panel, Quadratic, dominant, on_rectangle};
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source, enclosed_gauss_16};

/// How many standard deviations around every mean are integrated over; the rest is bounded.
const REACH: f64 = 10.0;
/// Panels are split until their error bounds are this part of `sum_i w_i/v_i` (of 1 for the entropy).
const RELATIVE: f64 = 4e-18;
/// How often a panel may be halved, and from how many panels on none is.
const MAX_DEPTH: u32 = 48;
const MAX_PANELS: usize = 20_000;

/// Which integral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Information {
    /// `-int p ln p`, nats.
    Entropy,
    /// `int p ((ln p)')^2`.
    Fisher,
}

/// A component of a mixture on the line, its parameters enclosed; the weights sum to 1.
#[derive(Clone, Copy, Debug)]
pub struct Component {
    /// w.
    pub weight: Interval,
    /// m.
    pub mean: Interval,
    /// v.
    pub variance: Interval,
}

impl Component {
    /// `ln(w/sqrt(2 pi v))`.
    fn constant(&self) -> Interval {
        self.weight.ln() - self.variance.ln() * 0.5 - Interval::LN_SQRT_TAU
    }

    fn sd(&self) -> Interval {
        self.variance.sqrt()
    }

    /// How far the ends of a box are from the mean on the outside, in standard deviations: left and right.
    fn ends(&self, (lo, hi): (f64, f64)) -> [Interval; 2] {
        [(self.mean - lo) / self.sd(), (Interval::point(hi) - self.mean) / self.sd()]
    }
}

/// p and `s = (ln p)'`, `ln p` at a point or over a stretch of the line.
struct Values {
    ln: Interval,
    score: Interval,
}

fn values(exponents: &[Quadratic], z: Interval) -> Option<Values> {
    let top = dominant(exponents)?;
    let slope = |i: usize| exponents[i].slope().at_real(z) - exponents[top].slope().at_real(z);
    let (mut sum, mut pull) = (Interval::ONE, Interval::ZERO);
    for i in (0..exponents.len()).filter(|&i| i != top) {
        let term = exponents[i].minus(&exponents[top]).at_real(z).exp();
        sum += term;
        pull += term * slope(i);
    }
    Some(Values { ln: exponents[top].at_real(z) + sum.ln(), score: exponents[top].slope().at_real(z) + pull / sum })
}

impl Information {
    /// The integrand.
    fn integrand(self, at: &Values) -> Interval {
        let p = at.ln.exp();
        match self {
            // p ln p tends to 0 with p.
            Information::Entropy if p == Interval::ZERO => Interval::ZERO,
            Information::Entropy => -(p * at.ln),
            Information::Fisher => p * at.score.sqr(),
        }
    }

    /// A bound of the integrand's modulus on the ellipse of a panel; `None` where it may not be analytic.
    fn size(self, exponents: &[Quadratic], panel: &Panel) -> Option<Interval> {
        let z = panel.rectangle;
        let square = z.sqr();
        let p = on_rectangle(exponents, z, square)?;
        let density = p.ln.re.exp();
        let size = match self {
            Information::Entropy => density * p.ln.norm(),
            Information::Fisher => {
                let top = exponents[p.top].slope();
                let others = (0..exponents.len()).filter(|&i| i != p.top);
                let pull = |i: usize| p.terms[i] / p.sum * exponents[i].slope().minus(&top).at(z, square);
                density * others.fold(top.at(z, square), |s, i| s + pull(i)).norm_sqr()
            }
        };
        size.hi().is_finite().then_some(size)
    }

    /// What lies outside a box: at most this.
    ///
    /// J: `p s^2 <= sum_i w_i N_i s_i^2` by convexity. H: `|ln p(x)| <= |ln w_j| + |ln(2 pi v_j)|/2 + |ln(2 pi v_min)|/2 +
    /// (x - m_j)^2/(2 v_j)` for the widest component j, and `(x - m_j)^2 <= 2 (x - m_i)^2 + 2 (m_i - m_j)^2` under component i.
    fn outside(self, law: &[Component], reach: (f64, f64)) -> Interval {
        let widest = law.iter().max_by(|a, b| a.variance.hi().total_cmp(&b.variance.hi()));
        let narrowest = law.iter().map(|c| c.variance.lo()).fold(f64::INFINITY, f64::min);
        let Some(j) = widest else { return Interval::ZERO };
        let half_log = |v: Interval| (v.ln() * 0.5 + Interval::LN_SQRT_TAU).abs();
        let constant = j.weight.ln().abs() + half_log(j.variance) + half_log(Interval::point(narrowest));
        // For y ~ N(0, 1): P(y > z) and E[y^2; y > z] = z phi(z) + P(y > z).
        let side = |c: &Component, z: Interval| {
            let beyond = (-z).normal_cdf();
            let square = z.max(Interval::ZERO) * z.normal_pdf() + beyond;
            match self {
                Information::Fisher => square / c.variance,
                Information::Entropy => {
                    (constant + (c.mean - j.mean).sqr() / j.variance) * beyond + c.variance / j.variance * square
                }
            }
        };
        law.iter().map(|c| c.weight * c.ends(reach).map(|z| side(c, z)).into_iter().sum::<Interval>()).sum()
    }

    /// The integral.
    ///
    /// # Promise
    /// It lies in the interval for every law with parameters in those of the components.
    pub fn of(self, law: &[Component]) -> Measured {
        let constants: Vec<Interval> = law.iter().map(Component::constant).collect();
        let about = |c: f64| -> Vec<Quadratic> {
            let exponent = |(part, &l): (&Component, &Interval)| Quadratic::exponent(l, part.mean, part.variance, c);
            law.iter().zip(&constants).map(exponent).collect()
        };
        let tolerance = RELATIVE
            * match self {
                Information::Entropy => 1.0,
                Information::Fisher => law.iter().map(|c| (c.weight / c.variance).hi()).sum(),
            };
        let rule = enclosed_gauss_16();
        let knots = knots(law);
        let mut stack: Vec<(f64, f64, u32)> = knots.windows(2).rev().map(|k| (k[0], k[1], 0)).collect();
        let (mut sum, mut errors, mut panels) = (IntervalSum::new(), Interval::ZERO, 0);
        while let Some((a, b, depth)) = stack.pop() {
            let panel = Panel::new(a, b);
            let exponents = about(panel.centre);
            let error = self.size(&exponents, &panel).map(|size| panel.error(size));
            let middle = a + 0.5 * (b - a);
            let splits = depth < MAX_DEPTH && a < middle && middle < b && panels < MAX_PANELS;
            if splits && error.is_none_or(|e| e.hi() > tolerance) {
                stack.push((middle, b, depth + 1));
                stack.push((a, middle, depth + 1));
                continue;
            }
            panels += 1;
            let (half, centre) = panel.measure();
            let at = |z: Interval| values(&exponents, z).map_or(Interval::ENTIRE, |v| self.integrand(&v));
            match error {
                Some(error) => {
                    let shift = centre - panel.centre;
                    for (node, weight) in rule {
                        sum.add(at(shift + half * node) * weight * half);
                    }
                    errors += error;
                }
                // The values over the whole panel.
                None => sum.add(at(panel.points()) * half * 2.0),
            }
        }
        let reach = (knots[0], knots[knots.len() - 1]);
        let outside = self.outside(law, reach).hi();
        let value = sum.value();
        let ledger = Ledger::new()
            .bounded(Source::Rounding, value.width(), "values at the nodes")
            .bounded(Source::Discretisation, errors.hi(), "Gauss rules on panels where p has no complex zero nearby")
            .bounded(Source::Truncation, outside, "the integrand outside ten standard deviations of every component");
        let beyond = match self {
            Information::Entropy => Interval::around(0.0, outside),
            Information::Fisher => Interval::new(0.0, outside),
        };
        Measured::enclosed(value.widen(errors.hi()) + beyond, ledger)
    }
}

/// Points around which the density changes, ascending.
fn knots(law: &[Component]) -> Vec<f64> {
    let around = |c: &Component| {
        let (m, s) = (c.mean.mid(), c.sd().mid());
        [-REACH, -6.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0, REACH].map(|k| m + k * s)
    };
    let mut knots: Vec<f64> = law.iter().flat_map(around).collect();
    knots.sort_by(f64::total_cmp);
    let span = knots[knots.len() - 1] - knots[0];
    let last = knots[knots.len() - 1];
    knots.dedup_by(|b, a| *b - *a < 1e-9 * span);
    if let Some(end) = knots.last_mut() {
        *end = last;
    }
    knots
}
