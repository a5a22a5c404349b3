//! What an instance knows of the error of its score: sizes, bounds, and what these rest on.

use super::{Holds, Instance};
use crate::numerics::{Evidence, Interval};
use crate::processes::NoiseLevel;
use crate::scores::{At, ErrorShape};
use nalgebra::DVector;
use std::sync::Arc;

impl Instance {
    /// The amplitude c of the error at the level, 0 for the exact score.
    #[must_use]
    pub fn amplitude(&self) -> f64 {
        self.amplitude_at(self.level)
    }

    /// The amplitude c of the error at any level; 0 where the sampler uses no damaged score.
    #[must_use]
    pub fn amplitude_at(&self, level: NoiseLevel) -> f64 {
        let error = self.field.error.as_ref();
        error.and_then(|e| e.levels.at(level)).map_or(0.0, |c| c.amplitude)
    }

    /// The direction field u of the error at the level, if there is one.
    #[must_use]
    pub fn error_shape(&self) -> Option<&Arc<dyn ErrorShape>> {
        self.error_shape_at(self.level)
    }

    /// The same at any level.
    #[must_use]
    pub fn error_shape_at(&self, level: NoiseLevel) -> Option<&Arc<dyn ErrorShape>> {
        self.field.error.as_ref()?.shape_at(level)
    }

    /// epsilon = (E_p |e|^2)^{1/2} at the level, enclosed.
    #[must_use]
    pub fn epsilon(&self) -> Interval {
        self.epsilon_at(self.level)
    }

    /// (E_{p_level} |e|^2)^{1/2} at any level, enclosed; 0 where the sampler uses no damaged score.
    #[must_use]
    pub fn epsilon_at(&self, level: NoiseLevel) -> Interval {
        let error = self.field.error.as_ref();
        error.and_then(|e| e.levels.at(level)).map_or(Interval::ZERO, |c| c.epsilon)
    }

    /// In which sense epsilon is enclosed at a level.
    #[must_use]
    pub fn epsilon_evidence_at(&self, level: NoiseLevel) -> Option<Evidence> {
        Some(self.field.error.as_ref()?.levels.at(level)?.evidence)
    }

    /// Whether epsilon is proved at some levels, those at which the sampler takes no score left out: what a statement that knows it
    /// there rests on.
    #[must_use]
    pub fn error_sizes(&self, levels: impl IntoIterator<Item = NoiseLevel>) -> Holds {
        let known = levels.into_iter().filter_map(|level| self.epsilon_evidence_at(level));
        match known.filter(|evidence| !evidence.is_proved()).reduce(Evidence::and) {
            None => Holds::Yes,
            Some(Evidence::Confidence { level }) => {
                Holds::Numerically(format!("a score error whose size is known with confidence {level}"))
            }
            Some(worst) => Holds::Numerically(format!("a score error whose size is {worst}")),
        }
    }

    /// Whether the sampler takes a score at the level, or the score is exact wherever it does.
    #[must_use]
    pub fn takes_score(&self) -> Holds {
        match &self.field.error {
            Some(error) if error.levels.at(self.level).is_none() => {
                Holds::No("the sampler takes no score there".into())
            }
            _ => Holds::Yes,
        }
    }

    /// Whether the sampler never sees an error.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let changed = |at: At| at.truncated && self.field.truncation.as_ref().is_some_and(|t| !t.keeps_exact());
        let sees = |at: At| !at.clean && (self.error_sup_at(at.level) != 0.0 || changed(at));
        !self.program.blocks.iter().any(|block| block.kernel.drift.scores().any(sees))
    }

    /// sup |e|, an upper bound; `+inf` when the error is unbounded.
    #[must_use]
    pub fn error_sup(&self) -> f64 {
        self.error_sup_at(self.level)
    }

    /// The same at any level.
    #[must_use]
    pub fn error_sup_at(&self, level: NoiseLevel) -> f64 {
        let amplitude = self.amplitude_at(level).abs();
        match self.error_shape_at(level) {
            Some(shape) if amplitude != 0.0 => (Interval::point(amplitude) * shape.sup()).hi(),
            _ => 0.0,
        }
    }

    /// A lower bound of sup |e|: epsilon, and |e| at points of the line along the error's direction (or the diagonal).
    #[must_use]
    pub fn error_sup_least(&self) -> f64 {
        let Some(shape) = self.error_shape().filter(|_| self.amplitude() != 0.0) else { return 0.0 };
        let d = self.dim();
        let along = shape.direction().unwrap_or_else(|| DVector::from_element(d, 1.0));
        // 0, and both signs of 2^{k/8} between 1/16 and 64.
        let powers = (-32..=48).map(|k| (f64::from(k) / 8.0).exp2());
        let places: Vec<f64> = std::iter::once(0.0).chain(powers.flat_map(|x| [x, -x])).collect();
        let n = places.len();
        let xs: Vec<f64> = along.iter().flat_map(|&v| places.iter().map(move |t| v * t)).collect();
        let mut values = vec![0.0; d * n];
        shape.eval(&xs, &mut values);
        let size = |i: usize| (0..d).map(|j| values[j * n + i].powi(2)).sum::<f64>().sqrt();
        let seen = (0..n).map(size).fold(0.0, f64::max) * self.amplitude().abs();
        let proved = self.epsilon_evidence_at(self.level).is_some_and(|evidence| evidence.is_proved());
        let epsilon = if proved { self.epsilon().lo() } else { 0.0 };
        // A little is taken off for rounding.
        (seen * (1.0 - 1e-9)).max(epsilon).min(self.error_sup())
    }

    /// Whether e is affine and depends on x: then it is unbounded.
    #[must_use]
    pub fn has_affine_error(&self) -> bool {
        let error = self.field.error.as_ref();
        error.and_then(|e| e.shape()?.affine()).is_some_and(|map| map.matrix.iter().any(|&x| x != 0.0))
    }

    /// Whether e(x) does not depend on x. Its sizes in L2(p), along every chain and in the supremum are then the same.
    #[must_use]
    pub fn has_constant_error(&self) -> bool {
        let error = self.field.error.as_ref();
        error.and_then(|e| e.shape()?.affine()).is_some_and(|map| map.matrix.iter().all(|&x| x == 0.0))
    }

    /// p(|e| > tau), enclosed.
    ///
    /// # Errors
    /// When the target has no closed-form density.
    pub fn exceedance(&self, tau: f64) -> Result<Interval, String> {
        self.exceedance_at(self.level, tau)
    }

    /// `p_level(|e| > tau)` at any level, enclosed.
    ///
    /// # Errors
    /// When the target has no closed-form density there.
    pub fn exceedance_at(&self, level: NoiseLevel, tau: f64) -> Result<Interval, String> {
        let amplitude = self.amplitude_at(level).abs();
        match self.error_shape_at(level) {
            Some(shape) if amplitude != 0.0 => {
                // The threshold of the unscaled shape, rounded down: the set can only become larger.
                let lower = (Interval::point(tau) / amplitude).lo();
                Ok(shape.exceedance(&self.density_at(level)?, lower).clamp(0.0, 1.0))
            }
            _ => Ok(Interval::ZERO),
        }
    }
}
