//! The planner: the cheapest exact engine for a start, a program and a field, and why the others were refused.

use super::{Law, Start, Unsupported};
use crate::samplers::Program;
use crate::scores::ScoreField;

/// Which engine carries the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Closed form on moments.
    Gaussian,
    /// 1-D density.
    Grid,
    /// Independent blocks.
    Product,
    /// Core (x) rest in a rotated frame.
    Split,
    /// Sampling.
    Particles,
}

/// What the user may fix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// `None`: the planner chooses.
    pub engine: Option<Engine>,
    /// Number of particles.
    pub particles: u64,
    /// Total confidence of intervals that rest on particles.
    pub confidence: f64,
    /// Seed of every random stream.
    pub seed: u64,
}

/// A start represented for its engine, with the reasons why cheaper or other engines were not taken.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engine of the outermost law.
    pub engine: Engine,
    /// The start in that engine's representation.
    pub start: Law,
    /// The refusals, cheapest engine first.
    pub refused: Vec<Unsupported>,
}

/// Chooses the cheapest exact engine (or the one forced by `settings`).
///
/// # Errors
/// All refusals when no engine can do it, or the forced one cannot.
pub fn plan(
    start: &Start,
    program: &Program,
    s: &dyn ScoreField,
    settings: &Settings,
) -> Result<Plan, Vec<Unsupported>> {
    let _ = (start, program, s, settings);
    todo!()
}
