//! e(x) = c u g(u.x) with g the indicator of an interval or a half-line, sharp or with logistic edges.

use crate::numerics::{Interval, Jet, Measured};
use crate::scores::direction::Direction;
use crate::scores::error_shape::{HyperplaneStep, by_chords, worth_a_quadrature};
use crate::scores::projection::Projection;
use crate::scores::{Affine, CrossMoments, Description, Entry, ErrorShape, Feature, Strip};
use crate::targets::{Density, Frame, Run};
use nalgebra::DVector;
use std::sync::Arc;

/// A kick inside a slab (`bump`) or beyond a hyperplane (`outward`).
///
/// ```text
/// sharp     g(z) = 1{lo < z < hi},        z = u.x
/// smooth    g(z) = 1/((1 + e^{-(z - lo)/edge}) (1 + e^{(z - hi)/edge}))
/// ```
/// Without `hi` its factor is 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// u.
    pub direction: Direction,
    /// Where it starts.
    pub lo: f64,
    /// Where it ends; `None` for a half-line.
    pub hi: Option<f64>,
    /// The width of the edges; 0 for sharp ones.
    pub edge: f64,
}

impl Window {
    /// g(z).
    fn profile(&self, z: f64) -> f64 {
        if self.edge == 0.0 {
            return f64::from(u8::from(self.lo < z && self.hi.is_none_or(|hi| z < hi)));
        }
        let rise = 1.0 / (1.0 + (-(z - self.lo) / self.edge).exp());
        rise * self.hi.map_or(1.0, |hi| 1.0 / (1.0 + ((z - hi) / self.edge).exp()))
    }

    /// g'(z), 0 beside jumps: with r and f the two logistic factors, `r' = r (1 - r)/edge` and `f' = -f (1 - f)/edge`.
    fn profile_slope(&self, z: f64) -> f64 {
        if self.edge == 0.0 {
            return 0.0;
        }
        let logistic = |y: f64| 1.0 / (1.0 + (-y).exp());
        let (up, down) = ((z - self.lo) / self.edge, self.hi.map(|hi| (hi - z) / self.edge));
        let (fall, falling) = down.map_or((1.0, 0.0), |y| (logistic(y), logistic(-y)));
        logistic(up) * fall * (logistic(-up) - falling) / self.edge
    }

    /// g over an interval: each logistic factor is monotone.
    fn profile_over(&self, z: Interval) -> Interval {
        let logistic = |y: Interval| Interval::ONE / ((-y).exp() + 1.0);
        let rise = logistic((z - self.lo) / self.edge);
        rise * self.hi.map_or(Interval::ONE, |hi| logistic((Interval::point(hi) - z) / self.edge))
    }

    /// g as a series.
    fn series(&self, z: &Jet) -> Jet {
        // Beyond 40 edges a logistic factor is 1 to 4e-18 or below e^-40; the series of the exponential stays finite.
        let logistic = |y: Jet| {
            if y.value().lo() > 0.0 {
                (-y).exp().shift(1.0).recip()
            } else {
                let e = y.exp();
                &e * &e.shift(1.0).recip()
            }
        };
        let width = Interval::ONE / self.edge;
        let rise = logistic(z.shift(-self.lo).scale(width));
        match self.hi {
            None => rise,
            Some(hi) => rise * logistic((-z).shift(hi).scale(width)),
        }
    }
}

impl Window {
    /// Its edges along u.
    fn edges(&self) -> impl Iterator<Item = Feature> + use<> {
        let width = self.edge;
        std::iter::once(self.lo).chain(self.hi).map(move |at| Feature { at, width })
    }

    /// Where the edges are steep.
    fn knots(&self) -> Vec<f64> {
        self.edges().flat_map(|edge| edge.knots()).collect()
    }
}

impl ErrorShape for Window {
    fn dim(&self) -> usize {
        self.direction.dim()
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        let n = xs.len() / self.dim();
        let mut z = vec![0.0; n];
        self.direction.dot(xs, &mut z);
        z.iter_mut().for_each(|z| *z = self.profile(*z));
        for i in 0..self.dim() {
            let u = self.direction.component(i);
            out[i * n..(i + 1) * n].iter_mut().zip(&z).for_each(|(o, g)| *o = u * g);
        }
    }

    /// `u g'(u x) u`.
    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        let u = self.direction.component(0);
        xs.iter().map(|x| u * u * self.profile_slope(u * x)).collect()
    }

    fn affine(&self) -> Option<Affine> {
        None
    }

    fn jumps(&self) -> Vec<f64> {
        let u = self.direction.component(0);
        if self.edge > 0.0 || self.dim() > 1 || u == 0.0 {
            return Vec::new();
        }
        let mut jumps: Vec<f64> = std::iter::once(self.lo).chain(self.hi).map(|z| z / u).collect();
        jumps.sort_by(f64::total_cmp);
        jumps
    }

    fn features(&self) -> Vec<Feature> {
        let u = self.direction.component(0);
        if self.edge == 0.0 || self.dim() > 1 || u == 0.0 {
            return Vec::new();
        }
        let mut features: Vec<_> =
            self.edges().map(|edge| Feature { at: edge.at / u, width: edge.width / u.abs() }).collect();
        features.sort_by(|a, b| a.at.total_cmp(&b.at));
        features
    }

    /// `(hi - lo)/|u|`; smooth edges make a slab wider.
    fn thinnest(&self) -> f64 {
        let norm = self.direction.norm_squared().hi().sqrt();
        self.hi.map_or(f64::INFINITY, |hi| (hi - self.lo) / norm)
    }

    fn runs(&self) -> Vec<Run> {
        self.direction.coupled_runs()
    }

    fn block(&self, first: usize, dim: usize) -> Arc<dyn ErrorShape> {
        let direction = self.direction.block(first, dim);
        if direction.is_zero() {
            return Arc::new(super::Constant::zero(dim));
        }
        Arc::new(Self { direction, ..*self })
    }

    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        let (core, rest) = self.direction.in_frame(frame);
        let (k, d) = (core.dim(), frame.dim());
        match (core.is_zero(), rest.is_zero()) {
            (_, true) => Some((Arc::new(Self { direction: core, ..*self }), Arc::new(super::Constant::zero(d - k)))),
            (true, _) => Some((Arc::new(super::Constant::zero(k)), Arc::new(Self { direction: rest, ..*self }))),
            _ => None,
        }
    }

    fn sup(&self) -> f64 {
        self.direction.norm_squared().sqrt().hi()
    }

    /// The kick points one way only.
    fn strip(&self) -> Strip {
        Strip { slope: 0.0, range: Interval::ZERO.hull(Interval::point(self.direction.component(0))) }
    }

    fn mean_square(&self, p: &Density) -> Measured {
        let size = self.direction.norm_squared();
        let Some(z) = Projection::of(p, &self.direction) else {
            return Measured::exact(Interval::new(0.0, size.hi()));
        };
        if self.edge == 0.0 {
            let mass = self.hi.map_or_else(|| z.above(Interval::point(self.lo)), |hi| z.between(self.lo, hi));
            return Measured::exact(size * mass);
        }
        Measured::exact(size * z.expectation(&|z| self.series(z).sqr(), &self.knots()))
    }

    /// `div u = |u|^2 g'(u.x)`.
    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        if self.direction.is_zero() {
            return Some(CrossMoments::exact(Interval::ZERO, Interval::ZERO));
        }
        let z = Projection::of(p, &self.direction)?;
        let [slope, position] = match self.edge == 0.0 {
            true => z.sharp_moments(self.lo, self.hi),
            false => z.smooth_moments(&|z| self.series(z), &self.knots()),
        };
        Some(CrossMoments::exact(-(self.direction.norm_squared() * slope), position))
    }

    fn describe(&self) -> Option<Description> {
        let usual = Direction::axis(self.dim(), 0);
        let along = |kind| Description::along(kind, &self.direction, &usual);
        let (lo, edge) = (Entry::Number(self.lo), Entry::Number(self.edge));
        Some(match self.hi {
            None => along("outward").and("threshold", lo).and("edge", edge),
            Some(hi) => along("bump").and("lo", lo).and("hi", Entry::Number(hi)).and("edge", edge),
        })
    }

    /// With logistic edges, `E e^{s g^2} = e^s E e^{-s (1 - g^2)}` by quadrature, or the chord where that is near enough; with sharp ones
    /// the chord is exact.
    fn ln_exponential_moments(&self, p: &Density, scales: &[f64]) -> Vec<f64> {
        let chords = by_chords(self, p, scales);
        let Some(z) = Projection::of(p, &self.direction).filter(|_| self.edge > 0.0) else { return chords };
        let size = self.direction.norm_squared();
        let exact = |top: Interval| {
            let profile = |z: &Jet| self.series(z).sqr().shift(-1.0).scale(top).exp();
            (z.expectation(&profile, &self.knots()).ln() + top).hi()
        };
        let value = |(&s, chord): (&f64, f64)| {
            let top = size * s;
            if worth_a_quadrature(top.hi()) { exact(top).min(chord) } else { chord }
        };
        scales.iter().zip(chords).map(value).collect()
    }

    /// Each logistic factor has a slope of at most `1/(4 edge)`, and lies in [0, 1].
    fn lipschitz(&self) -> f64 {
        match self.direction.is_zero() {
            true => 0.0,
            false => (self.direction.norm_squared() / (Interval::point(self.edge) * 4.0)).hi(),
        }
    }

    /// The derivative is `g'(u.x) u u^T`, and g only rises when it has no `hi`.
    fn one_sided(&self) -> Interval {
        let steepest = self.lipschitz();
        Interval::new(if self.hi.is_none() { 0.0 } else { -steepest }, steepest)
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        let norm = self.direction.norm_squared().sqrt();
        let Some(z) = Projection::of(p, &self.direction) else { return Interval::new(0.0, 1.0) };
        if self.edge > 0.0 {
            return z.where_positive(&|x| norm * self.profile_over(x) - threshold);
        }
        let mass = self.hi.map_or_else(|| z.above(Interval::point(self.lo)), |hi| z.between(self.lo, hi));
        let (low, high) = (norm.lo() > threshold, norm.hi() > threshold);
        Interval::new(if low { mass.lo() } else { 0.0 }, if high { mass.hi() } else { 0.0 })
    }

    fn direction(&self) -> Option<DVector<f64>> {
        Some(DVector::from_fn(self.dim(), |i, _| self.direction.component(i)))
    }

    fn across_hyperplane(&self) -> Option<HyperplaneStep> {
        let direction = DVector::from_fn(self.dim(), |i, _| self.direction.component(i));
        self.hi.is_none().then_some(HyperplaneStep { direction, threshold: self.lo, edge: self.edge })
    }
}
