//! Closed intervals of reals with outward rounding: the arithmetic every certified number goes through.
//!
//! The four operations and the square root are rounded outward by at most one unit in the last place, and not at all
//! when the floating-point result is exact. Transcendental functions come from `libm`, whose stated error is below one
//! unit in the last place; they are widened by [`LIBM_MARGIN`] units on each side (`erfc`, which is up to 3.1 units off, by
//! six), margins that the tests hold against 200-bit values.

mod elementary;
mod normal;
mod operators;
mod powers;
mod rounding;

use rounding::{add_down, add_up};
use std::fmt;

/// Units in the last place by which a `libm` value is widened on each side.
pub const LIBM_MARGIN: u32 = 2;

/// A closed interval `[lo, hi]` of extended reals, `lo <= hi`, never NaN.
///
/// # Promise
/// The result of an operation contains every value the operation takes on points of its arguments. Where an operation is
/// undefined on part of an argument (a division by an interval containing 0, a logarithm of a negative number) the
/// result is the hull of the values where it is defined, or [`Interval::ENTIRE`] when there are none.
#[derive(Clone, Copy, PartialEq)]
pub struct Interval {
    lo: f64,
    hi: f64,
}

impl Interval {
    /// The single point 0.
    pub const ZERO: Interval = Interval { lo: 0.0, hi: 0.0 };
    /// The single point 1.
    pub const ONE: Interval = Interval { lo: 1.0, hi: 1.0 };
    /// The whole extended line: nothing is known.
    pub const ENTIRE: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
    /// The point at plus infinity.
    pub const INFINITY: Interval = Interval { lo: f64::INFINITY, hi: f64::INFINITY };
    /// An enclosure of pi.
    pub const PI: Interval = Interval { lo: std::f64::consts::PI, hi: 3.141_592_653_589_793_6 };
    /// An enclosure of sqrt(2 pi).
    pub const SQRT_TAU: Interval = Interval { lo: 2.506_628_274_631_000_2, hi: 2.506_628_274_631_000_8 };
    /// An enclosure of ln sqrt(2 pi).
    pub const LN_SQRT_TAU: Interval = Interval { lo: 0.918_938_533_204_672_7, hi: 0.918_938_533_204_672_8 };
    /// An enclosure of ln 2.
    pub const LN_2: Interval = Interval { lo: 0.693_147_180_559_945_2, hi: 0.693_147_180_559_945_4 };

    /// The interval between two ends, in either order; NaN on either side gives [`Interval::ENTIRE`].
    #[inline]
    #[must_use]
    pub fn new(a: f64, b: f64) -> Self {
        // Adding 0 turns -0 into 0.
        let (a, b) = (a + 0.0, b + 0.0);
        if a.is_nan() || b.is_nan() {
            Self::ENTIRE
        } else if a <= b {
            Self { lo: a, hi: b }
        } else {
            Self { lo: b, hi: a }
        }
    }

    /// The interval `[x, x]`; NaN gives [`Interval::ENTIRE`].
    #[inline]
    #[must_use]
    pub fn point(x: f64) -> Self {
        Self::new(x, x)
    }

    /// `[centre - radius, centre + radius]`, rounded outward; `radius >= 0`.
    #[must_use]
    pub fn around(centre: f64, radius: f64) -> Self {
        Self::point(centre).widen(radius)
    }

    /// The lower end.
    #[inline]
    #[must_use]
    pub fn lo(self) -> f64 {
        self.lo
    }

    /// The upper end.
    #[inline]
    #[must_use]
    pub fn hi(self) -> f64 {
        self.hi
    }

    /// A representable number inside the interval, its centre up to rounding.
    #[inline]
    #[must_use]
    pub fn mid(self) -> f64 {
        if self.lo == self.hi {
            return self.lo;
        }
        if self.lo == f64::NEG_INFINITY {
            return if self.hi == f64::INFINITY { 0.0 } else { f64::MIN };
        }
        if self.hi == f64::INFINITY {
            return f64::MAX;
        }
        (0.5 * self.lo + 0.5 * self.hi).clamp(self.lo, self.hi)
    }

    /// An upper bound of `hi - lo`.
    #[inline]
    #[must_use]
    pub fn width(self) -> f64 {
        if self.lo == self.hi { 0.0 } else { add_up(self.hi, -self.lo) }
    }

    /// Whether both ends are finite.
    #[inline]
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.lo.is_finite() && self.hi.is_finite()
    }

    /// Whether `x` lies in the interval.
    #[inline]
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// Whether every point of `other` lies in this interval.
    #[must_use]
    pub fn encloses(self, other: Self) -> bool {
        self.lo <= other.lo && other.hi <= self.hi
    }

    /// Whether the two intervals share a point.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    /// The smallest interval holding both.
    #[inline]
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The common part, or `None` when the two are disjoint.
    #[inline]
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        self.overlaps(other).then(|| Self { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) })
    }

    /// The interval grown by `by >= 0` on both sides; a NaN `by` gives [`Interval::ENTIRE`].
    #[must_use]
    pub fn widen(self, by: f64) -> Self {
        if by.is_nan() {
            return Self::ENTIRE;
        }
        Self { lo: add_down(self.lo, -by), hi: add_up(self.hi, by) }
    }

    /// The interval clipped to `[floor, ceiling]`; an interval outside becomes the nearer end.
    #[inline]
    #[must_use]
    pub fn clamp(self, floor: f64, ceiling: f64) -> Self {
        Self::new(self.lo.clamp(floor, ceiling), self.hi.clamp(floor, ceiling))
    }

    /// The pointwise minimum of two intervals: encloses `min(x, y)`.
    #[inline]
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.min(other.hi) }
    }

    /// The pointwise maximum of two intervals: encloses `max(x, y)`.
    #[inline]
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { lo: self.lo.max(other.lo), hi: self.hi.max(other.hi) }
    }

    /// `|x|`.
    #[inline]
    #[must_use]
    pub fn abs(self) -> Self {
        if self.lo >= 0.0 {
            self
        } else if self.hi <= 0.0 {
            -self
        } else {
            Self { lo: 0.0, hi: self.hi.max(-self.lo) }
        }
    }

    /// The largest `|x|` over the interval.
    #[must_use]
    pub fn magnitude(self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }
}

impl From<f64> for Interval {
    #[inline]
    fn from(x: f64) -> Self {
        Self::point(x)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:?}, {:?}]", self.lo, self.hi)
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
