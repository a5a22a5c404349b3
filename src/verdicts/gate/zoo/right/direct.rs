//! Samplers of laws by transforming and rejecting random numbers.

use super::super::drawing::{Source, each, normal, on_line};
use super::super::laws::{gaussian, integers, isotropic};
use super::super::{Right, Sampler};
use crate::targets::{Density, Gaussian, Mixture};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};

pub(super) const ALL: [Right; 6] = [
    Right {
        name: "cholesky",
        tells: "a Gaussian in four dimensions, by the factor of its covariance",
        draws: 500,
        build: cholesky,
    },
    Right {
        name: "box-muller-single",
        tells: "normal numbers by Box and Muller in single precision",
        draws: 1000,
        build: box_muller,
    },
    Right { name: "polar", tells: "normal numbers by Marsaglia's polar method", draws: 1000, build: polar },
    Right {
        name: "ancestral",
        tells: "a mixture in the plane: a component, then a draw from it",
        draws: 500,
        build: ancestral,
    },
    Right {
        name: "rejection",
        tells: "normal numbers from exponential ones by rejection",
        draws: 1000,
        build: rejection,
    },
    Right { name: "alias", tells: "five atoms by Walker's alias method", draws: 1000, build: alias },
];

fn cholesky() -> Result<Sampler, String> {
    let cov = DMatrix::from_row_slice(
        4,
        4,
        &[2.0, 0.6, 0.0, -0.3, 0.6, 1.0, 0.4, 0.0, 0.0, 0.4, 1.5, 0.2, -0.3, 0.0, 0.2, 0.5],
    );
    let mean = [1.0, -2.0, 0.0, 0.5];
    let law = gaussian(&mean, cov.clone())?;
    let l = cov.cholesky().ok_or("the covariance is positive definite")?.l();
    let draw = each(4, move |source, x| {
        let z: [f64; 4] = std::array::from_fn(|_| normal(source));
        for (i, x) in x.iter_mut().enumerate() {
            *x = mean[i] + (0..=i).map(|k| l[(i, k)] * z[k]).sum::<f64>();
        }
    });
    Ok(Sampler::of(&law, draw))
}

fn box_muller() -> Result<Sampler, String> {
    let draw = on_line(|source| {
        // In (0, 1]: no logarithm of 0.
        let [u, v] = [0; 2].map(|_| 1.0 - source.random::<f32>());
        f64::from((-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos())
    });
    Ok(Sampler::of(&isotropic(1, 0.0, 1.0)?, draw))
}

fn polar() -> Result<Sampler, String> {
    let draw = on_line(|source| {
        loop {
            let [u, v] = [0; 2].map(|_| 2.0 * source.random::<f64>() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * s.ln() / s).sqrt();
            }
        }
    });
    Ok(Sampler::of(&isotropic(1, 0.0, 1.0)?, draw))
}

fn ancestral() -> Result<Sampler, String> {
    let (weights, means, sds) = ([0.5, 0.3, 0.2], [[-2.0, 0.0], [2.0, 1.0], [0.0, 3.0]], [1.0, 0.5, 0.7]);
    let part = |k: usize| Gaussian::isotropic(DVector::from_column_slice(&means[k]), sds[k] * sds[k]);
    let parts = (0..3).map(part).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let law = Density::Mixture(Mixture::new(weights.to_vec(), parts).map_err(|e| e.to_string())?);
    let draw = each(2, move |source, x| {
        let u: f64 = source.random();
        let k = if u < weights[0] { 0 } else { 1 + usize::from(u >= weights[0] + weights[1]) };
        x.iter_mut().zip(means[k]).for_each(|(x, m)| *x = m + sds[k] * normal(source));
    });
    Ok(Sampler::of(&law, draw))
}

fn rejection() -> Result<Sampler, String> {
    let exponential = |source: &mut Source| -(1.0 - source.random::<f64>()).ln();
    let draw = on_line(move |source| {
        loop {
            let (x, level) = (exponential(source), exponential(source));
            // exp(-x^2/2) is at most e^(1/2) exp(-x).
            if level > 0.5 * (x - 1.0) * (x - 1.0) {
                return if source.random() { x } else { -x };
            }
        }
    });
    Ok(Sampler::of(&isotropic(1, 0.0, 1.0)?, draw))
}

fn alias() -> Result<Sampler, String> {
    // 0.1, 0.15, 0.2, 0.25, 0.3: a fifth each, of which some goes to another.
    let table = [(0.5, 4), (0.75, 3), (1.0, 2), (1.0, 3), (1.0, 4)];
    let draw = on_line(move |source| {
        let k = source.next_u32() as usize % table.len();
        let (own, other) = table[k];
        (if source.random::<f64>() < own { k } else { other }) as f64
    });
    Ok(Sampler::of_points(&integers(&[0.1, 0.15, 0.2, 0.25, 0.3])?, draw))
}
