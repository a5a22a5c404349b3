//! Random ladders of noise levels: LLT-9, LLT-10 and LLT-11.

use super::levels::{noise, through};
use super::{
    BUILT, Error, RARE, any_pair, below, bounded_shape, gaussians, log_uniform, mixtures, one_mixture, uniform,
};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{Program, Rung, Scheme, annealed_lmc, reverse_sde};
use crate::scores::Size;
use crate::targets::{Data, Density, Points, Target};
use nalgebra::DVector;
use rand::Rng;

/// Mostly Gaussians and products, some mixtures on the line, some atoms.
fn data(rng: &mut dyn Rng) -> Data {
    if below(rng, 2 * RARE) > 0 {
        return Data::Density(any_pair(rng).target);
    }
    let atoms = [-1.0, 0.0, 1.0].map(|x| DVector::from_element(1, x * uniform(rng, 0.3, 1.5)));
    Data::Points(Points::new(vec![0.3, 0.45, 0.25], atoms.to_vec()).expect(BUILT))
}

/// How many levels more than two: chi-squared between Gaussians costs next to nothing, between mixtures an integral for each.
fn most_levels(data: &Data) -> u64 {
    if matches!(data, Data::Density(Density::Gaussian(_))) { 11 } else { 2 }
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

/// An OU sampler with a few steps in proportion to the time left, and the level it ends at.
fn reverse_ou(rng: &mut dyn Rng, early_stop: f64, most: u64) -> (Program, NoiseLevel) {
    let kappa = log_uniform(rng, 0.1, 0.8);
    let steps = 1 + below(rng, most);
    // Below the time 1 the times grow by 1 + kappa from one to the next, above it by kappa.
    let horizon = (0..steps).fold(early_stop, |t, _| t + kappa * t.min(1.0));
    let grid = TimeGrid::kappa(horizon, early_stop, kappa).expect(BUILT);
    (reverse_sde(&Process::Ou, Scheme::Exponential, &grid), Process::Ou.level(early_stop))
}

/// For LLT-9a: 2 to 12 levels whose ratio is 1 + alpha/sqrt(d), of an annealing or of a VE sampler.
pub fn ve_ladder(rng: &mut dyn Rng) -> Instance {
    let data = data(rng);
    let dim = data.dim();
    let ratio = 1.0 + log_uniform(rng, 0.05, 1.2) / (dim as f64).sqrt();
    let levels = 2 + below(rng, most_levels(&data));
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
        _ => reverse_ou(rng, 0.2, 2),
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
    let (program, last) = reverse_ou(rng, early_stop, most_levels(&data));
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
    let damaged = below(rng, 2) == 0;
    // On the line a level costs a matrix power, and with an error its threshold is searched for: few levels there.
    let (target, most) = match below(rng, RARE) {
        0 => (one_mixture(rng).target, 2),
        1..3 => (mixtures(rng, 8.0).target, 2),
        _ => (gaussians(rng, 30.0).target, if damaged { 4 } else { 12 }),
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
    let error: Option<Error> = damaged.then(|| (bounded_shape(rng, dim), Size::Epsilon(log_uniform(rng, 1e-16, 1e-7))));
    let compared = if below(rng, 4) == 0 { NoiseLevel::DATA } else { ve(narrowest) };
    through(target, noise(dim, all[0] * all[0]), error, program, compared)
}
