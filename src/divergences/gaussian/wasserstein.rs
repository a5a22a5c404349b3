//! The 2-Wasserstein distance.
//!
//! ```text
//! W2^2 = |m1 - m0|^2 + B(S0, S1)^2
//! ```
//! For independent coordinates `B^2 = sum (sd1 - sd0)^2` with `sd1 - sd0 = (S1 - S0)/(sd1 + sd0)`. For full covariances a
//! symmetric X with `I + X >= 0` is the optimal map minus the identity from S0 to `(I+X) S0 (I+X)`, so with the residual
//! `R = XS0 + S0X + XS0X - D` of the equation for the true map, `B(S0, S1 + R)^2 = tr(X S0 X)` and
//! `|B(S0, S1) - B(S0, S1 + R)| <= B(S1, S1 + R) <= |S1^{1/2} - (S1+R)^{1/2}|_F <= min(|R|_F / lambda_min(S1)^{1/2}, |R|_1^{1/2})`.

use super::product::Bilinear;
use crate::divergences::NoEngine;
use crate::divergences::transform::count;
use crate::laws::{DenseGaussian, GaussianLaw};
use crate::numerics::linalg::{largest_eigenvalue_upper, norm_upper};
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source};
use nalgebra::{DMatrix, SymmetricEigen};

/// W2 of a product; its square adds over independent factors.
pub(super) fn w2(factors: &[(&GaussianLaw, &GaussianLaw, u64)]) -> Result<Measured, NoEngine> {
    let mut squares = IntervalSum::new();
    let mut dense = false;
    for (q, p, copies) in factors {
        if q.dim() != p.dim() {
            let why = format!("the laws have {} and {} coordinates", q.dim(), p.dim());
            return Err(NoEngine { divergence: "w2", why });
        }
        let square = match (q, p) {
            (GaussianLaw::Independent(q), GaussianLaw::Independent(p)) => (0..q.mean.len())
                .map(|i| {
                    let (s0, s1) = (p.variance[i], q.variance[i]);
                    let sum = s0.sqrt() + s1.sqrt();
                    let spread = if s0 == s1 && s0.width() == 0.0 { Interval::ZERO } else { (s1 - s0) / sum };
                    (q.mean[i] - p.mean[i]).sqr() + spread.sqr()
                })
                .collect::<IntervalSum>()
                .value(),
            _ => {
                dense = true;
                full(&q.to_dense(), &p.to_dense()).sqr()
            }
        };
        squares.add(square * count(*copies));
    }
    let value = squares.value().sqrt();
    if !dense {
        return Ok(Measured::exact(value));
    }
    let why = "residual of the equation for the optimal map, and the errors of the laws";
    Ok(Measured::enclosed(value, Ledger::new().bounded(Source::Rounding, value.width(), why)))
}

/// W2 of two full Gaussians.
fn full(q: &DenseGaussian, p: &DenseGaussian) -> Interval {
    let delta: Vec<Interval> = q.mean.iter().zip(p.mean.iter()).map(|(&a, &b)| Interval::point(a) - b).collect();
    let shift = delta.iter().map(|x| x.sqr()).collect::<IntervalSum>().value();
    let x = optimal_map_minus_identity(&q.cov, &p.cov);
    let usable = x.iter().all(|a| a.is_finite()) && {
        let negative =
            DMatrix::from_fn(x.nrows(), x.nrows(), |i, j| if i == j { -1.0 - x[(i, j)] } else { -x[(i, j)] });
        // Rounding of the diagonal: u (1 + |x|) each.
        norm_upper(x.iter()) < 1.0 || largest_eigenvalue_upper(&negative) <= -1e-14 * (1.0 + norm_upper(x.iter()))
    };
    if !usable {
        // (sqrt(tr S1) - sqrt(tr S0))^2 <= B^2 <= tr S1 + tr S0: B^2 = tr S1 + tr S0 - 2 tr(S0^{1/2} S1 S0^{1/2})^{1/2}, and the
        // last trace lies between 0 and sqrt(tr S1 tr S0).
        let trace = |g: &DenseGaussian| -> Interval {
            let entries: Interval = g.cov.diagonal().iter().map(|&x| Interval::point(x)).sum();
            entries.widen((Interval::point(g.cov_error) * g.cov.nrows() as f64).hi()).max(Interval::ZERO)
        };
        let (s1, s0) = (trace(q), trace(p));
        let mean_error = (Interval::point(q.mean_error) + p.mean_error).hi();
        let length = shift.sqrt().widen(mean_error).max(Interval::ZERO);
        let least = (length.sqr() + (s1.sqrt() - s0.sqrt()).sqr()).sqrt();
        let most = (length.sqr() + s1 + s0).sqrt();
        return Interval::new(least.lo(), most.hi());
    }
    let bilinear = Bilinear { x: &x, s: &p.cov };
    let (bures, residual) = (bilinear.trace_of_square(), bilinear.residual(&q.cov));
    let root_of = |cov: &DMatrix<f64>, error: f64| {
        let least = -(Interval::point(largest_eigenvalue_upper(&(-cov))) + error);
        let d = Interval::point(cov.nrows() as f64);
        move |change: f64| {
            if change == 0.0 {
                return 0.0;
            }
            let by_trace = (d.sqrt() * change).sqrt().hi();
            if least.lo() > 0.0 { (change / least.sqrt()).hi().min(by_trace) } else { by_trace }
        }
    };
    let around_q = root_of(&q.cov, q.cov_error);
    let around_p = root_of(&p.cov, p.cov_error);
    let slack = Interval::point(around_q(residual))
        + around_q(q.cov_error)
        + around_p(p.cov_error)
        + q.mean_error
        + p.mean_error;
    let value = (shift + bures).sqrt().widen(slack.hi());
    value.max(Interval::ZERO)
}

/// An approximation of X with `(I+X) S0 (I+X) = S1`.
fn optimal_map_minus_identity(s1: &DMatrix<f64>, s0: &DMatrix<f64>) -> DMatrix<f64> {
    let d = s0.nrows();
    let eigen = SymmetricEigen::new(s0.clone());
    let (u, s) = (&eigen.eigenvectors, eigen.eigenvalues.map(|x| x.max(0.0)));
    let difference = u.transpose() * (s1 - s0) * u;
    // Small: iterate X_ij = (D - X S0 X)_ij/(s_i + s_j). Otherwise by square roots.
    let scaled = |m: &DMatrix<f64>| DMatrix::from_fn(d, d, |i, j| m[(i, j)] / (s[i] + s[j]));
    let mut x = scaled(&difference);
    if norm_upper(x.iter()) < 0.1 {
        for _ in 0..40 {
            let quadratic = &x * DMatrix::from_diagonal(&s) * &x;
            let next = scaled(&(&difference - quadratic));
            let change = norm_upper((&next - &x).iter());
            x = next;
            if change <= 1e-17 * norm_upper(x.iter()) {
                break;
            }
        }
    } else {
        let root = s.map(f64::sqrt);
        let inner =
            DMatrix::from_fn(d, d, |i, j| root[i] * (difference[(i, j)] + if i == j { s[i] } else { 0.0 }) * root[j]);
        let inner = SymmetricEigen::new((&inner + inner.transpose()) * 0.5);
        let values = inner.eigenvalues.map(|x| x.max(0.0).sqrt());
        let middle = &inner.eigenvectors * DMatrix::from_diagonal(&values) * inner.eigenvectors.transpose();
        x = DMatrix::from_fn(d, d, |i, j| middle[(i, j)] / (root[i] * root[j]) - if i == j { 1.0 } else { 0.0 });
    }
    let x = u * x * u.transpose();
    (&x + x.transpose()) * 0.5
}
