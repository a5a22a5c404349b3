//! The empirical tangent kernel of a network, its distance from the limit, and what that distance costs gradient descent
//! (HRX-9, 11, 14a).
//!
//! Matrices over points and outputs put output i at point j into row `i n + j`, the order of the entries of an n x d matrix.

use super::network::{Network, Start};
use super::passes::dot;
use nalgebra::{DMatrix, DVector, DVectorView};
use rayon::prelude::*;

#[cfg(test)]
mod tests;

/// The largest order n d of a square tangent kernel matrix; others have at most as many entries.
pub const MAX_ORDER: usize = 4000;

/// Why there is no such matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TangentError {
    /// More entries than a square matrix of order [`MAX_ORDER`].
    #[error(
        "a tangent kernel matrix of {rows} x {columns} is too large: points times outputs may reach {MAX_ORDER} \
         (train with Regime::Linearised instead, which needs no matrix)"
    )]
    TooLarge {
        /// n d.
        rows: usize,
        /// n' d.
        columns: usize,
    },
    /// Matrices that do not belong together.
    #[error("{what}: {found} where {expected} belong")]
    Shape {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: usize,
        /// What it should be.
        expected: usize,
    },
}

fn fits(what: &'static str, found: usize, expected: usize) -> Result<(), TangentError> {
    if found == expected { Ok(()) } else { Err(TangentError::Shape { what, found, expected }) }
}

/// The neurons active at one point, as bits.
struct Active<'a> {
    network: &'a Network,
    point: &'a [f64],
}

impl pulp::WithSimd for Active<'_> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Vec<u64> {
        let p = self.network.inputs();
        let word = |w: &[f64]| -> u64 {
            let bits = w.chunks_exact(p).map(|w| u64::from(dot(w, self.point) > 0.0));
            bits.enumerate().fold(0, |word, (r, bit)| word | bit << r)
        };
        self.network.weights().as_slice().chunks(64 * p).map(word).collect()
    }
}

fn active(network: &Network, inputs: &DMatrix<f64>) -> Vec<Vec<u64>> {
    let arch = pulp::Arch::new();
    let points: Vec<&[f64]> = inputs.as_slice().chunks_exact(network.inputs()).collect();
    points.into_par_iter().map(|point| arch.dispatch(Active { network, point })).collect()
}

/// How many neurons are active in both patterns, and at two outputs with equal signs.
struct Shared<'a> {
    left: &'a [u64],
    right: &'a [u64],
    equal: &'a [u64],
}

impl pulp::WithSimd for Shared<'_> {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> u64 {
        let words = self.left.iter().zip(self.right).zip(self.equal);
        words.map(|((l, r), e)| u64::from((l & r & e).count_ones())).sum()
    }
}

/// For each pair of outputs, the neurons at which their signs are equal, as bits.
fn equal_signs(network: &Network) -> Vec<Vec<u64>> {
    let (d, m) = (network.outputs(), network.width());
    let bit = |i: usize, k: usize, r: usize| u64::from(network.signs()[(i, r)] == network.signs()[(k, r)]) << (r % 64);
    let pattern = |i: usize, k: usize| -> Vec<u64> {
        (0..m).step_by(64).map(|first| (first..m.min(first + 64)).fold(0, |word, r| word | bit(i, k, r))).collect()
    };
    (0..d * d).map(|n| pattern(n % d, n / d)).collect()
}

/// The empirical tangent kernel between the columns of `left` (p x n) and of `right` (p x n'), nd x n'd:
///
/// ```text
/// K^{ij}(z,z') = (z.z'/m) sum_r a_r^i a_r^j 1{w_r.z > 0} 1{w_r.z' > 0}.
/// ```
///
/// # Promise
/// The sums over neurons are exact: they are counted.
///
/// # Errors
/// If the inputs do not have p rows or the matrix has more than [`MAX_ORDER`]^2 entries.
pub fn tangent_kernel(
    network: &Network,
    left: &DMatrix<f64>,
    right: &DMatrix<f64>,
) -> Result<DMatrix<f64>, TangentError> {
    fits("rows of the left inputs", left.nrows(), network.inputs())?;
    fits("rows of the right inputs", right.nrows(), network.inputs())?;
    let (d, m) = (network.outputs(), network.width());
    let (rows, columns) = (left.ncols() * d, right.ncols() * d);
    if rows.saturating_mul(columns) > MAX_ORDER * MAX_ORDER {
        return Err(TangentError::TooLarge { rows, columns });
    }
    let arch = pulp::Arch::new();
    let (lefts, rights, equal) = (active(network, left), active(network, right), equal_signs(network));
    let dots = left.tr_mul(right);
    let mut kernel = DMatrix::zeros(rows, columns);
    kernel.as_mut_slice().par_chunks_exact_mut(rows.max(1)).enumerate().for_each(|(column, out)| {
        let (k, b) = (column / right.ncols(), column % right.ncols());
        for (row, out) in out.iter_mut().enumerate() {
            let (i, a) = (row / left.ncols(), row % left.ncols());
            let count = |equal| arch.dispatch(Shared { left: &lefts[a], right: &rights[b], equal });
            let both = count(&equal[0]) as f64;
            let signed = if i == k { both } else { 2.0 * count(&equal[i * d + k]) as f64 - both };
            *out = dots[(a, b)] * (signed / m as f64);
        }
    });
    Ok(kernel)
}

/// `K - I_d (x) H`: a tangent kernel matrix (nd x n'd) less its limit, of which `limit` (n x n') holds the scalar kernel.
///
/// # Errors
/// If the shapes do not fit.
pub fn deviation(kernel: &DMatrix<f64>, limit: &DMatrix<f64>) -> Result<DMatrix<f64>, TangentError> {
    let (n, columns) = limit.shape();
    let d = kernel.nrows() / n.max(1);
    fits("rows of the tangent kernel", kernel.nrows(), d * n)?;
    fits("columns of the tangent kernel", kernel.ncols(), d * columns)?;
    let mut out = kernel.clone();
    for i in 0..d {
        let mut block = out.view_mut((i * n, i * columns), (n, columns));
        block -= limit;
    }
    Ok(out)
}

/// The operator norm of a symmetric matrix from its eigenvalues, up to the rounding of their computation
/// (a small multiple of the order times 1e-16, relative).
#[must_use]
pub fn operator_norm(symmetric: &DMatrix<f64>) -> f64 {
    symmetric.symmetric_eigenvalues().amax()
}

/// HRX-11: m times the variance of `K^{ij}(z,z')` over independent neurons, from `z.z'` and the limit `kappa(z,z')`: with
/// `q = kappa/(z.z')`
///
/// ```text
/// (z.z')^2 q (1 - q)   at one output,   (z.z')^2 q   at two.
/// ```
#[must_use]
pub fn entry_variance(product: f64, kappa: f64, same_output: bool) -> f64 {
    kappa * if same_output { product - kappa } else { product }
}

/// HRX-11: `E |K - I_d (x) H|_F^2` over networks of `width` m that start like `start`, for d `outputs` at the columns of
/// `inputs` (p x n) with the limiting Gram matrix `limit` (n x n):
///
/// ```text
/// V/m (independent), 2V/m (antisymmetric),   V = sum_ab [ d (z_a.z_b)^2 q (1 - q) + d (d - 1) (z_a.z_b)^2 q ].
/// ```
///
/// # Errors
/// If the shapes do not fit.
pub fn kernel_variance(
    inputs: &DMatrix<f64>,
    limit: &DMatrix<f64>,
    outputs: usize,
    width: usize,
    start: Start,
) -> Result<f64, TangentError> {
    fits("rows of the limit", limit.nrows(), inputs.ncols())?;
    fits("columns of the limit", limit.ncols(), inputs.ncols())?;
    let products = inputs.tr_mul(inputs);
    let d = outputs as f64;
    let both = |same| products.iter().zip(limit).map(|(g, k)| entry_variance(*g, *k, same)).sum::<f64>();
    Ok((d * both(true) + d * (d - 1.0) * both(false)) / start.independent(width) as f64)
}

/// The residuals of gradient descent with a tangent kernel K (`r^lin`) and with its limit H (`r`) after the same k steps:
///
/// ```text
/// r_{k+1} = (I - eta H) r_k,   r^lin_{k+1} = (I - eta K) r^lin_k,   r_0 = r^lin_0 = y - f_0(Z).
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Coupled {
    /// k.
    pub step: u64,
    /// eta.
    pub length: f64,
    /// `|r_0|`.
    pub first: f64,
    /// `|r^lin_k - r_k|`, the distance of the two functions on the training set.
    pub gap: f64,
    /// `sum_{i<k} |r_i|`.
    pub limit_sum: f64,
    /// `sum_{i<k} |r^lin_i|`.
    pub linear_sum: f64,
    /// `sum_{i<k} |r^lin_i - r_i|`.
    pub gap_sum: f64,
    /// `sum_{i<k} r_i`, n x d: the function is `f_0(z) + eta sum_j kappa(z, z_j)` times its row j.
    pub limit_total: DMatrix<f64>,
    /// `sum_{i<k} r^lin_i`, n x d.
    pub linear_total: DMatrix<f64>,
}

impl Coupled {
    /// HRX-14a on the training set: `|r^lin_k - r_k| <= eta |K - H|_op sum_{i<k} |r_i|` for `eta <= 1/(largest eigenvalue)` of
    /// both; any upper bound of the operator norm will do, the Frobenius norm too.
    #[must_use]
    pub fn train_bound(&self, operator: f64) -> f64 {
        self.length * operator * self.limit_sum
    }

    /// The same with `|r_i| <= |r_0|`: `eta k |r_0| |K - H|_op`.
    #[must_use]
    pub fn train_bound_without_path(&self, operator: f64) -> f64 {
        self.length * self.step as f64 * self.first * operator
    }

    /// HRX-14a at other points, for any step: of `cross` = K(z, Z) (Md x nd) and `limit` = kappa(z, Z) (M x n), a bound of
    /// `|f^lin_k - f^ker_k|` for each point and output (M x d):
    ///
    /// ```text
    /// eta |K^i(z) - kappa^i(z)| sum_{j<k} |r^lin_j| + eta |kappa(z)| sum_{j<k} |r^lin_j - r_j|.
    /// ```
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn test_bound(&self, cross: &DMatrix<f64>, limit: &DMatrix<f64>) -> Result<DMatrix<f64>, TangentError> {
        self.belongs(cross, limit)?;
        let away = deviation(cross, limit)?;
        let points = limit.nrows();
        Ok(DMatrix::from_fn(points, self.limit_total.ncols(), |a, i| {
            let moved = away.row(i * points + a).norm() * self.linear_sum;
            self.length * (moved + limit.row(a).norm() * self.gap_sum)
        }))
    }

    /// `f^lin_k - f_0` and `f^ker_k - f_0` at the points of `cross` = K(z, Z) (Md x nd) and `limit` = kappa(z, Z) (M x n), M x d
    /// each.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn moved(&self, cross: &DMatrix<f64>, limit: &DMatrix<f64>) -> Result<[DMatrix<f64>; 2], TangentError> {
        self.belongs(cross, limit)?;
        let flat = DVector::from_column_slice(self.linear_total.as_slice());
        let linear = DMatrix::from_column_slice(limit.nrows(), self.linear_total.ncols(), (cross * flat).as_slice());
        Ok([linear * self.length, limit * &self.limit_total * self.length])
    }

    fn belongs(&self, cross: &DMatrix<f64>, limit: &DMatrix<f64>) -> Result<(), TangentError> {
        let (n, d) = self.limit_total.shape();
        fits("columns of the limit", limit.ncols(), n)?;
        fits("rows of the tangent kernel", cross.nrows(), limit.nrows() * d)?;
        fits("columns of the tangent kernel", cross.ncols(), n * d)
    }
}

/// `K x` for a symmetric K, the same bits for any number of threads.
fn times(kernel: &DMatrix<f64>, x: &DMatrix<f64>) -> DMatrix<f64> {
    let view = |entries| DVectorView::from_slice(entries, x.len());
    let product = |column| view(column).dot(&view(x.as_slice()));
    let all: Vec<f64> = kernel.as_slice().par_chunks_exact(kernel.nrows().max(1)).map(product).collect();
    DMatrix::from_vec(x.nrows(), x.ncols(), all)
}

/// Both descents of step `length` side by side, step by step, kept at `checkpoints` (ascending): `kernel` K at the training
/// points (nd x nd), `limit` H (n x n), `first` = y - f_0(Z) (n x d).
///
/// # Errors
/// If the shapes do not fit.
pub fn coupled(
    kernel: &DMatrix<f64>,
    limit: &DMatrix<f64>,
    first: &DMatrix<f64>,
    length: f64,
    checkpoints: &[u64],
) -> Result<Vec<Coupled>, TangentError> {
    let (n, d) = first.shape();
    fits("rows of the limit", limit.nrows(), n)?;
    fits("columns of the limit", limit.ncols(), n)?;
    fits("rows of the tangent kernel", kernel.nrows(), n * d)?;
    fits("columns of the tangent kernel", kernel.ncols(), n * d)?;
    let (mut r, mut linear) = (first.clone(), first.clone());
    let zero = DMatrix::zeros(n, d);
    let mut now = Coupled {
        step: 0,
        length,
        first: first.norm(),
        gap: 0.0,
        limit_sum: 0.0,
        linear_sum: 0.0,
        gap_sum: 0.0,
        limit_total: zero.clone(),
        linear_total: zero,
    };
    let mut kept = Vec::with_capacity(checkpoints.len());
    for &step in checkpoints {
        while now.step < step {
            now.limit_sum += r.norm();
            now.linear_sum += linear.norm();
            now.gap_sum += now.gap;
            now.limit_total += &r;
            now.linear_total += &linear;
            r -= limit * &r * length;
            linear -= times(kernel, &linear) * length;
            now.gap = (&linear - &r).norm();
            now.step += 1;
        }
        kept.push(now.clone());
    }
    Ok(kept)
}
