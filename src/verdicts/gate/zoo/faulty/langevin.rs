//! Langevin Monte Carlo: steps, noise, starts, arithmetic.

use super::super::drawing::{each, in_rows, normal, on_line};
use super::super::laws::{Moments, after, atoms, gaussian, isotropic, modes, output};
use super::super::{Drawn, Faulty, Sampler, Wrong};
use crate::processes::NoiseLevel;
use crate::samplers::lmc;

pub(super) const ALL: [Faulty; 10] = [
    Faulty {
        name: "noise-without-sqrt2",
        fault: "drift h s with noise sqrt(h): the law of half the temperature",
        story: "users of Google's `ibc` measured the standard deviation of its Langevin steps and found it wrong \"by a sqrt\" (google-research/ibc#6)",
        build: || walk(|h| h.sqrt()),
    },
    Faulty {
        name: "noise-times-sqrt2",
        fault: "2 h^0.5 in place of (2 h)^0.5: a sqrt(2) too much",
        story: "a misplaced parenthesis in the code of a paper on cyclical SG-MCMC (ruqizhang/csgmcmc#1)",
        build: || walk(|h| 2.0 * h.sqrt()),
    },
    Faulty {
        name: "noise-without-root",
        fault: "the variance 2h of the noise is used as its standard deviation",
        story: "SGLD of Edward gave the learning rate as the standard deviation (blei-lab/edward#722)",
        build: || walk(|h| 2.0 * h),
    },
    Faulty {
        name: "preconditioned-drift-only",
        fault: "the drift is multiplied by the preconditioner, the noise is not by its root",
        story: "a reader's report on a tutorial of preconditioned SGLD (SciML/DiffEqFlux.jl#695, open)",
        build: preconditioned_drift_only,
    },
    Faulty {
        name: "step-too-large",
        fault: "no accept step at h = 0.1, and called exact: variance 1/(1 - h/2)",
        story: "\"MALA\" of caustics had no accept step (Ciela-Institute/caustics#388)",
        build: step_too_large,
    },
    Faulty {
        name: "burn-in-kept",
        fault: "chains start at 3 and every state is kept",
        story: "Turing returned the adaptation with the chain (TuringLang/Turing.jl#635); OpenGM kept the burn-in and dropped the sample (opengm/opengm#18)",
        build: burn_in_kept,
    },
    Faulty {
        name: "one-step-more",
        fault: "the time is summed in steps of 0.1 until it is 1: in double precision that takes eleven of them",
        story: "no report of such a sum found",
        build: one_step_more,
    },
    Faulty {
        name: "single-precision",
        fault: "positions around 3e6 are kept in single precision, whose numbers are 1/4 apart there: small moves are lost",
        story: "a web UI cast a table of noise levels to half precision, which changed pictures visibly (AUTOMATIC1111/stable-diffusion-webui#14071)",
        build: single_precision,
    },
    Faulty {
        name: "one-noise-for-all-steps",
        fault: "the key of the random numbers is not advanced: every step of a chain gets the same noise",
        story: "JAX's own example of differential privacy used one key for the noise of all parameters (jax-ml/jax#3646)",
        build: one_noise_for_all_steps,
    },
    Faulty {
        name: "one-mode-only",
        fault: "all chains start in one of two modes and do not leave it",
        story: "not a fault of a program: what every chain between far modes does; the exact law of its output shows it",
        build: one_mode_only,
    },
];

/// Ten steps of length 0.2 from N(0, I) towards N(1, 2 I) in the plane, against the law of right ones.
fn walk(noise: fn(f64) -> f64) -> Result<Wrong, String> {
    let (h, steps, mean, variance) = (0.2f64, 10, 1.0, 2.0);
    let draw = each(2, move |source, x| {
        x.iter_mut().for_each(|x| *x = normal(source));
        for _ in 0..steps {
            x.iter_mut().for_each(|x| *x += h * (mean - *x) / variance + noise(h) * normal(source));
        }
    });
    let law = |noise: f64| {
        let start = Moments { mean: 0.0, variance: 1.0 };
        (0..steps).fold(start, |law, _| law.step(1.0 - h / variance, h * mean / variance, noise)).copies(2)
    };
    Ok(Wrong::density(&law((2.0 * h).sqrt())?, law(noise(h))?, draw))
}

fn preconditioned_drift_only() -> Result<Wrong, String> {
    let (h, steps, variances) = (0.05f64, 80, [4.0f64, 0.25]);
    let draw = each(2, move |source, x| {
        for (x, v) in x.iter_mut().zip(variances) {
            *x = v.sqrt() * normal(source);
            for _ in 0..steps {
                // The preconditioner is the variance.
                *x += h * v * (-*x / v) + (2.0 * h).sqrt() * normal(source);
            }
        }
    });
    let law = |noise: &dyn Fn(f64) -> f64| {
        let end = variances.map(|v| {
            (0..steps).fold(Moments { mean: 0.0, variance: v }, |law, _| law.step(1.0 - h, 0.0, noise(v))).variance
        });
        gaussian(&[0.0; 2], nalgebra::DMatrix::from_row_slice(2, 2, &[end[0], 0.0, 0.0, end[1]]))
    };
    Ok(Wrong::density(&law(&|v| (2.0 * h * v).sqrt())?, law(&|_| (2.0 * h).sqrt())?, draw))
}

fn step_too_large() -> Result<Wrong, String> {
    let (h, steps) = (0.1f64, 60);
    let draw = each(2, move |source, x| {
        for x in x {
            *x = normal(source);
            (0..steps).for_each(|_| *x += -h * *x + (2.0 * h).sqrt() * normal(source));
        }
    });
    let start = Moments { mean: 0.0, variance: 1.0 };
    let law = (0..steps).fold(start, |law, _| law.step(1.0 - h, 0.0, (2.0 * h).sqrt()));
    Ok(Wrong::density(&isotropic(2, 0.0, 1.0)?, law.copies(2)?, draw))
}

fn burn_in_kept() -> Result<Wrong, String> {
    const LENGTH: usize = 40;
    let a = 0.8f64;
    // Exact transitions of an Ornstein-Uhlenbeck process: only the start is wrong.
    let draw = in_rows(1, LENGTH, move |source, chain| {
        let mut x = 3.0;
        for place in chain {
            x = a * x + (1.0 - a * a).sqrt() * normal(source);
            *place = x;
        }
    });
    // On average over the places of a chain.
    let part = |k: i32| (1.0 / LENGTH as f64, 3.0 * a.powi(k), 1.0 - a.powi(2 * k));
    let wrong = modes(&(1..=LENGTH as i32).map(part).collect::<Vec<_>>())?;
    let sampler = Sampler::of(&isotropic(1, 0.0, 1.0)?, draw).in_groups(LENGTH as u64);
    Ok(Wrong { sampler, drawn: Drawn::Law(Box::new(wrong.clone()), Some(wrong)) })
}

fn one_step_more() -> Result<Wrong, String> {
    let (h, variance) = (0.1f64, 4.0);
    let draw = on_line(move |source| {
        let (mut x, mut time) = (normal(source), 0.0);
        while time < 1.0 {
            x += -h * x / variance + (2.0 * h).sqrt() * normal(source);
            time += 0.1;
        }
        x
    });
    let law = |steps: u32| {
        let start = Moments { mean: 0.0, variance: 1.0 };
        (0..steps).fold(start, |law, _| law.step(1.0 - h / variance, 0.0, (2.0 * h).sqrt())).copies(1)
    };
    Ok(Wrong::density(&law(10)?, law(11)?, draw))
}

fn single_precision() -> Result<Wrong, String> {
    let (h, steps, middle) = (0.01f64, 100, 3e6);
    let draw = on_line(move |source| {
        let mut x = (middle + normal(source)) as f32;
        for _ in 0..steps {
            x += (h * (middle - f64::from(x)) + (2.0 * h).sqrt() * normal(source)) as f32;
        }
        f64::from(x)
    });
    // On the numbers there are: the middle plus a multiple of 1/4, each step to the nearest one.
    const SIDE: usize = 40;
    let place = |k: usize| 0.25 * (k as f64 - SIDE as f64);
    let cell = |k: usize, mean: f64, sd: f64| {
        let at_most = |x: f64| 0.5 * libm::erfc((mean - x) / (sd * 2f64.sqrt()));
        match k {
            0 => at_most(place(0) + 0.125),
            k if k == 2 * SIDE => 1.0 - at_most(place(k) - 0.125),
            k => at_most(place(k) + 0.125) - at_most(place(k) - 0.125),
        }
    };
    let row = |mean: f64, sd: f64| -> Vec<f64> { (0..=2 * SIDE).map(|k| cell(k, mean, sd)).collect() };
    let law = after(&row(0.0, 1.0), steps, |k| row((1.0 - h) * place(k), (2.0 * h).sqrt()));
    let start = Moments { mean: middle, variance: 1.0 };
    let right = (0..steps).fold(start, |law, _| law.step(1.0 - h, h * middle, (2.0 * h).sqrt())).copies(1)?;
    Ok(Wrong::line(&right, atoms((0..=2 * SIDE).map(|k| middle + place(k)), &law), draw))
}

fn one_noise_for_all_steps() -> Result<Wrong, String> {
    let (h, steps) = (0.2f64, 10);
    let draw = on_line(move |source| {
        let (mut x, z) = (normal(source), normal(source));
        (0..steps).for_each(|_| x += -h * x + (2.0 * h).sqrt() * z);
        x
    });
    let start = Moments { mean: 0.0, variance: 1.0 };
    let right = (0..steps).fold(start, |law, _| law.step(1.0 - h, 0.0, (2.0 * h).sqrt())).copies(1)?;
    let decay = (1.0 - h).powi(steps);
    // sum of (1 - h)^k sqrt(2h) z.
    let wrong = start.step(decay, 0.0, (2.0 * h).sqrt() * (1.0 - decay) / h).copies(1)?;
    Ok(Wrong::density(&right, wrong, draw))
}

fn one_mode_only() -> Result<Wrong, String> {
    let (h, steps, mean, variance) = (0.05f64, 40, 3.0, 0.5f64);
    let draw = on_line(move |source| {
        let mut x = mean + variance.sqrt() * normal(source);
        for _ in 0..steps {
            // Two equal modes: the mean of a draw given x is mean tanh(mean x/variance).
            let score = (mean * libm::tanh(mean * x / variance) - x) / variance;
            x += h * score + (2.0 * h).sqrt() * normal(source);
        }
        x
    });
    let target = modes(&[(0.5, -mean, variance), (0.5, mean, variance)])?;
    let law = output(&target, &isotropic(1, mean, variance)?, &lmc(h, steps, NoiseLevel::DATA))?;
    Ok(Wrong { sampler: Sampler::of(&target, draw), drawn: Drawn::Law(Box::new(law), None) })
}
