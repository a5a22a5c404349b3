//! How samplers of the zoo hand over their draws.

use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Random numbers.
pub type Source = ChaCha8Rng;

/// Draws so many rows, and hands them over in blocks (d x m, component-major).
pub type Draw = Box<dyn Fn(&mut Source, u64, &mut dyn FnMut(&[f64], usize)) + Send + Sync>;

/// Rows that are handed over at a time, at least.
const BLOCK: usize = 2048;

/// A standard normal number.
pub fn normal(source: &mut Source) -> f64 {
    StandardNormal.sample(source)
}

/// Independent draws, one at a time.
pub fn each(dim: usize, one: impl Fn(&mut Source, &mut [f64]) + Send + Sync + 'static) -> Draw {
    in_rows(dim, 1, one)
}

/// Independent draws on the line.
pub fn on_line(one: impl Fn(&mut Source) -> f64 + Send + Sync + 'static) -> Draw {
    each(1, move |source, x| x[0] = one(source))
}

/// So many rows at a time (a chain, a batch), which may depend on each other; row by row in the slice.
pub fn in_rows(dim: usize, rows: usize, some: impl Fn(&mut Source, &mut [f64]) + Send + Sync + 'static) -> Draw {
    Box::new(move |source, n, sink| {
        let most = (BLOCK / rows).max(1) as u64;
        let (mut left, mut block) = (n / rows as u64, Vec::new());
        while left > 0 {
            let now = left.min(most);
            block.resize(now as usize * rows * dim, 0.0);
            block.chunks_exact_mut(rows * dim).for_each(|rows| some(source, rows));
            hand_over(dim, &block, sink);
            left -= now;
        }
    })
}

/// All rows at once.
pub fn whole(dim: usize, all: impl Fn(&mut Source, &mut [f64]) + Send + Sync + 'static) -> Draw {
    Box::new(move |source, n, sink| {
        let mut rows = vec![0.0; n as usize * dim];
        all(source, &mut rows);
        hand_over(dim, &rows, sink);
    })
}

fn hand_over(dim: usize, rows: &[f64], sink: &mut dyn FnMut(&[f64], usize)) {
    let n = rows.len() / dim;
    let columns: Vec<f64> = (0..dim).flat_map(|i| rows.iter().skip(i).step_by(dim).copied()).collect();
    sink(&columns, n);
}
