//! Samplers that run through noise levels: the schedule, the first and the last step, what is predicted.

use super::super::drawing::{Source, normal, on_line};
use super::super::laws::{Moments, isotropic, modes, output};
use super::super::{Drawn, Faulty, Sampler, Wrong};
use crate::laws::Law;
use crate::processes::{Process, TimeGrid};
use crate::samplers::{Program, Scheme, reverse_sde};

pub(super) const ALL: [Faulty; 9] = [
    Faulty {
        name: "level-off-by-one",
        fault: "every step asks for the score at the level of the step before it",
        story: "the cosine schedule of `denoising-diffusion-pytorch` divided by one step too many (lucidrains/denoising-diffusion-pytorch#19)",
        build: || reverse(|times, k| Some((times[k.max(1) - 1], times[k] - times[k + 1])), false),
    },
    Faulty {
        name: "last-step-missing",
        fault: "`for i in range(n - 1)`",
        story: "a table of noise levels cut one too early (dgrauet/ltx-2-mlx#128); samplers of InvokeAI did steps - 1 steps (invoke-ai/InvokeAI#900)",
        build: || reverse(|times, k| (k + 2 < times.len()).then(|| (times[k], times[k] - times[k + 1])), false),
    },
    Faulty {
        name: "stride-shorter-than-levels",
        fault: "steps of nine tenths of the distance between the levels that the score is asked for",
        story: "the DDIM step of diffusers assumed a stride of T/n, which `linspace` does not have: from 999 to 899, and the next from 888 \
            (huggingface/diffusers#12633)",
        build: || reverse(|times, k| Some((times[k], 0.9 * (times[k] - times[k + 1]))), false),
    },
    Faulty {
        name: "prediction-clipped",
        fault: "the predicted x0 is clipped to [-1, 1], right for pictures, for a target with modes at -1 and 1",
        story: "`clip_sample` of DDPM schedulers; MONAI made the bounds an option (Project-MONAI/GenerativeModels#494)",
        build: || reverse(|times, k| Some((times[k], times[k] - times[k + 1])), true),
    },
    Faulty {
        name: "noise-at-the-last-step",
        fault: "the last step, to no noise, adds noise",
        story: "a reader's report on an anomaly detector (arimousa/DDAD#50, open)",
        build: || ddpm(&Way { noise: |k| if k == 0 { beta(0).sqrt() } else { posterior(k).sqrt() }, ..RIGHT }),
    },
    Faulty {
        name: "beta-for-posterior-variance",
        fault: "noise of variance beta where the specification has the posterior variance",
        story: "a paper said one and its program did the other, the author agreed (jhbastek/PhysicsInformedDiffusionModels#4)",
        build: || ddpm(&Way { noise: |k| if k == 0 { 0.0 } else { beta(k).sqrt() }, ..RIGHT }),
    },
    Faulty {
        name: "start-from-a-unit-normal",
        fault: "the reverse process starts from N(0, 1), which its schedule does not reach",
        story: "betas made for 1000 steps used with 100 (zoubohao/DenoisingDiffusionProbabilityModel-ddpm-#14)",
        build: || ddpm(&Way { start: |_| Moments { mean: 0.0, variance: 1.0 }, ..RIGHT }),
    },
    Faulty {
        name: "prediction-not-scaled",
        fault: "beta times the predicted noise, without 1/sigma",
        story: "deepinv scaled a score in the wrong place (deepinv/deepinv#736); several reports of a missing power of sigma are misreadings",
        build: || ddpm(&Way { scale: |k| beta(k), ..RIGHT }),
    },
    Faulty {
        name: "beta-of-the-step-before",
        fault: "beta is read from the table one place too early",
        story: "DDPM of diffusers with 100 of 1000 steps took beta of t - 1, not of t - 10 (huggingface/diffusers#2076)",
        build: || {
            ddpm(&Way {
                noise: |k| if k == 0 { 0.0 } else { (posterior(k) / beta(k) * beta(k - 1)).sqrt() },
                scale: |k| beta(k.max(1) - 1) / (1.0 - kept(k)).sqrt(),
                ..RIGHT
            })
        },
    },
];

/// Weight, mean and variance of the modes of the target.
const MODES: [(f64, f64, f64); 2] = [(0.3, -1.0, 0.1), (0.7, 1.0, 0.1)];
const HORIZON: f64 = 2.0;
const EARLY: f64 = 0.02;
const STEPS: usize = 20;

fn times() -> Vec<f64> {
    let h = (HORIZON - EARLY) / STEPS as f64;
    (0..=STEPS).map(|k| HORIZON - k as f64 * h).collect()
}

/// E[x0 | x] at a time of the Ornstein-Uhlenbeck process.
fn predicted(time: f64, x: f64) -> f64 {
    let (alpha, noise) = (libm::exp(-time), -libm::expm1(-2.0 * time));
    let part = |(w, m, v): (f64, f64, f64)| {
        let variance = alpha * alpha * v + noise;
        let z = x - alpha * m;
        (w / variance.sqrt() * libm::exp(-0.5 * z * z / variance), m + alpha * v / variance * z)
    };
    let parts = MODES.map(part);
    parts.iter().map(|(w, m)| w * m).sum::<f64>() / parts.iter().map(|(w, _)| w).sum::<f64>()
}

/// For the times of the levels and a step, the time of the level that is asked for and the length, if the step is taken.
type Step = fn(&[f64], usize) -> Option<(f64, f64)>;

/// The reverse Ornstein-Uhlenbeck process by Euler's steps from N(0, 1), against the exact law of right steps.
fn reverse(step: Step, clipped: bool) -> Result<Wrong, String> {
    let levels = times();
    let draw = on_line(move |source: &mut Source| {
        let mut x = normal(source);
        for (time, h) in (0..STEPS).filter_map(|k| step(&levels, k)) {
            let (alpha, noise) = (libm::exp(-time), -libm::expm1(-2.0 * time));
            let data = predicted(time, x);
            let data = if clipped { data.clamp(-1.0, 1.0) } else { data };
            let score = (alpha * data - x) / noise;
            x += h * (x + 2.0 * score) + (2.0 * h).sqrt() * normal(source);
        }
        x
    });
    let (target, start) = (modes(&MODES)?, isotropic(1, 0.0, 1.0)?);
    let law = |program: &Program| -> Result<Law, String> { output(&target, &start, program) };
    let grid = TimeGrid::uniform(HORIZON, EARLY, STEPS as u64).map_err(|e| e.to_string())?;
    let sampler = Sampler::of_output(&law(&reverse_sde(&Process::Ou, Scheme::EulerMaruyama, &grid))?, draw);
    if clipped {
        return Ok(Wrong { sampler, drawn: Drawn::Pilot });
    }
    let levels = times();
    let kernel = |(time, h)| crate::samplers::Block {
        kernel: Scheme::EulerMaruyama.kernel(&Process::Ou, h, Process::Ou.level(time)),
        repeat: 1,
    };
    let wrong = Program { blocks: (0..STEPS).filter_map(|k| step(&levels, k)).map(kernel).collect() };
    Ok(Wrong { sampler, drawn: Drawn::Law(Box::new(law(&wrong)?), None) })
}

/// The target of the ancestral sampler.
const DATA: Moments = Moments { mean: 2.0, variance: 0.5 };
const TABLE: usize = 10;

/// The table of betas.
fn beta(k: usize) -> f64 {
    0.02 + 0.058 * k as f64
}

/// `prod (1 - beta)` up to and with k.
fn kept(k: usize) -> f64 {
    (0..=k).map(|j| 1.0 - beta(j)).product()
}

/// `beta (1 - kept before)/(1 - kept)`.
fn posterior(k: usize) -> f64 {
    if k == 0 { 0.0 } else { beta(k) * (1.0 - kept(k - 1)) / (1.0 - kept(k)) }
}

/// The data at a level.
fn noised(k: usize) -> Moments {
    DATA.step(kept(k).sqrt(), 0.0, (1.0 - kept(k)).sqrt())
}

/// A way to take the steps of ancestral sampling: `(x - scale eps)/sqrt(1 - beta) + noise xi`.
struct Way {
    start: fn(usize) -> Moments,
    scale: fn(usize) -> f64,
    noise: fn(usize) -> f64,
}

const RIGHT: Way = Way { start: noised, scale: |k| beta(k) / (1.0 - kept(k)).sqrt(), noise: |k| posterior(k).sqrt() };

/// Ancestral sampling with exact predictions of the noise, against the law of the right way.
fn ddpm(way: &Way) -> Result<Wrong, String> {
    let law = |way: &Way| {
        let step = |law: Moments, k: usize| {
            // eps = sigma (x - alpha mean)/variance.
            let (level, sigma) = (noised(k), (1.0 - kept(k)).sqrt());
            let (pull, root) = ((way.scale)(k) * sigma / level.variance, (1.0 - beta(k)).sqrt());
            law.step((1.0 - pull) / root, pull * level.mean / root, (way.noise)(k))
        };
        (0..TABLE).rev().fold((way.start)(TABLE - 1), step).copies(1)
    };
    let (right, wrong) = (law(&RIGHT)?, law(way)?);
    let start = (way.start)(TABLE - 1);
    let steps: Vec<[f64; 4]> =
        (0..TABLE).rev().map(|k| [kept(k), (way.scale)(k), (1.0 - beta(k)).sqrt(), (way.noise)(k)]).collect();
    let draw = on_line(move |source: &mut Source| {
        let mut x = start.mean + start.variance.sqrt() * normal(source);
        for [kept, scale, root, noise] in &steps {
            let predicted = {
                let (alpha, square) = (kept.sqrt(), 1.0 - kept);
                let variance = kept * DATA.variance + square;
                let data = DATA.mean + alpha * DATA.variance / variance * (x - alpha * DATA.mean);
                (x - alpha * data) / square.sqrt()
            };
            x = (x - scale * predicted) / root + noise * normal(source);
        }
        x
    });
    Ok(Wrong::density(&right, wrong, draw))
}
