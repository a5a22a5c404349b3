//! The mean square of an error under a law that is on its way.

use crate::laws::{DenseGaussian, Law};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::ErrorShape;
use crate::targets::{Covariance, Density, Gaussian, common_runs};

/// A mean square, enclosed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanSquare {
    /// The enclosure.
    pub value: Interval,
    /// Whether it is proved; false for a value computed on a grid.
    pub proved: bool,
}

impl MeanSquare {
    fn proved(value: Interval) -> Self {
        Self { value, proved: true }
    }

    fn on_grid(value: f64) -> Self {
        Self { value: value.into(), proved: false }
    }

    /// From several grids, the finest first: off by twice the largest distance of two neighbours.
    fn on_grids(values: &[f64]) -> Self {
        let apart = values.windows(2).map(|pair| (pair[0] - pair[1]).abs()).fold(0.0, f64::max);
        Self { value: Interval::around(values[0], 2.0 * apart).max(Interval::ZERO), proved: false }
    }

    /// `self + copies other`.
    fn plus(self, other: Self, copies: f64) -> Self {
        Self { value: self.value + other.value * copies, proved: self.proved && other.proved }
    }
}

/// `E_q |u|^2`.
///
/// # Errors
/// When the law is of a kind under which the mean is not bounded.
pub fn mean_square(shape: &dyn ErrorShape, q: &Law) -> Result<MeanSquare, String> {
    let nothing = MeanSquare::proved(Interval::ZERO);
    match q {
        Law::Closed(density) => Ok(MeanSquare::proved(shape.mean_square(density).value)),
        Law::Gaussian(law) => under_gaussian(shape, &law.to_dense(), 0.0, 0.0).map(MeanSquare::proved),
        Law::Grid1(law) => Ok(MeanSquare::on_grid(law.expectation(&mut |xs, out| square(shape, xs, out)))),
        Law::Panels1(law) => Ok(MeanSquare::on_grid(law.expectation(&mut |xs, out| square(shape, xs, out)))),
        Law::Pushed1(law) => Ok(MeanSquare::on_grid(law.expectation(&mut |xs, out| square(shape, xs, out)))),
        Law::Grid2(law) => {
            let values = law.expectations(&mut |xs, out| {
                let mut field = vec![0.0; xs.len()];
                shape.eval(xs, &mut field);
                let (u, v) = field.split_at(out.len());
                out.iter_mut().zip(u.iter().zip(v)).for_each(|(o, (u, v))| *o = u * u + v * v);
            });
            Ok(MeanSquare::on_grids(&values))
        }
        Law::Product(factors) => {
            let joint = common_runs(&[&q.runs(), &shape.runs()]);
            let mut at = 0;
            let mut total = nothing;
            for (factor, copies) in factors {
                let (dim, end) = (factor.dim(), at + factor.dim() * *copies as usize);
                // Within one run of the two together every copy of the factor sees the same error.
                while at < end {
                    let alike = joint.iter().find(|r| r.first <= at && at < r.end()).map_or(end, |r| r.end().min(end));
                    let copies = ((alike - at) / dim).max(1);
                    let block = shape.block(at, dim);
                    total = total.plus(mean_square(block.as_ref(), factor)?, copies as f64);
                    at += copies * dim;
                }
            }
            Ok(total)
        }
        Law::Split { frame, core, rest, .. } => {
            let (u, v) = shape.in_frame(frame).ok_or("the error couples core and rest")?;
            Ok(mean_square(u.as_ref(), core)?.plus(mean_square(v.as_ref(), rest)?, 1.0))
        }
        Law::Approximate { law, .. } => Ok(MeanSquare { proved: false, ..mean_square(shape, law)? }),
        Law::Points(_) | Law::Particles(_) => {
            Err("no engine bounds the mean of the squared error under this law".into())
        }
    }
}

/// u^2 at points of the line.
fn square(shape: &dyn ErrorShape, xs: &[f64], out: &mut [f64]) {
    shape.eval(xs, out);
    out.iter_mut().for_each(|u| *u *= *u);
}

/// `E_q |u|^2` for every Gaussian q with mean within `mean_radius` and covariance within `cov_radius` (spectral norm) of
/// the given ones, their rounding errors included.
///
/// ```text
/// N(m, S) <= sqrt(det S'/det S) exp(b^2/(2 eta)) N(m', S')     for S' - S >= eta I, |m - m'| <= b
/// ```
/// where the ratio of the two densities is largest where the quadratic form balances the shift. With `|S - S_0| <= a` it
/// bounds the mean from above with `S' = S_0 + (a + eta) I`, and from below, the roles exchanged, with
/// `S_0 - (a + eta) I` in the place of S; 0 where that is not positive.
///
/// # Promise
/// Contains the value for every such q.
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
    let shift = Interval::point(b).sqr() / (2.0 * Interval::point(eta));
    let identity = nalgebra::DMatrix::identity(law.cov.nrows(), law.cov.nrows());
    // ln of the factor between N(., larger) and N(., smaller), the eigenvalues moved by these amounts.
    let ln_ratio = |up: f64, down: f64| {
        let ratio = |lambda: &f64| {
            let above = Interval::point(*lambda) + slack + up;
            let below = (Interval::point(*lambda) - slack - down).max(Interval::ZERO);
            (above / below).ln() * 0.5
        };
        shift + eigenvalues.iter().map(ratio).sum::<Interval>()
    };
    let grown = gaussian(law, &law.cov + &identity * (a + eta))?;
    let upper = ln_ratio(a + eta, a).exp() * shape.mean_square(&grown).value;
    let room = eigenvalues.min() - slack - (a + eta) * (1.0 + 1e-12);
    let lower = if room > 0.0 && smallest > 0.0 {
        let shrunk = gaussian(law, &law.cov - &identity * (a + eta))?;
        (-ln_ratio(a, (a + eta) * (1.0 + 1e-12))).exp() * shape.mean_square(&shrunk).value
    } else {
        Interval::ZERO
    };
    Ok(Interval::new(lower.lo().clamp(0.0, upper.hi()), upper.hi()))
}

/// N(mean of the law, cov) as a density.
fn gaussian(law: &DenseGaussian, cov: nalgebra::DMatrix<f64>) -> Result<Density, String> {
    Gaussian::new(law.mean.clone(), Covariance::Dense(cov)).map(Density::Gaussian).map_err(|e| e.to_string())
}

/// `q(|u| > 0)` of a Gaussian q on its way, its rounding errors included.
///
/// In a product of blocks the set must depend on one block only.
///
/// # Errors
/// When the law is not Gaussian, or the set couples its blocks.
pub fn exceedance_under(shape: &dyn ErrorShape, q: &Law) -> Result<Measured, String> {
    let law = match q {
        Law::Closed(density) => return Ok(Measured::exact(shape.exceedance(density, 0.0))),
        Law::Gaussian(law) => law.to_dense(),
        Law::Product(factors) => return exceedance_under_product(shape, factors),
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

/// The same for a product: the one factor on which the error does not vanish decides.
fn exceedance_under_product(shape: &dyn ErrorShape, factors: &[(Law, u64)]) -> Result<Measured, String> {
    let mut at = 0;
    let mut found = None;
    for (factor, copies) in factors {
        for _ in 0..*copies {
            let block = shape.block(at, factor.dim());
            at += factor.dim();
            if block.sup() == 0.0 {
                continue;
            }
            if found.is_some() {
                return Err("the bad set is not a set of one block".into());
            }
            found = Some(exceedance_under(block.as_ref(), factor)?);
        }
    }
    Ok(found.unwrap_or_else(|| Measured::exact(Interval::ZERO)))
}
