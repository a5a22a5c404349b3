//! Floor 2: laws whose density and score are known in closed form at every noise level, and their constants.

mod constants;
mod density;
mod frame;
mod gaussian;
mod mixture;
mod points;
mod product;
mod runs;
mod target;

pub use constants::{Certificate, Constant, Constants};
pub use density::Density;
pub use frame::Frame;
pub use gaussian::{Covariance, Gaussian};
pub use mixture::Mixture;
pub use points::Points;
pub use product::Product;
pub use runs::{Run, common_runs};
pub use target::{Target, TargetError};
