//! e(x) = c (A x + b).

use super::{markov, on_the_line};
use crate::numerics::linalg::{UNIT_ROUNDOFF, largest_eigenvalue_upper, norm_upper, product_error};
use crate::numerics::{Interval, IntervalSum, Measured};
use crate::scores::direction::Direction;
use crate::scores::projection::Projection;
use crate::scores::{Affine, CrossMoments, Description, Entry, ErrorShape};
use crate::targets::{Constants, Covariance, Density, Frame, Gaussian, Run};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// An affine field.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// A, d x d.
    pub matrix: DMatrix<f64>,
    /// b.
    pub offset: DVector<f64>,
}

/// What A makes of a law on some of the coordinates (A_B: its columns there).
struct Image {
    /// tr(A_B Cov A_B^T).
    spread: Interval,
    /// A_B E X.
    mean: Vec<Interval>,
}

impl Linear {
    /// The image of a law on the coordinates from `first` on.
    fn image(&self, p: &Density, first: usize) -> Image {
        match p {
            Density::Gaussian(g) => {
                let mean = (0..g.dim()).map(|i| g.mean_enclosed(i)).collect::<Vec<_>>();
                Image { spread: self.spread(g, first), mean: self.columns_times(&mean, first) }
            }
            Density::Mixture(m) => {
                let of = |c: &Gaussian| self.image(&Density::Gaussian(c.clone()), first);
                self.mix(&m.weights, &m.components.iter().map(of).collect::<Vec<_>>())
            }
            Density::Product(product) => {
                let mut total = Image { spread: Interval::ZERO, mean: vec![Interval::ZERO; self.dim()] };
                let mut at = first;
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        let own = self.image(factor, at);
                        total.spread += own.spread;
                        total.mean.iter_mut().zip(own.mean).for_each(|(sum, x)| *sum += x);
                        at += factor.dim();
                    }
                }
                total
            }
        }
    }

    /// The image of a mixture: with y_i the images of the component means and y their mean, its spread is
    /// `sum_i w_i (spread_i + |y_i - y|^2)`.
    fn mix(&self, weights: &[f64], parts: &[Image]) -> Image {
        let sum: Interval = weights.iter().map(|&w| Interval::point(w)).sum();
        let weights: Vec<Interval> = weights.iter().map(|&w| Interval::point(w) / sum).collect();
        let coordinate = |i: usize| weights.iter().zip(parts).map(|(&w, part)| w * part.mean[i]).sum::<Interval>();
        let mean: Vec<Interval> = (0..self.dim()).map(coordinate).collect();
        let about = |part: &Image| part.mean.iter().zip(&mean).map(|(&y, &m)| (y - m).sqr()).sum::<Interval>();
        let spread = weights.iter().zip(parts).map(|(&w, part)| w * (part.spread + about(part))).sum();
        Image { spread, mean }
    }

    /// E X, enclosed.
    fn mean_of(p: &Density) -> Vec<Interval> {
        match p {
            Density::Gaussian(g) => (0..g.dim()).map(|i| g.mean_enclosed(i)).collect(),
            Density::Mixture(m) => {
                let parts: Vec<_> = m.shares().into_iter().zip(&m.components).collect();
                (0..m.dim()).map(|i| parts.iter().map(|(w, c)| *w * c.mean_enclosed(i)).sum()).collect()
            }
            Density::Product(p) => {
                let of = |(factor, copies): &(Density, u64)| Self::mean_of(factor).repeat(*copies as usize);
                p.factors.iter().flat_map(of).collect()
            }
        }
    }

    /// `x^T A_B y` for the block of A whose rows and columns begin at `first`.
    fn form(&self, x: &[Interval], y: &[Interval], first: usize) -> Interval {
        let image = self.columns_times(y, first);
        x.iter().zip(&image[first..]).map(|(&a, &b)| a * b).sum()
    }

    /// `tr(A_B Cov)` for a law on the coordinates from `first` on, A_B the block there.
    fn trace_with(&self, p: &Density, first: usize) -> Interval {
        let entry = |i: usize, j: usize| self.matrix[(first + i, first + j)];
        match p {
            Density::Gaussian(g) => match &g.cov {
                Covariance::Dense(s) => {
                    let d = g.dim();
                    let pairs = (0..d * d).map(|n| (n % d, n / d)).filter(|&(i, j)| entry(i, j) != 0.0);
                    pairs.map(|(i, j)| g.enclosed(s[(i, j)]) * entry(i, j)).sum()
                }
                _ => (0..g.dim()).map(|i| g.variance_enclosed(i) * entry(i, i)).sum(),
            },
            Density::Mixture(m) => {
                let mean = Self::mean_of(p);
                let one = |(w, c): (Interval, &Gaussian)| {
                    let shift: Vec<Interval> = mean.iter().enumerate().map(|(i, &m)| c.mean_enclosed(i) - m).collect();
                    w * (self.trace_with(&Density::Gaussian(c.clone()), first) + self.form(&shift, &shift, first))
                };
                m.shares().into_iter().zip(&m.components).map(one).sum()
            }
            Density::Product(product) => {
                let mut at = first;
                let mut total = Interval::ZERO;
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        total += self.trace_with(factor, at);
                        at += factor.dim();
                    }
                }
                total
            }
        }
    }

    /// `ln E_p exp(s |A x + b|^2)` for a law on the coordinates from `first` on, from above.
    fn ln_moment(&self, p: &Density, first: usize, s: Interval, diagonal: bool) -> Interval {
        match p {
            Density::Gaussian(g) if diagonal && !matches!(g.cov, Covariance::Dense(_)) => {
                let along = |i: usize| {
                    let (a, b) = (Interval::point(self.matrix[(first + i, first + i)]), self.offset[first + i]);
                    tilted(s, a * g.mean_enclosed(i) + b, a.sqr() * g.variance_enclosed(i), Interval::ONE)
                };
                (0..g.dim()).map(along).collect::<IntervalSum>().value()
            }
            // The image of a block alone is that of the whole law unless there are other blocks.
            Density::Gaussian(g) if g.dim() == self.dim() => {
                let Image { spread, mean } = self.image(p, first);
                let shift: Interval = mean.iter().zip(self.offset.iter()).map(|(&y, &b)| (y + b).sqr()).sum();
                let widest = Interval::point(Constants::of(p).lsi.value.hi());
                let largest = (Interval::point(self.lipschitz()).sqr() * widest).min(spread);
                match largest.hi() > 0.0 {
                    true => tilted(s, shift.sqrt(), largest, spread / largest),
                    false => s * shift,
                }
            }
            Density::Gaussian(_) => Interval::INFINITY,
            Density::Mixture(m) => {
                let of = |c: &Gaussian| self.ln_moment(&Density::Gaussian(c.clone()), first, s, diagonal);
                let logs: Vec<Interval> = m.components.iter().map(of).collect();
                let top = Interval::point(logs.iter().copied().fold(Interval::ZERO, Interval::max).hi());
                if !top.is_finite() {
                    return Interval::INFINITY;
                }
                let parts = m.shares().into_iter().zip(&logs).map(|(w, &l)| w * (l - top).exp_m1());
                top + parts.collect::<IntervalSum>().value().ln_1p()
            }
            Density::Product(_) if !diagonal => Interval::INFINITY,
            Density::Product(product) => {
                let (mut at, mut total) = (first, IntervalSum::new());
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        total.add(self.ln_moment(factor, at, s, diagonal));
                        at += factor.dim();
                    }
                }
                total.value()
            }
        }
    }

    /// The range of the diagonal of A, when A is diagonal.
    fn diagonal_range(&self) -> Option<Interval> {
        let d = self.dim();
        let apart = (0..d * d).map(|n| (n % d, n / d)).any(|(i, j)| i != j && self.matrix[(i, j)] != 0.0);
        let entries = || (0..d).map(|i| Interval::point(self.matrix[(i, i)])).reduce(Interval::hull);
        if apart { None } else { entries() }
    }

    /// `A_B x`.
    fn columns_times(&self, x: &[Interval], first: usize) -> Vec<Interval> {
        let mut out = vec![Interval::ZERO; self.dim()];
        for (j, &x) in x.iter().enumerate().filter(|(_, x)| **x != Interval::ZERO) {
            let column = self.matrix.column(first + j);
            out.iter_mut().zip(column.iter()).filter(|(_, a)| **a != 0.0).for_each(|(o, &a)| *o += x * a);
        }
        out
    }

    /// `tr(A_B cov A_B^T)`. With a full covariance in floating point: a sum of products of three numbers over n^2 terms errs
    /// by at most `(2n + 4) u` times the sum of absolute values.
    fn spread(&self, g: &Gaussian, first: usize) -> Interval {
        let square = |j: usize| -> Interval {
            self.matrix.column(first + j).iter().filter(|a| **a != 0.0).map(|&a| Interval::point(a).sqr()).sum()
        };
        match &g.cov {
            Covariance::Isotropic(v) => (0..g.dim()).map(square).sum::<Interval>() * g.enclosed(*v),
            Covariance::Diagonal(v) => (0..g.dim()).map(|j| square(j) * g.enclosed(v[j])).sum(),
            Covariance::Dense(s) => {
                let a = self.matrix.columns(first, g.dim()).into_owned();
                let abs = a.abs();
                let value = a.component_mul(&(&a * s)).sum();
                let size = abs.component_mul(&(&abs * s.abs())).sum();
                let error = ((2.0 * g.dim() as f64 + 8.0) * f64::EPSILON + g.rounding()) * size * 1.01;
                if value.is_finite() && error.is_finite() {
                    Interval::around(value, error).max(Interval::ZERO)
                } else {
                    Interval::new(0.0, f64::INFINITY)
                }
            }
        }
    }
}

/// `-(n/2) ln(1 - 2 s v) + s m^2/(1 - 2 s v)`; plus infinity unless `2 s v < 1`.
fn tilted(s: Interval, mean: Interval, variance: Interval, n: Interval) -> Interval {
    let part = s * variance * 2.0;
    match part.hi() < 1.0 {
        true => -((-part).ln_1p() * n * 0.5) + s * mean.sqr() / (1.0 - part),
        false => Interval::INFINITY,
    }
}

impl ErrorShape for Linear {
    fn dim(&self) -> usize {
        self.offset.len()
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        let d = self.dim();
        let n = xs.len() / d;
        for i in 0..d {
            let row = &mut out[i * n..(i + 1) * n];
            row.fill(self.offset[i]);
            for k in 0..d {
                let a = self.matrix[(i, k)];
                if a != 0.0 {
                    row.iter_mut().zip(&xs[k * n..(k + 1) * n]).for_each(|(o, x)| *o += a * x);
                }
            }
        }
    }

    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        vec![self.matrix[(0, 0)]; xs.len()]
    }

    fn affine(&self) -> Option<Affine> {
        Some(Affine::exact(self.matrix.clone(), self.offset.clone()))
    }

    fn jumps(&self) -> Vec<f64> {
        Vec::new()
    }

    fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let mut runs: Vec<Run> = Vec::new();
        let mut first = 0;
        while first < d {
            let mut end = first + 1;
            let mut row = first;
            while row < end {
                let coupled = |j: &usize| self.matrix[(row, *j)] != 0.0 || self.matrix[(*j, row)] != 0.0;
                end = end.max((row + 1..d).rev().find(coupled).map_or(0, |j| j + 1));
                row += 1;
            }
            let dim = end - first;
            let same = |a: usize, b: usize| {
                self.offset.rows(a, dim) == self.offset.rows(b, dim)
                    && self.matrix.view((a, a), (dim, dim)) == self.matrix.view((b, b), (dim, dim))
            };
            match runs.last_mut() {
                Some(last) if last.dim == dim && same(last.first, first) => last.copies += 1,
                _ => runs.push(Run { first, dim, copies: 1 }),
            }
            first = end;
        }
        runs
    }

    fn block(&self, first: usize, dim: usize) -> Arc<dyn ErrorShape> {
        Arc::new(Self {
            matrix: self.matrix.view((first, first), (dim, dim)).into_owned(),
            offset: self.offset.rows(first, dim).into_owned(),
        })
    }

    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        let (a, b) = frame.blocks(&self.matrix)?;
        let (u, v) = frame.coordinates(&self.offset);
        Some((Arc::new(Self { matrix: a, offset: u }), Arc::new(Self { matrix: b, offset: v })))
    }

    fn sup(&self) -> f64 {
        if self.matrix.iter().any(|&a| a != 0.0) {
            return f64::INFINITY;
        }
        Direction::explicit(self.offset.clone()).norm_squared().sqrt().hi()
    }

    fn mean_square(&self, p: &Density) -> Measured {
        // E|A x + b|^2 = tr(A Cov A^T) + |A E X + b|^2.
        let Image { spread, mean } = self.image(p, 0);
        let shifted: Interval = mean.iter().zip(self.offset.iter()).map(|(&y, &b)| (y + b).sqr()).sum();
        Measured::exact((spread + shifted).clamp(0.0, f64::INFINITY))
    }

    /// `div u = tr A`, `E <A x + b, x> = tr(A Cov) + <A E X + b, E X>`.
    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        let trace: Interval = self.matrix.diagonal().iter().map(|&a| Interval::point(a)).sum();
        let mean = Self::mean_of(p);
        let along: Interval = mean.iter().zip(self.offset.iter()).map(|(&m, &b)| m * b).sum();
        Some(CrossMoments::exact(-trace, self.trace_with(p, 0) + self.form(&mean, &mean, 0) + along))
    }

    fn describe(&self) -> Option<Description> {
        let (matrix, offset) = (Entry::Matrix(self.matrix.clone()), Entry::Vector(self.offset.as_slice().to_vec()));
        Some(Description { kind: "affine", entries: vec![("matrix", matrix), ("offset", offset)] })
    }

    /// With independent coordinates that A does not mix, coordinate by coordinate: `y = a x + b ~ N(m, v)` has
    /// ```text
    /// ln E exp(s y^2) = -(1/2) ln(1 - 2 s v) + s m^2/(1 - 2 s v)     for 2 s v < 1
    /// ```
    /// Else, for a Gaussian image `N(m, S)` with eigenvalues of S at most l, from the sum `tr S` of them and the convexity of
    /// `-ln(1 - x)`: `-(tr S/l) ln(1 - 2 s l)/2 + s |m|^2/(1 - 2 s l)`.
    fn ln_exponential_moments(&self, p: &Density, scales: &[f64]) -> Vec<f64> {
        let diagonal = self.diagonal_range().is_some();
        scales.iter().map(|&s| self.ln_moment(p, 0, Interval::point(s), diagonal).hi()).collect()
    }

    /// The spectral norm of A.
    fn lipschitz(&self) -> f64 {
        if let Some(range) = self.diagonal_range() {
            return range.magnitude();
        }
        let size = norm_upper(self.matrix.iter());
        let gram = self.matrix.tr_mul(&self.matrix);
        let forming = product_error(self.dim(), size, size);
        (Interval::point(largest_eigenvalue_upper(&gram)) + forming).max(Interval::ZERO).sqrt().hi().min(size)
    }

    /// From the smallest to the largest eigenvalue of `(A + A^T)/2`.
    fn one_sided(&self) -> Interval {
        if let Some(range) = self.diagonal_range() {
            return range;
        }
        let twice = &self.matrix + self.matrix.transpose();
        let forming = UNIT_ROUNDOFF * norm_upper(twice.iter());
        let half = |m: &DMatrix<f64>| Interval::point(largest_eigenvalue_upper(m)) * 0.5;
        (-half(&-&twice)).hull(half(&twice)).widen(forming)
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        if self.dim() > 1 {
            return markov(self, p, threshold);
        }
        let (a, b) = (self.matrix[(0, 0)], self.offset[0]);
        let steep = Interval::point(a);
        // |a x + b| > t beyond (t - b)/a on one side and (-t - b)/a on the other.
        let ends = [threshold, -threshold].map(|t| (Interval::point(t) - b) / steep);
        match Projection::of(p, &Direction::axis(1, 0)).filter(|_| a != 0.0 && ends.iter().all(|x| x.is_finite())) {
            Some(z) if a > 0.0 => (z.above(ends[0]) + z.below(ends[1])).clamp(0.0, 1.0),
            Some(z) => (z.below(ends[0]) + z.above(ends[1])).clamp(0.0, 1.0),
            None => on_the_line(p, &|x| (x * a + b).abs() - threshold),
        }
    }
}
