//! An explicit function `f_H` of the kernel's space near a target, by ridge regression on anchors without noise; the approximation
//! curve of the target.

use super::kernel::{cross_gram, gram};
use super::{Spectrum, SpectrumError};
use crate::numerics::Mean;
use crate::numerics::symmetric::product;
use nalgebra::DMatrix;
use thiserror::Error;

/// Why there is no fit.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum AnchorError {
    /// Anchors whose Gram matrix has no eigen-system.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// Values without one row per anchor.
    #[error("{anchors} anchors need as many rows of values; found {rows}")]
    Shape {
        /// The number of anchors.
        anchors: usize,
        /// Rows found.
        rows: usize,
    },
}

/// A function `sum_j kappa(., z_j) c_j` of the kernel's space, with values in R^d.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelFunction {
    anchors: DMatrix<f64>,
    coefficients: DMatrix<f64>,
    norms_squared: Vec<f64>,
}

impl KernelFunction {
    /// Its coefficients `c`, `N x d`.
    #[must_use]
    pub fn coefficients(&self) -> &DMatrix<f64> {
        &self.coefficients
    }

    /// `c_i^T K c_i`, the squared norm of each output coordinate in the kernel's space.
    #[must_use]
    pub fn norms_squared(&self) -> &[f64] {
        &self.norms_squared
    }

    /// `|f|_H = (tr c^T K c)^{1/2}`.
    #[must_use]
    pub fn norm(&self) -> f64 {
        self.norms_squared.iter().sum::<f64>().sqrt()
    }

    /// The values at inputs `z` (`p x M`): `M x d`.
    #[must_use]
    pub fn values(&self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        product(&cross_gram(inputs, &self.anchors), &self.coefficients)
    }
}

/// A fit seen from a test set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approximation {
    /// The ridge of the fit; infinite for the function 0.
    pub ridge: f64,
    /// Its norm in the kernel's space.
    pub norm: f64,
    /// The root mean square over the test points of its distance from the target.
    pub error: f64,
    /// The standard error of `error` (first order, from the spread of the squared distances over the points).
    pub standard_error: f64,
}

/// Anchors with the exact values of a target there, and the eigen-system all ridges share.
#[derive(Clone, Debug)]
pub struct Anchors {
    inputs: DMatrix<f64>,
    spectrum: Spectrum,
    /// `U^T f`.
    coordinates: DMatrix<f64>,
}

impl Anchors {
    /// From inputs (`p x N`) and the values of the target there (`N x d`).
    ///
    /// # Errors
    /// `Shape` unless there is one row of values per input; `Spectrum` when the Gram matrix has no eigen-system.
    pub fn new(inputs: DMatrix<f64>, values: &DMatrix<f64>) -> Result<Self, AnchorError> {
        if values.nrows() != inputs.ncols() {
            return Err(AnchorError::Shape { anchors: inputs.ncols(), rows: values.nrows() });
        }
        let spectrum = Spectrum::of(&gram(&inputs))?;
        let coordinates = spectrum.coordinates(values);
        Ok(Self { inputs, spectrum, coordinates })
    }

    /// Their inputs, p x N.
    #[must_use]
    pub fn inputs(&self) -> &DMatrix<f64> {
        &self.inputs
    }

    /// The eigen-system of the anchors' Gram matrix.
    #[must_use]
    pub fn spectrum(&self) -> &Spectrum {
        &self.spectrum
    }

    /// The fit with coefficients `c = (K + ridge I)^{-1} f`, `ridge > 0` in the units of `K` itself (not of `K/N`): the minimiser of
    /// `sum_j |f(z_j) - f_*(z_j)|^2 + ridge |f|_H^2`.
    #[must_use]
    pub fn fit(&self, ridge: f64) -> KernelFunction {
        let coefficients = self.spectrum.expand(&self.weighted(|value| 1.0 / (value + ridge)));
        KernelFunction { anchors: self.inputs.clone(), coefficients, norms_squared: self.norms_squared(ridge) }
    }

    /// The largest ridge whose fit has a norm of at least `norm`, by bisection to the last bit of its logarithm: the fit of the ball of that
    /// radius (the norm falls as the ridge grows). `None` when even the interpolant of ridge `1e-14 lambda_1` is shorter.
    #[must_use]
    pub fn ridge_of_norm(&self, norm: f64) -> Option<f64> {
        let long = |ln_ridge: f64| self.norms_squared(ln_ridge.exp()).iter().sum::<f64>() >= norm * norm;
        let top = self.spectrum.values().first().copied().filter(|x| *x > 0.0)?;
        let (mut lo, mut hi) = ((1e-14 * top).ln(), top.ln());
        if norm <= 0.0 || !long(lo) {
            return None;
        }
        while long(hi) {
            hi += 4.0;
        }
        loop {
            let mid = 0.5 * (lo + hi);
            if mid <= lo || mid >= hi {
                return Some(lo.exp());
            }
            *(if long(mid) { &mut lo } else { &mut hi }) = mid;
        }
    }

    /// The curve of norm against error over a sweep of ridges, on test inputs (`p x M`) with the values of the target (`M x d`). The function 0
    /// comes first.
    #[must_use]
    pub fn curve(&self, ridges: &[f64], inputs: &DMatrix<f64>, target: &DMatrix<f64>) -> ApproximationCurve {
        let features = self.spectrum.features(&cross_gram(inputs, &self.inputs));
        let judged = |ridge: f64, norm: f64, values: DMatrix<f64>| {
            let squared = Mean::of((values - target).row_iter().map(|row| row.norm_squared()));
            let error = squared.value.sqrt();
            let standard_error = if error > 0.0 { squared.standard_error() / (2.0 * error) } else { 0.0 };
            Approximation { ridge, norm, error, standard_error }
        };
        let fitted = |&ridge: &f64| {
            let values = product(&features, &self.weighted(|value| 1.0 / (value + ridge)));
            judged(ridge, self.norms_squared(ridge).iter().sum::<f64>().sqrt(), values)
        };
        let zero = judged(f64::INFINITY, 0.0, DMatrix::zeros(target.nrows(), target.ncols()));
        ApproximationCurve { points: std::iter::once(zero).chain(ridges.iter().map(fitted)).collect() }
    }

    fn weighted(&self, weight: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut out = self.coordinates.clone();
        for (mut row, &value) in out.row_iter_mut().zip(self.spectrum.values()) {
            row *= weight(value);
        }
        out
    }

    fn norms_squared(&self, ridge: f64) -> Vec<f64> {
        let weighted = self.weighted(|value| value.sqrt() / (value + ridge));
        weighted.column_iter().map(|column| column.norm_squared()).collect()
    }
}

/// Explicit functions of the kernel's space with their norms and errors: an upper bound of `A(B) = min{|f - f_*| : |f|_H <= B}`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApproximationCurve {
    points: Vec<Approximation>,
}

impl ApproximationCurve {
    /// Its points, the function 0 first, then in the order of the ridges given.
    #[must_use]
    pub fn points(&self) -> &[Approximation] {
        &self.points
    }

    /// The point of least error with a norm of at most `norm >= 0`. Its error is at least the true `A(norm)`, up to the sampling of the test
    /// points.
    #[must_use]
    pub fn within(&self, norm: f64) -> Approximation {
        let candidates = self.points.iter().copied().filter(|point| point.norm <= norm);
        candidates.min_by(|a, b| a.error.total_cmp(&b.error)).unwrap_or(self.points[0])
    }

    /// The point of least error: the best ridge.
    #[must_use]
    pub fn best(&self) -> Approximation {
        self.within(f64::INFINITY)
    }
}
