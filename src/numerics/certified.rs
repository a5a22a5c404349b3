//! Integrals, suprema and sign changes enclosed beyond doubt, for functions given by interval arithmetic.

use super::jet::ORDER;
use super::{Interval, Jet};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// How many cells an adaptive method may use before it returns what it has.
const MAX_CELLS: usize = 20_000;

/// A splitting that leaves more than this part of a cell's width has gained nothing; so many in a row settle the cell.
const IDLE: f64 = 0.8;
const PATIENCE: u32 = 4;

/// A part `[a, b]` of the domain; the heap hands out the one with the largest `rank` first.
struct Cell {
    a: f64,
    b: f64,
    /// Enclosure of what the cell contributes.
    value: Interval,
    /// What splitting it could gain.
    rank: f64,
    /// How many splittings in a row gained next to nothing on the way to this cell.
    idle: u32,
}

impl Cell {
    /// The midpoint, when it lies strictly between the ends.
    fn middle(&self) -> Option<f64> {
        let middle = self.a + 0.5 * (self.b - self.a);
        (self.a < middle && middle < self.b).then_some(middle)
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Cell {}
impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        // Ties are broken by position, so that the order of splitting never depends on the heap's layout.
        self.rank.total_cmp(&other.rank).then_with(|| other.a.total_cmp(&self.a))
    }
}

/// `int_a^b f` on one panel in two parts.
struct Parts {
    /// The integral of the Taylor polynomial about the centre.
    value: Interval,
    /// The remainder over the whole panel.
    rest: Interval,
    /// Whether the higher terms outweigh the leading ones, so that rounding is that of large terms which cancel.
    cancelling: bool,
}

/// Taylor polynomial and remainder on one panel.
///
/// ```text
/// int = sum_{k even < K} 2 f_k(c) r^{k+1}/(k+1)  +  f_K([a, b]) 2 r^{K+1}/(K+1),     K = ORDER (even)
/// ```
fn taylor_parts(at_centre: &Jet, over_panel: &Jet, a: f64, b: f64) -> Parts {
    // The centre is rounded, so the two half-widths differ by a rounding error; both ends are enclosed exactly.
    let centre = panel_centre(a, b);
    let (left, right) = (Interval::point(a) - centre, Interval::point(b) - centre);
    let mut value = Interval::ZERO;
    let (mut leading, mut higher) = (0.0, 0.0);
    for k in 0..ORDER {
        let n = k as i32 + 1;
        let term = at_centre.coefficient(k) * (right.powi(n) - left.powi(n)) / f64::from(n);
        value += term;
        *if k < 4 { &mut leading } else { &mut higher } += term.magnitude();
    }
    let n = ORDER as i32 + 1;
    let rest = over_panel.coefficient(ORDER) * (right.powi(n) - left.powi(n)) / f64::from(n);
    // Negated, so that a NaN counts as cancelling.
    let settled = higher <= leading;
    Parts { value, rest, cancelling: !settled }
}

/// The point about which [`panel_integral`] expands.
#[must_use]
pub fn panel_centre(a: f64, b: f64) -> Interval {
    Interval::point(a + 0.5 * (b - a))
}

/// `int_a^b f` from the Taylor series of f at [`panel_centre`] and over the whole of `[a, b]`, for callers that share
/// series between many integrals.
///
/// # Promise
/// The true integral lies in the returned interval.
#[must_use]
pub fn panel_integral(at_centre: &Jet, over_panel: &Jet, a: f64, b: f64) -> Interval {
    let Parts { value, rest, .. } = taylor_parts(at_centre, over_panel, a, b);
    let crude = over_panel.value() * (Interval::point(b) - Interval::point(a));
    let total = value + rest;
    // Values over the whole panel give a second enclosure; both hold.
    total.intersect(crude).unwrap_or(total)
}

/// `int_a^b f` on one panel, with what splitting it could gain.
fn panel(f: &dyn Fn(&Jet) -> Jet, a: f64, b: f64) -> Cell {
    let at_centre = f(&Jet::variable(panel_centre(a, b)));
    let over_panel = f(&Jet::variable(Interval::new(a, b)));
    let Parts { value, rest, cancelling } = taylor_parts(&at_centre, &over_panel, a, b);
    let mut total = value + rest;
    let mut remainder = rest.width();
    // Once rounding dominates the remainder, and is not that of large terms which cancel, splitting cannot make the
    // enclosure narrower.
    if remainder <= 0.1 * value.width() && !cancelling {
        remainder = 0.0;
    }
    // Values over the whole panel give a second enclosure; it is the better one on very wide panels.
    let crude = over_panel.value() * (Interval::point(b) - Interval::point(a));
    if crude.width() < total.width() || !total.is_finite() {
        total = crude;
        remainder = crude.width();
    }
    if !total.is_finite() {
        remainder = f64::INFINITY;
    }
    Cell { a, b, value: total, rank: remainder, idle: 0 }
}

/// Encloses `int_a^b f(x) dx` for f given as a function of Taylor series, splitting panels until the part of the width that
/// is due to truncation is at most `tolerance` (absolute) or splitting no longer helps.
///
/// # Promise
/// The true integral lies in the returned interval, whatever the tolerance; a tolerance that cannot be met shows in the
/// width only. Needs f to be `ORDER` times differentiable on `[a, b]` in the sense that `f` maps the variable to an
/// enclosure of its Taylor coefficients; where `f` is not, the enclosure of its values alone is used.
#[must_use]
pub fn integrate(f: &dyn Fn(&Jet) -> Jet, a: f64, b: f64, tolerance: f64) -> Interval {
    integrate_over(f, &[a, b], tolerance)
}

/// The same over a partition given by ascending `knots` (kinks and jumps of f must be among them).
///
/// # Promise
/// As [`integrate`].
#[must_use]
pub fn integrate_over(f: &dyn Fn(&Jet) -> Jet, knots: &[f64], tolerance: f64) -> Interval {
    let mut quadrature = Refining::new(f, knots);
    quadrature.refine(tolerance);
    quadrature.value()
}

/// An integral whose tolerance is tightened step by step, within one budget of panels.
pub struct Refining<'a> {
    f: &'a dyn Fn(&Jet) -> Jet,
    heap: BinaryHeap<Cell>,
    /// Panels that cannot be split any further.
    stuck: Vec<Cell>,
}

impl<'a> Refining<'a> {
    /// `int f` over a partition given by ascending `knots` (kinks and jumps of f must be among them), one panel each.
    #[must_use]
    pub fn new(f: &'a dyn Fn(&Jet) -> Jet, knots: &[f64]) -> Self {
        let heap = knots.windows(2).filter(|w| w[0] < w[1]).map(|w| panel(f, w[0], w[1])).collect();
        Self { f, heap, stuck: Vec::new() }
    }

    /// Splits panels until the part of the width that is due to truncation is at most `tolerance`, or splitting no longer
    /// helps, or the budget is spent. Whether there is anything left to split for a smaller tolerance.
    pub fn refine(&mut self, tolerance: f64) -> bool {
        while self.heap.len() + self.stuck.len() < MAX_CELLS {
            let Some(worst) = self.heap.pop() else { return false };
            // No cell is worse than this one, so the total is at most their number times it.
            if worst.rank * (self.heap.len() + 1) as f64 <= tolerance {
                let more = worst.rank > 0.0;
                self.heap.push(worst);
                return more;
            }
            let Some(middle) = worst.middle() else {
                self.stuck.push(worst);
                continue;
            };
            let halves = [panel(self.f, worst.a, middle), panel(self.f, middle, worst.b)];
            let (width, left) = (worst.value.width(), halves[0].value.width() + halves[1].value.width());
            let idle = if width.is_finite() && left > IDLE * width { worst.idle + 1 } else { 0 };
            // What does not become narrower is known no better than that.
            let settled = idle >= PATIENCE;
            self.heap.extend(halves.map(|half| Cell { idle, rank: if settled { 0.0 } else { half.rank }, ..half }));
        }
        false
    }

    /// The integral.
    ///
    /// # Promise
    /// As [`integrate`].
    #[must_use]
    pub fn value(&self) -> Interval {
        let mut panels: Vec<&Cell> = self.heap.iter().chain(&self.stuck).collect();
        panels.sort_by(|p, q| p.a.total_cmp(&q.a));
        panels.iter().map(|p| p.value).sum()
    }
}

/// Encloses `sup_{a <= x <= b} f(x)` by branch and bound, until the enclosure is narrower than `relative` times its
/// magnitude or no cell can be split further.
///
/// # Promise
/// The true supremum lies in the returned interval when `f(X)` encloses `f(x)` for all x of X.
#[must_use]
pub fn supremum(f: &dyn Fn(Interval) -> Interval, a: f64, b: f64, relative: f64) -> Interval {
    let attained = |x: f64| f(Interval::point(x)).lo();
    let mut best = attained(a).max(attained(b));
    let cell = |a: f64, b: f64, ceiling: f64| {
        let value = f(Interval::new(a, b));
        Cell { a, b, value, rank: value.hi().min(ceiling), idle: 0 }
    };
    let mut heap = BinaryHeap::from([cell(a, b, f64::INFINITY)]);
    // The largest upper end among cells that cannot be split any further.
    let mut settled = f64::NEG_INFINITY;
    for _ in 0..MAX_CELLS {
        let Some(top) = heap.pop() else { break };
        if top.rank - best <= relative * best.abs() {
            heap.push(top);
            break;
        }
        let Some(middle) = top.middle() else {
            settled = settled.max(top.rank);
            continue;
        };
        best = best.max(attained(middle));
        for half in [cell(top.a, middle, top.rank), cell(middle, top.b, top.rank)] {
            if half.rank > best {
                heap.push(half);
            }
        }
    }
    let upper = heap.peek().map_or(best, |c| c.rank).max(settled).max(best);
    Interval::new(best, upper)
}

/// The parts of `[a, b]` on which the sign of f is known, and those on which it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Signs {
    /// Maximal intervals with `f > 0` (true) or `f < 0` (false) throughout, ascending.
    pub known: Vec<(f64, f64, bool)>,
    /// The remaining cells: tiny ones, and those on which f is negligible; they hold every zero of f.
    pub unknown: Vec<(f64, f64)>,
}

/// Splits `[a, b]` until on each cell the sign of f is known, `|f| <= negligible`, or the cell is narrower than `width`.
///
/// # Promise
/// Every zero of f lies in one of the `unknown` cells when `f(X)` encloses `f(x)` for all x of X.
#[must_use]
pub fn signs(f: &dyn Fn(Interval) -> Interval, (a, b): (f64, f64), width: f64, negligible: f64) -> Signs {
    let mut result = Signs { known: Vec::new(), unknown: Vec::new() };
    // Depth first, left to right, so that neighbouring cells of equal sign can be joined as they appear.
    let mut stack = vec![(a, b)];
    let mut cells = 0;
    while let Some((a, b)) = stack.pop() {
        cells += 1;
        let value = f(Interval::new(a, b));
        if value.lo() > 0.0 || value.hi() < 0.0 {
            let positive = value.lo() > 0.0;
            match result.known.last_mut() {
                Some(last) if last.1 == a && last.2 == positive => last.1 = b,
                _ => result.known.push((a, b, positive)),
            }
            continue;
        }
        let middle = a + 0.5 * (b - a);
        let small = value.magnitude() <= negligible;
        if small || b - a <= width || !(a < middle && middle < b) || cells > 10 * MAX_CELLS {
            result.unknown.push((a, b));
            continue;
        }
        stack.push((middle, b));
        stack.push((a, middle));
    }
    result
}
