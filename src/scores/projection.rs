//! The law of v.x when x has a law in closed form: a Gaussian mixture on the line, with enclosed parameters.

use super::direction::Direction;
use crate::numerics::{Interval, Jet, integrate, integrate_over, signs};
use crate::targets::{Covariance, Density, Gaussian};

/// The most components a projected product of mixtures may have.
const MAX_COMPONENTS: usize = 4096;
/// How many standard deviations around the means are looked at; the mass outside is below 2e-23.
const REACH: f64 = 10.0;
/// The truncation error aimed at in a moment, in standard deviations.
const MOMENT: f64 = 1e-16;
/// Relative width at which an integral counts as known.
const RESOLVED: f64 = 1e-9;

/// A mixture on the line: (weight, mean, variance) per component; a variance of exactly 0 is an atom.
#[derive(Clone, Debug)]
pub struct Projection {
    components: Vec<(Interval, Interval, Interval)>,
}

impl Projection {
    /// The law of v.x under p; `None` when it would have too many components.
    #[must_use]
    pub fn of(p: &Density, v: &Direction) -> Option<Self> {
        let components = match p {
            _ if v.is_zero() => vec![(Interval::ONE, Interval::ZERO, Interval::ZERO)],
            Density::Gaussian(g) => vec![(Interval::ONE, mean(g, v), variance(g, v))],
            Density::Mixture(m) => {
                let each = m.weights.iter().zip(&m.components);
                each.map(|(w, c)| (Interval::point(*w), mean(c, v), variance(c, v))).collect()
            }
            Density::Product(product) => {
                let mut sum = vec![(Interval::ONE, Interval::ZERO, Interval::ZERO)];
                let mut first = 0;
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        let block = v.block(first, factor.dim());
                        first += factor.dim();
                        if block.is_zero() {
                            continue;
                        }
                        let own = Self::of(factor, &block)?.components;
                        if sum.len() * own.len() > MAX_COMPONENTS {
                            return None;
                        }
                        sum = sum
                            .iter()
                            .flat_map(|a| own.iter().map(move |b| (a.0 * b.0, a.1 + b.1, a.2 + b.2)))
                            .collect();
                    }
                }
                sum
            }
        };
        Some(Self { components })
    }

    /// P(z > x), enclosed over the interval x.
    #[must_use]
    pub fn above(&self, x: Interval) -> Interval {
        let tail = |&(w, m, v): &(Interval, Interval, Interval)| {
            w * if v == Interval::ZERO {
                Interval::new(f64::from(u8::from(m.lo() > x.hi())), f64::from(u8::from(m.hi() > x.lo())))
            } else {
                ((m - x) / v.sqrt()).normal_cdf()
            }
        };
        self.components.iter().map(tail).sum::<Interval>().clamp(0.0, 1.0)
    }

    /// P(z < x), enclosed over the interval x.
    #[must_use]
    pub fn below(&self, x: Interval) -> Interval {
        let mirrored = self.components.iter().map(|&(w, m, v)| (w, -m, v)).collect();
        Self { components: mirrored }.above(-x)
    }

    /// P(lo < z < hi), from the side on which it does not cancel.
    #[must_use]
    pub fn between(&self, lo: f64, hi: f64) -> Interval {
        let (a, b) = (Interval::point(lo), Interval::point(hi));
        let mass = |&(w, m, v): &(Interval, Interval, Interval)| {
            if v == Interval::ZERO {
                let inside = |sure: bool| f64::from(u8::from(sure));
                return w * Interval::new(inside(m.lo() > lo && m.hi() < hi), inside(m.hi() > lo && m.lo() < hi));
            }
            let (s, t) = ((a - m) / v.sqrt(), (b - m) / v.sqrt());
            let value =
                if s.lo() > 0.0 { (-s).normal_cdf() - (-t).normal_cdf() } else { t.normal_cdf() - s.normal_cdf() };
            let narrow = narrow_mass(s.hull(t), (b - a) / v.sqrt(), ((a + b) * 0.5 - m) / v.sqrt());
            w * value.intersect(narrow).unwrap_or(value).clamp(0.0, 1.0)
        };
        self.components.iter().map(mass).sum::<Interval>().clamp(0.0, 1.0)
    }

    /// The interval that holds all but 2e-23 of the mass.
    fn reach(&self) -> (f64, f64) {
        self.components.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (_, m, v)| {
            let r = REACH * v.hi().sqrt();
            (a.min(m.lo() - r), b.max(m.hi() + r))
        })
    }

    /// E g(z) for `0 <= g <= 1` given as a function of Taylor series, enclosed; `knots` mark where g is steep.
    #[must_use]
    pub fn expectation(&self, g: &dyn Fn(&Jet) -> Jet, knots: &[f64]) -> Interval {
        let mut total = Interval::ZERO;
        for &(w, m, v) in &self.components {
            if v == Interval::ZERO {
                total += w * g(&Jet::variable(m)).value().clamp(0.0, 1.0);
                continue;
            }
            // Standardised: int g(m + s y) phi(y) dy.
            let s = v.sqrt();
            let integrand = |y: &Jet| {
                let density = y.sqr().scale(-0.5).exp().scale(Interval::ONE / Interval::SQRT_TAU);
                &g(&y.scale(s).shift(m)) * &density
            };
            let centres: Vec<f64> = knots.iter().map(|k| ((Interval::point(*k) - m) / s).mid()).collect();
            total += w * gaussian_integral(&integrand, &centres, total.lo() / w.hi());
        }
        total.clamp(0.0, 1.0)
    }

    /// `E g(z)` and `E y g(z)` for each component, y the component's variable in standard deviations from its mean, where
    /// `0 <= g <= 1` is given as a function of Taylor series; `knots` mark where g is steep.
    fn standardised(&self, g: &dyn Fn(&Jet) -> Jet, knots: &[f64]) -> Vec<[Interval; 2]> {
        let each = |&(_, m, v): &(Interval, Interval, Interval)| {
            let s = v.sqrt();
            let density = |y: &Jet| y.sqr().scale(-0.5).exp().scale(Interval::ONE / Interval::SQRT_TAU);
            let weighted = |y: &Jet| &g(&y.scale(s).shift(m)) * &density(y);
            let centres = knots.iter().map(|k| ((Interval::point(*k) - m) / s).mid());
            let mut cuts: Vec<f64> = centres.filter(|c| c.abs() < REACH).chain([-REACH, REACH]).collect();
            cuts.sort_by(f64::total_cmp);
            let over = |f: &dyn Fn(&Jet) -> Jet| integrate_over(f, &cuts, MOMENT);
            // Beyond the cut: 2 Phi(-R), and 2 phi(R) with either sign.
            let tail = Interval::new(0.0, (Interval::point(-REACH).normal_cdf() * 2.0).hi());
            let first_tail = (Interval::point(REACH).normal_pdf() * 2.0).hi();
            [(over(&weighted) + tail).clamp(0.0, 1.0), over(&|y| y * &weighted(y)).widen(first_tail)]
        };
        self.components.iter().map(each).collect()
    }

    /// `E g'(z)`, which is `E y g(z)/s` component by component, and `E z g(z)`.
    fn moments_of(&self, each: &[[Interval; 2]]) -> [Interval; 2] {
        let total: Interval = self.components.iter().map(|c| c.0).sum();
        let both = |k: usize| -> Interval {
            let one = |(&(w, m, v), &[mass, first]): (&(Interval, Interval, Interval), &[Interval; 2])| {
                w * if k == 0 { first / v.sqrt() } else { m * mass + v.sqrt() * first }
            };
            self.components.iter().zip(each).map(one).sum::<Interval>() / total
        };
        [both(0), both(1)]
    }

    /// `E g'(z)` and `E z g(z)` for a smooth g as in [`Projection::standardised`]; no component may be an atom.
    #[must_use]
    pub fn smooth_moments(&self, g: &dyn Fn(&Jet) -> Jet, knots: &[f64]) -> [Interval; 2] {
        self.moments_of(&self.standardised(g, knots))
    }

    /// The density of z at lo minus that at hi, which is `E g'(z)` for `g = 1{lo < z < hi}`, and `E z g(z)`; without `hi` its terms
    /// are absent. No component may be an atom.
    #[must_use]
    pub fn sharp_moments(&self, lo: f64, hi: Option<f64>) -> [Interval; 2] {
        let each = |&(_, m, v): &(Interval, Interval, Interval)| {
            let at = |end: f64| (Interval::point(end) - m) / v.sqrt();
            let one = Self { components: vec![(Interval::ONE, m, v)] };
            match hi {
                None => [one.above(Interval::point(lo)), at(lo).normal_pdf()],
                Some(hi) => [one.between(lo, hi), at(lo).normal_pdf() - at(hi).normal_pdf()],
            }
        };
        self.moments_of(&self.components.iter().map(each).collect::<Vec<_>>())
    }

    /// P(f(z) > 0), enclosed by splitting the line until the sign of f is known or the cells are tiny.
    #[must_use]
    pub fn where_positive(&self, f: &dyn Fn(Interval) -> Interval) -> Interval {
        let (a, b) = self.reach();
        if !(a.is_finite() && b.is_finite()) {
            return Interval::new(0.0, 1.0);
        }
        let found = signs(f, (a, b), (b - a) * 1e-12, 0.0);
        let sure: Interval = found.known.iter().filter(|k| k.2).map(|k| self.between(k.0, k.1)).sum();
        let unsure: Interval = found.unknown.iter().map(|u| self.between(u.0, u.1)).sum();
        let outside = (Interval::point(-REACH).normal_cdf() * 2.0).hi();
        Interval::new(sure.lo(), (sure + unsure + outside).hi()).clamp(0.0, 1.0)
    }
}

/// `int f` for `0 <= f <= phi`, cut at |y| = R with a tail of at most 2 Phi(-R); where f is small, R grows and the tolerance
/// shrinks until the result is known relative to itself, or to `beside`, what it will be added to.
fn gaussian_integral(f: &dyn Fn(&Jet) -> Jet, knots: &[f64], beside: f64) -> Interval {
    let mut found = Interval::new(0.0, 1.0);
    let mut tolerance = 1e-18;
    for reach in [REACH, REACH, 20.0, 37.0, 37.0] {
        let mut cuts: Vec<f64> = knots.iter().copied().filter(|c| c.abs() < reach).chain([-reach, reach]).collect();
        cuts.sort_by(f64::total_cmp);
        let inside: Interval = cuts.windows(2).map(|c| integrate(f, c[0], c[1], tolerance)).sum();
        let tail = Interval::new(0.0, (Interval::point(-reach).normal_cdf() * 2.0).hi());
        let value = inside.clamp(0.0, 1.0) + tail;
        found = found.intersect(value).unwrap_or(value);
        if found.width() <= RESOLVED * found.lo().max(beside) {
            break;
        }
        tolerance = RESOLVED * RESOLVED * found.hi();
    }
    found
}

/// `int_s^t phi = w phi(c) + w^3 phi''(y)/24` with w = t - s, c the middle and y in between: no difference is taken.
fn narrow_mass(range: Interval, w: Interval, c: Interval) -> Interval {
    w * c.normal_pdf() + w.powi(3) * (range.sqr() - 1.0) * range.normal_pdf() / 24.0
}

/// E v.x, the weights of a mixture divided by their sum.
#[must_use]
pub fn mean_along(p: &Density, v: &Direction) -> Interval {
    match p {
        _ if v.is_zero() => Interval::ZERO,
        Density::Gaussian(g) => mean(g, v),
        Density::Mixture(m) => m.shares().iter().zip(&m.components).map(|(&w, c)| w * mean(c, v)).sum(),
        Density::Product(product) => {
            let mut first = 0;
            let mut total = Interval::ZERO;
            for (factor, copies) in &product.factors {
                for _ in 0..*copies {
                    total += mean_along(factor, &v.block(first, factor.dim()));
                    first += factor.dim();
                }
            }
            total
        }
    }
}

/// v.mean, enclosed.
fn mean(g: &Gaussian, v: &Direction) -> Interval {
    v.support().map(|i| Interval::point(v.component(i)) * g.mean_enclosed(i)).sum()
}

/// v^T cov v, enclosed.
fn variance(g: &Gaussian, v: &Direction) -> Interval {
    match &g.cov {
        Covariance::Isotropic(s) => v.norm_squared() * g.enclosed(*s),
        Covariance::Diagonal(s) => v.support().map(|i| Interval::point(v.component(i)).sqr() * g.enclosed(s[i])).sum(),
        Covariance::Dense(s) => {
            let support: Vec<usize> = v.support().collect();
            let row = |&i: &usize| -> Interval {
                let inner: Interval = support.iter().map(|&j| g.enclosed(s[(i, j)]) * v.component(j)).sum();
                Interval::point(v.component(i)) * inner
            };
            support.iter().map(row).sum::<Interval>().max(Interval::ZERO)
        }
    }
}

impl Projection {
    /// E cos(z + b).
    #[must_use]
    pub fn wave(&self, b: Interval) -> Interval {
        self.components.iter().map(|&(w, m, v)| w * (-(v * 0.5)).exp() * (m + b).cos()).sum()
    }
}
