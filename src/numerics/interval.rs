//! Closed intervals of reals with outward rounding: the arithmetic every certified number goes through.
//!
//! The four operations and the square root are rounded outward by at most one unit in the last place, and not at all
//! when the floating-point result is exact. Transcendental functions come from `libm`, whose stated error is below one
//! unit in the last place; they are widened by [`LIBM_MARGIN`] units on each side (`erfc`, which is up to 3.1 units off, by
//! six), margins that the tests hold against 200-bit values.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// Units in the last place by which a `libm` value is widened on each side.
pub const LIBM_MARGIN: u32 = 2;

/// The same for `erfc`.
const ERFC_MARGIN: u32 = 6;

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

/// `x` moved up by `ulps` representable numbers; infinities stay.
#[inline]
fn up(mut x: f64, ulps: u32) -> f64 {
    if x.is_infinite() {
        return x;
    }
    for _ in 0..ulps {
        x = x.next_up();
    }
    x
}

/// `x` moved down by `ulps` representable numbers; infinities stay.
#[inline]
fn down(mut x: f64, ulps: u32) -> f64 {
    if x.is_infinite() {
        return x;
    }
    for _ in 0..ulps {
        x = x.next_down();
    }
    x
}

/// The rounding error of `s = a + b` when it is finite (Knuth's two-sum): `a + b = s + error` exactly.
#[inline]
fn sum_error(a: f64, b: f64, s: f64) -> f64 {
    let b_part = s - a;
    (a - (s - b_part)) + (b - b_part)
}

#[inline]
fn add_down(a: f64, b: f64) -> f64 {
    let s = a + b;
    if s.is_infinite() {
        // An overflow of finite numbers is not an infinity.
        return if a.is_finite() && b.is_finite() && s > 0.0 { f64::MAX } else { s };
    }
    let error = sum_error(a, b, s);
    if error < 0.0 || error.is_nan() { s.next_down() } else { s }
}

// `0 - x` is -x, but +0 where -x would be -0.
#[inline]
fn add_up(a: f64, b: f64) -> f64 {
    0.0 - add_down(-a, -b)
}

/// Below this magnitude the error of a product need not be representable, so the result is always widened.
const TINY: f64 = 1e-290;

#[inline]
fn mul_down(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 {
        return 0.0;
    }
    let p = a * b;
    if p.is_infinite() {
        return if a.is_finite() && b.is_finite() && p > 0.0 { f64::MAX } else { p };
    }
    if p.abs() < TINY {
        return p.next_down();
    }
    if f64::mul_add(a, b, -p) < 0.0 { p.next_down() } else { p }
}

#[inline]
fn mul_up(a: f64, b: f64) -> f64 {
    0.0 - mul_down(-a, b)
}

#[inline]
fn div_down(a: f64, b: f64) -> f64 {
    if a == 0.0 || b.is_infinite() {
        // a finite over an infinite end is a limit, 0; an infinite over an infinite end is resolved by the other ends.
        return if a.is_infinite() { f64::NEG_INFINITY } else { 0.0 };
    }
    let q = a / b;
    if q.is_infinite() {
        return if a.is_finite() && q > 0.0 { f64::MAX } else { q };
    }
    if q.abs() < TINY || a.abs() < TINY {
        return q.next_down();
    }
    // a - q b, exactly; its sign against that of b tells on which side of a/b the rounded q lies.
    let rest = f64::mul_add(-q, b, a);
    if (rest < 0.0) != (b < 0.0) && rest != 0.0 { q.next_down() } else { q }
}

#[inline]
fn div_up(a: f64, b: f64) -> f64 {
    0.0 - div_down(-a, b)
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

    /// An increasing function evaluated by `f` within `LIBM_MARGIN` units, clipped to its range.
    fn increasing(self, f: impl Fn(f64) -> f64, floor: f64, ceiling: f64) -> Self {
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
