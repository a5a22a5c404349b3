//! 1-D laws under scores with jumps by graded Legendre panels with L2 projection.

use super::{Propagate, Unsupported};
use crate::samplers::{Kernel, Program};
use crate::scores::ScoreField;
use crate::targets::Density;

/// A piecewise polynomial density on the line.
#[derive(Clone, Debug)]
pub struct Panels1 {}

impl Panels1 {
    /// The law of a closed 1-D start, before the first step of `program`.
    ///
    /// # Errors
    /// Always, for now.
    pub fn new(_start: &Density, _program: &Program, _s: &dyn ScoreField) -> Result<Self, Unsupported> {
        Err(Unsupported { engine: "grid", needs: "a smooth score".to_string() })
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> f64 {
        f64::NAN
    }

    /// Var X.
    #[must_use]
    pub fn variance(&self) -> f64 {
        f64::NAN
    }
}

impl Propagate for Panels1 {
    fn step(&mut self, _kernel: &Kernel, _s: &dyn ScoreField) -> Result<(), Unsupported> {
        Err(Unsupported { engine: "grid", needs: "a smooth score".to_string() })
    }
}

impl super::Density1 for Panels1 {
    fn density(&self, _xs: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
    }
    fn cdf(&self, _x: f64) -> f64 {
        f64::NAN
    }
    fn sf(&self, _x: f64) -> f64 {
        f64::NAN
    }
    fn support(&self) -> (f64, f64) {
        (0.0, 0.0)
    }
    fn kinks(&self) -> Vec<f64> {
        Vec::new()
    }
    fn scale(&self) -> f64 {
        f64::NAN
    }
    fn mean(&self) -> f64 {
        f64::NAN
    }
    fn variance(&self) -> f64 {
        f64::NAN
    }
    fn tail_variance(&self) -> (f64, f64) {
        (f64::NAN, f64::NAN)
    }
    fn noise(&self) -> f64 {
        f64::NAN
    }
    fn ledger(&self) -> crate::numerics::Ledger {
        crate::numerics::Ledger::new()
    }
}
