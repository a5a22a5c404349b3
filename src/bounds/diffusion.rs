//! The Langevin diffusion that a chain discretises: what continuous-time statements speak of.

use super::short_steps::at_short_steps;
use super::{Instance, Walk};
use crate::divergences::Divergence;
use crate::numerics::Measured;
use crate::samplers::{Drift, Program};

/// The same chain with every step in k parts.
fn in_parts(program: &Program, k: u64) -> Program {
    let mut program = program.clone();
    for block in &mut program.blocks {
        if let Drift::Score { b, .. } = &mut block.kernel.drift {
            *b /= k as f64;
        }
        block.kernel.noise *= (1.0 / k as f64).sqrt();
        block.repeat *= k;
    }
    program
}

/// `D(q_T, p)` of the diffusion `dX = s dt + sqrt2 dB` after the time T of the program: in closed form where all is Gaussian
/// with independent coordinates, else by chains.
///
/// # Errors
/// When no engine carries the chains, or the divergence has none.
pub fn diffusion_to_target(at: &Instance, kind: Divergence) -> Result<Measured, String> {
    let closed = Walk::new(at, &at.program).map(|walk| walk.law.diffused(&at.program, at.score()));
    match closed {
        Ok(Ok(law)) => at.to_target(&law, kind),
        _ => at_short_steps(&|k| match k {
            1 => at.divergence(kind),
            k => at.with_program(in_parts(&at.program, k)).divergence(kind),
        })
        .map(|found| found.clamped(0.0, kind.ceiling())),
    }
}

/// `KL(q_T | p)` of the diffusion.
///
/// # Errors
/// As [`diffusion_to_target`].
pub fn kl_diffusion(at: &Instance) -> Result<Measured, String> {
    diffusion_to_target(at, Divergence::Kl)
}

/// `TV(q_T, p)` of the diffusion.
///
/// # Errors
/// As [`diffusion_to_target`].
pub fn tv_diffusion(at: &Instance) -> Result<Measured, String> {
    diffusion_to_target(at, Divergence::Tv)
}

/// `W2(q_T, p)` of the diffusion.
///
/// # Errors
/// As [`diffusion_to_target`].
pub fn w2_diffusion(at: &Instance) -> Result<Measured, String> {
    diffusion_to_target(at, Divergence::W2)
}
