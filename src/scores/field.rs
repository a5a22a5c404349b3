//! The score field: what kernels evaluate, and the structure exact engines may rely on.

use super::{Affine, ErrorShape};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::{Density, Frame, Run, Target};
use std::sync::Arc;

/// Which score a kernel asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The noise level.
    pub level: NoiseLevel,
    /// True for the score without its error (steps outside `at-steps`; the error-free twin of a chain).
    pub clean: bool,
}

/// The vector field the sampler is given: grad ln p_level or a damaged copy of it.
pub trait ScoreField: Send + Sync {
    /// d.
    fn dim(&self) -> usize;

    /// s at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    fn eval(&self, at: At, xs: &[f64], out: &mut [f64]);

    /// s as an affine map, if it is one (and d is small enough for a dense matrix).
    fn affine(&self, at: At) -> Option<Affine>;

    /// The points where a one-dimensional field jumps, ascending; empty when it is smooth (or d > 1).
    fn jumps(&self, at: At) -> Vec<f64>;

    /// The finest runs of consecutive coordinates that do not influence each other, at every level.
    fn runs(&self) -> Vec<Run>;

    /// The field restricted to the coordinates `first .. first + dim`, which must be a union of blocks of `runs`.
    fn block(&self, first: usize, dim: usize) -> Arc<dyn ScoreField>;

    /// The field in the coordinates y = Q^T x, as (core, rest), when it does not couple the two; `None` otherwise.
    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ScoreField>, Arc<dyn ScoreField>)>;

    /// The closed-form density whose score this field is a copy of, at a level, if there is one.
    fn density(&self, level: NoiseLevel) -> Option<Density>;
}

/// grad ln p_level + amplitude(level) * shape, the amplitude being calibrated or given.
pub struct Damaged {
    /// p.
    pub target: Arc<dyn Target>,
    /// The error, or `None` for the exact score.
    pub error: Option<ScoreError>,
}

/// An error shape with its amplitude at each level.
#[derive(Clone)]
pub struct ScoreError {
    /// The unscaled direction field u.
    pub shape: Arc<dyn ErrorShape>,
    /// c at each level the sampler uses, with the enclosure of (E_{p_level} |c u|^2)^{1/2} it reaches.
    pub levels: Vec<Calibrated>,
}

/// The error at one noise level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibrated {
    /// The noise level.
    pub level: NoiseLevel,
    /// c.
    pub amplitude: f64,
    /// epsilon = (E_{p_level} |c u|^2)^{1/2}, enclosed.
    pub epsilon: Interval,
}
