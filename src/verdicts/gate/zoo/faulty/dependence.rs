//! Draws that know of each other: each has the right law.

use super::super::super::power::{Agreement, Lag};
use super::super::drawing::{in_rows, normal, whole};
use super::super::laws::{isotropic, modes};
use super::super::{Faulty, Wrong};
use crate::numerics::{Interval, stream};
use rand::Rng;

pub(super) const ALL: [Faulty; 7] = [
    Faulty {
        name: "same-seed-in-every-worker",
        fault: "four workers inherit one state of the generator",
        story: "workers of a PyTorch DataLoader with NumPy's global generator (pytorch/pytorch#5059), found again in xingyizhou/CenterNet#233, \
            facebookresearch/fairseq#1383",
        build: same_seed_in_every_worker,
    },
    Faulty {
        name: "same-seed-in-every-chain",
        fault: "the seed is copied to all chains, which are given as independent groups",
        story: "PyMC3 returned four identical chains (pymc-devs/pymc#1479); PyStan the same chain under all names (stan-dev/pystan#268)",
        build: same_seed_in_every_chain,
    },
    Faulty {
        name: "seed-reset-in-a-loop",
        fault: "every block of 128 draws starts from the same seed",
        story: "an app ran a sampler with a seed of its own 80 iterations at a time (jstockwin/EpiEstimApp#39)",
        build: seed_reset_in_a_loop,
    },
    Faulty {
        name: "noise-over-the-batch",
        fault: "noise of shape (1, d) is broadcast: eight chains that run as a batch share it",
        story: "no report of a sampler found; noise that was shared by neurons: BioroboticsLab/IBA#17",
        build: noise_over_the_batch,
    },
    Faulty {
        name: "chains-taken-as-draws",
        fault: "states of chains of length 8 with correlation 1/2 stand for independent draws",
        story: "a test of greta failed right samplers so (greta-dev/greta#735): a fault of the claim, not of the law",
        build: chains_taken_as_draws,
    },
    Faulty {
        name: "antithetic-pairs",
        fault: "x and -x in neighbouring rows stand for independent draws",
        story: "a library of gas storage took antithetic pairs for independent ones in its standard error (cmdty/storage#52)",
        build: antithetic_pairs,
    },
    Faulty {
        name: "counts-rounded",
        fault: "n times the weight draws of each component, component after component",
        story: "mixtures of scikit-learn (scikit-learn/scikit-learn#7701)",
        build: counts_rounded,
    },
];

const SURE: Interval = Interval::ONE;

/// Twins lie on one side.
fn twins(lag: Lag, multiple: u64) -> Agreement {
    Agreement { lag, chance: SURE, block: multiple, multiple }
}

/// The chance that two normal numbers of this correlation lie on one side of their mean: `1/2 + asin(rho)/pi`.
fn same_side(correlation: f64) -> Interval {
    Interval::around(0.5 + correlation.asin() / std::f64::consts::PI, 1e-9)
}

fn same_seed_in_every_worker() -> Result<Wrong, String> {
    let draw = whole(1, |source, rows| {
        let (seed, workers) = (source.next_u64(), 4);
        let each = rows.len() / workers;
        for share in rows.chunks_mut(each) {
            let mut own = stream(seed, "worker", 0);
            share.iter_mut().for_each(|x| *x = normal(&mut own));
        }
    });
    Ok(Wrong::dependent(&isotropic(1, 0.0, 1.0)?, twins(Lag::Part(4), 4), draw))
}

fn same_seed_in_every_chain() -> Result<Wrong, String> {
    const LENGTH: usize = 10;
    let draw = whole(1, |source, rows| {
        let seed = source.next_u64();
        for chain in rows.chunks_mut(LENGTH) {
            let mut own = stream(seed, "chain", 0);
            let mut x = normal(&mut own);
            for place in chain {
                *place = x;
                x = 0.8 * x + 0.6 * normal(&mut own);
            }
        }
    });
    let wrong = Wrong::dependent(&isotropic(1, 0.0, 1.0)?, twins(Lag::Places(1), 2), draw);
    Ok(Wrong { sampler: wrong.sampler.in_groups(LENGTH as u64), ..wrong })
}

fn seed_reset_in_a_loop() -> Result<Wrong, String> {
    const BLOCK: usize = 128;
    let draw = whole(1, |source, rows| {
        let seed = source.next_u64();
        for block in rows.chunks_mut(BLOCK) {
            let mut own = stream(seed, "block", 0);
            block.iter_mut().for_each(|x| *x = normal(&mut own));
        }
    });
    let lag = BLOCK as u64;
    Ok(Wrong::dependent(&isotropic(1, 0.0, 1.0)?, twins(Lag::Places(lag), 2 * lag), draw))
}

fn noise_over_the_batch() -> Result<Wrong, String> {
    const BATCH: usize = 8;
    let (a, steps) = (0.8f64, 5);
    let draw = in_rows(1, BATCH, move |source, batch| {
        batch.iter_mut().for_each(|x| *x = normal(source));
        for _ in 0..steps {
            let noise = (1.0 - a * a).sqrt() * normal(source);
            batch.iter_mut().for_each(|x| *x = a * *x + noise);
        }
    });
    let chance = same_side(1.0 - a.powi(2 * steps));
    let agreement = Agreement { lag: Lag::Places(1), chance, block: BATCH as u64, multiple: BATCH as u64 };
    Ok(Wrong::dependent(&isotropic(1, 0.0, 1.0)?, agreement, draw))
}

fn chains_taken_as_draws() -> Result<Wrong, String> {
    const LENGTH: usize = 8;
    let a = 0.5f64;
    let draw = in_rows(1, LENGTH, move |source, chain| {
        let mut x = normal(source);
        for place in chain {
            *place = x;
            x = a * x + (1.0 - a * a).sqrt() * normal(source);
        }
    });
    let agreement =
        Agreement { lag: Lag::Places(1), chance: same_side(a), block: LENGTH as u64, multiple: LENGTH as u64 };
    Ok(Wrong::dependent(&isotropic(1, 0.0, 1.0)?, agreement, draw))
}

fn antithetic_pairs() -> Result<Wrong, String> {
    let draw = in_rows(1, 2, |source, pair| {
        let z = normal(source);
        pair.copy_from_slice(&[1.0 + z, 1.0 - z]);
    });
    let agreement = Agreement { lag: Lag::Places(1), chance: Interval::ZERO, block: 2, multiple: 2 };
    Ok(Wrong::dependent(&isotropic(1, 1.0, 1.0)?, agreement, draw))
}

fn counts_rounded() -> Result<Wrong, String> {
    let (first, middle) = (0.3, 2.0);
    let draw = whole(1, move |source, rows| {
        let count = (first * rows.len() as f64).round() as usize;
        for (k, x) in rows.iter_mut().enumerate() {
            *x = if k < count { -middle } else { middle } + normal(source);
        }
    });
    // The median, and how often the draws of each component are below it.
    let at_most = |x: f64| 0.5 * libm::erfc(-x / 2f64.sqrt());
    let below = |x: f64| [at_most(x + middle), at_most(x - middle)];
    let (mut lo, mut hi) = (-middle, middle);
    for _ in 0..100 {
        let x = 0.5 * (lo + hi);
        let [a, b] = below(x);
        if first * a + (1.0 - first) * b < 0.5 { lo = x } else { hi = x }
    }
    let [a, b] = below(lo).map(|p| p * p + (1.0 - p) * (1.0 - p));
    // No pair of neighbours straddles the components where their counts are even.
    let chance = Interval::around(first * a + (1.0 - first) * b, 1e-9);
    let agreement = Agreement { lag: Lag::Places(1), chance, block: 2, multiple: 20 };
    Ok(Wrong::dependent(&modes(&[(first, -middle, 1.0), (1.0 - first, middle, 1.0)])?, agreement, draw))
}
