//! Random training sets and what is learned from them (HRX-11 to HRX-18), and samplers handed a learned score (HRX-20).

use super::constants::{at, atoms_on_the_line, atoms_within};
use super::levels::noise;
use super::{BUILT, below, log_uniform, uniform};
use crate::bounds::Instance;
use crate::laws::{self, Settings};
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{Scheme, reverse_sde};
use crate::scores::Damaged;
use crate::scores::learned::{
    Design, Learner, Lesson, Precision, Regime, Ridge, Start, Stop, Task, TimeMeasure, learned,
};
use crate::targets::{BoundedData, BoxMixture, Data, Points, Target};
use nalgebra::DVector;
use rand::{Rng, RngExt};
use std::sync::Arc;

/// Two to five atoms on the line, in the plane or in space.
fn atoms(rng: &mut dyn Rng) -> Points {
    let d = [1, 1, 1, 2, 2, 3][below(rng, 6) as usize];
    let size = log_uniform(rng, 0.3, 3.0);
    atoms_within(rng, d, size)
}

/// One in six times one to three Gaussian components cut to a cube, else atoms.
fn bounded(rng: &mut dyn Rng) -> Data {
    if below(rng, 6) > 0 {
        return Data::Points(atoms(rng));
    }
    let (d, k) = (1 + below(rng, 2) as usize, 1 + below(rng, 3) as usize);
    let half = log_uniform(rng, 0.4, 2.0);
    let means = (0..k).map(|_| DVector::from_fn(d, |_, _| uniform(rng, -half, half))).collect();
    let sds = (0..k).map(|_| half * log_uniform(rng, 0.1, 1.0)).collect();
    Data::Box(BoxMixture::new(vec![1.0 / k as f64; k], means, sds, half).expect(BUILT))
}

/// Times from the order of the data's own scale on, under either measure; one in five inputs without the constant coordinate.
fn design(rng: &mut dyn Rng) -> Design {
    let early = log_uniform(rng, 0.03, 0.5);
    let horizon = early + log_uniform(rng, 0.3, 3.0);
    let measure = if below(rng, 2) == 0 { TimeMeasure::UniformTime } else { TimeMeasure::UniformSnr };
    Design::new(Process::Ou, (early, horizon), measure, below(rng, 5) > 0).expect(BUILT)
}

/// A small network: one in three starts as a random function, one in three is linearised.
fn of_width(rng: &mut dyn Rng, most: f64) -> Learner {
    let width = 2 * log_uniform(rng, 4.0, most / 2.0) as usize;
    let start = if below(rng, 3) == 0 { Start::Independent } else { Start::Antisymmetric };
    let regime = if below(rng, 3) == 0 { Regime::Linearised } else { Regime::Network };
    Learner::Network { width, start, precision: Precision::Double, regime }
}

fn some_steps(rng: &mut dyn Rng, most: f64) -> Stop {
    Stop::Steps(log_uniform(rng, 1.0, most + 0.999) as u64)
}

/// Any of the rules.
fn rule(rng: &mut dyn Rng) -> Stop {
    match below(rng, 4) {
        0 => Stop::CriticalRadius(log_uniform(rng, 0.2, 5.0)),
        1 => Stop::RegressionOracle(log_uniform(rng, 0.2, 20.0)),
        2 => Stop::ScoreOracle(log_uniform(rng, 0.2, 20.0)),
        _ => some_steps(rng, 3000.0),
    }
}

/// What is to be learned: up to `most` samples of some data.
fn task(rng: &mut dyn Rng, data: &Data, most: f64, learner: Learner, stop: Stop) -> Task {
    Task {
        data: BoundedData::of(data).expect(BUILT),
        design: design(rng),
        samples: log_uniform(rng, 8.0, most + 0.999) as usize,
        test: log_uniform(rng, 100.0, 400.0) as usize,
        anchors: log_uniform(rng, 30.0, 120.0) as usize,
        ridge: Ridge::Of(log_uniform(rng, 1e-6, 1.0)),
        learner,
        stop,
        draw: (Settings::default().seed, u64::from(rng.random::<u32>() >> 1)),
    }
}

/// The lesson without a sampler; one in twenty times none, and the same where nothing can be learned.
fn taught(rng: &mut dyn Rng, data: Data, task: Task) -> Instance {
    let none = below(rng, 20) == 0;
    let lesson = if none { None } else { Lesson::new(task).ok().map(Arc::new) };
    at(data, NoiseLevel::DATA).with_lesson(lesson)
}

/// For HRX-15: a kernel or a network.
pub fn any(rng: &mut dyn Rng) -> Instance {
    let data = bounded(rng);
    let (most, learner, stop) = match below(rng, 2) {
        0 => (80.0, Learner::Kernel, rule(rng)),
        _ => (40.0, of_width(rng, 256.0), some_steps(rng, 100.0)),
    };
    let task = task(rng, &data, most, learner, stop);
    taught(rng, data, task)
}

/// For HRX-12, 16 and 18a.
pub fn kernel(rng: &mut dyn Rng) -> Instance {
    let (data, stop) = (bounded(rng), rule(rng));
    let task = task(rng, &data, 80.0, Learner::Kernel, stop);
    taught(rng, data, task)
}

/// For HRX-18b: mostly up to the rule.
pub fn stopped(rng: &mut dyn Rng) -> Instance {
    let data = bounded(rng);
    let stop = match below(rng, 8) {
        0 => some_steps(rng, 30.0),
        1..4 => Stop::CriticalRadius(uniform(rng, 0.1, 1.0)),
        _ => Stop::CriticalRadius(1.0),
    };
    let found = task(rng, &data, 80.0, Learner::Kernel, stop);
    // Of few samples the rule allows no step.
    let samples = found.samples.max(25);
    taught(rng, data, Task { samples, ..found })
}

/// For HRX-14: a network, now and then a kernel.
pub fn network(rng: &mut dyn Rng) -> Instance {
    let data = bounded(rng);
    let learner = if below(rng, 12) == 0 { Learner::Kernel } else { of_width(rng, 512.0) };
    let stop = some_steps(rng, 300.0);
    let task = task(rng, &data, 40.0, learner, stop);
    taught(rng, data, task)
}

/// For HRX-11: a network of any width, with and without the constant coordinate, now and then a kernel.
pub fn finite_width(rng: &mut dyn Rng) -> Instance {
    let data = bounded(rng);
    let learner = if below(rng, 12) == 0 { Learner::Kernel } else { of_width(rng, 4096.0) };
    let task = task(rng, &data, 40.0, learner, Stop::Steps(1));
    taught(rng, data, task)
}

/// For HRX-20: a small network on the line, handed to a reverse SDE of a few steps; in one of ten cases of another scheme.
pub fn sampled(rng: &mut dyn Rng) -> Instance {
    let data = Data::Points(atoms_on_the_line(rng, 1.5));
    let (early, steps) = (log_uniform(rng, 0.1, 0.4), log_uniform(rng, 2.0, 5.999) as u64);
    let horizon = early + log_uniform(rng, 0.3, 1.5);
    // The law's pieces end at the kinks of the neurons: time is spent on them.
    let width = 2 * log_uniform(rng, 1.0, 4.999) as usize;
    let start = if below(rng, 3) == 0 { Start::Independent } else { Start::Antisymmetric };
    let learner = Learner::Network { width, start, precision: Precision::Double, regime: Regime::Network };
    let stop = some_steps(rng, 200.0);
    let found = task(rng, &data, 30.0, learner, stop);
    let design = Design::new(Process::Ou, (early, horizon), found.design.measure(), true).expect(BUILT);
    let grid = match below(rng, 2) {
        0 => TimeGrid::uniform(horizon, early, steps),
        _ => TimeGrid::geometric(horizon, early, steps),
    };
    let scheme = if below(rng, 10) == 0 { Scheme::EulerMaruyama } else { Scheme::Exponential };
    let program = reverse_sde(&Process::Ou, scheme, &grid.expect(BUILT));
    let exact = below(rng, 20) == 0;
    let lesson = Lesson::new(Task { design, ..found }).ok().filter(|_| !exact).map(Arc::new);
    let seed = Settings::default().seed;
    let target: Arc<dyn Target> = Arc::new(data.clone());
    // A network whose training diverges makes no score.
    let estimate = lesson.as_ref().and_then(|lesson| lesson.estimate().ok()).map(Arc::new);
    let field = match &estimate {
        Some(estimate) => {
            let levels: Vec<_> = program.levels().into_iter().map(|level| (level, level)).collect();
            learned(Arc::clone(&target), estimate, (data.reach(), seed), &levels)
        }
        None => Damaged::exact(Arc::clone(&target)),
    };
    let start = laws::Start::Density(noise(1, 1.0));
    let found = Instance::new(target, Process::Ou.level(early), start, Arc::new(field), program, Settings::default());
    found.with_lesson(lesson.filter(|_| estimate.is_some()))
}
