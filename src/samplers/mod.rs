//! Floor 4: samplers as data.

mod annealed_langevin;
mod flow_ode;
mod kernel;
mod langevin;
mod prediction_correction;
mod predictor_corrector;
mod program;
mod reverse_sde;
#[cfg(test)]
mod tests;

pub use annealed_langevin::{Rung, annealed_lmc, geometric_sigmas, spaced_sigmas};
pub use flow_ode::{FlowScheme, flow_ode};
pub use kernel::{Drift, Kernel, KernelKey};
pub use langevin::lmc;
pub use prediction_correction::{ReversePhase, prediction_correction, rescaled};
pub use predictor_corrector::{CorrectAt, Corrector, predictor_corrector};
pub use program::{Block, Program};
pub use reverse_sde::{Scheme, reverse_sde};
