//! Total variation of products of independent factors from one integral of their Chernoff transforms.
//!
//! ```text
//! M(z) = int p^{1-z} q^z,      TV(p, q) = (1/2 pi) int (1 - M(1/2 + it)) / (1/4 + t^2) dt,      M = prod_i M_i^{copies_i}
//! ```
//! The integral is a sum over the grid `t = k D`. Three errors are made, two of which are always proved.
//!
//! *Discretisation.* With `L = ln(q/p)` and `c_j = 2 pi j / D`, Poisson summation turns the sum of `M/(1/4 + t^2)` into
//! `sum_j int sqrt(pq) e^{-|L + c_j|/2}`. For `j > 0` the j-th term is `e^{-c_j/2} [p(L >= -c_j) + e^{c_j} q(L < -c_j)]`, so
//! it lies between `e^{-c_j/2} p(L >= -c_j)` and `e^{-c_j/2}`; for `j < 0` with q and p exchanged. The sum of the ones has
//! `e^{-|c_j|/2}` in its place. What is left of the difference is at most `e^{-c_j/2} [p(L < -c_j) + q(L > c_j)]`, and since
//! `q(L > c) - p(L > c) <= TV` and `p(L > c) <= e^{-c} q(L > c)` (and likewise on the other side),
//! ```text
//! 0 <= TV_D - TV <= 2 TV e^{-pi/D} / ((1 - e^{-pi/D})(1 - e^{-2 pi/D})),
//! ```
//! an error relative to the total variation itself.
//!
//! *Truncation* at T: at most `(2/pi) atan(1/(2T)) sup_{t >= T} |M(1/2 + it)|`; the tail of the ones is summed in closed form.
//!
//! *Rounding* is inside the intervals.

use super::NoEngine;
use crate::numerics::{ComplexInterval, Interval, IntervalSum, Ledger, Measured, Source};
use rayon::prelude::*;
use std::ops::Range;

/// One independent factor of a pair of laws (p, q), seen through its transform `M(z) = int p^{1-z} q^z`.
pub trait ChernoffFactor: Sync {
    /// `M(1/2 + it) - 1`, without cancellation where it is small.
    ///
    /// # Promise
    /// Contains the value of the factor's representation; what the representation itself misses is in `ledger`.
    fn minus_one(&self, t: f64) -> ComplexInterval;

    /// A branch of `ln M(1/2 + it)`.
    ///
    /// # Promise
    /// As `minus_one`.
    fn log(&self, t: f64) -> ComplexInterval {
        self.minus_one(t).ln_1p()
    }

    /// [`ChernoffFactor::log`] at `t = k spacing` for k of a short range.
    ///
    /// # Promise
    /// As `minus_one`.
    fn logs(&self, nodes: Range<u32>, spacing: f64) -> Vec<ComplexInterval> {
        nodes.map(|k| self.log(f64::from(k) * spacing)).collect()
    }

    /// A proved bound of `sup_{s >= t} |M(1/2 + is)|`, or `None` when there is none.
    fn tail(&self, t: f64) -> Option<f64>;

    /// Errors of the factor that are not inside `minus_one`, as errors of the total variation of one copy.
    fn ledger(&self) -> Ledger {
        Ledger::new()
    }
}

/// The grid spacing, a dyadic number near pi/38 so that every node `k D` is exact; `e^{-pi/D} = 2.9e-17`.
const SPACING: f64 = 169.0 / 2048.0;
/// Nodes evaluated between two looks at the tail.
const CHUNK: u32 = 32;
/// Nodes that a factor is asked for at once; divides [`CHUNK`].
const RUN: u32 = 16;
/// The most nodes of a sum (t up to 1350).
const MAX_NODES: u32 = 16_384;
/// The truncation error aimed at, relative to the total variation.
const RELATIVE_TRUNCATION: f64 = 1e-17;
/// The largest estimated truncation error with which an unproved tail is reported at all.
const WORST_OPEN_TRUNCATION: f64 = 1e-9;

/// `(2/pi) atan(1/(2t))`: the weight of `|s| >= t` in the integral.
fn weight_beyond(t: f64) -> Interval {
    if t <= 0.0 {
        return Interval::ONE;
    }
    (Interval::ONE / (Interval::point(t) * 2.0)).atan() * 2.0 / Interval::PI
}

/// `1/(1/4 + t^2)`.
fn kernel(t: f64) -> Interval {
    Interval::ONE / (Interval::point(t).sqr() + 0.25)
}

/// `base^n` for a bound `base` of a number in [0, 1], from above.
fn power_upper(base: f64, n: u64) -> f64 {
    if base >= 1.0 {
        return 1.0;
    }
    // n as an interval, since it may exceed 2^53.
    let n = Interval::new((n as f64).next_down().max(0.0), (n as f64).next_up());
    (Interval::point(base.max(0.0)).ln() * n.lo()).exp().hi().min(1.0)
}

/// A count as an interval (exact below 2^53).
pub(super) fn count(n: u64) -> Interval {
    let x = n as f64;
    if n < 1 << 53 { Interval::point(x) } else { Interval::new(x.next_down(), x.next_up()) }
}

/// `1 - M` at nodes: the product over the factors.
fn one_minus(factors: &[(&dyn ChernoffFactor, u64)], nodes: Range<u32>) -> Vec<ComplexInterval> {
    let mut sums: Vec<(IntervalSum, IntervalSum)> =
        nodes.clone().map(|_| (IntervalSum::new(), IntervalSum::new())).collect();
    for (factor, copies) in factors {
        for (log, (re, im)) in factor.logs(nodes.clone(), SPACING).into_iter().zip(&mut sums) {
            let log = log.scale(count(*copies));
            re.add(log.re.min(Interval::ZERO));
            im.add(log.im);
        }
    }
    sums.iter().map(|(re, im)| -ComplexInterval::new(re.value(), im.value()).exp_m1()).collect()
}

/// `sum_{k > K} (D/pi) / (1/4 + k^2 D^2)`, given the sum up to K.
///
/// The whole sum is `coth(pi/2D)`; and the summand is convex, so the rest also lies between its trapezoidal and midpoint
/// integrals. Both enclosures are true, the second is the better one far out.
fn ones_beyond(so_far: Interval, q: Interval, nodes: u32) -> Interval {
    let whole = (q + 1.0) / (1.0 - q) - Interval::point(SPACING) * 2.0 / Interval::PI;
    let by_difference = whole - so_far;
    let t = f64::from(nodes) * SPACING;
    let next = t + SPACING;
    let below = weight_beyond(next) + kernel(next) * Interval::point(0.5 * SPACING) / Interval::PI;
    let above = weight_beyond(t + 0.5 * SPACING);
    let by_integral = Interval::new(below.lo(), above.hi());
    by_difference.intersect(by_integral).unwrap_or(by_difference)
}

/// The decay of |M| that a sum has reached.
struct Reach {
    /// A proved bound of `sup |M|` beyond the last node from those factors that have one (the others are at most 1).
    proved: f64,
    /// Whether every factor has one.
    all_known: bool,
}

fn reach(factors: &[(&dyn ChernoffFactor, u64)], t: f64) -> Reach {
    let mut reach = Reach { proved: 1.0, all_known: true };
    for (factor, copies) in factors {
        match factor.tail(t) {
            Some(bound) => {
                let product = Interval::point(reach.proved) * power_upper(bound, *copies);
                reach.proved = product.hi();
            }
            None => reach.all_known = false,
        }
    }
    reach
}

/// TV of a product of independent factors with copies.
///
/// # Promise
/// When every factor knows its tail and has no open error, the true total variation lies in the interval and the evidence is
/// certified. A factor without a proved tail makes the truncation term open: estimated by the largest |M| on the last
/// quarter of the grid.
///
/// # Errors
/// `NoEngine` when |M| does not decay far enough within the grid to say anything.
pub fn tv_of_factors(factors: &[(&dyn ChernoffFactor, u64)]) -> Result<Measured, NoEngine> {
    let q = (-(Interval::PI / SPACING)).exp();
    let step = Interval::point(SPACING) / Interval::PI;
    let mut sum = IntervalSum::new();
    let mut ones = IntervalSum::new();
    // |M| at the nodes, from above.
    let mut sizes: Vec<f64> = Vec::new();
    // Half of the node at 0: (D/2 pi) * 4 (1 - M(1/2)).
    sum.add(one_minus(factors, 0..1)[0].re * step * 2.0);
    let mut nodes = 0;
    loop {
        let runs = (0..CHUNK / RUN).into_par_iter().map(|i| nodes + 1 + i * RUN);
        let chunk: Vec<ComplexInterval> = runs.flat_map_iter(|k| one_minus(factors, k..k + RUN)).collect();
        for (k, value) in (nodes + 1..).zip(&chunk) {
            let weight = kernel(f64::from(k) * SPACING) * step;
            // |M| <= 1, so 1 - Re M lies in [0, 2].
            sum.add(value.re.clamp(0.0, 2.0) * weight);
            ones.add(weight);
            sizes.push((ComplexInterval::ONE - *value).norm().hi().min(1.0));
        }
        nodes += CHUNK;
        let t = f64::from(nodes) * SPACING;
        let beyond = weight_beyond(t).hi();
        let total = sum.value() + ones_beyond(ones.value(), q, nodes);
        let aim = RELATIVE_TRUNCATION * total.lo().max(f64::MIN_POSITIVE);
        let reach = reach(factors, t);
        let proved = (Interval::point(beyond) * reach.proved).hi();
        let seen = sizes[sizes.len() - sizes.len() / 4..].iter().copied().fold(0.0, f64::max);
        let last = nodes >= MAX_NODES;
        let mut ledger = Ledger::new();
        if proved <= aim || (last && reach.all_known) {
            ledger = ledger.bounded(Source::Truncation, proved, "the transform beyond the last node, |M| bounded");
        } else if (!reach.all_known && beyond * seen <= aim && nodes >= 4 * CHUNK) || last {
            let estimate = beyond * seen;
            if estimate > WORST_OPEN_TRUNCATION {
                return Err(NoEngine {
                    divergence: "tv",
                    why: format!(
                        "the transform has only decayed to {seen:.1e} at t = {t:.0}; its tail has no proved bound"
                    ),
                });
            }
            let why =
                "the transform beyond the last node, estimated from the decay seen; a bound of |M| would close it";
            ledger = ledger.open(Source::Truncation, estimate, why);
        } else {
            continue;
        }
        let relative = q * 2.0 / ((1.0 - q) * (1.0 - q.sqr()));
        let discretisation = (relative * total.hi().clamp(0.0, 1.0)).hi();
        ledger = ledger.bounded(Source::Discretisation, discretisation, "Poisson summation, relative to TV");
        for (factor, copies) in factors {
            ledger = ledger.and(&factor.ledger().scaled(count(*copies).hi()));
        }
        return Ok(Measured::with_ledger(total, ledger).clamped(0.0, 1.0));
    }
}
