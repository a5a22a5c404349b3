//! Random prediction-correction schemes and reverse phases of OU and VP, for the statements after Pedrotti, Maas and Mondelli.

use super::constants::atoms_on_the_line;
use super::levels::{noise, through};
use super::truncated::{atoms_on_the_line as atoms_within, coordinates, everywhere};
use super::{BUILT, Error, affine, below, bump, constant, fourier, gaussians, log_uniform, outward, uniform};
use crate::bounds::Instance;
use crate::processes::{NoiseLevel, Process, Rate, TimeGrid};
use crate::samplers::{FlowScheme, Program, ReversePhase, Scheme, lmc, prediction_correction, rescaled};
use crate::scores::Size;
use crate::targets::constants::support_radius_sqr;
use crate::targets::{Covariance, Data, Density, Gaussian, Mixture, Target};
use nalgebra::DVector;
use rand::Rng;

const GRID: &str = "the grid drawn is valid";

/// Data, and where time runs.
struct Case {
    target: Data,
    process: Process,
    grid: TimeGrid,
    /// Whether the error has a smooth or sharp edge: then an engine on the line carries the first coordinate.
    edged: bool,
}

impl Case {
    /// Whether the laws on the way are Gaussian, mostly: many steps cost nothing.
    fn is_gaussian(&self) -> bool {
        matches!(self.target, Data::Density(Density::Gaussian(_))) && !self.edged
    }

    fn first(&self) -> NoiseLevel {
        self.process.level(self.grid.times()[0])
    }

    /// The process time of the early stop.
    fn stop(&self) -> f64 {
        self.grid.times().last().copied().unwrap_or(0.0)
    }

    fn last(&self) -> NoiseLevel {
        stop(&self.process, &self.grid)
    }
}

/// The level at which a grid ends.
fn stop(process: &Process, grid: &TimeGrid) -> NoiseLevel {
    process.level(grid.times().last().copied().unwrap_or(0.0))
}

/// Two modes of one width on the line.
fn equal_modes(rng: &mut dyn Rng) -> Data {
    let (weight, distance) = (uniform(rng, 0.2, 0.8), uniform(rng, 0.4, 1.2));
    let width = uniform(rng, 0.6, 1.0);
    let law = Mixture::scalar(&[weight, 1.0 - weight], &[-distance, distance], &[width, width]);
    Data::Density(Density::Mixture(law.expect(BUILT)))
}

/// Two modes or two to five atoms on the line.
fn on_the_line(rng: &mut dyn Rng) -> Data {
    if below(rng, 2) == 0 { equal_modes(rng) } else { Data::Points(atoms_on_the_line(rng, 1.2)) }
}

/// N(m, diag): as the other statements draw them, moved away from 0.
fn moved(rng: &mut dyn Rng, most: f64) -> Density {
    let Density::Gaussian(law) = gaussians(rng, most).target else { unreachable!("gaussians draws Gaussians") };
    let (size, up) = (log_uniform(rng, 0.01, 3.0) / (law.dim() as f64).sqrt(), uniform(rng, -1.0, 1.0));
    let mean = DVector::from_fn(law.dim(), |i, _| if i % 2 == 0 { size } else { size * up });
    Density::Gaussian(Gaussian::new(mean, law.cov).expect(BUILT))
}

/// Of a hundred laws six on the line by themselves, four of a few copies of one beside a Gaussian, and Gaussians.
fn target(rng: &mut dyn Rng) -> Data {
    match below(rng, 100) {
        0..6 => on_the_line(rng),
        6..10 => {
            let blocks = vec![(on_the_line(rng), 2 + below(rng, 3)), (Data::Density(moved(rng, 4.0)), 1)];
            Data::product(blocks).expect(BUILT)
        }
        _ => Data::Density(moved(rng, 12.0)),
    }
}

/// Mostly a little noise, none in one of four cases.
fn early_stop(rng: &mut dyn Rng) -> f64 {
    if below(rng, 4) == 0 { 0.0 } else { log_uniform(rng, 1e-3, 0.2) }
}

/// OU, or in one of four cases VP, from an OU time down to an early stop, in steps of one of three kinds.
fn way(rng: &mut dyn Rng, horizon: f64, early: f64, steps: u64) -> (Process, TimeGrid) {
    let (process, first) = match below(rng, 4) {
        0 => {
            // (1/2) int_0^1 beta = (beta(0) + beta(1))/4.
            let slow = 4.0 * horizon * uniform(rng, 0.05, 0.5);
            (Process::Vp(Rate::linear(slow, 4.0 * horizon - slow, 1.0)), 1.0)
        }
        _ => (Process::Ou, horizon),
    };
    let grid = match below(rng, 4) {
        0 if early > 0.0 => TimeGrid::geometric(first, early, steps),
        1 if early > 0.0 => TimeGrid::kappa_in(first, early, steps),
        _ => TimeGrid::uniform(first, early, steps),
    };
    (process, grid.expect(GRID))
}

/// From a horizon of 0.3 to 3 down to an early stop; atoms need one.
fn case(rng: &mut dyn Rng) -> Case {
    let target = target(rng);
    let edged = below(rng, 20) == 0;
    let line = edged || !matches!(target, Data::Density(Density::Gaussian(_)));
    let horizon = log_uniform(rng, 0.3, if line { 1.5 } else { 3.0 });
    let early = if target.has_atoms() { log_uniform(rng, 0.1, 0.25) } else { early_stop(rng) };
    let steps = if line { log_uniform(rng, 4.0, 9.0) } else { log_uniform(rng, 2.0, 60.0) } as u64;
    let (process, grid) = way(rng, horizon, early, steps);
    Case { target, process, grid, edged }
}

/// No error in one of eight cases, else mostly one whose one-sided constant is finite; a wave where the laws are no Gaussians, and
/// now and then a smooth or sharp step or bump along the first axis.
fn error(rng: &mut dyn Rng, case: &Case) -> Option<Error> {
    let dim = case.target.dim();
    let shape = match below(rng, 8) {
        n if case.edged && n % 2 == 0 => outward(dim, uniform(rng, 0.0, 1.5), uniform(rng, 0.1, 0.5)),
        _ if case.edged => bump(dim, uniform(rng, -1.0, 0.0), uniform(rng, 0.5, 2.0)),
        0 => return None,
        1..4 => constant(dim),
        _ if case.is_gaussian() => affine(dim, uniform(rng, -0.5, 0.3)),
        4..6 => constant(dim),
        _ => fourier(dim, uniform(rng, 0.5, 2.0)),
    };
    let size = log_uniform(rng, 1e-4, 0.5);
    Some((shape, if below(rng, 2) == 0 { Size::Epsilon(size) } else { Size::Amplitude(size) }))
}

/// N(0, I), the target at the first level, or that moved and widened.
fn start(rng: &mut dyn Rng, case: &Case) -> Density {
    let dim = case.target.dim();
    let at_first = || case.target.noised(case.first());
    match below(rng, 4) {
        0 => at_first().unwrap_or_else(|| noise(dim, 1.0)),
        1 => {
            let mean = DVector::from_element(dim, uniform(rng, -0.5, 0.5) / (dim as f64).sqrt());
            Density::Gaussian(Gaussian::new(mean, Covariance::Isotropic(uniform(rng, 0.7, 1.4))).expect(BUILT))
        }
        _ => noise(dim, 1.0),
    }
}

/// The step and the number of Langevin steps at the horizon, in one of `rare + 1` cases none.
fn corrector(rng: &mut dyn Rng, case: &Case, rare: u64) -> (f64, u64) {
    if below(rng, rare + 1) == 0 {
        return (0.1, 0);
    }
    let smoothness = case.target.constants(case.first()).lipschitz.value.hi().min(1e6);
    let step = log_uniform(rng, 0.01, 0.5) / smoothness;
    let steps = log_uniform(rng, 1.0, if case.is_gaussian() { 300.0 } else { 12.0 }) as u64;
    (step, steps)
}

/// The scheme drawn, in one of ten cases with a fault: Langevin steps at its end, or one step of the other phase.
fn program(
    rng: &mut dyn Rng,
    (process, grid): (&Process, &TimeGrid),
    corrected: (f64, u64),
    phase: ReversePhase,
) -> Program {
    let mut program = match corrected.1 {
        0 => phase.program(process, grid),
        _ => prediction_correction(process, corrected, phase, grid),
    };
    let last = stop(process, grid);
    match below(rng, 20) {
        0 if last.sigma > 0.0 => program.blocks.extend(lmc(0.01, 2, last).blocks),
        1 => {
            let other = match phase {
                ReversePhase::Flow(_) => ReversePhase::Sde(Scheme::Exponential),
                ReversePhase::Sde(_) => ReversePhase::Flow(FlowScheme::Exponential),
            };
            let first = other.program(process, grid).blocks.swap_remove(0);
            if let Some(block) = program.blocks.iter_mut().rev().nth(grid.times().len() - 2) {
                *block = first;
            }
        }
        _ => {}
    }
    program
}

fn drawn(rng: &mut dyn Rng, phase: ReversePhase) -> Instance {
    let case = case(rng);
    let (error, start) = (error(rng, &case), start(rng, &case));
    let corrected = corrector(rng, &case, 1);
    let program = program(rng, (&case.process, &case.grid), corrected, phase);
    let last = case.last();
    through(case.target, start, error, program, last)
}

/// For PMM-11.
pub fn continuous(rng: &mut dyn Rng) -> Instance {
    let scheme = FlowScheme::ALL[below(rng, 3) as usize];
    drawn(rng, ReversePhase::Flow(scheme))
}

/// For PMM-11b.
pub fn exponential_steps(rng: &mut dyn Rng) -> Instance {
    let scheme = if below(rng, 12) == 0 { FlowScheme::Euler } else { FlowScheme::Exponential };
    drawn(rng, ReversePhase::Flow(scheme))
}

/// For PMM-12.
pub fn continuous_sde(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    drawn(rng, ReversePhase::Sde(scheme))
}

/// For PMM-13.
pub fn reverse_sde(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    drawn(rng, ReversePhase::Sde(scheme))
}

/// For PMM-13b.
pub fn equal_steps(rng: &mut dyn Rng) -> Instance {
    let mut case = case(rng);
    let (early, steps) = (case.stop(), case.grid.times().len() as u64 - 1);
    if below(rng, 12) > 0 {
        let horizon = case.process.elapsed(0.0, case.grid.times()[0]);
        case.process = Process::Ou;
        case.grid = TimeGrid::uniform(horizon, early, steps).expect(GRID);
    }
    let (error, start) = (error(rng, &case), start(rng, &case));
    let corrected = corrector(rng, &case, 1);
    let program = program(rng, (&case.process, &case.grid), corrected, ReversePhase::Sde(Scheme::Exponential));
    let last = case.last();
    through(case.target, start, error, program, last)
}

/// The classical scheme from N(0, I), in one of ten cases from elsewhere or with Langevin steps at the horizon.
fn classical(rng: &mut dyn Rng, phase: ReversePhase, longest: f64) -> (Case, Option<Error>, Program, Density) {
    let mut case = case(rng);
    if case.is_gaussian() {
        let (horizon, early) = (log_uniform(rng, 0.5, longest), early_stop(rng));
        (case.process, case.grid) = way(rng, horizon, early, case.grid.times().len() as u64 - 1);
    }
    let error = error(rng, &case);
    let corrected = if below(rng, 20) == 0 { corrector(rng, &case, 1) } else { (0.1, 0) };
    let program = program(rng, (&case.process, &case.grid), corrected, phase);
    let prior = if below(rng, 20) == 0 { start(rng, &case) } else { noise(case.target.dim(), 1.0) };
    (case, error, program, prior)
}

/// For PMM-15, the classical scheme.
pub fn classical_sde(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    let (case, error, program, start) = classical(rng, ReversePhase::Sde(scheme), 5.0);
    let last = case.last();
    through(case.target, start, error, program, last)
}

/// For PMM-14, the classical scheme: compared with the data, in half of the cases scaled back.
pub fn classical_flow(rng: &mut dyn Rng) -> Instance {
    let scheme = FlowScheme::ALL[below(rng, 3) as usize];
    let (case, error, mut program, start) = classical(rng, ReversePhase::Flow(scheme), 5.0);
    if below(rng, 2) == 0 {
        program = rescaled(program, &case.process, case.stop());
    }
    through(case.target, start, error, program, NoiseLevel::DATA)
}

/// N(a EX, q I) at the first level.
fn warm(mean: DVector<f64>, first: NoiseLevel) -> Density {
    Density::Gaussian(Gaussian::isotropic(mean * first.alpha, first.variance()).expect(BUILT))
}

/// Prediction-correction from a warm start, in one of four cases from N(0, I): Langevin steps for a time of 0.3 to 8 C.
fn corrected(rng: &mut dyn Rng, phase: ReversePhase) -> (Case, Option<Error>, Program, Density) {
    let case = case(rng);
    let error = error(rng, &case).map(|(shape, _)| (shape, Size::Epsilon(log_uniform(rng, 1e-4, 0.3))));
    let constants = case.target.constants(case.first());
    let step = log_uniform(rng, 1e-3, 0.3) / constants.lipschitz.value.hi().min(1e6);
    let time = constants.lsi.value.hi().min(1e3) * log_uniform(rng, 0.3, 8.0);
    let most = if case.is_gaussian() { 1e5 } else { 12.0 };
    let corrector = (step, (time / step).ceil().min(most) as u64);
    let corrector = if below(rng, 20) == 0 { (step, 0) } else { corrector };
    let program = program(rng, (&case.process, &case.grid), corrector, phase);
    let start = if below(rng, 4) == 0 { noise(case.target.dim(), 1.0) } else { warm(case.target.mean(), case.first()) };
    (case, error, program, start)
}

/// For PMM-14: compared with the data, in half of the cases scaled back.
pub fn corrected_flow(rng: &mut dyn Rng) -> Instance {
    let scheme = FlowScheme::ALL[below(rng, 3) as usize];
    let (case, error, mut program, start) = corrected(rng, ReversePhase::Flow(scheme));
    if below(rng, 2) == 0 {
        program = rescaled(program, &case.process, case.stop());
    }
    through(case.target, start, error, program, NoiseLevel::DATA)
}

/// For PMM-15.
pub fn corrected_sde(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    let (case, error, program, start) = corrected(rng, ReversePhase::Sde(scheme));
    let last = case.last();
    through(case.target, start, error, program, last)
}

/// For PMM-15c: one atom, whose chains are Gaussian, lines of atoms independent of each other, and lines; from the warm start at a
/// time T1 that is late enough. In one of twelve cases it is not, in one of twenty the start is N(0, I).
pub fn corrected_bounded(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    let (gaussian, data) = match below(rng, 100) {
        0..45 => {
            let (dim, place) = (log_uniform(rng, 1.0, 24.999) as usize, uniform(rng, -1.0, 1.0));
            (true, everywhere(dim, place))
        }
        kind => {
            let radius = log_uniform(rng, 0.1, 3.0);
            let line = &mut |rng: &mut dyn Rng| atoms_within(rng, radius);
            (false, if kind < 92 { coordinates(rng, 5.0, line) } else { line(rng) })
        }
    };
    let (dim, radius_sqr) = (data.dim(), support_radius_sqr(&data).expect(BUILT).hi());
    let enough = 0.5 * (2.0 * radius_sqr).ln_1p();
    let horizon = match below(rng, 12) {
        0 if enough > 0.1 => 0.8 * enough,
        1..5 if enough > 0.3 => enough * (1.0 + 1e-9),
        _ => enough + log_uniform(rng, 0.2, 1.0),
    };
    let early = (horizon * log_uniform(rng, 0.05, 0.3)).max(0.02);
    // As many steps as keep the bound below 1, mostly.
    let (most_before, longest, fewest, most) =
        if gaussian { (3000.0, 4.0, 30.0, 600.0) } else { (12.0, 1.0, 6.0, 12.0) };
    let grid = match below(rng, 3) {
        0 => TimeGrid::uniform(horizon, early, log_uniform(rng, fewest, most) as u64),
        _ => TimeGrid::geometric(horizon, early, log_uniform(rng, fewest, most) as u64),
    };
    let (grid, first) = (grid.expect(GRID), Process::Ou.level(horizon));
    let shape = match below(rng, 4) {
        0 if gaussian => affine(dim, uniform(rng, -0.5, 0.3)),
        0 => fourier(dim, uniform(rng, 0.5, 2.0)),
        _ => constant(dim),
    };
    let error = (below(rng, 8) > 0).then(|| (shape, Size::Epsilon(log_uniform(rng, 1e-4, 0.2))));
    let time = first.variance() * longest * log_uniform(rng, 0.1, 1.0);
    let steps = if below(rng, 20) == 0 { 0 } else { log_uniform(rng, 0.3 * most_before, most_before) as u64 };
    let corrector = (time / steps.max(1) as f64, steps);
    let program = program(rng, (&Process::Ou, &grid), corrector, ReversePhase::Sde(scheme));
    let start = if below(rng, 20) == 0 { noise(dim, 1.0) } else { warm(data.mean(), first) };
    let last = stop(&Process::Ou, &grid);
    through(data, start, error, program, last)
}

/// Data `N(mu, I)` with mu along the diagonal, an error along it, in one of ten cases one that is not.
fn example(rng: &mut dyn Rng, phase: ReversePhase, corrected: bool) -> Instance {
    let dim = log_uniform(rng, 1.0, 12.999) as usize;
    let mean = DVector::from_element(dim, log_uniform(rng, 0.03, 10.0) * if below(rng, 2) == 0 { 1.0 } else { -1.0 });
    let variance = if below(rng, 20) == 0 { 1.1 } else { 1.0 };
    let target = Density::Gaussian(Gaussian::isotropic(mean, variance).expect(BUILT));
    let horizon = log_uniform(rng, 0.3, 8.0);
    let (early, steps) = (early_stop(rng), log_uniform(rng, 1.0, 30.0) as u64);
    let (process, grid) = way(rng, horizon, early, steps);
    let case = Case { target: Data::Density(target), process, grid, edged: false };
    let shape = if below(rng, 20) == 0 { affine(dim, 0.2) } else { constant(dim) };
    let error = Some((shape, Size::Amplitude(log_uniform(rng, 1e-4, 1.0))));
    let corrector = match corrected {
        true => (log_uniform(rng, 1e-3, 0.3), log_uniform(rng, 1.0, 300.0) as u64),
        false => (0.1, 0),
    };
    let program = program(rng, (&case.process, &case.grid), corrector, phase);
    let last = case.last();
    through(case.target, noise(dim, 1.0), error, program, last)
}

/// For PMM-16a.
pub fn exact_flow(rng: &mut dyn Rng) -> Instance {
    example(rng, ReversePhase::Flow(FlowScheme::Exponential), false)
}

/// For PMM-16b.
pub fn exact_corrected(rng: &mut dyn Rng) -> Instance {
    example(rng, ReversePhase::Flow(FlowScheme::Exponential), true)
}

/// For PMM-16c.
pub fn exact_sde(rng: &mut dyn Rng) -> Instance {
    let scheme = Scheme::ALL[below(rng, 3) as usize];
    example(rng, ReversePhase::Sde(scheme), false)
}
