//! Langevin Monte Carlo.

use super::{Block, Drift, Kernel, Program};
use crate::processes::NoiseLevel;
use crate::scores::At;

/// x <- x + h s(x) + sqrt(2h) xi, `steps` times, at one noise level.
///
/// `step` h > 0 in units of the process time; the score is the damaged one.
#[must_use]
pub fn lmc(step: f64, steps: u64, level: NoiseLevel) -> Program {
    let drift = Drift::Score { a_minus_one: 0.0, b: step, at: At { level, clean: false, truncated: false } };
    Program {
        blocks: vec![Block { kernel: Kernel { drift, noise: (2.0 * step).sqrt(), rounding: 0.0 }, repeat: steps }],
    }
}
