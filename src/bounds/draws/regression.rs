//! Random atoms under noise, with and without a score error, without a sampler (HRX-4 to HRX-8).

use super::constants::{at, atoms_on_the_line, atoms_within, unlike};
use super::{BUILT, Error, affine, below, bounded_shape, bump, log_uniform, outward, uniform};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process};
use crate::scores::{Damaged, Size, calibrate};
use crate::targets::{Data, Points, Target};
use rand::Rng;
use std::sync::Arc;

/// Atoms on the line; one in three times copies of a coordinate beside another one.
fn on_lines(rng: &mut dyn Rng) -> Data {
    let block = |rng: &mut dyn Rng| Data::Points(atoms_on_the_line(rng, 5.0));
    if below(rng, 3) > 0 {
        return block(rng);
    }
    let copies = log_uniform(rng, 1.0, 50.0) as u64;
    let first = block(rng);
    // Of the same size, so that noise of one size hides both.
    let reach = first.reach() / (first.dim() as f64).sqrt();
    Data::product(vec![(first, copies), (Data::Points(atoms_within(rng, 1, reach)), 1)]).expect(BUILT)
}

/// A level at which the noise hides atoms of this size neither too little nor too well; one in four of VE.
fn level(rng: &mut dyn Rng, size: f64, most: f64) -> NoiseLevel {
    let snr = log_uniform(rng, 0.02, most) / (size * size);
    match below(rng, 4) {
        0 => Process::Ve.level(0.5 / snr),
        _ => Process::Ou.level(0.5 * libm::log1p(1.0 / snr)),
    }
}

/// Data and a level; one in twenty times data with a density, one in twenty no noise.
fn situation(rng: &mut dyn Rng) -> (Data, NoiseLevel) {
    let data = on_lines(rng);
    let largest = data.runs().iter().map(|run| data.block(run.first, run.dim).reach()).fold(0.0, f64::max);
    let level = level(rng, largest, 20.0);
    match below(rng, 20) {
        0 => (Data::Density(unlike(rng)), level),
        1 => (data, NoiseLevel::DATA),
        _ => (data, level),
    }
}

/// For HRX-6a and 6b.
pub fn atoms_under_noise(rng: &mut dyn Rng) -> Instance {
    let (data, level) = situation(rng);
    at(data, level)
}

/// An error of a regression by `1e-3` to 1 of the data's size, on any of the shapes; one in eight times none.
fn error(rng: &mut dyn Rng, data: &Data, level: NoiseLevel) -> Option<Error> {
    let (dim, spread) = (data.dim(), level.sigma + level.alpha * data.reach().min(1e3) / (data.dim() as f64).sqrt());
    let shape = match below(rng, 8) {
        0 => return None,
        1 => affine(dim, uniform(rng, 0.2, 1.0)),
        2 => outward(dim, uniform(rng, -0.5, 0.5) * spread, 0.0),
        3 => bump(dim, -uniform(rng, 0.1, 1.0) * spread, uniform(rng, 0.1, 1.0) * spread),
        _ => bounded_shape(rng, dim),
    };
    let size = log_uniform(rng, 1e-3, 1.0) * data.reach().min(10.0);
    Some((shape, Size::Epsilon(level.gain() * size)))
}

/// For HRX-4.
pub fn damaged(rng: &mut dyn Rng) -> Instance {
    let (data, level) = situation(rng);
    let error = error(rng, &data, level);
    let mut found = at(data, level);
    if let Some((shape, size)) = error {
        let target: Arc<dyn Target> = Arc::clone(&found.target);
        // An error that cannot be calibrated is left out.
        let field = calibrate(Arc::clone(&target), shape, size, &[level]).unwrap_or_else(|_| Damaged::exact(target));
        found.field = Arc::new(field);
    }
    found
}

/// For HRX-8: atoms in up to 40 dimensions, or a few independent blocks of them.
pub fn atoms_in_space(rng: &mut dyn Rng) -> Instance {
    let radius = log_uniform(rng, 0.1, 5.0);
    let block = |rng: &mut dyn Rng| -> Points {
        let d = log_uniform(rng, 1.0, 40.999) as usize;
        atoms_within(rng, d, radius / (d as f64).sqrt())
    };
    let data = match below(rng, 4) {
        0 => {
            let copies = 1 + below(rng, 3);
            let (first, second) = (Data::Points(block(rng)), Data::Points(block(rng)));
            Data::product(vec![(first, copies), (second, 1)]).expect(BUILT)
        }
        _ => Data::Points(block(rng)),
    };
    let level = level(rng, radius, 200.0);
    match below(rng, 20) {
        0 => at(Data::Density(unlike(rng)), level),
        1 => at(data, NoiseLevel::DATA),
        _ => at(data, level),
    }
}
