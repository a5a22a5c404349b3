//! Samplers with a bias, against the exact law of their own output.

use super::super::drawing::{Source, normal, on_line};
use super::super::laws::{isotropic, modes, output};
use super::super::{Right, Sampler};
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{
    CorrectAt, Corrector, FlowScheme, Program, Scheme, flow_ode, lmc, predictor_corrector, reverse_sde,
};

pub(super) const ALL: [Right; 4] = [
    Right {
        name: "langevin",
        tells: "fifteen Langevin steps for a mixture, against the law of their output",
        draws: 500,
        build: langevin,
    },
    Right {
        name: "reverse-sde",
        tells: "twelve steps of the reverse process, against the law of their output",
        draws: 500,
        build: reverse,
    },
    Right {
        name: "probability-flow",
        tells: "twelve Euler steps of the probability flow, against the law of their output",
        draws: 500,
        build: flow,
    },
    Right {
        name: "predictor-corrector",
        tells: "eight steps of the reverse process, each with two Langevin steps, against the law of their output",
        draws: 500,
        build: corrected,
    },
];

/// Weight, mean and variance of the modes of the target.
const MODES: [(f64, f64, f64); 2] = [(0.4, -1.5, 0.3), (0.6, 1.0, 0.5)];
const HORIZON: f64 = 2.0;
const EARLY: f64 = 0.05;

/// The score at a level.
fn score(alpha: f64, noise: f64, x: f64) -> f64 {
    let parts = MODES.map(|(w, m, v)| {
        let (variance, z) = (alpha * alpha * v + noise, x - alpha * m);
        (w / variance.sqrt() * libm::exp(-0.5 * z * z / variance), -z / variance)
    });
    parts.iter().map(|(w, s)| w * s).sum::<f64>() / parts.iter().map(|(w, _)| w).sum::<f64>()
}

/// The score at a time of the Ornstein-Uhlenbeck process.
fn score_at(time: f64, x: f64) -> f64 {
    score(libm::exp(-time), -libm::expm1(-2.0 * time), x)
}

/// A sampler that starts from N(0, 1), against the law of the output of a program.
fn against(
    program: &Program,
    one: impl Fn(&mut Source, f64) -> f64 + Send + Sync + 'static,
) -> Result<Sampler, String> {
    let law = output(&modes(&MODES)?, &isotropic(1, 0.0, 1.0)?, program)?;
    let draw = on_line(move |source| {
        let start = normal(source);
        one(source, start)
    });
    Ok(Sampler::of_output(&law, draw))
}

fn grid(steps: usize) -> Result<TimeGrid, String> {
    TimeGrid::uniform(HORIZON, EARLY, steps as u64).map_err(|e| e.to_string())
}

fn langevin() -> Result<Sampler, String> {
    let (h, steps) = (0.1f64, 15);
    against(&lmc(h, steps, NoiseLevel::DATA), move |source, mut x| {
        for _ in 0..steps {
            x += h * score(1.0, 0.0, x) + (2.0 * h).sqrt() * normal(source);
        }
        x
    })
}

fn reverse() -> Result<Sampler, String> {
    let steps = 12;
    let h = (HORIZON - EARLY) / steps as f64;
    let program = reverse_sde(&Process::Ou, Scheme::EulerMaruyama, &grid(steps)?);
    against(&program, move |source, mut x| {
        for k in 0..steps {
            let time = HORIZON - k as f64 * h;
            x += h * (x + 2.0 * score_at(time, x)) + (2.0 * h).sqrt() * normal(source);
        }
        x
    })
}

fn flow() -> Result<Sampler, String> {
    let steps = 12;
    let h = (HORIZON - EARLY) / steps as f64;
    against(&flow_ode(&Process::Ou, FlowScheme::Euler, &grid(steps)?), move |_, mut x| {
        for k in 0..steps {
            x += h * (x + score_at(HORIZON - k as f64 * h, x));
        }
        x
    })
}

fn corrected() -> Result<Sampler, String> {
    let (steps, each, short) = (8, 2, 0.05f64);
    let h = (HORIZON - EARLY) / steps as f64;
    let corrector = Corrector { at: CorrectAt::EveryLevel, step: short, relative: false, steps: each };
    let program = predictor_corrector(&Process::Ou, Scheme::EulerMaruyama, &grid(steps)?, &corrector);
    against(&program, move |source, mut x| {
        for k in 0..steps {
            let time = HORIZON - k as f64 * h;
            x += h * (x + 2.0 * score_at(time, x)) + (2.0 * h).sqrt() * normal(source);
            for _ in 0..each {
                x += short * score_at(time - h, x) + (2.0 * short).sqrt() * normal(source);
            }
        }
        x
    })
}
