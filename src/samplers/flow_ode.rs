//! The probability-flow ODE: samplers without noise.

use super::reverse_sde::LENGTH_ROUNDING;
use super::{Block, Drift, Kernel, Program};
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::scores::At;
use std::fmt;
use std::str::FromStr;

/// How one step of `dy/dtau = y + s` (OU and VP, in OU time) or `dy/dtau = s` (VE) is discretised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowScheme {
    /// `y + h f(y)`, the score taken at the noisier end.
    Euler,
    /// `y + (h/2) (f(y) + f'(y + h f(y)))`, f at the noisier end and f' at the other: two scores a step.
    Heun,
    /// OU, VP: `e^h y + (e^h - 1) s`, the score frozen at the noisier end; VE: as Euler, whose drift has no linear part.
    Exponential,
}

impl FlowScheme {
    /// All schemes.
    pub const ALL: [FlowScheme; 3] = [FlowScheme::Euler, FlowScheme::Heun, FlowScheme::Exponential];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FlowScheme::Euler => "euler",
            FlowScheme::Heun => "heun",
            FlowScheme::Exponential => "exponential",
        }
    }

    /// How many scores a step asks for.
    #[must_use]
    pub fn evaluations(self) -> u64 {
        match self {
            FlowScheme::Euler | FlowScheme::Exponential => 1,
            FlowScheme::Heun => 2,
        }
    }

    /// The drift of a step of length h (in OU time; for VE in process time) between two levels, with the damaged score.
    #[must_use]
    pub fn drift(self, process: &Process, h: f64, from: NoiseLevel, to: NoiseLevel) -> Drift {
        let growth = match process {
            Process::Ou | Process::Vp(_) => 1.0,
            Process::Ve => 0.0,
        };
        let [at, then] = [from, to].map(|level| At { level, clean: false, truncated: false });
        match self {
            FlowScheme::Euler => Drift::Score { a_minus_one: growth * h, b: h, at },
            FlowScheme::Exponential if growth == 0.0 => Drift::Score { a_minus_one: 0.0, b: h, at },
            FlowScheme::Exponential => Drift::Score { a_minus_one: libm::expm1(h), b: libm::expm1(h), at },
            FlowScheme::Heun => Drift::Heun { growth, h, from: at, to: then },
        }
    }
}

impl fmt::Display for FlowScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FlowScheme {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        FlowScheme::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| format!("no scheme is called `{name}`"))
    }
}

/// The probability flow from the grid's first time down to its last, one kernel per step.
#[must_use]
pub fn flow_ode(process: &Process, scheme: FlowScheme, grid: &TimeGrid) -> Program {
    let block = |(from, to, h): (f64, f64, f64)| {
        let h = process.elapsed(to, h);
        let drift = scheme.drift(process, h, process.level(from), process.level(to));
        Block { kernel: Kernel { drift, noise: 0.0, rounding: LENGTH_ROUNDING * (1.0 + h) }, repeat: 1 }
    };
    Program { blocks: grid.steps().map(block).collect() }
}
