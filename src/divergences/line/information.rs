//! Entropy, Fisher information and two relatives of mixtures on the line, every error bounded.
//!
//! ```text
//! H = -int p ln p,   J = int p s^2,   G = int p s'^2,   int p (s'' + s s')^2,   s = (ln p)'
//! ```
//! The integrands are analytic where p has no complex zero; panels are split until their error bounds are negligible (see
//! [`super::panel`]).

use super::panel::{OnRectangle, Panel, Quadratic, dominant, on_rectangle};
use crate::numerics::{ComplexInterval, Interval, IntervalSum, Ledger, Measured, Source, enclosed_gauss_16};

/// How many standard deviations around every mean are integrated over; the rest is bounded.
const REACH: f64 = 10.0;
/// Panels are split until their error bounds are this part of [`Information::scale`], averaged over the components.
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
    /// `int p ((ln p)'')^2`.
    Hessian,
    /// `int p (s'' + s s')^2` for `s = (ln p)'`: the generator of the Langevin diffusion applied to s.
    Generator,
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

/// `s'` and `s'' + s s'`.
///
/// ```text
/// s = E sigma,   s' = E k + Var sigma,   s'' = 3 Cov(k, sigma) + E (sigma - s)^3
/// ```
/// over the shares of the components at z, whose exponents have slopes sigma and curvatures k.
fn derivatives(
    exponents: &[Quadratic],
    p: &OnRectangle,
    z: ComplexInterval,
    square: ComplexInterval,
) -> [ComplexInterval; 2] {
    let top = exponents[p.top].slope();
    let bend = |i: usize| exponents[i].slope().0[1] - top.0[1];
    let parts = || (0..exponents.len()).filter(|&i| i != p.top);
    let share = |i: usize| p.terms[i] / p.sum;
    let gap = |i: usize| match i == p.top {
        true => ComplexInterval::ZERO,
        false => exponents[i].slope().minus(&top).at(z, square),
    };
    let mean_gap = parts().fold(ComplexInterval::ZERO, |sum, i| sum + share(i) * gap(i));
    let mean_bend = parts().fold(ComplexInterval::ZERO, |sum, i| sum + share(i).scale(bend(i)));
    let (mut variance, mut third, mut mixed) = (ComplexInterval::ZERO, ComplexInterval::ZERO, ComplexInterval::ZERO);
    for i in 0..exponents.len() {
        let centred = gap(i) - mean_gap;
        let weighted = share(i) * centred.sqr();
        variance += weighted;
        third += weighted * centred;
        if i != p.top {
            mixed += share(i) * centred.scale(bend(i));
        }
    }
    let score = top.at(z, square) + mean_gap;
    let first = ComplexInterval::real(top.0[1]) + mean_bend + variance;
    [first, mixed.scale(Interval::point(3.0)) + third + score * first]
}

impl Information {
    /// The integrand at a point of the line, or over a stretch of it.
    fn at(self, exponents: &[Quadratic], z: Interval) -> Interval {
        match self {
            Information::Entropy | Information::Fisher => {
                values(exponents, z).map_or(Interval::ENTIRE, |v| self.integrand(&v))
            }
            Information::Hessian | Information::Generator => {
                let (z, square) = (ComplexInterval::real(z), ComplexInterval::real(z.sqr()));
                let value = |p: OnRectangle| p.ln.re.exp() * self.derivative(exponents, &p, z, square).re.sqr();
                on_rectangle(exponents, z, square).map_or(Interval::ENTIRE, value)
            }
        }
    }

    /// Which of the two derivatives.
    fn derivative(
        self,
        exponents: &[Quadratic],
        p: &OnRectangle,
        z: ComplexInterval,
        square: ComplexInterval,
    ) -> ComplexInterval {
        let [first, generator] = derivatives(exponents, p, z, square);
        if self == Information::Generator { generator } else { first }
    }

    /// The integrand of the first two.
    fn integrand(self, at: &Values) -> Interval {
        let p = at.ln.exp();
        match self {
            // p ln p tends to 0 with p.
            Information::Entropy if p == Interval::ZERO => Interval::ZERO,
            Information::Entropy => -(p * at.ln),
            _ => p * at.score.sqr(),
        }
    }

    /// The size of the integral in terms of the components: `v^-1`, `v^-2`, `v^-3`; 1 for the entropy.
    fn scale(self, c: &Component) -> Interval {
        match self {
            Information::Entropy => Interval::ONE,
            Information::Fisher => 1.0 / c.variance,
            Information::Hessian => 1.0 / c.variance.sqr(),
            Information::Generator => 1.0 / c.variance.powi(3),
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
            Information::Hessian | Information::Generator => {
                density * self.derivative(exponents, &p, z, square).norm_sqr()
            }
        };
        size.hi().is_finite().then_some(size)
    }

    /// What lies outside a box: at most this.
    ///
    /// J: `p s^2 <= sum_i w_i N_i s_i^2` by convexity. With `m_i = max(1, |y_i|)/sqrt v_i`, `y_i` the variable in standard
    /// deviations from the mean, `|sigma_i| <= m_i` and `|k_i| <= m_i^2`; so `|s'| <= 2 E m^2` and `|s'' + s s'| <= 16 E m^3` over the
    /// shares, and `p s'^2 <= 4 sum_i w_i N_i m_i^4`, `p (s'' + s s')^2 <= 256 sum_i w_i N_i m_i^6`. H: `|ln p(x)| <= |ln w_j| + |ln(2 pi v_j)|/2 + |ln(2 pi v_min)|/2 +
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
            let (z, density) = (z.max(Interval::ZERO), z.normal_pdf());
            let square = z * density + beyond;
            // E[y^4; y > z] and E[y^6; y > z] by parts.
            let fourth = z.powi(3) * density + square * 3.0;
            match self {
                Information::Fisher => square * self.scale(c),
                Information::Hessian => (beyond + fourth) * self.scale(c) * 4.0,
                Information::Generator => (beyond + z.powi(5) * density + fourth * 5.0) * self.scale(c) * 256.0,
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
        let tolerance = RELATIVE * law.iter().map(|c| (c.weight * self.scale(c)).hi()).sum::<f64>();
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
            let at = |z: Interval| self.at(&exponents, z);
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
            _ => Interval::new(0.0, outside),
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
