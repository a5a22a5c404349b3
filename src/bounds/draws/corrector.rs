//! Random instances of Langevin at one noise level, for the statements about the corrector.

use super::levels::{noise, through};
use super::{BUILT, Error, below, bounded_shape, log_uniform, outward, two_modes, uniform};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process};
use crate::samplers::lmc;
use crate::scores::errors::{Constant, Linear};
use crate::scores::{Direction, ErrorShape, Size};
use crate::targets::{Covariance, Data, Density, Gaussian, Points, Target};
use nalgebra::{DMatrix, DVector};
use rand::Rng;
use std::sync::Arc;

/// What is run.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    /// A statement about the diffusion: closed forms do not mind the step, chains take few.
    Diffusion,
    /// A statement about the chain.
    Chain,
}

/// What a statement asks of the error.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Mostly bounded ones.
    Bounded,
    /// Affine ones too.
    Any,
    /// Those without a jump.
    Smooth,
}

/// Where the start lies.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    /// Anywhere near the target, or the sampler's own.
    Near,
    /// Narrower than the target.
    Narrow,
}

/// N(m, diag) whose coordinates are of up to three kinds.
fn normal(rng: &mut dyn Rng, most: f64) -> Density {
    let dim = log_uniform(rng, 1.0, most + 0.999) as usize;
    let kinds = (log_uniform(rng, 1.0, 3.999) as usize).min(dim);
    let each: Vec<[f64; 2]> = (0..kinds).map(|_| [uniform(rng, -1.0, 1.0), log_uniform(rng, 0.4, 3.0)]).collect();
    let of = |what: usize| DVector::from_fn(dim, |i, _| each[i * kinds / dim][what]);
    Density::Gaussian(Gaussian::new(of(0), Covariance::Diagonal(of(1))).expect(BUILT))
}

/// A law on the line that is not Gaussian: two modes, or three atoms at a level where they have merged.
fn on_the_line(rng: &mut dyn Rng) -> (Data, NoiseLevel) {
    match below(rng, 3) {
        0 => {
            let atoms = [-1.0, 0.2, 1.3].map(|x| DVector::from_element(1, x * uniform(rng, 0.7, 1.2))).to_vec();
            let points = Points::new(vec![0.3, 0.4, 0.3], atoms).expect(BUILT);
            (Data::Points(points), Process::Ou.level(uniform(rng, 0.4, 1.5)))
        }
        1 => (Data::Density(Density::Mixture(two_modes(rng).0)), Process::Ou.level(log_uniform(rng, 0.1, 1.0))),
        _ => (Data::Density(Density::Mixture(two_modes(rng).0)), NoiseLevel::DATA),
    }
}

/// N(mean of p, diag) with the variances of p times factors, moved by `shift`.
fn about(p: &Density, factor: &mut dyn FnMut() -> f64, shift: &mut dyn FnMut() -> f64) -> Density {
    let (mean, cov) = (p.mean(), p.cov());
    let variances = cov.diagonal().map(|v| v * factor());
    let mean = mean.map(|m| m + shift());
    Density::Gaussian(Gaussian::new(mean, Covariance::Diagonal(variances)).expect(BUILT))
}

fn start(rng: &mut dyn Rng, target: &Data, p: &Density, level: NoiseLevel, kind: Start) -> Density {
    let dim = p.dim();
    let root = (dim as f64).sqrt();
    if !level.is_data() && below(rng, 3) == 0 {
        // The warm start N(a EX, q I).
        let mean = target.density(level).map_or_else(|| DVector::zeros(dim), |p| p.mean());
        return Density::Gaussian(Gaussian::isotropic(mean, level.variance()).expect(BUILT));
    }
    match kind {
        Start::Narrow => {
            let (width, far) = (uniform(rng, 0.05, 0.6) / root, uniform(rng, 0.0, 0.3) / root);
            about(p, &mut || 1.0 - width, &mut || far * 0.5)
        }
        Start::Near if below(rng, 3) == 0 => noise(dim, 1.0),
        Start::Near => {
            let (width, far) = (uniform(rng, -0.5, 0.7) / root, uniform(rng, -1.0, 1.0) / root);
            about(p, &mut || 1.0 + width, &mut || far)
        }
    }
}

/// An affine field with independent coordinates.
fn diagonal(rng: &mut dyn Rng, dim: usize) -> Arc<dyn ErrorShape> {
    let (slope, offset) = (uniform(rng, -0.5, 0.3), uniform(rng, -0.5, 0.5));
    Arc::new(Linear { matrix: DMatrix::identity(dim, dim) * slope, offset: DVector::from_element(dim, offset) })
}

fn constant(rng: &mut dyn Rng, dim: usize) -> Arc<dyn ErrorShape> {
    let direction = match below(rng, 2) {
        0 => Direction::uniform(dim),
        _ => Direction::axis(dim, below(rng, dim as u64) as usize),
    };
    Arc::new(Constant { direction })
}

/// An error for Gaussian laws, under which they stay Gaussian, or for the line, where any will do.
fn error(rng: &mut dyn Rng, dim: usize, lsi: f64, kind: Kind, line: bool) -> Option<Error> {
    let shape = match below(rng, 10) {
        0 => return None,
        1 if kind == Kind::Bounded => diagonal(rng, dim),
        2..6 if kind != Kind::Bounded => diagonal(rng, dim),
        _ if !line => constant(rng, dim),
        // An error that jumps up has no one-sided constant.
        6 if kind == Kind::Smooth => outward(1, uniform(rng, 0.0, 1.0), 0.0),
        7 | 8 if kind == Kind::Smooth => outward(1, uniform(rng, 0.0, 1.0), uniform(rng, 0.3, 1.0)),
        _ => bounded_shape(rng, 1),
    };
    let sign = if below(rng, 2) == 0 { 1.0 } else { -1.0 };
    Some((shape, Size::Amplitude(sign * log_uniform(rng, 1e-3, 0.5) / lsi.sqrt())))
}

/// Mostly Gaussians, one in sixteen on the line; in one of twelve cases more noise than Langevin adds.
fn corrector(rng: &mut dyn Rng, run: Run, kind: Kind, from: Start, most: f64) -> Instance {
    let line = below(rng, 16) == 0;
    let (target, level) = match line {
        true => on_the_line(rng),
        false => {
            let target = Data::Density(normal(rng, most));
            let level =
                if below(rng, 3) == 0 { NoiseLevel::DATA } else { Process::Ou.level(log_uniform(rng, 0.05, 1.5)) };
            (target, level)
        }
    };
    let p = target.density(level).expect(BUILT);
    let constants = target.constants(level);
    let (smoothness, lsi) = (constants.lipschitz.value.hi().min(1e6), constants.lsi.value.hi().min(1e6));
    let start = start(rng, &target, &p, level, from);
    let error = error(rng, p.dim(), lsi, kind, line);
    let (step, steps) = match (run, line) {
        (Run::Diffusion, false) => {
            let (time, steps) = (lsi * log_uniform(rng, 0.05, 10.0), log_uniform(rng, 1.0, 100.0) as u64);
            (time / steps as f64, steps)
        }
        (Run::Diffusion, true) => (log_uniform(rng, 0.01, 0.1) / smoothness, log_uniform(rng, 2.0, 12.0) as u64),
        (Run::Chain, false) => {
            let step = log_uniform(rng, 1e-3, 0.3) / smoothness;
            (step, ((lsi * log_uniform(rng, 0.05, 10.0) / step).ceil()).min(1e5) as u64)
        }
        (Run::Chain, true) => (log_uniform(rng, 0.01, 0.2) / smoothness, log_uniform(rng, 2.0, 30.0) as u64),
    };
    let mut program = lmc(step, steps.max(1), level);
    if below(rng, 12) == 0 {
        program.blocks.iter_mut().for_each(|block| block.kernel.noise *= 1.2);
    }
    through(target, start, error, program, level)
}

/// For PMM-5.
pub fn corrector_sup_error(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Diffusion, Kind::Bounded, Start::Near, 12.0)
}

/// For PMM-6.
pub fn corrector_mgf_error(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Diffusion, Kind::Any, Start::Near, 12.0)
}

/// For PMM-7.
pub fn lmc_mgf_error(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Chain, Kind::Any, Start::Near, 12.0)
}

/// For PMM-9a.
pub fn corrector_girsanov(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Diffusion, Kind::Any, Start::Narrow, 5.0)
}

/// For PMM-9b.
pub fn lmc_girsanov(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Chain, Kind::Any, Start::Narrow, 5.0)
}

/// For PMM-10a.
pub fn corrector_contraction(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Diffusion, Kind::Smooth, Start::Near, 12.0)
}

/// For PMM-10b.
pub fn lmc_contraction(rng: &mut dyn Rng) -> Instance {
    corrector(rng, Run::Chain, Kind::Smooth, Start::Near, 12.0)
}
