//! A pair of laws whose parameters are exact numbers, near a whitened pair, and the distance between the two.
//!
//! For `N(u', I + A)` against `N(u, I + E)` with `X = (I+E)^{-1/2}(A - E)(I+E)^{-1/2}`, Pinsker's inequality and
//! `x - ln(1 + x) <= x^2/(2(1 - |x|))` give
//! ```text
//! TV <= (KL/2)^{1/2} <= 1/2 ( |X|_F^2 / (2(1 - |X|)) + |(I+E)^{-1/2}(u' - u)|^2 )^{1/2},
//! ```
//! and by the triangle inequality the total variations of the two pairs differ by at most that. Since the errors of E and u are
//! relative, so is this one.

use super::whitened::{Direction, Whitened};
use crate::divergences::transform::count;
use crate::numerics::Interval;

/// A direction with exact parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exact {
    /// The variance ratio minus 1; a single number, or the enclosure of one.
    pub e: Interval,
    /// The variance ratio; likewise.
    pub ratio: Interval,
    /// `ln(1 + e)`.
    pub log: Interval,
    /// The difference of the means.
    pub u: f64,
    /// How often.
    pub copies: u64,
}

impl Exact {
    /// A direction with this exact variance ratio minus 1.
    pub fn by_excess(e: f64, u: f64, copies: u64) -> Self {
        let e = Interval::point(e);
        Self { e, ratio: e + 1.0, log: e.ln_1p(), u, copies }
    }

    /// A direction with this exact variance ratio.
    fn by_ratio(ratio: f64, u: f64, copies: u64) -> Self {
        let ratio = Interval::point(ratio);
        Self { e: ratio - 1.0, ratio, log: ratio.ln(), u, copies }
    }

    /// `u^2`.
    pub fn shift(&self) -> Interval {
        Interval::point(self.u).sqr()
    }

    /// Whether the two variances are equal.
    pub fn is_pure_shift(&self) -> bool {
        self.e == Interval::ZERO
    }
}

/// Exact directions and a bound of the change of the total variation.
#[derive(Clone, Debug)]
pub(super) struct Pinned {
    /// The directions; those that change nothing are left out.
    pub directions: Vec<Exact>,
    /// A bound of the change.
    pub moved: f64,
}

/// Variance ratios this close to 1, relative to the size of the whole difference, are set to 1.
const NEGLIGIBLE: f64 = 1e-17;

/// The largest distance from `x` to a point of the interval.
fn reach(interval: Interval, x: f64) -> f64 {
    (interval - x).magnitude()
}

impl Pinned {
    /// The pair at the midpoints.
    pub fn new(pair: &Whitened) -> Self {
        let size = pair
            .directions
            .iter()
            .map(|d| (d.e.mid().powi(2) + d.u.mid().powi(2)) * d.copies as f64)
            .sum::<f64>()
            .sqrt();
        let mut errors = Errors::default();
        let mut directions = Vec::with_capacity(pair.directions.len());
        let mut block = pair.blocks.iter().peekable();
        let mut i = 0;
        while i < pair.directions.len() {
            if let Some(b) = block.next_if(|b| b.first == i) {
                let members = &pair.directions[i..i + b.len];
                let pinned: Vec<Exact> = members
                    .iter()
                    .map(|d| {
                        let e = d.e.mid();
                        let keep = e.abs() > (2.0 * b.shape_error).max(NEGLIGIBLE * size);
                        Exact::by_excess(if keep { e } else { 0.0 }, d.u.mid(), b.copies)
                    })
                    .collect();
                // What was set to 0 counts as an error of the block.
                let dropped: Interval =
                    members.iter().zip(&pinned).map(|(d, x)| (Interval::point(d.e.mid()) - x.e).sqr()).sum();
                let least = pinned.iter().map(|d| d.ratio.lo()).fold(1.0, f64::min);
                // Moving an enclosure's midpoint onto a number rounds it by at most its last place.
                let shape = (dropped.sqrt() + b.shape_error) * (1.0 + f64::EPSILON);
                errors.add(shape / least, Interval::point(b.shift_error) / Interval::point(least).sqrt(), b.copies);
                directions.extend(pinned);
                i += b.len;
                continue;
            }
            let d = &pair.directions[i];
            let exact = pin(d, size);
            let by_ratio = Interval::point(reach(d.ratio, exact.ratio.lo()).max(reach(d.ratio, exact.ratio.hi())));
            let by_excess = Interval::point(reach(d.e, exact.e.lo()).max(reach(d.e, exact.e.hi())));
            errors.add(
                by_ratio.min(by_excess) / exact.ratio.lo(),
                Interval::point(reach(d.u, exact.u)) / exact.ratio.sqrt().lo(),
                d.copies,
            );
            directions.push(exact);
            i += 1;
        }
        directions.retain(|d| !(d.is_pure_shift() && d.u == 0.0));
        Self { directions, moved: errors.total_variation() }
    }
}

impl Pinned {
    /// Moves one variance ratio by a relative `by`, so that a quantity that happens to vanish no longer does.
    pub fn nudge(&mut self, by: f64) {
        // The direction in which ln(1 + e) + u^2/e changes most.
        let leverage = |d: &Exact| {
            let e = d.e.mid();
            if e == 0.0 { 0.0 } else { (e / (1.0 + e) - d.u * d.u / e).abs() }
        };
        let Some(d) = self.directions.iter_mut().max_by(|a, b| leverage(a).total_cmp(&leverage(b))) else { return };
        let nudged = Exact::by_excess(d.e.mid() * (1.0 + by), d.u, d.copies);
        let mut errors = Errors::default();
        errors.add((nudged.e - d.e).abs() / d.ratio.lo().min(nudged.ratio.lo()), Interval::ZERO, d.copies);
        self.moved = (Interval::point(self.moved) + errors.total_variation()).hi();
        *d = nudged;
    }
}

fn pin(d: &Direction, size: f64) -> Exact {
    let (e, u) = (d.e.mid(), d.u.mid());
    if e.abs() <= NEGLIGIBLE * size {
        Exact::by_excess(0.0, u, d.copies)
    } else if e < -0.5 {
        Exact::by_ratio(d.ratio.mid(), u, d.copies)
    } else {
        Exact::by_excess(e, u, d.copies)
    }
}

/// `|X|_F^2`, the largest `|X|` of a factor and the squared whitened shift.
#[derive(Default)]
struct Errors {
    shape: f64,
    largest: f64,
    shift: f64,
}

impl Errors {
    fn add(&mut self, shape: Interval, shift: Interval, copies: u64) {
        self.shape = (Interval::point(shape.hi()).sqr() * count(copies) + self.shape).hi();
        self.shift = (Interval::point(shift.hi()).sqr() * count(copies) + self.shift).hi();
        self.largest = self.largest.max(shape.hi());
    }

    fn total_variation(&self) -> f64 {
        if self.largest.is_nan() || self.largest >= 0.5 || self.shape.is_nan() {
            return 1.0;
        }
        let shape = Interval::point(self.shape) / ((1.0 - Interval::point(self.largest)) * 2.0);
        ((shape + self.shift).sqrt() * 0.5).hi().min(1.0)
    }
}
