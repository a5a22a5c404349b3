//! Gaussian data and affine errors whose coordinates do not influence each other.

use crate::bounds::Instance;
use crate::laws::{GaussianLaw, Law};
use crate::numerics::Interval;
use crate::targets::{Covariance, Data};

/// One coordinate: data `N(mean, variance)` before noise, error `c (slope x + offset)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinate {
    /// Its mean before noise.
    pub mean: Interval,
    /// Its variance before noise.
    pub variance: Interval,
    /// The slope of the unscaled error.
    pub slope: Interval,
    /// The unscaled error at 0.
    pub offset: Interval,
}

/// The coordinates of an instance.
///
/// # Errors
/// When the data are no Gaussian with independent coordinates, or the error couples coordinates or is not affine.
pub fn coordinates(at: &Instance) -> Result<Vec<Coordinate>, String> {
    let data = match at.target.data() {
        Some(Data::Density(density)) => density,
        _ => return Err("the data have no density in closed form".into()),
    };
    let gaussian = data.as_gaussian().ok_or("the data are not Gaussian")?;
    if matches!(&gaussian.cov, Covariance::Dense(_)) && gaussian.dim() > 1 {
        return Err("the coordinates of the data are correlated".into());
    }
    let error = match at.field.error.as_ref().filter(|_| at.field.has_error()) {
        None => None,
        Some(error) => Some(error.shape().and_then(|shape| shape.affine()).ok_or("the error is not affine")?),
    };
    let coordinate = |i: usize| {
        let (slope, offset) = match &error {
            None => (Interval::ZERO, Interval::ZERO),
            Some(map) => {
                let others = (0..gaussian.dim()).any(|j| j != i && map.matrix[(i, j)] != 0.0);
                if others || (map.matrix_error != 0.0 && gaussian.dim() > 1) {
                    return Err("the error couples the coordinates".to_string());
                }
                let slope = Interval::around(map.matrix[(i, i)], map.matrix_error);
                (slope, Interval::around(map.offset[i], map.offset_error))
            }
        };
        Ok(Coordinate { mean: gaussian.mean_enclosed(i), variance: gaussian.variance_enclosed(i), slope, offset })
    };
    (0..gaussian.dim()).map(coordinate).collect()
}

/// The means and variances of a law made of Gaussian laws with independent coordinates.
///
/// # Errors
/// When it is another law.
pub fn independent(law: &Law) -> Result<Vec<(Interval, Interval)>, String> {
    let none = || "the law at the horizon is no Gaussian with independent coordinates".to_string();
    match law {
        Law::Gaussian(law) => (0..law.dim()).map(|i| law.coordinate(i).ok_or_else(none)).collect(),
        Law::Closed(density) => {
            let gaussian = density.as_gaussian().ok_or_else(none)?;
            independent(&Law::Gaussian(GaussianLaw::exact(&gaussian)))
        }
        Law::Product(factors) => {
            let mut all = Vec::with_capacity(law.dim());
            for (factor, copies) in factors {
                let own = independent(factor)?;
                (0..*copies).for_each(|_| all.extend_from_slice(&own));
            }
            Ok(all)
        }
        _ => Err(none()),
    }
}
