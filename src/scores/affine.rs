//! Affine maps of R^d.

use nalgebra::{DMatrix, DVector};

/// x -> matrix x + offset.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// d x d.
    pub matrix: DMatrix<f64>,
    /// Length d.
    pub offset: DVector<f64>,
}
