//! PMM-N's closed forms: the stationary law of a kick and how fast it is reached.

use crate::bounds::lee_lu_tan_2022::Kick;
use crate::numerics::Interval;

/// The width of the cells on which the integrals are bounded.
const CELL: f64 = 0.005;
/// How far beyond the two wells they reach.
const BEYOND: f64 = 9.0;
/// The largest kick whose integrals doubles can hold.
const LARGEST: f64 = 25.0;

/// `chi2(p | pi) = Z (Phi(R) + e^{A^2/2 + A R} Phi(-R-A)) - 1` for p = N(0,1) and `pi ~ e^{-x^2/2 + A (x-R)_+}`.
#[must_use]
pub fn chi2_of_start(kick: &Kick) -> Interval {
    let (a, r) = (kick.height, kick.threshold);
    let beyond = (a * (a / 2.0 + r)).exp() * (-(r + a)).normal_cdf();
    (kick.normalisation() * (r.normal_cdf() + beyond) - 1.0).clamp(0.0, f64::INFINITY)
}

/// An upper bound of the Poincare constant of `pi ~ w = e^{-x^2/2 + A (x-R)_+}`, four times Muckenhoupt's constant:
///
/// ```text
/// C_P <= 4 max( sup_{x > m} pi(x, inf) int_m^x 1/pi,  sup_{x < m} pi(-inf, x) int_x^m 1/pi )      for any m; here the median
/// ```
///
/// # Errors
/// For kicks whose integrals doubles cannot hold.
pub fn poincare_upper(kick: &Kick) -> Result<f64, String> {
    let (a, r) = (kick.height.mid(), kick.threshold.mid());
    let fits = a > 0.0 && a + r.abs() <= LARGEST;
    let m = if fits { median(kick) } else { 0.0 };
    let right = half(kick, m, r.max(a).max(m) + BEYOND, 1.0);
    let left = half(kick, m, r.min(0.0).min(m) - BEYOND, -1.0);
    let value = (Interval::point(right.max(left)) * 4.0).hi();
    match fits && value.is_finite() {
        true => Ok(value),
        false => Err(format!("the barrier of a kick of height {a} at {r} is too high for double precision")),
    }
}

/// `ln w`.
fn ln_weight(kick: &Kick, x: Interval) -> Interval {
    -(x.sqr() * 0.5) + kick.height * (x - kick.threshold).max(Interval::ZERO)
}

/// `int w` beyond x, in units of `sqrt(2 pi)`: to the right for `side = 1`, to the left for -1.
fn beyond(kick: &Kick, x: Interval, side: f64) -> Interval {
    let (a, r) = (kick.height, kick.threshold);
    let tilt = (a * (a / 2.0 - r)).exp();
    let value = match (side > 0.0, x.mid() >= r.mid()) {
        (true, true) => tilt * (a - x).normal_cdf(),
        (true, false) => r.normal_cdf() - x.normal_cdf() + tilt * (a - r).normal_cdf(),
        (false, false) => x.normal_cdf(),
        (false, true) => r.normal_cdf() + tilt * ((x - a).normal_cdf() - (r - a).normal_cdf()),
    };
    value.max(Interval::ZERO)
}

/// The median of pi, up to rounding.
fn median(kick: &Kick) -> f64 {
    let (mut lo, mut hi) = (-BEYOND, kick.threshold.mid().max(kick.height.mid()) + BEYOND);
    for _ in 0..80 {
        let x = 0.5 * (lo + hi);
        let left = beyond(kick, x.into(), -1.0).mid();
        if left < beyond(kick, x.into(), 1.0).mid() { lo = x } else { hi = x }
    }
    0.5 * (lo + hi)
}

/// The supremum on one side of m, from above: cell by cell up to `end`, the mass at the inner end of the cell and the integral
/// to its outer end. `1/w` is convex on both sides of R, so that the trapezoid rule is an upper bound. Beyond the end, where
/// `-(ln w)'` is at least s, both `pi(beyond x)/pi(x)` and `pi(x) int_end^x 1/pi` are at most `1/s`.
fn half(kick: &Kick, m: f64, end: f64, side: f64) -> f64 {
    let r = kick.threshold.mid();
    let cells = ((end - m).abs() / CELL).ceil();
    let mut nodes: Vec<f64> = (0..=cells as usize).map(|k| m + (end - m) * k as f64 / cells).collect();
    if (r - m) * side > 0.0 {
        nodes.push(r);
        nodes.sort_by(|x, y| (side * x).total_cmp(&(side * y)));
    }
    let inverse = |x: f64| (-ln_weight(kick, x.into())).exp();
    let unit = Interval::SQRT_TAU;
    let (mut integral, mut largest) = (Interval::ZERO, 0.0_f64);
    for cell in nodes.windows(2) {
        let width = (Interval::point(cell[1]) - cell[0]).abs();
        integral += width * (inverse(cell[0]) + inverse(cell[1])) * 0.5;
        largest = largest.max((unit * beyond(kick, cell[0].into(), side) * integral).hi());
    }
    let last = nodes[nodes.len() - 1];
    let slope = if side > 0.0 { Interval::point(last) - kick.height } else { -Interval::point(last) };
    let tail = unit * beyond(kick, last.into(), side) * integral + 1.0 / slope.sqr();
    largest.max(tail.hi())
}
