//! Laws on the line after steps without noise, by change of variables.
//!
//! A law with density rho is carried by `y = T(x)`, T a composition of deterministic kernels:
//! ```text
//! q(y) = sum over T(x) = y of rho(x)/|T'(x)|,     P(T(X) <= y) = rho-mass of {T <= y}.
//! ```
//! T and T' are kept as polynomials on panels that are halved until both are resolved; the line is taken apart into branches
//! on which T is continuous and monotone, so that a step too long for a steep score (the map folds) and scores that jump (it
//! tears) are carried as well. Where the map folds the density grows like the inverse square root of the distance.

mod flow;
mod table;
#[cfg(test)]
mod tests;

pub(super) use self::flow::Flow;
pub(super) use self::table::Table;
use self::table::{Branch, Scales};
use super::density1::{Density1, PoleNode};
use super::{Grid1, Panels1, Unsupported};
use crate::numerics::{Ledger, Rule, Source, gauss_legendre};
use crate::samplers::Block;
use crate::scores::ScoreField;
use crate::targets::Mixture1;
use std::sync::Arc;

/// Standard deviations out to which the map of a closed law is resolved; the density underflows there.
const REACH: f64 = 38.0;
/// By how much the mass may differ from 1 by the nodes of expectations.
const MASS: f64 = 1e-8;
/// Gauss-Legendre nodes per panel for expectations.
const NODES: usize = 16;
/// A slope below this counts as this: beside a fold it may round to 0, and the density must stay finite.
const FLAT: f64 = 1e-100;
/// Images this near to a fold, relatively, do not tell the points on its two sides: by symmetry these count alike.
const TWINS: f64 = 1e-12;
/// Panels towards a fold shrink by this factor, this many times.
const GRADING: f64 = 0.25;
const GRADES: i32 = 24;

/// The law that is carried.
#[derive(Clone, Debug)]
pub(super) enum Base {
    /// In closed form.
    Closed(Mixture1),
    /// On a grid.
    Grid(Grid1),
    /// On panels.
    Panels(Panels1),
}

impl Base {
    fn density(&self) -> &dyn Density1 {
        match self {
            Base::Closed(law) => law,
            Base::Grid(law) => law,
            Base::Panels(law) => law,
        }
    }

    /// Where the map must be known.
    fn reach(&self) -> (f64, f64) {
        let Base::Closed(law) = self else { return self.density().support() };
        law.means.iter().zip(&law.variances).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (m, v)| {
            (a.min(m - REACH * v.sqrt()), b.max(m + REACH * v.sqrt()))
        })
    }
}

/// A density on the line carried by a map.
#[derive(Clone, Debug)]
pub struct Pushed1 {
    base: Arc<Base>,
    flow: Flow,
    table: Arc<Table>,
    support: (f64, f64),
    scale: f64,
    noise: f64,
    tails: (f64, f64),
    mean: f64,
    variance: f64,
}

/// A refusal of this engine.
fn refuse(needs: &str) -> Unsupported {
    Unsupported { engine: "grid", needs: needs.to_string() }
}

impl Pushed1 {
    /// The image of `base` under the kernels of `blocks`, none of which adds noise.
    ///
    /// # Errors
    /// When a step overflows, or the map turns or jumps too often.
    pub(super) fn new(base: Base, blocks: Vec<Block>, s: &dyn ScoreField) -> Result<Self, Unsupported> {
        let flow = Flow::new(blocks, s);
        let law = base.density();
        let table = Table::new(&flow, law, base.reach())?;
        let mut carried = Self {
            support: (f64::INFINITY, f64::NEG_INFINITY),
            scale: law.variance().sqrt(),
            noise: table.rough_density(law),
            tails: tails(&table, law.tail_variance()),
            mean: 0.0,
            variance: 0.0,
            table: Arc::new(table),
            base: Arc::new(base),
            flow,
        };
        let noise = carried.base.density().noise();
        for (from, to, scale, slope) in carried.pieces() {
            carried.support = (carried.support.0.min(from), carried.support.1.max(to));
            carried.scale = carried.scale.min(scale);
            carried.noise = carried.noise.max(noise / slope.max(FLAT));
        }
        let mass = carried.expectation(&mut |_, out| out.fill(1.0));
        if (mass - 1.0).abs() > MASS {
            return Err(refuse("a law whose narrow modes the panels of the map see"));
        }
        carried.mean = carried.expectation(&mut |ys, out| out.copy_from_slice(ys));
        let mean = carried.mean;
        carried.variance =
            carried.expectation(&mut |ys, out| out.iter_mut().zip(ys).for_each(|(o, y)| *o = (y - mean) * (y - mean)));
        Ok(carried)
    }

    /// E Y.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Var Y.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The law before the steps, and the steps.
    pub(super) fn history(&self) -> (&Base, &[Block]) {
        (&self.base, self.flow.blocks())
    }

    /// The images of the panels that hold mass: from, to, the length on which the density may vary there, and the slope.
    fn pieces(&self) -> Vec<(f64, f64, f64, f64)> {
        let base = self.base.density();
        let ((lo, hi), scales) = (base.support(), Scales::new(base));
        let mut pieces = Vec::new();
        for branch in &self.table.branches {
            for (panel, (a, b)) in self.table.panels_of(branch) {
                if panel.from < hi && panel.to > lo && a != b {
                    let width = panel.to - panel.from;
                    let part = (scales.at(0.5 * (panel.from + panel.to)) / width).min(1.0);
                    pieces.push((a.min(b), a.max(b), (b - a).abs() * part, panel.steepness()));
                }
            }
        }
        pieces
    }

    /// `E f(Y)` for a function given on batches of points: by Gauss-Legendre quadrature over the law before the steps, on panels
    /// that resolve the map and the law.
    pub fn expectation(&self, f: &mut dyn FnMut(&[f64], &mut [f64])) -> f64 {
        let (base, rule) = (self.base.density(), gauss_legendre(NODES));
        let ((lo, hi), scales) = (base.support(), Scales::new(base));
        let (mut xs, mut weights, mut ys) = (Vec::new(), Vec::new(), Vec::new());
        for panel in self.table.panels.iter().filter(|panel| panel.from < hi && panel.to > lo) {
            let width = panel.to - panel.from;
            let count = (width / scales.at(0.5 * (panel.from + panel.to))).ceil().max(1.0);
            let half = 0.5 * width / count;
            for k in 0..count as usize {
                let centre = panel.from + half * (2 * k + 1) as f64;
                for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                    let x = centre + half * node;
                    xs.push(x);
                    ys.push(panel.carry(x).0);
                    weights.push(half * weight);
                }
            }
        }
        let (mut density, mut values) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        base.density(&xs, &mut density);
        f(&ys, &mut values);
        (0..xs.len()).map(|i| weights[i] * density[i] * values[i]).sum()
    }

    /// All points that are carried to the ys: which of them, the point, and |T'| there.
    fn preimages(&self, ys: &[f64]) -> (Vec<usize>, Vec<f64>, Vec<f64>) {
        let (mut which, mut xs, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
        for branch in &self.table.branches {
            let (a, b) = self.table.image(branch);
            for (i, &y) in ys.iter().enumerate().filter(|(_, y)| a.min(b) <= **y && **y <= a.max(b)) {
                if let Some(pre) = self.table.preimage(branch, y) {
                    which.push(i);
                    xs.push(pre.x);
                    slopes.push(pre.slope.abs().max(FLAT));
                }
            }
        }
        (which, xs, slopes)
    }

    /// The mass of the law before the steps between a and b.
    fn mass(&self, a: f64, b: f64) -> f64 {
        let base = self.base.density();
        if a == f64::NEG_INFINITY {
            return base.cdf(b);
        }
        if b == f64::INFINITY {
            return base.sf(a);
        }
        let below = base.cdf(a);
        if below < 0.5 { base.cdf(b) - below } else { base.sf(a) - base.sf(b) }
    }

    /// The mass that is carried to one side of y.
    fn side(&self, y: f64, above: bool) -> f64 {
        let part = |branch: &Branch| {
            let (from, to) = self.table.stretch(branch);
            let (a, b) = self.table.image(branch);
            // The stretch on the left of the preimage lies below y where the map rises.
            let left = branch.rising != above;
            let (none, all) = if above { (y >= a.max(b), y <= a.min(b)) } else { (y <= a.min(b), y >= a.max(b)) };
            if none {
                return 0.0;
            }
            if all {
                return self.mass(from, to);
            }
            match self.table.preimage(branch, y) {
                Some(pre) if left => self.mass(from, pre.x),
                Some(pre) => self.mass(pre.x, to),
                None => 0.0,
            }
        };
        self.table.branches.iter().map(part).sum()
    }
}

/// The variances of the tails: those of the law before the steps, stretched; on each side the widest that is carried there.
fn tails(table: &Table, base: (f64, f64)) -> (f64, f64) {
    let mut tails = (0.0_f64, 0.0_f64);
    for (side, (slope, variance)) in table.far_slopes().into_iter().zip([base.0, base.1]).enumerate() {
        let stretched = slope * slope * variance;
        // To the left go the left tail of a map that rises there and the right one of a map that falls there.
        if (side == 0) == (slope > 0.0) {
            tails.0 = tails.0.max(stretched);
        } else {
            tails.1 = tails.1.max(stretched);
        }
    }
    tails
}

impl Density1 for Pushed1 {
    fn density(&self, ys: &[f64], out: &mut [f64]) {
        let (which, xs, slopes) = self.preimages(ys);
        let mut density = vec![0.0; xs.len()];
        self.base.density().density(&xs, &mut density);
        out.fill(0.0);
        for ((i, d), slope) in which.into_iter().zip(density).zip(slopes) {
            out[i] += d / slope;
        }
    }

    fn ln_density(&self, ys: &[f64], out: &mut [f64]) {
        let (which, xs, slopes) = self.preimages(ys);
        let mut ln = vec![0.0; xs.len()];
        self.base.density().ln_density(&xs, &mut ln);
        out.fill(f64::NEG_INFINITY);
        for ((i, ln), slope) in which.into_iter().zip(ln).zip(slopes) {
            let (here, so_far) = (ln - slope.ln(), out[i]);
            let top = here.max(so_far);
            out[i] = if so_far == f64::NEG_INFINITY || top == f64::NEG_INFINITY {
                top
            } else {
                top + (here.min(so_far) - top).exp().ln_1p()
            };
        }
    }

    fn cdf(&self, y: f64) -> f64 {
        self.side(y, false)
    }

    fn sf(&self, y: f64) -> f64 {
        self.side(y, true)
    }

    fn support(&self) -> (f64, f64) {
        self.support
    }

    /// The images of the kinks of the law before the steps, and those of the ends of the branches.
    fn kinks(&self) -> Vec<f64> {
        let mut kinks: Vec<f64> = self.base.density().kinks().into_iter().map(|x| self.table.value(x).0).collect();
        for branch in &self.table.branches {
            let (a, b) = self.table.image(branch);
            kinks.extend([a, b].into_iter().filter(|y| y.is_finite()));
        }
        kinks.sort_by(f64::total_cmp);
        kinks.dedup();
        kinks
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn features(&self) -> Vec<(f64, f64, f64)> {
        self.pieces().into_iter().map(|(from, to, scale, _)| (from, to, scale)).collect()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.variance
    }

    fn tail_variance(&self) -> (f64, f64) {
        self.tails
    }

    fn noise(&self) -> f64 {
        self.noise
    }

    fn poles(&self) -> Vec<f64> {
        let ends = self.table.branches.iter().flat_map(|branch| {
            let (a, b) = self.table.image(branch);
            [(a, branch.folds[0]), (b, branch.folds[1])]
        });
        let mut poles: Vec<f64> = ends.filter(|(_, folds)| *folds).map(|(y, _)| y).collect();
        poles.sort_by(f64::total_cmp);
        poles.dedup();
        poles
    }

    fn near_poles(&self, (from, to): (f64, f64), rule: &Rule) -> Vec<PoleNode> {
        let (mut nodes, poles) = (Vec::new(), self.poles());
        for branch in &self.table.branches {
            let (a, b) = self.table.image(branch);
            if from < a.min(b) || to > a.max(b) {
                continue;
            }
            let (left, right) = if branch.rising { (from, to) } else { (to, from) };
            let end = |y: f64, side: usize| match self.table.stretch(branch) {
                stretch if branch.folds[side] && y == [a, b][side] => Some([stretch.0, stretch.1][side]),
                _ => self.table.preimage(branch, y).map(|pre| pre.x),
            };
            let (Some(x0), Some(x1)) = (end(left, 0), end(right, 1)) else { continue };
            // All of the density varies with the distance from a pole, on every branch.
            let toward = self.poles_on(branch, &poles);
            for pair in graded_edges((x0, x1), &toward).windows(2) {
                let (centre, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
                let xs: Vec<f64> = rule.nodes.iter().map(|node| centre + half * node).collect();
                self.push_nodes(branch, &xs, &rule.weights, half, &mut nodes);
            }
        }
        nodes
    }

    fn ledger(&self) -> Ledger {
        let [polynomials, rounding] = self.table.errors;
        let panels = self.table.panels.len();
        self.base
            .density()
            .ledger()
            .open(
                Source::Discretisation,
                polynomials,
                format!("the map of the steps without noise against its polynomials on {panels} panels"),
            )
            .open(Source::Rounding, rounding, "rounding of the map, carried along; that of a score is not bounded")
    }
}

impl Pushed1 {
    /// The points of a branch that are carried to poles: its own folds, and what lies under those of the others.
    fn poles_on(&self, branch: &Branch, poles: &[f64]) -> Vec<f64> {
        let ((a, b), (from, to)) = (self.table.image(branch), self.table.stretch(branch));
        let inside = poles.iter().filter(|y| a.min(b) < **y && **y < a.max(b));
        let under = inside.filter_map(|&y| self.table.preimage(branch, y).map(|pre| pre.x));
        // A preimage of an end that is a pole by accident, and not a fold of the branch, is that end.
        let ends = [(a, from), (b, to)].into_iter().filter(|(y, _)| poles.contains(y)).map(|(_, x)| x);
        under.chain(ends).collect()
    }

    /// The branch on the other side of a fold to which `y`, carried there by a branch, is too near for its preimage there to be told.
    fn twin(&self, own: &Branch, y: f64) -> Option<&Branch> {
        let near = TWINS * y.abs().max(self.variance.sqrt());
        let (a, b) = self.table.image(own);
        let here = self.table.branches.iter().position(|branch| std::ptr::eq(branch, own))?;
        match (own.folds[0] && (y - a).abs() <= near, own.folds[1] && (y - b).abs() <= near) {
            (true, _) => here.checked_sub(1).and_then(|k| self.table.branches.get(k)),
            (_, true) => self.table.branches.get(here + 1),
            _ => None,
        }
    }

    /// Nodes at the images of `xs` on a branch, each with the share that its own preimage has in the density.
    fn push_nodes(&self, own: &Branch, xs: &[f64], weights: &[f64], half: f64, nodes: &mut Vec<PoleNode>) {
        let base = self.base.density();
        let (mut ln, mut density) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        base.ln_density(xs, &mut ln);
        base.density(xs, &mut density);
        let one = |y: f64, branch: &Branch| {
            let pre = self.table.preimage(branch, y)?;
            let mut ln = [0.0];
            base.ln_density(&[pre.x], &mut ln);
            Some(ln[0] - pre.slope.abs().max(FLAT).ln())
        };
        for (i, &x) in xs.iter().enumerate() {
            let (y, slope) = self.table.value(x);
            let here = ln[i] - slope.abs().max(FLAT).ln();
            let twin = self.twin(own, y);
            let is = |branch: &Branch, known: &Branch| std::ptr::eq(branch, known);
            let others = self.table.branches.iter().filter(|branch| {
                let (a, b) = self.table.image(branch);
                !is(branch, own) && !twin.is_some_and(|twin| is(branch, twin)) && a.min(b) <= y && y <= a.max(b)
            });
            let same = twin.map(|_| here);
            let all: Vec<f64> = others.filter_map(|branch| one(y, branch)).chain([here]).chain(same).collect();
            let top = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if top == f64::NEG_INFINITY {
                continue;
            }
            let ln = top + all.iter().map(|l| (l - top).exp()).sum::<f64>().ln();
            // dy = |T'| dx, shared among the preimages: |T'| (rho/|T'|)/q = rho/q.
            nodes.push(PoleNode { at: y, weight: half * weights[i] * (density[i].ln() - ln).exp(), ln });
        }
    }
}

/// Edges from x0 to x1 that shrink geometrically towards points at the ends or beyond them.
fn graded_edges((x0, x1): (f64, f64), toward: &[f64]) -> Vec<f64> {
    let middle = 0.5 * (x0 + x1);
    let mut edges = vec![x0, middle, x1];
    for &point in toward {
        let beyond = if point < middle { point.min(x0) } else { point.max(x1) };
        let graded = (1..=GRADES).map(|k| beyond + (middle - beyond) * GRADING.powi(k));
        edges.extend(graded.filter(|x| (x0..=x1).contains(x)));
    }
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}
