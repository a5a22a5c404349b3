//! Floor 3: the vector field a sampler is handed: the exact score, or a copy of it damaged by a controlled amount.

mod affine;
mod error_shape;
pub mod errors;
mod field;

pub use affine::Affine;
pub use error_shape::{ErrorShape, HyperplaneStep};
pub use field::{At, Calibrated, Damaged, ScoreError, ScoreField};
