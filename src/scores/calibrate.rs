//! Choosing the size of an error: E_p |c u|^2 = epsilon^2 at each noise level.

use super::{Calibrated, Damaged, ErrorShape, ScoreError};
use crate::numerics::{Interval, Ledger, Measured};
use crate::processes::NoiseLevel;
use crate::targets::Target;
use std::sync::Arc;
use thiserror::Error;

/// How large an error is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// E_p |e|^2 = epsilon^2 at each level.
    Epsilon(f64),
    /// E_p |e|^2 = (epsilon/sigma)^2 at each level.
    EpsilonPerSigma(f64),
    /// c itself; the epsilon reached is enclosed.
    Amplitude(f64),
}

/// Why an error could not be calibrated.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum CalibrateError {
    /// The size is negative, NaN or infinite.
    #[error("{what} is {value}; it must be finite and at least 0")]
    Size {
        /// `epsilon` or `amplitude`.
        what: &'static str,
        /// What was given.
        value: f64,
    },
    /// The target has no density at this level (points without noise).
    #[error("the target has no density at noise level sigma = {sigma}, so no score and no score error there")]
    NoDensity {
        /// The level's sigma.
        sigma: f64,
    },
    /// epsilon/sigma at sigma = 0.
    #[error("`per-sigma` divides by sigma, which is 0 at the data's own level")]
    ZeroSigma,
    /// The error shape vanishes under the target (or is only known to be small).
    #[error("the error's mean square under the target is only known to lie in {found}: no amplitude reaches epsilon")]
    Vanishes {
        /// The enclosure of E_p |u|^2.
        found: Interval,
    },
}

/// The widest relative enclosure of E_p|u|^2 with which an error counts as calibrated.
const CALIBRATED: f64 = 1e-6;

/// The score of `target`, damaged by `shape` to the given size at each of the `levels`.
///
/// # Errors
/// See [`CalibrateError`].
///
/// # Promise
/// At each level, (E_p |c u|^2)^{1/2} lies in the reported `epsilon`; for `Size::Epsilon` its relative width is below 1e-6.
pub fn calibrate(
    target: Arc<dyn Target>,
    shape: Arc<dyn ErrorShape>,
    size: Size,
    levels: &[NoiseLevel],
) -> Result<Damaged, CalibrateError> {
    let (what, value) = match size {
        Size::Epsilon(x) | Size::EpsilonPerSigma(x) => ("epsilon", x),
        Size::Amplitude(x) => ("amplitude", x),
    };
    if !value.is_finite() || (value < 0.0 && what == "epsilon") {
        return Err(CalibrateError::Size { what, value });
    }
    let levels = levels
        .iter()
        .map(|&level| {
            let p = target.density(level).ok_or(CalibrateError::NoDensity { sigma: level.sigma })?;
            let found = of_stand_in(shape.mean_square(&p), shape.sup(), &target.stand_in(level));
            let (square, evidence) = (found.value, found.evidence);
            let root = square.sqrt();
            let amplitude = match size {
                Size::Amplitude(c) => c,
                Size::EpsilonPerSigma(_) if level.sigma == 0.0 => return Err(CalibrateError::ZeroSigma),
                _ if value == 0.0 => 0.0,
                Size::Epsilon(_) | Size::EpsilonPerSigma(_) => {
                    if root.lo() <= 0.0 || root.width() > CALIBRATED * root.lo() {
                        return Err(CalibrateError::Vanishes { found: square });
                    }
                    let scale = if matches!(size, Size::Epsilon(_)) { 1.0 } else { level.sigma };
                    value / scale / root.mid()
                }
            };
            Ok(Calibrated { level, amplitude, epsilon: root * amplitude.abs(), evidence })
        })
        .collect::<Result<_, _>>()?;
    Ok(Damaged { target, error: Some(ScoreError::new(shape, levels)), truncation: None })
}

/// `E_p |e|^2` from that under a law at a distance in total variation from p: it differs by at most `sup |e|^2` times that.
pub(super) fn of_stand_in(found: Measured, sup: f64, errors: &Ledger) -> Measured {
    if errors.terms().is_empty() {
        return found;
    }
    let (value, errors) = match (Interval::point(sup).sqr() * errors.total()).hi() {
        by if by.is_finite() => (found.value.widen(by).max(Interval::ZERO), errors.clone().scaled(sup * sup)),
        _ => (found.value, errors.clone().opened()),
    };
    Measured { value, evidence: found.evidence.and(errors.evidence()), ledger: found.ledger.and(&errors) }
}
