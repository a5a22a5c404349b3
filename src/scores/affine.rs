//! Affine maps of R^d.

use nalgebra::{DMatrix, DVector};

/// A little more than 1, for the rounding of the error bounds themselves.
const SLACK: f64 = 1.01;

/// x -> matrix x + offset, with bounds of the rounding errors made when it was formed.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// d x d.
    pub matrix: DMatrix<f64>,
    /// Length d.
    pub offset: DVector<f64>,
    /// A bound of the spectral norm of the error of `matrix`; 0 when its entries are what is meant.
    pub matrix_error: f64,
    /// A bound of the Euclidean norm of the error of `offset`.
    pub offset_error: f64,
}

impl Affine {
    /// The map whose entries are exactly the given ones.
    #[must_use]
    pub fn exact(matrix: DMatrix<f64>, offset: DVector<f64>) -> Self {
        Self { matrix, offset, matrix_error: 0.0, offset_error: 0.0 }
    }

    /// x -> 0 on R^d.
    #[must_use]
    pub fn zero(d: usize) -> Self {
        Self::exact(DMatrix::zeros(d, d), DVector::zeros(d))
    }

    /// `factor` times the map, the factor being off by at most `given` relatively.
    #[must_use]
    pub fn scaled(mut self, factor: f64, given: f64) -> Self {
        let off = (f64::EPSILON + given) * SLACK;
        self.matrix *= factor;
        self.offset *= factor;
        self.matrix_error = self.matrix_error * factor.abs() * (SLACK + given) + self.matrix.norm() * off;
        self.offset_error = self.offset_error * factor.abs() * (SLACK + given) + self.offset.norm() * off;
        self
    }

    /// The sum with x -> `factor` x, the factor being off by at most `given` relatively.
    #[must_use]
    pub fn plus_identity(mut self, factor: f64, given: f64) -> Self {
        let d = self.offset.len();
        let root = (d as f64).sqrt();
        self.matrix_error += (self.matrix.norm() + root * factor.abs()) * f64::EPSILON * SLACK;
        self.matrix_error += factor.abs() * given * SLACK;
        for i in 0..d {
            self.matrix[(i, i)] += factor;
        }
        self
    }

    /// The sum with `factor` times another map.
    #[must_use]
    pub fn plus(mut self, other: &Affine, factor: f64) -> Self {
        let u = f64::EPSILON;
        let (m, o): (DMatrix<f64>, DVector<f64>) = (&other.matrix * factor, &other.offset * factor);
        self.matrix_error += other.matrix_error * factor.abs() + u * (m.norm() + self.matrix.norm()) * SLACK;
        self.offset_error += other.offset_error * factor.abs() + u * (o.norm() + self.offset.norm()) * SLACK;
        self.matrix += m;
        self.offset += o;
        self
    }

    /// x -> self(first(x)).
    #[must_use]
    pub fn after(&self, first: &Affine) -> Self {
        let sums = (self.offset.len() as f64 + 2.0) * f64::EPSILON * SLACK;
        let (outer, inner) = (self.matrix.norm(), first.matrix.norm());
        let (shift, error) = (first.offset.norm(), self.matrix_error);
        let offset = &self.matrix * &first.offset + &self.offset;
        let matrix_error = outer * first.matrix_error + error * (inner + first.matrix_error) + sums * outer * inner;
        let offset_error = outer * first.offset_error
            + error * (shift + first.offset_error)
            + sums * (outer * shift + self.offset.norm())
            + self.offset_error;
        Self {
            matrix: &self.matrix * &first.matrix,
            offset,
            matrix_error: matrix_error * SLACK,
            offset_error: offset_error * SLACK,
        }
    }
}
