//! How smooth the regression `f_*(t, x) = E[X_0 | X_t = x]` is, from its posterior and from the size of the support.

use super::{BoundedData, Posterior};
use crate::processes::{LevelRate, NoiseLevel};
use nalgebra::{DMatrix, DVector};

/// Two proved bounds of one slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lipschitz {
    /// From the diameter of the support, which is attained.
    pub sharp: f64,
    /// From its radius D alone.
    pub crude: f64,
}

impl Posterior {
    /// `d f_*/dx = a Cov(X_0 | x)`, symmetric and positive semidefinite.
    #[must_use]
    pub fn slope_in_space(&self, level: NoiseLevel) -> DMatrix<f64> {
        &self.covariance * level.gain()
    }

    /// `d f_*/dt = a' Cov(X_0 | x) x - (gamma'/2) Cov(X_0, |X_0|^2 | x)` at the point x, where the level moves at `rate`.
    #[must_use]
    pub fn slope_in_time(&self, level: NoiseLevel, rate: LevelRate, x: &[f64]) -> DVector<f64> {
        let x = DVector::from_column_slice(x);
        &self.covariance * x * rate.gain(level) - &self.with_square * (0.5 * rate.snr(level))
    }
}

impl BoundedData {
    /// Bounds of the operator norm of `d f_*/dx` everywhere: `a diam^2/4` (a variable on an interval of length diam has at most
    /// the variance diam^2/4) and `a D^2`.
    #[must_use]
    pub fn lipschitz_in_space(&self, level: NoiseLevel) -> Lipschitz {
        let a = level.gain();
        Lipschitz { sharp: 0.25 * a * self.diameter().powi(2), crude: a * self.radius().powi(2) }
    }

    /// Bounds of `|d f_*/dt|` on the ball |x| <= R:
    ///
    /// ```text
    /// |a'| R diam^2/4 + |gamma'| diam D^2/8    and    |a'| R D^2 + |gamma'| D^3/2
    /// ```
    ///
    /// The first uses `|Cov(u.X_0, |X_0|^2)| <= (diam/2)(D^2/2)`, the product of the largest standard deviations.
    #[must_use]
    pub fn lipschitz_in_time(&self, level: NoiseLevel, rate: LevelRate, reach: f64) -> Lipschitz {
        let (diameter, radius) = (self.diameter(), self.radius());
        let (linear, constant) = (rate.gain(level).abs() * reach, 0.5 * rate.snr(level).abs());
        Lipschitz {
            sharp: linear * 0.25 * diameter.powi(2) + constant * 0.25 * diameter * radius.powi(2),
            crude: linear * radius.powi(2) + constant * radius.powi(3),
        }
    }
}
