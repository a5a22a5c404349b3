//! Random instances of samplers that run through noise levels.

use super::{BUILT, Error};
use crate::bounds::Instance;
use crate::laws::{Settings, Start};
use crate::processes::NoiseLevel;
use crate::samplers::Program;
use crate::scores::{Damaged, calibrate};
use crate::targets::{Density, Gaussian, Target};
use nalgebra::DVector;
use std::sync::Arc;

/// `N(0, variance I)`.
pub(super) fn noise(dim: usize, variance: f64) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), variance).expect(BUILT))
}

/// A program that ends at `level`, with the error scaled at each level at which it takes a score.
pub(super) fn through(
    target: impl Target + 'static,
    start: Density,
    error: Option<Error>,
    program: Program,
    level: NoiseLevel,
) -> Instance {
    let target: Arc<dyn Target> = Arc::new(target);
    let field = match error {
        None => Damaged::exact(Arc::clone(&target)),
        // An error that cannot be calibrated is left out; hypotheses then see the exact score.
        Some((shape, size)) => calibrate(Arc::clone(&target), shape, size, &program.levels())
            .unwrap_or_else(|_| Damaged::exact(Arc::clone(&target))),
    };
    Instance::new(target, level, Start::Density(start), Arc::new(field), program, Settings::default())
}
