//! Data at a level of OU and what starts there, in the words of PMM-2 and PMM-3.

use crate::bounds::hypotheses::finite_value;
use crate::bounds::lee_lu_tan_2022::{enclosed_level, stopped_at};
use crate::bounds::{Family, Holds, Hypothesis, Instance};
use crate::divergences::Divergence;
use crate::laws::{Law, Start, align};
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::targets::{Covariance, Data, Density, Gaussian, Moments};
use nalgebra::DVector;

/// How far a number of a start may be from what is meant, in roundings of the sizes it is formed from.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// A level of OU, each number with the rounding that laws at this level carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OuLevel {
    /// The level.
    pub level: NoiseLevel,
    /// The level by which the instance knows it: that of the data for a target that was noised before.
    pub asked: NoiseLevel,
    /// t.
    pub time: Interval,
    /// `a = e^-t`.
    pub a: Interval,
    /// `u = e^-2t`.
    pub u: Interval,
    /// `q = 1 - u`.
    pub q: Interval,
}

impl OuLevel {
    /// Reads a level.
    ///
    /// # Errors
    /// When it is none of OU.
    pub fn of(level: NoiseLevel, asked: NoiseLevel) -> Result<Self, String> {
        let found = || format!("alpha = {}, sigma = {} is no level of OU", level.alpha, level.sigma);
        let time = Family::Ou.time(level).ok_or_else(found)?;
        let [a, variance] = enclosed_level(level)?;
        let square = a.sqr();
        let u = square.intersect(1.0 - variance).unwrap_or(square);
        let q = variance.intersect(1.0 - square).unwrap_or(variance);
        Ok(Self { level, asked, time, a, u, q })
    }

    /// `u/q = 1/(e^2t - 1)`.
    #[must_use]
    pub fn signal(&self) -> Interval {
        self.u / self.q
    }
}

/// The law before noise and the level, of a target that was noised before and is met at that level only.
fn before(at: &Instance) -> Option<(Data, NoiseLevel)> {
    let only = at.level.is_data() && at.program.levels().iter().all(|level| level.is_data());
    at.target.before().filter(|_| only)
}

/// The level of OU at which a sampler takes its first score; without a sampler, that of the instance.
///
/// # Errors
/// When it is none of OU, or has no noise.
pub fn start_level(at: &Instance) -> Result<OuLevel, String> {
    if let Some((_, level)) = before(at) {
        return OuLevel::of(level, at.level);
    }
    let first = at.program.levels().first().copied().unwrap_or(at.level);
    if first.sigma == 0.0 {
        return Err("it has no noise".into());
    }
    OuLevel::of(first, first)
}

/// The level of OU at which a sampler stops; without a sampler, that of the instance.
///
/// # Errors
/// When it is none of OU, or has no noise.
pub fn stop_level(at: &Instance) -> Result<OuLevel, String> {
    if let Some((_, level)) = before(at) {
        return OuLevel::of(level, at.level);
    }
    let (level, _) = stopped_at(at)?;
    OuLevel::of(level, level)
}

/// The level of the instance itself.
pub(in crate::bounds) fn own_level(at: &Instance) -> NoiseLevel {
    before(at).map_or(at.level, |(_, level)| level)
}

/// D(q_0, p) at the level of the start.
pub(super) fn from_start(at: &Instance, kind: Divergence) -> Result<Measured, String> {
    at.start_to(start_level(at)?.asked, kind)
}

/// D(q_0, p) before noise.
pub(super) fn from_start_to_data(at: &Instance, kind: Divergence) -> Result<Measured, String> {
    let Some((data, _)) = before(at) else { return at.start_to(NoiseLevel::DATA, kind) };
    let p = data.noised(NoiseLevel::DATA).ok_or("the data have atoms, or jumps")?;
    let start = at.start_law()?;
    let p = align(&p, &start).map_err(|why| why.to_string())?;
    kind.between(&start, &p).map_err(|why| why.to_string())
}

/// The data in closed form.
pub(in crate::bounds) fn data(at: &Instance) -> Result<Data, String> {
    let known = before(at).map(|(data, _)| data).or_else(|| at.target.data());
    known.ok_or_else(|| "the law before noise has no closed form".into())
}

/// W2 of the data, which may have atoms, and a law with a density.
pub(super) fn w2_from_data(at: &Instance, other: Density) -> Result<Measured, String> {
    let data = Law::closed(&data(at)?).map_err(|why| why.to_string())?;
    Divergence::W2.between(&data, &Law::Closed(other)).map_err(|why| why.to_string())
}

/// The level of the start is one of OU.
pub(super) const START_LEVEL: Hypothesis = Hypothesis {
    says: "the first level is one of OU with sigma > 0",
    holds: |at| start_level(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The level at which a sampler stops is one of OU.
pub(super) const STOP_LEVEL: Hypothesis = Hypothesis {
    says: "the sampler stops at a level of OU with sigma > 0",
    holds: |at| stop_level(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// `E|X|^2`, with atoms or without.
///
/// # Errors
/// When the law before noise has no closed form.
pub(super) fn second_moment(at: &Instance) -> Result<Interval, String> {
    data(at).map(|data| data.second_moment())
}

/// Second moments are finite.
pub(super) const SECOND_MOMENT: Hypothesis = Hypothesis {
    says: "E|X|^2 < inf",
    holds: |at| match second_moment(at) {
        Ok(moment) if moment.is_finite() => Holds::Yes,
        Ok(_) => Holds::unknown("no finite bound of it is known in double precision", "smaller data"),
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
    },
};

/// The data are not singular to N(0, I).
pub(super) const DATA_KL: Hypothesis = Hypothesis {
    says: "KL(p | N(0, I)) < inf",
    holds: |at| match data(at) {
        Ok(data) if data.has_atoms() => Holds::No("the data have atoms".into()),
        _ => finite_value(from_start_to_data(at, Divergence::KlReverse), "KL(p | N(0, I))"),
    },
};

/// A start `N(m, q I)` of the level, and `E|a X - m|^2` with `|a E X - m|^2`.
fn warm_start(at: &Instance) -> Result<(Gaussian, Moments), String> {
    let level = start_level(at)?;
    let Start::Density(start) = &at.start else { return Err("it has atoms, or jumps".into()) };
    let start = start.as_gaussian().ok_or("it is not Gaussian")?;
    let data = data(at)?;
    let (wanted, found) = (level.q.mid(), isotropic(&start)?);
    if (found - wanted).abs() > ROUNDING * wanted {
        return Err(format!("its variance is {found:.6e}, that of the level {wanted:.6e}"));
    }
    let moments = data.moments_about(level.a, &start.mean);
    // The mean is a product and a sum of numbers no larger than these.
    let size = level.u * data.moments_about(Interval::ONE, &DVector::zeros(data.dim())).second;
    let shift = moments.mean_sqr.lo().sqrt();
    if shift > ROUNDING * (size.hi().sqrt() + 1.0) {
        return Err(format!("its mean is {shift:.4e} away from alpha E X"));
    }
    Ok((start.into_owned(), moments))
}

/// The variance of `N(m, v I)`.
fn isotropic(law: &Gaussian) -> Result<f64, String> {
    let same = (1..law.dim()).all(|i| law.variance(i) == law.variance(0));
    match &law.cov {
        Covariance::Dense(_) if law.dim() > 1 => Err("its covariance is a full matrix".into()),
        _ if same => Ok(law.variance(0)),
        _ => Err("its coordinates differ in variance".into()),
    }
}

/// The start is the Gaussian with the mean of the noised data and the variance of the noise.
pub(super) const WARM: Hypothesis = Hypothesis {
    says: "the start is N(alpha E X, sigma^2 I) of the first level",
    holds: |at| warm_start(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// `ln D = E|a X - m|^2/(2 q)` of PMM-2c, m being the mean of the start: `u V/(2 q)` for `m = a E X`.
///
/// # Errors
/// When the start is no warm start.
pub fn ln_warm_ratio(at: &Instance) -> Result<Interval, String> {
    let (_, Moments { second, mean_sqr }) = warm_start(at)?;
    // The rounding of m, for chi-squared: E exp(<x - m, d>/q) = exp(|d|^2/(2 q)).
    let rounding = Interval::new(0.0, mean_sqr.hi());
    Ok((second + rounding) / (start_level(at)?.q * 2.0))
}

/// TV of a warm start and `N(a E X, q I)`: `|dm|/(2 sd) + d |dv|/(2 v)` (Pinsker, with `x - ln(1 + x) <= x^2`).
///
/// # Errors
/// When the start is no warm start.
pub fn warm_rounding(at: &Instance) -> Result<Interval, String> {
    let (start, Moments { mean_sqr, .. }) = warm_start(at)?;
    let q = start_level(at)?.q;
    let shift = Interval::point(mean_sqr.hi()).sqrt() + Interval::point(start.mean.norm()) * start.rounding();
    let wider = Interval::point(((start.variance_enclosed(0) - q) / q).magnitude());
    Ok((shift / q.sqrt() + wider * at.dim() as f64) * 0.5)
}
