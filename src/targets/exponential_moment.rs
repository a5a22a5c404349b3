//! How fast the tails of a law decay: `E exp(c |x|^2)` in closed form.

use super::constants::Factor;
use super::{Covariance, Data, Density, Gaussian, Points};
use crate::numerics::{Interval, IntervalSum};
use nalgebra::DVector;

impl Data {
    /// `ln E exp(c |x|^2)` for c >= 0, enclosed; `+inf` where the expectation is infinite.
    ///
    /// ```text
    /// N(m, S)     -(1/2) ln det(I - 2 c S) + c m^T (I - 2 c S)^{-1} m    if 2 c S < I, else infinite
    /// mixture     ln sum_i w_i E_i,  atoms ln sum_i w_i exp(c |x_i|^2),  independent blocks: the sum
    /// ```
    ///
    /// Of a law in a box two bounds are known, with Y = |x|^2 <= R^2: `c E Y` (Jensen) and `ln(1 + (e^{c R^2} - 1) E Y/R^2)` (chords).
    ///
    /// # Promise
    /// The value for every c of the interval lies in the result.
    #[must_use]
    pub fn ln_exponential_moment(&self, c: Interval) -> Interval {
        self.ln_exponential_moment_about(&vec![0.0; self.dim()], c)
    }

    /// `ln E exp(c |x - centre|^2)` for c >= 0, as [`Data::ln_exponential_moment`].
    #[must_use]
    pub fn ln_exponential_moment_about(&self, centre: &[f64], c: Interval) -> Interval {
        let c = Interval::new(c.lo().max(0.0), c.hi().max(0.0));
        match self {
            _ if c == Interval::ZERO => Interval::ZERO,
            Data::Density(p) => of_density(p, centre, c),
            Data::Points(p) => of_points(p, centre, c),
            Data::Box(p) => of_box(self, p.half_width(), centre, c),
            Data::Product(factors) => {
                of_blocks(factors, centre, Data::dim, |f, centre| f.ln_exponential_moment_about(centre, c))
            }
        }
    }
}

/// The sum over independent blocks; copies about one centre are computed once.
fn of_blocks<B>(
    factors: &[(B, u64)],
    centre: &[f64],
    dim: impl Fn(&B) -> usize,
    of: impl Fn(&B, &[f64]) -> Interval,
) -> Interval {
    let mut rest = centre;
    let one = |(factor, copies): &(B, u64)| {
        let (own, after) = rest.split_at(dim(factor) * *copies as usize);
        rest = after;
        let mut each = own.chunks(dim(factor));
        let first = each.next().unwrap_or(&[]);
        match each.clone().all(|other| other == first) {
            true => of(factor, first) * *copies as f64,
            false => of(factor, first) + each.map(|centre| of(factor, centre)).sum::<Interval>(),
        }
    };
    factors.iter().map(one).sum()
}

fn of_density(p: &Density, centre: &[f64], c: Interval) -> Interval {
    match p {
        Density::Gaussian(g) => of_gaussian(g, centre, c),
        Density::Mixture(m) => weighted(&m.shares(), m.components.iter().map(|g| of_gaussian(g, centre, c))),
        Density::Product(p) => of_blocks(&p.factors, centre, Density::dim, |f, centre| of_density(f, centre, c)),
    }
}

fn of_points(p: &Points, centre: &[f64], c: Interval) -> Interval {
    let square = |x: &[f64]| {
        let each = x.iter().zip(centre).map(|(&x, &m)| (Interval::point(x) - m).sqr());
        each.collect::<IntervalSum>().value()
    };
    weighted(&p.shares(), p.points.iter().map(|x| c * square(x.as_slice())))
}

fn of_box(data: &Data, b: f64, centre: &[f64], c: Interval) -> Interval {
    let square = data.moments_about(Interval::ONE, &DVector::from_column_slice(centre)).second.max(Interval::ZERO);
    let most: IntervalSum = centre.iter().map(|m| (Interval::point(m.abs()) + b).sqr()).collect();
    let most = most.value();
    let below = c * square;
    let share = (square / most).clamp(0.0, 1.0);
    let grown = c * most;
    // Where the exponential overflows the largest exponent is all there is to say.
    let chord = if grown.hi() < 600.0 { (grown.exp_m1() * share).ln_1p().hi() } else { grown.hi() };
    Interval::new(below.lo().max(0.0), chord.max(below.lo()))
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

pub(super) fn of_gaussian(g: &Gaussian, centre: &[f64], c: Interval) -> Interval {
    let mean = |i: usize| if centre[i] == 0.0 { g.mean_enclosed(i) } else { g.mean_enclosed(i) - centre[i] };
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
                    let mean: Vec<Interval> = (0..d).map(mean).collect();
                    let tilt: IntervalSum = factor.whiten(&mean).iter().map(|x| x.sqr()).collect();
                    (c * tilt.value() - factor.ln_det() * 0.5).clamp(0.0, f64::INFINITY)
                }
                None if (0..d).any(|i| entry(i, i).hi() <= 0.0) => Interval::INFINITY,
                None => Interval::new(0.0, f64::INFINITY),
            }
        }
        _ if (1..g.dim())
            .all(|i| g.mean[i] == g.mean[0] && centre[i] == centre[0] && g.variance(i) == g.variance(0)) =>
        {
            along(g.variance_enclosed(0), mean(0)) * g.dim() as f64
        }
        _ => (0..g.dim()).map(|i| along(g.variance_enclosed(i), mean(i))).sum(),
    }
}
