//! The tangent kernel of an infinitely wide two-layer ReLU network (HRX-9) and its Gram matrices.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use std::f64::consts::PI;

/// The limit kernel at two inputs.
/// ```text
/// kappa(z, z') = (z.z') (pi - theta)/(2 pi),   theta the angle between z and z';   kappa(z, z) = |z|^2/2
/// ```
/// `pi - theta = 2 atan2(|u + u'|, |u - u'|)` with the unit vectors `u, u'`: an arc cosine of `z.z'/(|z||z'|)` loses half the digits where
/// the inputs are close or opposite, the halves of their sum and difference lose none.
#[must_use]
pub fn kappa(z: &[f64], other: &[f64]) -> f64 {
    let unit = |z: &[f64]| {
        let norm = dot(z, z).sqrt();
        z.iter().map(|x| x / norm).collect::<Vec<f64>>()
    };
    between(z, &unit(z), other, &unit(other))
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
    let (units, norms) = normalised(inputs);
    let n = inputs.ncols();
    let mut out = DMatrix::zeros(n, n);
    out.as_mut_slice().par_chunks_mut(n.max(1)).enumerate().for_each(|(j, column)| {
        column[j] = norms[j] * norms[j] / 2.0;
        for (i, value) in column.iter_mut().enumerate().skip(j + 1) {
            *value = between(of(inputs, i), of(&units, i), of(inputs, j), of(&units, j));
        }
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
    let (units, other_units) = (normalised(inputs).0, normalised(others).0);
    let mut out = DMatrix::zeros(rows, columns);
    out.as_mut_slice().par_chunks_mut(rows.max(1)).enumerate().for_each(|(j, column)| {
        for (i, value) in column.iter_mut().enumerate() {
            *value = between(of(inputs, i), of(&units, i), of(others, j), of(&other_units, j));
        }
    });
    out
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn of(z: &DMatrix<f64>, j: usize) -> &[f64] {
    &z.as_slice()[j * z.nrows()..(j + 1) * z.nrows()]
}

/// The columns over their norms, and the norms.
fn normalised(z: &DMatrix<f64>) -> (DMatrix<f64>, DVector<f64>) {
    let norms = DVector::from_fn(z.ncols(), |j, _| dot(of(z, j), of(z, j)).sqrt());
    (DMatrix::from_fn(z.nrows(), z.ncols(), |i, j| z[(i, j)] / norms[j]), norms)
}

fn between(z: &[f64], u: &[f64], other: &[f64], v: &[f64]) -> f64 {
    let product = dot(z, other);
    // Zero inputs have no direction, and the kernel vanishes at them.
    if product == 0.0 {
        return 0.0;
    }
    let (mut sum, mut difference) = (0.0, 0.0);
    for (u, v) in u.iter().zip(v) {
        sum += (u + v) * (u + v);
        difference += (u - v) * (u - v);
    }
    product * sum.sqrt().atan2(difference.sqrt()) / PI
}
