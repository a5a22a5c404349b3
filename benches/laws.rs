//! Floor 5: how long it takes to carry a law through a whole program.

use criterion::{Criterion, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use scorebound::laws::{Engine, Law, Propagate, Settings, Start, plan};
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
    engine: Option<Engine>,
}

impl Chain {
    fn new(start: Density, target: Density, step: f64, steps: u64) -> Self {
        Self {
            start: Start::Density(start),
            program: lmc(step, steps, NoiseLevel::DATA),
            field: Damaged::exact(Arc::new(target)),
            engine: None,
        }
    }

    fn law(&self) -> Law {
        let settings = Settings { engine: self.engine, ..SETTINGS };
        let mut law = plan(&self.start, &self.program, &self.field, &settings).expect("an engine does this").start;
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

/// Three modes that are not on a line, for tensor grids.
fn three_modes() -> Density {
    let mode =
        |x: f64, y: f64, v: f64| Gaussian::isotropic(DVector::from_vec(vec![x, y]), v).expect("a positive variance");
    let modes = vec![mode(-1.5, 0.0, 0.6), mode(1.0, 1.2, 0.8), mode(0.8, -1.4, 0.5)];
    Density::Mixture(Mixture::new(vec![0.3, 0.4, 0.3], modes).expect("a valid mixture"))
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
        // The ratio of the next two is what counts.
        ("grid2/h=0.02/N=20", Chain::new(wide(2), three_modes(), 0.02, 20)),
        (
            "grid2/h=0.02/N=20/1e5-particles",
            Chain { engine: Some(Engine::Particles), ..Chain::new(wide(2), three_modes(), 0.02, 20) },
        ),
    ] {
        group.bench_function(name, |b| b.iter(|| black_box(&chain).law()));
    }
    group.finish();
}

criterion_group!(benches, laws);
criterion_main!(benches);
