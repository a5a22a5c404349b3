//! TV of Gaussians by a rotated contour: for few dimensions, or small distances, where M decays slowly on the line Re z = 1/2.
//!
//! ```text
//! TV = (1/pi) int (1 - M(z(v)))/cosh(v + ia) dv,      z(v) = 1/2 + (i/2) sinh(v + ia),      z(1 - z) = cosh^2(v + ia)/4
//! ```
//! M is analytic off the real rays outside [0, 1] and these contours cross the real axis inside, so a may move freely in
//! (-pi/2, pi/2) as long as M stays bounded far out. The trapezoidal sum of spacing h has three errors, all proved.
//!
//! *Discretisation.* For a function analytic in the strip `|Im| <= b` around the contour: at most `(N(a+b) + N(a-b))/(e^{2 pi b/h} - 1)`
//! with N the L1 norm on the two edges, here bounded by `int (1 + |M|)/|cosh|`, the maximum of |M| being enclosed cell by cell. One
//! edge is the line Re z = 1/2, where |M| <= 1.
//!
//! *Growth.* With `s = 1 - z`, `w = 1 + se` and `alpha = (1 + e)/e^2`,
//! ```text
//! z(1-z)/w = -s/e + alpha (1 - 1/w),      ln|M| = k Re s - sum [1/2 ln|w| + 1/2 u^2 alpha Re(1 - 1/w)] - 1/2 u_0^2 Re z(1-z),
//! k = 1/2 sum [ln(1 + e) + u^2/e]  over the directions with e != 0,   u_0 the shift in those with e = 0.
//! ```
//! So far out |M| behaves like `e^{k Re s}`: the strip lies on the side where this decays, and within `|a| <= pi/4` when u_0 != 0.
//!
//! *Truncation* at v = V: beyond, the same formula with `|1/w| <= rho` bounds |M| once and for all.

use super::pinned::Exact;
use super::spectrum::Spectrum;
use crate::divergences::transform::count;
use crate::numerics::{ComplexInterval, Interval, IntervalSum};
use rayon::prelude::*;

/// A certified value and the error terms that are to be added to it.
pub(super) struct Contour {
    /// The trapezoidal sum, rounding included.
    pub sum: Interval,
    /// A bound of the discretisation error.
    pub discretisation: f64,
    /// A bound of the truncation error.
    pub truncation: f64,
}

/// The pair with what does not depend on z.
struct Pair<'a> {
    directions: Vec<&'a Exact>,
    spectrum: Spectrum,
    /// k.
    slope: Interval,
    /// The sign of a: Re s goes to -inf with a < 0 (needed for k > 0) and to +inf with a > 0.
    side: f64,
}

/// Far edges of the strip that are tried, widest first; the other edge is 0. With a pure shift only those below pi/4 count.
const EDGES: [f64; 8] = [1.375, 1.125, 0.75, 0.5, 0.3125, 0.1875, 0.09375, 0.03125];
/// The first of them below pi/4.
const FIRST_BELOW_QUARTER: usize = 2;
/// Relative accuracy aimed at: e^{-TARGET}.
const TARGET: f64 = 41.0;
/// Cells of the edge, per unit of v, before any is split, and how often a cell may be halved.
const CELLS_PER_UNIT: u32 = 4;
const MAX_DEPTH: u32 = 10;
/// Pieces of a cell over which 1/|cosh| is bounded.
const PIECES: u32 = 4;
/// Distance of the points by which an edge is judged at first.
const ESTIMATE_STEP: f64 = 0.5;
/// How often the growth counts when edges are compared: where |M| grows, cells have to be split.
const EFFORT: f64 = 4.0;
/// The largest ln|M| on the edge that is still worth a narrower spacing.
const MOST_GROWTH: f64 = 400.0;
/// The largest bound of `int (1 + |M|)/|cosh|` on the contour itself that is welcome; on the line Re z = 1/2 it is 2 pi.
const LARGEST_TERMS: f64 = 8.0;
/// The most nodes of a sum.
const MAX_NODES: f64 = 60_000.0;

/// cosh v and sinh v for v >= 0.
fn hyperbolic(v: Interval) -> (Interval, Interval) {
    let at = |v: f64| {
        let (e, x) = (Interval::point(v).exp(), Interval::point(v).exp_m1());
        ((e + Interval::ONE / e) * 0.5, (x + x / (x + 1.0)) * 0.5)
    };
    let ((c0, s0), (c1, s1)) = (at(v.lo()), at(v.hi()));
    // Both increase on v >= 0.
    (Interval::new(c0.lo().max(1.0), c1.hi()), Interval::new(s0.lo().max(0.0), s1.hi()))
}

/// A point (or a cell) of a contour.
struct Place {
    /// `2z - 1 = i sinh(v + ia)`.
    rho: ComplexInterval,
    /// `cosh(v + ia)`.
    cosh: ComplexInterval,
    /// `z(1 - z) = cosh^2(v + ia)/4`.
    quarter: ComplexInterval,
}

/// The contour of one angle.
struct Angle {
    cos: Interval,
    sin: Interval,
    /// `cos 2a` and `sin 2a`.
    cos_twice: Interval,
    sin_twice: Interval,
}

impl Angle {
    fn new(a: f64) -> Self {
        let (a, twice) = (Interval::point(a), Interval::point(a) * 2.0);
        Self { cos: a.cos(), sin: a.sin(), cos_twice: twice.cos(), sin_twice: twice.sin() }
    }

    fn at(&self, v: Interval) -> Place {
        let (cosh, sinh) = hyperbolic(v);
        let (cosh_twice, sinh_twice) = hyperbolic(v * 2.0);
        Place {
            rho: ComplexInterval::new(-(cosh * self.sin), sinh * self.cos),
            cosh: ComplexInterval::new(cosh * self.cos, sinh * self.sin),
            // cosh^2 = (1 + cosh 2(v + ia))/2.
            quarter: ComplexInterval::new(cosh_twice * self.cos_twice + 1.0, sinh_twice * self.sin_twice)
                .scale(Interval::point(0.125)),
        }
    }
}

impl<'a> Pair<'a> {
    fn new(all: &'a [Exact]) -> Option<Self> {
        let spectrum = Spectrum::new(all, true);
        let slope = spectrum.tilt + spectrum.pull_over * 0.25;
        let side = if slope.lo() > 0.0 {
            -1.0
        } else if slope.hi() < 0.0 {
            1.0
        } else {
            return None;
        };
        let directions = all.iter().filter(|d| !d.is_pure_shift()).collect();
        Some(Self { directions, spectrum, slope, side })
    }

    /// An upper bound of ln|M| over a cell, from the best of three forms: those of `spectrum`, with `rho x` in the logarithms or
    /// apart from them, and that with k.
    fn log_size(&self, place: &Place) -> f64 {
        let (s, x) = (&self.spectrum, place.rho.re);
        let sums = s.sums(place.rho);
        let flat = s.base - place.quarter.re * s.pure_shift;
        let pulled = flat - (place.quarter * sums.pull).re;
        let together = pulled - x * s.bend + sums.bulge.re;
        let apart = pulled - x * s.tilt - sums.log.re;
        // (1 - rho^2)/(1 - rho x) = rho/x + 1/x^2 - (1/x^2 - 1)/(1 - rho x).
        let lifted = flat - x * self.slope - sums.log.re - (s.pull_over_square - sums.lift.re) * 0.25;
        0.5 * together.hi().min(apart.hi()).min(lifted.hi())
    }

    /// A bound of |M| for every v >= `from` and every angle between 0 and `edge`.
    ///
    /// `|w| >= |Im w| = |e| sinh(v) cos(a)/2`, and everything else is monotone in v.
    fn beyond(&self, from: f64, edge: f64) -> f64 {
        let (_, sinh) = hyperbolic(Interval::point(from));
        let least_cos = Interval::point(edge).cos();
        // k Re s = k/2 + k cosh(v) sin(a)/2, and k sin(a) <= 0.
        let mut log = self.slope * 0.5;
        // Re z(1-z) >= (1 + cosh(2v) cos(2 edge))/8 grows with v.
        let (twice, _) = hyperbolic(Interval::point(from) * 2.0);
        log -= self.spectrum.pure_shift * (twice * (Interval::point(edge) * 2.0).cos() + 1.0) * 0.0625;
        for d in &self.directions {
            let w = d.e.abs() * sinh * least_cos * 0.5;
            let rho = Interval::ONE / Interval::point(w.lo());
            let alpha = d.ratio / d.e.sqr();
            log += count(d.copies) * 0.5 * (rho.ln() + d.shift() * alpha * (rho - 1.0));
        }
        Interval::point(log.hi()).exp().hi()
    }

    /// Bounds of |M| over cells of a contour from 0 to `until`; `None` when M grows too much.
    fn profile(&self, a: f64, until: f64) -> Option<Profile> {
        let angle = Angle::new(a);
        let count = (until * f64::from(CELLS_PER_UNIT)).ceil() as u32;
        let width = 1.0 / f64::from(CELLS_PER_UNIT);
        let found: Vec<Option<Vec<Cell>>> = (0..count)
            .into_par_iter()
            .map(|k| {
                let mut cells = Vec::new();
                self.split(&angle, f64::from(k) * width, width, 0, &mut cells).then_some(cells)
            })
            .collect();
        let cells: Option<Vec<Vec<Cell>>> = found.into_iter().collect();
        Some(Profile { cells: cells?.concat() })
    }

    /// Appends the cells of `[start, start + width]`; false when M grows too much.
    fn split(&self, angle: &Angle, start: f64, width: f64, depth: u32, cells: &mut Vec<Cell>) -> bool {
        let place = angle.at(Interval::new(start, start + width));
        let log = self.log_size(&place);
        if log > 1.0 && depth < MAX_DEPTH {
            // Splitting is worth its while as long as the bound is far above the value in the middle.
            let there = self.log_size(&angle.at(Interval::point(start + 0.5 * width)));
            if there > MOST_GROWTH {
                return false;
            }
            if log > there.max(0.0) + 1.0 {
                let half = 0.5 * width;
                return self.split(angle, start, half, depth + 1, cells)
                    && self.split(angle, start + half, half, depth + 1, cells);
            }
        }
        let piece = width / f64::from(PIECES);
        let weight: Interval = (0..PIECES)
            .map(|k| start + f64::from(k) * piece)
            .map(|v| Interval::point((piece / angle.at(Interval::new(v, v + piece)).cosh.norm()).hi()))
            .sum();
        let norm = (Interval::point(log).exp() + 1.0) * weight;
        cells.push(Cell { end: start + width, log, norm: norm.hi() });
        log <= MOST_GROWTH
    }

    /// How far `ln(|M|/|cosh|)` seems to grow on an edge, from points up to where |M| has died; `None` when it is too much.
    fn growth(&self, a: f64, until: f64) -> Option<f64> {
        let angle = Angle::new(a);
        let mut most: f64 = 0.0;
        for k in 0..(until / ESTIMATE_STEP) as u32 {
            let v = f64::from(k) * ESTIMATE_STEP;
            let log = self.log_size(&angle.at(Interval::point(v)));
            most = most.max(log - v);
            if log > MOST_GROWTH {
                return None;
            }
            if log < -TARGET {
                break;
            }
        }
        Some(most)
    }

    /// `(1 - M)/cosh` at a node, its real part.
    fn summand(&self, angle: &Angle, v: f64) -> Interval {
        let place = angle.at(Interval::point(v));
        let mut log = self.spectrum.log(place.rho, place.quarter);
        if log.re.width() > 1e-3 {
            // Far out the terms of ln|M| nearly cancel; the form without that cancellation bounds it better from above.
            let most = self.log_size(&place);
            log.re = Interval::new(log.re.lo().min(most), log.re.hi().min(most));
        }
        let one_minus = -log.exp_m1();
        (one_minus / place.cosh).re
    }
}

/// `(1 - M)/cosh` at a node, its real part, when all that is known of M is a bound of ln|M|.
fn summand_beside(angle: &Angle, v: f64, log: f64) -> Interval {
    let m = ComplexInterval::disc(Interval::point(log).exp().hi());
    ((ComplexInterval::ONE - m) / angle.at(Interval::point(v)).cosh).re
}

/// A strip of analyticity, between the line Re z = 1/2 and the angle `edge`.
struct Strip {
    edge: f64,
    spacing: f64,
    end: f64,
    /// A bound of `int (1 + |M|)/|cosh|` over both edges.
    norm: f64,
    /// Bounds of |M| half-way, where the sum is taken.
    middle: Option<Profile>,
}

/// A piece of a contour, from the end of the one before.
#[derive(Clone, Copy, Debug)]
struct Cell {
    end: f64,
    /// A bound of ln|M|.
    log: f64,
    /// A bound of `int (1 + |M|)/|cosh|`.
    norm: f64,
}

/// Bounds of |M| along a contour.
struct Profile {
    cells: Vec<Cell>,
}

impl Profile {
    /// A bound of `int (1 + |M|)/|cosh|`, both halves.
    fn norm(&self) -> f64 {
        (self.cells.iter().map(|cell| Interval::point(cell.norm)).sum::<Interval>() * 2.0).hi()
    }

    /// A bound of ln|M| at v.
    fn log_at(&self, v: f64) -> f64 {
        let after = self.cells.partition_point(|cell| cell.end < v);
        self.cells.get(after).map_or(f64::INFINITY, |cell| cell.log)
    }
}

/// `int_V^inf dv/|cosh(v + ia)| <= 2 e^{-V}/(1 - e^{-2V})`, which also bounds the sum of the nodes beyond V times h.
fn weight_beyond(v: f64) -> Interval {
    (-Interval::point(v)).exp() * 2.0 / (1.0 - (Interval::point(v) * -2.0).exp())
}

/// TV of the product of the directions, about `size` in magnitude; `None` when no strip can be certified.
pub(super) fn total_variation(directions: &[Exact], size: f64) -> Option<Contour> {
    let pair = Pair::new(directions)?;
    let smallest = pair.directions.iter().map(|d| d.e.abs().lo()).fold(f64::INFINITY, f64::min);
    if smallest == 0.0 || size <= 0.0 {
        return None;
    }
    let extra = -size.min(1.0).ln();
    let first = if pair.spectrum.pure_shift.hi() > 0.0 { FIRST_BELOW_QUARTER } else { 0 };
    let spacing = |edge: f64, log_norm: f64| std::f64::consts::PI * edge / (TARGET + extra + log_norm);
    // |w| must be large for every direction at the end, and e^{-V} small.
    let end = |edge: f64| {
        let turn = (64.0 / (smallest * edge.cos())).ln().max(0.0);
        (TARGET + extra).max(turn + 4.0).ceil()
    };
    // The strips by the number of nodes they seem to need; the bound itself decides.
    let mut strips: Vec<(f64, f64)> = EDGES[first..]
        .par_iter()
        .filter_map(|&edge| Some((edge, spacing(edge, EFFORT * pair.growth(pair.side * edge, end(edge))?))))
        .collect();
    strips.sort_by(|a, b| b.1.total_cmp(&a.1));
    let Strip { edge, spacing, end, norm, middle } = strips.into_iter().find_map(|(edge, _)| {
        let end = end(edge);
        let bound = pair.beyond(end, edge);
        if bound.is_nan() || bound > 1e6 {
            return None;
        }
        // The terms of the sum must not be much larger than their result.
        let middle = pair.profile(pair.side * 0.5 * edge, end);
        if middle.as_ref().is_none_or(|middle| middle.norm() > LARGEST_TERMS) && edge > EDGES[EDGES.len() - 1] {
            return None;
        }
        let far = pair.profile(pair.side * edge, end)?.norm();
        let norm = (Interval::point(far) + weight_beyond(end) * (bound + 1.0) * 2.0 + Interval::PI * 2.0).hi();
        Some(Strip { edge, spacing: spacing(edge, norm.ln()), end, norm, middle })
    })?;
    // Few significant bits, so that every node is exact.
    let unit = 2.0_f64.powi(spacing.log2().floor() as i32 - 6);
    let h = (spacing / unit).floor() * unit;
    let nodes = (end / h).ceil();
    if nodes > MAX_NODES {
        return None;
    }
    let a = pair.side * 0.5 * edge;
    let angle = Angle::new(a);
    let summand = |v: f64| match middle.as_ref().map(|middle| middle.log_at(v)) {
        // M is too small to be worth computing.
        Some(log) if log < -(TARGET + extra) => summand_beside(&angle, v, log),
        _ => pair.summand(&angle, v),
    };
    let mut sum = IntervalSum::new();
    sum.add(summand(0.0) * 0.5);
    // Collected in order: the sum does not depend on the number of threads.
    let terms: Vec<Interval> = (1..=nodes as u32).into_par_iter().map(|k| summand(f64::from(k) * h)).collect();
    terms.into_iter().for_each(|term| sum.add(term));
    let last = nodes * h;
    let decay = (Interval::PI * edge / h).exp() - 1.0;
    let bound = pair.beyond(last, 0.5 * edge);
    Some(Contour {
        sum: sum.value() * (2.0 * h) / Interval::PI,
        discretisation: (Interval::point(norm) / decay / Interval::PI).hi(),
        truncation: (weight_beyond(last) * (bound + 1.0) * 2.0 / Interval::PI).hi(),
    })
}
