//! The path of a reverse SDE after what happens at the horizon (PMM-13).

use super::descent::{by_sde, route};
use super::reverse_hypotheses::finite_at_horizon;
use crate::bounds::{Holds, Hypothesis, Instance, PathTerms, ReversePath, Share};
use crate::divergences::Divergence;
use crate::samplers::{ReversePhase, Scheme};

/// The path and its scheme.
///
/// # Errors
/// When the sampler is none, or something is not known at a level.
pub(super) fn path(at: &Instance) -> Result<(ReversePath, Scheme), String> {
    let ReversePhase::Sde(scheme) = by_sde(at)?.phase else { return Err("its steps add no noise".into()) };
    let way = route(at)?;
    Ok((ReversePath::along(at, &way)?, scheme))
}

/// The terms of LLT-12a, b or c.
pub(super) fn terms(at: &Instance) -> Result<PathTerms, String> {
    path(at).map(|(path, scheme)| path.terms(scheme))
}

/// Those of each step.
pub(super) fn shares(at: &Instance) -> Result<Vec<Share>, String> {
    path(at).map(|(path, scheme)| path.shares(scheme))
}

/// What the path is made of is known.
pub(super) const KNOWN: Hypothesis = Hypothesis {
    says: "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level",
    holds: |at| match path(at) {
        Err(why) => Holds::unknown(why, "the entropy and the Fisher information of p, and the errors, at every level"),
        Ok((path, _)) if !path.end.second_moment.is_finite() => {
            Holds::unknown("no finite bound of E|x|^2 is known in double precision", "an upper bound of it")
        }
        Ok((path, _)) if !path.steps.iter().all(|step| step.epsilon_squared.is_finite()) => {
            Holds::unknown("no finite bound of the error is known at some level", "a smaller error")
        }
        Ok((path, _)) => {
            let sizes = at.error_sizes(path.levels);
            Holds::all([path.doubt.map_or(Holds::Yes, Holds::Numerically), sizes])
        }
    },
};

/// `TV(p_T1, q_T1)` is known.
pub(super) const HORIZON_TV: Hypothesis =
    Hypothesis { says: "TV(p_T1, q_T1) is known", holds: |at| finite_at_horizon(at, Divergence::Tv, "TV(p_T1, q_T1)") };

/// `KL(p_T1 | q_T1) < inf`.
pub(super) const HORIZON_KL: Hypothesis = Hypothesis {
    says: "KL(p_T1 | q_T1) < inf",
    holds: |at| finite_at_horizon(at, Divergence::KlReverse, "KL(p_T1 | q_T1)"),
};
