//! `int q^2/p` from the products of two components of q over one of p, and when it is infinite.
//!
//! ```text
//! int Q_i Q_k/P_j = sqrt(det S_j/(det S_i det S_k det A)) e^{(b^T A^-1 b - c)/2},     A = S_i^-1 + S_k^-1 - S_j^-1,
//! b = S_i^-1 d_i + S_k^-1 d_k,     c = d_i^T S_i^-1 d_i + d_k^T S_k^-1 d_k,     d = m - m_j
//! ```
//! As `p >= w_j P_j` for every j, the share of (i, k) in the integral is at most the smallest `a_i a_k int Q_i Q_k/P_j/w_j`; when p has one
//! component the bound is the integral.

use super::parts::{Parts, cov_entry};
use super::shadow::lines;
use super::symmetric::{Factor, Matrix, covariance, dot, times};
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Gaussian};
use nalgebra::DVector;

/// The largest dimension in which matrices are inverted entry by entry.
const MODERATE: usize = 24;
/// The most products of components.
const MOST: usize = 4096;

/// A component with its precision matrix.
struct Precise {
    mean: Vec<Interval>,
    precision: Matrix,
    ln_det: Interval,
}

impl Precise {
    /// `None` when the covariance is too close to singular, or too large.
    fn new(g: &Gaussian) -> Option<Self> {
        if g.dim() > MODERATE {
            return None;
        }
        let factor = Factor::of(&covariance(g))?;
        let mean = (0..g.dim()).map(|i| g.mean_enclosed(i)).collect();
        Some(Self { mean, precision: factor.inverse(), ln_det: factor.ln_det() })
    }
}

/// `ln int Q_i Q_k/P_j`, with the origin at the mean of j; `None` unless A is known to be positive definite.
fn ln_product(i: &Precise, k: &Precise, j: &Precise) -> Option<Interval> {
    let d = j.mean.len();
    let a: Matrix =
        (0..d).map(|r| (0..d).map(|c| i.precision[r][c] + k.precision[r][c] - j.precision[r][c]).collect()).collect();
    let factor = Factor::of(&a)?;
    let from = |x: &Precise| -> Vec<Interval> { x.mean.iter().zip(&j.mean).map(|(&a, &b)| a - b).collect() };
    let (di, dk) = (from(i), from(k));
    let (bi, bk) = (times(&i.precision, &di), times(&k.precision, &dk));
    let b: Vec<Interval> = bi.iter().zip(&bk).map(|(&x, &y)| x + y).collect();
    let c = dot(&di, &bi) + dot(&dk, &bk);
    Some((j.ln_det - i.ln_det - k.ln_det - factor.ln_det() + dot(&b, &factor.solve(&b)) - c) * 0.5)
}

/// Bounds of `int q^2/p - 1`: an upper one, and a lower one when p is a single Gaussian.
///
/// # Promise
/// The integral lies in the interval.
pub(super) fn by_products(q: &Parts, p: &Parts) -> Option<Interval> {
    if q.len() * q.len() * p.len() > MOST {
        return None;
    }
    let precise = |parts: &Parts| parts.components.iter().map(Precise::new).collect::<Option<Vec<_>>>();
    let (of_q, of_p) = (precise(q)?, precise(p)?);
    let mut sum = IntervalSum::new();
    for i in 0..q.len() {
        for k in 0..=i {
            let against =
                (0..p.len()).filter_map(|j| Some(ln_product(&of_q[i], &of_q[k], &of_p[j])?.exp() / p.weights[j]));
            let least = against.min_by(|a, b| a.hi().total_cmp(&b.hi()))?;
            let both = if i == k { 1.0 } else { 2.0 };
            sum.add(least * q.weights[i] * q.weights[k] * both);
        }
    }
    let value = (sum.value() - 1.0).max(Interval::ZERO);
    Some(if p.len() == 1 { value } else { Interval::new(0.0, value.hi()) })
}

/// Whether `int q^2/p` is infinite beyond doubt: along some direction u and for some component i of q,
/// `2 u^T S_i^-1 u < u^T S_j^-1 u` for every component j of p, so that q^2/p grows in a cone.
///
/// With `u = S_i z` the left side is `2 z^T S_i z`; by Cauchy and Schwarz the right one is at least `(u.y)^2/(y^T S_j y)`, whatever
/// y is, and equal to it for `y = S_j^-1 u`.
pub(super) fn is_infinite(q: &Parts, p: &Parts) -> bool {
    let dense = |g: &Gaussian| (g.dim() <= MODERATE).then(|| g.cov_matrix().cholesky()).flatten();
    let solvers: Vec<_> = p.components.iter().map(dense).collect();
    let mut directions = lines(q, p);
    let inverses: Vec<DVector<f64>> =
        solvers.iter().flatten().flat_map(|s| directions.iter().map(|u| s.solve(u)).collect::<Vec<_>>()).collect();
    directions.extend(inverses);
    if q.dim() == 2 {
        directions
            .extend((0..180).map(|k| f64::from(k).to_radians()).map(|t| DVector::from_vec(vec![t.cos(), t.sin()])));
    }
    let grows = |i: usize, z: &DVector<f64>| {
        let z: Vec<Interval> = z.iter().map(|&x| Interval::point(x)).collect();
        let u = apply(&q.components[i], &z);
        let twice = dot(&z, &u) * 2.0;
        let plain = DVector::from_iterator(u.len(), u.iter().map(|x| x.mid()));
        p.components.iter().zip(&solvers).all(|(g, solver)| {
            let y = match solver {
                Some(s) => s.solve(&plain),
                None => DVector::from_fn(plain.len(), |k, _| plain[k] / g.variance(k)),
            };
            let y: Vec<Interval> = y.iter().map(|&x| Interval::point(x)).collect();
            let least = dot(&u, &y).sqr() / dot(&y, &apply(g, &y));
            twice.hi() < least.lo()
        })
    };
    (0..q.len()).any(|i| directions.iter().any(|z| grows(i, z)))
}

/// `S x`.
fn apply(g: &Gaussian, x: &[Interval]) -> Vec<Interval> {
    let d = x.len();
    let row = |i: usize| match &g.cov {
        Covariance::Dense(_) => (0..d).map(|j| cov_entry(g, i, j) * x[j]).collect::<IntervalSum>().value(),
        _ => g.variance_enclosed(i) * x[i],
    };
    (0..d).map(row).collect()
}
