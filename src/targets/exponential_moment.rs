//! How fast the tails of a law decay: `E exp(c |x|^2)` in closed form.

use super::constants::Factor;
use super::{Covariance, Data, Density, Gaussian, Points};
use crate::numerics::{Interval, IntervalSum};

impl Data {
    /// `ln E exp(c |x|^2)` for c >= 0, enclosed; `+inf` where the expectation is infinite.
    ///
    /// ```text
    /// N(m, S)     -(1/2) ln det(I - 2 c S) + c m^T (I - 2 c S)^{-1} m    if 2 c S < I, else infinite
    /// mixture     ln sum_i w_i E_i,  atoms ln sum_i w_i exp(c |x_i|^2),  independent blocks: the sum
    /// ```
    ///
    /// # Promise
    /// The value for every c of the interval lies in the result.
    #[must_use]
    pub fn ln_exponential_moment(&self, c: Interval) -> Interval {
        let c = Interval::new(c.lo().max(0.0), c.hi().max(0.0));
        match self {
            _ if c == Interval::ZERO => Interval::ZERO,
            Data::Density(p) => of_density(p, c),
            Data::Points(p) => of_points(p, c),
            Data::Product(factors) => of_blocks(factors.iter().map(|(f, n)| (f.ln_exponential_moment(c), *n))),
        }
    }
}

fn of_blocks(blocks: impl Iterator<Item = (Interval, u64)>) -> Interval {
    blocks.map(|(each, copies)| each * copies as f64).sum()
}

fn of_density(p: &Density, c: Interval) -> Interval {
    match p {
        Density::Gaussian(g) => of_gaussian(g, c),
        Density::Mixture(m) => weighted(&m.shares(), m.components.iter().map(|g| of_gaussian(g, c))),
        Density::Product(p) => of_blocks(p.factors.iter().map(|(f, n)| (of_density(f, c), *n))),
    }
}

fn of_points(p: &Points, c: Interval) -> Interval {
    let square = |x: &[f64]| x.iter().map(|&x| Interval::point(x).sqr()).collect::<IntervalSum>().value();
    weighted(&p.shares(), p.points.iter().map(|x| c * square(x.as_slice())))
}

/// `ln sum_i w_i e^{l_i} = M + ln(1 + sum_i w_i (e^{l_i - M} - 1))` for weights that sum to 1; M = 0 where all `l_i` are small, so
/// that nothing is lost of an expectation near 1.
pub(super) fn weighted(shares: &[Interval], logs: impl Iterator<Item = Interval>) -> Interval {
    let logs: Vec<Interval> = logs.collect();
    let largest = logs.iter().copied().reduce(Interval::max).unwrap_or(Interval::ZERO);
    if !largest.is_finite() {
        return if largest.lo() == f64::INFINITY { Interval::INFINITY } else { Interval::new(0.0, f64::INFINITY) };
    }
    let top = if largest.hi() <= 1.0 { 0.0 } else { largest.hi() };
    let excess: IntervalSum = shares.iter().zip(&logs).map(|(&w, &l)| w * (l - top).exp_m1()).collect();
    // Every l_i is at least 0.
    (excess.value().ln_1p() + top).clamp(0.0, f64::INFINITY)
}

pub(super) fn of_gaussian(g: &Gaussian, c: Interval) -> Interval {
    let along = |variance: Interval, mean: Interval| {
        let rest = 1.0 - 2.0 * c * variance;
        match rest {
            _ if rest.hi() <= 0.0 => Interval::INFINITY,
            _ if rest.lo() <= 0.0 => Interval::new(0.0, f64::INFINITY),
            _ => -(-2.0 * c * variance).ln_1p() * 0.5 + c * mean.sqr() / rest,
        }
    };
    match &g.cov {
        Covariance::Dense(m) => {
            let d = g.dim();
            let entry = |i: usize, j: usize| {
                let scaled = 2.0 * c * g.enclosed(m[(i, j)]);
                if i == j { 1.0 - scaled } else { -scaled }
            };
            // A factor proves 2 c S < I; without one only a diagonal entry that is too large proves the opposite.
            match Factor::new(d, entry) {
                Some(factor) => {
                    let mean: Vec<Interval> = (0..d).map(|i| g.mean_enclosed(i)).collect();
                    let tilt: IntervalSum = factor.whiten(&mean).iter().map(|x| x.sqr()).collect();
                    (c * tilt.value() - factor.ln_det() * 0.5).clamp(0.0, f64::INFINITY)
                }
                None if (0..d).any(|i| entry(i, i).hi() <= 0.0) => Interval::INFINITY,
                None => Interval::new(0.0, f64::INFINITY),
            }
        }
        _ if (1..g.dim()).all(|i| g.mean[i] == g.mean[0] && g.variance(i) == g.variance(0)) => {
            along(g.variance_enclosed(0), g.mean_enclosed(0)) * g.dim() as f64
        }
        _ => (0..g.dim()).map(|i| along(g.variance_enclosed(i), g.mean_enclosed(i))).sum(),
    }
}
