//! LLT-14: uniform steps: the discretisation costs h times one Fisher information.

use super::path_hypotheses::{EXPONENTIAL_MINUS, KNOWN, SMOOTHED, SQUARE_INTEGRABLE};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{STANDARD_START, finite_value};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_uniform.md")]
pub static PATH_KL_UNIFORM: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-uniform",
    labels: &["LLT-14"],
    title: "uniform steps: the discretisation costs h times one Fisher information",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_uniform.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPONENTIAL_MINUS, STANDARD_START, UNIFORM, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, TO_GAMMA],
    bound,
    profile: None,
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_uniform,
};

/// Every step is the same, and at most 1.
const UNIFORM: Hypothesis = Hypothesis {
    says: "h_k = h <= 1 for all k",
    holds: |at| {
        let lengths = |at: &Instance| at.route().map(|route| route.predictors().map(|p| p.h).collect::<Vec<_>>());
        let all = match lengths(at) {
            Ok(all) if !all.is_empty() => all,
            Ok(_) => return Holds::No("it takes no step".into()),
            Err(why) => return Holds::No(why),
        };
        match all.iter().find(|h| !h.overlaps(all[0])) {
            Some(h) => Holds::No(format!("steps of {:e} and {:e}", all[0].mid(), h.mid())),
            None if all[0].lo() > 1.0 => Holds::No(format!("h = {:e}", all[0].mid())),
            None => Holds::Yes,
        }
    },
};

/// The end is known to be near gamma.
const TO_GAMMA: Hypothesis =
    Hypothesis { says: "KL(p_delta | gamma) < inf", holds: |at| finite_value(to_gamma(at), "KL(p_delta | gamma)") };

/// `KL(p_delta | gamma)`, gamma being the start.
fn to_gamma(at: &Instance) -> Result<Measured, String> {
    at.start_to(at.route()?.last, Divergence::KlReverse)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let path = at.reverse_path()?;
    let forgotten = (-(path.length() * 2.0)).exp() * to_gamma(at)?.value;
    let h = path.steps.iter().map(|s| s.h).reduce(Interval::hull).ok_or("the program has no steps")?;
    let error: Interval = path.steps.iter().map(|s| s.h * s.epsilon_squared).sum();
    let discretisation = h * path.end.relative;
    let cross: Interval = path.steps.iter().map(|s| cross(s.h, s.epsilon_squared, s.relative)).sum();
    Ok(Bound {
        value: forgotten + error + discretisation + cross,
        terms: vec![
            ("e^{-2(T-delta)} KL(p_delta | gamma)", forgotten),
            ("score error", error),
            ("discretisation", discretisation),
            ("cross", cross),
        ],
    })
}

/// `h^2 (1 + h) epsilon sqrt I`.
fn cross(h: Interval, epsilon_squared: Interval, relative: Interval) -> Interval {
    h.sqr() * (h + 1.0) * (epsilon_squared * relative.max(Interval::ZERO)).sqrt()
}
