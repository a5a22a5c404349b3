//! The score field: what kernels evaluate, and the structure exact engines may rely on.

use super::{Affine, ErrorShape, Feature, Strip, Truncation};
use crate::numerics::{Evidence, Interval};
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
    /// True for the score without its error (steps outside `at-steps`; the error-free twin of a chain): the exact score, which
    /// is never truncated.
    pub clean: bool,
    /// True for the truncated score, where the field has one.
    pub truncated: bool,
}

/// The vector field the sampler is given: grad ln p_level or a damaged copy of it.
pub trait ScoreField: Send + Sync {
    /// d.
    fn dim(&self) -> usize;

    /// s at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    fn eval(&self, at: At, xs: &[f64], out: &mut [f64]);

    /// s' at points of the line, away from jumps, where the score has a closed form; the caller guarantees d = 1.
    fn slope(&self, at: At, xs: &[f64]) -> Option<Vec<f64>>;

    /// s as an affine map, if it is one (and d is small enough for a dense matrix).
    fn affine(&self, at: At) -> Option<Affine>;

    /// The points where a one-dimensional field or its slope jumps, ascending; empty when it is smooth (or d > 1).
    fn jumps(&self, at: At) -> Vec<f64>;

    /// Where a one-dimensional field departs from the clean one on lengths of its own, ascending; the lengths of the clean one
    /// are those of [`ScoreField::density`].
    fn features(&self, at: At) -> Vec<Feature>;

    /// The least width of a slab in which the field departs from the clean one, a lower bound; `+inf` without one.
    fn thinnest(&self, at: At) -> f64;

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

/// grad ln p_level + amplitude(level) * shape, the amplitude being calibrated or given; truncated where a kernel asks for that.
#[derive(Clone)]
pub struct Damaged {
    /// p.
    pub target: Arc<dyn Target>,
    /// The error, or `None` for the exact score.
    pub error: Option<ScoreError>,
    /// What kernels get that ask for the truncated score; `None`: the score as it is.
    pub truncation: Option<Truncation>,
}

/// A direction field, the same at every level or one for each, with its amplitude at each level.
#[derive(Clone)]
pub struct ScoreError {
    shapes: Shapes,
    /// c at each level the sampler uses, with the enclosure of (E_{p_level} |c u|^2)^{1/2} it reaches.
    pub levels: Levels,
}

/// The unscaled direction fields u.
#[derive(Clone)]
enum Shapes {
    /// One for all levels.
    Same(Arc<dyn ErrorShape>),
    /// One for each, by [`NoiseLevel::key`]; at least one.
    Each(Arc<HashMap<(u64, u64), Arc<dyn ErrorShape>>>),
}

impl Shapes {
    /// All of them, in no order.
    fn all(&self) -> Box<dyn Iterator<Item = &Arc<dyn ErrorShape>> + '_> {
        match self {
            Shapes::Same(shape) => Box::new(std::iter::once(shape)),
            Shapes::Each(shapes) => Box::new(shapes.values()),
        }
    }

    /// Others made from them; `None` when one of them cannot be.
    fn map(&self, make: impl Fn(&dyn ErrorShape) -> Option<Arc<dyn ErrorShape>>) -> Option<Self> {
        Some(match self {
            Shapes::Same(shape) => Shapes::Same(make(shape.as_ref())?),
            Shapes::Each(shapes) => {
                let made = shapes.iter().map(|(key, shape)| Some((*key, make(shape.as_ref())?)));
                Shapes::Each(Arc::new(made.collect::<Option<_>>()?))
            }
        })
    }
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
    /// In which sense.
    pub evidence: Evidence,
}

impl ScoreError {
    /// The same direction field at every level.
    #[must_use]
    pub fn new(shape: Arc<dyn ErrorShape>, levels: Levels) -> Self {
        Self { shapes: Shapes::Same(shape), levels }
    }

    /// A direction field for each level, all of one dimension.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn by_level(each: Vec<(Calibrated, Arc<dyn ErrorShape>)>) -> Self {
        assert!(!each.is_empty(), "an error has a level");
        let levels = each.iter().map(|(calibrated, _)| *calibrated).collect();
        let shapes = each.into_iter().map(|(calibrated, shape)| (calibrated.level.key(), shape)).collect();
        Self { shapes: Shapes::Each(Arc::new(shapes)), levels }
    }

    /// The direction field at a level; `None` where there is none.
    #[must_use]
    pub fn shape_at(&self, level: NoiseLevel) -> Option<&Arc<dyn ErrorShape>> {
        match &self.shapes {
            Shapes::Same(shape) => Some(shape),
            Shapes::Each(shapes) => shapes.get(&level.key()),
        }
    }

    /// The direction field, where it is the same at every level.
    #[must_use]
    pub fn shape(&self) -> Option<&Arc<dyn ErrorShape>> {
        match &self.shapes {
            Shapes::Same(shape) => Some(shape),
            Shapes::Each(_) => None,
        }
    }

    /// Whether all direction fields are such.
    #[must_use]
    pub fn all_shapes(&self, such: impl Fn(&dyn ErrorShape) -> bool) -> bool {
        self.shapes.all().all(|shape| such(shape.as_ref()))
    }

    /// The same direction fields at other sizes.
    #[must_use]
    pub fn with_levels(&self, levels: Levels) -> Self {
        Self { shapes: self.shapes.clone(), levels }
    }

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
        Self { target, error: None, truncation: None }
    }

    /// The same score with a truncated copy of it for the kernels that ask for one.
    #[must_use]
    pub fn with_truncation(self, truncation: Truncation) -> Self {
        Self { truncation: Some(truncation), ..self }
    }

    /// The error that acts at `at`: its shape and an amplitude that is not 0.
    #[must_use]
    pub fn error_at(&self, at: At) -> Option<(&Arc<dyn ErrorShape>, f64)> {
        let error = self.error.as_ref().filter(|_| !at.clean)?;
        let amplitude = error.amplitude(at.level);
        Some((error.shape_at(at.level)?, amplitude)).filter(|_| amplitude != 0.0)
    }

    /// Whether the score is damaged at any level.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.error.as_ref().is_some_and(|e| e.levels.iter().any(|c| c.amplitude != 0.0))
    }

    /// An upper bound of |e| at a level, e being the error before truncation.
    fn error_sup(&self, level: NoiseLevel) -> f64 {
        let sup =
            |(shape, amplitude): (&Arc<dyn ErrorShape>, f64)| (Interval::point(amplitude.abs()) * shape.sup()).hi();
        self.error_at(At { level, clean: false, truncated: false }).map_or(0.0, sup)
    }

    /// The truncation that acts at `at`, unless it is known to cut nothing there.
    #[must_use]
    pub fn truncation_at(&self, at: At) -> Option<&Truncation> {
        let truncation = self.truncation.as_ref().filter(|_| at.truncated && !at.clean)?;
        (!truncation.never_cuts(self.error_sup(at.level))).then_some(truncation)
    }

    /// The truncation that acts on kernels that ask for it.
    fn acting(&self) -> Option<&Truncation> {
        let level = self.truncation.as_ref()?.asked();
        self.truncation_at(At { level, clean: false, truncated: true })
    }

    /// What of the score is not grad ln p, given `g` = grad ln p at the n points of `xs` (all d x n): the error, and what
    /// truncation leaves of it. 0 is left as it is where there is neither.
    pub fn error_beside(&self, at: At, xs: &[f64], g: &[f64], e: &mut [f64]) {
        e.fill(0.0);
        if let Some((shape, amplitude)) = self.error_at(at) {
            shape.eval(xs, e);
            e.iter_mut().for_each(|e| *e *= amplitude);
        }
        if let Some(truncation) = self.truncation_at(at) {
            truncation.cut(xs, g, e);
        }
    }

    /// The same error as an affine map, if it is one.
    #[must_use]
    pub fn affine_error(&self, at: At) -> Option<Affine> {
        let error = match self.error_at(at) {
            None => None,
            Some((shape, amplitude)) => Some(shape.affine()?.scaled(amplitude, 0.0)),
        };
        match self.truncation_at(at) {
            None => Some(error.unwrap_or_else(|| Affine::zero(self.dim()))),
            Some(truncation) => truncation.affine_error(error.as_ref()),
        }
    }

    fn with(&self, target: Arc<dyn Target>, shapes: Option<Shapes>, truncation: Option<Truncation>) -> Self {
        let levels = || self.error.as_ref().map_or_else(Levels::default, |e| e.levels.clone());
        let error = shapes.map(|shapes| ScoreError { shapes, levels: levels() });
        Self { target, error, truncation }
    }

    /// [`ScoreField::block`] as what it is.
    #[must_use]
    pub fn part(&self, first: usize, dim: usize) -> Self {
        let shapes = self.error.as_ref().and_then(|e| e.shapes.map(|shape| Some(shape.block(first, dim))));
        // One that cuts nothing is none, whatever a block alone would make of it.
        let truncation = self.acting().map(|t| t.block(first, dim));
        match self.target.data() {
            Some(p) => self.with(Arc::new(p.block(first, dim)), shapes, truncation),
            // A target outside the closed set is one block.
            None => self.with(Arc::clone(&self.target), shapes, truncation),
        }
    }
}

impl ScoreField for Damaged {
    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn eval(&self, at: At, xs: &[f64], out: &mut [f64]) {
        self.target.score(at.level, xs, out);
        if self.error_at(at).is_some() || self.truncation_at(at).is_some() {
            let mut e = vec![0.0; xs.len()];
            self.error_beside(at, xs, out, &mut e);
            out.iter_mut().zip(&e).for_each(|(o, e)| *o += e);
        }
    }

    fn slope(&self, at: At, xs: &[f64]) -> Option<Vec<f64>> {
        let mut slope = self.target.density(at.level)?.as_mixture1()?.score_slope(xs);
        if let Some((shape, amplitude)) = self.error_at(at) {
            slope.iter_mut().zip(shape.slope(xs)).for_each(|(s, u)| *s += amplitude * u);
        }
        if let Some(truncation) = self.truncation_at(at) {
            // Where the projection binds, what is left is -(x - a c)/q and a constant.
            let mut s = vec![0.0; xs.len()];
            self.eval(At { truncated: false, ..at }, xs, &mut s);
            let (a, q, c) = (truncation.level().alpha, truncation.level().variance(), truncation.centre()[0]);
            for ((slope, s), x) in slope.iter_mut().zip(&s).zip(xs) {
                if (s + (x - a * c) / q).abs() > truncation.bound() {
                    *slope = -1.0 / q;
                }
            }
        }
        Some(slope)
    }

    fn affine(&self, at: At) -> Option<Affine> {
        if self.dim() > MAX_DENSE {
            return None;
        }
        let density = self.target.density(at.level)?;
        let gaussian = density.as_gaussian()?;
        let score = Affine::score_of(&gaussian)?;
        match (self.error_at(at), self.truncation_at(at)) {
            (None, None) => Some(score),
            (Some((shape, amplitude)), None) => Some(score.plus(&shape.affine()?, amplitude)),
            _ => Some(score.plus(&self.affine_error(at)?, 1.0)),
        }
    }

    fn jumps(&self, at: At) -> Vec<f64> {
        let mut jumps = self.error_at(at).map_or_else(Vec::new, |(shape, _)| shape.jumps());
        if let (Some(truncation), 1, Some(p)) = (self.truncation_at(at), self.dim(), self.target.density(at.level)) {
            let plain = At { truncated: false, ..at };
            let (a, q, c) = (truncation.level().alpha, truncation.level().variance(), truncation.centre()[0]);
            let steep: Vec<f64> = self.features(at).iter().flat_map(Feature::knots).collect();
            let kinks = truncation.kinks(&p, &steep, &|xs, w| {
                self.eval(plain, xs, w);
                w.iter_mut().zip(xs).for_each(|(w, x)| *w += (x - a * c) / q);
            });
            jumps.extend(kinks);
            jumps.sort_by(f64::total_cmp);
            // A jump of the error may be found twice.
            jumps.dedup_by(|a, b| *a <= b.next_up());
        }
        jumps
    }

    fn features(&self, at: At) -> Vec<Feature> {
        self.error_at(at).map_or_else(Vec::new, |(shape, _)| shape.features())
    }

    fn thinnest(&self, at: At) -> f64 {
        self.error_at(at).map_or(f64::INFINITY, |(shape, _)| shape.thinnest())
    }

    fn departure(&self, at: At) -> Strip {
        let error = self.error_at(at).map_or(Strip::ZERO, |(shape, amplitude)| shape.strip().scaled(amplitude));
        match (self.truncation_at(at), self.target.density(at.level)) {
            (Some(truncation), Some(p)) => truncation.strip(&p, &|xs, g| self.target.score(at.level, xs, g), error),
            _ => error,
        }
    }

    fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        if self.acting().is_some_and(Truncation::couples) {
            return vec![Run { first: 0, dim: d, copies: 1 }];
        }
        let target = self.target.data().map_or_else(|| vec![Run { first: 0, dim: d, copies: 1 }], |p| p.runs());
        match self.error.as_ref().filter(|_| self.has_error()) {
            None => target,
            Some(error) => {
                let shapes = error.shapes.all().map(|shape| shape.runs());
                shapes.fold(target, |common, own| common_runs(&[&common, &own]))
            }
        }
    }

    fn block(&self, first: usize, dim: usize) -> Arc<dyn ScoreField> {
        Arc::new(self.part(first, dim))
    }

    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ScoreField>, Arc<dyn ScoreField>)> {
        if self.acting().is_some() {
            return None;
        }
        let (core, rest, _) = self.target.data()?.in_frame(frame)?;
        let (a, b) = match self.error.as_ref().filter(|_| self.has_error()) {
            None => (None, None),
            Some(error) => {
                let core = error.shapes.map(|shape| Some(shape.in_frame(frame)?.0))?;
                (Some(core), error.shapes.map(|shape| Some(shape.in_frame(frame)?.1)))
            }
        };
        Some((Arc::new(self.with(Arc::new(core), a, None)), Arc::new(self.with(Arc::new(rest), b, None))))
    }

    fn frame(&self) -> Option<Frame> {
        let along_error = || self.error.as_ref().filter(|_| self.has_error())?.shape()?.direction();
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
