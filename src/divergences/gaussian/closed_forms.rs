//! Divergences that are sums over eigendirections.
//!
//! Each is a trace or a quadratic form that is monotone in the Loewner order, and A lies between `diag(e) - r` and
//! `diag(e) + r`; so evaluating the summands on the intervals `e ± r` is rigorous also for a full covariance.

use super::whitened::{Direction, Whitened};
use crate::divergences::transform::count;
use crate::numerics::{Interval, IntervalSum};

fn sum(pair: &Whitened, term: impl Fn(&Direction) -> Interval) -> Interval {
    pair.directions.iter().map(|d| term(d) * count(d.copies)).collect::<IntervalSum>().value()
}

/// A function of the variance ratio, monotone on either side of 1, from its values at the ends: `at_e` takes the ratio minus 1
/// and `at_ratio` the ratio itself, which is the better known number where it is small.
fn at_ends(d: &Direction, at_e: impl Fn(f64) -> Interval, at_ratio: impl Fn(f64) -> Interval) -> Interval {
    let end = |e: f64, ratio: f64| if e < -0.5 { at_ratio(ratio) } else { at_e(e) };
    end(d.e.lo(), d.ratio.lo()).hull(end(d.e.hi(), d.ratio.hi()))
}

/// `e - ln(1 + e)`, decreasing below 0 and increasing above.
fn excess(d: &Direction) -> Interval {
    if d.ratio.lo() <= 0.0 {
        return Interval::new(0.0, f64::INFINITY);
    }
    let ends = at_ends(
        d,
        |e| Interval::point(e).ln_1p_excess(),
        |ratio| Interval::point(ratio) - 1.0 - Interval::point(ratio).ln(),
    );
    if d.e.contains(0.0) { ends.hull(Interval::ZERO) } else { ends }
}

/// `x - ln(1 + x)` at `x = -e/(1 + e)`.
fn reverse_excess(d: &Direction) -> Interval {
    if d.ratio.lo() <= 0.0 {
        return Interval::new(0.0, f64::INFINITY);
    }
    let x = at_ends(d, |e| -(Interval::point(e) / (Interval::point(e) + 1.0)), |ratio| Interval::ONE / ratio - 1.0);
    let value = |x: f64| if x < -0.5 { Interval::point(x) + d.ratio.ln() } else { Interval::point(x).ln_1p_excess() };
    let ends = value(x.lo()).hull(value(x.hi()));
    if x.contains(0.0) { ends.hull(Interval::ZERO) } else { ends }
}

/// `KL(q|p) = 1/2 sum [e - ln(1 + e) + u^2]`.
pub(super) fn kl(pair: &Whitened) -> Interval {
    sum(pair, |d| excess(d) + d.u.sqr()) * 0.5
}

/// `KL(p|q) = 1/2 sum [-e/(1+e) + ln(1 + e) + u^2/(1 + e)]`.
pub(super) fn kl_reverse(pair: &Whitened) -> Interval {
    sum(pair, |d| reverse_excess(d) + d.u.sqr() / d.ratio) * 0.5
}

/// `ln(1 + chi^2(q|p)) = sum [-1/2 ln(1 - e^2) + u^2/(1 - e)]`, finite iff every `e < 1`.
pub(super) fn renyi2(pair: &Whitened) -> Interval {
    if pair.wide || pair.directions.iter().any(|d| d.e.lo() >= 1.0) {
        return Interval::INFINITY;
    }
    sum(pair, |d| {
        let left = (2.0 - d.ratio).max(Interval::ZERO);
        let log = if d.e.magnitude() < 0.5 { (-d.e.sqr()).ln_1p() } else { (d.ratio * left).ln() };
        let value = d.u.sqr() / left - log * 0.5;
        // Where e may or may not reach 1 the value has no upper bound.
        if left.lo() <= 0.0 { Interval::new(value.lo().max(0.0), f64::INFINITY) } else { value }
    })
}

/// `chi^2(q|p)`.
pub(super) fn chi_squared(pair: &Whitened) -> Interval {
    let renyi = renyi2(pair);
    if renyi == Interval::INFINITY { renyi } else { renyi.exp_m1() }
}

/// `1 - int sqrt(qp) = 1 - exp(-sum [1/4 ln(1 + e^2/(4(1 + e))) + u^2/(8(1 + e/2))])`.
pub(super) fn hellinger_squared(pair: &Whitened) -> Interval {
    let exponent = sum(pair, |d| {
        let shape = (d.e.sqr() / (d.ratio * 4.0)).ln_1p() * 0.25;
        shape + d.u.sqr() / ((d.ratio + 1.0) * 4.0)
    });
    -(-exponent).exp_m1()
}
