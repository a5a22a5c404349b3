//! Random predictors and predictor-correctors along the levels of VE (LLT-13, 13b, 16, 17).

use super::levels::{noise, through};
use super::{
    BUILT, Error, RARE, affine, below, constant, constants, fourier, gaussians, log_uniform, two_modes, uniform,
};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{CorrectAt, Corrector, Program, Scheme, predictor_corrector, reverse_sde};
use crate::scores::Size;
use crate::targets::{Covariance, Density, Gaussian, Target};
use nalgebra::DVector;
use rand::Rng;

/// A target, a start near its law at the first level, and the levels.
struct Path {
    target: Density,
    start: Density,
    grid: TimeGrid,
    /// The level at which it ends.
    last: NoiseLevel,
}

/// The largest step that LLT-13 allows below time `tau`.
fn limit(target: &Density, tau: f64) -> f64 {
    let constants = target.constants(Process::Ve.level(tau));
    // A little less: L is that of the less noisy end, divided by 1 - 2hL.
    0.98 / (400.0 * constants.lipschitz.value.hi().powi(2) * constants.lsi.value.hi())
}

/// Gaussians with up to `most` dimensions, sometimes a mixture on the line, and up to `steps` steps of up to `reach` times
/// what LLT-13 allows.
fn path(rng: &mut dyn Rng, most: f64, steps: f64, reach: f64) -> Path {
    let mixture = below(rng, RARE) == 0;
    let delta = if below(rng, 3) == 0 { 0.0 } else { log_uniform(rng, 0.01, 0.5) };
    let (target, variances, shift) = if mixture {
        let (mixture, start) = two_modes(rng);
        (Density::Mixture(mixture), start.cov, start.mean)
    } else {
        let pair = gaussians(rng, most);
        let Density::Gaussian(start) = pair.start else { unreachable!("gaussians draws Gaussians") };
        (pair.target, start.cov, start.mean)
    };
    let n = log_uniform(rng, 3.0, if mixture { 6.0 } else { steps }) as u64;
    let h = limit(&target, delta) * log_uniform(rng, 0.1, reach);
    let grid = if delta > 0.0 && below(rng, 2) == 0 {
        // Steps h_k = kappa tau_{k+1}, the shortest of length h.
        let horizon = delta * (n as f64 * (h / delta).ln_1p()).min(1.0).exp();
        TimeGrid::geometric(horizon, delta, n)
    } else {
        TimeGrid::uniform(delta + n as f64 * h, delta, n)
    };
    let grid = grid.expect(BUILT);
    let wider = 2.0 * grid.times()[0];
    let cov = match variances {
        Covariance::Diagonal(v) => Covariance::Diagonal(v.map(|v| v + wider)),
        Covariance::Isotropic(v) => Covariance::Isotropic(v + wider),
        Covariance::Dense(v) => Covariance::Diagonal(v.diagonal().map(|v| v + wider)),
    };
    let start = match target.noised(Process::Ve.level(grid.times()[0])) {
        // Started at p_T, what the steps add is all there is.
        Ok(p) if below(rng, 2) == 0 => p,
        _ => Density::Gaussian(Gaussian::new(shift, cov).expect(BUILT)),
    };
    Path { target, start, grid, last: Process::Ve.level(delta) }
}

/// The situation, in one of ten cases with a fault: more noise, a start too wide, or steps that are too long.
fn build(rng: &mut dyn Rng, path: Path, error: Option<Error>, program: Program) -> Instance {
    let Path { target, mut start, last, grid } = path;
    let mut program = program;
    if below(rng, 10) == 0 {
        match below(rng, 3) {
            0 => program.blocks.iter_mut().for_each(|block| block.kernel.noise *= 1.2),
            1 => start = wider(&target, grid.times()[0]),
            _ => {
                let long = TimeGrid::uniform(grid.times()[0] + 0.5, grid.times()[0], 3).expect(BUILT);
                let mut longer = reverse_sde(&Process::Ve, Scheme::EulerMaruyama, &long);
                longer.blocks.extend(program.blocks);
                program = longer;
            }
        }
    }
    through(target, start, error, program, last)
}

/// Three times the variance of p_T: chi-squared is infinite.
fn wider(target: &Density, horizon: f64) -> Density {
    noise(target.dim(), 3.0 * target.constants(Process::Ve.level(horizon)).lsi.value.hi().min(1e6))
}

fn plain(path: &Path) -> Program {
    reverse_sde(&Process::Ve, Scheme::EulerMaruyama, &path.grid)
}

/// With Langevin steps at every level or at the end, up to `reach` times as long as LLT-5b allows at the last level.
fn corrected(rng: &mut dyn Rng, path: &Path, reach: f64) -> Program {
    let (smoothness, lsi) = {
        let constants = path.target.constants(path.last);
        (constants.lipschitz.value.hi(), constants.lsi.value.hi())
    };
    let step = log_uniform(rng, 0.05, reach) / (132.0 * smoothness * smoothness * lsi);
    let mixture = matches!(path.target, Density::Mixture(_));
    let (at, steps) = match below(rng, 2) {
        0 => (CorrectAt::EveryLevel, log_uniform(rng, 1.0, if mixture { 2.0 } else { 9.0 }) as u64),
        _ => (CorrectAt::End, log_uniform(rng, 1.0, if mixture { 12.0 } else { 1e5 }) as u64),
    };
    predictor_corrector(
        &Process::Ve,
        Scheme::EulerMaruyama,
        &path.grid,
        &Corrector { at, step, relative: false, steps },
    )
}

/// For LLT-13: bounded errors.
pub fn predictor(rng: &mut dyn Rng) -> Instance {
    let path = path(rng, 30.0, 300.0, 1.05);
    let dim = path.target.dim();
    let lsi = constants(&path.target).1.min(1e6);
    let error = match below(rng, 4) {
        0 => None,
        _ => Some((constant(dim), Size::Amplitude(log_uniform(rng, 1e-3, 0.5) / lsi.sqrt()))),
    };
    let program = plain(&path);
    build(rng, path, error, program)
}

/// A small error of any shape that the exact engines follow quickly.
fn small_error(rng: &mut dyn Rng, target: &Density, most: f64) -> Error {
    let dim = target.dim();
    let size = Size::Epsilon(log_uniform(rng, 1e-10, most));
    let shape = match target {
        Density::Gaussian(_) if below(rng, 3) == 0 => constant(dim),
        Density::Gaussian(_) => affine(dim, -0.2),
        // A wave: on the line it is followed quickly, a jump is not.
        _ => fourier(dim, uniform(rng, 0.5, 2.0)),
    };
    (shape, size)
}

/// For LLT-13b: small errors, often unbounded.
pub fn predictor_l2(rng: &mut dyn Rng) -> Instance {
    let path = path(rng, 12.0, 200.0, 1.05);
    let error = small_error(rng, &path.target, 1e-4);
    let program = plain(&path);
    build(rng, path, Some(error), program)
}

/// For LLT-16: the same with Langevin steps.
pub fn predictor_corrected(rng: &mut dyn Rng) -> Instance {
    let path = path(rng, 12.0, 100.0, 1.05);
    let error = small_error(rng, &path.target, 1e-6);
    let program = corrected(rng, &path, 1.1);
    build(rng, path, Some(error), program)
}

/// For LLT-17: a constant error seen by one predictor step.
pub fn one_level_error(rng: &mut dyn Rng) -> Instance {
    let dim = log_uniform(rng, 1.0, 8.999) as usize;
    let variances = DVector::from_fn(dim, |_, _| log_uniform(rng, 0.1, 4.0));
    let law =
        |v: DVector<f64>| Density::Gaussian(Gaussian::new(DVector::zeros(dim), Covariance::Diagonal(v)).expect(BUILT));
    let delta = log_uniform(rng, 1e-3, 0.3);
    let horizon = delta + log_uniform(rng, 0.1, 10.0);
    let steps = log_uniform(rng, 2.0, 60.0) as u64;
    let grid = if below(rng, 2) == 0 {
        TimeGrid::uniform(horizon, delta, steps)
    } else {
        TimeGrid::geometric(horizon, delta, steps)
    };
    let grid = grid.expect(BUILT);
    let start = law(variances.map(|v| v + 2.0 * horizon));
    let path = Path { target: law(variances), start, grid, last: Process::Ve.level(delta) };
    let (program, per_step) = if below(rng, 3) == 0 {
        (plain(&path), 1)
    } else {
        let corrector = Corrector {
            at: CorrectAt::EveryLevel,
            relative: false,
            step: log_uniform(rng, 1e-3, 0.15),
            steps: log_uniform(rng, 1.0, 30.0) as u64,
        };
        let program = predictor_corrector(&Process::Ve, Scheme::EulerMaruyama, &path.grid, &corrector);
        (program, 1 + corrector.steps)
    };
    // In one of ten cases a Langevin step or several steps see the error.
    let seen = below(rng, steps) * per_step;
    let listed = if below(rng, 10) == 0 { vec![seen, seen + 1] } else { vec![seen] };
    let error = (constant(dim), Size::Amplitude(log_uniform(rng, 1e-3, 10.0)));
    through(path.target, path.start, Some(error), program.confined_to(&listed), path.last)
}
