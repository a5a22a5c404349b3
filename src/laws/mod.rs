//! Floor 5: representations of a law that a kernel can act on, and the planner that chooses among them.

mod density1;
mod diffusion;
mod fallback;
mod gaussian_law;
mod grid1;
mod grid2;
mod law;
mod panels1;
mod particles;
mod per_kernel;
mod plan;
mod pushed1;
#[cfg(test)]
mod tests;

pub use density1::{Density1, PoleNode};
pub use fallback::{Carried, carry};
pub use gaussian_law::{DenseGaussian, GaussianLaw, IndependentGaussian};
pub use grid1::Grid1;
pub use grid2::{Axes, Closed2, Grid2, Rectangle, Shadow, hull, nodes_a_side};
pub use law::{Law, Propagate, Start, Unsupported, align, align_data};
pub use panels1::Panels1;
pub use particles::Particles;
pub use plan::{Engine, Plan, Settings, plan};
pub use pushed1::Pushed1;
