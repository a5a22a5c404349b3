//! Direction fields that a score can be damaged by.

use super::learned::Estimate;
use super::{Affine, Description, Feature, Strip};
use crate::numerics::{Interval, IntervalSum, Measured};
use crate::targets::{Density, Frame, Run, common_runs};
use nalgebra::DVector;
use std::sync::Arc;

/// An unscaled error field u on R^d: the score becomes grad ln p + c u.
pub trait ErrorShape: Send + Sync {
    /// d.
    fn dim(&self) -> usize;
    /// u at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    fn eval(&self, xs: &[f64], out: &mut [f64]);
    /// u' at points of the line, away from jumps; the caller guarantees d = 1.
    fn slope(&self, xs: &[f64]) -> Vec<f64>;
    /// u as an affine map, if it is one.
    fn affine(&self) -> Option<Affine>;
    /// The points where a one-dimensional shape jumps, ascending.
    fn jumps(&self) -> Vec<f64>;
    /// Where a one-dimensional shape changes on lengths of its own, in ascending order: whoever looks at it at points must look
    /// there. Nothing for one that is everywhere alike, like a wave.
    fn features(&self) -> Vec<Feature> {
        Vec::new()
    }
    /// The least width of a slab in which the shape departs from what it is on both sides, a lower bound: nodes farther apart may
    /// miss it. `+inf` without one.
    fn thinnest(&self) -> f64 {
        f64::INFINITY
    }
    /// The finest runs of consecutive coordinates that do not influence each other.
    fn runs(&self) -> Vec<Run>;
    /// The shape restricted to `first .. first + dim`, a union of blocks.
    fn block(&self, first: usize, dim: usize) -> Arc<dyn ErrorShape>;
    /// The shape in y = Q^T x as (core, rest), when it does not couple the two.
    fn in_frame(&self, frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)>;
    /// sup |u|, an upper bound; `+inf` when unbounded.
    fn sup(&self) -> f64;
    /// E_p |u|^2 for a closed-form p; `[0, sup^2]` when nothing better is known.
    fn mean_square(&self, p: &Density) -> Measured;
    /// `E_p <u, grad ln p> = -E_p div u` and `E_p <u, x>` for a closed-form p; `None` when they are not known (both are at most
    /// `(E|u|^2)^{1/2}` times `(E|grad ln p|^2)^{1/2}` and `(E|x|^2)^{1/2}`).
    fn cross_moments(&self, _p: &Density) -> Option<CrossMoments> {
        None
    }
    /// p(|u| > threshold).
    fn exceedance(&self, p: &Density, threshold: f64) -> Interval;
    /// `ln E_p exp(s |u|^2)` for each `s >= 0` of `scales`, upper bounds; `+inf` where it diverges or nothing is known.
    ///
    /// In each independent block on which `|u| <= b`, by convexity,
    /// ```text
    /// E exp(s |u|^2) <= 1 + (E|u|^2/b^2) (e^{s b^2} - 1)
    /// ```
    /// with equality where `|u|` is 0 or b.
    fn ln_exponential_moments(&self, p: &Density, scales: &[f64]) -> Vec<f64> {
        by_chords(self, p, scales)
    }
    /// `sup |u(x) - u(y)|/|x - y|` over x != y, an upper bound; `+inf` for a shape that jumps.
    fn lipschitz(&self) -> f64 {
        f64::INFINITY
    }
    /// An interval that holds `<x - y, u(x) - u(y)>/|x - y|^2` for all x != y: its upper end, and the lower end with the other
    /// sign, are one-sided Lipschitz constants of u and of -u. A shape that jumps has at most one of them.
    fn one_sided(&self) -> Interval {
        Interval::ZERO.widen(self.lipschitz())
    }

    /// The strip a one-dimensional shape lies in; the caller guarantees d = 1.
    fn strip(&self) -> Strip {
        match self.affine() {
            Some(map) => Strip { slope: map.matrix[(0, 0)], range: Interval::around(map.offset[0], map.offset_error) },
            None => Strip { slope: 0.0, range: Interval::ZERO.widen(self.sup()) },
        }
    }

    /// The direction v when u depends on x through v.x only and points along v: the natural core of a frame.
    fn direction(&self) -> Option<DVector<f64>> {
        None
    }

    /// The shape in names and numbers, for specs; `None` when it has no such form.
    fn describe(&self) -> Option<Description> {
        None
    }

    /// The learned estimate whose score has this error, when it is the error of one.
    fn estimate(&self) -> Option<&Estimate> {
        None
    }

    /// The shape as a step across a hyperplane (`[error.outward]`), when it is one: what LLT-7a and 7b speak of.
    fn across_hyperplane(&self) -> Option<HyperplaneStep> {
        None
    }
}

/// What [`ErrorShape::ln_exponential_moments`] says of any shape.
pub(super) fn by_chords<S: ErrorShape + ?Sized>(shape: &S, p: &Density, scales: &[f64]) -> Vec<f64> {
    let mut sums = vec![IntervalSum::new(); scales.len()];
    for run in common_runs(&[&shape.runs(), &p.runs()]) {
        let block = shape.block(run.first, run.dim);
        let largest = Interval::point(block.sup()).sqr();
        if largest == Interval::ZERO {
            continue;
        }
        let share = (block.mean_square(&p.block(run.first, run.dim)).value / largest).clamp(0.0, 1.0);
        for (sum, &s) in sums.iter_mut().zip(scales) {
            let top = if s == 0.0 { Interval::ZERO } else { largest * s };
            let chord = if top.is_finite() { (share * top.exp_m1()).ln_1p() } else { Interval::INFINITY };
            sum.add(chord.min(top) * run.copies as f64);
        }
    }
    sums.into_iter().map(|sum| sum.value().hi()).collect()
}

/// Between these sizes of `s b^2` the chord is far enough from the truth for a quadrature to be worth it: below, it is off by a
/// relative 1/400 at most, and above, the value is near its largest.
pub(super) fn worth_a_quadrature(top: f64) -> bool {
    (0.02..60.0).contains(&top)
}

/// How an error field leans on the score and on the position.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossMoments {
    /// `E_p <u, grad ln p>`.
    pub score: Measured,
    /// `E_p <u, x>`.
    pub position: Measured,
}

impl CrossMoments {
    /// Both in closed form.
    #[must_use]
    pub fn exact(score: Interval, position: Interval) -> Self {
        Self { score: Measured::exact(score), position: Measured::exact(position) }
    }
}

/// `u(x) = v / (1 + e^{-(v.x - threshold)/edge})` with |v| = 1, or `v 1{v.x > threshold}` when `edge = 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperplaneStep {
    /// v, a unit vector.
    pub direction: DVector<f64>,
    /// Where along v the step is.
    pub threshold: f64,
    /// Its width; 0 for a jump.
    pub edge: f64,
}
