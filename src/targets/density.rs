//! The closed set of laws that have a density in closed form.

use super::{Gaussian, Mixture, Product};

/// A law with a density in closed form: what targets are at a noise level, and what starts are.
#[derive(Clone, Debug, PartialEq)]
pub enum Density {
    /// N(mean, cov).
    Gaussian(Gaussian),
    /// A finite mixture of Gaussians.
    Mixture(Mixture),
    /// Independent blocks.
    Product(Product),
}
