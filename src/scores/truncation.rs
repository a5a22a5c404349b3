//! The truncated score: what the data's support, or its tails, allow a score at a noise level to be.

use super::{Affine, Strip};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::{Data, Density};
use nalgebra::{DMatrix, DVector};

/// How many points of the line are looked at for kinks, and the standard deviations around a component that they cover.
const SCANNED: usize = 4000;
const COVERED: f64 = 10.0;
/// Where the far behaviour of a score on the line is sampled, in standard deviations of the widest component.
const FAR: f64 = 60.0;
const SAMPLES: usize = 2001;
/// Up to this relative distance a bound is the one that is meant: noise levels are rounded numbers.
const SAME: f64 = 16.0 * f64::EPSILON;

/// What the score is truncated to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The ball |w| <= B: it couples all coordinates.
    Ball,
    /// |w_i| <= B in every coordinate by itself.
    EachCoordinate,
}

/// The truncation of a score at the noise level `x = a X + sigma xi`, q = sigma^2, about c:
///
/// ```text
/// s~(x) = -(x - a c)/q + P(s(x) + (x - a c)/q),   P the projection onto |w| <= B, or onto |w_i| <= B for every i
/// ```
///
/// For the exact score g the projected vector is `v(x) = (a/q) E[X - c | x]`, which a bounded support keeps below `a R/q`.
/// The error that is left is `e~ = P(v + e) - v`: where |v| <= B, `|e~| <= min(|e|, 2 B)`.
#[derive(Clone, Debug)]
pub struct Truncation {
    /// The law of X.
    data: Data,
    /// a and sigma.
    level: NoiseLevel,
    /// The level at which kernels ask for the score: `level`, or that of the data for a target noised already.
    asked: NoiseLevel,
    /// c.
    centre: DVector<f64>,
    /// B > 0.
    bound: f64,
    within: Within,
}

impl Truncation {
    /// The truncation about `centre` of the score of `alpha X + sigma xi`, which kernels ask for at the level `asked`; `None`
    /// unless sigma > 0, B > 0 and the centre has the dimension of the data.
    #[must_use]
    pub fn new(
        data: Data,
        (level, asked): (NoiseLevel, NoiseLevel),
        centre: DVector<f64>,
        bound: f64,
        within: Within,
    ) -> Option<Self> {
        let meant = level.sigma > 0.0 && bound > 0.0 && bound.is_finite() && centre.len() == data.dim();
        (meant && centre.iter().all(|c| c.is_finite())).then_some(Self { data, level, asked, centre, bound, within })
    }

    /// The law of X.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// a and sigma.
    #[must_use]
    pub fn level(&self) -> NoiseLevel {
        self.level
    }

    /// The level at which kernels ask for the truncated score.
    #[must_use]
    pub fn asked(&self) -> NoiseLevel {
        self.asked
    }

    /// c.
    #[must_use]
    pub fn centre(&self) -> &DVector<f64> {
        &self.centre
    }

    /// B.
    #[must_use]
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// What it is truncated to.
    #[must_use]
    pub fn within(&self) -> Within {
        self.within
    }

    /// The least R with |X - c| <= R, or |X_i - c_i| <= R for every i, enclosed; `+inf` for laws with a density.
    #[must_use]
    pub fn radius(&self) -> Interval {
        radius(&self.data, self.centre.as_slice(), self.within).sqrt()
    }

    /// `a R/q`, enclosed: a B of that size leaves the exact score as it is.
    #[must_use]
    pub fn least_bound(&self) -> Interval {
        let radius = self.radius();
        if radius == Interval::ZERO || self.level.alpha == 0.0 {
            return Interval::ZERO;
        }
        radius * self.level.alpha / Interval::point(self.level.sigma).sqr()
    }

    /// Whether the exact score is left as it is: `B >= a R/q`, up to the rounding of the level.
    #[must_use]
    pub fn keeps_exact(&self) -> bool {
        self.least_bound().mid() <= self.bound * (1.0 + SAME)
    }

    /// Whether no error with |e| <= `sup` is ever cut: `a R/q + sup <= B`.
    #[must_use]
    pub fn never_cuts(&self, sup: f64) -> bool {
        (self.least_bound() + sup).hi() <= self.bound
    }

    /// Whether coordinates are truncated together.
    #[must_use]
    pub fn couples(&self) -> bool {
        self.within == Within::Ball && self.centre.len() > 1
    }

    /// The truncation of the coordinates `first .. first + dim`, a union of blocks.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        let (data, centre) = (self.data.block(first, dim), self.centre.rows(first, dim).into_owned());
        Self { data, centre, ..self.clone() }
    }

    /// Turns the errors e at the n points of `xs` (d x n) into what truncation leaves of them, `P(v + e) - v`, given the exact
    /// score g there.
    pub fn cut(&self, xs: &[f64], g: &[f64], e: &mut [f64]) {
        let (a, q, d) = (self.level.alpha, self.level.variance(), self.centre.len());
        let n = xs.len() / d;
        let together = self.within == Within::Ball;
        let mut v = vec![0.0; d];
        for j in 0..n {
            for (i, v) in v.iter_mut().enumerate() {
                let k = i * n + j;
                *v = g[k] + (xs[k] - a * self.centre[i]) / q;
                if !together {
                    e[k] = self.cut_to(*v, e[k], (*v + e[k]).abs());
                }
            }
            if together {
                let norm = (0..d).map(|i| (v[i] + e[i * n + j]).powi(2)).sum::<f64>().sqrt();
                for (i, v) in v.iter().enumerate() {
                    let k = i * n + j;
                    e[k] = self.cut_to(*v, e[k], norm);
                }
            }
        }
    }

    /// A component of `P(v + e) - v`, given the norm that is held below B.
    fn cut_to(&self, v: f64, e: f64, norm: f64) -> f64 {
        if norm > self.bound { (v + e) * (self.bound / norm) - v } else { e }
    }

    /// The error that is left as an affine map, where X is a single point and e does not depend on x: then v + e does not
    /// either.
    #[must_use]
    pub(super) fn affine_error(&self, error: Option<&Affine>) -> Option<Affine> {
        let d = self.centre.len();
        let atom = atom(&self.data)?;
        let zero = Affine::zero(d);
        let error = error.unwrap_or(&zero);
        if error.matrix.iter().any(|&x| x != 0.0) || error.matrix_error != 0.0 {
            return None;
        }
        // v at x = a X, where g = 0.
        let (a, n) = (self.level.alpha, 1.0 + error.offset.norm());
        let xs: Vec<f64> = atom.iter().map(|x| a * x).collect();
        let mut left = error.offset.clone();
        self.cut(&xs, &vec![0.0; d], left.as_mut_slice());
        let size = self.bound + self.least_bound().hi() + n;
        let offset_error = error.offset_error + 8.0 * (d as f64 + 4.0) * f64::EPSILON * size;
        Some(Affine { matrix: DMatrix::zeros(d, d), offset: left, matrix_error: 0.0, offset_error })
    }

    /// Where a score on the line turns into `-(x - a c)/q +- B`, ascending, as far as a scan of the law's surroundings shows:
    /// the sign changes of |w| - B. `w` gives s(x) + (x - a c)/q at many points; `p` is the law at the level, and the scan looks
    /// at the points of `steep` besides.
    pub(super) fn kinks(&self, p: &Density, steep: &[f64], w: &dyn Fn(&[f64], &mut [f64])) -> Vec<f64> {
        let Some(p) = p.as_mixture1() else { return Vec::new() };
        let reach = |sign: f64| {
            let ends = p.means.iter().zip(&p.variances).map(move |(m, v)| m + sign * COVERED * v.sqrt());
            ends.fold(-sign * f64::INFINITY, |x: f64, y| if sign > 0.0 { x.max(y) } else { x.min(y) })
        };
        let (lo, hi) = (reach(-1.0), reach(1.0));
        let mut xs: Vec<f64> = (0..SCANNED).map(|k| lo + (hi - lo) * k as f64 / (SCANNED - 1) as f64).collect();
        xs.extend(steep);
        xs.sort_by(f64::total_cmp);
        let mut values = vec![0.0; xs.len()];
        w(&xs, &mut values);
        let cut = |w: f64| w.abs() > self.bound;
        let cut_at = |x: f64| {
            let mut value = [0.0];
            w(&[x], &mut value);
            cut(value[0])
        };
        let mut kinks = Vec::new();
        for k in 1..xs.len() {
            let before = cut(values[k - 1]);
            if before == cut(values[k]) {
                continue;
            }
            let (mut a, mut b) = (xs[k - 1], xs[k]);
            while let Some(x) = Some(0.5 * (a + b)).filter(|x| a < *x && *x < b) {
                if cut_at(x) == before { a = x } else { b = x }
            }
            kinks.push(b);
        }
        kinks
    }

    /// The strip of `e~` on the line, for an error in the strip `error` and the exact score `g` of the law p: within
    /// `-(x - a c)/q +- B` less the line that g approaches far out, and, where the exact score is kept, between 0 and e.
    /// What g does between is sampled.
    pub(super) fn strip(&self, p: &Density, g: &dyn Fn(&[f64], &mut [f64]), error: Strip) -> Strip {
        let ball = Interval::ZERO.widen(self.bound);
        if self.keeps_exact() {
            let cut = Interval::ZERO.widen(2.0 * self.bound);
            let between = Interval::ZERO.hull(error.range);
            let range = if error.slope == 0.0 { between.intersect(cut).unwrap_or(cut) } else { cut };
            return Strip { slope: 0.0, range };
        }
        let Some(p) = p.as_mixture1() else { return Strip { slope: 0.0, range: Interval::ENTIRE } };
        let widest = p.variances.iter().copied().fold(0.0, f64::max);
        let extent = p.means.iter().fold(0.0, |x: f64, m| x.max(m.abs())) + FAR * widest.sqrt();
        let xs: Vec<f64> = (0..SAMPLES).map(|k| extent * (2.0 * k as f64 / (SAMPLES - 1) as f64 - 1.0)).collect();
        let mut values = vec![0.0; SAMPLES];
        g(&xs, &mut values);
        let (a, q) = (self.level.alpha, self.level.variance());
        let rest = xs.iter().zip(&values).map(|(x, g)| Interval::point(-x / widest - g));
        let rest = rest.reduce(Interval::hull).unwrap_or(Interval::ZERO);
        Strip { slope: 1.0 / widest - 1.0 / q, range: ball + rest + a * self.centre[0] / q }
    }
}

/// The square of R.
fn radius(data: &Data, centre: &[f64], within: Within) -> Interval {
    let joined = |each: &mut dyn Iterator<Item = Interval>| match within {
        Within::Ball => each.sum(),
        Within::EachCoordinate => each.fold(Interval::ZERO, Interval::max),
    };
    match data {
        Data::Density(_) => Interval::INFINITY,
        Data::Points(p) => {
            let square = |(x, c): (&f64, &f64)| (Interval::point(*x) - *c).sqr();
            let farthest = p.points.iter().map(|x| joined(&mut x.iter().zip(centre).map(square)));
            farthest.fold(Interval::ZERO, Interval::max)
        }
        Data::Box(p) => {
            let farthest = |c: &f64| (Interval::point(c.abs()) + p.half_width()).sqr();
            joined(&mut centre.iter().map(farthest))
        }
        Data::Product(factors) => {
            let mut first = 0;
            let mut each = factors.iter().flat_map(|(f, copies)| std::iter::repeat_n(f, *copies as usize)).map(|f| {
                let own = &centre[first..first + f.dim()];
                first += f.dim();
                radius(f, own, within)
            });
            joined(&mut each)
        }
    }
}

/// The point that X is, if it is one.
fn atom(data: &Data) -> Option<Vec<f64>> {
    match data {
        Data::Density(_) | Data::Box(_) => None,
        Data::Points(p) => (p.points.len() == 1).then(|| p.points[0].iter().copied().collect()),
        Data::Product(factors) => {
            let mut all = Vec::new();
            for (factor, copies) in factors {
                let one = atom(factor)?;
                (0..*copies).for_each(|_| all.extend_from_slice(&one));
            }
            Some(all)
        }
    }
}
