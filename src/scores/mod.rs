//! Floor 3: the vector field a sampler is handed: the exact score, or a copy of it damaged by a controlled amount.

mod affine;
mod calibrate;
mod description;
mod direction;
mod error_shape;
pub mod errors;
mod feature;
mod field;
pub mod learned;
mod projection;
mod strip;
#[cfg(test)]
mod tests;
mod truncation;

pub use affine::Affine;
pub use calibrate::{CalibrateError, Size, calibrate};
pub use description::{Description, Entry};
pub use direction::Direction;
pub use error_shape::{CrossMoments, ErrorShape, HyperplaneStep};
pub use feature::Feature;
pub use field::{At, Calibrated, Damaged, Levels, ScoreError, ScoreField};
pub use projection::Projection;
pub use strip::Strip;
pub use truncation::{Truncation, Within};
