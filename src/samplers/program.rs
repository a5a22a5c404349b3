//! Programs: kernels with repetition counts.

use super::Kernel;

/// A kernel applied `repeat` times in a row. Repetition is a number, never an unrolled loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The kernel.
    pub kernel: Kernel,
    /// How often.
    pub repeat: u64,
}

/// A sampler: blocks in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The blocks.
    pub blocks: Vec<Block>,
}
