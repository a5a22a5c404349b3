//! e(x) = c u.

use crate::numerics::{Interval, Measured};
use crate::scores::direction::Direction;
use crate::scores::projection::mean_along;
use crate::scores::{Affine, CrossMoments, Description, ErrorShape};
use crate::targets::{Density, Frame, Run};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// The same vector everywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// u.
    pub direction: Direction,
}

impl Constant {
    /// No error: what is left of a localised error on blocks it does not touch.
    #[must_use]
    pub fn zero(dim: usize) -> Self {
        Self { direction: Direction::zero(dim) }
    }
}

impl ErrorShape for Constant {
    fn dim(&self) -> usize {
        self.direction.dim()
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        let n = xs.len() / self.dim();
        for i in 0..self.dim() {
            out[i * n..(i + 1) * n].fill(self.direction.component(i));
        }
    }

    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        vec![0.0; xs.len()]
    }

    fn affine(&self) -> Option<Affine> {
        let d = self.dim();
        Some(Affine::exact(DMatrix::zeros(d, d), DVector::from_fn(d, |i, _| self.direction.component(i))))
    }

    fn jumps(&self) -> Vec<f64> {
        Vec::new()
    }

    fn runs(&self) -> Vec<Run> {
        self.direction.runs()
    }

    fn block(&self, first: usize, dim: usize) -> Arc<dyn ErrorShape> {
        Arc::new(Self { direction: self.direction.block(first, dim) })
    }

    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        let (core, rest) = self.direction.in_frame(frame);
        Some((Arc::new(Self { direction: core }), Arc::new(Self { direction: rest })))
    }

    fn sup(&self) -> f64 {
        self.direction.norm_squared().sqrt().hi()
    }

    fn mean_square(&self, _p: &Density) -> Measured {
        Measured::exact(self.direction.norm_squared())
    }

    /// A constant field has no divergence.
    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        Some(CrossMoments::exact(Interval::ZERO, mean_along(p, &self.direction)))
    }

    fn describe(&self) -> Option<Description> {
        Some(Description::along("constant", &self.direction, &Direction::uniform(self.dim())))
    }

    fn lipschitz(&self) -> f64 {
        0.0
    }

    fn exceedance(&self, _p: &Density, threshold: f64) -> Interval {
        let norm = self.direction.norm_squared().sqrt();
        Interval::new(f64::from(u8::from(norm.lo() > threshold)), f64::from(u8::from(norm.hi() > threshold)))
    }
}
