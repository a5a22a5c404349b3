//! Scores that are learned from samples of the data: how training sets are drawn, and what is fitted to them.

mod design;
mod estimate;
mod kernel;
mod learned_error;

pub use design::{Design, DesignError, Sample, TimeMeasure};
pub use estimate::{Estimate, EstimateError, FORMAT, Model};
pub use kernel::{cross_gram, gram, kappa};
pub use learned_error::{LearnedError, learned};
