//! Floor 5: how long it takes to carry a law through a whole program.

use criterion::{Criterion, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use scorebound::laws::{Law, Propagate, Settings, Start, plan};
use scorebound::processes::NoiseLevel;
use scorebound::samplers::{Program, lmc};
use scorebound::scores::Damaged;
use scorebound::targets::{Covariance, Density, Gaussian, Mixture, Product};
use std::hint::black_box;
use std::sync::Arc;

const SETTINGS: Settings = Settings { engine: None, particles: 100_000, confidence: 0.999_999, seed: 0 };

/// A chain: where it starts, what it does, and the score it is handed.
struct Chain {
    start: Start,
    program: Program,
    field: Damaged,
}

impl Chain {
    fn new(start: Density, target: Density, step: f64, steps: u64) -> Self {
        Self {
            start: Start::Density(start),
            program: lmc(step, steps, NoiseLevel::DATA),
            field: Damaged::exact(Arc::new(target)),
        }
    }

    fn law(&self) -> Law {
        let mut law =
            plan(&self.start, &self.program, &self.field, &SETTINGS).expect("an exact engine does this").start;
        law.run(&self.program, &self.field).expect("the planned engine does this");
        law
    }
}

/// A centred Gaussian on R^dim with a full covariance.
fn dense(dim: usize) -> Density {
    let cov = DMatrix::from_fn(dim, dim, |i, j| if i == j { 1.0 } else { 0.6 / dim as f64 });
    Density::Gaussian(Gaussian::new(DVector::zeros(dim), Covariance::Dense(cov)).expect("diagonally dominant"))
}

/// A centred Gaussian on R^dim with variances between 1/2 and 3/2.
fn diagonal(dim: usize) -> Density {
    let variances = DVector::from_fn(dim, |i, _| 0.5 + i as f64 / dim as f64);
    Density::Gaussian(Gaussian::new(DVector::zeros(dim), Covariance::Diagonal(variances)).expect("positive variances"))
}

fn wide(dim: usize) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), 2.0).expect("a positive variance"))
}

fn two_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).expect("a valid mixture"))
}

fn product(block: Density, copies: u64) -> Density {
    Density::Product(Product::new(vec![(block, copies)]).expect("a valid product"))
}

fn laws(c: &mut Criterion) {
    let mut group = c.benchmark_group("laws");
    group.sample_size(10);
    let billion = 1_000_000_000;
    for (name, chain) in [
        ("gaussian/d=100/N=1e9", Chain::new(wide(100), dense(100), 1e-8, billion)),
        ("gaussian/d=1000-diagonal/N=1e9", Chain::new(wide(1000), diagonal(1000), 1e-8, billion)),
        ("grid1/h=1e-7/N=1e8", Chain::new(wide(1), two_modes(), 1e-7, 100_000_000)),
        (
            "product/d=1e6/h=1e-3/N=1e4",
            Chain::new(product(wide(1), 1_000_000), product(two_modes(), 1_000_000), 1e-3, 10_000),
        ),
    ] {
        group.bench_function(name, |b| b.iter(|| black_box(&chain).law()));
    }
    group.finish();
}

criterion_group!(benches, laws);
criterion_main!(benches);
