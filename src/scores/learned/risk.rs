//! The expected error of kernel gradient descent over the noise of its labels, exactly (HRX-15, the left side of HRX-18).

use super::descent::{filter, gained, log_spaced_steps, remaining};
use super::{DescentError, Spectrum};
use crate::numerics::symmetric::{product, transposed_product};
use nalgebra::{DMatrix, DVector};

/// A mean squared error in two parts, in the units of the labels squared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Risk {
    /// The error of descent on the noise-free labels.
    pub bias: f64,
    /// What the noise of the labels adds on average.
    pub variance: f64,
}

impl Risk {
    /// `bias + variance`.
    #[must_use]
    pub fn total(self) -> f64 {
        self.bias + self.variance
    }
}

/// Labels `y_j = f(z_j) + noise_j`: the noise independent over the inputs, centred and of known variance given the design.
struct Noisy {
    /// `U^T f`.
    coordinates: DMatrix<f64>,
    /// The conditional variance of each label, summed over output coordinates.
    variances: DVector<f64>,
}

impl Noisy {
    fn new(
        spectrum: &Spectrum,
        step: f64,
        target: &DMatrix<f64>,
        variances: &DMatrix<f64>,
    ) -> Result<Self, DescentError> {
        let inputs = spectrum.len();
        for found in [target, variances] {
            if found.nrows() != inputs || found.ncols() != target.ncols() {
                return Err(DescentError::Shape { inputs, rows: found.nrows(), columns: found.ncols() });
            }
        }
        let limit = 2.0 * spectrum.monotone_step();
        if !(step > 0.0 && step < limit) {
            return Err(DescentError::Step { step, limit });
        }
        Ok(Self { coordinates: spectrum.coordinates(target), variances: variances.column_sum() })
    }
}

/// The expected error at the inputs: `E_noise |f_k - f|_n^2` with `|g|_n^2 = (1/n) sum_j |g(z_j)|^2`, from `f_0 = 0`.
/// ```text
/// bias     = (1/n) sum_l (1 - eta lambda_l)^{2k} |(U^T f)_l|^2
/// variance = (1/n) sum_l (1 - (1 - eta lambda_l)^k)^2 sum_j U_jl^2 Var(noise_j)
/// ```
/// The labels enter linearly, so both are exact given the design, whatever the law of the noise. Summed over output coordinates; for one
/// of them give one column.
pub struct RiskAtInputs<'a> {
    spectrum: &'a Spectrum,
    step: f64,
    /// `|(U^T f)_l|^2`.
    signal: Vec<f64>,
    /// `sum_j U_jl^2 Var(noise_j)`.
    noise: Vec<f64>,
}

impl<'a> RiskAtInputs<'a> {
    /// From the values `f(z_j)` and the conditional variances of the labels, both `n x d`.
    ///
    /// # Errors
    /// `Step` unless `0 < eta < 2/lambda_1`; `Shape` for matrices without one row per input or of different widths.
    pub fn new(
        spectrum: &'a Spectrum,
        step: f64,
        target: &DMatrix<f64>,
        variances: &DMatrix<f64>,
    ) -> Result<Self, DescentError> {
        let noisy = Noisy::new(spectrum, step, target, variances)?;
        let column = |l: usize| spectrum.vectors().column(l);
        let noise = |l: usize| column(l).iter().zip(&noisy.variances).map(|(u, v)| u * u * v).sum();
        let signal = noisy.coordinates.row_iter().map(|row| row.norm_squared()).collect();
        Ok(Self { spectrum, step, signal, noise: (0..spectrum.len()).map(noise).collect() })
    }

    /// The risk after `k` steps.
    #[must_use]
    pub fn after(&self, steps: u64) -> Risk {
        let n = self.spectrum.len() as f64;
        let (mut bias, mut variance) = (0.0, 0.0);
        for ((&value, signal), noise) in self.spectrum.values().iter().zip(&self.signal).zip(&self.noise) {
            let (left, learned) = (remaining(self.step, value, steps), gained(self.step, value, steps));
            bias += left * left * signal / n;
            variance += learned * learned * noise / n;
        }
        Risk { bias, variance }
    }
}

/// The expected error at `M` other points: `E_noise (1/M) sum_z |f_k(z) - f(z)|^2`, from `f_0 = 0`.
/// ```text
/// bias     = (1/M) sum_z |kappa(z, Z) U phi_k U^T f(Z) - f(z)|^2
/// variance = (1/M) sum_z sum_j (kappa(z, Z) U phi_k U^T)_j^2 Var(noise_j) = phi_k^T H phi_k
/// H        = (1/M) (A^T A) o (U^T diag(Var) U),   A = kappa(., Z) U, o entry by entry
/// ```
/// `H` costs `O(n^2 (M + n))` once; each number of steps `O(n M d + n^2)`.
pub struct RiskElsewhere<'a> {
    spectrum: &'a Spectrum,
    step: f64,
    features: &'a DMatrix<f64>,
    target: &'a DMatrix<f64>,
    coordinates: DMatrix<f64>,
    form: DMatrix<f64>,
}

impl<'a> RiskElsewhere<'a> {
    /// From the values `f(z_j)` and conditional variances at the inputs (`n x d`), the features [`Spectrum::features`] of the points
    /// (`M x n`) and the values there (`M x d`).
    ///
    /// # Errors
    /// `Step` unless `0 < eta < 2/lambda_1`; `Shape` for matrices of other sizes.
    pub fn new(
        spectrum: &'a Spectrum,
        step: f64,
        (target_at_inputs, variances): (&DMatrix<f64>, &DMatrix<f64>),
        (features, target): (&'a DMatrix<f64>, &'a DMatrix<f64>),
    ) -> Result<Self, DescentError> {
        let noisy = Noisy::new(spectrum, step, target_at_inputs, variances)?;
        let (n, points) = (spectrum.len(), features.nrows());
        if features.ncols() != n || target.shape() != (points, target_at_inputs.ncols()) {
            return Err(DescentError::Shape { inputs: points, rows: target.nrows(), columns: target.ncols() });
        }
        let mut scaled = spectrum.vectors().clone();
        for (mut row, variance) in scaled.row_iter_mut().zip(&noisy.variances) {
            row *= *variance;
        }
        let mut form = transposed_product(spectrum.vectors(), &scaled);
        form.component_mul_assign(&transposed_product(features, features));
        form /= points as f64;
        Ok(Self { spectrum, step, features, target, coordinates: noisy.coordinates, form })
    }

    /// The risk after `k` steps.
    #[must_use]
    pub fn after(&self, steps: u64) -> Risk {
        let values = self.spectrum.values();
        let filters = DVector::from_fn(values.len(), |l, _| filter(self.step, values[l], steps));
        let mut weighted = self.coordinates.clone();
        for (mut row, factor) in weighted.row_iter_mut().zip(&filters) {
            row *= *factor;
        }
        let bias = (product(self.features, &weighted) - self.target).norm_squared() / self.target.nrows() as f64;
        Risk { bias, variance: filters.dot(&(&self.form * &filters)) }
    }
}

/// The most steps among which oracles choose, and how many numbers of them.
pub const MOST_STEPS: u64 = 1_000_000;
const CHOICES: usize = 181;

/// The numbers of steps among which oracles choose, evenly spaced in their logarithms from 1 to [`MOST_STEPS`].
#[must_use]
pub fn candidates() -> Vec<u64> {
    log_spaced_steps(1, MOST_STEPS, CHOICES)
}

/// The number of steps of least error among those given, with that error: the stop of someone who knows the target.
#[must_use]
pub fn oracle(steps: &[u64], error: impl Fn(u64) -> f64) -> Option<(u64, f64)> {
    let errors = steps.iter().map(|&steps| (steps, error(steps)));
    errors.min_by(|(_, a), (_, b)| a.total_cmp(b))
}
