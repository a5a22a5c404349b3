//! Kernel gradient descent after any number of steps, in closed form (HRX-12).

use super::Spectrum;
use crate::numerics::symmetric::product;
use nalgebra::DMatrix;
use thiserror::Error;

/// Why gradient descent cannot be run.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DescentError {
    /// A step that is not positive, or at which gradient descent does not converge.
    #[error(
        "gradient descent with step {step:e} does not converge: it must be positive and below 2/lambda_1 = {limit:e}"
    )]
    Step {
        /// The step given.
        step: f64,
        /// `2/lambda_1`.
        limit: f64,
    },
    /// Labels without one row per input, or a start that is not shaped like the labels.
    #[error("{inputs} inputs need as many rows of labels; found {rows} x {columns}")]
    Shape {
        /// The number of inputs.
        inputs: usize,
        /// Rows found.
        rows: usize,
        /// Columns found.
        columns: usize,
    },
}

/// `(1 - eta lambda)^k`: what `k` steps leave of a residual along an eigenvector.
#[must_use]
pub fn remaining(step: f64, eigenvalue: f64, steps: u64) -> f64 {
    let x = step * eigenvalue;
    match steps {
        0 => 1.0,
        _ if x < 1.0 => (steps as f64 * libm::log1p(-x)).exp(),
        _ if x == 1.0 => 0.0,
        _ => (if steps.is_multiple_of(2) { 1.0 } else { -1.0 }) * (steps as f64 * (x - 1.0).ln()).exp(),
    }
}

/// `1 - (1 - eta lambda)^k`: what `k` steps have learned along an eigenvector, without cancellation where that is little.
#[must_use]
pub fn gained(step: f64, eigenvalue: f64, steps: u64) -> f64 {
    let x = step * eigenvalue;
    if x < 1.0 { -libm::expm1(steps as f64 * libm::log1p(-x)) } else { 1.0 - remaining(step, eigenvalue, steps) }
}

/// `phi_k(lambda) = (1 - (1 - eta lambda)^k)/lambda`, and `phi_k(0) = eta k`.
#[must_use]
pub fn filter(step: f64, eigenvalue: f64, steps: u64) -> f64 {
    if eigenvalue == 0.0 { step * steps as f64 } else { gained(step, eigenvalue, steps) / eigenvalue }
}

/// About `count` numbers of steps from `first >= 1` to `last`, evenly spaced in the logarithm, ascending without repetition.
#[must_use]
pub fn log_spaced_steps(first: u64, last: u64, count: usize) -> Vec<u64> {
    let (first, last) = (first.max(1), last.max(first.max(1)));
    let ratio = (last as f64 / first as f64).ln() / (count.max(2) - 1) as f64;
    let mut steps: Vec<u64> =
        (0..count.max(1)).map(|i| (first as f64 * (ratio * i as f64).exp()).round() as u64).collect();
    steps[0] = first;
    if count > 1 {
        steps[count - 1] = last;
    }
    steps.dedup();
    steps
}

/// Gradient descent on `1/2 sum_j |f(z_j) - y_j|^2` in the space of a kernel.
/// ```text
/// f_{k+1}(z) = f_k(z) - eta sum_j kappa(z, z_j) (f_k(z_j) - y_j)
/// at the inputs:  f_k = y - U (I - eta Lambda)^k U^T (y - f_0)
/// elsewhere:      f_k(z) = f_0(z) + kappa(z, Z) U phi_k(Lambda) U^T (y - f_0)
/// ```
/// Labels and predictions are `n x d`, one column per output coordinate. Any number of these share one [`Spectrum`].
#[derive(Clone, Debug)]
pub struct Descent<'a> {
    spectrum: &'a Spectrum,
    step: f64,
    labels: DMatrix<f64>,
    /// `U^T (y - f_0)`.
    coordinates: DMatrix<f64>,
}

impl<'a> Descent<'a> {
    /// Descent with step `eta` on labels `y` from `f_0 = 0`.
    ///
    /// # Errors
    /// `Step` unless `0 < eta < 2/lambda_1`; `Shape` unless there is one row of labels per input.
    pub fn new(spectrum: &'a Spectrum, step: f64, labels: &DMatrix<f64>) -> Result<Self, DescentError> {
        Self::started_at(spectrum, step, labels, &DMatrix::zeros(labels.nrows(), labels.ncols()))
    }

    /// Descent from a function with the values `start` (`n x d`) at the inputs.
    ///
    /// # Errors
    /// As [`Descent::new`], and `Shape` for a start that is not shaped like the labels.
    pub fn started_at(
        spectrum: &'a Spectrum,
        step: f64,
        labels: &DMatrix<f64>,
        start: &DMatrix<f64>,
    ) -> Result<Self, DescentError> {
        let inputs = spectrum.len();
        for found in [labels, start] {
            if found.nrows() != inputs || found.ncols() != labels.ncols() {
                return Err(DescentError::Shape { inputs, rows: found.nrows(), columns: found.ncols() });
            }
        }
        let limit = 2.0 * spectrum.monotone_step();
        if !(step > 0.0 && step < limit) {
            return Err(DescentError::Step { step, limit });
        }
        let coordinates = spectrum.coordinates(&(labels - start));
        Ok(Self { spectrum, step, labels: labels.clone(), coordinates })
    }

    /// The step `eta`.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The eigen-system it runs in.
    #[must_use]
    pub fn spectrum(&self) -> &Spectrum {
        self.spectrum
    }

    /// `n x d`: the coordinates `U^T (y - f_0)`, row `l` times `weight(lambda_l)`.
    fn weighted(&self, weight: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut out = self.coordinates.clone();
        for (mut row, &value) in out.row_iter_mut().zip(self.spectrum.values()) {
            row *= weight(value);
        }
        out
    }

    /// The coefficients `c` (`n x d`) of `f_k - f_0 = sum_j kappa(., z_j) c_j`.
    #[must_use]
    pub fn coefficients(&self, steps: u64) -> DMatrix<f64> {
        self.spectrum.expand(&self.weighted(|value| filter(self.step, value, steps)))
    }

    /// `f_k` at the inputs, `n x d`.
    #[must_use]
    pub fn at_inputs(&self, steps: u64) -> DMatrix<f64> {
        &self.labels - self.spectrum.expand(&self.weighted(|value| remaining(self.step, value, steps)))
    }

    /// `f_k - f_0` at `M` other points for several step counts, `M x d` each, from their features [`Spectrum::features`] (`M x n`): one
    /// product of matrices for all of them, `O(n M d)` per step count.
    #[must_use]
    pub fn increments(&self, features: &DMatrix<f64>, steps: &[u64]) -> Vec<DMatrix<f64>> {
        let (n, d) = self.coordinates.shape();
        let mut stacked = DMatrix::zeros(n, d * steps.len());
        for (i, &steps) in steps.iter().enumerate() {
            stacked.columns_mut(i * d, d).copy_from(&self.weighted(|value| filter(self.step, value, steps)));
        }
        let all = product(features, &stacked);
        (0..steps.len()).map(|i| all.columns(i * d, d).into_owned()).collect()
    }

    /// The mean over `M` points of `|f_k - target|^2` for several step counts, for a start `f_0 = 0`. Keeps no prediction.
    #[must_use]
    pub fn mean_square_errors(&self, features: &DMatrix<f64>, target: &DMatrix<f64>, steps: &[u64]) -> Vec<f64> {
        let at_once = |steps: &[u64]| -> Vec<f64> {
            let increments = self.increments(features, steps);
            increments.iter().map(|f| (f - target).norm_squared() / target.nrows() as f64).collect()
        };
        steps.chunks(16).flat_map(at_once).collect()
    }

    /// `|f_k - f_0|^2` in the space of the kernel, per output coordinate.
    /// ```text
    /// sum_l lambda_l phi_k(lambda_l)^2 (U^T (y - f_0))_l^2
    /// ```
    #[must_use]
    pub fn norms_squared(&self, steps: u64) -> Vec<f64> {
        let weighted = self.weighted(|value| value.sqrt() * filter(self.step, value, steps));
        weighted.column_iter().map(|column| column.norm_squared()).collect()
    }
}
