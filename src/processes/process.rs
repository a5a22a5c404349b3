//! The forward processes a spec can name.

use super::{LevelRate, NoiseLevel, Rate};

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

    /// How fast the noise level moves at process time t: alpha' and (sigma^2)' are `-g alpha/2` and `g alpha^2` for OU (g = 2)
    /// and VP (g = beta), 0 and 2 for VE.
    #[must_use]
    pub fn level_rate(&self, t: f64) -> LevelRate {
        let alpha = self.level(t).alpha;
        let (g, _) = self.noise_rates(t, t);
        match self {
            Process::Ve => LevelRate { alpha: 0.0, variance: g },
            Process::Ou | Process::Vp(_) => LevelRate { alpha: -0.5 * g * alpha, variance: g * alpha * alpha },
        }
    }

    /// The least and the largest g between two times, where the process is driven by `sqrt(g) dB`: 2 for OU and VE, beta for VP.
    #[must_use]
    pub fn noise_rates(&self, from: f64, to: f64) -> (f64, f64) {
        match self {
            Process::Vp(rate) => rate.range(from, to),
            Process::Ou | Process::Ve => (2.0, 2.0),
        }
    }

    /// The time between `from` and `to` at which the signal-to-noise ratio [`NoiseLevel::snr`], which falls, is `snr`; the nearer
    /// end when there is none.
    #[must_use]
    pub fn time_of_snr(&self, snr: f64, from: f64, to: f64) -> f64 {
        let elapsed = match self {
            Process::Ve => 0.5 / snr,
            Process::Ou | Process::Vp(_) => 0.5 * libm::log1p(1.0 / snr),
        };
        let time = match self {
            Process::Ou | Process::Ve => elapsed,
            Process::Vp(_) => {
                let (mut early, mut late) = (from, to);
                loop {
                    let middle = early + 0.5 * (late - early);
                    if middle <= early || middle >= late {
                        break if self.elapsed(0.0, early) < elapsed { late } else { early };
                    }
                    *if self.elapsed(0.0, middle) < elapsed { &mut early } else { &mut late } = middle;
                }
            }
        };
        time.clamp(from, to)
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
