//! Floor 4: samplers as data.

mod kernel;
mod langevin;
mod program;
#[cfg(test)]
mod tests;

pub use kernel::{Drift, Kernel};
pub use langevin::lmc;
pub use program::{Block, Program};
