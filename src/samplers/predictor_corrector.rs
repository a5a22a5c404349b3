//! A reverse SDE or flow with Langevin steps at the levels it arrives at.

use super::reverse_sde::LENGTH_ROUNDING;
use super::{Program, ReversePhase, lmc};
use crate::processes::{Process, TimeGrid};
use std::str::FromStr;

/// Where a corrector runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrectAt {
    /// At the new level after every predictor step.
    EveryLevel,
    /// At the last level only.
    End,
}

impl CorrectAt {
    /// Both.
    pub const ALL: [CorrectAt; 2] = [CorrectAt::EveryLevel, CorrectAt::End];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CorrectAt::EveryLevel => "every-level",
            CorrectAt::End => "end",
        }
    }
}

impl FromStr for CorrectAt {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        CorrectAt::ALL
            .into_iter()
            .find(|at| at.name() == name)
            .ok_or_else(|| format!("`{name}` is no place to correct"))
    }
}

/// Langevin Monte Carlo between or after predictor steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrector {
    /// Where.
    pub at: CorrectAt,
    /// h, or h in units of the predictor step before it.
    pub step: f64,
    /// Whether `step` counts in units of the length of the predictor step that leads to the level (for OU and VP, in OU time).
    pub relative: bool,
    /// How many steps each time.
    pub steps: u64,
}

/// The reverse SDE or the probability flow along the grid, corrected by Langevin Monte Carlo at the level each step (or the
/// last one) arrives at.
#[must_use]
pub fn predictor_corrector(
    process: &Process,
    phase: impl Into<ReversePhase>,
    grid: &TimeGrid,
    corrector: &Corrector,
) -> Program {
    let predictors = phase.into().program(process, grid).blocks;
    let last = predictors.len() - 1;
    let mut blocks = Vec::with_capacity(2 * predictors.len());
    for (k, (predictor, (_, to, h))) in predictors.into_iter().zip(grid.steps()).enumerate() {
        blocks.push(predictor);
        if k == last || corrector.at == CorrectAt::EveryLevel {
            let (unit, rounding) =
                if corrector.relative { (process.elapsed(to, h), LENGTH_ROUNDING) } else { (1.0, 0.0) };
            let mut steps = lmc(corrector.step * unit, corrector.steps, process.level(to)).blocks;
            steps.iter_mut().for_each(|block| block.kernel.rounding = rounding);
            blocks.extend(steps);
        }
    }
    Program { blocks }
}
