//! Laws in the plane that do not reduce, on tensor grids.
//!
//! A step is the trapezoid rule over the nodes y of a grid that resolves kernel times law,
//! ```text
//! rho'(x) = sum_y rho(y) N(x; T(y), c^2 I) d_1 d_2,
//! ```
//! which for smooth laws is as accurate as double precision once the spacing is about 0.7 of `(|DT|^2/c^2 + 1/s^2)^{-1/2}`, c being
//! the noise and s the smallest standard deviation of the law: its error is of the size `e^{-2 pi^2/0.7^2}`. Between two steps a law
//! is thus a sum of many Gaussians of one width, which has values anywhere, a mass, a mean and a covariance; the next grid is laid
//! where it lives. The whole is done at three spacings with three different boxes, and their distances are the error estimate.

mod axes;
mod closed;
mod rung;
mod shadow;
mod spread;
#[cfg(test)]
mod tests;

pub use self::axes::{Axes, Rectangle, hull, nodes_a_side};
pub use self::closed::Closed2;
use self::rung::{Fineness, Rung};
pub use self::shadow::Shadow;
use super::{Propagate, Start, Unsupported};
use crate::numerics::{Ledger, Source};
use crate::samplers::{Block, Kernel, Program};
use crate::scores::ScoreField;
use crate::targets::{Density, Points};
use nalgebra::{DMatrix, DVector};
use std::collections::HashSet;

/// The three grids, the finest first.
const RUNGS: [Fineness; 3] = [
    Fineness { spacing: 0.65, cut: 1e-21 },
    Fineness { spacing: 0.72, cut: 1e-20 },
    Fineness { spacing: 0.8, cut: 1e-19 },
];
/// Below this difference the grids converge spectrally, and the larger difference is that of the coarser two.
const STEADY: f64 = 1e-9;
/// By what the largest difference is multiplied: when grids converge spectrally, and when they do not (a jump of the score has an
/// error proportional to the spacing, which is 9.3 times the difference of two with the spacings 0.72 and 0.65).
const SAFETY: (f64, f64) = (2.0, 10.0);
/// While the difference is not below that, all spacings are multiplied by a factor, down to some smallest one, and as long as it
/// takes no more than so many products: some ten seconds on two cores.
const FINER: f64 = 0.8;
const FINEST: f64 = 0.5;
const MOST_REFINED: f64 = 1e11;
/// A law that is not resolved better than this is refused rather than reported.
const WORST: f64 = 1e-3;
/// By how much the mass of a resolved law may differ from 1.
const MASS: f64 = 1e-6;
/// Nodes per smallest standard deviation on which grids are compared.
const COMPARED: f64 = 4.0;
/// The most nodes a side on which they are compared.
const MOST_COMPARED: f64 = 500.0;
/// The noise of a value as a part of the largest one: what was dropped may be as large.
const NOISE: f64 = 1e-18;

/// A law in the plane on three tensor grids.
#[derive(Clone, Debug)]
pub struct Grid2 {
    /// The start and the steps taken, kept so that the law can be had on finer grids.
    start: Closed2,
    taken: Vec<Block>,
    /// The finest first.
    rungs: Vec<Rung>,
    /// By what the spacings of all grids are multiplied.
    fineness: f64,
    /// The largest half L1 distance of two neighbouring grids.
    difference: f64,
    /// How far the mass of the finest is from 1.
    missing: f64,
}

impl Grid2 {
    /// The number of grids.
    pub const RUNGS: usize = RUNGS.len();

    /// A closed law in the plane before its first step.
    ///
    /// # Errors
    /// When the start does not live in the plane.
    pub fn new(start: &Density) -> Result<Self, Unsupported> {
        Closed2::new(start).map(|start| Self::with(&start, 1.0)).ok_or_else(|| refuse("two dimensions"))
    }

    /// With the spacings of all grids multiplied by a factor.
    fn with(start: &Closed2, fineness: f64) -> Self {
        let rung = |f: Fineness| Rung::new(start.clone(), Fineness { spacing: f.spacing * fineness, ..f });
        let rungs = RUNGS.into_iter().map(rung).collect();
        Self { start: start.clone(), taken: Vec::new(), rungs, fineness, difference: 0.0, missing: 0.0 }
    }

    /// Whether this engine may be tried, from the start and the kernels alone; whether it succeeds shows on the way.
    ///
    /// # Errors
    /// What it would need.
    pub fn check(start: &Start, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let mut seen = HashSet::new();
        let blocks = program.blocks.iter().filter(|b| b.repeat > 0);
        let kernels: Vec<&Kernel> = blocks.map(|b| &b.kernel).filter(|k| seen.insert(k.key())).collect();
        check_noise(kernels.iter().copied())?;
        let closed = match start {
            Start::Density(p) => Closed2::new(p),
            Start::Points(p) => after_first(p, kernels.first().copied()),
            Start::Box(_) | Start::Product(_) => None,
        };
        let closed = closed.ok_or_else(|| refuse("a start in the plane, in closed form"))?;
        let target = |k: &Kernel| s.density(k.drift.scores().next()?.level).and_then(|p| Closed2::new(&p));
        let kernels: Vec<_> = kernels.into_iter().map(|k| (k, target(k))).collect();
        rung::check(&closed, &kernels, RUNGS[0])
    }

    /// The finest grid.
    fn finest(&self) -> &Rung {
        &self.rungs[0]
    }

    /// The rectangle outside of which the density is negligible.
    #[must_use]
    pub fn rectangle(&self) -> Rectangle {
        self.finest().rectangle()
    }

    /// About the smallest standard deviation of the law in any direction.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.finest().scale()
    }

    /// The density at the nodes, row by row, as the k-th grid has it; the finest is the first.
    #[must_use]
    pub fn density(&self, k: usize, axes: &Axes) -> Vec<f64> {
        self.rungs[k].density(axes)
    }

    /// The noise of a value as a part of the largest one.
    #[must_use]
    pub fn noise(&self) -> f64 {
        NOISE
    }

    /// The mass that appeared or disappeared in all steps.
    #[must_use]
    pub fn lost(&self) -> f64 {
        self.finest().lost()
    }

    /// By what the largest difference of two of the grids is multiplied to be reported.
    #[must_use]
    pub fn safety(&self) -> f64 {
        if self.difference <= STEADY { SAFETY.0 } else { SAFETY.1 }
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        self.finest().spread().map_or_else(|| DVector::zeros(2), |spread| spread.mean())
    }

    /// Cov X.
    #[must_use]
    pub fn cov(&self) -> DMatrix<f64> {
        self.finest().spread().map_or_else(|| DMatrix::zeros(2, 2), |spread| spread.cov())
    }

    /// E f(X) for a function given on batches of points (component-major), as each of the grids has it, the finest first, on nodes
    /// that are finer the finer the grid is.
    pub fn expectations(&self, f: &mut dyn FnMut(&[f64], &mut [f64])) -> [f64; RUNGS.len()] {
        std::array::from_fn(|k| {
            let spacing = self.scale() / COMPARED * RUNGS[k].spacing / RUNGS[0].spacing;
            let axes = self.compared(spacing);
            let density = self.rungs[k].density(&axes);
            let mut values = vec![0.0; axes.count()];
            f(&axes.points(0..axes.nodes()[0]), &mut values);
            values.iter().zip(&density).map(|(f, rho)| f * rho).sum::<f64>() * axes.cell()
        })
    }

    /// Nodes over the law at most `spacing` apart, unless that takes too many.
    fn compared(&self, spacing: f64) -> Axes {
        let rectangle = self.rectangle();
        let least = rectangle.iter().map(|(a, b)| b - a).fold(0.0, f64::max) / MOST_COMPARED;
        Axes::new(&rectangle, spacing.max(least))
    }

    /// The largest half L1 distance of two neighbouring grids, and how far the mass of the finest is from 1.
    fn compare(&self) -> (f64, f64) {
        let axes = self.compared(self.scale() / COMPARED);
        let values: Vec<Vec<f64>> = self.rungs.iter().map(|rung| rung.density(&axes)).collect();
        let apart = |pair: &[Vec<f64>]| {
            0.5 * axes.cell() * pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b).abs()).sum::<f64>()
        };
        let mass = values[0].iter().sum::<f64>() * axes.cell();
        (values.windows(2).map(apart).fold(0.0, f64::max), (mass - 1.0).abs())
    }

    /// The errors of this representation, as errors in total variation.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        if self.taken.is_empty() {
            return Ledger::new();
        }
        let steps: u64 = self.taken.iter().map(|block| block.repeat).sum();
        let [n, m] = self.finest().axes().map_or([0, 0], Axes::nodes);
        let [(a, b), (c, d)] = self.rectangle();
        Ledger::new()
            .open(
                Source::Discretisation,
                self.safety() * self.difference,
                format!(
                    "{} times the largest half L1 distance of two neighbours among three tensor grids with different spacings \
                     and boxes, the finest with {n} x {m} nodes",
                    self.safety()
                ),
            )
            .open(
                Source::BoxExit,
                self.lost(),
                format!(
                    "mass that appeared or disappeared in {} steps, added up; the last box is [{a:.3}, {b:.3}] x [{c:.3}, {d:.3}]",
                    steps
                ),
            )
            .open(Source::Rounding, 0.0, "rounding of the score and of sums is not bounded; it shows in the distance of the grids")
    }

    /// The rungs through some more blocks.
    fn advance(&mut self, blocks: &[Block], s: &dyn ScoreField) -> Result<(), Unsupported> {
        for rung in &mut self.rungs {
            for block in blocks {
                for k in 0..block.repeat {
                    rung.step(&block.kernel, s, block.repeat - k)?;
                }
            }
        }
        self.taken.extend_from_slice(blocks);
        (self.difference, self.missing) = self.compare();
        Ok(())
    }

    /// The same law on finer grids, from the start; `None` when they are as fine as they get, or take too long.
    fn finer(&self, s: &dyn ScoreField) -> Option<Self> {
        let work: f64 = self.rungs.iter().map(Rung::work).sum();
        if self.fineness * FINER < FINEST || work / FINER.powi(4) > MOST_REFINED {
            return None;
        }
        let mut finer = Self::with(&self.start, self.fineness * FINER);
        finer.advance(&self.taken, s).ok().map(|()| finer)
    }
}

/// The law of one step from atoms, up to where the atoms go: its extent and its scale are what counts.
fn after_first(points: &Points, kernel: Option<&Kernel>) -> Option<Closed2> {
    use crate::targets::{Gaussian, Mixture};
    let variance = kernel.map(|k| k.noise * k.noise).filter(|v| *v > 0.0)?;
    let components =
        points.points.iter().map(|x| Gaussian::isotropic(x.clone(), variance)).collect::<Result<_, _>>().ok()?;
    Closed2::new(&Density::Mixture(Mixture { weights: points.weights.clone(), components }))
}

/// Whether every step has noise.
fn check_noise<'a>(mut kernels: impl Iterator<Item = &'a Kernel>) -> Result<(), Unsupported> {
    match kernels.any(|kernel| kernel.noise == 0.0) {
        true => Err(refuse("noise in every step; a deterministic step has no smoothing kernel")),
        false => Ok(()),
    }
}

/// A refusal of this engine.
fn refuse(needs: &str) -> Unsupported {
    Unsupported { engine: "grid", needs: needs.to_string() }
}

impl Propagate for Grid2 {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.block(&Block { kernel: kernel.clone(), repeat: 1 }, s)
    }

    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.run(&Program { blocks: vec![block.clone()] }, s)
    }

    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let blocks: Vec<Block> = program.blocks.iter().filter(|b| b.repeat > 0).cloned().collect();
        check_noise(blocks.iter().map(|block| &block.kernel))?;
        if blocks.is_empty() {
            return Ok(());
        }
        self.advance(&blocks, s)?;
        while self.difference > STEADY
            && let Some(finer) = self.finer(s)
        {
            *self = finer;
        }
        if self.difference <= WORST && self.missing <= MASS {
            return Ok(());
        }
        Err(refuse(&format!(
            "a law on which three tensor grids agree to {WORST:e}; these differ by {:.1e}, and the mass is off by {:.1e}: a sharp \
             edge of the score error may be given an `edge`",
            self.difference, self.missing
        )))
    }
}
