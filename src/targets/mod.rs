//! Floor 2: laws whose density and score are known in closed form at every noise level, and their constants.

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
mod noised;
mod points;
mod product;
mod runs;
mod target;
#[cfg(test)]
mod tests;

pub use constants::{Certificate, Constant, Constants, PAGES, Page, page};
pub use data::Data;
pub use defect::Defect;
pub use density::{Density, Mixture1};
pub use difference::Difference;
pub use frame::{Frame, InFrame};
pub use gaussian::{Covariance, Gaussian, MAX_DENSE};
pub use line::Line;
pub use mixture::Mixture;
pub use moments::Moments;
pub use noised::Noised;
pub use points::Points;
pub use product::Product;
pub use runs::{Run, common_runs};
pub use target::{Target, TargetError};
