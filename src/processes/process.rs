//! The forward processes a spec can name.

use super::NoiseLevel;

/// A forward noising process.
///
/// ```text
/// OU   dX = -X dt + sqrt2 dB                            alpha = e^-t, sigma^2 = 1 - e^-2t
/// VP   dX = -(beta/2) X dt + sqrt(beta) dB              the OU formulas at the elapsed OU time (1/2) int_0^t beta
/// VE   dX = sqrt2 dB                                    alpha = 1, sigma^2 = 2t
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Process {
    /// Ornstein-Uhlenbeck.
    Ou,
    /// Variance preserving, `beta(t) = beta_min + (beta_max - beta_min) t/horizon`.
    Vp {
        /// beta(0).
        beta_min: f64,
        /// beta(horizon).
        beta_max: f64,
        /// The time at which `beta_max` is reached.
        horizon: f64,
    },
    /// Variance exploding.
    Ve,
}

impl Process {
    /// The noise level at process time `t >= 0`.
    #[must_use]
    pub fn level(self, t: f64) -> NoiseLevel {
        match self {
            Process::Ve => NoiseLevel { alpha: 1.0, sigma: (2.0 * t).sqrt() },
            Process::Ou | Process::Vp { .. } => {
                let elapsed = self.elapsed(t);
                NoiseLevel { alpha: libm::exp(-elapsed), sigma: (-libm::expm1(-2.0 * elapsed)).sqrt() }
            }
        }
    }

    /// The OU time that has passed at process time t (for VE, t itself).
    #[must_use]
    pub fn elapsed(self, t: f64) -> f64 {
        match self {
            Process::Ou | Process::Ve => t,
            Process::Vp { beta_min, beta_max, horizon } => {
                0.5 * (beta_min * t + 0.5 * (beta_max - beta_min) * t * (t / horizon))
            }
        }
    }

    /// The variance of the prior a reverse sampler or an annealing starts from, at its first noise level: 1 for OU and
    /// VP, `sigma^2` for VE.
    #[must_use]
    pub fn prior_variance(self, first: NoiseLevel) -> f64 {
        match self {
            Process::Ou | Process::Vp { .. } => 1.0,
            Process::Ve => first.variance(),
        }
    }
}
