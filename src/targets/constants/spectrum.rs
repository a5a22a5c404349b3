//! Enclosed extreme eigenvalues of symmetric matrices.

use crate::numerics::Interval;
use nalgebra::{DMatrix, SymmetricEigen};

/// A sum of squares computed in plain floating point is increased by this factor (10^6 terms lose 1e-10).
const NORM_SLACK: f64 = 1.0 + 1e-9;

/// The smallest and the largest eigenvalue of a symmetric matrix.
///
/// With V the computed eigenvectors, `B = V^T A V` and Lambda the computed eigenvalues,
///
/// ```text
/// lambda_k(A) in (Lambda_k +- |B - Lambda|_F) / [1 - eta, 1 + eta],     eta = |V^T V - I|_F     (Weyl, Ostrowski)
/// ```
///
/// both norms being bounded through the a-priori error `n u |X|_F |Y|_F` of a floating-point product X Y.
///
/// # Promise
/// The eigenvalues of every symmetric matrix within `8 u |A|_F + slack` of the given one (Frobenius norm) are enclosed.
pub(super) fn extreme_eigenvalues(a: &DMatrix<f64>, slack: f64) -> (Interval, Interval) {
    let n = a.nrows();
    if n == 1 {
        let only = Interval::around(a[(0, 0)], slack);
        return (only, only);
    }
    let eigen = SymmetricEigen::new(a.clone());
    let v = &eigen.eigenvectors;
    let gamma = (n as f64 + 4.0) * f64::EPSILON;
    let (norm_a, norm_v) = (a.norm() * NORM_SLACK, v.norm() * NORM_SLACK);
    let image = a * v;
    let b = v.tr_mul(&image) - DMatrix::from_diagonal(&eigen.eigenvalues);
    let off = b.norm() * NORM_SLACK
        + gamma * (norm_v * image.norm() * NORM_SLACK + norm_v * norm_v * norm_a)
        + 8.0 * f64::EPSILON * norm_a
        + slack;
    let eta = ((v.tr_mul(v) - DMatrix::identity(n, n)).norm() + gamma * norm_v * norm_v) * NORM_SLACK;
    if !(eta < 0.5 && off.is_finite()) {
        let reach = Interval::point(norm_a) + slack;
        return (Interval::new(-reach.hi(), reach.hi()), Interval::new(-reach.hi(), reach.hi()));
    }
    let stretch = Interval::around(1.0, eta);
    let enclose = |x: f64| Interval::around(x, off) / stretch;
    (enclose(eigen.eigenvalues.min()), enclose(eigen.eigenvalues.max()))
}
