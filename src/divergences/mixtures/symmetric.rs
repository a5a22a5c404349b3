//! Symmetric positive definite matrices with interval entries, by elimination; for small dimensions.

use super::parts::cov_entry;
use crate::numerics::{Interval, IntervalSum};
use crate::targets::Gaussian;

/// A square matrix, row by row.
pub(super) type Matrix = Vec<Vec<Interval>>;

/// `M = L D L^T` with unit lower triangular L and a positive diagonal D.
pub(super) struct Factor {
    lower: Matrix,
    diagonal: Vec<Interval>,
}

impl Factor {
    /// `None` when a pivot is not known to be positive.
    ///
    /// # Promise
    /// Every symmetric matrix in the enclosure is positive definite, and its factors lie in those found.
    pub(super) fn of(m: &Matrix) -> Option<Self> {
        let d = m.len();
        let mut lower = vec![vec![Interval::ZERO; d]; d];
        let mut diagonal: Vec<Interval> = Vec::with_capacity(d);
        for i in 0..d {
            for j in 0..=i {
                let taken = (0..j).map(|k| lower[i][k] * lower[j][k] * diagonal[k]).collect::<IntervalSum>().value();
                let rest = m[i][j] - taken;
                if i == j {
                    if rest.lo() <= 0.0 || !rest.is_finite() {
                        return None;
                    }
                    diagonal.push(rest);
                    lower[i][i] = Interval::ONE;
                } else {
                    lower[i][j] = rest / diagonal[j];
                }
            }
        }
        Some(Self { lower, diagonal })
    }

    /// ln det M.
    pub(super) fn ln_det(&self) -> Interval {
        self.diagonal.iter().map(|x| x.ln()).collect::<IntervalSum>().value()
    }

    /// `M^-1 b`.
    pub(super) fn solve(&self, b: &[Interval]) -> Vec<Interval> {
        let d = b.len();
        let mut x = b.to_vec();
        for i in 0..d {
            x[i] = x[i] - (0..i).map(|k| self.lower[i][k] * x[k]).collect::<IntervalSum>().value();
        }
        x.iter_mut().zip(&self.diagonal).for_each(|(x, &pivot)| *x = *x / pivot);
        for i in (0..d).rev() {
            x[i] = x[i] - (i + 1..d).map(|k| self.lower[k][i] * x[k]).collect::<IntervalSum>().value();
        }
        x
    }

    /// `M^-1`.
    pub(super) fn inverse(&self) -> Matrix {
        let d = self.diagonal.len();
        let axis = |i: usize| (0..d).map(|j| if i == j { Interval::ONE } else { Interval::ZERO }).collect::<Vec<_>>();
        let m: Matrix = (0..d).map(|i| self.solve(&axis(i))).collect();
        // Both triangles enclose the same numbers.
        let entry = |i: usize, j: usize| m[i][j].intersect(m[j][i]).unwrap_or(m[i][j]);
        (0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect()
    }
}

/// The covariance of a Gaussian, enclosed.
pub(super) fn covariance(g: &Gaussian) -> Matrix {
    (0..g.dim()).map(|i| (0..g.dim()).map(|j| cov_entry(g, i, j)).collect()).collect()
}

/// `x . y`.
pub(super) fn dot(x: &[Interval], y: &[Interval]) -> Interval {
    x.iter().zip(y).map(|(&a, &b)| a * b).collect::<IntervalSum>().value()
}

/// `M x`.
pub(super) fn times(m: &Matrix, x: &[Interval]) -> Vec<Interval> {
    m.iter().map(|row| dot(row, x)).collect()
}
