//! The eigen-system of a Gram matrix, shared by every set of labels.

use crate::numerics::slope_weights;
use crate::numerics::symmetric::{EigenError, SymmetricEigen, product, symmetric_eigen, transposed_product};
use nalgebra::DMatrix;
use thiserror::Error;

/// Why a matrix is not the Gram matrix of a kernel.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SpectrumError {
    /// No eigenvalues at all.
    #[error(transparent)]
    Eigen(#[from] EigenError),
    /// A negative eigenvalue, beyond rounding.
    #[error("a Gram matrix has no negative eigenvalue, but the smallest is {smallest:e}")]
    Indefinite {
        /// The smallest eigenvalue.
        smallest: f64,
    },
}

/// `K = U diag(lambda) U^T` of `n` inputs, eigenvalues descending.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    eigen: SymmetricEigen,
}

impl Spectrum {
    /// The eigen-system of a Gram matrix. Negative eigenvalues within rounding (`n` units of the last place of the largest) are 0.
    ///
    /// # Errors
    /// Those of [`symmetric_eigen`], and `Indefinite` for a matrix with an eigenvalue negative beyond rounding.
    pub fn of(gram: &DMatrix<f64>) -> Result<Self, SpectrumError> {
        let mut eigen = symmetric_eigen(gram)?;
        let rounding = gram.nrows() as f64 * f64::EPSILON * eigen.values.as_slice().first().map_or(0.0, |x| x.abs());
        if let Some(&smallest) = eigen.values.as_slice().last().filter(|x| **x < -rounding) {
            return Err(SpectrumError::Indefinite { smallest });
        }
        eigen.values.apply(|x| *x = x.max(0.0));
        Ok(Self { eigen })
    }

    /// The number of inputs `n`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.eigen.values.len()
    }

    /// Whether there is no input.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `lambda_1 >= ... >= lambda_n >= 0`.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        self.eigen.values.as_slice()
    }

    /// `U`, column `j` the eigenvector of `lambda_j`.
    #[must_use]
    pub fn vectors(&self) -> &DMatrix<f64> {
        &self.eigen.vectors
    }

    /// The eigenvalues of `K/n`, descending.
    #[must_use]
    pub fn normalised(&self) -> Vec<f64> {
        self.values().iter().map(|value| value / self.len() as f64).collect()
    }

    /// `1/lambda_1`: the largest step at which gradient descent on `1/2 sum |f - y|^2` never overshoots.
    #[must_use]
    pub fn monotone_step(&self) -> f64 {
        1.0 / self.values().first().copied().unwrap_or(0.0)
    }

    /// `U^T y`, the labels (`n x d`) in the basis of the eigenvectors.
    #[must_use]
    pub fn coordinates(&self, labels: &DMatrix<f64>) -> DMatrix<f64> {
        transposed_product(self.vectors(), labels)
    }

    /// `U c`, back from the basis of the eigenvectors.
    #[must_use]
    pub fn expand(&self, coordinates: &DMatrix<f64>) -> DMatrix<f64> {
        product(self.vectors(), coordinates)
    }

    /// `kappa(test, Z) U` from the cross-Gram matrix (`M x n`): with it every step count costs `O(n M d)`.
    #[must_use]
    pub fn features(&self, cross_gram: &DMatrix<f64>) -> DMatrix<f64> {
        product(cross_gram, self.vectors())
    }

    /// `-d ln lambda_j / d ln j` by least squares over the eigenvalues number `first..=last` (counted from 1): the decay `2 nu` in
    /// `lambda_j ~ j^(-2 nu)`. Needs two positive eigenvalues there.
    #[must_use]
    pub fn decay(&self, first: usize, last: usize) -> Option<f64> {
        decay((first.max(1)..=last.min(self.len())).map(|j| (j, self.values()[j - 1])))
    }
}

/// `-d ln lambda_j / d ln j` by least squares through `(j, lambda_j)`, those above 0; `None` for fewer than two of them.
#[must_use]
pub fn decay(ranked: impl Iterator<Item = (usize, f64)>) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) =
        ranked.filter(|(_, value)| *value > 0.0).map(|(j, value)| ((j as f64).ln(), value.ln())).unzip();
    let weights = slope_weights(&x)?;
    Some(-weights.iter().zip(&y).map(|(w, y)| w * y).sum::<f64>())
}
