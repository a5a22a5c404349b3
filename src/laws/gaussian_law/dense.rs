//! Full covariances: N steps by doubling the departure from the identity, with norm-wise error bounds.

use crate::numerics::Interval;
use crate::numerics::linalg::{UNIT_ROUNDOFF, largest_eigenvalue_upper, norm_upper, product_error};
use crate::scores::Affine;
use nalgebra::{DMatrix, DVector};

/// N(mean, cov) with bounds on the errors of both.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseGaussian {
    /// E X.
    pub mean: DVector<f64>,
    /// Cov X, symmetric, positive semidefinite up to its error.
    pub cov: DMatrix<f64>,
    /// A bound of the Euclidean norm of the error of `mean`.
    pub mean_error: f64,
    /// A bound of the Frobenius norm of the error of `cov`.
    pub cov_error: f64,
}

/// `x -> x + Bx + c + N(0, Q)`, the N-step kernel for some N = 2^k, and bounds of its errors.
struct Transition {
    b: DMatrix<f64>,
    c: DVector<f64>,
    q: DMatrix<f64>,
    /// A bound of the spectral norm of the exact I + B.
    contraction: f64,
    b_error: f64,
    c_error: f64,
    q_error: f64,
}

/// A sum of non-negative bounds and products of bounds, rounded up.
fn upper(x: Interval) -> f64 {
    x.hi()
}

fn point(x: f64) -> Interval {
    Interval::point(x)
}

/// `X + BX + XB' + BXB'` with a bound of its rounding error, for symmetric X.
fn conjugate(b: &DMatrix<f64>, b_norm: f64, x: &DMatrix<f64>) -> (DMatrix<f64>, f64) {
    let d = b.nrows();
    let x_norm = norm_upper(x.iter());
    let p = b * x;
    let p_norm = norm_upper(p.iter());
    let r = &p * b.transpose();
    let r_norm = norm_upper(r.iter());
    // P enters three times: as itself, transposed, and multiplied by B'.
    let p_error = point(product_error(d, b_norm, x_norm));
    let products = p_error * (point(2.0) + b_norm) + product_error(d, p_norm, b_norm);
    // Averaging r, then three additions: each rounds by u times a norm of at most the sum of all.
    let additions = point(4.0 * UNIT_ROUNDOFF) * (point(x_norm) + point(p_norm) * 2.0 + r_norm);
    let result = DMatrix::from_fn(d, d, |i, j| {
        // Commutative sums, so that the result is symmetric to the last bit.
        let off = p[(i, j)] + p[(j, i)];
        let quadratic = 0.5 * (r[(i, j)] + r[(j, i)]);
        x[(i, j)] + (off + quadratic)
    });
    (result, upper(products + additions))
}

/// `y + By + c` with a bound of its rounding error.
fn advance(b: &DMatrix<f64>, b_norm: f64, y: &DVector<f64>, c: &DVector<f64>) -> (DVector<f64>, f64) {
    let (y_norm, c_norm) = (norm_upper(y.iter()), norm_upper(c.iter()));
    let product = b * y;
    let product_norm = norm_upper(product.iter());
    let rounding = point(product_error(b.nrows(), b_norm, y_norm))
        + point(3.0 * UNIT_ROUNDOFF) * (point(y_norm) + product_norm + c_norm);
    (y + (product + c), upper(rounding))
}

impl Transition {
    /// One step.
    fn once(displacement: &Affine, noise_variance: Interval) -> Self {
        let d = displacement.matrix.nrows();
        let b = displacement.matrix.clone();
        let root = point(d as f64).sqrt();
        let b_norm = norm_upper(b.iter());
        // |I + B|^2 = 1 + (largest eigenvalue of B + B' + B'B).
        let square = b.transpose() * &b;
        let g = DMatrix::from_fn(d, d, |i, j| (b[(i, j)] + b[(j, i)]) + 0.5 * (square[(i, j)] + square[(j, i)]));
        let forming = point(product_error(d, b_norm, b_norm))
            + point(4.0 * UNIT_ROUNDOFF) * (point(b_norm) * 2.0 + point(b_norm).sqr());
        let top = (point(largest_eigenvalue_upper(&g)) + forming + 1.0).max(Interval::ZERO).sqrt();
        let variance = noise_variance.mid();
        Self {
            contraction: upper(top + displacement.matrix_error),
            b,
            c: displacement.offset.clone(),
            q: DMatrix::from_diagonal_element(d, d, variance),
            b_error: upper(root * displacement.matrix_error),
            c_error: displacement.offset_error,
            q_error: upper(root * noise_variance.width()),
        }
    }

    /// Twice as many steps.
    ///
    /// ```text
    /// B <- 2B + B^2,    c <- 2c + Bc,    Q <- 2Q + BQ + QB' + BQB'
    /// ```
    /// With `M = I + B`, an error of B enters the new B through `M dB + dB M + dB^2`, hence with `2|M| + |dB|`.
    fn double(&self) -> Self {
        let d = self.b.nrows();
        let b_norm = norm_upper(self.b.iter());
        let (contraction, b_error) = (point(self.contraction), point(self.b_error));
        let square = &self.b * &self.b;
        let square_norm = norm_upper(square.iter());
        let b = &self.b * 2.0 + square;
        let b_rounding =
            point(product_error(d, b_norm, b_norm)) + point(UNIT_ROUNDOFF * 1.01) * (point(b_norm) * 2.0 + square_norm);
        let new_b_error = b_error * (contraction * 2.0 + b_error) + b_rounding;
        let (c, c_rounding) = advance(&self.b, b_norm, &self.c, &self.c);
        let c_norm = point(norm_upper(self.c.iter()));
        let c_error = (contraction + b_error + 1.0) * self.c_error + b_error * c_norm + c_rounding;
        let (conjugated, q_rounding) = conjugate(&self.b, b_norm, &self.q);
        let q_norm = point(norm_upper(self.q.iter()));
        let q = &self.q + &conjugated;
        let addition = point(UNIT_ROUNDOFF) * (q_norm + norm_upper(conjugated.iter()));
        let q_error = carried(contraction, b_error, q_norm, self.q_error) + self.q_error + q_rounding + addition;
        // |M^2| <= |M|^2, and a Frobenius norm once the powers have become small.
        let computed = norm_upper((DMatrix::identity(d, d) + &b).iter());
        let direct =
            point(computed) + new_b_error + point(UNIT_ROUNDOFF) * (point(b_norm) + square_norm + d as f64) * 2.0;
        Self {
            contraction: upper(contraction.sqr()).min(upper(direct)),
            b,
            c,
            q,
            b_error: upper(new_b_error),
            c_error: upper(c_error),
            q_error: upper(q_error),
        }
    }
}

/// The error of `M X M'` caused by errors of M (at most `b_error`) and of X (at most `x_error`; the
/// stored X has norm `x_norm`).
fn carried(contraction: Interval, b_error: Interval, x_norm: Interval, x_error: f64) -> Interval {
    // By way of M X M' with the stored X: first M is perturbed, then X.
    contraction.sqr() * x_error + b_error * (contraction * 2.0 + b_error) * x_norm
}

impl DenseGaussian {
    /// N steps of `x <- x + Bx + c + noise xi`, by doubling; the powers of one kernel commute, so the binary digits of N may be
    /// applied from the lowest.
    ///
    /// # Promise
    /// The error bounds hold for the new law when they held for the old one, the map and the noise.
    pub(super) fn apply(&mut self, displacement: &Affine, noise_variance: Interval, repeat: u64) {
        let mut power = Transition::once(displacement, noise_variance);
        let mut rest = repeat;
        loop {
            if rest & 1 == 1 {
                self.advance(&power);
            }
            rest >>= 1;
            if rest == 0 {
                return;
            }
            power = power.double();
        }
    }

    fn advance(&mut self, by: &Transition) {
        let b_norm = norm_upper(by.b.iter());
        let (contraction, b_error) = (point(by.contraction), point(by.b_error));
        let mean_norm = point(norm_upper(self.mean.iter()));
        let (mean, rounding) = advance(&by.b, b_norm, &self.mean, &by.c);
        let mean_error = (contraction + b_error) * self.mean_error + b_error * mean_norm + by.c_error + rounding;
        let cov_norm = point(norm_upper(self.cov.iter()));
        let (conjugated, rounding) = conjugate(&by.b, b_norm, &self.cov);
        let addition = point(UNIT_ROUNDOFF) * (point(norm_upper(conjugated.iter())) + norm_upper(by.q.iter()));
        let cov_error = carried(contraction, b_error, cov_norm, self.cov_error) + by.q_error + rounding + addition;
        self.mean = mean;
        self.cov = conjugated + &by.q;
        self.mean_error = upper(mean_error);
        self.cov_error = upper(cov_error);
    }
}
