//! Sums, differences, products and quotients of intervals.

use super::Interval;
use super::rounding::{add_down, add_up, div_down, div_up, mul_down, mul_up};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

impl Add for Interval {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(add_down(self.lo, other.lo), add_up(self.hi, other.hi))
    }
}

impl Sub for Interval {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self::new(add_down(self.lo, -other.hi), add_up(self.hi, -other.lo))
    }
}

impl Neg for Interval {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self { lo: 0.0 - self.hi, hi: 0.0 - self.lo }
    }
}

impl Mul for Interval {
    type Output = Self;
    #[inline]
    fn mul(self, other: Self) -> Self {
        let (a, b, c, d) = (self.lo, self.hi, other.lo, other.hi);
        // The signs of the factors tell which ends make the ends of the product.
        if a >= 0.0 {
            return if c >= 0.0 {
                Self::new(mul_down(a, c), mul_up(b, d))
            } else if d <= 0.0 {
                Self::new(mul_down(b, c), mul_up(a, d))
            } else {
                Self::new(mul_down(b, c), mul_up(b, d))
            };
        }
        if b <= 0.0 {
            return if c >= 0.0 {
                Self::new(mul_down(a, d), mul_up(b, c))
            } else if d <= 0.0 {
                Self::new(mul_down(b, d), mul_up(a, c))
            } else {
                Self::new(mul_down(a, d), mul_up(a, c))
            };
        }
        if c >= 0.0 {
            return Self::new(mul_down(a, d), mul_up(b, d));
        }
        if d <= 0.0 {
            return Self::new(mul_down(b, c), mul_up(a, c));
        }
        Self::new(mul_down(a, d).min(mul_down(b, c)), mul_up(a, c).max(mul_up(b, d)))
    }
}

impl Div for Interval {
    type Output = Self;
    #[inline]
    fn div(self, other: Self) -> Self {
        let (c, d) = (other.lo, other.hi);
        if c > 0.0 {
            let (a, b) = (self.lo, self.hi);
            // The ends that are infinite on both sides of the fraction are resolved by the other ends.
            if d == f64::INFINITY || !self.is_finite() {
                let lo = div_down(a, c).min(div_down(a, d)).min(div_down(b, c)).min(div_down(b, d));
                let hi = div_up(a, c).max(div_up(a, d)).max(div_up(b, c)).max(div_up(b, d));
                return Self::new(lo, hi);
            }
            let (below, above) = (if a >= 0.0 { d } else { c }, if b >= 0.0 { c } else { d });
            return Self::new(div_down(a, below), div_up(b, above));
        }
        if d < 0.0 {
            return -self / -other;
        }
        if c == 0.0 && d > 0.0 {
            // Divisors in (0, d].
            let lo = if self.lo >= 0.0 { div_down(self.lo, d) } else { f64::NEG_INFINITY };
            let hi = if self.hi <= 0.0 { div_up(self.hi, d) } else { f64::INFINITY };
            return Self::new(lo, hi);
        }
        if d == 0.0 && c < 0.0 {
            return -(self / -other);
        }
        Self::ENTIRE
    }
}

macro_rules! with_scalars {
    ($($op:ident $method:ident),*) => {$(
        impl $op<f64> for Interval {
            type Output = Interval;
            #[inline]
            fn $method(self, other: f64) -> Interval {
                $op::$method(self, Interval::point(other))
            }
        }
        impl $op<Interval> for f64 {
            type Output = Interval;
            #[inline]
            fn $method(self, other: Interval) -> Interval {
                $op::$method(Interval::point(self), other)
            }
        }
    )*};
}
with_scalars!(Add add, Sub sub, Mul mul, Div div);

impl AddAssign for Interval {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Interval {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Interval {
    #[inline]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl std::iter::Sum for Interval {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl std::iter::Product for Interval {
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        factors.fold(Self::ONE, Mul::mul)
    }
}
