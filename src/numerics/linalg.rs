//! Dense linear algebra with proved bounds of its rounding errors.

use super::Interval;
use nalgebra::{Cholesky, DMatrix, DVector};

/// The unit roundoff 2^-53.
pub const UNIT_ROUNDOFF: f64 = 0.5 * f64::EPSILON;

/// `gamma_n = n u / (1 - n u)`, from above: the relative error of a sum of n products in any order.
#[must_use]
pub fn gamma(n: usize) -> f64 {
    let nu = Interval::point(n as f64) * UNIT_ROUNDOFF;
    if nu.hi() >= 1.0 { f64::INFINITY } else { (nu / (1.0 - nu)).hi() }
}

/// The Frobenius norm of a matrix (the Euclidean norm of a vector given by its entries), from above.
///
/// # Promise
/// Not below the true norm of the stored entries.
#[must_use]
pub fn norm_upper<'a>(entries: impl IntoIterator<Item = &'a f64>) -> f64 {
    let (mut largest, mut n) = (0.0_f64, 0_usize);
    let entries: Vec<f64> = entries.into_iter().map(|x| x.abs()).collect();
    for &x in &entries {
        largest = largest.max(x);
        n += 1;
        if x.is_nan() {
            return f64::INFINITY;
        }
    }
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    // Scaled by a power of two, so that neither overflow nor underflow matters.
    let scale = 2.0_f64.powi(-(largest.log2().floor() as i32).clamp(-1000, 1000));
    let square: f64 = entries.iter().map(|x| (x * scale) * (x * scale)).sum();
    // Relative error of the sum of squares: gamma_n; entries below 1e-154 of the largest vanish: n 1e-308 is covered by one more.
    ((Interval::point(square) * (1.0 + Interval::point(gamma(n + 2)))).sqrt() / scale).hi()
}

/// A bound of the Frobenius norm of `fl(AB) - AB` from the norms of A and B and the inner dimension.
#[must_use]
pub fn product_error(inner: usize, norm_a: f64, norm_b: f64) -> f64 {
    (Interval::point(gamma(inner)) * norm_a * norm_b + inner as f64 * f64::MIN_POSITIVE).hi()
}

/// An upper bound of the largest eigenvalue of a symmetric matrix.
///
/// A candidate s above an estimate is accepted when the Cholesky factorisation of `sI - G` runs to completion: then
/// `sI - G` plus a backward error of norm at most `gamma_{n+1}/(1 - gamma_{n+1}) tr(sI - G)` is positive definite
/// (Demmel; Higham, Accuracy and Stability of Numerical Algorithms, Theorem 10.3).
///
/// # Promise
/// Not below the largest eigenvalue of the stored matrix, whose two triangles must agree.
#[must_use]
pub fn largest_eigenvalue_upper(g: &DMatrix<f64>) -> f64 {
    let n = g.nrows();
    let norm = norm_upper(g.iter());
    if n == 0 || norm == 0.0 || !norm.is_finite() {
        return norm;
    }
    // Power iteration on G + norm I; the Rayleigh quotient never exceeds the largest eigenvalue.
    let mut x = DVector::from_fn(n, |i, _| 1.0 + ((i * 7919 + 13) % 101) as f64 / 101.0);
    for _ in 0..100 {
        let y = g * &x + &x * norm;
        let size = y.norm();
        if !(size > 0.0 && size.is_finite()) {
            break;
        }
        x = y / size;
    }
    let estimate = x.dot(&(g * &x)) / x.norm_squared();
    for margin in [1e-6, 1e-3, 1e-2, 1e-1] {
        let candidate = estimate + margin * norm;
        let shifted = DMatrix::from_fn(n, n, |i, j| if i == j { candidate - g[(i, j)] } else { -g[(i, j)] });
        // Forming the diagonal rounds it: u (|candidate| + norm) per entry.
        let forming = Interval::point(UNIT_ROUNDOFF) * 2.0 * (Interval::point(candidate.abs()) + norm);
        let trace = shifted.trace();
        if trace > 0.0 && Cholesky::new(shifted).is_some() {
            let g1 = Interval::point(gamma(n + 1));
            let slack = forming + g1 / (1.0 - g1) * (Interval::point(trace) * (1.0 + g1)) * 2.0;
            return (Interval::point(candidate) + slack).hi().min(norm);
        }
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_and_eigenvalues_are_bounded_from_above_and_tightly() {
        let a = DMatrix::from_fn(30, 30, |i, j| ((i * j) as f64 + 1.0).sin() + ((j * i) as f64 + 1.0).sin());
        let exact: f64 = a.iter().map(|x| x * x).sum::<f64>().sqrt();
        let bound = norm_upper(a.iter());
        assert!(bound >= exact && bound <= exact * (1.0 + 1e-12));
        let top = nalgebra::SymmetricEigen::new(a.clone()).eigenvalues.max();
        let bound = largest_eigenvalue_upper(&a);
        assert!(bound >= top && bound <= top + 2e-2 * exact, "{bound} {top}");
        // A negative definite matrix keeps its sign.
        let negative = DMatrix::from_diagonal(&DVector::from_vec(vec![-1.0, -2.0, -5.0]));
        let bound = largest_eigenvalue_upper(&negative);
        assert!((-1.0..-0.9).contains(&bound), "{bound}");
        assert_eq!(norm_upper([3e200, 4e200].iter()), norm_upper([3e200, 4e200].iter()).clamp(5e200, 5.000001e200));
    }
}
