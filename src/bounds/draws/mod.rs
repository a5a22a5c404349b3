//! Random instances around the admissible region of each theorem, for `verify`.
//!
//! Sizes are drawn on a logarithmic scale. Steps reach a little beyond what a theorem allows, so that some draws fail a
//! hypothesis, and about one in ten leaves the assumptions in another way. Most targets are Gaussians and products, whose laws are exact; some are two-mode mixtures on the line.

mod annealing;
pub mod constants;
mod corrector;
pub mod flow;
pub mod lessons;
mod levels;
pub mod noised;
mod path;
pub mod regression;
mod reverse;
mod truncated;

pub use annealing::*;
pub use corrector::*;
pub use path::*;
pub use reverse::*;
pub use truncated::*;

use super::Instance;
use super::lee_lu_tan_2022::{Goal, Kick, SecondMode, prescription};
use super::pedrotti_maas_mondelli_2024::{chi2_of_start, poincare_upper};
use crate::laws::{Settings, Start};
use crate::processes::NoiseLevel;
use crate::samplers::lmc;
use crate::scores::errors::{Constant, Fourier, Linear, Window};
use crate::scores::{Damaged, Direction, ErrorShape, Size, calibrate};
use crate::targets::{Covariance, Density, Gaussian, Mixture, Points, Product, Target};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};
use std::sync::Arc;

/// A target and a start with finite chi-squared to it.
struct Pair {
    target: Density,
    start: Density,
}

type Error = (Arc<dyn ErrorShape>, Size);

const BUILT: &str = "the parameters drawn are valid";

fn uniform(rng: &mut dyn Rng, lo: f64, hi: f64) -> f64 {
    lo + (hi - lo) * rng.random::<f64>()
}

fn log_uniform(rng: &mut dyn Rng, lo: f64, hi: f64) -> f64 {
    uniform(rng, lo.ln(), hi.ln()).exp()
}

fn below(rng: &mut dyn Rng, n: u64) -> u64 {
    (rng.random::<f64>() * n as f64) as u64
}

/// N(m, diag) with condition number up to 8 and a start whose variances are between 0.5 and 1.7 times the target's. The
/// coordinates are of up to four kinds, each a run: under a score error every kind is a chain of its own on the line.
fn gaussians(rng: &mut dyn Rng, most: f64) -> Pair {
    let dim = log_uniform(rng, 1.0, most + 0.999) as usize;
    let kinds = (log_uniform(rng, 1.0, 4.999) as usize).min(dim);
    let each: Vec<[f64; 3]> = (0..kinds)
        .map(|_| {
            let (variance, root) = (log_uniform(rng, 0.5, 4.0), (dim as f64).sqrt());
            let shift = uniform(rng, -1.0, 1.0) / root;
            [variance, shift, variance * (1.0 + uniform(rng, -0.5, 0.7) / root)]
        })
        .collect();
    let coordinates = |what: usize| DVector::from_fn(dim, |i, _| each[i * kinds / dim][what]);
    let (variances, shifts, wide) = (coordinates(0), coordinates(1), coordinates(2));
    let law = |mean, v| Density::Gaussian(Gaussian::new(mean, Covariance::Diagonal(v)).expect(BUILT));
    Pair { target: law(DVector::zeros(dim), variances), start: law(shifts, wide) }
}

/// A two-mode mixture on the line and a Gaussian start with lighter tails.
fn two_modes(rng: &mut dyn Rng) -> (Mixture, Gaussian) {
    let weight = uniform(rng, 0.2, 0.8);
    let distance = uniform(rng, 0.5, 1.8);
    let narrow = uniform(rng, 0.7, 1.0);
    let mixture = Mixture::scalar(&[weight, 1.0 - weight], &[-distance, distance], &[narrow, 1.0]).expect(BUILT);
    let start = Gaussian::scalar(uniform(rng, -0.5, 0.5), uniform(rng, 0.8, 1.5)).expect(BUILT);
    (mixture, start)
}

/// A mixture on the line.
fn one_mixture(rng: &mut dyn Rng) -> Pair {
    let (mixture, start) = two_modes(rng);
    Pair { target: Density::Mixture(mixture), start: Density::Gaussian(start) }
}

/// Several copies of a mixture, all started alike but for the first.
fn mixtures(rng: &mut dyn Rng, most: f64) -> Pair {
    let Pair { target: mixture, start } = one_mixture(rng);
    let copies = log_uniform(rng, 2.0, most + 0.999) as u64;
    // The other coordinates start at the target, so that chi-squared does not grow with the number of copies.
    let start = Product::new(vec![(start, 1), (mixture.clone(), copies - 1)]).expect(BUILT);
    Pair {
        target: Density::Product(Product::new(vec![(mixture, copies)]).expect(BUILT)),
        start: Density::Product(start),
    }
}

/// In how many draws the target is a mixture on the line: one in this many. All others are Gaussians and products, so that
/// nine in ten are even where mixtures hold more often.
const RARE: u64 = 20;

/// Mostly Gaussians, some products of mixtures, some mixtures on the line.
fn any_pair(rng: &mut dyn Rng) -> Pair {
    match below(rng, RARE) {
        0 => one_mixture(rng),
        1..6 => mixtures(rng, 32.0),
        _ => gaussians(rng, 24.0),
    }
}

/// Upper ends of L and C.
fn constants(target: &Density) -> (f64, f64) {
    let constants = target.constants(NoiseLevel::DATA);
    (constants.lipschitz.value.hi(), constants.lsi.value.hi())
}

/// One way in which a situation leaves what a theorem assumes.
#[derive(Clone, Copy)]
enum Fault {
    /// More noise than LMC adds.
    Noise,
    /// Steps ten times as long over the same time.
    LongSteps,
    /// A start at two atoms.
    Atoms,
    /// An error where there was none, none where there was one.
    Error,
}

/// The situation drawn, in one of ten cases with one of these faults.
fn build(rng: &mut dyn Rng, faults: &[Fault], pair: Pair, error: Option<Error>, step: f64, steps: u64) -> Instance {
    let dim = pair.target.dim();
    let (mut start, mut error, mut program) =
        (Start::Density(pair.start), error, lmc(step, steps.max(1), NoiseLevel::DATA));
    if below(rng, 10) == 0 {
        match faults[below(rng, faults.len() as u64) as usize] {
            Fault::Noise => program.blocks.iter_mut().for_each(|block| block.kernel.noise *= 1.2),
            Fault::LongSteps => program = lmc(10.0 * step, steps.div_ceil(10), NoiseLevel::DATA),
            Fault::Atoms => {
                let atoms = [-1.0, 1.0].map(|x| DVector::from_element(dim, x)).to_vec();
                start = Start::Points(Points::new(vec![0.5, 0.5], atoms).expect(BUILT));
            }
            Fault::Error => error = if error.is_some() { None } else { Some((constant(dim), Size::Amplitude(0.1))) },
        }
    }
    let target: Arc<dyn Target> = Arc::new(pair.target);
    let field = damaged(Arc::clone(&target), error);
    Instance::new(target, NoiseLevel::DATA, start, field, program, Settings::default())
}

fn damaged(target: Arc<dyn Target>, error: Option<Error>) -> Arc<Damaged> {
    Arc::new(match error {
        None => Damaged::exact(target),
        Some((shape, size)) => {
            // An error that cannot be calibrated is left out; hypotheses then see the exact score.
            calibrate(Arc::clone(&target), shape, size, &[NoiseLevel::DATA]).unwrap_or_else(|_| Damaged::exact(target))
        }
    })
}

fn constant(dim: usize) -> Arc<dyn ErrorShape> {
    Arc::new(Constant { direction: Direction::uniform(dim) })
}

/// u(x) = slope x.
fn affine(dim: usize, slope: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Linear { matrix: DMatrix::identity(dim, dim) * slope, offset: DVector::zeros(dim) })
}

fn fourier(dim: usize, frequency: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Fourier { dim, frequency, phase: 0.0 })
}

/// A step along the first axis, sharp for `edge = 0`.
fn outward(dim: usize, threshold: f64, edge: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Window { direction: Direction::axis(dim, 0), lo: threshold, hi: None, edge })
}

fn bump(dim: usize, lo: f64, hi: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Window { direction: Direction::axis(dim, 0), lo, hi: Some(hi), edge: 0.0 })
}

/// A bounded error.
fn bounded_shape(rng: &mut dyn Rng, dim: usize) -> Arc<dyn ErrorShape> {
    match below(rng, 4) {
        0 => constant(dim),
        1 => fourier(dim, uniform(rng, 0.5, 3.0)),
        2 => bump(dim, uniform(rng, -1.0, 0.0), uniform(rng, 0.5, 2.0)),
        _ => outward(dim, uniform(rng, 0.0, 2.5), uniform(rng, 0.1, 0.5)),
    }
}

/// A small set around the first axis: a jump far out.
fn far_jump(rng: &mut dyn Rng, dim: usize) -> Arc<dyn ErrorShape> {
    let from = uniform(rng, 2.5, 5.0);
    if below(rng, 2) == 0 { outward(dim, from, 0.0) } else { bump(dim, from, from + uniform(rng, 0.5, 2.0)) }
}

fn jumping(rng: &mut dyn Rng, pair: Pair) -> Instance {
    let dim = pair.target.dim();
    let step = log_uniform(rng, 0.01, 0.2);
    let steps = log_uniform(rng, 3.0, 100.0) as u64;
    let error = (far_jump(rng, dim), Size::Amplitude(log_uniform(rng, 0.3, 5.0)));
    build(rng, &[Fault::Noise, Fault::Error], pair, Some(error), step, steps)
}

/// For LLT-1 and 1b: an error that jumps far out, a short run.
pub fn small_bad_set(rng: &mut dyn Rng) -> Instance {
    let pair = if below(rng, RARE) == 0 { one_mixture(rng) } else { gaussians(rng, 6.0) };
    jumping(rng, pair)
}

/// For LLT-1c: the same on Gaussians, under whose laws the mass of the bad set is exact.
pub fn small_bad_set_gaussian(rng: &mut dyn Rng) -> Instance {
    let pair = gaussians(rng, 6.0);
    jumping(rng, pair)
}

/// For LLT-2: any error of any size.
pub fn any_error(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    // In several dimensions the tails of waves and of |A x| have no closed form: those are drawn on the line.
    let shape = match below(rng, 6) {
        0 if dim == 1 => affine(dim, uniform(rng, 0.2, 1.0)),
        1 if dim == 1 => fourier(dim, uniform(rng, 0.5, 3.0)),
        2 | 3 => bump(dim, uniform(rng, -1.0, 0.0), uniform(rng, 0.5, 2.0)),
        _ => outward(dim, uniform(rng, 0.0, 2.5), uniform(rng, 0.1, 0.5)),
    };
    let size = Size::Amplitude(log_uniform(rng, 1e-6, 1.0));
    build(rng, &[Fault::Error], pair, Some((shape, size)), 0.01, 10)
}

/// A step of `fraction` times `limit`, and the number of steps for a time of a few C.
fn run(rng: &mut dyn Rng, limit: f64, lsi: f64, least: f64) -> (f64, u64) {
    let step = limit * log_uniform(rng, least, 1.3);
    let time = lsi * log_uniform(rng, 0.3, 20.0);
    (step, (time / step).ceil().min(1e7) as u64)
}

/// For LLT-3a and 3b.
pub fn exact_score(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let (smoothness, lsi) = constants(&pair.target);
    let (step, steps) = run(rng, 0.25 / smoothness, lsi, 1e-3);
    build(rng, &[Fault::Noise, Fault::LongSteps, Fault::Atoms, Fault::Error], pair, None, step, steps)
}

/// For LLT-4a and 4b: bounded errors, and affine ones on Gaussians.
pub fn bounded_or_affine_error(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    let (smoothness, lsi) = constants(&pair.target);
    let (step, steps) = run(rng, 1.0 / (6.0 * smoothness), lsi, 1e-2);
    let gaussian = matches!(pair.target, Density::Gaussian(_));
    let shape = if gaussian && below(rng, 3) == 0 { affine(dim, -0.2) } else { bounded_shape(rng, dim) };
    let size = Size::Amplitude(log_uniform(rng, 1e-4, 0.3));
    build(rng, &[Fault::Noise, Fault::LongSteps, Fault::Atoms], pair, Some((shape, size)), step, steps)
}

/// For LLT-5a and 5b.
pub fn bounded_error_small_step(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    let (smoothness, lsi) = constants(&pair.target);
    let limit = 1.0 / (smoothness * smoothness * lsi * (46.0 * dim as f64).max(132.0));
    let (step, steps) = run(rng, limit, lsi, 1e-2);
    let shape = bounded_shape(rng, dim);
    let size = Size::Amplitude(log_uniform(rng, 1e-3, 1.1) / (16.1 * lsi).sqrt());
    build(rng, &[Fault::Noise, Fault::LongSteps, Fault::Atoms], pair, Some((shape, size)), step, steps)
}

/// For LLT-6c: unbounded errors over times in which thresholds fall, so that there are several phases with bad sets of their
/// own; one in four as for LLT-6a.
pub fn l2_score_long(rng: &mut dyn Rng) -> Instance {
    if below(rng, 4) == 0 {
        return l2_score(rng);
    }
    let pair = if below(rng, RARE) == 0 { one_mixture(rng) } else { gaussians(rng, 12.0) };
    let dim = pair.target.dim();
    let (smoothness, lsi) = constants(&pair.target);
    let step = log_uniform(rng, 1e-2, 1.3) / (132.0 * smoothness * smoothness * lsi);
    // A phase lasts 2 C ln 8.
    let steps = (lsi * log_uniform(rng, 4.5, 25.0) / step).ceil().min(1e7) as u64;
    let error = Some((affine(dim, -0.2), Size::Epsilon(log_uniform(rng, 1e-12, 1e-4))));
    build(rng, &[Fault::Noise, Fault::LongSteps, Fault::Atoms], pair, error, step, steps)
}

/// For LLT-6a: a small L2 error, often unbounded or hidden far out.
pub fn l2_score(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    let (smoothness, lsi) = constants(&pair.target);
    let (step, steps) = run(rng, 1.0 / (132.0 * smoothness * smoothness * lsi), lsi, 1e-2);
    let size = Size::Epsilon(log_uniform(rng, 1e-14, 1e-3));
    let gaussian = matches!(pair.target, Density::Gaussian(_));
    let shape = if gaussian && below(rng, 4) == 0 { affine(dim, -0.2) } else { bounded_shape(rng, dim) };
    build(rng, &[Fault::Noise, Fault::LongSteps, Fault::Atoms], pair, Some((shape, size)), step, steps)
}

/// For LLT-6b: what the prescription says, or a little off it.
pub fn prescribed(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    let (smoothness, lsi) = constants(&pair.target);
    let goal = Goal {
        dim: dim as f64,
        smoothness,
        lsi,
        k_chi: uniform(rng, 0.5, 2.0),
        eps_tv: log_uniform(rng, 0.01, 1.0),
        eps_chi: log_uniform(rng, 0.1, 1.0),
    };
    let shape = bounded_shape(rng, dim);
    let factor = log_uniform(rng, 0.3, 3.0);
    // Out of range only for an infinite constant; then any run will do, and the hypothesis fails.
    match prescription(&goal) {
        Ok(p) => {
            let steps = ((p.steps as f64 * factor).ceil()).min(2e10) as u64;
            build(
                rng,
                &[Fault::Noise, Fault::LongSteps, Fault::Atoms],
                pair,
                Some((shape, Size::Epsilon(p.epsilon * factor))),
                p.step,
                steps,
            )
        }
        Err(_) => build(
            rng,
            &[Fault::Noise, Fault::LongSteps, Fault::Atoms],
            pair,
            Some((shape, Size::Epsilon(1e-9))),
            1e-3,
            1000,
        ),
    }
}

/// For LLT-7a: a false mode at distance 2.5 to 8, started at the target.
pub fn second_mode(rng: &mut dyn Rng) -> Instance {
    // Far modes take long: one in five is farther than 5.5.
    let distance = if below(rng, 5) == 0 { uniform(rng, 5.5, 8.0) } else { uniform(rng, 2.5, 5.5) };
    let ln_odds = distance * distance / uniform(rng, 10.0, 20.0);
    let example = SecondMode { distance: distance.into(), ln_odds: ln_odds.into() };
    let dim = log_uniform(rng, 1.0, 8.999) as usize;
    let target = Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), 1.0).expect(BUILT));
    let shape = outward(dim, example.threshold().mid(), 1.0 / distance);
    let step = log_uniform(rng, 0.2, 1.0) / example.lipschitz().hi() / 4.0;
    // Long enough for the bound to say something, mostly, and short enough for what is left of the start to show.
    let weight = example.weight().mid();
    let mixture = Mixture::scalar(&[1.0 - weight, weight], &[0.0, distance], &[1.0, 1.0]).expect(BUILT);
    let poincare = mixture.constants(NoiseLevel::DATA).poincare.value.hi().clamp(1.0, 1e3);
    let time = poincare * ((0.5 * ln_odds - 1.0).max(0.0) + log_uniform(rng, 0.05, 3.0));
    let pair = Pair { target: target.clone(), start: target };
    build(
        rng,
        &[Fault::Noise, Fault::Atoms, Fault::Error],
        pair,
        Some((shape, Size::Amplitude(distance))),
        step,
        (time / step).ceil() as u64,
    )
}

/// For LLT-7b: a kick far out, started at N(0, v).
pub fn kick(rng: &mut dyn Rng) -> Instance {
    let dim = log_uniform(rng, 1.0, 4.999) as usize;
    let law = |v: f64| Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), v).expect(BUILT));
    let pair = Pair { target: law(1.0), start: law(uniform(rng, 0.3, 1.5)) };
    let threshold = uniform(rng, 2.5, 5.0);
    let amplitude = threshold * uniform(rng, 0.5, 3.0);
    let step = log_uniform(rng, 0.01, 0.3);
    let steps = log_uniform(rng, 5.0, 500.0) as u64;
    build(
        rng,
        &[Fault::Noise, Fault::Atoms, Fault::Error],
        pair,
        Some((outward(dim, threshold, 0.0), Size::Amplitude(amplitude))),
        step,
        steps,
    )
}

/// For PMM-N: a kick, over a time after which it has carried the mass away.
pub fn trap(rng: &mut dyn Rng) -> Instance {
    let dim = if below(rng, 20) == 0 { 1 } else { log_uniform(rng, 2.0, 8.999) as usize };
    let target = Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), 1.0).expect(BUILT));
    let threshold = uniform(rng, 0.5, 3.0);
    let amplitude = threshold * uniform(rng, 1.2, 3.0);
    let kick = Kick { height: amplitude.into(), threshold: threshold.into() };
    let step = log_uniform(rng, 0.01, 0.05);
    let poincare = poincare_upper(&kick).unwrap_or(1.0).clamp(1.0, 1e4);
    let start = (0.5 * chi2_of_start(&kick).sqrt().hi()).max(1.0);
    let time = poincare * ((start / kick.stationary_tv().mid().max(1e-3)).ln() + log_uniform(rng, 0.05, 3.0));
    let pair = Pair { target: target.clone(), start: target };
    let error = (outward(dim, threshold, 0.0), Size::Amplitude(amplitude));
    build(rng, &[Fault::Noise, Fault::Atoms, Fault::Error], pair, Some(error), step, (time / step).ceil() as u64)
}

/// For LLT-8: any bounded error, affine ones on Gaussians, and a time of order 1 to 30.
pub fn medium_time(rng: &mut dyn Rng) -> Instance {
    let pair = any_pair(rng);
    let dim = pair.target.dim();
    let (smoothness, _) = constants(&pair.target);
    let step = log_uniform(rng, 0.01, 1.0) / smoothness.min(1e6);
    let steps = (log_uniform(rng, 1.0, 30.0) / step).ceil() as u64;
    let gaussian = matches!(pair.target, Density::Gaussian(_));
    let shape = if gaussian && below(rng, 3) == 0 { affine(dim, -0.2) } else { bounded_shape(rng, dim) };
    let size = Size::Amplitude(log_uniform(rng, 1e-4, 1.0));
    build(rng, &[Fault::Noise], pair, Some((shape, size)), step, steps)
}
