//! Floor 3 and the targets below it: how long a batch of scores takes.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use scorebound::processes::Process;
use scorebound::targets::{Covariance, Density, Gaussian, Mixture, Product, Target};

/// Points per batch.
const BATCH: usize = 4096;

/// A centred Gaussian on R^dim with a full covariance.
fn dense(dim: usize) -> Density {
    let cov = DMatrix::from_fn(dim, dim, |i, j| if i == j { 1.0 } else { 0.6 / dim as f64 });
    Density::Gaussian(Gaussian::new(DVector::zeros(dim), Covariance::Dense(cov)).expect("diagonally dominant"))
}

fn two_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).expect("a valid mixture"))
}

fn scores(c: &mut Criterion) {
    let mut group = c.benchmark_group("scores");
    let product = Density::Product(Product::new(vec![(two_modes(), 64)]).expect("a valid product"));
    let level = Process::Ou.level(0.1);
    for (name, target) in [("gaussian/d=64-dense", dense(64)), ("mixture/d=1", two_modes()), ("product/d=64", product)]
    {
        let dim = target.dim();
        let xs: Vec<f64> = (0..dim * BATCH).map(|i| 3.0 * libm::sin(i as f64)).collect();
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(format!("{name}/n={BATCH}"), |b| {
            b.iter_batched_ref(
                || vec![0.0; dim * BATCH],
                |out| Target::score(&target, level, &xs, out),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, scores);
criterion_main!(benches);
