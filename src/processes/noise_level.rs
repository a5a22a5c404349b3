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
