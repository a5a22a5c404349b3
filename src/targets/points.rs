//! Discrete data.

use super::gaussian::LEVEL_ROUNDING;
use super::target::{check_dim, check_finite, check_weights};
use super::{Gaussian, Mixture, TargetError};
use crate::processes::NoiseLevel;
use nalgebra::DVector;

/// `sum_i weights[i] delta(points[i])`; has a density at noise levels with sigma > 0 only.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// w_i, positive, summing to 1.
    pub weights: Vec<f64>,
    /// The atoms, all of one dimension.
    pub points: Vec<DVector<f64>>,
}

impl Points {
    /// `sum_i weights[i] delta(points[i])`.
    ///
    /// # Errors
    /// As [`Mixture::new`].
    pub fn new(weights: Vec<f64>, points: Vec<DVector<f64>>) -> Result<Self, TargetError> {
        check_dim("weights", weights.len(), points.len())?;
        check_weights(&weights)?;
        for (i, x) in points.iter().enumerate() {
            check_dim(&format!("points[{i}]"), x.len(), points[0].len())?;
            check_finite(&format!("points[{i}]"), x.as_slice())?;
        }
        Ok(Self { weights, points })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.points[0].len()
    }

    /// The law of `alpha x + sigma xi`: an isotropic mixture, or `None` at sigma = 0.
    #[must_use]
    pub fn noised(&self, level: NoiseLevel) -> Option<Mixture> {
        let components = self
            .points
            .iter()
            .map(|x| Ok(Gaussian::isotropic(x * level.alpha, level.variance())?.rounded(LEVEL_ROUNDING)))
            .collect::<Result<_, TargetError>>()
            .ok()?;
        Some(Mixture { weights: self.weights.clone(), components })
    }
}
