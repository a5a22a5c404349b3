//! How far a trained network has left the regime of its tangent kernel (HRX-14b, c).

use super::network::Network;
use super::passes::dot;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

#[cfg(test)]
mod tests;

/// Up to this fraction of flips a network counts as lazy.
pub const LAZY_FLIPS: f64 = 0.01;

/// A network W against its start W(0), at some points z.
#[derive(Clone, Debug, PartialEq)]
pub struct Laziness {
    /// rho: `sqrt(m) max_r |w_r - w_r(0)|`, rounded up so far that `bound` holds for the computed `flipped`.
    pub displacement: f64,
    /// The fraction of pairs of a neuron and a point with `1{w_r.z > 0} != 1{w_r(0).z > 0}`.
    pub flips: f64,
    /// The kink remainder `f_W(z) - f^lin_W(z)`, M x d: summed over flipped neurons only.
    pub remainder: DMatrix<f64>,
    /// `m^{-1/2} sum_r |w_r.z| 1{flip}` of each point: not below its remainder at any output.
    pub flipped: DVector<f64>,
    /// `m^{-1} rho |z| #{r: |w_r(0).z| <= rho |z|/sqrt(m)}` of each point: not below `flipped`, for every W within rho of the
    /// realised W(0). Neurons that rounding could put on either side are counted.
    pub bound: DVector<f64>,
    /// `|z| ( mean_r |(w_r - w_r(0)).z/|z||^3 / (3 sqrt(2 pi)) )^{1/2}` of each point: the typical size of the remainder if the
    /// signs were independent of the flips. A heuristic, no bound.
    pub typical: DVector<f64>,
}

/// The sums over neurons at one point.
struct Neurons<'a> {
    start: &'a Network,
    now: &'a Network,
    z: &'a [f64],
    /// rho/sqrt(m).
    radius: f64,
    norms: &'a [f64],
}

struct Sums {
    flips: usize,
    remainder: Vec<f64>,
    flipped: f64,
    near: usize,
    cubes: f64,
}

impl pulp::WithSimd for Neurons<'_> {
    type Output = Sums;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Sums {
        let (p, d) = (self.start.inputs(), self.start.outputs());
        let length = dot(self.z, self.z).sqrt();
        let mut sums = Sums { flips: 0, remainder: vec![0.0; d], flipped: 0.0, near: 0, cubes: 0.0 };
        let weights =
            self.start.weights().as_slice().chunks_exact(p).zip(self.now.weights().as_slice().chunks_exact(p));
        for (r, ((before, after), norm)) in weights.zip(self.norms).enumerate() {
            let (before, after) = (dot(before, self.z), dot(after, self.z));
            // The product is off by at most (p + 1) u |w| |z|.
            let slack = (p + 2) as f64 * f64::EPSILON * norm * length;
            sums.near += usize::from(before.abs() <= self.radius * length + slack);
            let moved = (after - before).abs();
            sums.cubes += moved * moved * moved;
            if (before > 0.0) != (after > 0.0) {
                sums.flips += 1;
                sums.flipped += after.abs();
                for (i, out) in sums.remainder.iter_mut().enumerate() {
                    *out += self.start.signs()[(i, r)] * after.abs();
                }
            }
        }
        sums
    }
}

impl Laziness {
    /// Of `now` against `start` at the columns of `inputs` (p x M).
    ///
    /// # Panics
    /// If the networks differ in shape or the inputs do not have p rows.
    #[must_use]
    pub fn of(start: &Network, now: &Network, inputs: &DMatrix<f64>) -> Self {
        let (p, d, m) = (start.inputs(), start.outputs(), start.width());
        assert_eq!(now.weights().shape(), (p, m), "a network is compared with its own start");
        assert_eq!(inputs.nrows(), p, "inputs have one row per input of the network");
        let scale = start.scale();
        let moved = now.weights() - start.weights();
        let outwards = 1.0 + (m + 3 * p + 10) as f64 * f64::EPSILON;
        let radius = moved.column_iter().map(|w| w.norm()).fold(0.0, f64::max) * outwards;
        let norms: Vec<f64> = start.weights().column_iter().map(|w| w.norm()).collect();
        let arch = pulp::Arch::new();
        let points: Vec<&[f64]> = inputs.as_slice().chunks_exact(p).collect();
        let at = |z: &&[f64]| arch.dispatch(Neurons { start, now, z, radius, norms: &norms });
        let sums: Vec<Sums> = points.par_iter().map(at).collect();
        let lengths: Vec<f64> = inputs.column_iter().map(|z| z.norm()).collect();
        let per_point = |f: &dyn Fn(&Sums, f64) -> f64| {
            DVector::from_iterator(sums.len(), sums.iter().zip(&lengths).map(|(sums, length)| f(sums, *length)))
        };
        let pairs = (sums.len() * m).max(1);
        // |z| (|D.z|^3/|z|^3)^{1/2} = (|D.z|^3/|z|)^{1/2}, and 0 at z = 0.
        let cubic = 3.0 * std::f64::consts::TAU.sqrt() * m as f64;
        let typical = |s: &Sums, length: f64| if length > 0.0 { (s.cubes / (length * cubic)).sqrt() } else { 0.0 };
        Self {
            displacement: radius / scale,
            flips: sums.iter().map(|s| s.flips).sum::<usize>() as f64 / pairs as f64,
            remainder: DMatrix::from_fn(sums.len(), d, |j, i| sums[j].remainder[i] * scale),
            flipped: per_point(&|s, _| s.flipped * scale),
            bound: per_point(&|s, length| radius * length * s.near as f64 * scale),
            typical: per_point(&typical),
        }
    }

    /// Whether at most [`LAZY_FLIPS`] of the pairs have flipped: only then are exponents in the width fitted.
    #[must_use]
    pub fn is_lazy(&self) -> bool {
        self.flips <= LAZY_FLIPS
    }
}
