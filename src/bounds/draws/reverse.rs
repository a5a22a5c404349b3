//! Random instances of the reverse SDE, for the statements about its path-KL.

use super::levels::{noise, through};
use super::{
    Error, RARE, affine, below, bounded_shape, constant, fourier, gaussians, log_uniform, mixtures, one_mixture,
    outward, uniform,
};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{Program, Scheme, lmc, reverse_sde};
use crate::scores::Size;
use crate::targets::{Density, Target};
use rand::Rng;

const GRID: &str = "the grid drawn is valid";

/// Where time runs, and how finely.
struct Way {
    process: Process,
    grid: TimeGrid,
}

/// A target: mostly Gaussians, some copies of a mixture, some mixtures on the line.
fn target(rng: &mut dyn Rng) -> Density {
    match below(rng, RARE) {
        0 => one_mixture(rng).target,
        1..4 => mixtures(rng, 8.0).target,
        _ => gaussians(rng, 12.0).target,
    }
}

/// From a horizon of 0.5 to 4 down to an early stop, in steps of any kind; few of them where each is a convolution.
fn way(rng: &mut dyn Rng, process: Process, exact: bool) -> Way {
    let horizon = log_uniform(rng, 0.5, 4.0);
    let early = if below(rng, 4) == 0 { 0.0 } else { log_uniform(rng, 1e-3, 0.2) };
    let steps = log_uniform(rng, 2.0, if exact { 60.0 } else { 8.0 }) as u64;
    let grid = match below(rng, 3) {
        0 if early > 0.0 => TimeGrid::geometric(horizon, early, steps),
        _ => TimeGrid::uniform(horizon, early, steps),
    };
    Way { process, grid: grid.expect(GRID) }
}

/// No error, or one of any kind that the target's engine takes.
fn error(rng: &mut dyn Rng, target: &Density) -> Option<Error> {
    let dim = target.dim();
    let gaussian = matches!(target, Density::Gaussian(_));
    let shape = match below(rng, 4) {
        0 => return None,
        1 => constant(dim),
        2 if gaussian => affine(dim, uniform(rng, -0.5, 0.2)),
        _ if dim == 1 => match below(rng, 3) {
            0 => bounded_shape(rng, 1),
            1 => fourier(1, uniform(rng, 0.5, 3.0)),
            _ => outward(1, uniform(rng, 0.0, 2.0), 0.0),
        },
        _ => constant(dim),
    };
    Some((shape, Size::Epsilon(log_uniform(rng, 1e-4, 0.5))))
}

/// The prior, or in one of three cases the target at the first level.
fn start(rng: &mut dyn Rng, target: &Density, process: &Process, first: NoiseLevel) -> Density {
    let prior = if process.has_unit_prior() { 1.0 } else { first.variance() };
    match below(rng, 3) {
        0 => Target::density(target, first).unwrap_or_else(|| noise(target.dim(), prior)),
        _ => noise(target.dim(), prior),
    }
}

/// In one of ten cases more noise than the scheme adds, or a Langevin step at the end.
fn faulty(rng: &mut dyn Rng, program: &mut Program, last: NoiseLevel) {
    match below(rng, 20) {
        0 => program.blocks.iter_mut().for_each(|block| block.kernel.noise *= 1.2),
        1 if last.sigma > 0.0 => program.blocks.extend(lmc(0.01, 2, last).blocks),
        _ => {}
    }
}

fn along(rng: &mut dyn Rng, target: Density, Way { process, grid }: Way, scheme: Scheme, standard: bool) -> Instance {
    let level = |k: usize| process.level(grid.times()[k]);
    let (first, last) = (level(0), level(grid.times().len() - 1));
    let start = if standard { noise(target.dim(), 1.0) } else { start(rng, &target, &process, first) };
    let error = error(rng, &target);
    let mut program = reverse_sde(&process, scheme, &grid);
    faulty(rng, &mut program, last);
    through(target, start, error, program, last)
}

fn reverse(rng: &mut dyn Rng, process: Process, scheme: Scheme) -> Instance {
    let target = target(rng);
    let way = way(rng, process, matches!(target, Density::Gaussian(_)));
    along(rng, target, way, scheme, false)
}

/// For LLT-12a.
pub fn reverse_exponential(rng: &mut dyn Rng) -> Instance {
    reverse(rng, Process::Ou, Scheme::Exponential)
}

/// For LLT-12b.
pub fn reverse_exponential_minus(rng: &mut dyn Rng) -> Instance {
    reverse(rng, Process::Ou, Scheme::ExponentialMinus)
}

/// For LLT-12c.
pub fn reverse_euler(rng: &mut dyn Rng) -> Instance {
    reverse(rng, Process::Ou, Scheme::EulerMaruyama)
}

/// For LLT-12VE.
pub fn reverse_ve(rng: &mut dyn Rng) -> Instance {
    reverse(rng, Process::Ve, Scheme::EulerMaruyama)
}

/// For LLT-12d: any of the four.
pub fn reverse_any(rng: &mut dyn Rng) -> Instance {
    match below(rng, 4) {
        0 => reverse_ve(rng),
        k => reverse(rng, Process::Ou, Scheme::ALL[k as usize - 1]),
    }
}

/// For LLT-14: equal steps from N(0, I).
pub fn reverse_uniform(rng: &mut dyn Rng) -> Instance {
    let target = target(rng);
    let horizon = log_uniform(rng, 0.5, 4.0);
    let steps = log_uniform(rng, 2.0, if matches!(target, Density::Gaussian(_)) { 60.0 } else { 8.0 }) as u64;
    let grid = TimeGrid::uniform(horizon, log_uniform(rng, 1e-3, 0.2), steps).expect(GRID);
    along(rng, target, Way { process: Process::Ou, grid }, Scheme::ExponentialMinus, true)
}

/// For LLT-15: steps that shrink with the time.
pub fn reverse_kappa(rng: &mut dyn Rng) -> Instance {
    let target = target(rng);
    let (horizon, early) = (uniform(rng, 0.9, 3.0), log_uniform(rng, 1e-3, 0.5));
    let grid = TimeGrid::kappa(horizon, early, log_uniform(rng, 0.1, 1.0)).expect(GRID);
    along(rng, target, Way { process: Process::Ou, grid }, Scheme::ExponentialMinus, true)
}
