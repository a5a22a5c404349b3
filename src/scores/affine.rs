//! Affine maps of R^d.

use nalgebra::{DMatrix, DVector};

/// x -> matrix x + offset, with bounds of the rounding errors made when it was formed.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// d x d.
    pub matrix: DMatrix<f64>,
    /// Length d.
    pub offset: DVector<f64>,
    /// A bound of the spectral norm of the error of `matrix`; 0 when its entries are what is meant.
    pub matrix_error: f64,
    /// A bound of the Euclidean norm of the error of `offset`.
    pub offset_error: f64,
}

impl Affine {
    /// The map whose entries are exactly the given ones.
    #[must_use]
    pub fn exact(matrix: DMatrix<f64>, offset: DVector<f64>) -> Self {
        Self { matrix, offset, matrix_error: 0.0, offset_error: 0.0 }
    }
}
