//! Constants of Gaussian laws: eigenvalues of the covariance (LLT-18a).

use super::metric::Metric;
use super::spectrum::extreme_eigenvalues;
use super::{Constant, Constants};
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Gaussian};

/// `L = 1/lambda_min`, `C_LS = C_P = lambda_max`.
pub(super) fn constants(g: &Gaussian) -> Constants {
    let (lo, hi) = match &g.cov {
        Covariance::Dense(m) => extreme_eigenvalues(m, g.rounding() * m.norm() * 1.01),
        _ => Metric::of(g).map_or((Interval::ZERO, Interval::INFINITY), |m| {
            let (lo, hi) = m.eigenvalues();
            (g.enclosed(lo.lo()), g.enclosed(hi.hi()))
        }),
    };
    // A positive definite matrix has a positive smallest eigenvalue, however its enclosure comes out.
    let lo = Interval::new(lo.lo().max(0.0), lo.hi().max(0.0));
    let lsi = "LLT-18a: largest eigenvalue of the covariance";
    Constants {
        lipschitz: Constant::exact(1.0 / lo, "LLT-18a: 1/smallest eigenvalue of the covariance"),
        lsi: Constant::exact(hi, lsi),
        poincare: Constant::exact(hi, lsi),
        second_moment: second_moment(g),
    }
}

/// `|mean|^2 + tr cov`.
pub(super) fn second_moment(g: &Gaussian) -> Interval {
    let mut sum: IntervalSum = g.mean.iter().map(|&m| g.enclosed(m).sqr()).collect();
    match &g.cov {
        Covariance::Isotropic(v) => sum.add(g.enclosed(*v) * g.dim() as f64),
        Covariance::Diagonal(v) => v.iter().for_each(|&v| sum.add(g.enclosed(v))),
        Covariance::Dense(m) => m.diagonal().iter().for_each(|&v| sum.add(g.enclosed(v))),
    }
    sum.value()
}
