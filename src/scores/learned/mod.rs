//! Scores that are learned from samples of the data.

mod estimate;
mod kernel;
mod learned_error;

pub use estimate::{Estimate, EstimateError, FORMAT, Model};
pub use kernel::{cross_gram, gram, kappa};
pub use learned_error::{LearnedError, learned};
