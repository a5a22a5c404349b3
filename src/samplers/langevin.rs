//! Langevin Monte Carlo.

use super::Program;
use crate::processes::NoiseLevel;

/// x <- x + h s(x) + sqrt(2h) xi, `steps` times, at one noise level.
#[must_use]
pub fn lmc(step: f64, steps: u64, level: NoiseLevel) -> Program {
    let _ = (step, steps, level);
    todo!()
}
