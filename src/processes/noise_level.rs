//! One noise level of a forward process.

/// A noise level: the noised variable is `alpha x + sigma xi` with `xi ~ N(0, I)` independent of `x`.
///
/// Invariant: `alpha >= 0`, `sigma >= 0`, not both 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseLevel {
    /// Factor of the data.
    pub alpha: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

impl NoiseLevel {
    /// No noise at all: the law of the data itself.
    pub const DATA: NoiseLevel = NoiseLevel { alpha: 1.0, sigma: 0.0 };

    /// `sigma^2`.
    #[must_use]
    pub fn variance(self) -> f64 {
        self.sigma * self.sigma
    }

    /// The signal-to-noise ratio `gamma = alpha^2/sigma^2`; all that an experiment `x -> x_0` can tell depends on it alone.
    #[must_use]
    pub fn snr(self) -> f64 {
        let ratio = self.alpha / self.sigma;
        ratio * ratio
    }

    /// `a = alpha/sigma^2`: the score at this level is `a E[x_0 | x] - x/sigma^2`.
    #[must_use]
    pub fn gain(self) -> f64 {
        self.alpha / self.variance()
    }

    /// A key that is equal for equal levels.
    #[must_use]
    pub fn key(self) -> (u64, u64) {
        // The two zeros are one level.
        ((self.alpha + 0.0).to_bits(), (self.sigma + 0.0).to_bits())
    }

    /// Whether this is the level of the data itself.
    #[must_use]
    pub fn is_data(self) -> bool {
        self == Self::DATA
    }
}

/// How fast a noise level moves, per unit of process time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelRate {
    /// `d alpha/dt`.
    pub alpha: f64,
    /// `d sigma^2/dt`.
    pub variance: f64,
}

impl LevelRate {
    /// `d gamma/dt = 2 alpha alpha'/h - alpha^2 h'/h^2`, h = sigma^2, at the level that moves.
    #[must_use]
    pub fn snr(self, level: NoiseLevel) -> f64 {
        let a = level.gain();
        a * (2.0 * self.alpha - a * self.variance)
    }

    /// `d a/dt = alpha'/h - alpha h'/h^2`, h = sigma^2, at the level that moves.
    #[must_use]
    pub fn gain(self, level: NoiseLevel) -> f64 {
        (self.alpha - level.gain() * self.variance) / level.variance()
    }
}
