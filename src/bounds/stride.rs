//! The mean square of the error along long chains of Gaussian laws: strides within which the law hardly moves.

use super::Instance;
use super::along::Walk;
use super::lee_lu_tan_2022::PathError;
use super::mean_square::under_gaussian;
use crate::laws::{GaussianLaw, Law};
use crate::numerics::Interval;
use crate::samplers::{Kernel, Program};
use crate::scores::{ErrorShape, ScoreField};
use crate::targets::common_runs;

/// How far, relative to its smallest standard deviation and per dimension, a Gaussian law may move within one stride.
const STRIDE: f64 = 0.02;

/// `E_{q_k}|e|^2` along an affine chain of Gaussian laws (or products of them), one enclosure for all laws of a stride.
///
/// Consecutive means and covariances differ by `M^j dm` and `M^j dS M^jT`, so j steps move them by at most
/// `j max(1, |M|)^{2j}` times the first step of the stride.
///
/// # Errors
/// When a law on the way is not Gaussian or a step not affine.
pub(super) fn strided_error(at: &Instance, program: &Program, sup: f64) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let shape = at.error_shape().ok_or("the score is exact")?;
    let scale = Interval::point(at.amplitude()).sqr();
    let mut walk = Walk::new(at, program)?;
    let mut runs = Vec::new();
    for (block, &(clean, _)) in program.blocks.iter().zip(&lmc.runs) {
        if clean {
            runs.push((block.repeat, Interval::ZERO));
            walk.steps(&block.kernel, block.repeat)?;
            continue;
        }
        let norm = drift_norm(&walk.law, &block.kernel, at.score())?;
        let mut left = block.repeat;
        while left > 0 {
            let here = walk.law.clone();
            walk.steps(&block.kernel, 1)?;
            let longest = longest_stride(&here, &walk.law)?;
            let stride = if longest >= left as f64 { left } else { (longest as u64).clamp(1, left) };
            // The laws of the stride are those 0, ..., stride - 1 steps from here.
            let growth = if norm <= 1.0 { 1.0 } else { norm.powf(2.0 * stride as f64) * (1.0 + 1e-9) };
            let reach = (stride - 1) as f64 * growth;
            let here = scale * within(shape.as_ref(), &here, &walk.law, reach)?;
            runs.push((stride, here.min(sup.into())));
            walk.steps(&block.kernel, stride - 1)?;
            left -= stride;
        }
    }
    Ok(PathError { runs, proved: true })
}

const NOT_GAUSSIAN: &str = "the chain is too long to follow one by one, and its laws are not Gaussian";

/// How far mean and covariance move from one law to the next, rounding errors included.
fn moves(here: &GaussianLaw, next: &GaussianLaw) -> (f64, f64) {
    let (here, next) = (here.to_dense(), next.to_dense());
    let mean = (&next.mean - &here.mean).norm() * (1.0 + 1e-12) + here.mean_error + next.mean_error;
    let cov = (&next.cov - &here.cov).norm() * (1.0 + 1e-12) + here.cov_error + next.cov_error;
    (mean, cov)
}

/// How many steps the law may go before it has moved by [`STRIDE`].
fn longest_stride(here: &Law, next: &Law) -> Result<f64, String> {
    match (here, next) {
        (Law::Gaussian(a), Law::Gaussian(b)) => {
            let (mean, cov) = moves(a, b);
            let smallest = a.cov().symmetric_eigenvalues().min().max(0.0);
            let room = STRIDE / a.dim() as f64;
            Ok((room * smallest.sqrt() / mean).min(room * smallest / cov))
        }
        (Law::Product(a), Law::Product(b)) => {
            a.iter().zip(b).try_fold(f64::INFINITY, |least, (x, y)| Ok(longest_stride(&x.0, &y.0)?.min(least)))
        }
        _ => Err(NOT_GAUSSIAN.into()),
    }
}

/// `E |u|^2` under every law within `reach` steps of the size of that from `here` to `next`.
fn within(shape: &dyn ErrorShape, here: &Law, next: &Law, reach: f64) -> Result<Interval, String> {
    match (here, next) {
        (Law::Gaussian(a), Law::Gaussian(b)) => {
            let (mean, cov) = moves(a, b);
            under_gaussian(shape, &a.to_dense(), reach * mean, reach * cov)
        }
        (Law::Product(a), Law::Product(b)) => {
            let joint = common_runs(&[&here.runs(), &shape.runs()]);
            let mut at = 0;
            let mut total = Interval::ZERO;
            for ((x, copies), (y, _)) in a.iter().zip(b) {
                let (dim, end) = (x.dim(), at + x.dim() * *copies as usize);
                while at < end {
                    let alike = joint.iter().find(|r| r.first <= at && at < r.end()).map_or(end, |r| r.end().min(end));
                    let copies = ((alike - at) / dim).max(1);
                    total += within(shape.block(at, dim).as_ref(), x, y, reach)? * copies as f64;
                    at += copies * dim;
                }
            }
            Ok(total)
        }
        _ => Err(NOT_GAUSSIAN.into()),
    }
}

/// An upper bound of the norm of the linear part of an affine step, over the factors of a law.
fn drift_norm(law: &Law, kernel: &Kernel, s: &dyn ScoreField) -> Result<f64, String> {
    match law {
        Law::Product(factors) => {
            let mut at = 0;
            let mut largest: f64 = 0.0;
            for (factor, copies) in factors {
                largest = largest.max(drift_norm(factor, kernel, s.block(at, factor.dim()).as_ref())?);
                at += factor.dim() * *copies as usize;
            }
            Ok(largest)
        }
        _ => {
            let map = kernel.drift.affine_displacement(s, kernel.rounding).ok_or("one step is not an affine map")?;
            let d = map.matrix.nrows();
            let norm = (nalgebra::DMatrix::identity(d, d) + &map.matrix).singular_values().max();
            Ok(norm + map.matrix_error + 8.0 * d as f64 * f64::EPSILON * norm)
        }
    }
}
