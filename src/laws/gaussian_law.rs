//! Gaussian laws under affine kernels: the whole N steps by doubling.

use nalgebra::{DMatrix, DVector};

/// N(mean, cov) with bounds on the rounding errors of both.
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianLaw {
    /// E X.
    pub mean: DVector<f64>,
    /// Cov X, symmetric positive definite (0 is allowed for a point).
    pub cov: DMatrix<f64>,
    /// A bound of the Euclidean norm of the error of `mean`.
    pub mean_error: f64,
    /// A bound of the spectral norm of the error of `cov`.
    pub cov_error: f64,
}
