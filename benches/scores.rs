//! Floor 3 and the targets below it: how long a batch of scores takes.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use scorebound::processes::Process;
use scorebound::scores::learned::{Network, Precision, Regime, Start, Training, TrainingSettings};
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

/// Steps of gradient descent of a network with 4 inputs and 2 outputs.
fn training(c: &mut Criterion) {
    let mut group = c.benchmark_group("scores/learned/training");
    for (n, m) in [(400, 2048), (2000, 8192)] {
        let inputs = DMatrix::from_fn(4, n, |c, j| libm::sin((j * 4 + c) as f64));
        let labels = DMatrix::from_fn(n, 2, |j, i| libm::cos((j * 2 + i) as f64));
        // Nominal operations of four products of matrices.
        group.throughput(Throughput::Elements((4 * n * m * (4 + 2)) as u64));
        for precision in [Precision::Double, Precision::Single] {
            let network = Network::draw(4, 2, m, Start::Antisymmetric, 0, 0).expect("a valid network");
            let settings = TrainingSettings { step: 1e-6, precision, regime: Regime::Network };
            let mut descent = Training::new(network, &inputs, labels.clone(), settings).expect("shapes that fit");
            group.bench_function(format!("{precision:?}/n={n}/m={m}"), |b| b.iter(|| descent.advance()));
        }
    }
    group.finish();
}

criterion_group!(benches, scores, training);
criterion_main!(benches);
