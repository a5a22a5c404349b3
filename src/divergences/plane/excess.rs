//! Total variation in the plane: `TV = (1/2) int |q - p|`, cell by cell.
//!
//! About the centre of a cell `f = q - p = a + b x + c y + rest`, the rest being bounded by second derivatives. Where
//! `|a| > |b| h + |c| k + sup |rest|` the sign of f is known and `int |f| = |int f|`, by quadrature; elsewhere
//! `int |f| = int |a + b x + c y|` up to the mean of the rest, which is of third order in the size of the cell along the curve on
//! which f vanishes. The cell with the largest error is cut next.

use super::affine::mean_absolute;
use super::component::Cell;
use super::law::{PlaneLaw, hull};
use super::nodes::{Nodes, ellipse};
use super::tails;
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Standard deviations around every mean that are looked at.
const REACH: f64 = 9.0;
/// The width aimed at.
const AIM: f64 = 2e-9;
/// The most cells.
const MOST: usize = 60_000;
/// What the two rules may miss on one cell before it is cut.
const MISSED: (f64, f64) = (1e-14, 1e-13);
/// The rectangle is widened by at most about one part in this many.
const FIRST_CELLS: f64 = 8.0;

/// One cell with what is known of `int |q - p|` on it.
struct Piece {
    cell: Cell,
    value: Interval,
    /// Its error, which cutting it would reduce.
    rank: f64,
    /// Which cut helps more.
    along_x: bool,
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Piece {}
impl PartialOrd for Piece {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Piece {
    fn cmp(&self, other: &Self) -> Ordering {
        // Ties are broken by position, so that the order of cutting never depends on the heap's layout.
        let place = |c: &Cell| [c.x.0, c.y.0, c.x.1, c.y.1];
        let tie = || {
            let (a, b) = (place(&self.cell), place(&other.cell));
            a.iter().zip(&b).map(|(a, b)| b.total_cmp(a)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        };
        self.rank.total_cmp(&other.rank).then_with(tie)
    }
}

/// TV(q, p).
///
/// # Promise
/// Contains the distance.
pub(super) fn total_variation(q: &PlaneLaw, p: &PlaneLaw) -> Measured {
    let whole = dyadic(hull(q.reach(REACH), p.reach(REACH)));
    let look = Look { q, p, four: Nodes::four(), sixteen: Nodes::sixteen() };
    let mut heap: BinaryHeap<Piece> = BinaryHeap::from([look.at(whole)]);
    let mut done = IntervalSum::new();
    let mut cells = 1;
    // The errors of all cells in the heap, up to rounding; it decides only when to stop.
    let mut error = f64::INFINITY;
    while error > 2.0 * AIM && cells < MOST {
        for _ in 0..256 {
            let Some(top) = heap.pop() else { break };
            match (top.rank > 0.0).then(|| top.cell.halves(top.along_x)).flatten() {
                Some(halves) => {
                    cells += 2;
                    halves.into_iter().for_each(|half| heap.push(look.at(half)));
                }
                None => done.add(top.value),
            }
        }
        error = heap.iter().map(|piece| piece.rank).sum();
    }
    heap.iter().for_each(|piece| done.add(piece.value));
    let tail = (tails::mass(q, &whole) + tails::mass(p, &whole)) * 0.5;
    let inside = done.value() * 0.5;
    let value = (inside + Interval::new(0.0, tail.hi())).clamp(0.0, 1.0);
    let ledger = Ledger::new()
        .bounded(
            Source::Discretisation,
            inside.width(),
            "cells on the curve q = p, remainders of quadrature and rounding",
        )
        .bounded(Source::Truncation, tail.hi(), "mass of both laws outside a rectangle of nine standard deviations");
    Measured::enclosed(value, ledger)
}

/// A rectangle around the given one whose ends are multiples of a power of two, so that its cells have exact centres.
fn dyadic(cell: Cell) -> Cell {
    let side = |(a, b): (f64, f64)| {
        let unit = ((b - a) / FIRST_CELLS).log2().ceil().exp2();
        if !(unit > 0.0 && unit.is_finite()) {
            return (a, b);
        }
        let down = (a / unit).floor() * unit;
        let up = (b / unit).ceil() * unit;
        // A width of 16 units.
        (down, if up - down <= 16.0 * unit { down + 16.0 * unit } else { up })
    };
    Cell { x: side(cell.x), y: side(cell.y) }
}

/// The two laws and the rules.
struct Look<'a> {
    q: &'a PlaneLaw,
    p: &'a PlaneLaw,
    four: Nodes,
    sixteen: Nodes,
}

impl Look<'_> {
    fn at(&self, cell: Cell) -> Piece {
        let centre = (cell.x.0 + 0.5 * (cell.x.1 - cell.x.0), cell.y.0 + 0.5 * (cell.y.1 - cell.y.0));
        let (h, k) = (cell.x.1 - centre.0, cell.y.1 - centre.1);
        let exact = centre.0 - cell.x.0 == h
            && centre.1 - cell.y.0 == k
            && (Interval::point(cell.x.1) - centre.0).width() == 0.0
            && (Interval::point(cell.y.1) - centre.1).width() == 0.0;
        let (over_x, over_y) = (cell.over_x(), cell.over_y());
        let (x, y) = (Interval::point(centre.0), Interval::point(centre.1));
        let (mut a, mut b, mut c) = (Interval::ZERO, Interval::ZERO, Interval::ZERO);
        let (mut highest, mut rest, mut mean) = (Interval::ZERO, Interval::ZERO, Interval::ZERO);
        let mut bend = (Interval::ZERO, Interval::ZERO);
        for (law, sign) in [(self.q, 1.0), (self.p, -1.0)] {
            for part in &law.components {
                let at = part.whitened(x, y);
                let value = (part.constant - (at.0.sqr() + at.1.sqr()) * 0.5).exp() * sign;
                let slope = part.slope_of_form(at);
                a += value;
                b -= value * slope.0;
                c -= value * slope.1;
                let over = part.whitened(over_x, over_y);
                let (u, v) = (Interval::point(over.0.magnitude()), Interval::point(over.1.magnitude()));
                let most = Interval::point((part.constant - (over.0.sqr() + over.1.sqr()) * 0.5).exp().hi());
                let (du, dv) = part.lengths(h, k);
                let across = (u * du + v * dv).sqr().max(du.sqr() + dv.sqr());
                highest += most;
                rest += most * across * 0.5;
                let curved = most * (u.sqr() + v.sqr()).max(Interval::ONE);
                let (px, py) = part.precision();
                bend.0 += curved * px * Interval::point(h).sqr();
                bend.1 += curved * py * Interval::point(k).sqr();
            }
        }
        mean += (bend.0 + bend.1) / 6.0;
        let area = cell.area();
        let along_x = bend.0.hi() >= bend.1.hi();
        let crude = Interval::new(0.0, (highest * area).hi());
        if !exact {
            return Piece { cell, value: crude, rank: 0.0, along_x };
        }
        let (b, c) = (b * h, c * k);
        let known = a.abs().lo() > (b.abs() + c.abs() + rest).hi();
        let near = (mean_absolute(a, b, c).widen(mean.hi()) * area).max(Interval::ZERO);
        let near = near.intersect(crude).unwrap_or(crude);
        // How much of the width is not rounding.
        let loss = (mean * area).hi().min(near.width());
        if loss <= 0.1 * MISSED.0 {
            return Piece { cell, value: near, rank: 0.0, along_x };
        }
        if known {
            for (rule, allowed) in [(&self.four, MISSED.0), (&self.sixteen, MISSED.1)] {
                let missed = self.missed(rule, &cell, (x, y), (h, k));
                if missed <= allowed {
                    let f = |x: Interval, y: Interval| {
                        let sum = |law: &PlaneLaw| law.components.iter().map(|c| c.ln(x, y).exp()).sum::<Interval>();
                        sum(self.q) - sum(self.p)
                    };
                    let value = rule.apply(&cell, f).widen(missed).abs();
                    let value = value.intersect(near).unwrap_or(near);
                    return Piece { cell, value, rank: 0.0, along_x };
                }
            }
        }
        Piece { cell, value: near, rank: loss, along_x }
    }

    /// What a rule misses of `int f`: along each axis the ellipse that suits the sharpest component there, on which
    /// `|w N(x + i t, y)| = w N(x, y) e^{t^2 (S^-1)_11/2}`.
    fn missed(&self, rule: &Nodes, cell: &Cell, (x, y): (Interval, Interval), (h, k): (f64, f64)) -> f64 {
        let all = || self.q.components.iter().chain(&self.p.components);
        let mut missed = Interval::ZERO;
        for along_x in [true, false] {
            let half = if along_x { h } else { k };
            let sharp = all().map(|c| if along_x { c.precision().0.hi() } else { c.precision().1.hi() });
            let sharpest = sharp.fold(0.0, f64::max).sqrt() * half;
            let r = (rule.growth() / sharpest).clamp(1.5, 1e3);
            let (real, imaginary) = ellipse(r);
            let wide = Interval::around(0.0, (Interval::point(half) * real).hi());
            let (over_x, over_y) = if along_x { (x + wide, cell.over_y()) } else { (cell.over_x(), y + wide) };
            let most: Interval = all()
                .map(|c| {
                    let precision = if along_x { c.precision().0 } else { c.precision().1 };
                    let lifted = (Interval::point(half) * imaginary).sqr() * precision * 0.5;
                    Interval::point((c.ln(over_x, over_y) + lifted).exp().hi())
                })
                .sum();
            missed += most * Interval::point(rule.ln_missed(r)).exp();
        }
        (missed * 2.0 * h * k).hi()
    }
}
