//! One concrete situation a theorem can be held against: target, start, score field, program.

use crate::laws::{Settings, Start};
use crate::processes::NoiseLevel;
use crate::samplers::Program;
use crate::scores::Damaged;
use crate::targets::Target;
use std::sync::Arc;

/// A target at a noise level, a start, a damaged score and a program. Derived facts are computed once and kept.
pub struct Instance {
    /// p, before noise.
    pub target: Arc<dyn Target>,
    /// The noise level the output is compared at.
    pub level: NoiseLevel,
    /// q_0.
    pub start: Start,
    /// The score the sampler is handed.
    pub field: Arc<Damaged>,
    /// The sampler.
    pub program: Program,
    /// Engine, particles, confidence, seed.
    pub settings: Settings,
}

impl Instance {
    /// Constants of the target that rest on plain numerics, named; `None` when all are proved.
    #[must_use]
    pub fn doubts(&self) -> Option<String> {
        todo!()
    }
}
