//! A covariance as a metric, in interval arithmetic and in its sparsest form.

use super::cholesky::Factor;
use super::spectrum::extreme_eigenvalues;
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Gaussian};

/// Sigma together with what its inverse needs.
#[derive(Clone, Debug)]
pub(super) enum Metric {
    /// v I.
    Isotropic(f64, usize),
    /// diag(v).
    Diagonal(Vec<f64>),
    /// A full matrix, by its factor and its extreme eigenvalues.
    Dense(Factor, Interval, Interval),
}

/// The sum of the squares.
pub(super) fn norm_sqr(x: &[Interval]) -> Interval {
    x.iter().map(|x| x.sqr()).collect::<IntervalSum>().value()
}

/// `a - b`, entry by entry.
pub(super) fn difference(a: &[f64], b: &[f64]) -> Vec<Interval> {
    a.iter().zip(b).map(|(&a, &b)| Interval::point(a) - b).collect()
}

impl Metric {
    /// The covariance of a Gaussian; `None` when a dense one is too close to singular for interval arithmetic.
    pub fn of(g: &Gaussian) -> Option<Self> {
        Some(match &g.cov {
            Covariance::Isotropic(v) => Metric::Isotropic(*v, g.dim()),
            Covariance::Diagonal(v) => Metric::Diagonal(v.as_slice().to_vec()),
            Covariance::Dense(m) => {
                let factor = Factor::new(m.nrows(), |i, j| Interval::point(m[(i, j)]))?;
                let (lo, hi) = extreme_eigenvalues(m, 0.0);
                if lo.lo() <= 0.0 {
                    return None;
                }
                Metric::Dense(factor, lo, hi)
            }
        })
    }

    /// The smallest and the largest eigenvalue of Sigma.
    pub fn eigenvalues(&self) -> (Interval, Interval) {
        match self {
            Metric::Isotropic(v, _) => (Interval::point(*v), Interval::point(*v)),
            Metric::Diagonal(v) => {
                let lo = v.iter().copied().fold(f64::INFINITY, f64::min);
                let hi = v.iter().copied().fold(0.0, f64::max);
                (Interval::point(lo), Interval::point(hi))
            }
            Metric::Dense(_, lo, hi) => (*lo, *hi),
        }
    }

    /// `Sigma^-1 b`.
    pub fn solve(&self, b: &[Interval]) -> Vec<Interval> {
        match self {
            Metric::Isotropic(v, _) => b.iter().map(|&b| b / *v).collect(),
            Metric::Diagonal(v) => b.iter().zip(v).map(|(&b, &v)| b / v).collect(),
            Metric::Dense(factor, ..) => factor.solve(b),
        }
    }

    /// `b^T Sigma^-1 b`.
    pub fn length_sqr(&self, b: &[Interval]) -> Interval {
        match self {
            Metric::Isotropic(v, _) => norm_sqr(b) / *v,
            Metric::Diagonal(v) => b.iter().zip(v).map(|(b, &v)| b.sqr() / v).collect::<IntervalSum>().value(),
            Metric::Dense(factor, ..) => norm_sqr(&factor.whiten(b)),
        }
    }

    /// `ln det Sigma`.
    pub fn ln_det(&self) -> Interval {
        match self {
            Metric::Isotropic(v, d) => Interval::point(*v).ln() * (*d as f64),
            Metric::Diagonal(v) => v.iter().map(|&v| Interval::point(v).ln()).collect::<IntervalSum>().value(),
            Metric::Dense(factor, ..) => factor.ln_det(),
        }
    }
}
