//! Floor 6: how long a divergence takes, once both laws are there.

use criterion::{Criterion, criterion_group, criterion_main};
use nalgebra::DVector;
use scorebound::divergences::Divergence;
use scorebound::laws::Law;
use scorebound::targets::{Covariance, Density, Gaussian, Mixture, Product};
use std::hint::black_box;

/// N(shift, diag) on R^d with variances between 1/2 and 2.
fn diagonal(dim: usize, shift: f64) -> Law {
    let variances = DVector::from_fn(dim, |i, _| 0.5 + 1.5 * (i as f64 + shift) / dim as f64);
    let law = Gaussian::new(DVector::from_element(dim, 0.01 * shift), Covariance::Diagonal(variances));
    Law::Closed(Density::Gaussian(law.expect("positive variances")))
}

/// N(0, diag(exp(scale cos i))) on R^d, and N(0, I) with scale 0.
fn waves(dim: usize, scale: f64) -> Law {
    let variances = DVector::from_fn(dim, |i, _| (scale * (i as f64 + 1.0).cos()).exp());
    let law = Gaussian::new(DVector::zeros(dim), Covariance::Diagonal(variances));
    Law::Closed(Density::Gaussian(law.expect("positive variances")))
}

/// `copies` of a two-mode mixture whose modes are moved apart by `shift`.
fn mixtures(copies: u64, shift: f64) -> Law {
    let block = Mixture::scalar(&[0.4, 0.6], &[-1.5 - shift, 1.5 + shift], &[0.6, 1.0]).expect("a valid mixture");
    Law::Closed(Density::Product(Product { factors: vec![(Density::Mixture(block), copies)] }))
}

fn divergences(c: &mut Criterion) {
    let mut group = c.benchmark_group("divergences");
    group.sample_size(10);
    let (q, p) = (diagonal(1000, 0.5), diagonal(1000, 0.0));
    for (name, divergence) in [("tv", Divergence::Tv), ("kl", Divergence::Kl), ("w2", Divergence::W2)] {
        group.bench_function(format!("gaussian/{name}/d=1000-diagonal"), |b| {
            b.iter(|| divergence.between(black_box(&q), black_box(&p)).expect("Gaussians have every divergence"));
        });
    }
    // TV of 0.3, 0.06 and 0.007: on the straight contour, near the change to the rotated one, and on that.
    for scale in [0.05, 0.01, 0.001] {
        let (q, p) = (waves(1000, scale), waves(1000, 0.0));
        group.bench_function(format!("gaussian/tv/d=1000-waves-{scale}"), |b| {
            b.iter(|| Divergence::Tv.between(black_box(&q), black_box(&p)).expect("Gaussians have every divergence"));
        });
    }
    let (q, p) = (mixtures(1_000_000, 1e-4), mixtures(1_000_000, 0.0));
    for (name, divergence) in [("tv", Divergence::Tv), ("kl", Divergence::Kl)] {
        group.bench_function(format!("product/{name}/d=1e6"), |b| {
            b.iter(|| divergence.between(black_box(&q), black_box(&p)).expect("products have a TV and a KL"));
        });
    }
    let (q, p) = (mixtures(1, 1e-2), mixtures(1, 0.0));
    for (name, divergence) in [("tv", Divergence::Tv), ("kl", Divergence::Kl), ("chi2", Divergence::ChiSquared)] {
        group.bench_function(format!("closed1/{name}"), |b| {
            b.iter(|| divergence.between(black_box(&q), black_box(&p)).expect("1-D mixtures have every divergence"));
        });
    }
    group.finish();
}

criterion_group!(benches, divergences);
criterion_main!(benches);
