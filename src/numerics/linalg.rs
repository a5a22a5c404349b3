//! Dense linear algebra with proved bounds of its rounding errors.

use super::{Interval, IntervalSum};
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

/// Up to this size residuals are formed entry by entry in compensated sums of exact products.
pub const ENTRYWISE: usize = 48;

/// The inverse of a positive definite matrix, with a bound of the Frobenius norm of its error; `None` when it is too close to
/// singular. With an approximate inverse X and `E = I - S X`, formed without cancellation for small matrices,
/// ```text
/// S^-1 = X (I - E)^-1 = X + X (E + E^2) + X E^3 (I - E)^-1.
/// ```
///
/// # Promise
/// The error of the returned entries is at most the bound.
#[must_use]
pub fn positive_inverse(s: &DMatrix<f64>) -> Option<(DMatrix<f64>, f64)> {
    let x = Cholesky::new(s.clone())?.inverse();
    let (d, x_norm) = (s.nrows(), norm_upper(x.iter()));
    let bound = Interval::point;
    if d > ENTRYWISE {
        let computed = DMatrix::identity(d, d) - s * &x;
        let rounding = bound(norm_upper((s.abs() * x.abs()).iter())) * (d as f64 + 2.0) * f64::EPSILON;
        let residual = rounding + norm_upper(computed.iter());
        let error = bound(x_norm) * residual.hi() / (1.0 - residual);
        return (residual.hi() < 0.5).then(|| (x, error.hi()));
    }
    let entry = |i: usize, j: usize| {
        let mut sum = IntervalSum::new();
        sum.add_product(f64::from(u8::from(i == j)), 1.0);
        (0..d).for_each(|k| sum.add_product(-s[(i, k)], x[(k, j)]));
        sum.value()
    };
    let entries: Vec<Interval> = (0..d * d).map(|k| entry(k % d, k / d)).collect();
    let e = DMatrix::from_iterator(d, d, entries.iter().map(|x| x.mid()));
    let radius = bound(norm_upper(&entries.iter().map(|x| x.width()).collect::<Vec<_>>()));
    let e_norm = bound(norm_upper(e.iter())) + radius;
    if e_norm.hi().is_nan() || e_norm.hi() >= 0.5 {
        return None;
    }
    let series = &e + &e * &e;
    let correction = &x * &series;
    let inverse = &x + &correction;
    let (series_norm, size) = (norm_upper(series.iter()), norm_upper(inverse.iter()));
    let forming = bound(product_error(d, e_norm.hi(), e_norm.hi())) + e_norm * UNIT_ROUNDOFF * 2.0 + radius * 3.0;
    let error = bound(x_norm) * (e_norm.powi(3) / (1.0 - e_norm) + forming)
        + product_error(d, x_norm, series_norm)
        + bound(size) * UNIT_ROUNDOFF * 1.01;
    Some((inverse, error.hi()))
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

    /// Condition number 1e10: the entries of the inverse are right to the last places all the same.
    #[test]
    fn an_inverse_is_accurate_to_its_last_places() {
        // [[1, 1 - e], [1 - e, 1]] with e = 2^-33: the inverse is [[1, -(1 - e)], [-(1 - e), 1]]/(2e - e^2).
        let e = 2.0_f64.powi(-33);
        let s = DMatrix::from_row_slice(2, 2, &[1.0, 1.0 - e, 1.0 - e, 1.0]);
        let (inverse, error) = positive_inverse(&s).unwrap();
        let truth = 1.0 / (e * (2.0 - e));
        assert!((inverse[(0, 0)] - truth).abs() <= error && error < 1e-15 * truth, "{error:e} of {truth:e}");
        assert!(positive_inverse(&DMatrix::from_row_slice(2, 2, &[1.0, 1.0, 1.0, 1.0])).is_none());
    }

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
