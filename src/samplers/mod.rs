//! Floor 4: samplers as data.

mod annealed_langevin;
mod kernel;
mod langevin;
mod predictor_corrector;
mod program;
mod reverse_sde;
#[cfg(test)]
mod tests;

pub use annealed_langevin::{Rung, annealed_lmc, geometric_sigmas, spaced_sigmas};
pub use kernel::{Drift, Kernel, KernelKey};
pub use langevin::lmc;
pub use predictor_corrector::{CorrectAt, Corrector, predictor_corrector};
pub use program::{Block, Program};
pub use reverse_sde::{Scheme, reverse_sde};
