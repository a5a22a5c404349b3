//! Work that is costly per kernel, done once for each distinct one.

use crate::samplers::{Block, Kernel};

/// Calls `f(made, repeat)` for every block in order, where `made` is made once per distinct kernel and dropped after the
/// last block that has it.
pub(super) fn per_kernel<T>(blocks: &[Block], mut make: impl FnMut(&Kernel) -> T, mut f: impl FnMut(&T, u64)) {
    let mut kept: Vec<(&Kernel, T)> = Vec::new();
    for (i, Block { kernel, repeat }) in blocks.iter().enumerate() {
        let known = kept.iter().position(|(k, _)| *k == kernel);
        let at = known.unwrap_or_else(|| {
            kept.push((kernel, make(kernel)));
            kept.len() - 1
        });
        f(&kept[at].1, *repeat);
        if blocks[i + 1..].iter().all(|later| later.kernel != *kernel) {
            kept.swap_remove(at);
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
        let (mut made, mut steps) = (0, 0);
        per_kernel(&program.blocks, |_| made += 1, |(), repeat| steps += repeat);
        assert_eq!((program.blocks.len(), made, steps), (400, 2, 400));
    }
}
