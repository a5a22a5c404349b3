//! The hypotheses that the statements about a reverse phase share.

use super::descent::{Descent, by_flow, by_sde, compared_at_stop};
use super::growth::growth;
use crate::bounds::hypotheses::finite_value;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::divergences::Divergence;

/// PMM-11, 14.
pub(super) const FLOW: Hypothesis = Hypothesis {
    says: "the sampler is the probability flow of OU or VP, after Langevin steps at the horizon or none",
    holds: |at| by_flow(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// PMM-12.
pub(super) const SDE: Hypothesis = Hypothesis {
    says: "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none",
    holds: |at| by_sde(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The output is compared with the noised target.
pub(super) const AT_STOP: Hypothesis = Hypothesis {
    says: "the output is compared with p_delta as it is",
    holds: |at| compared_at_stop(at).map_or_else(Holds::No, |()| Holds::Yes),
};

/// `p_delta` has a density.
pub(super) const SMOOTHED: Hypothesis = Hypothesis {
    says: "delta > 0, or p has a density",
    holds: |at| match Descent::of(at).and_then(|d| at.has_density_at(d.last)) {
        Ok(()) => Holds::Yes,
        Err(why) => Holds::No(why),
    },
};

/// `Lambda(T1) < inf`.
pub(super) const ONE_SIDED: Hypothesis = Hypothesis {
    says: "<x - y, s(t,x) - s(t,y)> <= L_t |x - y|^2 and E_{p_t} |e_t|^2 < inf, L_t and the errors integrable over [delta, T1]",
    holds: |at| match Descent::of(at).and_then(|d| growth(at, &d)) {
        Ok(growth) => growth.known(),
        Err(why) => {
            Holds::unknown(why, "a one-sided Lipschitz constant of the score and the size of its error at every level")
        }
    },
};

/// `W2(p_T1, q_T1) < inf`.
pub(super) const HORIZON_W2: Hypothesis =
    Hypothesis { says: "W2(p_T1, q_T1) < inf", holds: |at| finite_at_horizon(at, Divergence::W2, "W2(p_T1, q_T1)") };

pub(super) fn finite_at_horizon(at: &Instance, kind: Divergence, name: &str) -> Holds {
    finite_value(Descent::of(at).and_then(|d| d.at_horizon(at, kind)), name)
}
