//! The closed set of law representations.

use super::{GaussianLaw, Grid1, Panels1, Particles};
use crate::samplers::{Block, Kernel, Program};
use crate::scores::ScoreField;
use crate::targets::{Density, Frame, Points};
use thiserror::Error;

/// Why an engine cannot carry a law through a program.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("the {engine} engine cannot do this: {needs}")]
pub struct Unsupported {
    /// Which engine.
    pub engine: &'static str,
    /// What it would need, in a sentence for the user.
    pub needs: String,
}

/// Where a sampler starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// A law with a density.
    Density(Density),
    /// Atoms; the first noisy step makes them a mixture.
    Points(Points),
}

/// A representation of a law that a Markov kernel can act on. One step, a repeated step, a whole program.
pub trait Propagate {
    /// Replaces the law by its image under one kernel.
    ///
    /// # Errors
    /// `Unsupported` names the engine and what it would need.
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported>;

    /// Replaces the law by its image under `block.repeat` equal kernels.
    ///
    /// # Errors
    /// As `step`.
    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        for _ in 0..block.repeat {
            self.step(&block.kernel, s)?;
        }
        Ok(())
    }

    /// Replaces the law by its image under a whole program.
    ///
    /// # Errors
    /// As `step`.
    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        program.blocks.iter().try_for_each(|block| self.block(block, s))
    }
}

/// A law in one of the representations the engines know.
#[derive(Clone, Debug)]
pub enum Law {
    /// Gaussian moments with a bound on their rounding error.
    Gaussian(GaussianLaw),
    /// A closed-form density (start laws and targets).
    Closed(Density),
    /// Atoms.
    Points(Points),
    /// A smooth 1-D density: trigonometric interpolation on a box.
    Grid1(Grid1),
    /// A 1-D density with kinks: Legendre panels.
    Panels1(Panels1),
    /// Independent blocks with copies.
    Product(Vec<(Law, u64)>),
    /// In the coordinates of a frame: core (x) rest.
    Split {
        /// The frame.
        frame: Frame,
        /// The law of the core coordinates.
        core: Box<Law>,
        /// The law of the remaining coordinates.
        rest: Box<Law>,
    },
    /// A cloud of particles.
    Particles(Particles),
}
