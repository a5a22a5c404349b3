//! Scores that are learned from samples of the data: networks trained by gradient descent, the kernel they approach, and what each of their
//! errors is worth.

mod descent;
mod estimate;
mod homogeneity;
mod kernel;
mod learned_error;
mod radius;
mod ridge;
mod risk;
mod spectrum;
mod sphere;
#[cfg(test)]
mod tests;

pub use descent::{Descent, DescentError, filter, gained, log_spaced_steps, remaining};
pub use estimate::{Estimate, EstimateError, FORMAT, Model};
pub use homogeneity::{PlaneFloor, RayLaw, SampledFloor};
pub use kernel::{cross_gram, gram, kappa};
pub use learned_error::{LearnedError, learned};
pub use radius::{Complexity, ExplicitBound, RecalledBound, bound_at_stopping, recalled_bound};
pub use ridge::{AnchorError, Anchors, Approximation, ApproximationCurve, KernelFunction};
pub use risk::{Risk, RiskAtInputs, RiskElsewhere, oracle};
pub use spectrum::{Spectrum, SpectrumError};
pub use sphere::{local_exponents, multiplicity, sphere_eigenvalues};
