//! Programs: kernels with repetition counts.

use super::Kernel;
use crate::processes::NoiseLevel;
use std::collections::HashSet;

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

impl Program {
    /// The total number of steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.blocks.iter().map(|b| b.repeat).sum()
    }

    /// The distinct noise levels at which the score is asked for, in order of first use.
    #[must_use]
    pub fn levels(&self) -> Vec<NoiseLevel> {
        let mut seen = HashSet::new();
        let levels = self.blocks.iter().flat_map(|block| block.kernel.drift.scores()).map(|at| at.level);
        levels.filter(|level| seen.insert(level.key())).collect()
    }

    /// The error-free twin: the same kernels with the exact score.
    #[must_use]
    pub fn clean(&self) -> Self {
        let clean =
            |b: &Block| Block { kernel: Kernel { drift: b.kernel.drift.clean(), ..b.kernel }, repeat: b.repeat };
        Self { blocks: self.blocks.iter().map(clean).collect() }
    }

    /// The program whose Langevin steps at the beginning, its first block, ask for the truncated score.
    #[must_use]
    pub fn truncated_first(mut self) -> Self {
        if let Some(first) = self.blocks.first_mut() {
            first.kernel.drift = first.kernel.drift.with_truncation(true);
        }
        self
    }

    /// The program in which no step asks for the truncated score.
    #[must_use]
    pub fn untruncated(&self) -> Self {
        let mut program = self.clone();
        program.blocks.iter_mut().for_each(|b| b.kernel.drift = b.kernel.drift.with_truncation(false));
        program
    }

    /// The program in which only the steps that ask for the score at one of these levels use the damaged score.
    #[must_use]
    pub fn confined_to_levels(&self, levels: &[NoiseLevel]) -> Self {
        let block = |b: &Block| {
            let drift = b.kernel.drift.with_clean(|at| at.clean || !levels.contains(&at.level));
            Block { kernel: Kernel { drift, ..b.kernel }, repeat: b.repeat }
        };
        Self { blocks: self.blocks.iter().map(block).collect() }
    }

    /// The program in which only the listed steps (counted from 0, ascending) use the damaged score. Blocks are cut at
    /// these steps; the number of blocks grows with the length of the list, not with the number of steps.
    #[must_use]
    pub fn confined_to(&self, steps: &[u64]) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut push = |kernel: Kernel, repeat: u64| match blocks.last_mut() {
            _ if repeat == 0 => {}
            Some(last) if last.kernel == kernel => last.repeat += repeat,
            _ => blocks.push(Block { kernel, repeat }),
        };
        let mut listed = steps.iter().copied().peekable();
        let mut start = 0;
        for block in &self.blocks {
            let clean = Kernel { drift: block.kernel.drift.clean(), ..block.kernel };
            let end = start + block.repeat;
            let mut at = start;
            while let Some(step) = listed.next_if(|&s| s < end) {
                if step < at {
                    continue;
                }
                push(clean.clone(), step - at);
                push(block.kernel.clone(), 1);
                at = step + 1;
            }
            push(clean, end - at);
            start = end;
        }
        Self { blocks }
    }
}
