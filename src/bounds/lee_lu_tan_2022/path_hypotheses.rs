//! The hypotheses that the statements about the path-KL of a reverse SDE share.

use crate::bounds::hypotheses::finite_value;
use crate::bounds::{Family, Holds, Hypothesis, Instance};
use crate::divergences::Divergence;
use crate::numerics::Measured;
use crate::samplers::Scheme;

/// LLT-12a.
pub(in crate::bounds) const EXPONENTIAL: Hypothesis = Hypothesis {
    says: "the sampler is the reverse SDE of OU or VP, exponential scheme",
    holds: |at| reverse_sde(at, Family::Ou, Scheme::Exponential),
};

/// LLT-12b, 14, 15.
pub(super) const EXPONENTIAL_MINUS: Hypothesis = Hypothesis {
    says: "the sampler is the reverse SDE of OU or VP, exponential-minus scheme",
    holds: |at| reverse_sde(at, Family::Ou, Scheme::ExponentialMinus),
};

/// LLT-12c.
pub(super) const EULER: Hypothesis = Hypothesis {
    says: "the sampler is the reverse SDE of OU or VP, Euler-Maruyama scheme",
    holds: |at| reverse_sde(at, Family::Ou, Scheme::EulerMaruyama),
};

/// LLT-12VE.
pub(super) const EXPLODING: Hypothesis = Hypothesis {
    says: "the sampler is the reverse SDE of VE",
    holds: |at| reverse_sde(at, Family::Ve, Scheme::EulerMaruyama),
};

fn reverse_sde(at: &Instance, family: Family, scheme: Scheme) -> Holds {
    let found = at.route().and_then(|route| {
        route.only_predicts()?;
        if route.family != family {
            return Err(match route.family {
                Family::Ou => "its noise levels are those of OU or VP".to_string(),
                Family::Ve => "its noise levels are those of VE".to_string(),
            });
        }
        match route.scheme()? {
            own if own == scheme => Ok(()),
            own => Err(format!("its scheme is {own}")),
        }
    });
    found.map_or_else(Holds::No, |()| Holds::Yes)
}

/// LLT-12d.
pub(super) const GAUSSIAN_STEPS: Hypothesis = Hypothesis {
    says: "every step goes from one noise level of OU, VP or VE to the next, with noise v_k > 0",
    holds: |at| {
        let found = at.route().and_then(|route| {
            route.only_predicts()?;
            match route.predictors().find(|p| p.kernel.noise <= 0.0) {
                Some(p) => Err(format!("the step at sigma = {:e} adds no noise", p.from.sigma)),
                None => Ok(()),
            }
        });
        found.map_or_else(Holds::No, |()| Holds::Yes)
    },
};

/// `p_delta` has a density.
pub(in crate::bounds) const SMOOTHED: Hypothesis = Hypothesis {
    says: "delta > 0, or p has a density",
    holds: |at| at.has_density_at(at.level).map_or_else(Holds::No, |()| Holds::Yes),
};

/// What the statements are made of is known.
pub(in crate::bounds) const KNOWN: Hypothesis = Hypothesis {
    says: "E|x|^2 < inf; H and J of p are known at every level",
    holds: |at| match at.reverse_path() {
        Err(why) => Holds::unknown(why, "the entropy and the Fisher information of p at every level"),
        Ok(path) if !path.end.second_moment.is_finite() => {
            Holds::unknown("no finite bound of E|x|^2 is known in double precision", "an upper bound of it")
        }
        Ok(path) => path.doubt.clone().map_or(Holds::Yes, Holds::Numerically),
    },
};

/// The error is square integrable at every level at which it acts.
pub(in crate::bounds) const SQUARE_INTEGRABLE: Hypothesis = Hypothesis {
    says: "E_{p_k} |e_k|^2 < inf at every level",
    holds: |at| match at.reverse_path() {
        Ok(path) if path.steps.iter().all(|step| step.epsilon_squared.is_finite()) => {
            at.error_sizes(path.levels.iter().copied())
        }
        Ok(_) => Holds::unknown("no finite bound of it is known at some level", "a smaller error"),
        Err(why) => Holds::unknown(why, "the errors at every level"),
    },
};

/// `KL(p_T | q_0) < inf`.
pub(in crate::bounds) const START: Hypothesis =
    Hypothesis { says: "KL(p_T | q_0) < inf", holds: |at| finite_value(start(at), "KL(p_T | q_0)") };

/// `KL(p_T | q_0)`.
pub(in crate::bounds) fn start(at: &Instance) -> Result<Measured, String> {
    at.start_to(at.route()?.first, Divergence::KlReverse)
}
