//! Floor 2: laws whose density and score are known in closed form at every noise level, and their constants.

mod bounded;
mod box_mixture;
mod box_stand_in;
mod closed;
pub mod constants;
mod data;
mod defect;
mod density;
mod difference;
mod exponential_moment;
mod frame;
mod gaussian;
mod line;
mod mixture;
mod moments;
mod noise;
mod noised;
mod points;
mod posterior;
mod product;
mod runs;
mod smoothness;
mod target;
#[cfg(test)]
mod tests;
mod truncated_normal;

pub use bounded::{BoundedData, onto_ball, tail_of_bounded};
pub use box_mixture::BoxMixture;
pub use constants::{Certificate, Constant, Constants, PAGES, Page};
pub use data::Data;
pub use defect::Defect;
pub use density::{Density, Mixture1};
pub use difference::Difference;
pub use frame::{Frame, InFrame};
pub use gaussian::{Covariance, Gaussian, MAX_DENSE};
pub use line::Line;
pub use mixture::Mixture;
pub use moments::Moments;
pub use noise::LineNode;
pub use noised::Noised;
pub use points::Points;
pub use posterior::Posterior;
pub use product::Product;
pub use runs::{Run, common_runs};
pub use smoothness::Lipschitz;
pub use target::{Target, TargetError};
