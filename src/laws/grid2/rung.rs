//! The law at one density of nodes.

use super::axes::{Axes, Rectangle, hull, nodes_a_side};
use super::closed::Closed2;
use super::refuse;
use super::spread::Spread;
use crate::laws::Unsupported;
use crate::samplers::{Kernel, KernelKey};
use crate::scores::ScoreField;
use rayon::prelude::*;
use std::sync::Arc;

/// The most nodes a side.
pub(super) const MOST_NODES: f64 = 1500.0;
/// The most products of a kernel with a density value in all steps of a run: about ten minutes on two cores.
const MOST_WORK: f64 = 1.5e12;
/// The slopes of a drift are looked at on a square of this many points a side.
const PROBES: usize = 24;
/// Half the distance over which a slope is taken, in standard deviations of the noise.
const PROBE: f64 = 0.25;
/// Slopes beyond these do not change the nodes: they belong to jumps, or to turns that no nodes resolve.
const SLOPES: (f64, f64) = (0.25, 4.0);
/// How much smaller than the rectangle of a closed law that of a law on the way may be.
const SMALLER: f64 = 0.7;
/// A cell is looked into where the drift departs from a straight line by this part of the noise; it is torn when the drift makes
/// this part of its change between two neighbours among so many parts of the cell a side.
const UNEVEN: f64 = 0.01;
const TORN: f64 = 0.5;
const PARTS: usize = 8;
/// The most cells that are looked into, per node of both sides: jumps lie along curves, waves do not.
const MOST_UNEVEN: usize = 30;
/// Moves of the nodes that are kept, for kernels that come back.
const KEPT: usize = 3;

/// How finely a law is represented.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fineness {
    /// The spacing of the nodes in units of the width of kernel times law.
    pub(super) spacing: f64,
    /// Values below this part of the largest one are dropped.
    pub(super) cut: f64,
}

/// A law after some steps, or before the first.
#[derive(Clone, Debug)]
enum State {
    Closed(Closed2),
    Moved(Spread),
}

/// Where the nodes of a grid go.
#[derive(Debug)]
struct Moves {
    by: [Vec<f64>; 2],
    /// The nodes in whose cells the drift jumps, ascending, with the moves of equal parts of the cell.
    torn: Vec<(usize, [Vec<f64>; 2])>,
}

/// A law carried at one fineness.
#[derive(Clone, Debug)]
pub(super) struct Rung {
    fineness: Fineness,
    state: State,
    /// About the smallest standard deviation of the law in any direction.
    scale: f64,
    axes: Option<Axes>,
    moves: Vec<(KernelKey, Axes, Arc<Moves>)>,
    /// The mass that it has.
    mass: f64,
    /// The mass that appeared and disappeared in all steps.
    lost: f64,
    work: f64,
}

impl Rung {
    pub(super) fn new(start: Closed2, fineness: Fineness) -> Self {
        let scale = start.scale();
        let state = State::Closed(start);
        Self { fineness, state, scale, axes: None, moves: Vec::new(), mass: 1.0, lost: 0.0, work: 0.0 }
    }

    /// One step, `left` more of the kind being wanted, this one included.
    pub(super) fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField, left: u64) -> Result<(), Unsupported> {
        let rectangle = self.rectangle();
        let (least, most) = slopes(kernel, s, &rectangle);
        let width = 1.0 / (most / kernel.noise).hypot(1.0 / self.scale);
        let spacing = self.fineness.spacing * width;
        let nodes = nodes_a_side(&rectangle, spacing);
        if nodes > MOST_NODES || nodes.is_nan() {
            return Err(too_many(nodes, kernel.noise, &rectangle));
        }
        let thinnest = kernel.drift.thinnest(s);
        if thinnest * (PARTS as f64) < spacing {
            return Err(refuse(&format!(
                "an error of the score whose slabs are at least {:.1e} wide; one is {thinnest:.1e}",
                spacing / PARTS as f64
            )));
        }
        let axes = match self.axes.take() {
            Some(axes) if axes.serve(&rectangle, spacing) => axes,
            _ => Axes::around(&rectangle, spacing),
        };
        let values = self.density(&axes);
        let cell = axes.cell();
        let moves = self.moves(kernel, s, &axes);
        let cut = self.fineness.cut * values.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..values.len()).filter(|&k| values[k] > cut).collect();
        let columns = axes.nodes()[1];
        let (mut at, mut weight) = ([Vec::with_capacity(kept.len()), Vec::with_capacity(kept.len())], Vec::new());
        let mut torn = moves.torn.iter().peekable();
        for k in kept {
            let node = [axes.at(0, k / columns), axes.at(1, k % columns)];
            let mass = values[k] * cell;
            while torn.next_if(|(other, _)| *other < k).is_some() {}
            match torn.next_if(|(other, _)| *other == k) {
                None => {
                    (0..2).for_each(|i| at[i].push(node[i] + moves.by[i][k]));
                    weight.push(mass);
                }
                // The mass of the cell is shared among the moves of its parts.
                Some((_, parts)) => {
                    (0..2).for_each(|i| at[i].extend(parts[i].iter().map(|by| node[i] + by)));
                    weight.extend(parts[0].iter().map(|_| mass / parts[0].len() as f64));
                }
            }
        }
        let moved = Spread::new(at, weight, kernel.noise, self.fineness.cut);
        if !moved.is_finite() {
            return Err(refuse("a step small enough that the law does not overflow"));
        }
        let work = moved.work(cell);
        self.work += work;
        if self.work + work * (left as f64 - 1.0) > MOST_WORK {
            return Err(refuse(&format!(
                "at most {MOST_WORK:.1e} products in the plane; {left} steps with {work:.1e} each are left"
            )));
        }
        let mass = moved.mass();
        self.lost += (mass - self.mass).abs();
        self.mass = mass;
        self.state = State::Moved(moved);
        self.scale = (least * self.scale).hypot(kernel.noise);
        self.axes = Some(axes);
        Ok(())
    }

    /// Where a kernel moves the nodes.
    fn moves(&mut self, kernel: &Kernel, s: &dyn ScoreField, axes: &Axes) -> Arc<Moves> {
        let key = kernel.key();
        if let Some((.., moves)) = self.moves.iter().find(|(k, a, _)| *k == key && a == axes) {
            return Arc::clone(moves);
        }
        let columns = axes.nodes()[1];
        let mut moves = [vec![0.0; axes.count()], vec![0.0; axes.count()]];
        let [first, second] = &mut moves;
        first.par_chunks_mut(columns).zip(second.par_chunks_mut(columns)).enumerate().for_each(|(i, (x, y))| {
            let mut by = vec![0.0; 2 * columns];
            kernel.drift.displacement(s, &axes.points(i..i + 1), &mut by);
            x.copy_from_slice(&by[..columns]);
            y.copy_from_slice(&by[columns..]);
        });
        let torn = torn(kernel, s, axes, &moves);
        let moves = Arc::new(Moves { by: moves, torn });
        self.moves.insert(0, (key, axes.clone(), Arc::clone(&moves)));
        self.moves.truncate(KEPT);
        moves
    }

    /// The rectangle outside of which the density is negligible.
    pub(super) fn rectangle(&self) -> Rectangle {
        match &self.state {
            State::Closed(start) => start.rectangle(),
            State::Moved(spread) => spread.rectangle(),
        }
    }

    /// About the smallest standard deviation of the law in any direction.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// The mass that appeared and disappeared in all steps.
    pub(super) fn lost(&self) -> f64 {
        self.lost
    }

    /// The products of a kernel with a density value so far.
    pub(super) fn work(&self) -> f64 {
        self.work
    }

    /// The nodes of the last step, if one was taken.
    pub(super) fn axes(&self) -> Option<&Axes> {
        self.axes.as_ref()
    }

    /// The density at the nodes, row by row.
    pub(super) fn density(&self, axes: &Axes) -> Vec<f64> {
        match &self.state {
            State::Closed(start) => start.ln_density(axes).into_iter().map(f64::exp).collect(),
            State::Moved(spread) => spread.density(axes),
        }
    }

    /// The Gaussians it consists of, once a step was taken.
    pub(super) fn spread(&self) -> Option<&Spread> {
        match &self.state {
            State::Closed(_) => None,
            State::Moved(spread) => Some(spread),
        }
    }
}

/// The nodes in whose cells the drift jumps, with the moves of the parts of these cells.
fn torn(kernel: &Kernel, s: &dyn ScoreField, axes: &Axes, by: &[Vec<f64>; 2]) -> Vec<(usize, [Vec<f64>; 2])> {
    let [rows, columns] = axes.nodes();
    let bends = |k: usize, next: usize| by.iter().map(move |m| (m[k - next] - 2.0 * m[k] + m[k + next]).abs());
    let uneven = |&k: &usize| {
        let (i, j) = (k / columns, k % columns);
        let inside = i > 0 && j > 0 && i + 1 < rows && j + 1 < columns;
        inside && bends(k, columns).chain(bends(k, 1)).any(|bend| bend > UNEVEN * kernel.noise)
    };
    // A slab about as thin as a cell may hold no node: then every cell is looked into.
    let everywhere = kernel.drift.thinnest(s) < 2.0 * axes.cell().sqrt();
    let candidates: Vec<usize> = (0..axes.count()).filter(|k| everywhere || uneven(k)).collect();
    if !everywhere && candidates.len() > MOST_UNEVEN * (rows + columns) {
        return Vec::new();
    }
    let look = |k: usize| {
        let mut moves = vec![0.0; 2 * PARTS * PARTS];
        kernel.drift.displacement(s, &axes.inside(k, PARTS), &mut moves);
        let second = moves.split_off(PARTS * PARTS);
        let jumps = jumps(&moves, kernel.noise) || jumps(&second, kernel.noise);
        jumps.then_some((k, [moves, second]))
    };
    candidates.into_par_iter().filter_map(look).collect()
}

/// Whether values on the parts of a cell change by much, and mostly between two neighbours.
fn jumps(values: &[f64], noise: f64) -> bool {
    let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let steps = (0..values.len()).flat_map(|k| {
        let right = (k % PARTS + 1 < PARTS).then(|| values[k + 1] - values[k]);
        let below = (k + PARTS < values.len()).then(|| values[k + PARTS] - values[k]);
        right.into_iter().chain(below)
    });
    most - least > UNEVEN * noise && steps.fold(0.0, |a: f64, d| a.max(d.abs())) > TORN * (most - least)
}

/// Why so many nodes are not used.
fn too_many(nodes: f64, noise: f64, rectangle: &Rectangle) -> Unsupported {
    let wide = rectangle.iter().map(|(a, b)| b - a).fold(0.0, f64::max);
    refuse(&format!(
        "at most {MOST_NODES:.0} nodes a side; a step with noise {noise:.1e} of a law that takes a box {wide:.1e} wide needs {nodes:.0}"
    ))
}

/// The least and the largest factor by which a drift stretches the plane in any direction, at the points of a square.
fn slopes(kernel: &Kernel, s: &dyn ScoreField, rectangle: &Rectangle) -> (f64, f64) {
    let probes = Axes::with_nodes(rectangle, [PROBES; 2]);
    let points = probes.points(0..PROBES);
    let half = PROBE * kernel.noise;
    let n = PROBES * PROBES;
    let moved = |axis: usize, by: f64| {
        let mut xs = points.clone();
        xs[axis * n..(axis + 1) * n].iter_mut().for_each(|x| *x += by);
        let mut out = vec![0.0; 2 * n];
        kernel.drift.displacement(s, &xs, &mut out);
        out
    };
    let (right, left, up, down) = (moved(0, half), moved(0, -half), moved(1, half), moved(1, -half));
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for k in 0..n {
        let slope = |a: &[f64], b: &[f64], i: usize| (a[i * n + k] - b[i * n + k]) / (2.0 * half);
        let (a, b) = (1.0 + slope(&right, &left, 0), slope(&up, &down, 0));
        let (c, d) = (slope(&right, &left, 1), 1.0 + slope(&up, &down, 1));
        let (square, det) = (a * a + b * b + c * c + d * d, (a * d - b * c).abs());
        // The singular values of a matrix of order two.
        let large = 0.5 * ((square + 2.0 * det).sqrt() + (square - 2.0 * det).max(0.0).sqrt());
        (least, most) = (least.min(if large > 0.0 { det / large } else { 0.0 }), most.max(large));
    }
    (least.clamp(0.0, SLOPES.1), most.clamp(SLOPES.0, SLOPES.1))
}

/// Whether there are nodes enough for every noise over the target at its level, and for the first one over the start.
pub(super) fn check(
    start: &Closed2,
    kernels: &[(&Kernel, Option<Closed2>)],
    finest: Fineness,
) -> Result<(), Unsupported> {
    for (i, (kernel, target)) in kernels.iter().enumerate() {
        let places = target.iter().map(Closed2::rectangle).chain((i == 0).then(|| start.rectangle()));
        let Some(rectangle) = places.reduce(hull) else { continue };
        let nodes = nodes_a_side(&rectangle, finest.spacing * kernel.noise);
        // What counts of a law is smaller than its rectangle.
        if SMALLER * nodes > MOST_NODES {
            return Err(too_many(nodes, kernel.noise, &rectangle));
        }
    }
    Ok(())
}
