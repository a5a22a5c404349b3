//! The error function and the normal law.

use super::Interval;
use super::rounding::{down, up};

/// Units in the last place by which a value of `erfc` is widened on each side.
const ERFC_MARGIN: u32 = 6;

impl Interval {
    /// The error function `erf x = (2/sqrt pi) int_0^x e^{-t^2} dt`.
    #[must_use]
    pub fn erf(self) -> Self {
        if self == Self::ZERO {
            return Self::ZERO;
        }
        self.increasing(libm::erf, -1.0, 1.0)
    }

    /// `erfc x = 1 - erf x`, accurate in the upper tail.
    #[must_use]
    pub fn erfc(self) -> Self {
        Self::new(down(libm::erfc(self.hi), ERFC_MARGIN).max(0.0), up(libm::erfc(self.lo), ERFC_MARGIN).min(2.0))
    }

    /// The standard normal distribution function `Phi(x)`, accurate in the lower tail.
    #[must_use]
    pub fn normal_cdf(self) -> Self {
        Self::point(0.5) * (-self / Self::point(2.0).sqrt()).erfc()
    }

    /// The standard normal density `phi(x)`.
    #[must_use]
    pub fn normal_pdf(self) -> Self {
        (-(self.sqr() * 0.5)).exp() / Self::SQRT_TAU
    }
}
