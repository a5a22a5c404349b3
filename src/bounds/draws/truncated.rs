//! Random instances of Langevin steps with the truncated score at a noise level (PMM-8).

use super::{BUILT, Error, affine, below, bump, constant, fourier, log_uniform, outward, uniform};
use crate::bounds::Instance;
use crate::laws::{Settings, Start};
use crate::processes::Process;
use crate::samplers::lmc;
use crate::scores::{Damaged, ErrorShape, Size, Truncation, Within, calibrate};
use crate::targets::{Data, Density, Gaussian, Mixture, Points, Target};
use nalgebra::DVector;
use rand::Rng;
use std::sync::Arc;

/// What is truncated, and how.
struct Cut {
    data: Data,
    time: f64,
    centre: DVector<f64>,
    bound: f64,
    within: Within,
}

/// How the steps start and how many there are.
struct Steps {
    start: Option<Density>,
    step: f64,
    steps: u64,
}

/// The instance; in one of ten cases a fault: more noise than LMC adds, no truncation, or one that is too tight.
fn build(rng: &mut dyn Rng, cut: Cut, error: Option<Error>, steps: Steps) -> Instance {
    let level = Process::Ou.level(cut.time);
    let mut program = lmc(steps.step, steps.steps, level).truncated_first();
    let mut bound = cut.bound;
    if below(rng, 10) == 0 {
        match below(rng, 3) {
            0 => program.blocks.iter_mut().for_each(|block| block.kernel.noise *= 1.2),
            1 => program = program.untruncated(),
            _ => bound *= 0.3,
        }
    }
    let target: Arc<dyn Target> = Arc::new(cut.data.clone());
    let field = match error {
        None => Damaged::exact(Arc::clone(&target)),
        // An error that cannot be calibrated is left out.
        Some((shape, size)) => calibrate(Arc::clone(&target), shape, size, &[level])
            .unwrap_or_else(|_| Damaged::exact(Arc::clone(&target))),
    };
    let start = steps.start.unwrap_or_else(|| cut.data.noised(level).expect(BUILT));
    let truncation = Truncation::new(cut.data, (level, level), cut.centre, bound, cut.within).expect(BUILT);
    let field = Arc::new(field.with_truncation(truncation));
    Instance::new(target, level, Start::Density(start), field, program, Settings::default())
}

/// The OU time at which `u R^2/q = ratio`.
fn time_at(radius: f64, ratio: f64) -> f64 {
    0.5 * (radius * radius / ratio).ln_1p()
}

/// Two or three atoms on the line within `radius` of 0, one of them at that distance.
pub(super) fn atoms_on_the_line(rng: &mut dyn Rng, radius: f64) -> Data {
    let point = |x: f64| DVector::from_element(1, x);
    let weight = uniform(rng, 0.1, 0.8);
    let points = match below(rng, 2) {
        0 => Points::new(vec![weight, 1.0 - weight], vec![point(-radius), point(radius * uniform(rng, 0.2, 1.0))]),
        _ => {
            let middle = radius * uniform(rng, -0.9, 0.9);
            Points::new(
                vec![0.5 * weight, 1.0 - weight, 0.5 * weight],
                vec![point(-radius), point(middle), point(radius)],
            )
        }
    };
    Data::Points(points.expect(BUILT))
}

/// Coordinates of up to three kinds.
pub(super) fn coordinates(rng: &mut dyn Rng, most: f64, kind: &mut dyn FnMut(&mut dyn Rng) -> Data) -> Data {
    let dim = log_uniform(rng, 2.0, most + 0.999) as u64;
    let kinds = (log_uniform(rng, 1.0, 3.999) as u64).min(dim);
    let copies = |k: u64| (k + 1) * dim / kinds - k * dim / kinds;
    Data::product((0..kinds).map(|k| (kind(rng), copies(k))).collect()).expect(BUILT)
}

/// An error of the sizes that truncation is about: from far below B to far above it.
fn error(rng: &mut dyn Rng, dim: usize, bound: f64) -> Error {
    let shape: Arc<dyn ErrorShape> = match below(rng, 5) {
        0 => constant(dim),
        1 => fourier(dim, uniform(rng, 0.5, 3.0)),
        2 => bump(dim, uniform(rng, -1.0, 0.0), uniform(rng, 0.5, 2.0)),
        3 => outward(dim, uniform(rng, 0.0, 3.0), uniform(rng, 0.1, 0.5)),
        _ => affine(dim, uniform(rng, -1.0, 1.0)),
    };
    (shape, Size::Amplitude(bound * log_uniform(rng, 1e-3, 10.0)))
}

/// The point all of whose coordinates are `at`.
pub(super) fn everywhere(dim: usize, at: f64) -> Data {
    let line = Points::new(vec![1.0], vec![DVector::from_element(1, at)]).expect(BUILT);
    Data::product(vec![(Data::Points(line), dim as u64)]).expect(BUILT)
}

/// X is one point at a distance of `far` from the centre, the error a constant: everything is affine.
fn point(rng: &mut dyn Rng, time: f64) -> (Cut, Error) {
    let dim = log_uniform(rng, 1.0, 24.999) as usize;
    let level = Process::Ou.level(time);
    let at = uniform(rng, -1.0, 1.0);
    let far = if below(rng, 2) == 0 { 0.0 } else { log_uniform(rng, 1e-2, 1.0) };
    let data = everywhere(dim, at);
    let mut centre = DVector::from_element(dim, at);
    centre[0] += far;
    let within = if below(rng, 3) == 0 { Within::EachCoordinate } else { Within::Ball };
    let bound = level.alpha * far / level.variance() + log_uniform(rng, 1e-3, 3.0);
    let size = Size::Amplitude(bound * log_uniform(rng, 1e-3, 4.0));
    (Cut { data, time, centre, bound, within }, (constant(dim), size))
}

/// X is a point and the error a multiple of the distance from it: |e| is a function of |x - a X|.
fn radial(rng: &mut dyn Rng, time: f64) -> (Cut, Error) {
    let dim = log_uniform(rng, 2.0, 24.999) as usize;
    let data = everywhere(dim, 0.0);
    let bound = log_uniform(rng, 0.03, 1.5);
    let cut = Cut { data, time, centre: DVector::zeros(dim), bound, within: Within::Ball };
    (cut, (affine(dim, 1.0), Size::Amplitude(bound * log_uniform(rng, 1e-2, 3.0) / (dim as f64).sqrt())))
}

/// A few steps from the target: for statements about the score alone.
fn short(rng: &mut dyn Rng) -> Steps {
    Steps { start: None, step: log_uniform(rng, 1e-3, 1e-2), steps: 10 }
}

/// For PMM-8a: points, atoms on the line, and products of such lines truncated in each coordinate.
pub fn truncated_bounded(rng: &mut dyn Rng) -> Instance {
    let (cut, error) = bounded(rng);
    let steps = short(rng);
    build(rng, cut, Some(error), steps)
}

fn bounded(rng: &mut dyn Rng) -> (Cut, Error) {
    match below(rng, 100) {
        0..30 => {
            let time = log_uniform(rng, 0.02, 3.0);
            point(rng, time)
        }
        30..32 => {
            let time = log_uniform(rng, 0.02, 3.0);
            radial(rng, time)
        }
        kind => {
            let radius = log_uniform(rng, 0.3, 10.0);
            let time = time_at(radius, log_uniform(rng, 0.01, 2.0));
            let data = match kind {
                32..37 => atoms_on_the_line(rng, radius),
                _ => coordinates(rng, 24.0, &mut |rng| atoms_on_the_line(rng, radius)),
            };
            let (dim, level) = (data.dim(), Process::Ou.level(time));
            let least = level.alpha * radius / level.variance();
            let bound = if below(rng, 3) == 0 { least } else { least * log_uniform(rng, 1.0, 3.0) };
            let error = error(rng, dim, bound);
            (Cut { data, time, centre: DVector::zeros(dim), bound, within: Within::EachCoordinate }, error)
        }
    }
}

/// A Gaussian, or a mixture of two, of variance about `variance`.
fn with_tails(rng: &mut dyn Rng, variance: f64) -> Data {
    let sd = variance.sqrt();
    Data::Density(match below(rng, 2) {
        0 => Density::Gaussian(Gaussian::scalar(0.3 * sd * uniform(rng, -1.0, 1.0), variance).expect(BUILT)),
        _ => {
            let weight = uniform(rng, 0.2, 0.8);
            let (means, each) = ([-0.5 * sd, 0.5 * sd], [variance, 0.6 * variance]);
            Density::Mixture(Mixture::scalar(&[weight, 1.0 - weight], &means, &each).expect(BUILT))
        }
    })
}

/// For PMM-8b: lines with tails and products of them at a time at which H is finite, and what PMM-8a is drawn from.
pub fn truncated_tails(rng: &mut dyn Rng) -> Instance {
    let (cut, error) = match below(rng, 100) {
        0..15 => bounded(rng),
        kind => {
            let variance = log_uniform(rng, 0.1, 10.0);
            // 8 r u Var/q^2 < 1 with r about q: u Var/q below 1/8, and a little beyond.
            let time = time_at(variance.sqrt(), log_uniform(rng, 1e-3, 0.11));
            let data = match kind {
                15..19 => with_tails(rng, variance),
                _ => coordinates(rng, 16.0, &mut |rng| with_tails(rng, variance)),
            };
            let level = Process::Ou.level(time);
            let (dim, centre) = (data.dim(), data.mean());
            // v has about this standard deviation.
            let typical = level.alpha.powi(2) * variance / level.variance().powf(1.5);
            let bound = typical * log_uniform(rng, 0.5, 5.0) + log_uniform(rng, 0.03, 1.0);
            let error = error(rng, dim, bound);
            (Cut { data, time, centre, bound, within: Within::EachCoordinate }, error)
        }
    };
    let steps = short(rng);
    build(rng, cut, Some(error), steps)
}

/// For PMM-8: mostly points with constant errors, whose chains are Gaussian, and some lines.
pub fn truncated_corrector(rng: &mut dyn Rng) -> Instance {
    let (cut, error) = match below(rng, 100) {
        0..94 => {
            let time = log_uniform(rng, 0.02, 3.0);
            point(rng, time)
        }
        _ => {
            let radius = log_uniform(rng, 0.5, 4.0);
            let time = time_at(radius, log_uniform(rng, 0.05, 1.0));
            let level = Process::Ou.level(time);
            let bound = level.alpha * radius / level.variance() * log_uniform(rng, 1.0, 2.0);
            let data = atoms_on_the_line(rng, radius);
            let error = error(rng, 1, bound);
            (Cut { data, time, centre: DVector::zeros(1), bound, within: Within::Ball }, error)
        }
    };
    let level = Process::Ou.level(cut.time);
    let (dim, q) = (cut.data.dim(), level.variance());
    let middle = cut.data.mean() * level.alpha + DVector::from_element(dim, q.sqrt() * uniform(rng, -1.0, 1.0));
    let start = Gaussian::isotropic(middle, q * log_uniform(rng, 0.5, 2.0)).expect(BUILT);
    let time = q * log_uniform(rng, 0.1, 12.0);
    let step = q * log_uniform(rng, 0.005, 0.05);
    let steps = Steps { start: Some(Density::Gaussian(start)), step, steps: (time / step).ceil() as u64 };
    build(rng, cut, Some(error), steps)
}
