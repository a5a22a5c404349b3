//! Exponentials, logarithms and trigonometric functions, from `libm`.

use super::rounding::{down, up};
use super::{Interval, LIBM_MARGIN};

impl Interval {
    /// An increasing function evaluated by `f` within `LIBM_MARGIN` units, clipped to its range.
    pub(super) fn increasing(self, f: impl Fn(f64) -> f64, floor: f64, ceiling: f64) -> Self {
        Self::new(down(f(self.lo), LIBM_MARGIN).max(floor), up(f(self.hi), LIBM_MARGIN).min(ceiling))
    }

    /// `e^x`.
    #[must_use]
    pub fn exp(self) -> Self {
        if self == Self::ZERO {
            return Self::ONE;
        }
        let mut r = self.increasing(libm::exp, 0.0, f64::INFINITY);
        if self.lo < f64::INFINITY && r.lo == f64::INFINITY {
            r.lo = f64::MAX;
        }
        if self.hi == f64::NEG_INFINITY {
            r.hi = 0.0;
        }
        r
    }

    /// `e^x - 1`.
    #[must_use]
    pub fn exp_m1(self) -> Self {
        if self == Self::ZERO {
            return Self::ZERO;
        }
        let mut r = self.increasing(libm::expm1, -1.0, f64::INFINITY);
        if self.lo < f64::INFINITY && r.lo == f64::INFINITY {
            r.lo = f64::MAX;
        }
        r.fixed_at_zero(self)
    }

    /// `e^x - 1 - x`, without cancellation where x is small.
    #[must_use]
    pub fn exp_excess(self) -> Self {
        let at = |x: f64| {
            if x.abs() > 0.2 {
                return Self::point(x).exp_m1() - x;
            }
            // x^2 sum_k x^k/(k + 2)!, the rest being at most |x|^K/K! for these x.
            const TERMS: i32 = 14;
            let (y, mut series) = (Self::point(x), Self::ZERO);
            for k in (0..TERMS).rev() {
                // 1/(k + 2)! = (1/(k + 2)) 1/(k + 1)!: Horner's rule with the quotients of neighbouring coefficients.
                series = (series * y + 1.0) / f64::from(k + 2);
            }
            let rest = y.abs().powi(TERMS) / 8e10;
            y.sqr() * series.widen(rest.hi())
        };
        let ends = at(self.lo).hull(at(self.hi)).max(Self::ZERO);
        // Decreasing below 0, where it vanishes, and increasing above.
        if self.contains(0.0) { ends.hull(Self::ZERO) } else { ends }
    }

    /// `x - ln(1 + x)` on `x > -1`, without cancellation where x is small.
    #[must_use]
    pub fn ln_1p_excess(self) -> Self {
        let at = |x: f64| {
            if x.abs() > 0.2 {
                return Self::point(x) - Self::point(x).ln_1p();
            }
            // x^2 sum_k (-x)^k/(k + 2), the rest being at most |x|^K/((K + 2)(1 - |x|)).
            const TERMS: i32 = 24;
            let (y, mut series) = (-Self::point(x), Self::ZERO);
            for k in (0..TERMS).rev() {
                series = series * y + Self::ONE / f64::from(k + 2);
            }
            let size = y.abs();
            let rest = size.powi(TERMS) / (1.0 - size) / f64::from(TERMS + 2);
            Self::point(x).sqr() * series.widen(rest.hi())
        };
        let ends = at(self.lo).hull(at(self.hi)).max(Self::ZERO);
        // Decreasing below 0, where it vanishes, and increasing above.
        if self.contains(0.0) { ends.hull(Self::ZERO) } else { ends }
    }

    /// `ln x` on the positive part.
    #[must_use]
    pub fn ln(self) -> Self {
        if self.hi < 0.0 {
            return Self::ENTIRE;
        }
        if self == Self::ONE {
            return Self::ZERO;
        }
        let at = |x: f64| if x <= 0.0 { f64::NEG_INFINITY } else { libm::log(x) };
        Self::new(
            down(at(self.lo), LIBM_MARGIN),
            if self.hi == 0.0 { f64::NEG_INFINITY } else { up(at(self.hi), LIBM_MARGIN) },
        )
    }

    /// This image of x under an increasing function that takes 0 to 0: an end at 0 stays there.
    fn fixed_at_zero(self, x: Self) -> Self {
        Self { lo: if x.lo == 0.0 { 0.0 } else { self.lo }, hi: if x.hi == 0.0 { 0.0 } else { self.hi } }
    }

    /// `ln(1 + x)` on `x > -1`.
    #[must_use]
    pub fn ln_1p(self) -> Self {
        if self.hi < -1.0 {
            return Self::ENTIRE;
        }
        if self == Self::ZERO {
            return Self::ZERO;
        }
        let at = |x: f64| if x <= -1.0 { f64::NEG_INFINITY } else { libm::log1p(x) };
        Self::new(
            down(at(self.lo), LIBM_MARGIN),
            if self.hi == -1.0 { f64::NEG_INFINITY } else { up(at(self.hi), LIBM_MARGIN) },
        )
        .fixed_at_zero(self)
    }

    /// `atan x`.
    #[must_use]
    pub fn atan(self) -> Self {
        if self == Self::ZERO {
            return Self::ZERO;
        }
        self.increasing(libm::atan, -1.570_796_326_794_896_8, 1.570_796_326_794_896_8)
    }

    /// `cos x`; the full range `[-1, 1]` once the interval is longer than half a period.
    #[must_use]
    pub fn cos(self) -> Self {
        if !self.is_finite() || self.width() >= Self::PI.lo() || self.magnitude() > 1e15 {
            return Self { lo: -1.0, hi: 1.0 };
        }
        let (a, b) = (libm::cos(self.lo), libm::cos(self.hi));
        let (mut lo, mut hi) = (down(a.min(b), LIBM_MARGIN), up(a.max(b), LIBM_MARGIN));
        // Multiples k of pi inside the interval are extrema; the quotients' enclosure decides, generously.
        let first = (Self::point(self.lo) / Self::PI).lo.ceil();
        let last = (Self::point(self.hi) / Self::PI).hi.floor();
        let mut k = first;
        while k <= last {
            if k.rem_euclid(2.0) == 0.0 {
                hi = 1.0;
            } else {
                lo = -1.0;
            }
            k += 1.0;
        }
        lo = lo.max(-1.0);
        hi = hi.min(1.0);
        Self { lo, hi }
    }

    /// `sin x`; the full range `[-1, 1]` once the interval is longer than half a period.
    #[must_use]
    pub fn sin(self) -> Self {
        if self == Self::ZERO {
            return Self::ZERO;
        }
        if !self.is_finite() || self.width() >= Self::PI.lo() || self.magnitude() > 1e15 {
            return Self { lo: -1.0, hi: 1.0 };
        }
        let (a, b) = (libm::sin(self.lo), libm::sin(self.hi));
        let (mut lo, mut hi) = (down(a.min(b), LIBM_MARGIN), up(a.max(b), LIBM_MARGIN));
        let half = Self::point(0.5);
        let first = (Self::point(self.lo) / Self::PI - half).lo.ceil();
        let last = (Self::point(self.hi) / Self::PI - half).hi.floor();
        let mut k = first;
        while k <= last {
            if k.rem_euclid(2.0) == 0.0 {
                hi = 1.0;
            } else {
                lo = -1.0;
            }
            k += 1.0;
        }
        lo = lo.max(-1.0);
        hi = hi.min(1.0);
        Self { lo, hi }
    }
}
