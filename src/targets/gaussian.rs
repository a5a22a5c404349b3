//! Gaussian laws.

use nalgebra::{DMatrix, DVector};

/// A covariance matrix in the sparsest form it was given in. Positive definite.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariance {
    /// variance * I.
    Isotropic(f64),
    /// diag(variances).
    Diagonal(DVector<f64>),
    /// A full symmetric matrix.
    Dense(DMatrix<f64>),
}

/// N(mean, cov) on R^d.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// E X, length d.
    pub mean: DVector<f64>,
    /// Cov X.
    pub cov: Covariance,
}
