//! The whole walk: plan, carry the law, measure, bound, judge.

use criterion::{Criterion, criterion_group, criterion_main};
use nalgebra::{DMatrix, DVector};
use scorebound::bounds::{Instance, find};
use scorebound::laws::{Settings, Start};
use scorebound::processes::NoiseLevel;
use scorebound::samplers::lmc;
use scorebound::scores::Damaged;
use scorebound::targets::{Covariance, Density, Gaussian, Mixture};
use scorebound::verdicts::judge;
use std::sync::Arc;

const SETTINGS: Settings = Settings { engine: None, particles: 100_000, confidence: 0.999_999, seed: 0 };

/// A fresh instance: nothing is kept from one iteration to the next.
fn instance(start: &Density, target: &Density, step: f64, steps: u64) -> Instance {
    let target = Arc::new(target.clone());
    let field = Arc::new(Damaged::exact(target.clone()));
    let program = lmc(step, steps, NoiseLevel::DATA);
    Instance::new(target, NoiseLevel::DATA, Start::Density(start.clone()), field, program, SETTINGS)
}

fn end_to_end(c: &mut Criterion) {
    let theorem = find("LLT-3b").expect("it is in the registry");
    let two_modes = Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).expect("a valid mixture");
    let off_centre = Gaussian::scalar(0.5, 1.5).expect("a positive variance");
    let cov = DMatrix::from_fn(20, 20, |i, j| if i == j { 1.0 } else { 0.03 });
    let dense = Gaussian::new(DVector::zeros(20), Covariance::Dense(cov)).expect("diagonally dominant");
    let wide = Gaussian::isotropic(DVector::zeros(20), 1.5).expect("a positive variance");
    let mut group = c.benchmark_group("end_to_end");
    group.sample_size(10);
    for (name, start, target) in [
        ("mixture/d=1", Density::Gaussian(off_centre), Density::Mixture(two_modes)),
        ("gaussian/d=20", Density::Gaussian(wide), Density::Gaussian(dense)),
    ] {
        group.bench_function(format!("judge/LLT-3b/{name}"), |b| {
            b.iter(|| judge(theorem, &instance(&start, &target, 1e-3, 10_000)));
        });
    }
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
