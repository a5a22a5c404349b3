//! Gaussian laws under affine kernels: N equal steps at once, with a proved bound of every rounding error.

mod dense;
mod independent;
#[cfg(test)]
mod tests;

pub use dense::DenseGaussian;
pub use independent::IndependentGaussian;

use super::{Propagate, Unsupported};
use crate::numerics::Interval;
use crate::numerics::linalg::norm_upper;
use crate::samplers::{Block, Kernel};
use crate::scores::{Affine, ScoreField};
use crate::targets::{Covariance, Gaussian};
use nalgebra::{DMatrix, DVector};

/// N(mean, cov) together with what is known about the rounding errors of both.
#[derive(Clone, Debug, PartialEq)]
pub enum GaussianLaw {
    /// Independent coordinates, each with its own enclosures.
    Independent(IndependentGaussian),
    /// A full covariance with bounds on the norms of the errors.
    Dense(DenseGaussian),
}

impl GaussianLaw {
    /// The law whose parameters are the given numbers, exactly or up to the rounding that a law at a noise level carries.
    #[must_use]
    pub fn exact(law: &Gaussian) -> Self {
        let mean = &law.mean;
        let independent = |variance: Vec<f64>| {
            Self::Independent(IndependentGaussian {
                mean: mean.iter().map(|&m| law.enclosed(m)).collect(),
                variance: variance.into_iter().map(|v| law.enclosed(v)).collect(),
            })
        };
        match &law.cov {
            Covariance::Isotropic(variance) => independent(vec![*variance; mean.len()]),
            Covariance::Diagonal(variances) => independent(variances.iter().copied().collect()),
            Covariance::Dense(cov) if is_diagonal(cov) => independent(cov.diagonal().iter().copied().collect()),
            Covariance::Dense(cov) => {
                let error = |norm: f64| (Interval::point(norm) * law.rounding()).hi();
                Self::Dense(DenseGaussian {
                    mean_error: error(norm_upper(mean.iter())),
                    cov_error: error(norm_upper(cov.iter())),
                    mean: mean.clone(),
                    cov: cov.clone(),
                })
            }
        }
    }

    /// All mass at x.
    #[must_use]
    pub fn point(x: &DVector<f64>) -> Self {
        let mean: Vec<Interval> = x.iter().map(|&x| Interval::point(x)).collect();
        Self::Independent(IndependentGaussian { variance: vec![Interval::ZERO; mean.len()], mean })
    }

    /// N(mean, variance) on the line, both enclosed.
    #[must_use]
    pub fn line(mean: Interval, variance: Interval) -> Self {
        Self::Independent(IndependentGaussian { mean: vec![mean], variance: vec![variance] })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Self::Independent(law) => law.mean.len(),
            Self::Dense(law) => law.mean.len(),
        }
    }

    /// E X, up to `mean_error`.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        match self {
            Self::Independent(law) => DVector::from_iterator(law.mean.len(), law.mean.iter().map(|m| m.mid())),
            Self::Dense(law) => law.mean.clone(),
        }
    }

    /// The variances of the coordinates, up to rounding.
    #[must_use]
    pub fn variances(&self) -> DVector<f64> {
        match self {
            Self::Independent(law) => DVector::from_iterator(law.variance.len(), law.variance.iter().map(|v| v.mid())),
            Self::Dense(law) => law.cov.diagonal(),
        }
    }

    /// Cov X, up to `cov_error`.
    #[must_use]
    pub fn cov(&self) -> DMatrix<f64> {
        match self {
            Self::Independent(_) => DMatrix::from_diagonal(&self.variances()),
            Self::Dense(law) => law.cov.clone(),
        }
    }

    /// The enclosed mean and variance of coordinate i, when the coordinates are independent.
    #[must_use]
    pub fn coordinate(&self, i: usize) -> Option<(Interval, Interval)> {
        match self {
            Self::Independent(law) => Some((law.mean[i], law.variance[i])),
            Self::Dense(_) => None,
        }
    }

    /// A bound of the Euclidean norm of the error of `mean`.
    #[must_use]
    pub fn mean_error(&self) -> f64 {
        match self {
            Self::Independent(law) => widths(&law.mean),
            Self::Dense(law) => law.mean_error,
        }
    }

    /// A bound of the Frobenius norm of the error of `cov`.
    #[must_use]
    pub fn cov_error(&self) -> f64 {
        match self {
            Self::Independent(law) => widths(&law.variance),
            Self::Dense(law) => law.cov_error,
        }
    }

    /// The law with its covariance multiplied by a positive factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Independent(law) => Self::Independent(IndependentGaussian {
                mean: law.mean.clone(),
                variance: law.variance.iter().map(|&v| v * factor).collect(),
            }),
            Self::Dense(law) => {
                let cov = &law.cov * factor;
                let rounding = Interval::point(norm_upper(cov.iter())) * f64::EPSILON;
                let cov_error = (Interval::point(law.cov_error) * factor + rounding).hi();
                Self::Dense(DenseGaussian { cov, cov_error, ..law.clone() })
            }
        }
    }

    /// Whether mean and covariance are numbers.
    fn is_finite(&self) -> bool {
        match self {
            Self::Independent(law) => law.mean.iter().chain(&law.variance).all(|x| x.is_finite()),
            Self::Dense(law) => law.mean.iter().chain(&law.cov).all(|x| x.is_finite()),
        }
    }

    /// The same law with a full covariance.
    #[must_use]
    pub fn to_dense(&self) -> DenseGaussian {
        match self {
            Self::Dense(law) => law.clone(),
            Self::Independent(_) => DenseGaussian {
                mean: self.mean(),
                cov: self.cov(),
                mean_error: self.mean_error(),
                cov_error: self.cov_error(),
            },
        }
    }

    /// The law after `repeat` steps of `x <- x + Bx + c + noise xi`, B and c being the map's matrix and offset. The noise is
    /// taken to be right within one unit in the last place.
    pub fn apply(&mut self, displacement: &Affine, noise: f64, repeat: u64) {
        self.apply_rounded(displacement, noise, 0.0, repeat);
    }

    /// The law after time T of `dX = (B X + c) dt + sqrt(diffusivity) dB_t`, B and c being the map's matrix and offset.
    ///
    /// # Errors
    /// When the coordinates are not independent, or B mixes them.
    pub fn diffuse(&mut self, drift: &Affine, diffusivity: Interval, time: Interval) -> Result<(), Unsupported> {
        match self {
            Self::Independent(law) if is_diagonal(&drift.matrix) => {
                law.diffuse(drift, diffusivity, time);
                Ok(())
            }
            _ => Err(Unsupported {
                engine: "gaussian",
                needs: "independent coordinates, which the drift does not mix, for a diffusion in closed form"
                    .to_string(),
            }),
        }
    }

    /// The same with a noise that may be off by a relative error besides.
    fn apply_rounded(&mut self, displacement: &Affine, noise: f64, rounding: f64, repeat: u64) {
        if repeat == 0 {
            return;
        }
        let noise_variance = if noise == 0.0 {
            Interval::ZERO
        } else {
            Interval::new(noise.next_down(), noise.next_up()).widen(noise * rounding).sqr()
        };
        if let Self::Independent(law) = self
            && is_diagonal(&displacement.matrix)
        {
            law.apply(displacement, noise_variance, repeat);
            return;
        }
        let mut law = self.to_dense();
        law.apply(displacement, noise_variance, repeat);
        *self = Self::Dense(law);
    }
}

/// The Euclidean norm of the distances of the intervals' midpoints to their ends, from above.
fn widths(intervals: &[Interval]) -> f64 {
    intervals.iter().map(|i| (*i - i.mid()).abs().sqr()).sum::<Interval>().sqrt().hi()
}

/// Whether every entry off the diagonal is 0.
fn is_diagonal(matrix: &DMatrix<f64>) -> bool {
    let n = matrix.nrows();
    matrix.iter().enumerate().all(|(k, &x)| x == 0.0 || k % n == k / n)
}

impl Propagate for GaussianLaw {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.block(&Block { kernel: kernel.clone(), repeat: 1 }, s)
    }

    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let displacement =
            block.kernel.drift.affine_displacement(s, block.kernel.rounding).ok_or_else(|| Unsupported {
                engine: "gaussian",
                needs: "a score that is affine at every level the sampler uses".to_string(),
            })?;
        self.apply_rounded(&displacement, block.kernel.noise, block.kernel.rounding, block.repeat);
        if !self.is_finite() {
            let needs = "a step small enough that the law does not overflow".to_string();
            return Err(Unsupported { engine: "gaussian", needs });
        }
        Ok(())
    }
}
