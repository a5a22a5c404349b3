//! The score field: what kernels evaluate, and the structure exact engines may rely on.

use super::{Affine, ErrorShape, Strip};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::{Data, Density, Frame, MAX_DENSE, Run, Target, common_runs};
use nalgebra::DMatrix;
use std::collections::HashMap;
use std::sync::Arc;

/// Which score a kernel asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The noise level.
    pub level: NoiseLevel,
    /// True for the score without its error (steps outside `at-steps`; the error-free twin of a chain).
    pub clean: bool,
}

/// The vector field the sampler is given: grad ln p_level or a damaged copy of it.
pub trait ScoreField: Send + Sync {
    /// d.
    fn dim(&self) -> usize;

    /// s at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    fn eval(&self, at: At, xs: &[f64], out: &mut [f64]);

    /// s as an affine map, if it is one (and d is small enough for a dense matrix).
    fn affine(&self, at: At) -> Option<Affine>;

    /// The points where a one-dimensional field jumps, ascending; empty when it is smooth (or d > 1).
    fn jumps(&self, at: At) -> Vec<f64>;

    /// The strip in which a one-dimensional field's departure from the clean one lies; the caller guarantees d = 1.
    fn departure(&self, at: At) -> Strip;

    /// The finest runs of consecutive coordinates that do not influence each other, at every level.
    fn runs(&self) -> Vec<Run>;

    /// The field restricted to the coordinates `first .. first + dim`, which must be a union of blocks of `runs`.
    fn block(&self, first: usize, dim: usize) -> Arc<dyn ScoreField>;

    /// The field in the coordinates y = Q^T x, as (core, rest), when it does not couple the two; `None` otherwise.
    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ScoreField>, Arc<dyn ScoreField>)>;

    /// A frame in which the field may come apart into a low-dimensional core and a rest, if one suggests itself.
    fn frame(&self) -> Option<Frame>;

    /// The law before noise whose score this field is a copy of, if it is of the closed set.
    fn data(&self) -> Option<Data>;

    /// The closed-form density whose score this field is a copy of, at a level, if there is one.
    fn density(&self, level: NoiseLevel) -> Option<Density>;
}

/// grad ln p_level + amplitude(level) * shape, the amplitude being calibrated or given.
#[derive(Clone)]
pub struct Damaged {
    /// p.
    pub target: Arc<dyn Target>,
    /// The error, or `None` for the exact score.
    pub error: Option<ScoreError>,
}

/// An error shape with its amplitude at each level.
#[derive(Clone)]
pub struct ScoreError {
    /// The unscaled direction field u.
    pub shape: Arc<dyn ErrorShape>,
    /// c at each level the sampler uses, with the enclosure of (E_{p_level} |c u|^2)^{1/2} it reaches.
    pub levels: Levels,
}

/// An error's amplitudes, found by level: a sampler may use a great many.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    all: Arc<[Calibrated]>,
    places: Arc<HashMap<(u64, u64), usize>>,
}

impl Levels {
    /// The error at a level; `None` where it was not calibrated.
    #[must_use]
    pub fn at(&self, level: NoiseLevel) -> Option<&Calibrated> {
        self.places.get(&level.key()).map(|&i| &self.all[i])
    }
}

/// All of them, in the order they were given in.
impl std::ops::Deref for Levels {
    type Target = [Calibrated];
    fn deref(&self) -> &[Calibrated] {
        &self.all
    }
}

impl FromIterator<Calibrated> for Levels {
    fn from_iter<I: IntoIterator<Item = Calibrated>>(levels: I) -> Self {
        let all: Arc<[Calibrated]> = levels.into_iter().collect();
        let mut places = HashMap::with_capacity(all.len());
        for (i, calibrated) in all.iter().enumerate() {
            places.entry(calibrated.level.key()).or_insert(i);
        }
        Self { all, places: Arc::new(places) }
    }
}

/// The error at one noise level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibrated {
    /// The noise level.
    pub level: NoiseLevel,
    /// c.
    pub amplitude: f64,
    /// epsilon = (E_{p_level} |c u|^2)^{1/2}, enclosed.
    pub epsilon: Interval,
}

impl ScoreError {
    /// c at a level; 0 at a level it was not calibrated for.
    #[must_use]
    pub fn amplitude(&self, level: NoiseLevel) -> f64 {
        self.levels.at(level).map_or(0.0, |c| c.amplitude)
    }
}

impl Damaged {
    /// The exact score of a target.
    #[must_use]
    pub fn exact(target: Arc<dyn Target>) -> Self {
        Self { target, error: None }
    }

    /// The error that acts at `at`: its shape and an amplitude that is not 0.
    #[must_use]
    pub fn error_at(&self, at: At) -> Option<(&Arc<dyn ErrorShape>, f64)> {
        let error = self.error.as_ref().filter(|_| !at.clean)?;
        let amplitude = error.amplitude(at.level);
        (amplitude != 0.0).then_some((&error.shape, amplitude))
    }

    /// Whether the score is damaged at any level.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.error.as_ref().is_some_and(|e| e.levels.iter().any(|c| c.amplitude != 0.0))
    }

    fn with(&self, target: Arc<dyn Target>, shape: Option<Arc<dyn ErrorShape>>) -> Arc<dyn ScoreField> {
        let levels = || self.error.as_ref().map_or_else(Levels::default, |e| e.levels.clone());
        Arc::new(Self { target, error: shape.map(|shape| ScoreError { shape, levels: levels() }) })
    }
}

impl ScoreField for Damaged {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn eval(&self, at: At, xs: &[f64], out: &mut [f64]) {
        self.target.score(at.level, xs, out);
        if let Some((shape, amplitude)) = self.error_at(at) {
            let mut u = vec![0.0; xs.len()];
            shape.eval(xs, &mut u);
            out.iter_mut().zip(&u).for_each(|(o, u)| *o += amplitude * u);
        }
    }

    fn affine(&self, at: At) -> Option<Affine> {
        if self.dim() > MAX_DENSE {
            return None;
        }
        let density = self.target.density(at.level)?;
        let gaussian = density.as_gaussian()?;
        let score = Affine::score_of(&gaussian)?;
        match self.error_at(at) {
            None => Some(score),
            Some((shape, amplitude)) => Some(score.plus(&shape.affine()?, amplitude)),
        }
    }

    fn jumps(&self, at: At) -> Vec<f64> {
        self.error_at(at).map_or_else(Vec::new, |(shape, _)| shape.jumps())
    }

    fn departure(&self, at: At) -> Strip {
        self.error_at(at).map_or(Strip::ZERO, |(shape, amplitude)| shape.strip().scaled(amplitude))
    }

    fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let target = self.target.data().map_or_else(|| vec![Run { first: 0, dim: d, copies: 1 }], |p| p.runs());
        match self.error.as_ref().filter(|_| self.has_error()) {
            None => target,
            Some(error) => common_runs(&[&target, &error.shape.runs()]),
        }
    }

    fn block(&self, first: usize, dim: usize) -> Arc<dyn ScoreField> {
        let shape = self.error.as_ref().map(|e| e.shape.block(first, dim));
        match self.target.data() {
            Some(p) => self.with(Arc::new(p.block(first, dim)), shape),
            // A target outside the closed set is one block.
            None => self.with(Arc::clone(&self.target), shape),
        }
    }

    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ScoreField>, Arc<dyn ScoreField>)> {
        let (core, rest, _) = self.target.data()?.in_frame(frame)?;
        let (a, b) = match self.error.as_ref().filter(|_| self.has_error()) {
            None => (None, None),
            Some(error) => {
                let (a, b) = error.shape.in_frame(frame)?;
                (Some(a), Some(b))
            }
        };
        Some((self.with(Arc::new(core), a), self.with(Arc::new(rest), b)))
    }

    fn frame(&self) -> Option<Frame> {
        let along_error = || self.error.as_ref().filter(|_| self.has_error())?.shape.direction();
        self.target.data().and_then(|p| p.core_frame()).or_else(|| Frame::along(&along_error()?))
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        self.target.density(level)
    }

    fn data(&self) -> Option<Data> {
        self.target.data()
    }
}

impl Affine {
    /// `-Sigma^-1 (x - mean)`, with a bound of the error of the computed inverse and of the rounding that a law at a noise level
    /// carries: `|S^-1 - S'^-1| <= |S^-1|^2 |S - S'| (1 + ...)`.
    fn score_of(g: &crate::targets::Gaussian) -> Option<Affine> {
        use crate::targets::Covariance;
        let d = g.dim();
        let u = f64::EPSILON / 2.0;
        let (inverse, error) = match &g.cov {
            Covariance::Isotropic(v) => (DMatrix::from_diagonal_element(d, d, 1.0 / v), u / v * 1.01),
            Covariance::Diagonal(v) => (DMatrix::from_diagonal(&v.map(|v| 1.0 / v)), u / v.min() * 1.01),
            Covariance::Dense(s) => crate::numerics::linalg::positive_inverse(s)?,
        };
        let meant = match &g.cov {
            Covariance::Isotropic(v) => (d as f64).sqrt() / v * g.rounding() * 1.01,
            Covariance::Diagonal(v) => v.map(|v| 1.0 / v).norm() * g.rounding() * 1.01,
            Covariance::Dense(s) => match inverse.norm() * s.norm() * g.rounding() {
                change if change < 0.5 => inverse.norm() * change / (1.0 - change) * 1.01,
                _ => return None,
            },
        };
        let error = error + meant;
        let offset = &inverse * &g.mean;
        let mean_norm = g.mean.norm();
        let offset_error =
            error * mean_norm + inverse.norm() * mean_norm * ((d as f64 + 2.0) * u + g.rounding() * 1.01);
        Some(Affine { matrix: -inverse, offset, matrix_error: error, offset_error: offset_error * 1.01 })
    }
}
