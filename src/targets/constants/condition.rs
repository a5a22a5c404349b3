//! How much the rounding of a mixture's parameters can move its constants.

use super::decomposition::pairs;
use crate::targets::{Covariance, Gaussian, Mixture};
use nalgebra::SymmetricEigen;

/// The relative widths by which (L, the other constants) are to be widened for the rounding that the parameters carry; 0
/// without any.
///
/// With r the rounding, K the condition number of the covariances, D the largest distance of two means, M the largest mean and
/// s the smallest standard deviation, the gaps between means move by r M, their squares in units of s^2 by `2 r K D M/s^2`,
/// and with them the exponents of which the constants are made: relative to themselves these move by
///
/// ```text
/// r K (1 + D M/s^2)
/// ```
///
/// up to factors that the margin in r allows for. On the line L depends on the places where two components of different
/// variance balance, known to `(v_i + v_j)/|v_i - v_j|` times as much; in several dimensions the comparison of two components
/// takes that into account.
pub(super) fn of(mixture: &Mixture) -> (f64, f64) {
    let r = mixture.components.iter().map(Gaussian::rounding).fold(0.0, f64::max);
    if r == 0.0 || mixture.components.len() == 1 {
        return (r, r);
    }
    let spectra: Vec<(f64, f64)> = mixture.components.iter().map(spectrum).collect();
    let least = spectra.iter().map(|s| s.0).fold(f64::INFINITY, f64::min);
    let full = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    let condition =
        mixture.components.iter().zip(&spectra).filter(|(c, _)| full(c)).map(|(_, s)| s.1 / s.0).fold(1.0, f64::max);
    let largest = mixture.components.iter().map(|c| c.mean.norm()).fold(0.0, f64::max);
    let (mut diameter, mut variances) = (0.0_f64, 1.0_f64);
    for (i, j) in pairs(mixture.components.len()) {
        let (a, b) = (&mixture.components[i], &mixture.components[j]);
        diameter = diameter.max(a.mean.metric_distance(&b.mean));
        if mixture.dim() == 1 && a.variance(0) != b.variance(0) {
            variances = variances.max((a.variance(0) + b.variance(0)) / (a.variance(0) - b.variance(0)).abs());
        }
    }
    let others = r * condition * (1.0 + diameter * largest / least);
    (others * variances, others)
}

/// The smallest and the largest eigenvalue of the covariance, in plain floating point.
fn spectrum(g: &Gaussian) -> (f64, f64) {
    match &g.cov {
        Covariance::Isotropic(v) => (*v, *v),
        Covariance::Diagonal(v) => (v.min(), v.max()),
        Covariance::Dense(m) => {
            let eigenvalues = SymmetricEigen::new(m.clone()).eigenvalues;
            (eigenvalues.min().max(f64::MIN_POSITIVE), eigenvalues.max())
        }
    }
}
