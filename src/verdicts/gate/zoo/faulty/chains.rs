//! Markov chains: proposals, acceptance, momenta, conditionals. Every chain starts from the right law.

use super::super::drawing::{Draw, Source, each, normal, on_line};
use super::super::laws::{Moments, after, gaussian, integers, isotropic};
use super::super::{Drawn, Faulty, Sampler, Wrong};
use rand::RngExt;

pub(super) const ALL: [Faulty; 9] = [
    Faulty {
        name: "rejections-not-repeated",
        fault: "a state is appended after an acceptance only",
        story: "hamiltorch (AdamCobb/hamiltorch#5)",
        build: rejections_not_repeated,
    },
    Faulty {
        name: "hastings-missing",
        fault: "any proposal is accepted with the ratio of the target alone",
        story: "OpenTURNS' random walk left the densities of the proposal out (openturns/openturns#1260); a gallery program of deal.II threw 10^11 draws \
            away for it (dealii/code-gallery#64)",
        build: hastings_missing,
    },
    Faulty {
        name: "redrawn-until-inside",
        fault: "a proposal beyond the edge is drawn again, and accepted with the plain ratio: too few draws along the edges",
        story: "found in 2026 and measured against an exact value (lanl/PyBNF#709)",
        build: redrawn_until_inside,
    },
    Faulty {
        name: "log10-for-ln",
        fault: "log10 u is compared with natural logarithms: the law is the target to the power 2.3",
        story: "posteriors came out too narrow (lanl/PyBNF#353)",
        build: log10_for_ln,
    },
    Faulty {
        name: "hastings-upside-down",
        fault: "MALA with the two densities of its proposal exchanged",
        story: "Edward's Metropolis-Hastings; all its examples were symmetric, so that none showed it (blei-lab/edward#788)",
        build: hastings_upside_down,
    },
    Faulty {
        name: "last-kick-whole",
        fault: "the leapfrog ends with a whole kick where half a one is due, and the acceptance does not see it",
        story: "NUTS of Keanu moved by half a step (improbable-research/keanu#492); the documentation of pints missed the last half step \
            (pints-team/pints#957)",
        build: last_kick_whole,
    },
    Faulty {
        name: "energy-of-the-old-momentum",
        fault: "the energy before is that with the momentum before it was drawn anew",
        story: "flowMC (kazewong/flowMC#90)",
        build: energy_of_the_old_momentum,
    },
    Faulty {
        name: "refreshed-too-little",
        fault: "momenta are mixed as a r + (1 - a^2) z, without the root: too cold",
        story: "AdvancedHMC (TuringLang/AdvancedHMC.jl#280)",
        build: refreshed_too_little,
    },
    Faulty {
        name: "conditionals-of-the-old-state",
        fault: "Gibbs draws both coordinates from the old state: both marginals are right, their correlation is not",
        story: "elliptical slices inside the Gibbs sampler of Turing kept the prior mean of the first iteration (TuringLang/Turing.jl#2873)",
        build: conditionals_of_the_old_state,
    },
];

/// A target on five states.
const TARGET: [f64; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];
/// A proposal that does not look at the state.
const PROPOSAL: [f64; 5] = [0.3, 0.1, 0.2, 0.1, 0.3];
const STEPS: usize = 12;

fn pick(source: &mut Source, weights: &[f64]) -> usize {
    let mut u = source.random::<f64>();
    let found = weights.iter().position(|w| {
        u -= w;
        u < 0.0
    });
    found.unwrap_or(weights.len() - 1)
}

/// A neighbour on the ring of the states.
fn neighbour(source: &mut Source, i: usize) -> usize {
    (i + if source.random() { 1 } else { TARGET.len() - 1 }) % TARGET.len()
}

/// A chain on the states, against the target; `row`: the chances of its next state.
fn on_states(step: fn(&mut Source, usize) -> usize, row: fn(usize) -> Vec<f64>) -> Result<Wrong, String> {
    let draw = on_line(move |source| {
        let start = pick(source, &TARGET);
        (0..STEPS).fold(start, |state, _| step(source, state)) as f64
    });
    let sampler = Sampler::of_points(&integers(&TARGET)?, draw);
    Ok(Wrong { sampler, drawn: Drawn::Law(Box::new(integers(&after(&TARGET, STEPS, row))?), None) })
}

/// The chances of the next state, where j is proposed with `proposed(j)` and accepted with `accepted(j)`.
fn filtered(i: usize, proposed: impl Fn(usize) -> f64, accepted: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut row: Vec<f64> = (0..TARGET.len()).map(|j| if i == j { 0.0 } else { proposed(j) * accepted(j) }).collect();
    row[i] = 1.0 - row.iter().sum::<f64>();
    row
}

/// Half to each neighbour on the ring.
fn ring(i: usize, j: usize) -> f64 {
    let k = TARGET.len();
    if (i + 1) % k == j || (j + 1) % k == i { 0.5 } else { 0.0 }
}

fn ratio(i: usize, j: usize) -> f64 {
    (TARGET[j] / TARGET[i]).min(1.0)
}

fn rejections_not_repeated() -> Result<Wrong, String> {
    on_states(
        |source, state| {
            loop {
                let next = neighbour(source, state);
                if source.random::<f64>() < TARGET[next] / TARGET[state] {
                    return next;
                }
            }
        },
        |i| {
            let moves: Vec<f64> = (0..TARGET.len()).map(|j| ring(i, j) * ratio(i, j)).collect();
            let all: f64 = moves.iter().sum();
            moves.into_iter().map(|p| p / all).collect()
        },
    )
}

fn hastings_missing() -> Result<Wrong, String> {
    on_states(
        |source, state| {
            let next = pick(source, &PROPOSAL);
            if source.random::<f64>() < TARGET[next] / TARGET[state] { next } else { state }
        },
        |i| filtered(i, |j| PROPOSAL[j], |j| ratio(i, j)),
    )
}

fn redrawn_until_inside() -> Result<Wrong, String> {
    on_states(
        |source, state| {
            let next = loop {
                let step: bool = source.random();
                if let Some(next) = if step { Some(state + 1) } else { state.checked_sub(1) }
                    && next < TARGET.len()
                {
                    break next;
                }
            };
            if source.random::<f64>() < TARGET[next] / TARGET[state] { next } else { state }
        },
        |i| {
            let inside = |j: usize| i.abs_diff(j) == 1;
            let ways = (0..TARGET.len()).filter(|&j| inside(j)).count() as f64;
            filtered(i, |j| if inside(j) { 1.0 / ways } else { 0.0 }, |j| ratio(i, j))
        },
    )
}

fn log10_for_ln() -> Result<Wrong, String> {
    on_states(
        |source, state| {
            let next = neighbour(source, state);
            let u = 1.0 - source.random::<f64>();
            if u.log10() < TARGET[next].ln() - TARGET[state].ln() { next } else { state }
        },
        |i| filtered(i, |j| ring(i, j), |j| ratio(i, j).powf(std::f64::consts::LN_10)),
    )
}

/// A chain on the line from N(0, 1), of which only draws tell the law.
fn from_normal(one: impl Fn(&mut Source, f64) -> f64 + Send + Sync + 'static) -> Result<Wrong, String> {
    let draw: Draw = on_line(move |source| {
        let start = normal(source);
        one(source, start)
    });
    Ok(Wrong::piloted(&isotropic(1, 0.0, 1.0)?, draw))
}

fn hastings_upside_down() -> Result<Wrong, String> {
    from_normal(|source, mut x| {
        let h = 0.7f64;
        for _ in 0..10 {
            let y = (1.0 - h) * x + (2.0 * h).sqrt() * normal(source);
            // ln of the density of a proposal, up to a constant.
            let q = |from: f64, to: f64| -(to - (1.0 - h) * from).powi(2) / (4.0 * h);
            let ratio = 0.5 * (x * x - y * y) + q(x, y) - q(y, x);
            if (1.0 - source.random::<f64>()).ln() < ratio {
                x = y;
            }
        }
        x
    })
}

fn last_kick_whole() -> Result<Wrong, String> {
    from_normal(|source, mut x| {
        let step = 0.7;
        for _ in 0..6 {
            let p = normal(source);
            let (mut y, mut r) = (x, p - 0.5 * step * x);
            for _ in 0..3 {
                y += step * r;
                r -= step * y;
            }
            if (1.0 - source.random::<f64>()).ln() < 0.5 * (x * x + p * p - y * y - r * r) {
                x = y;
            }
        }
        x
    })
}

fn energy_of_the_old_momentum() -> Result<Wrong, String> {
    from_normal(|source, mut x| {
        let (step, mut p) = (0.7, normal(source));
        for _ in 0..6 {
            let old = p;
            p = normal(source);
            let (mut y, mut r) = (x, p - 0.5 * step * x);
            for k in 0..3 {
                y += step * r;
                r -= if k < 2 { step } else { 0.5 * step } * y;
            }
            if (1.0 - source.random::<f64>()).ln() < 0.5 * (x * x + old * old - y * y - r * r) {
                (x, p) = (y, r);
            }
        }
        x
    })
}

fn refreshed_too_little() -> Result<Wrong, String> {
    let (keep, angle, steps) = (0.6f64, 1.0f64, 20);
    let fresh = 1.0 - keep * keep;
    let (sin, cos) = angle.sin_cos();
    let draw = on_line(move |source| {
        let (mut x, mut p) = (normal(source), normal(source));
        for _ in 0..steps {
            // The exact flow of x' = p, p' = -x, which needs no acceptance.
            (x, p) = (cos * x + sin * p, cos * p - sin * x);
            p = keep * p + fresh * normal(source);
        }
        x
    });
    // Covariances of x and p.
    let (mut xx, mut xp, mut pp) = (1.0, 0.0, 1.0);
    for _ in 0..steps {
        (xx, xp, pp) = (
            cos * cos * xx + 2.0 * sin * cos * xp + sin * sin * pp,
            sin * cos * (pp - xx) + (cos * cos - sin * sin) * xp,
            sin * sin * xx - 2.0 * sin * cos * xp + cos * cos * pp,
        );
        (xp, pp) = (keep * xp, keep * keep * pp + fresh * fresh);
    }
    Ok(Wrong::density(&isotropic(1, 0.0, 1.0)?, Moments { mean: 0.0, variance: xx }.copies(1)?, draw))
}

fn conditionals_of_the_old_state() -> Result<Wrong, String> {
    let (rho, sweeps) = (0.8f64, 3);
    let rest = (1.0 - rho * rho).sqrt();
    let draw = each(2, move |source, x| {
        x[0] = normal(source);
        x[1] = rho * x[0] + rest * normal(source);
        for _ in 0..sweeps {
            let old = [x[0], x[1]];
            x[0] = rho * old[1] + rest * normal(source);
            x[1] = rho * old[0] + rest * normal(source);
        }
    });
    let law = |rho: f64| gaussian(&[0.0; 2], nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, rho, rho, 1.0]));
    // E x'y' = rho^2 E xy.
    Ok(Wrong::density(&law(rho)?, law(rho.powi(2 * sweeps + 1))?, draw))
}
