//! The Langevin diffusion that a chain discretises: what continuous-time statements speak of.

use super::{Instance, Walk};
use crate::divergences::Divergence;
use crate::numerics::{Ledger, Measured, Source};
use crate::samplers::{Drift, Program};

/// The same chain with half the step and twice the steps.
fn halved(program: &Program) -> Program {
    let mut program = program.clone();
    for block in &mut program.blocks {
        if let Drift::Score { b, .. } = &mut block.kernel.drift {
            *b *= 0.5;
        }
        block.kernel.noise *= std::f64::consts::FRAC_1_SQRT_2;
        block.repeat *= 2;
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
        _ => by_chains(at, kind),
    }
}

/// The chain at h/4, with an open term for its distance to the diffusion.
///
/// With an error `a h + b h^2` the chains at h and h/2 are `a h/2` apart and the one at h/4 is wrong by `a h/4`, to first
/// order: half the first distance and the whole second one (h/2 to h/4) both estimate that error. The larger is taken, so
/// that one of them vanishing by accident does no harm, and taken twice, since a statement may be an equality in the limit and
/// an estimate without margin would put the truth at the very edge.
fn by_chains(at: &Instance, kind: Divergence) -> Result<Measured, String> {
    let at_half = at.with_program(halved(&at.program));
    let at_quarter = at.with_program(halved(&at_half.program));
    let coarse = at.divergence(kind)?;
    let middle = at_half.divergence(kind)?;
    let fine = at_quarter.divergence(kind)?;
    let gap = (middle.value - coarse.value).magnitude().max(2.0 * (fine.value - middle.value).magnitude());
    let why = "twice the distance from the diffusion seen in chains at h, h/2, h/4; a proved O(h) bound would close it";
    let ledger = Ledger::new().and(&fine.ledger).open(Source::Discretisation, gap, why);
    Ok(Measured::enclosed(fine.value.widen(gap), ledger).clamped(0.0, kind.ceiling()))
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
