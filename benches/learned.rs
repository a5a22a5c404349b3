//! Learned scores, the kernel side: what a spectrum costs, and how faer's compares with nalgebra's.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DMatrix, SymmetricEigen};
use scorebound::numerics::symmetric::{product, symmetric_eigen};
use scorebound::scores::learned::{Descent, Spectrum, cross_gram, gram, log_spaced_steps};

/// `n` inputs of dimension 4, the last coordinate 1.
fn inputs(n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(4, n, |i, j| if i == 3 { 1.0 } else { 2.0 * libm::sin((1 + 5 * i + 7 * j * (i + 1)) as f64) })
}

/// The same work twice, side by side: the ratio of the two is the reason for the choice.
fn eigen(c: &mut Criterion) {
    let mut group = c.benchmark_group("learned/eigen");
    group.sample_size(10);
    for n in [128, 256, 512] {
        let k = gram(&inputs(n));
        group.throughput(Throughput::Elements((n * n * n) as u64));
        group.bench_with_input(BenchmarkId::new("faer", n), &k, |b, k| b.iter(|| symmetric_eigen(k)));
        group.bench_with_input(BenchmarkId::new("nalgebra", n), &k, |b, k| b.iter(|| SymmetricEigen::new(k.clone())));
    }
    group.finish();
}

fn kernel(c: &mut Criterion) {
    let mut group = c.benchmark_group("learned/kernel");
    let z = inputs(512);
    group.throughput(Throughput::Elements(512 * 512));
    group.bench_function("gram/n=512", |b| b.iter(|| gram(&z)));
    group.bench_function("cross_gram/n=512", |b| b.iter(|| cross_gram(&z, &z)));
    let k = gram(&z);
    group.bench_function("product/n=512", |b| b.iter(|| product(&k, &k)));
    group.finish();
}

fn descent(c: &mut Criterion) {
    let mut group = c.benchmark_group("learned/descent");
    let (z, others) = (inputs(512), inputs(1000));
    let spectrum = Spectrum::of(&gram(&z)).expect("a Gram matrix");
    let features = spectrum.features(&cross_gram(&others, &z));
    let labels = DMatrix::from_fn(512, 2, |i, j| libm::cos((3 * i + j) as f64));
    let descent = Descent::new(&spectrum, spectrum.monotone_step(), &labels).expect("a monotone step");
    let (target, steps) = (DMatrix::zeros(1000, 2), log_spaced_steps(1, 100_000, 100));
    group.throughput(Throughput::Elements(steps.len() as u64));
    group.bench_function("scan/n=512/points=1000", |b| {
        b.iter(|| descent.mean_square_errors(&features, &target, &steps));
    });
    group.finish();
}

criterion_group!(benches, eigen, kernel, descent);
criterion_main!(benches);
