//! Chi-squared between a law at one noise level and at another: what LLT-9a, 9b and 9c have in common, and the ladder of a
//! sampler's levels.

use crate::bounds::{Bound, Family, Holds, Hypothesis, Instance, centred_variance};
use crate::divergences::Divergence;
use crate::laws::Start;
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::targets::Gaussian;
use nalgebra::DVector;

/// How far the variance of a start may be from that of its noise level, relatively, for it to be meant as that.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Two Gaussians of one mixing law: `N(m' x, sigma'^2 I)` against `N(m x, sigma^2 I)`, averaged over x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoisePair {
    /// `a - 1`, with `a = sigma'^2/sigma^2`.
    pub excess: Interval,
    /// `(m - m')^2/(sigma^2 (2 - a))`, the c of `E exp(c |x|^2)`; `+inf` unless `a < 2`.
    pub tilt: Interval,
}

impl NoisePair {
    /// From `sigma'^2`, `sigma^2` and `m - m'`.
    #[must_use]
    pub fn new(wide: Interval, narrow: Interval, shift: Interval) -> Self {
        let excess = (wide - narrow) / narrow;
        let rest = 1.0 - excess;
        let tilt = match rest {
            _ if rest.hi() <= 0.0 => Interval::INFINITY,
            _ if shift == Interval::ZERO => Interval::ZERO,
            _ if rest.lo() <= 0.0 => Interval::new(0.0, f64::INFINITY),
            _ => shift.sqr() / (narrow * rest),
        };
        Self { excess, tilt }
    }

    /// An upper bound of chi-squared, given `ln E exp(c |x|^2)` at [`NoisePair::tilt`] (LLT-9; joint convexity).
    ///
    /// ```text
    /// (a (2 - a))^{-d/2} E exp(c |x|^2) - 1,     a (2 - a) = 1 - (a - 1)^2
    /// ```
    #[must_use]
    pub fn chi2(&self, dim: usize, ln_moment: Interval) -> Interval {
        let square = self.excess.sqr();
        let spread = match square {
            _ if square.lo() >= 1.0 => Interval::INFINITY,
            _ if square.hi() >= 1.0 => Interval::new(0.0, f64::INFINITY),
            _ => -(-square).ln_1p() * (0.5 * dim as f64),
        };
        (spread + ln_moment).exp_m1().max(Interval::ZERO)
    }
}

/// Two consecutive noise levels of a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelPair {
    /// The level it comes from, as a rule the wider one.
    pub from: NoiseLevel,
    /// The level it goes to.
    pub to: NoiseLevel,
    /// What LLT-9 needs of the two.
    pub pair: NoisePair,
    /// The bound of `chi2(p_from | p_to)`: LLT-9a for VE, LLT-9b for OU; `+inf` where they say nothing.
    pub bound: Interval,
}

impl LevelPair {
    fn new(at: &Instance, family: Family, from: NoiseLevel, to: NoiseLevel) -> Result<Self, String> {
        let ([m_wide, wide], [m, narrow]) = (enclosed(from)?, enclosed(to)?);
        let shift = match family {
            Family::Ve => Interval::ZERO,
            Family::Ou => m - m_wide,
        };
        let pair = NoisePair::new(wide, narrow, shift);
        let bound = pair.chi2(at.dim(), ln_moment(at, pair.tilt)?);
        Ok(Self { from, to, pair, bound })
    }

    /// `chi2(p_from | p_to)` itself.
    ///
    /// # Errors
    /// When there is no engine for it.
    pub fn chi2(&self, at: &Instance) -> Result<Measured, String> {
        at.between_levels(self.from, self.to, Divergence::ChiSquared)
    }
}

/// alpha and sigma^2 of a noise level, with the rounding that laws at this level carry.
pub(in crate::bounds) fn enclosed(level: NoiseLevel) -> Result<[Interval; 2], String> {
    let about_one = Gaussian::about(DVector::from_element(1, 1.0), level).map_err(|why| why.to_string())?;
    Ok([about_one.mean_enclosed(0), about_one.variance_enclosed(0)])
}

/// `ln E exp(c |x|^2)` of the data.
fn ln_moment(at: &Instance, c: Interval) -> Result<Interval, String> {
    if c == Interval::ZERO || c == Interval::INFINITY {
        return Ok(c);
    }
    at.target.data().map(|data| data.ln_exponential_moment(c)).ok_or_else(|| NO_DATA.into())
}

const ONE_LEVEL: &str = "the sampler works at one noise level only";

const NO_DATA: &str = "the law before noise has no closed form";

/// The consecutive noise levels of a sampler in its order, that at which the output is compared included and the data
/// themselves left out: the whole list behind LLT-9a and LLT-9b.
///
/// # Errors
/// When the program is not a way through noise levels, or the data have no closed form where their tails matter.
pub fn level_pairs(at: &Instance) -> Result<Vec<LevelPair>, String> {
    let route = at.route()?;
    let levels: Vec<NoiseLevel> = route.levels().into_iter().filter(|level| level.sigma > 0.0).collect();
    levels.windows(2).map(|pair| LevelPair::new(at, route.family, pair[0], pair[1])).collect()
}

/// The pair of consecutive levels at which bound/truth is smallest, and the truth there. A pair whose truth is not measured
/// is taken only if that of none is.
///
/// # Errors
/// As [`level_pairs`], or when there are no two levels.
pub fn tightest_pair(at: &Instance) -> Result<(LevelPair, Result<Measured, String>), String> {
    let ratio = |pair: &LevelPair, chi2: &Result<Measured, String>| match chi2 {
        Ok(chi2) if chi2.value.hi() > 0.0 => pair.bound.lo() / chi2.value.hi(),
        _ => f64::INFINITY,
    };
    let all = level_pairs(at)?.into_iter().map(|pair| (pair, pair.chi2(at)));
    let least = all.min_by(|(a, x), (b, y)| ratio(a, x).total_cmp(&ratio(b, y)));
    least.ok_or_else(|| ONE_LEVEL.into())
}

/// `chi2(p_from | p_to)` at the tightest pair: the left-hand side of LLT-9a and LLT-9b.
pub(super) fn measured(at: &Instance) -> Result<Measured, String> {
    tightest_pair(at)?.1
}

/// Their right-hand side there.
pub(super) fn bound(at: &Instance) -> Result<Bound, String> {
    let (LevelPair { from, to, pair, bound }, _) = tightest_pair(at)?;
    let pairs = level_pairs(at)?.len() as f64;
    let mut terms = vec![
        ("a - 1", pair.excess),
        ("sigma'", from.sigma.into()),
        ("sigma", to.sigma.into()),
        ("pairs", pairs.into()),
    ];
    if pair.tilt != Interval::ZERO {
        terms.push(("ln E exp", ln_moment(at, pair.tilt)?));
    }
    Ok(Bound { value: bound, terms })
}

/// The sampler passes through levels of one process.
pub(super) fn runs_through(at: &Instance, family: Family) -> Holds {
    match at.route() {
        Err(why) => Holds::No(why),
        Ok(route) if route.family != family => Holds::No(match route.family {
            Family::Ou => "its levels shrink the data".into(),
            Family::Ve => "its levels do not shrink the data".into(),
        }),
        Ok(_) => match level_pairs(at) {
            Ok(pairs) if pairs.is_empty() => Holds::No(ONE_LEVEL.into()),
            _ => Holds::Yes,
        },
    }
}

/// Consecutive levels are close enough.
pub(super) const RATIOS: Hypothesis = Hypothesis {
    says: "sigma'^2 < 2 sigma^2 for consecutive levels",
    holds: |at| match level_pairs(at) {
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
        Ok(pairs) => Holds::all(pairs.iter().map(|LevelPair { from, to, pair, .. }| {
            let (lo, hi) = (pair.excess.lo(), pair.excess.hi());
            let found = || {
                format!("sigma = {:.4e} to {:.4e}: the ratio of their squares is {:.6}", from.sigma, to.sigma, 1.0 + lo)
            };
            match (hi < 1.0, lo >= 1.0) {
                (true, _) => Holds::Yes,
                (_, true) => Holds::No(found()),
                _ => Holds::unknown(found(), "levels that do not sit on the limit"),
            }
        })),
    },
};

/// `E exp(c |x|^2)` is finite for every pair of levels.
pub(super) const LEVEL_MOMENTS: Hypothesis = Hypothesis {
    says: "E exp((m - m')^2 |x|^2/(sigma^2 (2 - a))) < inf",
    holds: |at| match level_pairs(at) {
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
        Ok(pairs) => Holds::all(pairs.iter().map(|pair| finite_moment(at, pair.pair.tilt))),
    },
};

fn finite_moment(at: &Instance, c: Interval) -> Holds {
    match ln_moment(at, c) {
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
        Ok(log) if log.hi().is_finite() => Holds::Yes,
        Ok(log) if log.lo() == f64::INFINITY => Holds::No(format!("it is infinite: c = {:.4e}", c.lo())),
        Ok(_) => {
            Holds::unknown(format!("no finite bound of it is known: c = {:.4e}", c.hi()), "a narrower enclosure of c")
        }
    }
}

/// The first level of a VE sampler, which has noise.
pub(super) fn ve_start(at: &Instance) -> Result<NoiseLevel, String> {
    let route = at.route()?;
    match route.family {
        Family::Ou => Err("its levels shrink the data".into()),
        Family::Ve if route.first.sigma > 0.0 => Ok(route.first),
        Family::Ve => Err("its first score is that of the data".into()),
    }
}

/// What LLT-9c needs of the start `N(0, s I)` and the first level: `m' = 0`, `m = 1`, and s is `sigma^2` up to rounding.
fn start_pair(at: &Instance) -> Result<NoisePair, String> {
    let Start::Density(start) = &at.start else { return Err("it has atoms, or jumps".into()) };
    let (found, [_, wanted]) = (centred_variance(start)?, enclosed(ve_start(at)?)?);
    if (found - wanted.mid()).abs() > ROUNDING * found {
        return Err(format!("its variance is {found:.6e}, that of the level {:.6e}", wanted.mid()));
    }
    Ok(NoisePair::new(found.into(), wanted, Interval::ONE))
}

/// `E_p exp(|x|^2/sigma^2) - 1`, the bound LLT-9c of `chi2(N(0, sigma^2 I) | p_sigma)` at the first level.
///
/// # Errors
/// When the start is another law, or the data have no closed form.
pub fn start_chi2(at: &Instance) -> Result<Interval, String> {
    let pair = start_pair(at)?;
    Ok(pair.chi2(at.dim(), ln_moment(at, pair.tilt)?))
}

/// The first level is one of VE.
pub(super) const VE_START: Hypothesis = Hypothesis {
    says: "the first level is one of VE with sigma > 0",
    holds: |at| ve_start(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The start is pure noise.
pub(super) const NOISE_START: Hypothesis = Hypothesis {
    says: "the start is N(0, sigma^2 I) of the first level",
    holds: |at| start_pair(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The data have lighter tails than the noise.
pub(super) const START_MOMENT: Hypothesis = Hypothesis {
    says: "E_p exp(|x|^2/sigma^2) < inf at the first level",
    holds: |at| match start_pair(at) {
        Err(why) => Holds::No(why),
        Ok(pair) => finite_moment(at, pair.tilt),
    },
};
