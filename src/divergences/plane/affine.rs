//! `int |a + b x + c y|` over a rectangle about the origin.

use crate::numerics::Interval;

/// The mean of `|a + b s + c t|` over `[-1, 1]^2`.
///
/// With `A = |a|` and `B >= C` the larger and smaller of |b|, |c|, the integral over s alone is `(B^2 + y^2)/B` for
/// `y = A + C t <= B` and `2 y` beyond; y never falls below -B.
///
/// # Promise
/// Encloses the mean for all a, b, c in the intervals.
pub(super) fn mean_absolute(a: Interval, b: Interval, c: Interval) -> Interval {
    // The mean changes by at most the sum of the changes of a, b and c.
    let spread = Interval::point(a.width()) + b.width() + c.width();
    let point = |x: Interval| Interval::point(x.mid().abs());
    let (a, (b, c)) = (point(a), {
        let (b, c) = (point(b), point(c));
        if b.lo() >= c.lo() { (b, c) } else { (c, b) }
    });
    if a.lo() >= (b + c).hi() {
        return a.widen(spread.hi());
    }
    // The switch may be rounded: the two forms touch there, so that the error is of third order in its rounding.
    let switch = ((b.lo() - a.lo()) / c.lo()).clamp(-1.0, 1.0);
    let t = Interval::point(if switch.is_nan() { 1.0 } else { switch });
    let below = t + 1.0;
    let square = a.sqr() * below + a * c * (t.sqr() - 1.0) + c.sqr() * (t * t.sqr() + 1.0) / 3.0;
    let inner = if b.lo() > 0.0 { b * below + square / b } else { Interval::ZERO };
    let outer = a * 2.0 * (1.0 - t) + c * (1.0 - t.sqr());
    ((inner + outer) * 0.25).widen((spread + b * 1e-40).hi()).max(Interval::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_absolute_values_match_sums() {
        for (a, b, c) in [
            (0.0, 1.0, 0.0),
            (0.3, 1.0, 0.5),
            (-1.2, 0.5, 1.0),
            (0.2, 1e-9, 0.7),
            (0.0, 0.0, 0.0),
            (0.9, 0.6, 0.6),
            (2.5, -1.0, 1.0),
            (0.5, 0.5, 0.0),
        ] {
            let n = 1500;
            let at = |i: i32| (2.0 * f64::from(i) + 1.0) / f64::from(n) - 1.0;
            let sum: f64 = (0..n).map(|i| (0..n).map(|j| f64::abs(a + b * at(i) + c * at(j))).sum::<f64>()).sum();
            let mean = sum / f64::from(n * n);
            let found = mean_absolute(a.into(), b.into(), c.into());
            assert!((found.mid() - mean).abs() < 2e-6 && found.width() < 1e-14, "{a} {b} {c}: {found} {mean}");
        }
        let wide = mean_absolute(Interval::new(-0.1, 0.3), 1.0.into(), 0.5.into());
        assert!(wide.encloses(mean_absolute(0.3.into(), 1.0.into(), 0.5.into())));
    }
}
