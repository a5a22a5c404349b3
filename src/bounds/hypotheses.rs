//! The hypotheses that several theorems share, each a predicate that names what it found.

use super::lee_lu_tan_2022::{Condition, PathError};
use super::{Holds, Hypothesis, Instance, Pair};
use crate::divergences::Divergence;
use crate::numerics::Measured;
use crate::targets::Constant;

/// The program is Langevin Monte Carlo.
pub const LMC: Hypothesis = Hypothesis {
    says: "the sampler is LMC(h) at the noise level of p",
    holds: |at| at.lmc().map_or_else(Holds::No, |_| Holds::Yes),
};

/// No error.
pub const EXACT_SCORE: Hypothesis = Hypothesis {
    says: "the score is exact",
    holds: |at| {
        if at.is_exact() { Holds::Yes } else { Holds::No(format!("epsilon = {:.3e}", at.epsilon().hi())) }
    },
};

/// L is finite.
pub const SMOOTH: Hypothesis =
    Hypothesis { says: "p is L-smooth", holds: |at| finite_constant("L", &at.constants().lipschitz) };

/// C_LS is finite.
pub const LSI: Hypothesis =
    Hypothesis { says: "p satisfies LSI(C)", holds: |at| finite_constant("C_LS", &at.constants().lsi) };

/// A constant is finite; numerically so where its upper end is not proved.
pub fn finite_constant(name: &str, constant: &Constant) -> Holds {
    let hi = constant.value.hi();
    if !hi.is_finite() {
        return Holds::No(format!("{name} = inf ({})", constant.upper.statement));
    }
    if constant.upper.evidence.is_proved() {
        Holds::Yes
    } else {
        Holds::Numerically(format!("{name} <= {hi:.6} ({})", constant.upper.statement))
    }
}

/// `2 u^2 < 1`, for LLT-3a.
pub const STEP_EXACT: Hypothesis =
    Hypothesis { says: "2 (hL)^2 < 1", holds: |at| step_limit(at, 0.5_f64.sqrt() * (1.0 - 1e-15), "1/sqrt 2") };

/// `3 u^2 < 1`, for LLT-4a.
pub const STEP_INEXACT: Hypothesis =
    Hypothesis { says: "3 (hL)^2 < 1", holds: |at| step_limit(at, (1.0 / 3.0_f64).sqrt() * (1.0 - 1e-15), "1/sqrt 3") };

/// `h <= 1/(4L)`.
pub const STEP_QUARTER: Hypothesis = Hypothesis { says: "h <= 1/(4 L)", holds: |at| step_limit(at, 0.25, "1/4") };

/// `h <= 1/(6L)`.
pub const STEP_SIXTH: Hypothesis =
    Hypothesis { says: "h <= 1/(6 L)", holds: |at| step_limit(at, (1.0 / 6.0_f64).next_down(), "1/6") };

/// h L <= limit.
fn step_limit(at: &Instance, limit: f64, shown: &str) -> Holds {
    match at.setting() {
        Err(why) => Holds::No(why),
        Ok(setting) if setting.u().hi() <= limit => Holds::Yes,
        Ok(setting) => Holds::No(format!("h L = {:.4e}, allowed {shown}", setting.u().hi())),
    }
}

/// Turns a condition on the setting into an answer.
#[must_use]
pub fn from_condition(condition: &Condition) -> Holds {
    if condition.holds() {
        Holds::Yes
    } else {
        Holds::No(format!("{:.4e} against {:.4e}", condition.found.hi(), condition.limit.lo()))
    }
}

/// KL(q_0 | p) is finite.
pub const START_KL: Hypothesis =
    Hypothesis { says: "KL(q_0 | p) < inf", holds: |at| finite_start(at, Divergence::Kl, "KL(q_0 | p)") };

/// chi2(q_0 | p) is finite.
pub const START_CHI2: Hypothesis =
    Hypothesis { says: "chi2(q_0 | p) < inf", holds: |at| finite_start(at, Divergence::ChiSquared, "chi2(q_0 | p)") };

fn finite_start(at: &Instance, kind: Divergence, name: &str) -> Holds {
    finite(at, Pair::StartTarget, kind, name)
}

/// A divergence is finite; numerically so where its value is not proved.
pub fn finite(at: &Instance, pair: Pair, kind: Divergence, name: &str) -> Holds {
    match at.between(pair, kind) {
        Err(why) => Holds::No(why),
        Ok(Measured { value, evidence, .. }) if value.hi().is_finite() => {
            if evidence.is_proved() {
                Holds::Yes
            } else {
                Holds::Numerically(format!("{name} ({evidence})"))
            }
        }
        Ok(_) => Holds::No(format!("{name} = inf")),
    }
}

/// sup |e| is finite.
pub const BOUNDED_ERROR: Hypothesis = Hypothesis {
    says: "sup |e| < inf",
    holds: |at| if at.error_sup().is_finite() { Holds::Yes } else { Holds::No("the error is unbounded".into()) },
};

/// `E_p |e|^2` is finite.
pub const SQUARE_INTEGRABLE: Hypothesis = Hypothesis {
    says: "E_p |e|^2 <= epsilon^2 < inf",
    holds: |at| {
        if at.epsilon().hi().is_finite() { Holds::Yes } else { Holds::No("epsilon is not finite".into()) }
    },
};

/// `E_{q_k}|e|^2` is bounded along the chain.
pub const PATH_ERROR: Hypothesis =
    Hypothesis { says: "E_{q_k} |e|^2 <= tau^2 for k < N", holds: |at| bounded_path(at.path_error()) };

/// The same along the error-free chain.
pub const TWIN_PATH_ERROR: Hypothesis =
    Hypothesis { says: "E_{q_k^0} |e|^2 < inf for k < N", holds: |at| bounded_path(at.twin_path_error()) };

fn bounded_path(path: Result<&PathError, String>) -> Holds {
    match path {
        Err(why) => Holds::No(why),
        Ok(path) if !path.largest().hi().is_finite() => Holds::No("the mean square of the error is not bounded".into()),
        Ok(path) if path.proved => Holds::Yes,
        Ok(_) => Holds::Numerically("the mean square of the error along the chain, computed on a grid".into()),
    }
}

/// There is an error, and it vanishes somewhere.
pub const BAD_SET: Hypothesis = Hypothesis {
    says: "the bad set {e != 0} has p(B) < 1",
    holds: |at| match at.exceedance(0.0) {
        Err(why) => Holds::No(why),
        Ok(_) if at.is_exact() => Holds::No("the score is exact: there is no bad set".into()),
        Ok(mass) if mass.lo() >= 1.0 => Holds::No("the error is nowhere 0".into()),
        Ok(_) => Holds::Yes,
    },
};

/// D_k is known along the error-free chain.
pub const CHI_PATH: Hypothesis = Hypothesis {
    says: "chi2(qbar_k | p) <= D_k^2 < inf for k <= N",
    holds: |at| match at.twin_chi() {
        Err(why) => Holds::No(why),
        Ok(path) if path.is_finite() => path.doubt.clone().map_or(Holds::Yes, Holds::Numerically),
        Ok(_) => Holds::No("chi2(qbar_k | p) = inf for some k".into()),
    },
};
