//! The hypotheses that several theorems share, each a predicate that names what it found.

use super::lee_lu_tan_2022::{Condition, PathError, Setting};
use super::{Holds, Hypothesis, Instance, Pair, centred_variance};
use crate::divergences::Divergence;
use crate::laws::Start;
use crate::numerics::{Interval, Measured};
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

/// A constant is finite; numerically so where its upper end is not proved. Without an upper end it is infinite only where its
/// lower end is.
pub fn finite_constant(name: &str, constant: &Constant) -> Holds {
    let (lo, hi) = (constant.value.lo(), constant.value.hi());
    if hi.is_finite() {
        return match constant.upper.evidence.is_proved() {
            true => Holds::Yes,
            false => Holds::Numerically(format!("{name} <= {hi:.6} ({})", constant.upper.statement)),
        };
    }
    if lo == f64::INFINITY {
        return Holds::No(format!("{name} = inf ({})", constant.upper.statement));
    }
    Holds::unknown(
        format!("{name} >= {lo:.4e}, and nothing finite above it is known ({})", constant.upper.statement),
        format!("an upper bound of {name}"),
    )
}

/// `2 u^2 < 1`, for LLT-3a.
pub const STEP_EXACT: Hypothesis = Hypothesis {
    says: "2 (hL)^2 < 1",
    holds: |at| step_limit(at, |u| square_excess(2.0, u), ("1/sqrt 2", std::f64::consts::FRAC_1_SQRT_2)),
};

/// `3 u^2 < 1`, for LLT-4a.
pub const STEP_INEXACT: Hypothesis = Hypothesis {
    says: "3 (hL)^2 < 1",
    holds: |at| step_limit(at, |u| square_excess(3.0, u), ("1/sqrt 3", 1.0 / 3f64.sqrt())),
};

/// `h <= 1/(4L)`.
pub const STEP_QUARTER: Hypothesis =
    Hypothesis { says: "h <= 1/(4 L)", holds: |at| step_limit(at, |u| excess(4.0, u), ("1/4", 0.25)) };

/// `h <= 1/(6L)`.
pub const STEP_SIXTH: Hypothesis =
    Hypothesis { says: "h <= 1/(6 L)", holds: |at| step_limit(at, |u| excess(6.0, u), ("1/6", 1.0 / 6.0)) };

/// `k u - 1`, rounded once: its sign is that of the exact value.
fn excess(k: f64, u: f64) -> f64 {
    k.mul_add(u, -1.0)
}

/// `k u^2 - 1` for k = 2, 3, with the right sign: the square is taken as the sum of two doubles, and where `k u^2` is near 1
/// both of its products are exact.
fn square_excess(k: f64, u: f64) -> f64 {
    let square = u * u;
    k.mul_add(square, -1.0) + k * u.mul_add(u, -square)
}

/// Whether `excess(h L) <= 0`; `limit` is what that says about h L, in words and as a number. It is known to hold at the upper
/// end of L, and to fail at the lower one. No double is a root of 1/2 or 1/3, so a strict limit needs no other comparison.
fn step_limit(at: &Instance, excess: fn(f64) -> f64, limit: (&str, f64)) -> Holds {
    let (least, upper) = match (at.setting_least(), at.setting()) {
        (Ok(least), Ok(upper)) => (least.u().lo(), upper.u().hi()),
        (Err(why), _) | (_, Err(why)) => return Holds::No(why),
    };
    if excess(upper) <= 0.0 {
        return Holds::Yes;
    }
    let (a, b) = (apart(least, limit.1), apart(upper, limit.1));
    match excess(least) > 0.0 {
        true => Holds::No(format!("h L = {a}, allowed {}", limit.0)),
        false => {
            Holds::unknown(format!("h L is between {a} and {b}, allowed {}", limit.0), "a narrower enclosure of L")
        }
    }
}

/// `x` to at least 5 digits, and to as many more as tell it apart from `from`.
fn apart(x: f64, from: f64) -> String {
    let short = |digits: usize| (format!("{x:.digits$e}"), format!("{from:.digits$e}"));
    (4..17).map(short).find(|(a, b)| a != b).map_or_else(|| format!("{x:e}"), |(a, _)| a)
}

/// Turns a condition on the setting into an answer: it is known to hold at the upper ends of the constants, and to fail at
/// the lower ones.
#[must_use]
pub fn from_condition(at: &Instance, condition: impl Fn(&Setting) -> Condition) -> Holds {
    let (upper, least) = match (at.setting(), at.setting_least()) {
        (Ok(upper), Ok(least)) => (condition(&upper), condition(&least)),
        (Err(why), _) | (_, Err(why)) => return Holds::No(why),
    };
    if upper.holds() {
        return Holds::Yes;
    }
    let against = |c: &Condition| {
        let (found, limit) = (c.found.lo(), c.limit.hi());
        (apart(found, limit), apart(limit, found))
    };
    let (found, limit) = against(&least);
    if least.fails() {
        return Holds::No(format!("{found} against {limit}"));
    }
    let decides = "narrower enclosures of L and C_LS";
    let lower = against(&upper).1;
    Holds::unknown(format!("{} against a limit between {lower} and {limit}", against(&upper).0), decides)
}

/// Whether some parameters make a recursion contract: `size < 1` at the upper ends of the constants, by a closed form of what
/// the best parameters achieve.
#[must_use]
pub fn contracts(at: &Instance, size: impl Fn(&Setting) -> Interval, says: &str) -> Holds {
    match (at.setting(), at.setting_least()) {
        (Err(why), _) | (_, Err(why)) => Holds::No(why),
        (Ok(upper), Ok(least)) => contracts_between(&least, &upper, size, says),
    }
}

/// The same with the constants at their lower and at their upper ends.
#[must_use]
pub fn contracts_between(least: &Setting, upper: &Setting, size: impl Fn(&Setting) -> Interval, says: &str) -> Holds {
    let (least, upper) = (size(least), size(upper));
    if upper.hi() < 1.0 {
        return Holds::Yes;
    }
    let (a, b) = (apart(least.lo(), 1.0), apart(upper.hi(), 1.0));
    if least.lo() >= 1.0 {
        return Holds::No(format!("{says} = {a}, and less than 1 is needed"));
    }
    let decides = "narrower enclosures of L and C_LS";
    Holds::unknown(format!("{says} is between {a} and {b}, and less than 1 is needed"), decides)
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
    finite_value(at.between(pair, kind), name)
}

/// A number is finite; numerically so where its value is not proved.
#[must_use]
pub fn finite_value(found: Result<Measured, String>, name: &str) -> Holds {
    match found {
        Err(why) => Holds::unknown(why, format!("an engine for {name}")),
        Ok(Measured { value, evidence, .. }) if value.hi().is_finite() => {
            if evidence.is_proved() {
                Holds::Yes
            } else {
                Holds::Numerically(format!("{name} ({evidence})"))
            }
        }
        Ok(Measured { value, evidence, .. }) if value.lo() == f64::INFINITY && evidence.is_proved() => {
            Holds::No(format!("{name} = inf"))
        }
        Ok(Measured { value, evidence, .. }) => Holds::unknown(
            format!("{name} is only known to be in {value} ({evidence})"),
            format!("an upper bound of {name}, or a proof that it is infinite"),
        ),
    }
}

/// The start is that of samplers that know nothing of the data.
pub const STANDARD_START: Hypothesis = Hypothesis {
    says: "q_0 = N(0, I)",
    holds: |at| match &at.start {
        Start::Density(law) => match centred_variance(law) {
            Ok(1.0) => Holds::Yes,
            Ok(v) => Holds::No(format!("its variance is {v}")),
            Err(why) => Holds::No(why),
        },
        Start::Points(_) | Start::Box(_) | Start::Product(_) => Holds::No("it has atoms, or jumps".into()),
    },
};

/// sup |e| is finite.
pub const BOUNDED_ERROR: Hypothesis = Hypothesis {
    says: "sup |e| < inf",
    holds: |at| match at.error_sup().is_finite() {
        true => Holds::Yes,
        false if at.has_affine_error() => Holds::No("the error is unbounded".into()),
        false => Holds::unknown("no finite bound of |e| is known in double precision", "a smaller error"),
    },
};

/// `E_p |e|^2` is finite.
pub const SQUARE_INTEGRABLE: Hypothesis = Hypothesis {
    says: "E_p |e|^2 <= epsilon^2 < inf",
    holds: |at| match at.epsilon().hi().is_finite() {
        true => at.error_sizes([at.level]),
        false => Holds::unknown("no finite bound of epsilon is known", "an enclosure of epsilon"),
    },
};

/// `E_{q_k}|e|^2` is bounded along the chain.
pub const PATH_ERROR: Hypothesis =
    Hypothesis { says: "E_{q_k} |e|^2 <= tau^2 for k < N", holds: |at| bounded_path(at.path_error()) };

/// The same along the error-free chain.
pub const TWIN_PATH_ERROR: Hypothesis =
    Hypothesis { says: "E_{q_k^0} |e|^2 < inf for k < N", holds: |at| bounded_path(at.twin_path_error()) };

fn bounded_path(path: Result<&PathError, String>) -> Holds {
    let decides = "a bound of the mean square of the error along the chain";
    match path {
        Err(why) => Holds::unknown(why, decides),
        Ok(path) if !path.largest().hi().is_finite() => Holds::unknown("no finite bound of it is known", decides),
        Ok(path) if path.proved => Holds::Yes,
        Ok(_) => Holds::Numerically("the mean square of the error along the chain, computed on a grid".into()),
    }
}

/// There is an error, and it vanishes somewhere.
pub const BAD_SET: Hypothesis = Hypothesis {
    says: "the bad set {e != 0} has p(B) < 1",
    holds: |at| match at.exceedance(0.0) {
        Err(why) => Holds::unknown(why, "an enclosure of p(e != 0)"),
        Ok(_) if at.is_exact() => Holds::No("the score is exact: there is no bad set".into()),
        Ok(mass) if mass.lo() >= 1.0 => Holds::No("the error is nowhere 0".into()),
        Ok(_) => Holds::Yes,
    },
};

/// D_k is known along the error-free chain.
pub const CHI_PATH: Hypothesis = Hypothesis {
    says: "chi2(qbar_k | p) <= D_k^2 < inf for k <= N",
    holds: |at| match at.twin_chi() {
        Err(why) => Holds::unknown(why, "chi2 of every law of the error-free chain"),
        Ok(path) if path.is_finite() => path.doubt.clone().map_or(Holds::Yes, Holds::Numerically),
        Ok(path) if path.is_infinite() && path.doubt.is_none() => Holds::No("chi2(qbar_k | p) = inf for some k".into()),
        Ok(_) => Holds::unknown("no finite bound of chi2(qbar_k | p) is known for some k", "an upper bound of it"),
    },
};
