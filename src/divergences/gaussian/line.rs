//! TV of two Gaussians on the line from the roots of their log-ratio.
//!
//! For N(0, 1) and N(u, 1 + e), u >= 0, with `s = (1 + e)^{1/2}` and `r = (u^2 + e ln(1 + e))^{1/2}` the densities cross at
//! ```text
//! a = (s r - u)/e = (u^2 + (1 + e) ln(1 + e))/(s r + u),       b = -(s r + u)/e.
//! ```
//! In standard units of the second law the crossings sit at `a - (r + u)/(1 + s)` and `b + (r - u)/(1 + s)`, where
//! `r - u = e ln(1 + e)/(r + u)`, so that
//! ```text
//! TV = P(a - (r + u)/(1 + s) < Z < a) + P(b < Z < b + (r - u)/(1 + s)),      Z ~ N(0, 1):
//! ```
//! a sum of positive terms, accurate however small it is.

use super::pinned::Exact;
use crate::numerics::{Interval, Jet, integrate};

/// `P(low < Z < low + length)`, relative to its size.
fn mass(low: Interval, length: Interval) -> Interval {
    if length.hi() >= 0.5 {
        let high = low + length;
        let by_tails = if low.lo() > 0.0 {
            (-low).normal_cdf() - (-high).normal_cdf()
        } else {
            high.normal_cdf() - low.normal_cdf()
        };
        return by_tails.max(Interval::ZERO);
    }
    // length int_0^1 phi(low + length x) dx.
    let density = |x: &Jet| {
        let at = x.scale(length) + Jet::constant(low);
        at.sqr().scale(-0.5).exp().scale(Interval::ONE / Interval::SQRT_TAU)
    };
    length * integrate(&density, 0.0, 1.0, 1e-19).max(Interval::ZERO)
}

/// TV of N(0, 1) and N(u, 1 + e), e != 0.
pub(super) fn unequal(d: &Exact) -> Interval {
    let u = Interval::point(d.u.abs());
    let gain = d.e * d.log;
    let r = (u.sqr() + gain).sqrt();
    let s = d.ratio.sqrt();
    let a = (u.sqr() + d.ratio * d.log) / (s * r + u);
    let b = -((s * r + u) / d.e);
    let first = (r + u) / (s + 1.0);
    let second = gain / ((r + u) * (s + 1.0));
    (mass(a - first, first) + mass(b, second)).clamp(0.0, 1.0)
}

/// TV of N(0, I) and N(u, I): `erf(|u|/(2 sqrt 2))`.
pub(super) fn equal(square: Interval) -> Interval {
    (square / 8.0).sqrt().erf()
}
