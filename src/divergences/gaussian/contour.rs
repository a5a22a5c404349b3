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

use super::factor::bend;
use super::pinned::Exact;
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
    directions: Vec<(&'a Exact, Bent)>,
    /// `u_0^2`.
    pure_shift: Interval,
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
const CELLS_PER_UNIT: u32 = 8;
const MAX_DEPTH: u32 = 10;
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
    /// `Re s`.
    x: Interval,
    /// `Im s`, <= 0.
    y: Interval,
    /// `cosh(v + ia)`.
    cosh: ComplexInterval,
    /// `1/2 - s = (i/2) sinh(v + ia)`.
    r: ComplexInterval,
}

/// The contour of one angle.
struct Angle {
    cos: Interval,
    sin: Interval,
    /// `cos 2a`.
    cos_twice: Interval,
}

impl Angle {
    fn new(a: f64) -> Self {
        let a = Interval::point(a);
        Self { cos: a.cos(), sin: a.sin(), cos_twice: (a * 2.0).cos() }
    }

    fn at(&self, v: Interval) -> Place {
        let (cosh, sinh) = hyperbolic(v);
        Place {
            x: (cosh * self.sin + 1.0) * 0.5,
            y: -(sinh * self.cos) * 0.5,
            cosh: ComplexInterval::new(cosh * self.cos, sinh * self.sin),
            r: ComplexInterval::new(cosh * self.sin * -0.5, sinh * self.cos * 0.5),
        }
    }
}

/// What the shape of a direction contributes at every z.
struct Bent {
    /// `x = e/(2 + e)`.
    x: Interval,
    /// `atanh x - x`.
    bend: Interval,
    /// `1/2 ln(1 - x^2)`.
    base: Interval,
}

impl Bent {
    fn new(d: &Exact) -> Self {
        let x = d.e / (d.ratio + 1.0);
        Self { x, bend: bend(x, d.log), base: (d.e.sqr() / (d.ratio * 4.0)).ln_1p() * -0.5 }
    }

    /// `s ln(1 + e) - ln(1 + se)`, without cancellation: with `r = 1/2 - s` and `y = 2 r x`,
    ///
    /// ```text
    /// = 1/2 ln(1 - x^2) - 2 r (atanh x - x) - [y + ln(1 - y)].
    /// ```
    fn shape(&self, r: ComplexInterval) -> ComplexInterval {
        let twice = r.scale(Interval::point(2.0));
        let y = twice.scale(self.x);
        ComplexInterval::real(self.base) - twice.scale(self.bend) - excess(y)
    }
}

/// `y + ln(1 - y) = -sum_{k >= 2} y^k/k`.
fn excess(y: ComplexInterval) -> ComplexInterval {
    let size = y.norm();
    if size.hi() >= 0.3 {
        return y + (-y).ln_1p();
    }
    // The rest after K terms is at most |y|^{K+1}/((K+1)(1 - |y|)), here relative to y^2; fewer terms do for smaller y.
    let terms = if size.hi() < 1e-3 { 7 } else { 34 };
    let mut series = ComplexInterval::ZERO;
    for k in (2..=terms).rev() {
        series = series * y + ComplexInterval::real(Interval::ONE / f64::from(k));
    }
    let rest = size.powi(terms - 1) / (f64::from(terms + 1) * (1.0 - size));
    -(y.sqr() * (series + ComplexInterval::disc(rest.hi())))
}

impl<'a> Pair<'a> {
    fn new(all: &'a [Exact]) -> Option<Self> {
        let (flat, directions): (Vec<&Exact>, Vec<&Exact>) = all.iter().partition(|d| d.is_pure_shift());
        let pure_shift = flat.iter().map(|d| d.shift() * count(d.copies)).collect::<IntervalSum>().value();
        let slope =
            directions.iter().map(|d| (d.log + d.shift() / d.e) * count(d.copies)).collect::<IntervalSum>().value()
                * 0.5;
        let side = if slope.lo() > 0.0 {
            -1.0
        } else if slope.hi() < 0.0 {
            1.0
        } else {
            return None;
        };
        let directions = directions.into_iter().map(|d| (d, Bent::new(d))).collect();
        Some(Self { directions, pure_shift, slope, side })
    }

    /// `ln M`.
    fn log(&self, place: &Place) -> ComplexInterval {
        let s = ComplexInterval::new(place.x, place.y);
        // z (1 - z) = cosh^2/4.
        let quarter = place.cosh.sqr().scale(Interval::point(0.25));
        let (mut re, mut im) = (IntervalSum::new(), IntervalSum::new());
        let mut add = |term: ComplexInterval| {
            re.add(term.re);
            im.add(term.im);
        };
        add(quarter.scale(self.pure_shift * -0.5));
        for (d, bent) in &self.directions {
            let mut term = bent.shape(place.r);
            if d.u != 0.0 {
                let w = s.scale(d.e) + ComplexInterval::ONE;
                term = term - (quarter / w).scale(d.shift());
            }
            add(term.scale(count(d.copies) * 0.5));
        }
        ComplexInterval::new(re.value(), im.value())
    }

    /// An upper bound of ln|M| over a cell, from the better of the two forms of the quadratic terms.
    fn log_size(&self, place: &Place, angle: &Angle, v: Interval) -> f64 {
        let (x, y) = (place.x, place.y);
        // Re z(1-z) = (1 + cosh 2v cos 2a)/8.
        let real = (hyperbolic(v * 2.0).0 * angle.cos_twice + 1.0) * 0.125;
        let imaginary = place.cosh.re * place.cosh.im * 0.5;
        let mut direct = -(self.pure_shift * real * 0.5);
        let mut apart = direct + self.slope * x;
        for (d, _) in &self.directions {
            let n = count(d.copies) * 0.5;
            let (wx, wy) = (d.e * x + 1.0, d.e * y);
            let square = wx.sqr() + wy.sqr();
            let half_log = square.ln() * 0.5;
            direct += n * (x * d.log - half_log);
            apart -= n * half_log;
            if d.u != 0.0 {
                direct -= n * d.shift() * (real * wx + imaginary * wy) / square;
                let alpha = d.ratio / d.e.sqr();
                apart -= n * d.shift() * alpha * (1.0 - wx / square);
            }
        }
        direct.hi().min(apart.hi())
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
        log -= self.pure_shift * (twice * (Interval::point(edge) * 2.0).cos() + 1.0) * 0.0625;
        for (d, _) in &self.directions {
            let w = d.e.abs() * sinh * least_cos * 0.5;
            let rho = Interval::ONE / Interval::point(w.lo());
            let alpha = d.ratio / d.e.sqr();
            log += count(d.copies) * 0.5 * (rho.ln() + d.shift() * alpha * (rho - 1.0));
        }
        Interval::point(log.hi()).exp().hi()
    }

    /// A bound of `int (1 + |M|)/|cosh|` over the edge's cells up to `until`, both halves; `None` when M grows too much.
    fn norm_on_edge(&self, edge: f64, until: f64) -> Option<f64> {
        let angle = Angle::new(edge);
        let mut total = Interval::ZERO;
        let cells = (until * f64::from(CELLS_PER_UNIT)).ceil() as u32;
        let width = 1.0 / f64::from(CELLS_PER_UNIT);
        let found: Vec<Option<Interval>> =
            (0..cells).into_par_iter().map(|k| self.cell(&angle, f64::from(k) * width, width, 0)).collect();
        for cell in found {
            total += cell?;
        }
        Some((total * 2.0).hi())
    }

    fn cell(&self, angle: &Angle, start: f64, width: f64, depth: u32) -> Option<Interval> {
        let v = Interval::new(start, start + width);
        let place = angle.at(v);
        let log = self.log_size(&place, angle, v);
        if log > 1.0 && depth < MAX_DEPTH {
            // Splitting is worth its while as long as the bound is far above the value in the middle.
            let middle = Interval::point(start + 0.5 * width);
            let there = self.log_size(&angle.at(middle), angle, middle);
            if log > there.max(0.0) + 1.0 {
                let half = 0.5 * width;
                return Some(
                    self.cell(angle, start, half, depth + 1)? + self.cell(angle, start + half, half, depth + 1)?,
                );
            }
        }
        if log.is_nan() || log > MOST_GROWTH {
            return None;
        }
        let size = Interval::point(log).exp() + 1.0;
        Some(Interval::point((size / place.cosh.norm()).hi()) * width)
    }

    /// `(1 - M)/cosh` at a node, its real part.
    fn summand(&self, angle: &Angle, v: f64) -> Interval {
        let place = angle.at(Interval::point(v));
        let mut log = self.log(&place);
        if log.re.width() > 1e-3 {
            // Far out the terms of ln|M| nearly cancel; the form without that cancellation bounds it better from above.
            let most = self.log_size(&place, angle, Interval::point(v));
            log.re = Interval::new(log.re.lo().min(most), log.re.hi().min(most));
        }
        let one_minus = -log.exp_m1();
        (one_minus / place.cosh).re
    }
}

/// `int_V^inf dv/|cosh(v + ia)| <= 2 e^{-V}/(1 - e^{-2V})`, which also bounds the sum of the nodes beyond V times h.
fn weight_beyond(v: f64) -> Interval {
    (-Interval::point(v)).exp() * 2.0 / (1.0 - (Interval::point(v) * -2.0).exp())
}

/// TV of the product of the directions, about `size` in magnitude; `None` when no strip can be certified.
pub(super) fn total_variation(directions: &[Exact], size: f64) -> Option<Contour> {
    let pair = Pair::new(directions)?;
    let smallest = pair.directions.iter().map(|(d, _)| d.e.abs().lo()).fold(f64::INFINITY, f64::min);
    if smallest == 0.0 || size <= 0.0 {
        return None;
    }
    let extra = -size.min(1.0).ln();
    let first = if pair.pure_shift.hi() > 0.0 { FIRST_BELOW_QUARTER } else { 0 };
    // The strip that needs the fewest nodes, by the bound itself.
    let mut best: Option<(f64, f64, f64, f64)> = None;
    for &edge in &EDGES[first..] {
        // |w| must be large for every direction at the end, and e^{-V} small.
        let turn = (64.0 / (smallest * edge.cos())).ln().max(0.0);
        let end = (TARGET + extra).max(turn + 4.0).ceil();
        let bound = pair.beyond(end, edge);
        if bound.is_nan() || bound > 1e6 {
            continue;
        }
        // The terms of the sum must not be much larger than their result.
        let middle = pair.norm_on_edge(pair.side * 0.5 * edge, end);
        if middle.is_none_or(|norm| norm > LARGEST_TERMS) && edge > EDGES[EDGES.len() - 1] {
            continue;
        }
        let Some(norm) = pair.norm_on_edge(pair.side * edge, end) else { continue };
        let norm = (Interval::point(norm) + weight_beyond(end) * (bound + 1.0) * 2.0 + Interval::PI * 2.0).hi();
        let spacing = std::f64::consts::PI * edge / (TARGET + extra + norm.ln());
        if best.is_none_or(|b| spacing > b.1) {
            best = Some((edge, spacing, end, norm));
        } else {
            break;
        }
    }
    let (edge, spacing, end, norm) = best?;
    // Few significant bits, so that every node is exact.
    let unit = 2.0_f64.powi(spacing.log2().floor() as i32 - 6);
    let h = (spacing / unit).floor() * unit;
    let nodes = (end / h).ceil();
    if nodes > MAX_NODES {
        return None;
    }
    let a = pair.side * 0.5 * edge;
    let angle = Angle::new(a);
    let mut sum = IntervalSum::new();
    sum.add(pair.summand(&angle, 0.0) * 0.5);
    // Collected in order: the sum does not depend on the number of threads.
    let terms: Vec<Interval> =
        (1..=nodes as u32).into_par_iter().map(|k| pair.summand(&angle, f64::from(k) * h)).collect();
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
