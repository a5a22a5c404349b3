//! Lower bounds of the constants of a law that no upper bound takes part in: what statements about constants are held
//! against.

use super::cholesky::Factor;
use super::line::{self, Lower};
use super::mixture::{in_space, on_the_line, reduced};
use super::panels::Panels;
use super::side::Side;
use super::{condition, hessian};
use crate::numerics::Interval;
use crate::targets::{Covariance, Density, Gaussian, Mixture};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Every bound is lowered by this factor, so that rounding does not make a closed form exceed itself.
const TAKEN_OFF: f64 = 1e-12;

/// How many places the steepest one is looked for at.
const PLACES: i32 = 600;

/// The largest proved lower bound of C_LS.
///
/// ```text
/// C_LS >= C_P,     C_LS >= Ent_p(f^2)/(2 E_p|grad f|^2),     C_LS >= 2 KL(q|p)/FI(q|p)
/// ```
///
/// f near the ground state of the law on the line, or of its marginal in one direction; q that law tilted by a linear function or
/// a hyperbolic tangent.
///
/// # Errors
/// When a covariance is too close to singular.
///
/// # Promise
/// At most the constant.
pub fn lsi_least(p: &Density) -> Result<f64, String> {
    over_factors(p, &|m| of_mixture(m, &Lower::all), &rayleigh)
}

/// How far above a variance the covariance of a Gaussian is proved to end.
const MARGIN: f64 = 1e-10;

/// C_LS of a Gaussian, or of a product of Gaussians, from both sides: a variance from below, and from above `1/alpha` for the
/// convexity `alpha` of its potential (LLT-18b), by a factor of `t I - Sigma` with t just above that variance.
///
/// # Errors
/// For other laws, and where no such factor is found.
///
/// # Promise
/// Contains the constant.
pub fn lsi_of_gaussian(p: &Density) -> Result<Interval, String> {
    match p {
        Density::Gaussian(g) => {
            let least = rayleigh(g)?;
            let t = least * (1.0 + MARGIN);
            let above = match &g.cov {
                Covariance::Dense(m) => Factor::new(g.dim(), |i, j| {
                    let entry = g.enclosed(m[(i, j)]);
                    if i == j { t - entry } else { -entry }
                })
                .is_some(),
                _ => (0..g.dim()).all(|i| g.variance_enclosed(i).hi() <= t),
            };
            let found = Interval::new((Interval::point(least) * (1.0 - TAKEN_OFF)).lo(), t);
            if above { Ok(found) } else { Err("the covariance is not bounded closely enough".into()) }
        }
        Density::Product(product) => {
            let each = product.factors.iter().map(|(factor, _)| lsi_of_gaussian(factor));
            Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().fold(Interval::ZERO, Interval::max))
        }
        Density::Mixture(m) => match &m.components[..] {
            [only] => lsi_of_gaussian(&Density::Gaussian(only.clone())),
            _ => Err("p is not a Gaussian".into()),
        },
    }
}

/// The largest proved lower bound of C_P: variances, and `Var_p f/E_p|grad f|^2` near the ground state.
///
/// # Errors
/// As [`lsi_least`].
///
/// # Promise
/// At most the constant.
pub fn poincare_least(p: &Density) -> Result<f64, String> {
    over_factors(p, &|m| of_mixture(m, &|found| found.poincare), &rayleigh)
}

/// The largest `|v^T Hess ln p(x) v|/|v|^2` found, at most L: on the line at many places, elsewhere along the lines through
/// two means.
///
/// # Errors
/// As [`lsi_least`].
///
/// # Promise
/// At most the constant.
pub fn smoothness_least(p: &Density) -> Result<f64, String> {
    over_factors(p, &steepest, &|g| {
        let inverse = g.cov_matrix().try_inverse().ok_or("a covariance is singular")?;
        // A trial direction for the precision: |Sigma^-1 w|^2 / w^T Sigma^-1 w with w = Sigma u is u^T u / u^T Sigma u.
        let u = widest(&inverse);
        Ok((1.0 / along(g, &u)).lo())
    })
}

/// The largest over the factors of a product, a little taken off.
fn over_factors(
    p: &Density,
    of_mixture: &dyn Fn(&Mixture) -> Result<f64, String>,
    of_gaussian: &dyn Fn(&Gaussian) -> Result<f64, String>,
) -> Result<f64, String> {
    let least = match p {
        Density::Gaussian(g) => of_gaussian(g)?,
        Density::Mixture(m) => {
            let (core, rest) = reduced(m);
            let of_core = |core: &Mixture| match &core.components[..] {
                [only] => of_gaussian(only),
                _ => of_mixture(core),
            };
            let parts = [core.as_ref().map(of_core), rest.as_ref().map(of_gaussian)];
            let found = parts.into_iter().flatten().collect::<Result<Vec<f64>, _>>()?.into_iter().fold(0.0, f64::max);
            // The parameters carry rounding at noise levels.
            let (lipschitz, others) = condition::of(m);
            found * (1.0 - lipschitz.max(others)).max(0.0)
        }
        Density::Product(product) => {
            let each = product.factors.iter().map(|(factor, _)| over_factors(factor, of_mixture, of_gaussian));
            return Ok(each.collect::<Result<Vec<f64>, _>>()?.into_iter().fold(0.0, f64::max));
        }
    };
    Ok((Interval::point(least) * (1.0 - TAKEN_OFF)).lo().max(0.0))
}

/// Marginals in one direction, the law itself on the line.
fn of_mixture(mixture: &Mixture, chosen: &dyn Fn(Lower) -> Vec<Side>) -> Result<f64, String> {
    let found = if mixture.dim() == 1 {
        let line = on_the_line(mixture);
        line::lower(&line, Panels::of(&line).as_ref())
    } else {
        in_space(mixture).ok_or("a covariance is too close to singular")?.lower_bounds()
    };
    Ok(chosen(found).iter().map(|side| side.value).fold(0.0, f64::max))
}

/// `v^T Sigma v/|v|^2` at the direction of largest variance: a variance, found without an enclosed spectrum.
fn rayleigh(g: &Gaussian) -> Result<f64, String> {
    Ok(match &g.cov {
        Covariance::Dense(m) => along(g, &widest(m)).lo(),
        _ => (0..g.dim()).map(|i| g.enclosed(g.variance(i)).lo()).fold(0.0, f64::max),
    })
}

/// The direction of the largest eigenvalue, in plain floating point.
fn widest(m: &DMatrix<f64>) -> DVector<f64> {
    let eigen = SymmetricEigen::new(m.clone());
    eigen.eigenvectors.column(eigen.eigenvalues.imax()).into_owned()
}

/// `v^T Sigma v/|v|^2`.
fn along(g: &Gaussian, v: &DVector<f64>) -> Interval {
    let d = g.dim();
    let entry = |i: usize, j: usize| match &g.cov {
        Covariance::Dense(m) => g.enclosed(m[(i, j)]),
        _ if i == j => g.enclosed(g.variance(i)),
        _ => Interval::ZERO,
    };
    let point = |i: usize| Interval::point(v[i]);
    let row = |i: usize| (0..d).map(|j| entry(i, j) * point(j)).sum::<Interval>();
    let norm: Interval = (0..d).map(|i| point(i).sqr()).sum();
    (0..d).map(|i| point(i) * row(i)).sum::<Interval>() / norm
}

/// The largest curvature found.
fn steepest(mixture: &Mixture) -> Result<f64, String> {
    if mixture.dim() > 1 {
        let core = in_space(mixture).ok_or("a covariance is too close to singular")?;
        return hessian::search(&core.parts()).ok_or_else(|| "too many components or dimensions to look at".into());
    }
    let line = on_the_line(mixture);
    let size = |x: f64| {
        let curvature = line.curvature(Interval::point(x));
        curvature.lo().max(-curvature.hi())
    };
    let (a, b) = line.reach(9.0);
    let step = (b - a) / f64::from(PLACES);
    let grid = (0..=PLACES).map(|k| a + step * f64::from(k));
    let (mut best, mut middle) = grid.map(|x| (size(x), x)).max_by(|x, y| x.0.total_cmp(&y.0)).unwrap_or((0.0, a));
    // Halving the distance to the neighbours around the best place found so far.
    let mut reach = step;
    for _ in 0..40 {
        for x in [middle - reach, middle + reach] {
            let here = size(x);
            if here > best {
                (best, middle) = (here, x);
            }
        }
        reach *= 0.6;
    }
    // Far away the widest component rules.
    let far = line.precisions.iter().map(|a| a.lo()).fold(f64::INFINITY, f64::min);
    Ok(best.max(far))
}
