//! Smooth 1-D laws by the moment-form Fourier engine.
//!
//! A density is its values at n equidistant nodes of a box (n odd), read as a trigonometric polynomial. One step of the
//! kernel N(T(x), c^2) acts on the characteristic function,
//! ```text
//! rho'^(w) = e^{-c^2 w^2/2} int e^{-i w T(x)} rho(x) dx,
//! ```
//! so on nodal values it is I + B with column k of B the inverse transform of
//! `(1/n) expm1(-c^2 w_j^2/2 - i w_j (T(x_k) - x_k))`: the step's departure from the identity is formed directly, T need not
//! be invertible, and mass is conserved because the entry of w = 0 vanishes. N equal steps are B <- 2B + B^2, doubled.
//!
//! A step without noise before one with noise goes by change of variables instead, `rho(T^-1(y))/T'(T^-1(y))` at the nodes: without
//! smoothing, what T stretches would fold the highest frequencies onto the low ones.

mod direct;
mod layout;
mod matrix;
#[cfg(test)]
pub(super) mod tests;
mod trig;

pub(super) use self::layout::Layout;
use self::layout::sizes;
use self::matrix::StepMatrix;
use self::trig::Trig;
use super::density1::Density1;
use super::{Propagate, Unsupported};
use crate::numerics::{Ledger, Source};
use crate::samplers::{Block, Kernel, Program};
use crate::scores::ScoreField;
use crate::targets::{Density, Mixture1};
use std::collections::HashSet;

/// The L1 distance of two resolutions at which a law counts as resolved.
const RESOLVED: f64 = 4e-14;
/// Below this difference, convergence is no accident of two resolutions; above it, panels may do better.
const STEADY: f64 = 1e-9;
/// Below this difference, a difference that grows again with the number of nodes is rounding.
const NOISY: f64 = 1e-11;
/// What a step without noise costs beside the grid: the relative error of the slope of its map.
const MAPPED: f64 = 5e-14;
/// The density at the edges above which the box is too small.
const EDGE: f64 = 1e-13;
/// By how much the mass of a resolved law may differ from 1.
const MASS: f64 = 1e-8;
/// The part of the law's standard deviation by which the drift that the nodes miss may move it.
const BLUR: f64 = 0.05;
/// A law that is not resolved better than this is refused rather than reported.
const WORST: f64 = 1e-3;

/// A law on the line as a trigonometric polynomial on a box.
#[derive(Clone, Debug)]
pub struct Grid1 {
    /// The start, kept so that a finer resolution can be computed from it.
    start: Mixture1,
    /// The law at the finest resolution used.
    fine: Trig,
    /// Half the L1 distance to the next coarser resolution: the estimated discretisation error in total variation.
    difference: f64,
    /// Variances of the Gaussian tails, left and right.
    tails: (f64, f64),
    /// The steps taken so far.
    taken: Vec<Block>,
}

impl Grid1 {
    /// The law of a closed 1-D start, before the first step of `program`.
    ///
    /// # Errors
    /// When the start is not one-dimensional.
    pub fn new(start: &Density, _program: &Program, _s: &dyn ScoreField) -> Result<Self, Unsupported> {
        Ok(Self::of(start.as_mixture1().ok_or_else(|| refuse("one dimension"))?))
    }

    /// A mixture on the line, before the first step.
    pub(super) fn of(start: Mixture1) -> Self {
        let (a, b) = start.support();
        let n = trig::odd(((b - a) / start.scale() * 4.0) as usize + 64);
        let fine = Trig::sample(&start, a, b, n.min(100_001));
        let tails = start.tail_variance();
        Self { start, fine, difference: 0.0, tails, taken: Vec::new() }
    }

    /// Carries the start through `blocks` at growing resolutions until two agree.
    fn resolve(&mut self, blocks: &[Block], s: &dyn ScoreField) -> Result<(), Unsupported> {
        let layout = Layout::new(&self.start, blocks, s)?;
        if layout.hides() {
            return Err(refuse("a score without edges that thousands of nodes do not show"));
        }
        let mut layout = layout.with_maps(&self.start, blocks, s)?;
        let unresolved = "a law that can be resolved on a grid of a few thousand nodes; its scales differ too much";
        let (difference, law) = loop {
            match self.refine(&layout, blocks, s)? {
                Refined::Found(difference, law) => break (difference, law),
                Refined::Unresolved => return Err(refuse(unresolved)),
                // The box was too small: start over on a wider one.
                Refined::AtEdge if layout.grow() => {}
                Refined::AtEdge => return Err(refuse("a law that stays inside a box; this one keeps spreading")),
            }
        };
        self.difference = difference;
        self.tails = layout.tails();
        self.fine = law;
        Ok(())
    }

    /// Growing numbers of nodes on one box, until two laws in a row agree or rounding takes over.
    fn refine(&self, layout: &Layout, blocks: &[Block], s: &dyn ScoreField) -> Result<Refined, Unsupported> {
        let mut previous: Option<Trig> = None;
        let mut best: Option<(f64, Trig)> = None;
        let mut differences: Vec<f64> = Vec::new();
        for n in sizes().into_iter().skip_while(|&n| n < layout.least_nodes()) {
            let Some(law) = layout.carry(&self.start, blocks, s, n) else {
                if layout.unstable() {
                    return Err(refuse("a step small enough that the law does not overflow"));
                }
                continue;
            };
            if let Some(coarse) = previous.take() {
                let difference = 0.5 * coarse.distance(&law);
                differences.push(difference);
                if best.as_ref().is_none_or(|(d, _)| difference < *d) {
                    best = Some((difference, law.clone()));
                } else if best.as_ref().is_some_and(|(d, _)| *d < NOISY) {
                    break;
                }
                if difference <= RESOLVED {
                    break;
                }
            }
            previous = Some(law);
        }
        // Two resolutions may agree and both be blind: to a spike between their nodes, whose mass is then missing, or to a wave
        // of the score that is shorter than their spacing.
        let sees = |law: &Trig| (law.moment(|_| 1.0) - 1.0).abs() <= MASS && self.resolves_drift(law, blocks, s);
        // Where two resolutions disagree, the density at the edges is noise and says nothing about the box.
        Ok(match best.filter(|(difference, law)| *difference <= WORST && sees(law)) {
            Some((_, law)) if law.edge.max(law.edge_density()) > EDGE => Refined::AtEdge,
            Some((difference, law)) if difference <= STEADY => Refined::Found(difference, law),
            // Convergence this slow is erratic, and two resolutions may agree by accident.
            Some((_, law)) => match differences.iter().rev().take(3).fold(0.0, |a: f64, d| a.max(*d)) {
                lately if lately <= WORST => Refined::Found(lately, law),
                _ => Refined::Unresolved,
            },
            None => Refined::Unresolved,
        })
    }

    /// Whether the nodes tell the drift between them: its distance from cubic interpolation at the midpoints, averaged over the
    /// law and summed over the steps (at most those in which the law diffuses across itself), is small against the law's width.
    fn resolves_drift(&self, law: &Trig, blocks: &[Block], s: &dyn ScoreField) -> bool {
        let xs = law.nodes();
        let n = xs.len();
        let spacing = xs[1] - xs[0];
        let middles: Vec<f64> = xs[1..n - 2].iter().map(|x| x + 0.5 * spacing).collect();
        let (mut density, mut at_nodes, mut between) = (vec![0.0; n - 3], vec![0.0; n], vec![0.0; n - 3]);
        law.density(&middles, &mut density);
        let mean = law.moment(|x| x);
        let variance = law.moment(|x| (x - mean) * (x - mean)).max(0.0);
        let missed = |block: &Block, at_nodes: &mut [f64], between: &mut [f64]| -> f64 {
            block.kernel.drift.displacement(s, &xs, at_nodes);
            block.kernel.drift.displacement(s, &middles, between);
            let one = |k: usize| {
                let cubic = (9.0 * (at_nodes[k + 1] + at_nodes[k + 2]) - at_nodes[k] - at_nodes[k + 3]) / 16.0;
                density[k].max(0.0) * (between[k] - cubic).abs() * spacing
            };
            let steps = (block.repeat as f64).min(2.0 * variance / (block.kernel.noise * block.kernel.noise));
            (0..n - 3).map(one).sum::<f64>() * steps
        };
        let mut seen = HashSet::new();
        let distinct = blocks.iter().filter(|block| seen.insert(block.kernel.key()));
        let worst = distinct.map(|block| missed(block, &mut at_nodes, &mut between)).fold(0.0, f64::max);
        worst <= BLUR * variance.sqrt()
    }

    /// Whether the nodes resolve the law so well that panels need not be tried.
    pub(super) fn is_steady(&self) -> bool {
        self.difference <= STEADY
    }

    /// Half the L1 distance to the law at lower resolutions.
    pub(super) fn difference(&self) -> f64 {
        self.difference
    }

    /// The steps taken so far, from a start in closed form.
    pub(super) fn history(&self) -> (&Mixture1, &[Block]) {
        (&self.start, &self.taken)
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.fine.moment(|x| x)
    }

    /// Var X.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.fine.moment(|x| (x - mean) * (x - mean))
    }

    /// E f(X) for a function given on batches of points.
    pub fn expectation(&self, f: &mut dyn FnMut(&[f64], &mut [f64])) -> f64 {
        let xs = self.fine.nodes();
        let mut values = vec![0.0; xs.len()];
        f(&xs, &mut values);
        self.fine.weighted(&values)
    }

    /// The box and the number of nodes of the finest resolution.
    #[must_use]
    pub fn resolution(&self) -> (f64, f64, usize) {
        self.fine.resolution()
    }
}

/// What refining on one box came to.
enum Refined {
    /// The law, with half its L1 distance to the next coarser one.
    Found(f64, Trig),
    /// The law has not died out at the edges.
    AtEdge,
    /// No two resolutions agree.
    Unresolved,
}

/// A refusal of this engine.
fn refuse(needs: &str) -> Unsupported {
    Unsupported { engine: "grid", needs: needs.to_string() }
}

impl Propagate for Grid1 {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.block(&Block { kernel: kernel.clone(), repeat: 1 }, s)
    }

    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.run(&Program { blocks: vec![block.clone()] }, s)
    }

    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let mut blocks = self.taken.clone();
        for block in program.blocks.iter().filter(|b| b.repeat > 0) {
            if !block.kernel.drift.jumps(s).is_empty() {
                return Err(refuse("a smooth score; this one jumps"));
            }
            match blocks.last_mut() {
                Some(last) if last.kernel == block.kernel => last.repeat += block.repeat,
                _ => blocks.push(block.clone()),
            }
        }
        if blocks.is_empty() {
            return Ok(());
        }
        self.resolve(&blocks, s)?;
        self.taken = blocks;
        Ok(())
    }
}

impl Density1 for Grid1 {
    fn density(&self, xs: &[f64], out: &mut [f64]) {
        self.fine.density(xs, out);
    }

    fn cdf(&self, x: f64) -> f64 {
        self.fine.cdf(x)
    }

    fn sf(&self, x: f64) -> f64 {
        self.fine.sf(x)
    }

    fn support(&self) -> (f64, f64) {
        self.fine.bounds()
    }

    fn kinks(&self) -> Vec<f64> {
        Vec::new()
    }

    fn scale(&self) -> f64 {
        self.fine.scale()
    }

    fn mean(&self) -> f64 {
        Grid1::mean(self)
    }

    fn variance(&self) -> f64 {
        Grid1::variance(self)
    }

    fn tail_variance(&self) -> (f64, f64) {
        self.tails
    }

    fn noise(&self) -> f64 {
        self.fine.noise()
    }

    fn ledger(&self) -> Ledger {
        if self.taken.is_empty() {
            return Ledger::new();
        }
        let (a, b, n) = self.fine.resolution();
        let mapped: u64 = self.taken.iter().filter(|b| b.kernel.is_deterministic()).map(|b| b.repeat).sum();
        let maps = match mapped {
            0 => Ledger::new(),
            n => Ledger::new().open(
                Source::Discretisation,
                MAPPED * n as f64,
                "polynomials of the maps of steps without noise",
            ),
        };
        maps.open(
            Source::Discretisation,
            self.difference,
            format!("half the L1 distance to the next coarser of two grids, the finer with {n} nodes"),
        )
        .open(
            Source::BoxExit,
            self.fine.edge.max(self.fine.edge_density()) * (b - a),
            format!("density at the edges of the box [{a:.4}, {b:.4}]; the mass that left it is not bounded"),
        )
        .open(
            Source::Spectrum,
            self.fine.spectrum(),
            "size of the highest frequencies kept; those beyond are not bounded",
        )
        .open(
            Source::Rounding,
            0.0,
            "rounding of the matrix products is not bounded; it shows in the distance of the two grids",
        )
    }
}
