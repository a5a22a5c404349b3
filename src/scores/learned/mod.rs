//! Scores that are learned from samples of the data: how training sets are drawn, and what is fitted to them.

mod design;
mod estimate;
mod kernel;
mod laziness;
mod learned_error;
mod network;
mod passes;
mod tangent;
mod training;

pub use design::{Design, DesignError, Sample, TimeMeasure};
pub use estimate::{Estimate, EstimateError, FORMAT, Model};
pub use kernel::{cross_gram, gram, kappa};
pub use laziness::{LAZY_FLIPS, Laziness};
pub use learned_error::{LearnedError, learned};
pub use network::{Network, NetworkError, Start};
pub use tangent::{
    Coupled, MAX_ORDER, TangentError, coupled, deviation, entry_variance, kernel_variance, operator_norm,
    tangent_kernel,
};
pub use training::{Checkpoint, DIVERGED, Precision, Regime, Training, TrainingError, TrainingSettings, train};
