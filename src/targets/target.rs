//! What a target must be able to say about itself.

use super::{Constants, Data, Density};
use crate::numerics::{Interval, IntervalSum, Ledger};
use crate::processes::NoiseLevel;
use thiserror::Error;

/// Why a law could not be built from its parameters.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum TargetError {
    /// Vectors or matrices of different sizes.
    #[error("{what} has dimension {found}, expected {expected}")]
    Dimension {
        /// Which parameter.
        what: String,
        /// Its size.
        found: usize,
        /// The size the others have.
        expected: usize,
    },
    /// A parameter that is NaN, infinite, or outside its range.
    #[error("{what}: {why}")]
    Parameter {
        /// Which parameter.
        what: String,
        /// What is wrong, and what is expected.
        why: String,
    },
}

/// A probability law p on R^d whose score is known exactly at every noise level.
///
/// Points come in component-major batches: coordinate `i` of point `j` of `n` is `xs[i * n + j]`.
pub trait Target: Send + Sync {
    /// d.
    fn dim(&self) -> usize;

    /// ln p_level at the n points of `xs` (d x n), written to `out` (n). Nats.
    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]);

    /// The score, grad ln p_level, at the n points of `xs` (d x n), written to `out` (d x n).
    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]);

    /// n exact independent draws from p_level, written to `out` (d x n).
    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]);

    /// p_level in closed form, when it has a density of a kind the exact engines know; `None` otherwise.
    fn density(&self, level: NoiseLevel) -> Option<Density>;

    /// How far, in total variation, [`Target::density`] is from p_level where it only stands in for it; empty where it is p_level.
    fn stand_in(&self, _level: NoiseLevel) -> Ledger {
        Ledger::new()
    }

    /// The law before noise, when it is one of the closed set whose independent blocks and frames exact engines can use;
    /// `None` for any other target, which is one block to them.
    fn data(&self) -> Option<Data> {
        None
    }

    /// For a law that is itself one at a noise level: the law before that noise, and the level.
    fn before(&self) -> Option<(Data, NoiseLevel)> {
        None
    }

    /// Smoothness, log-Sobolev and Poincare constants and the second moment of p_level, with certificates.
    fn constants(&self, level: NoiseLevel) -> Constants;
}

impl TargetError {
    pub(super) fn parameter(what: &str, why: impl Into<String>) -> Self {
        TargetError::Parameter { what: what.to_string(), why: why.into() }
    }
}

/// How far from 1 the sum of weights may be.
const WEIGHT_SUM: f64 = 1e-12;

pub(super) fn check_dim(what: &str, found: usize, expected: usize) -> Result<(), TargetError> {
    if found == expected { Ok(()) } else { Err(TargetError::Dimension { what: what.to_string(), found, expected }) }
}

pub(super) fn check_finite(what: &str, values: &[f64]) -> Result<(), TargetError> {
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(i) => Err(TargetError::parameter(&format!("{what}[{i}]"), format!("is {}; it must be finite", values[i]))),
    }
}

pub(super) fn check_weights(weights: &[f64]) -> Result<(), TargetError> {
    if weights.is_empty() {
        return Err(TargetError::parameter("weights", "is empty; at least one component is needed"));
    }
    for (i, &w) in weights.iter().enumerate() {
        if !(w > 0.0 && w.is_finite()) {
            return Err(TargetError::parameter(&format!("weights[{i}]"), format!("is {w}; weights must be positive")));
        }
    }
    // Exactly: many equal weights, rounded one after the other, may miss 1 by more than is allowed.
    let sum = weights.iter().map(|&w| Interval::point(w)).collect::<IntervalSum>().value().mid();
    if (sum - 1.0).abs() > WEIGHT_SUM {
        return Err(TargetError::parameter(
            "weights",
            format!("sum to {sum}; they must sum to 1 within {WEIGHT_SUM:e}"),
        ));
    }
    Ok(())
}
