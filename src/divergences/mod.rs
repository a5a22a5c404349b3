//! Floor 6: divergences between laws as intervals with evidence.

mod consistent;
mod divergence;
mod gaussian;
mod gridded;
mod information;
mod largest_ratio;
mod line;
mod lost;
mod mixtures;
mod nearby;
mod oscillation;
mod pairs;
mod plane;
mod pld;
mod sampled;
#[cfg(test)]
mod tests;
mod transform;

pub use divergence::{Divergence, NoEngine};
pub use gaussian::{GaussianFactor, between as between_gaussians, between_products as between_gaussian_products};
pub use information::{entropy, fisher_information, generator_information, hessian_information};
pub use largest_ratio::ln_largest_ratio;
pub use oscillation::{Oscillation, PhaseCell};
pub use pld::{Bin, Binned, LogDensity, lattice_for, tv_bracket};
pub use transform::{ChernoffFactor, tv_of_factors};
