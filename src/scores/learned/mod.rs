//! Scores that are learned from samples of the data: how training sets are drawn, networks trained by gradient descent, the
//! kernel they approach, and what each of their errors is worth.

mod descent;
mod design;
mod estimate;
mod expected;
mod homogeneity;
mod kernel;
mod laziness;
mod learned_error;
mod lesson;
mod network;
mod pages;
mod passes;
mod radius;
mod ridge;
mod risk;
mod spectrum;
mod sphere;
mod tangent;
#[cfg(test)]
mod tests;
mod training;

pub use descent::{Descent, DescentError, filter, gained, log_spaced_steps, remaining};
pub use design::{Design, DesignError, Sample, TimeMeasure};
pub use estimate::{Estimate, EstimateError, FORMAT, Model};
pub use expected::{Expected, Varied};
pub use homogeneity::{PlaneFloor, RayLaw, SampledFloor, homogeneity_floor};
pub use kernel::{cross_gram, gram, kappa};
pub use laziness::{LAZY_FLIPS, Laziness};
pub use learned_error::{LearnedError, learned};
pub use lesson::{Along, Asked, Learner, Lesson, LessonError, Norm, Part, Ridge, Slope, Stop, Task, root_mean};
pub use network::{Network, NetworkError, Start};
pub use pages::PAGES;
pub use radius::{Complexity, ExplicitBound, RecalledBound, bound_at_stopping, recalled_bound};
pub use ridge::{AnchorError, Anchors, Approximation, ApproximationCurve, KernelFunction};
pub use risk::{MOST_STEPS, Risk, RiskAtInputs, RiskElsewhere, candidates, oracle};
pub use spectrum::{Spectrum, SpectrumError};
pub use sphere::{SphereSpectrum, local_exponents, multiplicity, sphere_eigenvalues};
pub use tangent::{
    Coupled, MAX_ORDER, TangentError, coupled, deviation, entry_variance, kernel_variance, operator_norm,
    tangent_kernel,
};
pub use training::{DIVERGED, Precision, Regime, Training, TrainingError, TrainingSettings};
