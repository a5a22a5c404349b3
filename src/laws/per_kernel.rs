//! Work that is costly per kernel, done once for each distinct one.

use crate::samplers::{Block, Kernel, KernelKey};
use std::collections::HashMap;

/// Calls `f(made, repeat)` for every block in order, where `made` is made once per distinct kernel, from the kernel and the
/// number of steps it takes in all, and dropped after the last block that has it.
pub(super) fn per_kernel<T>(blocks: &[Block], mut make: impl FnMut(&Kernel, u64) -> T, mut f: impl FnMut(&T, u64)) {
    let mut uses: HashMap<KernelKey, (usize, u64)> = HashMap::new();
    for (i, Block { kernel, repeat }) in blocks.iter().enumerate() {
        let (last, steps) = uses.entry(kernel.key()).or_default();
        (*last, *steps) = (i, *steps + repeat);
    }
    let mut kept: HashMap<KernelKey, T> = HashMap::new();
    for (i, Block { kernel, repeat }) in blocks.iter().enumerate() {
        let key = kernel.key();
        let (last, steps) = uses[&key];
        f(kept.entry(key).or_insert_with(|| make(kernel, steps)), *repeat);
        if last == i {
            kept.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::per_kernel;
    use crate::processes::NoiseLevel;
    use crate::samplers::lmc;

    #[test]
    fn alternating_kernels_are_made_once() {
        let damaged = lmc(0.1, 400, NoiseLevel::DATA);
        let every_second: Vec<u64> = (0..200).map(|k| 2 * k).collect();
        let program = damaged.confined_to(&every_second);
        let (mut made, mut steps) = (Vec::new(), 0);
        per_kernel(&program.blocks, |_, uses| made.push(uses), |(), repeat| steps += repeat);
        assert_eq!((program.blocks.len(), made, steps), (400, vec![200, 200], 400));
    }
}
