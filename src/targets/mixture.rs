//! Finite mixtures of Gaussians.

use super::Gaussian;

/// sum_i weights[i] components[i]; the weights are positive and sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// w_i.
    pub weights: Vec<f64>,
    /// N(mu_i, Sigma_i), all of one dimension.
    pub components: Vec<Gaussian>,
}
