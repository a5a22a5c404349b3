//! Random laws for the statements about constants: a target and a noise level, no sampler.
//!
//! Gaussians, products and mixtures in a few dimensions, where bounds and lower bounds are proved quickly; about one law in
//! ten is one that the statement does not speak of.

use super::{BUILT, below, log_uniform, uniform};
use crate::bounds::Instance;
use crate::laws::{Settings, Start};
use crate::processes::NoiseLevel;
use crate::samplers::Program;
use crate::scores::Damaged;
use crate::targets::{Covariance, Density, Gaussian, Mixture, Points, Product, Target};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};
use std::sync::Arc;

/// The law at the level, with nothing to run.
pub(super) fn at(target: impl Target + 'static, level: NoiseLevel) -> Instance {
    let target: Arc<dyn Target> = Arc::new(target);
    let start = Density::Gaussian(Gaussian::isotropic(DVector::zeros(target.dim()), 1.0).expect(BUILT));
    let field = Arc::new(Damaged::exact(Arc::clone(&target)));
    Instance::new(target, level, Start::Density(start), field, Program { blocks: Vec::new() }, Settings::default())
}

fn data(p: Density) -> Instance {
    at(p, NoiseLevel::DATA)
}

/// Whether this draw leaves what the statement speaks of.
fn outside(rng: &mut dyn Rng) -> bool {
    below(rng, 10) == 0
}

fn normal(rng: &mut dyn Rng) -> f64 {
    // Twelve uniform numbers: near enough to a normal for a direction.
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// A Gaussian of up to 12 dimensions, with variances over two decades; one in three with a full covariance.
pub(super) fn any_gaussian(rng: &mut dyn Rng) -> Density {
    let d = log_uniform(rng, 1.0, 12.999) as usize;
    let mean = DVector::from_fn(d, |_, _| uniform(rng, -2.0, 2.0));
    let cov = match below(rng, 3) {
        0 if d > 1 => {
            let a = DMatrix::from_fn(d, d, |_, _| normal(rng));
            Covariance::Dense(&a * a.transpose() / d as f64 + DMatrix::identity(d, d) * log_uniform(rng, 0.1, 1.0))
        }
        _ => Covariance::Diagonal(DVector::from_fn(d, |_, _| log_uniform(rng, 0.1, 10.0))),
    };
    Density::Gaussian(Gaussian::new(mean, cov).expect(BUILT))
}

pub(super) fn line(weight: f64, means: [f64; 2], variances: [f64; 2]) -> Density {
    Density::Mixture(Mixture::scalar(&[weight, 1.0 - weight], &means, &variances).expect(BUILT))
}

/// Two modes of one variance at this distance in standard deviations.
pub(super) fn alike(rng: &mut dyn Rng, distance: f64) -> Density {
    let variance = log_uniform(rng, 0.1, 10.0);
    let half = 0.5 * distance * variance.sqrt();
    line(uniform(rng, 0.1, 0.9), [-half, half], [variance; 2])
}

/// Copies of a law beside a Gaussian.
fn beside(rng: &mut dyn Rng, law: Density) -> Density {
    let copies = log_uniform(rng, 1.0, 1000.0) as u64;
    Density::Product(Product::new(vec![(law, copies), (any_gaussian(rng), 1)]).expect(BUILT))
}

/// Two to four means at most `radius` from the origin in the metric of one covariance, in 2 or 3 dimensions.
pub(super) fn in_a_ball(rng: &mut dyn Rng, radius: f64) -> Density {
    let (d, k) = (2 + below(rng, 2) as usize, 2 + below(rng, 3) as usize);
    let variances = match below(rng, 2) {
        0 => DVector::from_element(d, log_uniform(rng, 0.2, 5.0)),
        _ => DVector::from_fn(d, |_, _| log_uniform(rng, 0.2, 5.0)),
    };
    let component = |rng: &mut dyn Rng| {
        let direction = DVector::from_fn(d, |_, _| normal(rng)).normalize();
        let length = radius * uniform(rng, 0.3, 1.0);
        let mean = DVector::from_fn(d, |i, _| direction[i] * length * variances[i].sqrt());
        Gaussian::new(mean, Covariance::Diagonal(variances.clone())).expect(BUILT)
    };
    let components = (0..k).map(|_| component(rng)).collect();
    Density::Mixture(Mixture::new(weights(rng, k), components).expect(BUILT))
}

fn weights(rng: &mut dyn Rng, k: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..k).map(|_| uniform(rng, 0.15, 1.0)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| w / sum).collect()
}

/// Two modes of different variance on the line.
pub(super) fn unlike(rng: &mut dyn Rng) -> Density {
    let narrow = log_uniform(rng, 0.2, 0.9);
    let distance = uniform(rng, 0.0, 4.0);
    line(uniform(rng, 0.1, 0.9), [0.0, distance], [narrow, 1.0])
}

/// A concentric or shifted pair of isotropic components in 1 to 4 dimensions.
fn nested(rng: &mut dyn Rng) -> Density {
    let d = 1 + below(rng, 4) as usize;
    let component = |shift: f64, variance: f64| {
        Gaussian::isotropic(DVector::from_element(d, shift / (d as f64).sqrt()), variance).expect(BUILT)
    };
    let components = vec![component(0.0, log_uniform(rng, 0.2, 0.9)), component(uniform(rng, 0.0, 2.0), 1.0)];
    Density::Mixture(Mixture::new(weights(rng, 2), components).expect(BUILT))
}

/// For LLT-18a: Gaussians and products of them.
pub fn gaussian(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        return data(unlike(rng));
    }
    let p = any_gaussian(rng);
    data(if below(rng, 4) == 0 { beside(rng, p) } else { p })
}

/// For LLT-18b: modes closer than two standard deviations, now and then a little farther.
pub fn close_modes(rng: &mut dyn Rng) -> Instance {
    let distance = if outside(rng) { uniform(rng, 2.2, 4.0) } else { log_uniform(rng, 0.1, 1.99) };
    data(match below(rng, 10) {
        0..3 => any_gaussian(rng),
        3..6 => in_a_ball(rng, 0.5 * distance),
        6..8 => {
            let law = alike(rng, distance);
            beside(rng, law)
        }
        _ => alike(rng, distance),
    })
}

/// For LLT-18c: one component wider than all others; one in ten without.
pub fn widest_component(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        let distance = log_uniform(rng, 0.1, 4.0);
        return data(alike(rng, distance));
    }
    data(match below(rng, 10) {
        0..5 => nested(rng),
        5..7 => {
            let law = unlike(rng);
            beside(rng, law)
        }
        7 => any_gaussian(rng),
        _ => unlike(rng),
    })
}

/// A law of any kind whose constants are moderate.
fn moderate(rng: &mut dyn Rng) -> Density {
    match below(rng, 10) {
        0..3 => any_gaussian(rng),
        3..5 => {
            let law = unlike(rng);
            beside(rng, law)
        }
        5..7 => in_a_ball(rng, 1.5),
        7 => nested(rng),
        _ => {
            let distance = log_uniform(rng, 0.3, 5.0);
            alike(rng, distance)
        }
    }
}

/// For LLT-18d: the image under a scaling.
pub fn scaled(rng: &mut dyn Rng) -> Instance {
    let alpha = log_uniform(rng, 0.1, 10.0);
    let sigma = if outside(rng) { log_uniform(rng, 0.01, 1.0) } else { 0.0 };
    at(moderate(rng), NoiseLevel { alpha, sigma })
}

/// For LLT-18e: any noise level; one in ten started from atoms, which have no constant.
pub fn noised(rng: &mut dyn Rng) -> Instance {
    let level = NoiseLevel { alpha: log_uniform(rng, 0.1, 2.0), sigma: log_uniform(rng, 0.01, 3.0) };
    if outside(rng) { at(atoms(rng, 3.0), level) } else { at(moderate(rng), level) }
}

/// Two to five atoms on the line.
pub(super) fn atoms_on_the_line(rng: &mut dyn Rng, most: f64) -> Points {
    let radius = log_uniform(rng, 0.1, most);
    atoms_within(rng, 1, radius)
}

/// Two to five atoms on the line or in the plane.
fn atoms(rng: &mut dyn Rng, radius: f64) -> Points {
    let d = 1 + below(rng, 2) as usize;
    atoms_within(rng, d, radius)
}

/// Two to five atoms.
pub(super) fn atoms_within(rng: &mut dyn Rng, d: usize, radius: f64) -> Points {
    let k = 2 + below(rng, 4) as usize;
    let atoms = (0..k).map(|_| DVector::from_fn(d, |_, _| uniform(rng, -radius, radius))).collect();
    Points::new(weights(rng, k), atoms).expect(BUILT)
}

/// For LLT-18f: any law; one in ten atoms without noise, which have no density.
pub fn any_law(rng: &mut dyn Rng) -> Instance {
    if outside(rng) { at(atoms(rng, 2.0), NoiseLevel::DATA) } else { data(moderate(rng)) }
}

/// For LLT-20a: one covariance, or atoms at a noise level.
pub fn common_covariance(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        return data(unlike(rng));
    }
    match below(rng, 10) {
        0..2 => data(any_gaussian(rng)),
        2..5 => {
            let radius = log_uniform(rng, 0.1, 2.0);
            data(in_a_ball(rng, radius))
        }
        5..7 => {
            let level = NoiseLevel { alpha: 1.0, sigma: log_uniform(rng, 0.7, 3.0) };
            at(atoms(rng, 1.0), level)
        }
        7 => {
            let distance = log_uniform(rng, 0.1, 5.0);
            let law = alike(rng, distance);
            data(beside(rng, law))
        }
        _ => {
            let distance = log_uniform(rng, 0.1, 5.0);
            data(alike(rng, distance))
        }
    }
}

/// For LLT-18h: means within one standard deviation.
pub fn small_diameter(rng: &mut dyn Rng) -> Instance {
    let diameter = if outside(rng) { uniform(rng, 1.1, 3.0) } else { log_uniform(rng, 0.1, 0.99) };
    data(if below(rng, 2) == 0 { in_a_ball(rng, 0.5 * diameter) } else { alike(rng, diameter) })
}

/// For LLT-19: two or more components of one or of different covariances; one in ten a single Gaussian.
pub fn mixture(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        return data(any_gaussian(rng));
    }
    data(match below(rng, 10) {
        0..3 => {
            let radius = log_uniform(rng, 0.1, 2.0);
            in_a_ball(rng, radius)
        }
        3..5 => nested(rng),
        5..7 => {
            let law = unlike(rng);
            beside(rng, law)
        }
        7 => unlike(rng),
        _ => {
            let distance = log_uniform(rng, 0.1, 7.0);
            alike(rng, distance)
        }
    })
}

/// For LLT-20b: two isotropic components; one in ten of equal variance.
pub fn two_isotropic(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        let distance = log_uniform(rng, 0.1, 4.0);
        return data(alike(rng, distance));
    }
    data(nested(rng))
}

/// For LLT-21: laws on the line; one in ten in the plane.
pub fn on_the_line(rng: &mut dyn Rng) -> Instance {
    if outside(rng) {
        return data(in_a_ball(rng, 1.0));
    }
    data(match below(rng, 3) {
        0 => Density::Gaussian(
            Gaussian::isotropic(DVector::from_element(1, uniform(rng, -2.0, 2.0)), log_uniform(rng, 0.1, 10.0))
                .expect(BUILT),
        ),
        1 => unlike(rng),
        _ => {
            let distance = log_uniform(rng, 0.1, 7.0);
            alike(rng, distance)
        }
    })
}
