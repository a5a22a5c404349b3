//! The tangent kernel of an infinitely wide two-layer ReLU network (HRX-9) and its Gram matrices.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// The limit kernel at two inputs.
/// ```text
/// kappa(z, z') = (z.z') (pi - theta)/(2 pi),   theta the angle between z and z';   kappa(z, z) = |z|^2/2
/// ```
/// `pi - theta = 2 atan2(|u + u'|, |u - u'|)` with the unit vectors `u, u'`: an arc cosine of `z.z'/(|z||z'|)` loses half the digits where
/// the inputs are close or opposite, the halves of their sum and difference lose none.
#[must_use]
pub fn kappa(z: &[f64], other: &[f64]) -> f64 {
    let (z, other) = (DMatrix::from_column_slice(z.len(), 1, z), DMatrix::from_column_slice(other.len(), 1, other));
    cross_gram(&z, &other)[(0, 0)]
}

/// The Gram matrix of `n` inputs, the columns of a `p x n` matrix. Its diagonal is `|z_j|^2/2`.
///
/// Entry by entry, in parallel over columns: `p` is small beside the cost of an arc tangent, and the differences of the unit inputs
/// are what keeps the digits (a product of matrices has `1 - u.u'` only after cancellation).
///
/// # Promise
/// Symmetric bit by bit, and the same at any number of threads.
#[must_use]
pub fn gram(inputs: &DMatrix<f64>) -> DMatrix<f64> {
    let (points, n) = (Points::of(inputs), inputs.ncols());
    let arch = pulp::Arch::new();
    let mut out = DMatrix::zeros(n, n);
    out.as_mut_slice().par_chunks_mut(n.max(1)).enumerate().for_each(|(j, column)| {
        column[j] = points.norms[j] * points.norms[j] / 2.0;
        arch.dispatch(Column { points: &points, first: j + 1, others: &points, other: j, out: &mut column[j + 1..] });
    });
    out.fill_upper_triangle_with_lower_triangle();
    out
}

/// `kappa(z_i, z'_j)` of `M` inputs with `n` others: `M x n`.
///
/// # Promise
/// The same at any number of threads.
#[must_use]
pub fn cross_gram(inputs: &DMatrix<f64>, others: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, columns) = (inputs.ncols(), others.ncols());
    let (points, others) = (Points::of(inputs), Points::of(others));
    let arch = pulp::Arch::new();
    let mut out = DMatrix::zeros(rows, columns);
    out.as_mut_slice().par_chunks_mut(rows.max(1)).enumerate().for_each(|(j, out)| {
        arch.dispatch(Column { points: &points, first: 0, others: &others, other: j, out });
    });
    out
}

/// Inputs coordinate by coordinate, so that loops over them can be done several at a time.
struct Points {
    /// n x p: column c holds coordinate c of all inputs.
    places: DMatrix<f64>,
    /// The same over the norms.
    units: DMatrix<f64>,
    norms: DVector<f64>,
}

impl Points {
    fn of(inputs: &DMatrix<f64>) -> Self {
        let places = inputs.transpose();
        let norms = DVector::from_fn(places.nrows(), |i, _| places.row(i).iter().map(|x| x * x).sum::<f64>().sqrt());
        let units = DMatrix::from_fn(places.nrows(), places.ncols(), |i, c| places[(i, c)] / norms[i]);
        Self { places, units, norms }
    }
}

/// kappa of one of `others` with the inputs from number `first` on.
struct Column<'a> {
    points: &'a Points,
    first: usize,
    others: &'a Points,
    other: usize,
    out: &'a mut [f64],
}

/// Inputs that are looked at together.
const TOGETHER: usize = 64;

impl pulp::WithSimd for Column<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Column { points, first, others, other, out } = self;
        let n = points.norms.len();
        let (places, units) = (points.places.as_slice(), points.units.as_slice());
        for (k, out) in out.chunks_mut(TOGETHER).enumerate() {
            let start = first + k * TOGETHER;
            let (mut products, mut sums, mut differences) = ([0.0; TOGETHER], [0.0; TOGETHER], [0.0; TOGETHER]);
            for c in 0..points.units.ncols() {
                let (z, u) = (others.places[(other, c)], others.units[(other, c)]);
                let own = c * n + start..c * n + start + out.len();
                for (product, x) in products.iter_mut().zip(&places[own.clone()]) {
                    *product += x * z;
                }
                for ((sum, difference), v) in sums.iter_mut().zip(&mut differences).zip(&units[own]) {
                    *sum += (v + u) * (v + u);
                    *difference += (v - u) * (v - u);
                }
            }
            for (((out, product), sum), difference) in out.iter_mut().zip(products).zip(sums).zip(differences) {
                // Zero inputs have no direction, and the kernel vanishes at them.
                *out = if product == 0.0 { 0.0 } else { product * angle(sum.sqrt(), difference.sqrt()) / PI };
            }
        }
    }
}

/// atan2(y, x) for `x, y >= 0` that are not both 0, without branches, to two units in the last place.
///
/// The quotient of the smaller by the larger is brought below tan(pi/8) by `atan t = pi/4 + atan((t - 1)/(t + 1))`; then the rational
/// function of Moshier's Cephes library, `atan x = x + x^3 P(x^2)/Q(x^2)`.
#[inline(always)]
fn angle(y: f64, x: f64) -> f64 {
    const P: [f64; 5] = [
        -8.750608600031904e-1,
        -1.6157537187333652e1,
        -7.500855792314705e1,
        -1.2288666844901361e2,
        -6.485021904942025e1,
    ];
    const Q: [f64; 6] = [
        1.0,
        2.4858464901423062e1,
        1.6502700983169885e2,
        4.3288106049129027e2,
        4.853903996359137e2,
        1.945506571482614e2,
    ];
    let (large, small) = if y > x { (y, x) } else { (x, y) };
    let is_far = small > 0.414_213_562_373_095_05 * large;
    let t = if is_far { (small - large) / (small + large) } else { small / large };
    let z = t * t;
    let p = (((P[0] * z + P[1]) * z + P[2]) * z + P[3]) * z + P[4];
    let q = ((((Q[0] * z + Q[1]) * z + Q[2]) * z + Q[3]) * z + Q[4]) * z + Q[5];
    let near = t + t * (z * p / q);
    let least = if is_far { FRAC_PI_4 + near } else { near };
    if y > x { FRAC_PI_2 - least } else { least }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the library's, near the ends of the range, near both changes of formula, and all over.
    #[test]
    fn angles_are_those_of_atan2() {
        let mut worst = 0.0_f64;
        for i in 0..=200_000 {
            let turn = f64::from(i) / 200_000.0 * FRAC_PI_2;
            for (y, x) in [(turn.sin(), turn.cos()), (turn * 1e-9, 2.0), (2.0, turn * 1e-9), (1.0, 1.0 + turn * 1e-12)]
            {
                let (found, exact) = (angle(y, x), y.atan2(x));
                worst = worst.max((found - exact).abs() / exact.max(f64::MIN_POSITIVE));
            }
        }
        assert!(worst < 5e-16, "{worst:e}");
        assert_eq!((angle(0.0, 2.0), angle(2.0, 0.0), angle(1.0, 1.0)), (0.0, FRAC_PI_2, FRAC_PI_4));
    }
}
