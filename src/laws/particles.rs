//! Clouds of particles, the fallback for everything else.

use super::fallback::above_rounding;
use super::{Propagate, Start, Unsupported};
use crate::numerics::stream;
use crate::processes::NoiseLevel;
use crate::samplers::Kernel;
use crate::scores::ScoreField;
use crate::targets::Target;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Particles per chunk; each chunk draws from a stream of its own, so that the cloud does not depend on the threads.
const CHUNK: usize = 4096;

/// Independent draws from a law: all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Particles {
    dim: usize,
    /// Component-major within each chunk (d x m).
    chunks: Vec<Vec<f64>>,
    seed: u64,
    steps: u64,
    /// The total confidence of statements made from the cloud.
    pub confidence: f64,
}

impl Particles {
    /// `count` independent draws from a start.
    #[must_use]
    pub fn from_start(start: &Start, count: u64, seed: u64, confidence: f64) -> Self {
        let dim = start.dim();
        let count = usize::try_from(count).unwrap_or(usize::MAX).max(1);
        let chunks = (0..count.div_ceil(CHUNK))
            .into_par_iter()
            .map(|k| {
                let m = CHUNK.min(count - k * CHUNK);
                let mut xs = vec![0.0; dim * m];
                start.sample(NoiseLevel::DATA, &mut stream(seed, "particles/start", k as u64), m, &mut xs);
                xs
            })
            .collect();
        Self { dim, chunks, seed, steps: 0, confidence }
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The number of particles.
    #[must_use]
    pub fn count(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum::<usize>() / self.dim
    }

    /// The particles, chunk by chunk; each chunk is component-major (d x m).
    #[must_use]
    pub fn chunks(&self) -> &[Vec<f64>] {
        &self.chunks
    }

    /// The seed its streams are derived from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The sample mean of each coordinate.
    #[must_use]
    pub fn mean(&self) -> Vec<f64> {
        let n = self.count() as f64;
        let sum = |i: usize| {
            self.chunks
                .iter()
                .map(|c| c[i * c.len() / self.dim..(i + 1) * c.len() / self.dim].iter().sum::<f64>())
                .sum::<f64>()
        };
        (0..self.dim).map(|i| sum(i) / n).collect()
    }

    /// The sample covariance.
    #[must_use]
    pub fn cov(&self) -> Vec<Vec<f64>> {
        let (mean, n) = (self.mean(), self.count() as f64);
        let entry = |i: usize, j: usize| {
            let part = |c: &Vec<f64>| -> f64 {
                let m = c.len() / self.dim;
                let (x, y) = (&c[i * m..(i + 1) * m], &c[j * m..(j + 1) * m]);
                x.iter().zip(y).map(|(x, y)| (x - mean[i]) * (y - mean[j])).sum()
            };
            self.chunks.iter().map(part).sum::<f64>() / (n - 1.0).max(1.0)
        };
        (0..self.dim).map(|i| (0..self.dim).map(|j| entry(i, j)).collect()).collect()
    }
}

impl Propagate for Particles {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let (seed, name) = (self.seed, format!("particles/step/{}", self.steps));
        self.chunks.par_iter_mut().enumerate().for_each(|(k, xs)| {
            let mut move_by = vec![0.0; xs.len()];
            kernel.drift.displacement(s, xs, &mut move_by);
            if kernel.noise > 0.0 {
                let mut rng = stream(seed, &name, k as u64);
                for d in &mut move_by {
                    let xi: f64 = StandardNormal.sample(&mut rng);
                    *d += kernel.noise * xi;
                }
            }
            xs.iter_mut().zip(&move_by).for_each(|(x, d)| *x += d);
        });
        self.steps += 1;
        let reach = self
            .chunks
            .par_iter()
            .map(|xs| xs.iter().fold(0.0_f64, |top, x| top.max(x.abs())))
            .reduce(|| 0.0, f64::max);
        above_rounding("particles", kernel.noise, reach)?;
        if self.chunks.par_iter().any(|xs| xs.iter().any(|x| !x.is_finite())) {
            return Err(Unsupported {
                engine: "particles",
                needs: format!(
                    "positions that stay finite; a particle overflowed at step {}: use a smaller step",
                    self.steps
                ),
            });
        }
        Ok(())
    }
}
