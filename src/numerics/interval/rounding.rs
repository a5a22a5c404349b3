//! The four operations on floating-point numbers rounded down or up, and steps between neighbouring ones.

/// `x` moved up by `ulps` representable numbers; infinities stay.
#[inline]
pub(super) fn up(mut x: f64, ulps: u32) -> f64 {
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
pub(super) fn down(mut x: f64, ulps: u32) -> f64 {
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
pub(super) fn add_down(a: f64, b: f64) -> f64 {
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
pub(super) fn add_up(a: f64, b: f64) -> f64 {
    0.0 - add_down(-a, -b)
}

/// Below this magnitude the error of a product need not be representable, so the result is always widened.
pub(super) const TINY: f64 = 1e-290;

#[inline]
pub(super) fn mul_down(a: f64, b: f64) -> f64 {
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
pub(super) fn mul_up(a: f64, b: f64) -> f64 {
    0.0 - mul_down(-a, b)
}

#[inline]
pub(super) fn div_down(a: f64, b: f64) -> f64 {
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
pub(super) fn div_up(a: f64, b: f64) -> f64 {
    0.0 - div_down(-a, b)
}
