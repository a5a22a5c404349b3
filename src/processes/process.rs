//! The forward processes a spec can name.

use super::{NoiseLevel, Rate};

/// A forward noising process.
///
/// ```text
/// OU   dX = -X dt + sqrt2 dB                            alpha = e^-t, sigma^2 = 1 - e^-2t
/// VP   dX = -(beta/2) X dt + sqrt(beta) dB              the OU formulas at the elapsed OU time (1/2) int_0^t beta
/// VE   dX = sqrt2 dB                                    alpha = 1, sigma^2 = 2t
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Process {
    /// Ornstein-Uhlenbeck.
    Ou,
    /// Variance preserving with the rate beta(t).
    Vp(Rate),
    /// Variance exploding.
    Ve,
}

impl Process {
    /// The noise level at process time `t >= 0`.
    #[must_use]
    pub fn level(&self, t: f64) -> NoiseLevel {
        match self {
            Process::Ve => NoiseLevel { alpha: 1.0, sigma: (2.0 * t).sqrt() },
            Process::Ou | Process::Vp(_) => {
                let elapsed = self.elapsed(0.0, t);
                NoiseLevel { alpha: libm::exp(-elapsed), sigma: (-libm::expm1(-2.0 * elapsed)).sqrt() }
            }
        }
    }

    /// The OU time that passes between the process times t and t + h (for VE, h itself).
    #[must_use]
    pub fn elapsed(&self, t: f64, h: f64) -> f64 {
        match self {
            Process::Ou | Process::Ve => h,
            Process::Vp(rate) => 0.5 * rate.integral(t, h),
        }
    }

    /// The last time it can run to: that at which the rate of VP has fallen to 0; `+inf` for all others.
    #[must_use]
    pub fn end(&self) -> f64 {
        match self {
            Process::Vp(rate) => rate.end(),
            Process::Ou | Process::Ve => f64::INFINITY,
        }
    }

    /// Whether the prior that a reverse sampler or an annealing starts from is N(0, I), as for OU and VP; for VE it is
    /// N(0, sigma^2 I) at the first noise level.
    #[must_use]
    pub fn has_unit_prior(&self) -> bool {
        match self {
            Process::Ou | Process::Vp(_) => true,
            Process::Ve => false,
        }
    }
}
