//! The spectrum of the limit kernel on a sphere of the inputs' dimension, beside that of the inputs (HRX-13).

use super::{Lesson, LessonError};
use crate::numerics::stream;
use crate::scores::learned::{Spectrum, SphereSpectrum, gram};
use nalgebra::DMatrix;
use rand_distr::{Distribution, StandardNormal};

impl Lesson {
    /// p, the dimension of what inputs span: 2 at least.
    fn span_dim(&self) -> Result<usize, LessonError> {
        let p = self.task.design.span_dim(self.task.data.dim());
        let line =
            || LessonError::Kernel("inputs of a single time on the line without `bias` have two eigenvalues".into());
        (p >= 2).then_some(p).ok_or_else(line)
    }

    /// p/(p - 1), the decay of the eigenvalues in the limit.
    pub(super) fn limit_decay(&self) -> Result<f64, LessonError> {
        let p = self.span_dim()? as f64;
        Ok(p / (p - 1.0))
    }

    /// The numbers of the eigenvalues over which their decay is told: n/64 to n/8.
    pub(super) fn told(&self) -> Result<(usize, usize), LessonError> {
        let n = self.train.len();
        let few = || LessonError::Kernel(format!("{n} samples have too few eigenvalues to tell their decay"));
        (n >= 64).then_some((n / 64, n / 8)).ok_or_else(few)
    }

    /// The exact spectrum on the unit sphere of R^p, up to number n.
    pub(super) fn on_sphere(&self) -> Result<SphereSpectrum, LessonError> {
        Ok(SphereSpectrum::new(self.span_dim()?, self.train.len()))
    }

    /// The spectrum of the Gram matrix of n inputs that are uniform on that sphere: draws of their own.
    pub(super) fn drawn_on_sphere(&self) -> Result<Spectrum, LessonError> {
        let (seed, repetition) = self.task.draw;
        let mut rng = stream(seed, "lesson-sphere", repetition);
        let mut inputs = DMatrix::zeros(self.span_dim()?, self.train.len());
        for mut z in inputs.column_iter_mut() {
            z.iter_mut().for_each(|x: &mut f64| *x = StandardNormal.sample(&mut rng));
            z.normalize_mut();
        }
        Spectrum::of(&gram(&inputs)).map_err(|e| LessonError::Kernel(e.to_string()))
    }
}
