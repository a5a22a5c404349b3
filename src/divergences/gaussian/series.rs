//! Logarithms less their first terms, without cancellation, and how many terms of a series an accuracy takes.

use crate::numerics::{ComplexInterval, Interval};
use std::sync::LazyLock;

/// The most terms of the series below.
const ODD_TERMS: usize = 42;
/// `1/(2k + 1)`, k = 1, 2, ...
static ODD: LazyLock<[Interval; ODD_TERMS]> =
    LazyLock::new(|| std::array::from_fn(|k| Interval::ONE / (2 * k + 3) as f64));
/// The most terms of `bulge`.
const ALL_TERMS: usize = 36;
/// `1/k`, k = 2, 3, ...
static ALL: LazyLock<[Interval; ALL_TERMS]> = LazyLock::new(|| std::array::from_fn(|k| Interval::ONE / (k + 2) as f64));

/// The least n with `size^n <= 2^-bits`, up to rounding; `usize::MAX` when there is none.
pub(super) fn power_below(size: f64, bits: f64) -> usize {
    if size < 1.0 { (bits / -size.log2()).ceil() as usize } else { usize::MAX }
}

/// An upper bound of `size^n/(1 - size)` for 0 <= size < 1; the factor covers the rounding of the power, the sum its underflow.
pub(super) fn geometric_rest(size: f64, n: usize) -> f64 {
    size.powi(n as i32) / (1.0 - size) * (1.0 + 1e-12) + f64::MIN_POSITIVE
}

/// `sum_{k >= 1} s^k y^{2k+1}/(2k+1)` for |y| < 1/2: `atanh y - y` (s = 1) or `atan y - y` (s = -1).
fn odd_series(y: Interval, sign: f64) -> Interval {
    if y == Interval::ZERO {
        return Interval::ZERO;
    }
    let size = y.abs();
    // As many terms as make the rest smaller than a rounding of the first, by the binary exponent; any number is correct.
    let bits = 1022 - ((size.hi().to_bits() >> 52) & 0x7ff).min(1021) as usize;
    let terms = (28 / bits + 1).min(ODD_TERMS - 1);
    let square = y.sqr() * sign;
    let mut series = Interval::ZERO;
    for odd in ODD[..terms].iter().rev() {
        series = (series + *odd) * square;
    }
    // The rest: at most y^{2K+3}/(1 - y^2), here relative to y.
    y * series.widen(geometric_rest((size.hi() * size.hi()).next_up(), terms + 1))
}

/// `atanh x - x` at `x = e/(2 + e)`, where `atanh x = ln(1 + e)/2`.
pub(super) fn bend(x: Interval, log: Interval) -> Interval {
    if x.magnitude() < 0.4 { odd_series(x, 1.0) } else { log * 0.5 - x }
}

/// `atan y - y`.
fn droop(y: Interval) -> Interval {
    if y.magnitude() < 0.4 { odd_series(y, -1.0) } else { y.atan() - y }
}

/// `-ln(1 - y) - y = sum_{k >= 2} y^k/k`, and `ln(1 - y)` itself.
pub(super) fn bulge(y: ComplexInterval) -> (ComplexInterval, ComplexInterval) {
    if y.re == Interval::ZERO {
        // On the imaginary axis it is made of two real functions.
        let bulge = ComplexInterval::new(y.im.sqr().ln_1p() * -0.5, droop(y.im));
        return (bulge, -(bulge + y));
    }
    let size = y.norm().hi();
    if size >= 0.3 {
        let log = (-y).ln_1p();
        return (-(log + y), log);
    }
    // The rest after y^K/K is at most |y|^{K+1}/((K+1)(1 - |y|)), here relative to y^2.
    let terms = (power_below(size, 56.0) + 1).min(ALL_TERMS);
    let mut series = ComplexInterval::ZERO;
    for inverse in ALL[..terms].iter().rev() {
        series = series * y + ComplexInterval::real(*inverse);
    }
    let bulge = y.sqr() * (series + ComplexInterval::disc(geometric_rest(size, terms)));
    (bulge, -(bulge + y))
}
