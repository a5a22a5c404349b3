//! Random data at a level of OU, without a sampler: for PMM-2 to PMM-4.
//!
//! Most laws are Gaussians and products with blocks of mixtures or atoms, a few are on the line.

use super::constants::{alike, any_gaussian, at, atoms_on_the_line, in_a_ball as in_space, line, unlike};
use super::{BUILT, below, log_uniform, uniform};
use crate::bounds::Instance;
use crate::laws::Start;
use crate::numerics::Interval;
use crate::processes::{NoiseLevel, Process};
use crate::targets::{Data, Density, Gaussian, constants};
use nalgebra::DVector;
use rand::Rng;

/// A block on the line: a mixture or, where they may be, atoms.
fn block(rng: &mut dyn Rng, with_atoms: bool) -> Data {
    if with_atoms && below(rng, 2) == 0 {
        Data::Points(atoms_on_the_line(rng, 5.0))
    } else {
        Data::Density(unlike(rng))
    }
}

/// Of a hundred laws so many Gaussians, then products of a block and a Gaussian up to the second number, then blocks by themselves.
fn with_blocks(rng: &mut dyn Rng, parts: [u64; 2], block: &dyn Fn(&mut dyn Rng) -> Data) -> Data {
    match below(rng, 100) {
        n if n < parts[0] => Data::Density(any_gaussian(rng)),
        n if n < parts[1] => {
            let copies = log_uniform(rng, 1.0, 200.0) as u64;
            let blocks = vec![(block(rng), copies), (Data::Density(any_gaussian(rng)), 1)];
            Data::product(blocks).expect(BUILT)
        }
        _ => block(rng),
    }
}

/// Any data.
fn data(rng: &mut dyn Rng, with_atoms: bool) -> Data {
    with_blocks(rng, [70, 93], &|rng: &mut dyn Rng| block(rng, with_atoms))
}

/// A level of OU at a time in a range; one in twenty is one of VE.
fn level(rng: &mut dyn Rng, least: f64, most: f64) -> NoiseLevel {
    let t = log_uniform(rng, least, most);
    if below(rng, 20) == 0 { Process::Ve.level(t) } else { Process::Ou.level(t) }
}

/// From N(0, I); one in twenty from another Gaussian.
fn from_prior(rng: &mut dyn Rng, data: Data) -> Instance {
    let level = level(rng, 0.02, 7.0);
    let mut found = at(data, level);
    if below(rng, 20) == 0 {
        found.start = Start::Density(super::levels::noise(found.dim(), log_uniform(rng, 0.5, 0.99)));
    }
    found
}

/// For PMM-2a and 2b.
pub fn to_prior(rng: &mut dyn Rng) -> Instance {
    let data = data(rng, true);
    from_prior(rng, data)
}

/// For the contraction of W2, whose integrals on the line take long.
pub fn to_prior_in_w2(rng: &mut dyn Rng) -> Instance {
    let data = with_blocks(rng, [91, 96], &|rng: &mut dyn Rng| block(rng, true));
    from_prior(rng, data)
}

/// For the contraction of KL: data with a density; one in twenty with atoms.
pub fn with_density(rng: &mut dyn Rng) -> Instance {
    let with_atoms = below(rng, 20) == 0;
    let data = data(rng, with_atoms);
    from_prior(rng, data)
}

/// For PMM-2c: from the warm start; one in twenty from one that is shifted, one in twenty from a wider one.
pub fn warm(rng: &mut dyn Rng) -> Instance {
    let data = data(rng, true);
    let level = level(rng, 0.1, 7.0);
    let (mut mean, mut variance) = (data.mean() * level.alpha, level.variance());
    match below(rng, 20) {
        0 => mean[0] += uniform(rng, 0.01, 0.5),
        1 => variance *= 1.1,
        _ => {}
    }
    let mut found = at(data, level);
    found.start = Start::Density(Density::Gaussian(Gaussian::isotropic(mean, variance).expect(BUILT)));
    found
}

/// For PMM-3: an early stop. Far atoms under little noise attain the bound up to what no number shows: atoms are drawn so near
/// each other that the noise blurs them, mostly.
pub fn stopped(rng: &mut dyn Rng) -> Instance {
    let block = |rng: &mut dyn Rng| match below(rng, 2) {
        0 => Data::Points(atoms_on_the_line(rng, 1.0)),
        _ => Data::Density(unlike(rng)),
    };
    let data = with_blocks(rng, [84, 94], &block);
    let least = if data.has_atoms() { 0.05 } else { 1e-5 };
    let level = level(rng, least, 1.0);
    at(data, level)
}

/// A Gaussian of this many dimensions and this variance at most.
fn isotropic(rng: &mut dyn Rng, most: f64, widest: f64) -> Data {
    let (d, v) = (log_uniform(rng, 1.0, most + 0.999) as usize, log_uniform(rng, 0.01 * widest, widest));
    let mean = DVector::from_fn(d, |_, _| uniform(rng, -2.0, 2.0));
    Data::Density(Density::Gaussian(Gaussian::isotropic(mean, v).expect(BUILT)))
}

/// Means in a ball around one covariance: atoms, or two modes alike.
fn ball(rng: &mut dyn Rng) -> Data {
    match below(rng, 2) {
        0 => Data::Points(atoms_on_the_line(rng, 5.0)),
        _ => {
            let distance = log_uniform(rng, 0.1, 6.0);
            Data::Density(alike(rng, distance))
        }
    }
}

/// Of a hundred: thirty Gaussians, sixty-two products of a block and a Gaussian, five blocks on the line, three laws in space.
fn around(rng: &mut dyn Rng, block: &dyn Fn(&mut dyn Rng) -> Data) -> Data {
    match below(rng, 100) {
        0..30 => isotropic(rng, 12.0, 10.0),
        30..92 => {
            let copies = log_uniform(rng, 1.0, 200.0) as u64;
            Data::product(vec![(block(rng), copies), (isotropic(rng, 6.0, 0.5), 1)]).expect(BUILT)
        }
        92..97 => block(rng),
        _ => {
            let radius = log_uniform(rng, 0.1, 1.5);
            Data::Density(in_space(rng, radius))
        }
    }
}

/// For LLT-18g: means in a ball under noise; one in twenty of two covariances.
pub fn in_a_ball(rng: &mut dyn Rng) -> Instance {
    let t = log_uniform(rng, 0.1, 3.0);
    let data = if below(rng, 20) == 0 { Data::Density(unlike(rng)) } else { around(rng, &ball) };
    at(data, Process::Ou.level(t))
}

/// For PMM-4h, which holds nowhere: mostly Gaussians.
pub fn in_a_ball_recalled(rng: &mut dyn Rng) -> Instance {
    if below(rng, 8) == 0 {
        return in_a_ball(rng);
    }
    let t = log_uniform(rng, 0.1, 3.0);
    at(isotropic(rng, 12.0, 10.0), Process::Ou.level(t))
}

/// For PMM-4c: a horizon around the one that the rule asks for.
pub fn late_in_a_ball(rng: &mut dyn Rng) -> Instance {
    let data = if below(rng, 20) == 0 { Data::Density(unlike(rng)) } else { around(rng, &ball) };
    // R^2 is the squared radius under unit noise at alpha = 1, times the largest variance there.
    let under_noise = data.noised(NoiseLevel { alpha: 1.0, sigma: 1.0 }).and_then(|p| constants::balls(&p).ok());
    let size = under_noise.unwrap_or_default().iter().map(|b| (b.radius_sqr * b.variance).hi()).fold(0.0, f64::max);
    let needed = 0.5 * (2.0 * size).ln_1p();
    let t = (needed + log_uniform(rng, 1e-3, 2.0)) * if below(rng, 10) == 0 { 0.9 } else { 1.0 };
    at(data, Process::Ou.level(t))
}

/// For PMM-4d: data whose tails are light beside the noise, mostly.
pub fn light_tails(rng: &mut dyn Rng) -> Instance {
    let data = around(rng, &|rng: &mut dyn Rng| block(rng, true));
    // E exp(u |X - X'|^2/q) is 2 at about 2 u Var/q = ln 2.
    let spread = |block: Data| block.moments_about(Interval::ONE, &block.mean()).second.hi();
    let each = data.runs().into_iter().map(|run| spread(data.block(run.first, run.dim)));
    let ratio = log_uniform(rng, 0.005, 0.5) / (2.0 * each.fold(0.0, f64::max));
    at(data, Process::Ou.level(0.5 * (1.0 / ratio).ln_1p()))
}

/// For PMM-4d with the norm: a horizon around the one that the rule asks for.
pub fn late_for_norm(rng: &mut dyn Rng) -> Instance {
    let data = around(rng, &|rng: &mut dyn Rng| block(rng, true));
    let norm = data.sub_gaussian_norm().hi();
    let needed = 0.5 * (6.0 * norm * norm).ln_1p();
    let t = needed + log_uniform(rng, 1e-3, 2.0) - if below(rng, 10) == 0 { 0.2 } else { 0.0 };
    at(data, Process::Ou.level(t.max(1e-3)))
}

/// Two components of different variance, less than a factor of two apart.
fn near_widths(rng: &mut dyn Rng) -> Data {
    let (narrow, distance) = (log_uniform(rng, 0.4, 0.95), uniform(rng, 0.0, 2.5));
    Data::Density(line(uniform(rng, 0.1, 0.9), [0.0, distance], [narrow, 1.0]))
}

/// For PMM-4e: components of one variance or of nearly one, at the data or at a level.
pub fn overlapping(rng: &mut dyn Rng) -> Instance {
    let component = |rng: &mut dyn Rng| match below(rng, 3) {
        0 => ball(rng),
        _ => near_widths(rng),
    };
    let data = around(rng, &component);
    let t = log_uniform(rng, 0.05, 2.0);
    at(data, Process::Ou.level(t))
}

/// For PMM-4f: laws on the line and products of them; a few in space.
pub fn along_the_line(rng: &mut dyn Rng) -> Instance {
    let component = |rng: &mut dyn Rng| match below(rng, 2) {
        0 => {
            let distance = log_uniform(rng, 0.1, 3.5);
            Data::Density(alike(rng, distance))
        }
        _ => near_widths(rng),
    };
    let data = around(rng, &component);
    let level = if below(rng, 2) == 0 { NoiseLevel::DATA } else { Process::Ou.level(log_uniform(rng, 0.05, 2.0)) };
    at(data, level)
}
