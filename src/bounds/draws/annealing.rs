//! Random ladders of noise levels: LLT-9, LLT-10 and LLT-11.

use super::levels::{noise, through};
use super::{BUILT, Error, any_pair, below, bounded_shape, gaussians, log_uniform, mixtures, uniform};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{Program, Rung, Scheme, annealed_lmc, reverse_sde};
use crate::scores::Size;
use crate::targets::{Data, Points, Target};
use nalgebra::DVector;
use rand::Rng;

/// Mostly Gaussians and products, some mixtures on the line, some atoms.
fn data(rng: &mut dyn Rng) -> Data {
    if below(rng, 8) > 0 {
        return Data::Density(any_pair(rng).target);
    }
    let atoms = [-1.0, 0.0, 1.0].map(|x| DVector::from_element(1, x * uniform(rng, 0.3, 1.5)));
    Data::Points(Points::new(vec![0.3, 0.45, 0.25], atoms.to_vec()).expect(BUILT))
}

fn ve(sigma: f64) -> NoiseLevel {
    NoiseLevel { alpha: 1.0, sigma }
}

/// `levels` noise sizes whose squares fall by a ratio, down to `narrowest`.
fn sigmas(narrowest: f64, ratio: f64, levels: u64) -> Vec<f64> {
    (0..levels).rev().map(|m| narrowest * ratio.powf(0.5 * m as f64)).collect()
}

/// One step at each level: enough where only the levels matter.
fn passing(sigmas: &[f64]) -> Program {
    let rung = |&sigma: &f64| Rung { level: ve(sigma), step: 0.01 * sigma * sigma, steps: 1, rounding: 0.0 };
    annealed_lmc(&sigmas.iter().map(rung).collect::<Vec<_>>())
}

/// An OU sampler with steps in proportion to the time left, and the level it ends at.
fn reverse_ou(rng: &mut dyn Rng, early_stop: f64) -> (Program, NoiseLevel) {
    let horizon = early_stop + uniform(rng, 0.3, 2.0);
    let grid = TimeGrid::kappa(horizon, early_stop, log_uniform(rng, 0.15, 0.8)).expect(BUILT);
    (reverse_sde(&Process::Ou, Scheme::Exponential, &grid), Process::Ou.level(early_stop))
}

/// For LLT-9a: 2 to 12 levels whose ratio is 1 + alpha/sqrt(d), of an annealing or of a VE sampler.
pub fn ve_ladder(rng: &mut dyn Rng) -> Instance {
    let data = data(rng);
    let dim = data.dim();
    let ratio = 1.0 + log_uniform(rng, 0.05, 1.2) / (dim as f64).sqrt();
    let levels = 2 + below(rng, 11);
    let all = sigmas(log_uniform(rng, 0.1, 2.0), ratio, if below(rng, 12) == 0 { 1 } else { levels });
    let (first, last) = (all[0], all[all.len() - 1]);
    let times = |sigma: f64| 0.5 * sigma * sigma;
    let (program, last) = match below(rng, 8) {
        0..5 => (passing(&all), ve(last)),
        5 | 6 => match TimeGrid::geometric(times(first), times(last), levels) {
            Ok(grid) => (reverse_sde(&Process::Ve, Scheme::EulerMaruyama, &grid), Process::Ve.level(times(last))),
            // A single level: there is nothing to reverse.
            Err(_) => (passing(&all), ve(last)),
        },
        _ => reverse_ou(rng, 0.2),
    };
    through(data, noise(dim, first * first), None, program, last)
}

/// For LLT-9b: the levels of a reverse OU sampler.
pub fn ou_levels(rng: &mut dyn Rng) -> Instance {
    let data = data(rng);
    let dim = data.dim();
    if below(rng, 12) == 0 {
        return through(data, noise(dim, 1.0), None, passing(&[1.2, 1.0]), ve(1.0));
    }
    let early_stop = log_uniform(rng, 0.05, 0.5);
    let (program, last) = reverse_ou(rng, early_stop);
    through(data, noise(dim, 1.0), None, program, last)
}

/// For LLT-9c: noise from hardly more than the data's tails allow to much more than that.
pub fn noise_start(rng: &mut dyn Rng) -> Instance {
    let data = data(rng);
    let dim = data.dim();
    let variance = 5.0 * log_uniform(rng, 0.5, 20.0 * dim as f64);
    let start = if below(rng, 12) == 0 { variance * uniform(rng, 0.5, 1.5) } else { variance };
    let sigma = variance.sqrt();
    through(data, noise(dim, start), None, passing(&[sigma, 0.9 * sigma]), ve(0.9 * sigma))
}

/// For LLT-10: an annealing or a reverse OU sampler that stops early.
pub fn early_stop(rng: &mut dyn Rng) -> Instance {
    let data = data(rng);
    let dim = data.dim();
    let variance = log_uniform(rng, 1e-3, 1.0) / dim as f64;
    if below(rng, 2) == 0 {
        let all = sigmas(variance.sqrt(), 1.5, 2);
        let compared = if below(rng, 2) == 0 { NoiseLevel::DATA } else { ve(all[1]) };
        return through(data, noise(dim, all[0] * all[0]), None, passing(&all), compared);
    }
    // One in six runs on to the data themselves.
    let stop = if below(rng, 6) == 0 { 0.0 } else { 0.5 * variance };
    let grid = TimeGrid::uniform(1.0, stop, 2).expect(BUILT);
    let program = reverse_sde(&Process::Ou, Scheme::Exponential, &grid);
    through(data, noise(dim, 1.0), None, program, Process::Ou.level(stop))
}

/// For LLT-11: steps at which the bound says something for most, exact scores or tiny errors.
pub fn annealed(rng: &mut dyn Rng) -> Instance {
    // On the line every level costs the square of its number of steps' logarithm in grid sizes: few levels there.
    let (target, most) = match below(rng, 10) {
        0..7 => (gaussians(rng, 30.0).target, 12),
        7 | 8 => (mixtures(rng, 8.0).target, 3),
        _ => (mixtures(rng, 1.0).target, 3),
    };
    let dim = target.dim();
    let levels = 1 + below(rng, most);
    let ratio = 1.0 + log_uniform(rng, 0.3, 1.1) / (dim as f64).sqrt();
    // No variance in the tails of the data exceeds 4, and the noise has to exceed twice that.
    let widest = log_uniform(rng, 8.2, 15.0 + 2.0 * dim as f64);
    let narrowest = (widest * ratio.powf(-((levels - 1) as f64))).sqrt();
    let accuracy = log_uniform(rng, 0.05, 0.8) / levels as f64;
    let rung = |sigma: f64| {
        let constants = target.constants(ve(sigma));
        let (l, c) = (constants.lipschitz.value.hi(), constants.lsi.value.hi());
        let step = accuracy * accuracy / (dim as f64 * l * l * c);
        Rung { level: ve(sigma), step, steps: (6.0 * c / step).ceil().min(1e8) as u64, rounding: 0.0 }
    };
    let all = sigmas(narrowest, ratio, levels);
    let program = annealed_lmc(&all.iter().map(|&sigma| rung(sigma)).collect::<Vec<_>>());
    let error: Option<Error> =
        (below(rng, 2) == 0).then(|| (bounded_shape(rng, dim), Size::Epsilon(log_uniform(rng, 1e-16, 1e-7))));
    let compared = if below(rng, 4) == 0 { NoiseLevel::DATA } else { ve(narrowest) };
    through(target, noise(dim, all[0] * all[0]), error, program, compared)
}
