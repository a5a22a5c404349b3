//! e(x) = c (A x + b).

use super::{markov, on_the_line};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::direction::Direction;
use crate::scores::{Affine, ErrorShape};
use crate::targets::{Covariance, Density, Frame, Gaussian, Run};
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

/// The norms of two vectors, the second bounding the rounding error of the first entry by entry.
struct WithError {
    value: f64,
    error: f64,
}

impl Linear {
    /// E_g |A x + b|^2 = tr(A cov A^T) + |A mean + b|^2, in floating point with a bound of its rounding error.
    ///
    /// A sum of products of three numbers over n^2 terms errs by at most `(2n + 4) u` times the sum of absolute values.
    fn mean_square_gaussian(&self, g: &Gaussian) -> WithError {
        let (a, abs) = (&self.matrix, self.matrix.abs());
        let d = a.nrows() as f64;
        let (spread, spread_size) = match &g.cov {
            Covariance::Isotropic(v) => (a.norm_squared() * v, a.norm_squared() * v),
            Covariance::Diagonal(v) => {
                let sum = (0..a.ncols()).map(|j| a.column(j).norm_squared() * v[j]).sum::<f64>();
                (sum, sum)
            }
            Covariance::Dense(s) => (a.component_mul(&(a * s)).sum(), abs.component_mul(&(&abs * s.abs())).sum()),
        };
        let image = a * &g.mean + &self.offset;
        let size = &abs * g.mean.abs() + self.offset.abs();
        let unit = (2.0 * d + 8.0) * f64::EPSILON;
        WithError { value: spread + image.norm_squared(), error: unit * (spread_size + size.norm_squared()) * 1.01 }
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
        let (value, error) = match p {
            Density::Gaussian(g) => {
                let m = self.mean_square_gaussian(g);
                (m.value, m.error)
            }
            Density::Mixture(m) => m.weights.iter().zip(&m.components).fold((0.0, 0.0), |(v, e), (w, c)| {
                let part = self.mean_square_gaussian(c);
                let n = m.weights.len() as f64 + 2.0;
                (v + w * part.value, e + w * (part.error + n * f64::EPSILON * part.value))
            }),
            Density::Product(_) => {
                // Only the mean and the covariance enter; the Gaussian of the same moments has the same value.
                let same = Gaussian::new(p.mean(), Covariance::Dense(p.cov()));
                let part = self.mean_square_gaussian(&same.expect("the moments of a law with a density"));
                // The moments of a mixture factor carry a few roundings of their own.
                (part.value, part.error * 4.0)
            }
        };
        let ledger =
            Ledger::new().bounded(Source::Rounding, error * 1.01, "norm-wise rounding bound of a sum of products");
        Measured::with_ledger(Interval::point(value), ledger).clamped(0.0, f64::INFINITY)
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        if self.dim() > 1 {
            return markov(self, p, threshold);
        }
        let (a, b) = (self.matrix[(0, 0)], self.offset[0]);
        on_the_line(p, &|x| (x * a + b).abs() - threshold)
    }
}
