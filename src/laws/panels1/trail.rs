//! What the steps of a law that is followed one by one leave for the next.

use super::galerkin::Step;
use crate::samplers::{Block, Kernel};
use nalgebra::DVector;
use std::sync::Arc;

/// Kernels whose steps are kept: a program may alternate between two.
const KEPT: usize = 2;

/// The last few steps assembled, by kernel.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(Vec<(Kernel, Arc<Step>)>);

impl Steps {
    /// The step of `kernel`, kept from before or made by `make`, then kept if `keep`.
    pub(super) fn get(&mut self, kernel: &Kernel, keep: bool, make: impl FnOnce() -> Step) -> Arc<Step> {
        if let Some((_, step)) = self.0.iter().find(|(known, _)| known == kernel) {
            return Arc::clone(step);
        }
        let step = Arc::new(make());
        if keep {
            if self.0.len() == KEPT {
                self.0.remove(0);
            }
            self.0.push((kernel.clone(), Arc::clone(&step)));
        }
        step
    }
}

/// Where the law stands at one degree.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    /// The coefficients after `blocks`.
    pub(super) law: DVector<f64>,
    /// The mass that left the box before the last block.
    pub(super) settled: f64,
    /// The steps taken.
    pub(super) blocks: Vec<Block>,
    /// Their matrices.
    pub(super) steps: Steps,
}

impl Reached {
    /// Before the first step.
    pub(super) fn new(law: DVector<f64>) -> Self {
        Self { law, settled: 0.0, blocks: Vec::new(), steps: Steps::default() }
    }

    /// What `blocks` ask for beyond the steps taken; the first of them goes on with the last block taken. `None` when they
    /// do not begin with those steps.
    pub(super) fn rest(&self, blocks: &[Block]) -> Option<Vec<Block>> {
        let Some((last, before)) = self.blocks.split_last() else { return Some(blocks.to_vec()) };
        let (same, rest) = blocks.split_at_checked(before.len())?;
        let taken = rest.first().filter(|block| block.kernel == last.kernel && block.repeat >= last.repeat)?.repeat;
        let mut rest = (same == before).then(|| rest.to_vec())?;
        rest[0].repeat = taken - last.repeat;
        Some(rest)
    }
}

/// A law on its way on panels that do not change.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    pub(super) edges: Vec<f64>,
    /// The kernels the panels are made for.
    kernels: Vec<Kernel>,
    reached: Vec<(usize, Reached)>,
}

impl Trail {
    /// Nothing reached yet, on panels made for these blocks.
    pub(super) fn new(edges: Vec<f64>, blocks: &[Block]) -> Self {
        let mut kernels: Vec<Kernel> = Vec::new();
        for block in blocks {
            if !kernels.contains(&block.kernel) {
                kernels.push(block.kernel.clone());
            }
        }
        Self { edges, kernels, reached: Vec::new() }
    }

    /// Whether the panels are made for all kernels of `blocks`, and the box holds these bounds.
    pub(super) fn serves(&self, blocks: &[Block], (lo, hi): (f64, f64)) -> bool {
        let holds = self.edges[0] <= lo && hi <= self.edges[self.edges.len() - 1];
        holds && blocks.iter().all(|block| self.kernels.contains(&block.kernel))
    }

    /// Where the law stands at a degree.
    pub(super) fn at(&self, degree: usize) -> Option<&Reached> {
        self.reached.iter().find(|(known, _)| *known == degree).map(|(_, reached)| reached)
    }

    /// The law stands here now.
    pub(super) fn set(&mut self, degree: usize, reached: Reached) {
        self.reached.retain(|(known, _)| *known != degree);
        self.reached.push((degree, reached));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::NoiseLevel;
    use crate::samplers::lmc;

    #[test]
    fn the_rest_goes_on_with_the_last_block() {
        let block = |step: f64, repeat: u64| lmc(step, repeat, NoiseLevel::DATA).blocks[0].clone();
        let reached = Reached { blocks: vec![block(0.1, 2), block(0.2, 3)], ..Reached::new(DVector::zeros(1)) };
        let go = |blocks: &[Block]| reached.rest(blocks);
        assert_eq!(go(&[block(0.1, 2), block(0.2, 5)]), Some(vec![block(0.2, 2)]));
        let longer = [block(0.1, 2), block(0.2, 3), block(0.1, 1)];
        assert_eq!(go(&longer), Some(vec![Block { repeat: 0, ..block(0.2, 1) }, block(0.1, 1)]));
        assert_eq!(go(&[block(0.1, 2)]), None);
        assert_eq!(go(&[block(0.1, 3), block(0.2, 5)]), None);
        assert_eq!(go(&[block(0.1, 2), block(0.2, 2)]), None);
    }
}
