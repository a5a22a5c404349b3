//! Markov chains that start from their target: every state has the law, and states of one chain depend on each other.

use super::super::drawing::{each, in_rows, normal};
use super::super::laws::{gaussian, isotropic, modes};
use super::super::{Right, Sampler};
use nalgebra::DMatrix;
use rand::RngExt;

pub(super) const ALL: [Right; 3] = [
    Right {
        name: "mala-chains",
        tells: "Langevin steps with acceptance on a mixture, 100 chains of 5 states as groups",
        draws: 500,
        build: mala,
    },
    Right {
        name: "gibbs-chains",
        tells: "Gibbs sweeps in the plane, 100 chains of 5 states as groups",
        draws: 500,
        build: gibbs,
    },
    Right {
        name: "hamiltonian",
        tells: "the end of five leapfrog trajectories in the plane",
        draws: 500,
        build: hamiltonian,
    },
];

const LENGTH: usize = 5;

fn mala() -> Result<Sampler, String> {
    let (h, weight, middle, variance) = (0.2f64, 0.4, 1.2, 0.5);
    let parts = move |x: f64| {
        [(weight, -middle), (1.0 - weight, middle)]
            .map(|(w, m)| (w * libm::exp(-0.5 * (x - m) * (x - m) / variance), m))
    };
    // ln p up to a constant, and the score.
    let target = move |x: f64| {
        let parts = parts(x);
        let density: f64 = parts.iter().map(|(p, _)| p).sum();
        let score = parts.iter().map(|(p, m)| p * (m - x) / variance).sum::<f64>() / density;
        (density.ln(), score)
    };
    let draw = in_rows(1, LENGTH, move |source, chain| {
        let side = if source.random::<f64>() < weight { -middle } else { middle };
        let mut x = side + variance.sqrt() * normal(source);
        for place in chain {
            *place = x;
            let (ln, score) = target(x);
            let y = x + h * score + (2.0 * h).sqrt() * normal(source);
            let (there, back) = target(y);
            let proposed = |from: f64, score: f64, to: f64| -(to - from - h * score).powi(2) / (4.0 * h);
            let ratio = there - ln + proposed(y, back, x) - proposed(x, score, y);
            if (1.0 - source.random::<f64>()).ln() < ratio {
                x = y;
            }
        }
    });
    let law = modes(&[(weight, -middle, variance), (1.0 - weight, middle, variance)])?;
    Ok(Sampler::of(&law, draw).in_groups(LENGTH as u64))
}

fn gibbs() -> Result<Sampler, String> {
    let rho = 0.7f64;
    let rest = (1.0 - rho * rho).sqrt();
    let draw = in_rows(2, LENGTH, move |source, chain| {
        let mut x = normal(source);
        let mut y = rho * x + rest * normal(source);
        for place in chain.chunks_exact_mut(2) {
            place.copy_from_slice(&[x, y]);
            x = rho * y + rest * normal(source);
            y = rho * x + rest * normal(source);
        }
    });
    let law = gaussian(&[0.0; 2], DMatrix::from_row_slice(2, 2, &[1.0, rho, rho, 1.0]))?;
    Ok(Sampler::of(&law, draw).in_groups(LENGTH as u64))
}

fn hamiltonian() -> Result<Sampler, String> {
    let (step, kicks, trajectories) = (0.6, 4, 5);
    let energy = |x: &[f64; 2], p: &[f64; 2]| 0.5 * (x.iter().chain(p).map(|v| v * v).sum::<f64>());
    let draw = each(2, move |source, out| {
        let mut x = [normal(source), normal(source)];
        for _ in 0..trajectories {
            let p = [normal(source), normal(source)];
            let (mut y, mut r) = (x, p);
            for i in 0..2 {
                r[i] -= 0.5 * step * y[i];
                for k in 0..kicks {
                    y[i] += step * r[i];
                    r[i] -= if k + 1 < kicks { step } else { 0.5 * step } * y[i];
                }
            }
            if (1.0 - source.random::<f64>()).ln() < energy(&x, &p) - energy(&y, &r) {
                x = y;
            }
        }
        out.copy_from_slice(&x);
    });
    Ok(Sampler::of(&isotropic(2, 0.0, 1.0)?, draw))
}
