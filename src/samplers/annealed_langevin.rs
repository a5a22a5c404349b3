//! Langevin Monte Carlo along a ladder of noise levels.

use super::{Program, lmc};
use crate::processes::NoiseLevel;

/// One rung of an annealing: how long Langevin Monte Carlo runs at a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// The noise level.
    pub level: NoiseLevel,
    /// h.
    pub step: f64,
    /// How many steps.
    pub steps: u64,
    /// The relative rounding of the step: 0 where it is given, a few units where it is a multiple of sigma^2.
    pub rounding: f64,
}

/// Langevin Monte Carlo at each rung in order, the output of one being the start of the next.
#[must_use]
pub fn annealed_lmc(rungs: &[Rung]) -> Program {
    let block = |rung: &Rung| {
        let mut blocks = lmc(rung.step, rung.steps, rung.level).blocks;
        blocks.iter_mut().for_each(|block| block.kernel.rounding = rung.rounding);
        blocks
    };
    Program { blocks: rungs.iter().flat_map(block).collect() }
}

/// Noise sizes from `widest` down to `narrowest`, the squares falling by the ratio `1 + excess` from each to the next and the last
/// step being whatever is left: `ceil(ln(widest^2/narrowest^2)/ln ratio) + 1` of them. `None` unless
/// `widest > narrowest > 0`, `excess > 0`, and at most 10^7 are needed.
#[must_use]
pub fn geometric_sigmas(widest: f64, narrowest: f64, excess: f64) -> Option<Vec<f64>> {
    let all_finite = widest.is_finite() && excess.is_finite();
    if !(all_finite && narrowest > 0.0 && widest > narrowest && excess > 0.0) {
        return None;
    }
    let fall = libm::log1p(excess);
    // A whole number of steps stays one under rounding.
    let steps = (2.0 * libm::log(widest / narrowest) / fall - 1e-9).ceil();
    let falls = (1.0..=1e7).contains(&steps).then_some(steps as u64)?;
    let sigma = |m: u64| if m == falls { narrowest } else { widest * libm::exp(-0.5 * m as f64 * fall) };
    Some((0..=falls).map(sigma).collect())
}

/// `levels` noise sizes from `widest` down to `narrowest`, in equal ratios. `None` unless `widest > narrowest > 0` and there are
/// between 2 and 10^7 of them.
#[must_use]
pub fn spaced_sigmas(widest: f64, narrowest: f64, levels: u64) -> Option<Vec<f64>> {
    if !(widest.is_finite() && narrowest > 0.0 && widest > narrowest && (2..=10_000_000).contains(&levels)) {
        return None;
    }
    let fall = libm::log(narrowest / widest);
    let sigma = |m: u64| match m + 1 == levels {
        true => narrowest,
        false => widest * libm::exp(fall * (m as f64 / (levels - 1) as f64)),
    };
    Some((0..levels).map(sigma).collect())
}
