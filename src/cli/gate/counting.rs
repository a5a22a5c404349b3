//! Draws, counted block by block.

use super::super::session::Failure;
use crate::experiments::samples::{SampleError, Shape};
use crate::verdicts::gate::{Reference, Tally};
use rayon::prelude::*;

/// Draws are counted in so many blocks at a time.
const AT_A_TIME: usize = 32;

/// Hands draws on in blocks.
pub(super) type Draws<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&[f64], usize)) -> Result<Shape, SampleError>;

/// What was counted, and how many chains there are.
pub(super) fn count(reference: &Reference, draws: Draws<'_>) -> Result<(Tally, Option<u64>), Failure> {
    let mut tally = Tally::new(reference);
    let mut waiting: Vec<(u64, Vec<f64>, usize)> = Vec::with_capacity(AT_A_TIME);
    let count = |blocks: &mut Vec<(u64, Vec<f64>, usize)>, tally: &mut Tally| {
        let counted = blocks.par_iter().fold(
            || Tally::new(reference),
            |mut tally, (first, xs, n)| {
                tally.add(reference, *first, xs, *n);
                tally
            },
        );
        // Whole numbers: the order does not matter.
        let counted = counted.reduce(|| Tally::new(reference), |a, b| a.and(&b));
        *tally = std::mem::replace(tally, Tally::new(reference)).and(&counted);
        blocks.clear();
    };
    let mut rows = 0;
    let shape = draws(&mut |xs, n| {
        waiting.push((rows, xs.to_vec(), n));
        rows += n as u64;
        if waiting.len() == AT_A_TIME {
            count(&mut waiting, &mut tally);
        }
    })?;
    count(&mut waiting, &mut tally);
    Ok((tally, shape.chains))
}
