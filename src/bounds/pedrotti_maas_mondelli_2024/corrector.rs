//! What the statements about the corrector share: inexact Langevin at one noise level, as a diffusion or as a chain.

use crate::bounds::general::count;
use crate::bounds::hypotheses::{finite_constant, finite_value};
use crate::bounds::{Holds, Hypothesis, Instance, Pair};
use crate::divergences::{Divergence, generator_information, hessian_information, ln_largest_ratio};
use crate::laws::{Law, Start};
use crate::numerics::{Interval, Measured};
use crate::targets::constants::convexity;
use crate::targets::{Covariance, Density, Gaussian, Mixture, Product, TargetError};

/// T2 = N h.
pub(super) fn time(at: &Instance) -> Result<Interval, String> {
    let lmc = at.lmc()?;
    Ok(count(lmc.steps) * lmc.step)
}

/// epsilon, from above; 0 when no step sees the error.
pub(super) fn epsilon(at: &Instance) -> Interval {
    if at.is_exact() { Interval::ZERO } else { Interval::point(at.epsilon().hi()) }
}

/// sup |e|, from above; 0 when no step sees the error.
pub(super) fn sup_epsilon(at: &Instance) -> Interval {
    if at.is_exact() { Interval::ZERO } else { Interval::point(at.error_sup()) }
}

/// C, from above.
pub(super) fn lsi(at: &Instance) -> Interval {
    Interval::point(at.lsi())
}

/// `KL(q_0 | p)`.
pub(super) fn start_kl(at: &Instance) -> Result<Interval, String> {
    Ok(at.between(Pair::StartTarget, Divergence::Kl)?.value)
}

/// One score for the whole run.
pub(super) const ONE_SCORE: Hypothesis = Hypothesis {
    says: "every step sees the same score",
    holds: |at| match at.lmc().map(|lmc| (lmc.clean_steps(), lmc.steps)) {
        Ok((clean, all)) if clean > 0 && clean < all && !at.is_exact() => {
            Holds::No(format!("the error is switched off in {clean} of {all} steps"))
        }
        _ => Holds::Yes,
    },
};

/// The largest m known with `<x - y, s(x) - s(y)> <= -m |x - y|^2`.
pub(super) fn contraction(at: &Instance) -> Result<f64, String> {
    match at.is_exact() {
        true => Ok(convexity(&at.density()?)?.least.lo()),
        false => Ok(-at.one_sided_at(at.level)?),
    }
}

/// s has a one-sided Lipschitz constant.
pub(super) const ONE_SIDED: Hypothesis = Hypothesis {
    says: "<x - y, s(x) - s(y)> <= -m |x - y|^2 for some real m",
    holds: |at| {
        let decides = "a one-sided Lipschitz constant of the score";
        match contraction(at) {
            Ok(m) if m.is_finite() => Holds::Yes,
            Ok(_) => Holds::unknown("none is known: the error jumps, or grows too fast", decides),
            Err(why) => Holds::unknown(why, decides),
        }
    },
};

/// `W2(q_0, p)` is finite.
pub(super) const START_W2: Hypothesis = Hypothesis {
    says: "W2(q_0, p) < inf",
    holds: |at| finite_value(at.between(Pair::StartTarget, Divergence::W2), "W2(q_0, p)"),
};

/// `G = E_p |grad g|_F^2` from above, and what that rests on: its own enclosure where that is proved, else `d L^2`.
pub(super) fn hessian_energy(at: &Instance) -> (f64, Holds) {
    let proved = |m: &Measured| m.evidence.is_proved() && m.value.is_finite();
    match at.density().ok().and_then(|p| hessian_information(&p).ok()).filter(proved) {
        Some(found) => (found.value.hi(), Holds::Yes),
        None => {
            let bound = Interval::point(at.dim() as f64) * Interval::point(at.smoothness()).sqr();
            (bound.hi(), finite_constant("L", &at.constants().lipschitz))
        }
    }
}

/// G is finite.
pub(super) const HESSIAN_ENERGY: Hypothesis =
    Hypothesis { says: "G = E_p |grad g|_F^2 < inf", holds: |at| hessian_energy(at).1 };

/// `Lg = (E_p |Delta g + (grad g) g|^2)^{1/2}` from above; `+inf` where it is not proved.
pub(super) fn generator_size(at: &Instance) -> f64 {
    let found = at.density().ok().and_then(|p| generator_information(&p).ok());
    found.filter(|m| m.evidence.is_proved()).map_or(f64::INFINITY, |m| m.value.sqrt().hi())
}

/// How much narrower than the start the law is from which a bounded density ratio is taken, where the start itself has none.
const NARROWER: f64 = 1e-12;

/// A start whose density ratio to the target is bounded.
#[derive(Clone, Debug)]
pub(super) struct Warm {
    /// `ln D`, from above.
    pub(super) ln_ratio: Interval,
    /// The start, or one narrower by a hair.
    law: Option<Density>,
    /// Their distance in total variation, from above.
    pub(super) moved: Interval,
}

impl Warm {
    /// `D = sup dq_0/dp`. At a noise level the start `N(a EX, q I)` and the components of the target have the same variance but for the
    /// last digits, and the ratio of the laws as they are rounded may be unbounded: then a start narrower by 1e-12 is taken, and
    /// its distance from the start is a term of the bound.
    pub(super) fn of(at: &Instance) -> Result<Self, String> {
        let Start::Density(start) = &at.start else { return Err("the start has atoms, or jumps".into()) };
        let p = at.density()?;
        let ln_ratio = Interval::point(ln_largest_ratio(start, &p));
        if ln_ratio.is_finite() {
            return Ok(Self { ln_ratio, law: None, moved: Interval::ZERO });
        }
        let law = narrowed(start).map_err(|e| e.to_string())?;
        let ln_ratio = Interval::point(ln_largest_ratio(&law, &p));
        Ok(Self { ln_ratio, moved: distance(start), law: Some(law) })
    }

    /// KL of the start to the target, at most `ln D`.
    pub(super) fn kl(&self, at: &Instance) -> Result<Interval, String> {
        let own = match &self.law {
            None => start_kl(at),
            Some(law) => at.to_target(&Law::Closed(law.clone()), Divergence::Kl).map(|found| found.value),
        };
        Ok(own.unwrap_or(Interval::INFINITY).min(self.ln_ratio))
    }
}

/// `dq_0/dp` is bounded.
pub(super) const DENSITY_RATIO: Hypothesis = Hypothesis {
    says: "dq_0/dp <= D < inf",
    holds: |at| match (&at.start, Warm::of(at)) {
        (Start::Points(_) | Start::Box(_) | Start::Product(_), _) => Holds::No("q_0 has atoms, or jumps".into()),
        (_, Ok(warm)) if warm.ln_ratio.is_finite() => Holds::Yes,
        (_, Ok(_)) => {
            Holds::unknown("no bound of dq_0/dp is known", "a start narrower than the target in every direction")
        }
        (_, Err(why)) => Holds::unknown(why, "a bound of dq_0/dp"),
    },
};

/// All variances multiplied by `1 - NARROWER`.
fn narrowed(law: &Density) -> Result<Density, TargetError> {
    let gaussian = |g: &Gaussian| {
        let factor = 1.0 - NARROWER;
        let cov = match &g.cov {
            Covariance::Isotropic(v) => Covariance::Isotropic(v * factor),
            Covariance::Diagonal(v) => Covariance::Diagonal(v * factor),
            Covariance::Dense(m) => Covariance::Dense(m * factor),
        };
        Gaussian::new(g.mean.clone(), cov)
    };
    Ok(match law {
        Density::Gaussian(g) => Density::Gaussian(gaussian(g)?),
        Density::Mixture(m) => {
            let components = m.components.iter().map(gaussian).collect::<Result<_, _>>()?;
            Density::Mixture(Mixture::new(m.weights.clone(), components)?)
        }
        Density::Product(p) => {
            let factors = p.factors.iter().map(|(f, copies)| Ok((narrowed(f)?, *copies)));
            Density::Product(Product::new(factors.collect::<Result<_, TargetError>>()?)?)
        }
    })
}

/// TV between a law and the narrowed one, the rounding of both included: `|dm|/(2 sd) + |dv/v|/2` in each coordinate (Pinsker, with
/// `x - ln(1 + x) <= x^2`), at most as much between mixtures as between their components, at most the sum over blocks.
fn distance(law: &Density) -> Interval {
    match law {
        Density::Gaussian(g) => {
            let rounding = g.rounding() + 4.0 * f64::EPSILON;
            // The covariances are proportional but for rounding, so all directions change alike.
            let one = |i: usize| {
                let shift = Interval::point(g.mean[i].abs()) * rounding / g.variance_enclosed(i).sqrt();
                (shift + NARROWER + 2.0 * rounding) * 0.5
            };
            (0..g.dim()).map(one).sum()
        }
        Density::Mixture(m) => {
            let each = m.components.iter().map(|c| distance(&Density::Gaussian(c.clone())));
            each.fold(Interval::ZERO, Interval::max)
        }
        Density::Product(p) => p.factors.iter().map(|(f, copies)| distance(f) * *copies as f64).sum(),
    }
}
