//! Programs as data.

use super::{Program, lmc};
use crate::processes::NoiseLevel;
use proptest::prelude::*;

/// Whether each single step of a program uses the damaged score, written out.
fn unrolled(program: &Program) -> Vec<bool> {
    program.blocks.iter().flat_map(|b| std::iter::repeat_n(!b.kernel.drift.at().clean, b.repeat as usize)).collect()
}

proptest! {
    #[test]
    fn confinement_marks_exactly_the_listed_steps(steps in 1..60u64, listed in prop::collection::btree_set(0..80u64, 0..12)) {
        let listed: Vec<u64> = listed.into_iter().collect();
        let program = lmc(0.01, steps, NoiseLevel::DATA).confined_to(&listed);
        let expected: Vec<bool> = (0..steps).map(|k| listed.contains(&k)).collect();
        prop_assert_eq!(unrolled(&program), expected);
        prop_assert_eq!(program.steps(), steps);
        prop_assert!(program.blocks.len() <= 2 * listed.len() + 1);
    }
}

#[test]
fn lmc_is_one_block_however_long() {
    let program = lmc(1e-9, 20_000_000_000, NoiseLevel::DATA);
    assert_eq!((program.blocks.len(), program.steps()), (1, 20_000_000_000));
    assert_eq!(program.levels(), [NoiseLevel::DATA]);
    assert!((program.blocks[0].kernel.noise.powi(2) / 2e-9 - 1.0).abs() < 1e-15);
    assert!(program.clean().blocks[0].kernel.drift.at().clean);
}
