//! Discrete data.

use nalgebra::DVector;

/// sum_i weights[i] delta(points[i]); has a density at noise levels with sigma > 0 only.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// w_i, positive, summing to 1.
    pub weights: Vec<f64>,
    /// The atoms, all of one dimension.
    pub points: Vec<DVector<f64>>,
}
