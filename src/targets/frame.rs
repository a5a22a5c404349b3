//! Orthonormal frames that split R^d into a core and a rest.

use nalgebra::DMatrix;

/// An orthonormal basis of R^d whose first `core` columns span the core, the others the rest: y = Q^T x.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Q, d x d, orthogonal.
    pub basis: DMatrix<f64>,
    /// Dimension of the core.
    pub core: usize,
}
