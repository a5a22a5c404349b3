//! Prediction-correction schemes for the checks of PMM-11 to 16.

use crate::support::*;
use scorebound::bounds::Theorem;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{
    FlowScheme, Program, ReversePhase, Scheme, lmc as langevin, prediction_correction, rescaled,
};
use scorebound::targets::{Density, Gaussian, Mixture, Target};
use std::sync::Arc;

/// OU from `horizon` to `early` in equal steps, after Langevin steps at the horizon or none.
#[derive(Clone)]
pub struct Falling {
    pub phase: ReversePhase,
    pub horizon: f64,
    pub early: f64,
    pub steps: u64,
    pub corrector: (f64, u64),
    pub rescale: bool,
}

pub fn flow(scheme: FlowScheme, horizon: f64, early: f64, steps: u64) -> Falling {
    Falling { phase: ReversePhase::Flow(scheme), horizon, early, steps, corrector: (0.0, 0), rescale: false }
}

pub fn exponential(horizon: f64, early: f64, steps: u64) -> Falling {
    flow(FlowScheme::Exponential, horizon, early, steps)
}

pub fn sde(scheme: Scheme, horizon: f64, early: f64, steps: u64) -> Falling {
    Falling { phase: ReversePhase::Sde(scheme), ..exponential(horizon, early, steps) }
}

impl Falling {
    pub fn after(self, step: f64, steps: u64) -> Self {
        Self { corrector: (step, steps), ..self }
    }

    pub fn program(&self) -> Program {
        let grid = TimeGrid::uniform(self.horizon, self.early, self.steps).unwrap();
        let program = match self.corrector.1 {
            0 => self.phase.program(&Process::Ou, &grid),
            _ => prediction_correction(&Process::Ou, self.corrector, self.phase, &grid),
        };
        if self.rescale { rescaled(program, &Process::Ou, self.early) } else { program }
    }

    pub fn first(&self) -> NoiseLevel {
        Process::Ou.level(self.horizon)
    }

    pub fn last(&self) -> NoiseLevel {
        Process::Ou.level(self.early)
    }

    /// On a target from N(0, I), compared with the target where it arrives.
    pub fn on(&self, target: &Density) -> Given {
        given(target).along(self.program(), self.last()).start(normal(Target::dim(target), 0.0, 1.0))
    }

    /// The same from the target at the first level.
    pub fn warm(&self, target: &Density) -> Given {
        self.on(target).start(target.noised(self.first()).unwrap())
    }

    /// The same from N(0, I), compared with the data.
    pub fn to_data(&self, target: &Density) -> Given {
        self.on(target).along(self.program(), NoiseLevel::DATA)
    }
}

/// N(mean, variance) on the line.
pub fn line(mean: f64, variance: f64) -> Density {
    Density::Gaussian(Gaussian::scalar(mean, variance).unwrap())
}

/// Mean and variance of N(m, v) at the time t.
pub fn noised(t: f64, m: f64, v: f64) -> (f64, f64) {
    ((-t).exp() * m, 1.0 + (v - 1.0) * (-2.0 * t).exp())
}

/// 0.4 N(-1, 0.7) + 0.6 N(1, 0.7).
pub fn equal_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.0, 1.0], &[0.7, 0.7]).unwrap())
}

/// Law after the same way with one other step in front: a step of the wrong kind.
pub fn with_wrong_step(by: &Falling) -> Program {
    let other = match by.phase {
        ReversePhase::Flow(_) => sde(Scheme::Exponential, by.horizon, by.early, by.steps),
        ReversePhase::Sde(_) => exponential(by.horizon, by.early, by.steps),
    };
    let mut program = by.program();
    let first = program.blocks.len() - by.steps as usize;
    program.blocks[first] = other.program().blocks[0].clone();
    program
}

/// Langevin steps after the reverse phase.
pub fn with_late_steps(by: &Falling) -> Program {
    let mut program = by.program();
    program.blocks.extend(langevin(0.01, 2, by.last()).blocks);
    program
}

/// What is no such reverse phase fails `says`: other steps, Langevin steps at the end, the other phase, levels of VE.
pub fn is_no_other_phase(by: &Falling, theorem: &'static Theorem, says: &'static str) {
    let good = by.on(&line(0.5, 0.8)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds_or_vacuous(), "{}", good.then(theorem));
    let other = match by.phase {
        ReversePhase::Flow(_) => sde(Scheme::Exponential, by.horizon, by.early, by.steps),
        ReversePhase::Sde(_) => exponential(by.horizon, by.early, by.steps),
    };
    for program in [with_wrong_step(by), with_late_steps(by), other.program()] {
        assert_eq!(good.clone().run(program).then(theorem).failed(), Some(says));
    }
    let (exploding, last) = ve_predictor(1.0, 0.1, 4);
    assert_eq!(good.along(exploding, last).then(theorem).failed(), Some(says));
}

/// A rescaled output, and one compared with the data, are not compared with `p_delta`.
pub fn is_compared_at_stop(by: &Falling, theorem: &'static Theorem) {
    let says = "the output is compared with p_delta as it is";
    let p = line(0.5, 0.8);
    assert_eq!(by.to_data(&p).then(theorem).failed(), Some(says));
    let scaled = Falling { rescale: true, ..by.clone() };
    assert_eq!(scaled.on(&p).then(theorem).failed(), Some(says));
}

/// Data without a density, all the way down.
pub fn has_no_density(by: &Falling, theorem: &'static Theorem) {
    let by = Falling { early: 0.0, ..by.clone() };
    let at = given_data(atoms()).along(by.program(), by.last()).start(normal(1, 0.0, 1.0));
    assert_eq!(at.then(theorem).failed(), Some("delta > 0, or p has a density"));
}

/// The larger error in the score: a sharp step has no one-sided constant from above.
pub fn jumping() -> Arc<dyn scorebound::scores::ErrorShape> {
    outward(1, 0.3, 0.0)
}

/// A value of `reference/prediction_correction.json`.
pub fn reference(name: &str) -> f64 {
    let text = include_str!("reference/prediction_correction.json");
    let all: serde_json::Value = serde_json::from_str(text).unwrap();
    all["values"][name]["value"].as_str().unwrap_or_else(|| panic!("no value {name}")).parse().unwrap()
}

/// K of PMM-7 for Langevin steps on N(mean, s) on the line from N(start), by its recursion with the parameters that were found; `epsr2(r)`
/// is `ln E exp(r e^2)/r`.
pub fn mgf_by_hand(
    alone: &Claim,
    (mean, s): (f64, f64),
    start: (f64, f64),
    (h, n): (f64, u64),
    epsr2: impl Fn(f64) -> f64,
) -> f64 {
    let (lambda, theta, r) = (alone.term("lambda"), alone.term("theta"), alone.term("r"));
    let (l, c) = (1.0 / s, 0.25 / lambda);
    let e = c * ((1.0 + theta) * h + (1.0 + 1.0 / theta) * l * l * 2.0 * h.powi(3) / 3.0);
    let lag = c * (1.0 + 1.0 / theta) * l * l;
    let factor = (-2.0 * (1.0 - lambda) * h / s).exp() + e / r + lag * (h.powi(3) / 3.0) * 8.0 * l * l * s;
    let added = e * epsr2(r) + lag * (h * h + 4.0 / 3.0 * l * h.powi(3));
    (0..n).fold(crate::correctors::kl(1.0, start.0 - mean, start.1, s), |k, _| factor * k + added)
}
