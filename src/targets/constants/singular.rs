//! Semidefinite singular differences of covariances, decided where the arithmetic is exact (LLT-20c).

use crate::numerics::Interval;
use nalgebra::{DMatrix, DVector};

/// Whether `D = q - p` is proved semidefinite and singular with `m = b - a` outside its range: then two Gaussians N(a, p),
/// N(b, q) balance along an unbounded set.
///
/// Elimination without division, on D and m side by side,
///
/// ```text
/// d_ij <- d_ij d_kk - d_ik d_kj,     m_i <- m_i d_kk - d_ik m_k,     k a row with the largest d_kk left
/// ```
///
/// leaves rows that vanish, and m is in the range only if its entries there do. Sums and products of doubles with few digits
/// are points in interval arithmetic; whatever is not counts as unknown, and the answer is no.
pub(super) fn leaves_range(p: &DMatrix<f64>, q: &DMatrix<f64>, a: &DVector<f64>, b: &DVector<f64>) -> bool {
    let n = p.nrows();
    let mut d: Vec<Vec<Interval>> =
        (0..n).map(|i| (0..n).map(|j| Interval::point(q[(i, j)]) - p[(i, j)]).collect()).collect();
    let mut m: Vec<Interval> = (0..n).map(|i| Interval::point(b[i]) - a[i]).collect();
    // The trace of a semidefinite matrix tells which sign it has.
    if (0..n).map(|i| d[i][i]).sum::<Interval>().hi() < 0.0 {
        d.iter_mut().flatten().for_each(|x| *x = -*x);
    }
    let mut left: Vec<usize> = (0..n).collect();
    while let Some(at) = (0..left.len()).max_by(|&i, &j| {
        let pivot = |i: usize| d[left[i]][left[i]].lo();
        pivot(i).total_cmp(&pivot(j))
    }) {
        let k = left[at];
        if d[k][k].lo() <= 0.0 {
            break;
        }
        left.swap_remove(at);
        for &i in &left {
            let factor = d[i][k];
            let row: Vec<(usize, Interval)> = left.iter().map(|&j| (j, d[i][j] * d[k][k] - factor * d[k][j])).collect();
            m[i] = m[i] * d[k][k] - factor * m[k];
            row.into_iter().for_each(|(j, x)| d[i][j] = x);
        }
    }
    let vanish = left.iter().all(|&i| left.iter().all(|&j| d[i][j] == Interval::ZERO));
    vanish && left.iter().any(|&i| !m[i].contains(0.0))
}
