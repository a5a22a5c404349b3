//! Prediction-correction: Langevin Monte Carlo at a fixed horizon, then a reverse phase.

use super::reverse_sde::LENGTH_ROUNDING;
use super::{Block, Drift, FlowScheme, Kernel, Program, Scheme, flow_ode, lmc, reverse_sde};
use crate::processes::{Process, TimeGrid};

/// How the reverse phase leads from the horizon to the early stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReversePhase {
    /// The reverse SDE.
    Sde(Scheme),
    /// The probability flow.
    Flow(FlowScheme),
}

impl ReversePhase {
    /// The names of both in specs.
    pub const NAMES: [&str; 2] = ["reverse-sde", "flow-ode"];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ReversePhase::Sde(_) => Self::NAMES[0],
            ReversePhase::Flow(_) => Self::NAMES[1],
        }
    }

    /// The name of its scheme in specs.
    #[must_use]
    pub fn scheme_name(self) -> &'static str {
        match self {
            ReversePhase::Sde(scheme) => scheme.name(),
            ReversePhase::Flow(scheme) => scheme.name(),
        }
    }

    /// The kernels along a grid.
    #[must_use]
    pub fn program(self, process: &Process, grid: &TimeGrid) -> Program {
        match self {
            ReversePhase::Sde(scheme) => reverse_sde(process, scheme, grid),
            ReversePhase::Flow(scheme) => flow_ode(process, scheme, grid),
        }
    }

    /// How many scores a step asks for.
    #[must_use]
    pub fn evaluations(self) -> u64 {
        match self {
            ReversePhase::Sde(_) => 1,
            ReversePhase::Flow(scheme) => scheme.evaluations(),
        }
    }
}

impl From<Scheme> for ReversePhase {
    fn from(scheme: Scheme) -> Self {
        ReversePhase::Sde(scheme)
    }
}

impl From<FlowScheme> for ReversePhase {
    fn from(scheme: FlowScheme) -> Self {
        ReversePhase::Flow(scheme)
    }
}

/// Langevin Monte Carlo with `steps` steps of size `step` at the grid's first time, then the reverse phase along the grid.
#[must_use]
pub fn prediction_correction(
    process: &Process,
    (step, steps): (f64, u64),
    phase: ReversePhase,
    grid: &TimeGrid,
) -> Program {
    let horizon = process.level(grid.times()[0]);
    let mut program = lmc(step, steps, horizon);
    program.blocks.extend(phase.program(process, grid).blocks);
    program
}

/// The program followed by a multiplication by `1/alpha` of the level it stops at, `e^delta` for OU.
#[must_use]
pub fn rescaled(mut program: Program, process: &Process, stop: f64) -> Program {
    let a_minus_one = match process {
        Process::Ve => 0.0,
        Process::Ou | Process::Vp(_) => libm::expm1(process.elapsed(0.0, stop)),
    };
    let drift = Drift::Scale { a_minus_one };
    program.blocks.push(Block { kernel: Kernel { drift, noise: 0.0, rounding: LENGTH_ROUNDING }, repeat: 1 });
    program
}
