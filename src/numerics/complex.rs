//! Rectangles of complex numbers with outward rounding.

use super::Interval;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// All complex numbers with real part in `re` and imaginary part in `im`.
///
/// # Promise
/// As for [`Interval`]: an operation's result contains every value it takes on points of its arguments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComplexInterval {
    /// The real parts.
    pub re: Interval,
    /// The imaginary parts.
    pub im: Interval,
}

impl ComplexInterval {
    /// The number 0.
    pub const ZERO: Self = Self { re: Interval::ZERO, im: Interval::ZERO };
    /// The number 1.
    pub const ONE: Self = Self { re: Interval::ONE, im: Interval::ZERO };

    /// The rectangle with these sides.
    #[must_use]
    pub fn new(re: Interval, im: Interval) -> Self {
        Self { re, im }
    }

    /// Real numbers.
    #[must_use]
    pub fn real(re: Interval) -> Self {
        Self { re, im: Interval::ZERO }
    }

    /// The square around 0 that holds the disc of this radius.
    #[must_use]
    pub fn disc(radius: f64) -> Self {
        let side = Interval::around(0.0, radius);
        Self { re: side, im: side }
    }

    /// `r z` for real r.
    #[must_use]
    pub fn scale(self, r: Interval) -> Self {
        Self { re: self.re * r, im: self.im * r }
    }

    /// `z^2`.
    #[must_use]
    pub fn sqr(self) -> Self {
        Self { re: self.re.sqr() - self.im.sqr(), im: self.re * self.im * 2.0 }
    }

    /// `|z|^2`.
    #[must_use]
    pub fn norm_sqr(self) -> Interval {
        self.re.sqr() + self.im.sqr()
    }

    /// `|z|`.
    #[must_use]
    pub fn norm(self) -> Interval {
        self.norm_sqr().sqrt()
    }

    /// `e^z - 1`, accurate where z is small.
    ///
    /// ```text
    /// Re = (e^a - 1) cos b - 2 sin^2(b/2),   Im = e^a sin b,   z = a + ib
    /// ```
    #[must_use]
    pub fn exp_m1(self) -> Self {
        let (size, cos, half) = (self.re.exp(), self.im.cos(), (self.im * 0.5).sin());
        let near = self.re.exp_m1() * cos - half.sqr() * 2.0;
        // The direct form is the better one where e^a is small, the argument b being known to few digits there.
        let far = size * cos - 1.0;
        Self { re: near.intersect(far).unwrap_or(near), im: size * self.im.sin() }
    }

    /// `e^z`.
    #[must_use]
    pub fn exp(self) -> Self {
        let size = self.re.exp();
        Self { re: size * self.im.cos(), im: size * self.im.sin() }
    }

    /// `ln(1 + z)`, accurate where z is small; the argument is any branch when the rectangle `1 + z` meets the negative
    /// half-line or 0.
    #[must_use]
    pub fn ln_1p(self) -> Self {
        let square = (self.re * 2.0 + self.norm_sqr()).max(Interval::point(-1.0));
        Self { re: square.ln_1p() * 0.5, im: argument(self.re + 1.0, self.im) }
    }
}

/// The argument of `x + iy` in (-pi, pi], or all of `[-pi, pi]` when the rectangle meets the branch cut.
fn argument(x: Interval, y: Interval) -> Interval {
    if x.lo() > 0.0 {
        return (y / x).atan();
    }
    let right = Interval::PI * 0.5;
    if y.lo() > 0.0 {
        return right - (x / y).atan();
    }
    if y.hi() < 0.0 {
        return -right - (x / y).atan();
    }
    Interval::new(-Interval::PI.hi(), Interval::PI.hi())
}

impl Add for ComplexInterval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl AddAssign for ComplexInterval {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for ComplexInterval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Neg for ComplexInterval {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }
}

impl Mul for ComplexInterval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

impl Div for ComplexInterval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let norm = other.norm_sqr();
        let product = self * Self { re: other.re, im: -other.im };
        Self { re: product.re / norm, im: product.im / norm }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Complex;
    use proptest::prelude::*;

    fn holds(z: ComplexInterval, w: Complex<f64>, slack: f64) -> bool {
        z.re.widen(slack).contains(w.re) && z.im.widen(slack).contains(w.im)
    }

    proptest! {
        // Plain complex arithmetic is within 1e-13 here; the containment asked for is that of the value so widened.
        #[test]
        fn operations_contain(a in -2.0..2.0f64, b in -2.0..2.0f64, c in -2.0..2.0f64, d in 0.3..2.0f64, w in 0.0..0.1f64, s in 0.0..=1.0f64) {
            let x = ComplexInterval::new(Interval::new(a, a + w), Interval::new(b, b + w));
            let y = ComplexInterval::new(Interval::new(c, c + w), Interval::new(d, d + w));
            let p = Complex::new((a + s * w).min(a + w), b);
            let q = Complex::new(c, (d + s * w).min(d + w));
            prop_assert!(holds(x * y, p * q, 1e-13));
            prop_assert!(holds(x / y, p / q, 1e-13));
            prop_assert!(holds(x.sqr(), p * p, 1e-13));
            prop_assert!(holds(x.exp_m1(), p.exp() - 1.0, 1e-13) && holds(x.exp(), p.exp(), 1e-13));
            prop_assert!(holds(y.ln_1p(), (q + 1.0).ln(), 1e-13));
            prop_assert!(x.norm().widen(1e-13).contains(p.norm()));
        }
    }

    #[test]
    fn small_arguments_lose_nothing() {
        let z = ComplexInterval::new(Interval::point(1e-12), Interval::point(-3e-12));
        let m = z.exp_m1();
        // e^z - 1 = z + z^2/2: the real part is 1e-12 + (1 - 9)/2 1e-24.
        assert!(m.re.contains(1e-12 - 4e-24) && m.re.width() < 1e-26);
        let l = m.ln_1p();
        assert!(l.re.contains(1e-12) && l.im.contains(-3e-12) && l.re.width() < 1e-25 && l.im.width() < 1e-26);
    }
}
