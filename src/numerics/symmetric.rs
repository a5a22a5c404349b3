//! Symmetric eigendecompositions and products of large dense matrices, the same bits at any number of threads.
//!
//! The eigendecomposition is faer's, run on one thread: its parallel form splits sums by the number of threads it is given and rounds them
//! differently. CPU seconds with vectors on one thread, beside nalgebra's `SymmetricEigen`, for Gram matrices of the limit kernel:
//! ```text
//! n          500   1000   2000   4000
//! faer      0.02   0.11   0.74    7.6     peak memory at n = 4000: 0.59 GB, the matrix itself included
//! nalgebra  0.07   0.51   4.1    55
//! ```

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use thiserror::Error;

/// Why a matrix has no eigendecomposition here.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum EigenError {
    /// A matrix that is not square.
    #[error("a matrix of {rows} rows and {columns} columns has no eigenvalues")]
    NotSquare {
        /// Its rows.
        rows: usize,
        /// Its columns.
        columns: usize,
    },
    /// An entry that is not finite.
    #[error("a matrix with an infinite entry or one that is not a number has no eigenvalues")]
    NotFinite,
    /// The iteration for the eigenvalues of the tridiagonal matrix came to no end.
    #[error("the eigenvalues of a matrix of {size} rows did not converge")]
    NoConvergence {
        /// Its rows.
        size: usize,
    },
}

/// The eigenvalues of a symmetric matrix, largest first, and its orthonormal eigenvectors.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricEigen {
    /// Eigenvalues, descending.
    pub values: DVector<f64>,
    /// Eigenvectors, column `j` that of `values[j]`.
    pub vectors: DMatrix<f64>,
}

/// `A = U diag(values) U^T` for a symmetric `A`, of which only the lower triangle is read.
///
/// # Errors
/// `NotSquare`, `NotFinite`, and `NoConvergence`.
///
/// # Promise
/// A function of the entries alone, not of the number of threads. Backward stable: `‖A - U diag U^T‖` and `‖U^T U - I‖` are small multiples
/// of the unit roundoff (times `‖A‖`).
pub fn symmetric_eigen(a: &DMatrix<f64>) -> Result<SymmetricEigen, EigenError> {
    let n = a.nrows();
    if a.ncols() != n {
        return Err(EigenError::NotSquare { rows: n, columns: a.ncols() });
    }
    if a.iter().any(|x| !x.is_finite()) {
        return Err(EigenError::NotFinite);
    }
    let (mut values, mut vectors) = (DVector::zeros(n), DMatrix::zeros(n, n));
    let need = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    self_adjoint_evd(
        view(a),
        MatMut::from_column_major_slice_mut(values.as_mut_slice(), n, 1).col_mut(0).as_diagonal_mut(),
        Some(MatMut::from_column_major_slice_mut(vectors.as_mut_slice(), n, n)),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(need)),
        Default::default(),
    )
    .map_err(|_| EigenError::NoConvergence { size: n })?;
    values.as_mut_slice().reverse();
    for j in 0..n / 2 {
        vectors.swap_columns(j, n - 1 - j);
    }
    Ok(SymmetricEigen { values, vectors })
}

/// Columns of a product computed at a time: a constant, so that the partition does not depend on the threads.
const BLOCK: usize = 128;

/// `A B`, in parallel over blocks of columns.
///
/// # Promise
/// The same bits at any number of threads.
#[must_use]
pub fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    by_blocks(view(a), b)
}

/// `A^T B`, in parallel over blocks of columns.
///
/// # Promise
/// The same bits at any number of threads.
#[must_use]
pub fn transposed_product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    by_blocks(view(a).transpose(), b)
}

fn view(a: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(a.as_slice(), a.nrows(), a.ncols())
}

fn by_blocks(a: MatRef<'_, f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, inner, columns) = (a.nrows(), a.ncols(), b.ncols());
    assert_eq!(inner, b.nrows(), "the inner dimensions of a product agree");
    let mut out = DMatrix::zeros(rows, columns);
    if rows * inner * columns > 0 {
        let blocks = out.as_mut_slice().par_chunks_mut(rows * BLOCK).zip(b.as_slice().par_chunks(inner * BLOCK));
        blocks.for_each(|(out, b)| {
            let width = out.len() / rows;
            let out = MatMut::from_column_major_slice_mut(out, rows, width);
            matmul(out, Accum::Replace, a, MatRef::from_column_major_slice(b, inner, width), 1.0, Par::Seq);
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symmetric(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| (1.0 + (i * j) as f64).sin() + (i + j) as f64 / n as f64)
    }

    fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    /// Sizes on both sides of faer's switch from QR steps to divide and conquer (128) and of the blocks of the products.
    #[test]
    fn eigenvectors_diagonalise_and_are_orthonormal() {
        for n in [0, 1, 2, 40, 300] {
            let a = symmetric(n);
            let SymmetricEigen { values, vectors } = symmetric_eigen(&a).unwrap();
            assert!(values.as_slice().is_sorted_by(|x, y| x >= y));
            let back = product(&(&vectors * DMatrix::from_diagonal(&values)), &vectors.transpose()) - &a;
            let gram = transposed_product(&vectors, &vectors) - DMatrix::identity(n, n);
            let scale = 1e-15 * (n as f64 + 10.0);
            assert!(
                back.norm() <= scale * a.norm() && gram.norm() <= scale * 10.0,
                "{n}: {} {}",
                back.norm(),
                gram.norm()
            );
        }
    }

    /// The second difference matrix has eigenvalues `2 - 2 cos(j pi/(n + 1))`.
    #[test]
    fn known_eigenvalues() {
        let n = 200;
        let a = DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        let values = symmetric_eigen(&a).unwrap().values;
        for (j, value) in values.iter().enumerate() {
            let exact = 2.0 - 2.0 * ((n - j) as f64 * std::f64::consts::PI / (n as f64 + 1.0)).cos();
            assert!((value - exact).abs() < 1e-13, "{j}: {value} {exact}");
        }
    }

    #[test]
    fn the_same_bits_at_any_number_of_threads() {
        let (a, b) = (symmetric(400), DMatrix::from_fn(400, 300, |i, j| (i as f64 - 0.3 * j as f64).cos()));
        let all = || (symmetric_eigen(&a).unwrap(), product(&a, &b), transposed_product(&b, &a));
        let one = on_threads(1, all);
        for threads in [2, 3, 4] {
            assert!(one == on_threads(threads, all), "{threads} threads");
        }
    }

    #[test]
    fn products_are_those_of_nalgebra() {
        let (a, b) = (symmetric(70), DMatrix::from_fn(70, 290, |i, j| (i as f64 - 0.3 * j as f64).cos()));
        assert!((product(&a, &b) - &a * &b).amax() < 1e-12);
        assert!((transposed_product(&b, &a) - b.transpose() * &a).amax() < 1e-12);
        assert_eq!(product(&DMatrix::zeros(3, 0), &DMatrix::zeros(0, 2)), DMatrix::zeros(3, 2));
    }

    #[test]
    fn what_has_no_eigenvalues_is_refused() {
        assert_eq!(symmetric_eigen(&DMatrix::zeros(2, 3)), Err(EigenError::NotSquare { rows: 2, columns: 3 }));
        assert_eq!(symmetric_eigen(&DMatrix::from_element(2, 2, f64::NAN)), Err(EigenError::NotFinite));
    }
}
