//! One step as a matrix on Legendre coefficients, minus the identity.

use super::legendre::{Batch, Recurrence, mean_change, values};
use crate::numerics::{Rule, gauss_legendre};
use crate::samplers::Kernel;
use crate::scores::ScoreField;
use nalgebra::{DMatrix, DMatrixViewMut, DVector, DVectorView};
use rayon::prelude::*;
use std::f64::consts::{PI, SQRT_2};

/// Standard deviations of the noise that are followed; what is farther has probability 2e-19.
const REACH: f64 = 9.0;
/// The width, in standard deviations of the noise, of the cells on which Gaussians are integrated.
const CELL: f64 = 1.5;
/// Gauss-Legendre nodes on such a cell beyond the number of functions on a panel: a cell may be a whole panel, and then a
/// product of two polynomials and a Gaussian must be integrated.
const CELL_NODES: usize = 10;
/// How small the last terms of the drift's Legendre series on a cell must be, in standard deviations of the noise.
const SMOOTH: f64 = 1e-11;
/// The same in units of the drift itself, whose rounding no finer cell removes.
const ROUNDED: f64 = 1e-13;
/// The most cells into which a panel is cut for the sake of the drift alone.
const MOST_CELLS: usize = 256;
/// How often a cell may be halved.
const DEEPEST: u32 = 48;
/// Columns multiplied at a time; fixed, so that the result does not depend on the number of threads.
const COLUMNS: usize = 64;

/// A piecewise polynomial space: on panel e the functions `sqrt((2i+1)/L_e) P_i`, i = 0 ..= degree, orthonormal.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Space {
    pub(super) edges: Vec<f64>,
    pub(super) degree: usize,
}

impl Space {
    pub(super) fn panels(&self) -> usize {
        self.edges.len() - 1
    }

    /// Functions per panel.
    pub(super) fn order(&self) -> usize {
        self.degree + 1
    }

    pub(super) fn dim(&self) -> usize {
        self.panels() * self.order()
    }

    pub(super) fn width(&self, e: usize) -> f64 {
        self.edges[e + 1] - self.edges[e]
    }

    /// Which panel holds x; the outermost ones beyond the ends.
    pub(super) fn panel(&self, x: f64) -> usize {
        self.edges.partition_point(|edge| *edge <= x).clamp(1, self.panels()) - 1
    }

    /// `sqrt((2i+1)/L_e)`.
    pub(super) fn norm(&self, e: usize, i: usize) -> f64 {
        ((2.0 * i as f64 + 1.0) / self.width(e)).sqrt()
    }

    /// x in panel e, on [-1, 1].
    pub(super) fn local(&self, e: usize, x: f64) -> f64 {
        ((x - self.edges[e]) - (self.edges[e + 1] - x)) / self.width(e)
    }
}

/// A Gauss-Legendre rule that can tell how well it resolves a function.
pub(super) struct Probed {
    nodes: Vec<f64>,
    weights: Vec<f64>,
    /// By which the values at the nodes are multiplied to give the last three coefficients of the Legendre series.
    last: [Vec<f64>; 3],
}

impl Probed {
    pub(super) fn new(n: usize) -> Self {
        let Rule { nodes, weights } = gauss_legendre(n);
        let mut last: [Vec<f64>; 3] = std::array::from_fn(|_| Vec::with_capacity(n));
        let mut at = vec![0.0; n];
        for (t, w) in nodes.iter().zip(&weights) {
            values(*t, &mut at);
            for (k, row) in (n - 3..n).zip(&mut last) {
                row.push((k as f64 + 0.5) * w * at[k]);
            }
        }
        Self { nodes, weights, last }
    }

    /// The size of the last terms of the Legendre series of a function with these values.
    fn tail(&self, values: &[f64]) -> f64 {
        let term = |row: &Vec<f64>| row.iter().zip(values).map(|(r, v)| r * v).sum::<f64>().abs();
        self.last.iter().map(term).fold(0.0, f64::max)
    }
}

/// How far the drift of a kernel between a and b is from what a Legendre series with the terms of `rule` can show, in units
/// of its largest value.
pub(super) fn unresolved(kernel: &Kernel, s: &dyn ScoreField, (a, b): (f64, f64), rule: &Probed) -> f64 {
    let ys: Vec<f64> = rule.nodes.iter().map(|t| 0.5 * (a + b) + 0.5 * (b - a) * t).collect();
    let mut moved = vec![0.0; ys.len()];
    kernel.drift.displacement(s, &ys, &mut moved);
    let largest = moved.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
    if largest > 0.0 { rule.tail(&moved) / largest } else { 0.0 }
}

/// G with I + G the L2 projection of one step of a kernel.
#[derive(Debug)]
pub(super) struct Step {
    matrix: DMatrix<f64>,
    /// `int (K phi - phi)` for every basis function: minus what is lost through the ends of the box.
    pub(super) loss: DVector<f64>,
}

/// What is done with the nodes of a cell, half its width and the moves of the nodes; false stops.
type OnCell<'a> = dyn FnMut(&[f64], f64, &[f64]) -> bool + 'a;

/// What is needed to integrate against one kernel.
struct Assembly<'a> {
    space: &'a Space,
    kernel: &'a Kernel,
    s: &'a dyn ScoreField,
    cell: Probed,
    interior: Probed,
    recurrence: Recurrence,
    /// `sqrt(2i+1)`.
    roots: Vec<f64>,
}

/// Whether the score turns so often within some panel that integrating it would take forever.
pub(super) fn turns_too_often(space: &Space, kernel: &Kernel, s: &dyn ScoreField) -> bool {
    let assembly = Assembly::new(space, kernel, s);
    (0..space.panels()).any(|f| {
        let mut cells = 0;
        assembly.for_each_cell(
            (space.edges[f], space.edges[f + 1]),
            &assembly.interior,
            f64::INFINITY,
            &mut |_, _, _| {
                cells += 1;
                cells <= MOST_CELLS
            },
        );
        cells > MOST_CELLS
    })
}

impl Step {
    /// The projected step. Jumps of the score must be edges of the space.
    pub(super) fn new(space: &Space, kernel: &Kernel, s: &dyn ScoreField) -> Self {
        let assembly = Assembly::new(space, kernel, s);
        let n = space.dim();
        let mut matrix = DMatrix::zeros(n, n);
        let order = space.order();
        matrix
            .as_mut_slice()
            .par_chunks_exact_mut(n * order)
            .enumerate()
            .for_each(|(f, columns)| assembly.source(f, &mut DMatrixViewMut::from_slice(columns, n, order)));
        let mut step = Self { loss: DVector::zeros(n), matrix };
        let found = step.masses(space);
        // Only panels within reach of the ends of the box lose mass; what the others show is rounding.
        let (lo, hi) = (space.edges[0], space.edges[space.panels()]);
        for (column, mass) in found.iter().enumerate() {
            let f = column / order;
            let image = assembly.reach(space.edges[f], space.edges[f + 1]);
            if image.0 < lo || image.1 > hi {
                step.loss[column] = *mass;
            }
        }
        step.balance(space);
        step
    }

    /// The coefficients after `repeat` steps: one by one while that is cheaper, else by doubling `G <- 2G + G^2`.
    pub(super) fn apply(&self, space: &Space, law: &mut DVector<f64>, repeat: u64) {
        let n = law.len();
        let squarings = u64::from(64 - repeat.leading_zeros());
        if repeat <= squarings * n as u64 / 8 {
            for _ in 0..repeat {
                *law += &self.matrix * &*law;
            }
            return;
        }
        Self { matrix: self.matrix.clone(), loss: self.loss.clone() }.double(space, law, repeat);
    }

    /// The coefficients after `repeat` steps, by squarings of the step.
    fn double(mut self, space: &Space, law: &mut DVector<f64>, mut repeat: u64) {
        let n = law.len();
        let mut square = DMatrix::zeros(n, n);
        while repeat > 0 {
            if repeat & 1 == 1 {
                *law += &self.matrix * &*law;
            }
            repeat >>= 1;
            if repeat > 0 {
                let g = &self.matrix;
                square.as_mut_slice().par_chunks_mut(n * COLUMNS).enumerate().for_each(|(c, chunk)| {
                    let count = chunk.len() / n;
                    let columns = g.columns(c * COLUMNS, count);
                    let mut out = DMatrixViewMut::from_slice(chunk, n, count);
                    out.gemm(1.0, g, &columns, 0.0);
                    out.zip_apply(&columns, |x, b| *x += 2.0 * b);
                });
                // The masses of the columns of 2G + G^2, without the rounding of the product.
                self.loss = &self.loss * 2.0 + self.matrix.tr_mul(&self.loss);
                std::mem::swap(&mut self.matrix, &mut square);
                self.balance(space);
            }
        }
    }

    /// The integral of every column read as a function.
    fn masses(&self, space: &Space) -> DVector<f64> {
        let order = space.order();
        let mass = |c: DVectorView<'_, f64>| (0..space.panels()).map(|e| c[e * order] * space.width(e).sqrt()).sum();
        DVector::from_iterator(self.matrix.ncols(), self.matrix.column_iter().map(mass))
    }

    /// Steps conserve mass but for what leaves the box; the rounding that says otherwise is put back into the panel it
    /// came from.
    fn balance(&mut self, space: &Space) {
        let excess = self.masses(space) - &self.loss;
        let order = space.order();
        for (column, mass) in excess.iter().enumerate() {
            let f = column / order;
            self.matrix[(f * order, column)] -= mass / space.width(f).sqrt();
        }
    }
}

impl<'a> Assembly<'a> {
    fn new(space: &'a Space, kernel: &'a Kernel, s: &'a dyn ScoreField) -> Self {
        Self {
            space,
            kernel,
            s,
            cell: Probed::new(space.order() + CELL_NODES),
            interior: Probed::new(2 * space.order() + 8),
            recurrence: Recurrence::new(space.order()),
            roots: (0..space.order()).map(|i| (2.0 * i as f64 + 1.0).sqrt()).collect(),
        }
    }

    /// Where the points of [a, b] are moved, noise included.
    fn reach(&self, a: f64, b: f64) -> (f64, f64) {
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        self.sources((a, b), &self.interior, f64::INFINITY, |y, _, moved| {
            (lo, hi) = (lo.min(y + moved), hi.max(y + moved));
        });
        let noise = REACH * self.kernel.noise;
        (lo.min(a) - noise, hi.max(b) + noise)
    }

    /// The columns that belong to source panel f.
    fn source(&self, f: usize, columns: &mut DMatrixViewMut<'_, f64>) {
        let (space, c) = (self.space, self.kernel.noise);
        let (a, b) = (space.edges[f], space.edges[f + 1]);
        // How far this panel is moved decides where its image may cross an edge.
        let mut far: f64 = 0.0;
        self.sources((a, b), &self.interior, f64::INFINITY, |_, _, moved| far = far.max(moved.abs()));
        let layer = REACH * c + 1.1 * far;
        if b - a > 2.5 * layer {
            self.cells(f, a, a + layer, columns);
            self.inside(f, a + layer, b - layer, columns);
            self.cells(f, b - layer, b, columns);
        } else {
            self.cells(f, a, b, columns);
        }
    }

    /// Source points whose image stays in the panel: the change of a polynomial is a finite sum of moments.
    fn inside(&self, f: usize, a: f64, b: f64, columns: &mut DMatrixViewMut<'_, f64>) {
        let (space, order) = (self.space, self.space.order());
        let unit = 2.0 / space.width(f);
        let noise = (self.kernel.noise * unit).powi(2);
        let (mut at, mut change) = (vec![0.0; order], vec![0.0; order]);
        let mut moments = vec![0.0; order];
        self.sources((a, b), &self.interior, f64::INFINITY, |y, weight, moved| {
            values(space.local(f, y), &mut at);
            let shift = moved * unit;
            moments[0] = 1.0;
            for m in 1..order {
                let older = if m >= 2 { moments[m - 2] } else { 0.0 };
                moments[m] = shift * moments[m - 1] + noise * (m as f64 - 1.0) * older;
            }
            mean_change(&at, &moments, &mut change);
            self.add(f, f, &at, &mut change, weight, columns);
        });
    }

    /// Source points between a and b, in cells whose images are narrow against the noise and may lie in several panels.
    fn cells(&self, f: usize, a: f64, b: f64, columns: &mut DMatrixViewMut<'_, f64>) {
        let (space, order, c) = (self.space, self.space.order(), self.kernel.noise);
        let (mut at, mut change, mut batch) = (vec![0.0; order], vec![0.0; order], Batch::default());
        self.sources((a, b), &self.cell, CELL * c, |y, weight, moved| {
            values(space.local(f, y), &mut at);
            let (first, last) = (space.panel(y + moved - REACH * c).min(f), space.panel(y + moved + REACH * c).max(f));
            for e in first..=last {
                change.fill(0.0);
                self.target(e, f, (y, moved), &at, &mut batch, &mut change);
                self.add(e, f, &at, &mut change, weight, columns);
            }
        });
    }

    /// Calls `g(y, weight, T(y) - y)` at the nodes of a rule on cells of [a, b], halved until each one's image is no wider
    /// than `widest` and the rule resolves the drift on it: a score may turn within a fraction of a panel.
    fn sources(&self, (a, b): (f64, f64), rule: &Probed, widest: f64, mut g: impl FnMut(f64, f64, f64)) {
        self.for_each_cell((a, b), rule, widest, &mut |ys, half, moved| {
            for (i, y) in ys.iter().enumerate() {
                g(*y, half * rule.weights[i], moved[i]);
            }
            true
        });
    }

    /// Calls `g(nodes, half the width, moves)` for the cells of [`Assembly::sources`] until it says false.
    fn for_each_cell(&self, (a, b): (f64, f64), rule: &Probed, widest: f64, g: &mut OnCell<'_>) {
        let mut open = vec![(a, b, 0)];
        let mut moved = vec![0.0; rule.nodes.len()];
        let mut nearby = moved.clone();
        let unit = f64::EPSILON * self.space.edges[0].abs().max(self.space.edges[self.space.panels()].abs());
        while let Some((a, b, depth)) = open.pop() {
            let (mid, half) = (0.5 * (a + b), 0.5 * (b - a));
            let ys: Vec<f64> = rule.nodes.iter().map(|t| mid + half * t).collect();
            self.kernel.drift.displacement(self.s, &ys, &mut moved);
            let image = |i: usize| ys[i] + moved[i];
            let (lo, hi) =
                (0..ys.len()).map(image).fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)));
            let largest = moved.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
            let tail = rule.tail(&moved);
            // No finer cell shows a steep score better than the rounding of positions in the box lets it be known.
            let mut is_blurred = || {
                let next: Vec<f64> = ys.iter().map(|y| y + unit).collect();
                self.kernel.drift.displacement(self.s, &next, &mut nearby);
                let blur = moved.iter().zip(&nearby).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
                tail <= 4.0 * blur
            };
            let resolved = tail <= (SMOOTH * self.kernel.noise).max(ROUNDED * largest);
            if depth < DEEPEST && a < mid && mid < b && (hi - lo > widest || !(resolved || is_blurred())) {
                open.push((mid, b, depth + 1));
                open.push((a, mid, depth + 1));
                continue;
            }
            if !g(&ys, half, &moved) {
                return;
            }
        }
    }

    /// `E[P_i(X); X in panel e] - 1{e = f} P_i(y)` for X = y + moved + noise, added to `out[i]`.
    fn target(&self, e: usize, f: usize, (y, moved): (f64, f64), at: &[f64], batch: &mut Batch, out: &mut [f64]) {
        let (space, c) = (self.space, self.kernel.noise);
        // Everything in terms of u = x - y, so that nothing is lost when the step is tiny.
        let (a, b) = (space.edges[e] - y, space.edges[e + 1] - y);
        let (left, right) = (a.max(moved - REACH * c), b.min(moved + REACH * c));
        let unit = 2.0 / space.width(e);
        if left < right {
            let count = ((right - left) / (CELL * c)).ceil();
            let half = 0.5 * (right - left) / count;
            let top = half / (c * (2.0 * PI).sqrt());
            let here = space.local(f, y);
            for k in 0..count as usize {
                let mid = left + half * (2.0 * k as f64 + 1.0);
                batch.clear();
                for (t, w) in self.cell.nodes.iter().zip(&self.cell.weights) {
                    let u = mid + half * t;
                    let z = (u - moved) / c;
                    let weight = w * top * (-0.5 * z * z).exp();
                    batch.push(if e == f { u * unit } else { (u - a) * unit - 1.0 }, weight);
                }
                if e == f {
                    self.recurrence.add_differences(here, at, batch, out);
                } else {
                    self.recurrence.add_values(batch, out);
                }
            }
        }
        if e == f {
            let sf = |z: f64| 0.5 * libm::erfc(z / SQRT_2);
            let outside = sf((moved - a) / c) + sf((b - moved) / c);
            out.iter_mut().zip(at).for_each(|(o, p)| *o -= outside * p);
        }
    }

    /// Adds `weight change_i P_j(y)`, normalised, to the block of target e and source f; `change` is normalised in place.
    fn add(
        &self,
        e: usize,
        f: usize,
        at: &[f64],
        change: &mut [f64],
        weight: f64,
        columns: &mut DMatrixViewMut<'_, f64>,
    ) {
        let order = self.space.order();
        let (target, source) = (self.space.width(e).sqrt().recip(), self.space.width(f).sqrt().recip());
        change.iter_mut().zip(&self.roots).for_each(|(x, root)| *x *= root * target);
        for (j, (p, root)) in at.iter().zip(&self.roots).enumerate() {
            let scale = weight * p * root * source;
            let mut column = columns.column_mut(j);
            let block = &mut column.as_mut_slice()[e * order..(e + 1) * order];
            block.iter_mut().zip(&*change).for_each(|(o, x)| *o += scale * x);
        }
    }
}
