//! Powers and roots.

use super::Interval;
use super::rounding::{TINY, mul_down, mul_up};

impl Interval {
    /// `x^2`, never negative.
    #[inline]
    #[must_use]
    pub fn sqr(self) -> Self {
        let a = self.abs();
        Self { lo: mul_down(a.lo, a.lo).max(0.0), hi: mul_up(a.hi, a.hi) }
    }

    /// `x^n` for an integer `n`.
    #[must_use]
    pub fn powi(self, n: i32) -> Self {
        if n == 0 {
            return Self::ONE;
        }
        if n < 0 {
            return Self::ONE / self.powi(n.checked_neg().unwrap_or(i32::MAX));
        }
        if n % 2 == 0 {
            return self.sqr().positive_power((n / 2).unsigned_abs());
        }
        let ends = |x: f64| Self::point(x.abs()).positive_power(n.unsigned_abs());
        let signed = |x: f64| if x < 0.0 { -ends(x) } else { ends(x) };
        Self { lo: signed(self.lo).lo, hi: signed(self.hi).hi }
    }

    /// `x^n` of a non-negative interval by repeated squaring.
    fn positive_power(self, mut n: u32) -> Self {
        let (mut base, mut result) = (self, Self::ONE);
        while n > 0 {
            if n & 1 == 1 {
                result *= base;
            }
            n >>= 1;
            if n > 0 {
                base = base.sqr();
            }
        }
        result
    }

    /// `x^p = exp(p ln x)` for `x >= 0`.
    #[must_use]
    pub fn powf(self, p: Self) -> Self {
        if p == Self::ZERO {
            return Self::ONE;
        }
        (p * self.ln()).exp()
    }

    /// The square root of the non-negative part.
    #[must_use]
    pub fn sqrt(self) -> Self {
        let root_down = |x: f64| {
            let r = x.max(0.0).sqrt();
            if r == 0.0 || r.is_infinite() || (r >= TINY && f64::mul_add(r, r, -x) <= 0.0) { r } else { r.next_down() }
        };
        let root_up = |x: f64| {
            let r = x.max(0.0).sqrt();
            if r == 0.0 || r.is_infinite() || (r >= TINY && f64::mul_add(r, r, -x) >= 0.0) { r } else { r.next_up() }
        };
        if self.hi < 0.0 {
            return Self::ENTIRE;
        }
        Self { lo: root_down(self.lo), hi: root_up(self.hi) }
    }
}
