//! The mean square of an error under a law that is on its way.

use crate::laws::{DenseGaussian, Law};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::ErrorShape;
use crate::targets::{Covariance, Density, Gaussian};

/// An upper bound of `E_q |u|^2`, as a point.
///
/// # Errors
/// When the law is of a kind under which the mean is not bounded.
pub fn mean_square_upper(shape: &dyn ErrorShape, q: &Law) -> Result<Interval, String> {
    match q {
        Law::Closed(density) => Ok(Interval::point(shape.mean_square(density).value.hi())),
        Law::Gaussian(law) => under_gaussian(shape, &law.to_dense(), 0.0, 0.0),
        Law::Product(factors) => {
            let mut first = 0;
            let mut total = Interval::ZERO;
            for (factor, copies) in factors {
                let dim = dim(factor).ok_or("a factor of unknown dimension")?;
                let alike = shape.runs().iter().any(|run| {
                    run.first <= first
                        && (first - run.first) % run.dim == 0
                        && run.dim <= dim
                        && dim % run.dim == 0
                        && first + dim * *copies as usize <= run.first + run.dim * run.copies
                });
                if alike || *copies == 1 {
                    let block = shape.block(first, dim);
                    total += mean_square_upper(block.as_ref(), factor)? * (*copies as f64);
                } else {
                    for copy in 0..*copies as usize {
                        let block = shape.block(first + copy * dim, dim);
                        total += mean_square_upper(block.as_ref(), factor)?;
                    }
                }
                first += dim * *copies as usize;
            }
            Ok(Interval::point(total.hi()))
        }
        Law::Split { frame, core, rest } => {
            let (u, v) = shape.in_frame(frame).ok_or("the error couples core and rest")?;
            Ok(Interval::point((mean_square_upper(u.as_ref(), core)? + mean_square_upper(v.as_ref(), rest)?).hi()))
        }
        Law::Points(_) | Law::Grid1(_) | Law::Panels1(_) | Law::Particles(_) => {
            Err("no engine bounds the mean of the squared error under this law".into())
        }
    }
}

/// The dimension of a law, where it is easily known.
fn dim(law: &Law) -> Option<usize> {
    match law {
        Law::Gaussian(g) => Some(g.dim()),
        Law::Grid1(_) | Law::Panels1(_) => Some(1),
        Law::Product(factors) => factors.iter().map(|(f, n)| dim(f).map(|d| d * *n as usize)).sum(),
        Law::Split { core, rest, .. } => Some(dim(core)? + dim(rest)?),
        Law::Closed(_) | Law::Points(_) | Law::Particles(_) => None,
    }
}

/// An upper bound of `E_q |u|^2` for every Gaussian q with mean within `mean_radius` and covariance within
/// `cov_radius` (spectral norm) of the given ones, their rounding errors included.
///
/// ```text
/// q <= sqrt(det S'/det S) exp(b^2/(2 eta)) N(m', S'),   S' = S_0 + (a + eta) I
/// ```
/// for `|S - S_0| <= a`, `|m - m'| <= b`: `S' - S >= eta I`, and the ratio of the two densities is largest where the
/// quadratic form balances the shift.
pub(super) fn under_gaussian(
    shape: &dyn ErrorShape,
    law: &DenseGaussian,
    mean_radius: f64,
    cov_radius: f64,
) -> Result<Interval, String> {
    let a = (Interval::point(law.cov_error) + cov_radius).hi();
    let b = (Interval::point(law.mean_error) + mean_radius).hi();
    let eigenvalues = law.cov.symmetric_eigenvalues();
    // Eigenvalues of a symmetric matrix in double precision: off by at most d eps |S|.
    let slack = 4.0 * law.cov.nrows() as f64 * f64::EPSILON * eigenvalues.amax();
    let smallest = (eigenvalues.min() - slack - a).max(0.0);
    let eta = (b * (smallest / law.cov.nrows() as f64).sqrt()).max(1e-14 * smallest);
    let grown = &law.cov + nalgebra::DMatrix::identity(law.cov.nrows(), law.cov.nrows()) * (a + eta);
    let mut ln_ratio = Interval::point(b).sqr() / (2.0 * Interval::point(eta));
    for lambda in eigenvalues.iter() {
        let above = Interval::point(*lambda) + slack + a + eta;
        let below = (Interval::point(*lambda) - slack - a).max(Interval::ZERO);
        ln_ratio += (above / below).ln() * 0.5;
    }
    let density = gaussian(law, grown)?;
    Ok(Interval::point((ln_ratio.exp() * shape.mean_square(&density).value).hi()))
}

/// N(mean of the law, cov) as a density.
fn gaussian(law: &DenseGaussian, cov: nalgebra::DMatrix<f64>) -> Result<Density, String> {
    Gaussian::new(law.mean.clone(), Covariance::Dense(cov)).map(Density::Gaussian).map_err(|e| e.to_string())
}

/// `q(|u| > 0)` of a Gaussian q on its way, its rounding errors included.
///
/// # Errors
/// When the law is not Gaussian.
pub fn exceedance_under(shape: &dyn ErrorShape, q: &Law) -> Result<Measured, String> {
    let law = match q {
        Law::Closed(density) => return Ok(Measured::exact(shape.exceedance(density, 0.0))),
        Law::Gaussian(law) => law.to_dense(),
        _ => return Err("the mass of the bad set is computed under Gaussian laws only".into()),
    };
    let density = gaussian(&law, law.cov.clone())?;
    let mass = shape.exceedance(&density, 0.0);
    // Pinsker: a shifted mean costs |dm|/(2 sqrt(smallest)); a changed covariance, with X = S^{-1/2} dS S^{-1/2} of norm
    // at most 1/2, has KL <= |X|_F^2/2 because x - ln(1+x) <= x^2 there, so it costs |X|_F/2 <= sqrt(d) |dS|/(2 smallest).
    let smallest = law.cov.symmetric_eigenvalues().min() * (1.0 - 1e-10);
    if smallest <= 0.0 {
        return Err("the covariance is singular".into());
    }
    if law.cov_error > 0.5 * smallest {
        return Err("the covariance is not known to half of its smallest eigenvalue".into());
    }
    let moved = law.mean_error / (2.0 * smallest.sqrt());
    let spread = 0.5 * (law.cov.nrows() as f64).sqrt() * law.cov_error / smallest;
    let ledger = Ledger::new().bounded(Source::Rounding, (moved + spread) * 1.000_001, "moments of the Gaussian law");
    Ok(Measured::with_ledger(mass, ledger).clamped(0.0, 1.0))
}
