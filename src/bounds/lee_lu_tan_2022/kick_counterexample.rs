//! LLT-7b: a one-sided kick.

use super::REFERENCE;
use super::smooth_counterexample::STANDARD_NORMAL;
use crate::bounds::general::count;
use crate::bounds::hypotheses::LMC;
use crate::bounds::{
    Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, as_kick, centred_variance, draws,
};
use crate::divergences::Divergence;
use crate::laws::Start;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/kick_counterexample.md")]
pub static KICK_COUNTEREXAMPLE: Theorem = Theorem {
    id: "lee-lu-tan-2022/kick-counterexample",
    labels: &["LLT-7b"],
    title: "a one-sided kick: how soon it can be felt",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/kick_counterexample.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTwin, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, STANDARD_NORMAL, KICK, SHORT_STEP, CENTRED_START],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::kick,
};

/// The error is a kick.
const KICK: Hypothesis = Hypothesis {
    says: "e = A 1{v.x > R} v with A > 0",
    holds: |at| as_kick(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// h < 2, so that the error-free chain is stable.
const SHORT_STEP: Hypothesis = Hypothesis {
    says: "h < 2",
    holds: |at| match at.lmc() {
        Ok(lmc) if lmc.step < 2.0 => Holds::Yes,
        Ok(lmc) => Holds::No(format!("h = {}", lmc.step)),
        Err(why) => Holds::No(why),
    },
};

/// q_0 = N(0, v_0 I).
const CENTRED_START: Hypothesis =
    Hypothesis { says: "q_0 = N(0, v_0 I)", holds: |at| start_variance(at).map_or_else(Holds::No, |_| Holds::Yes) };

fn start_variance(at: &Instance) -> Result<f64, String> {
    match &at.start {
        Start::Density(start) => centred_variance(start),
        Start::Points(_) | Start::Box(_) | Start::Product(_) => Err("q_0 has atoms, or jumps".into()),
    }
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (kick, lmc, start) = (as_kick(at)?, at.lmc()?, start_variance(at)?);
    let mut first = 0;
    let mut value = Interval::ZERO;
    for &(clean, steps) in &lmc.runs {
        if !clean {
            value += kick.felt_by(lmc.step, start, first, first + steps);
        }
        first += steps;
    }
    Ok(Bound {
        value,
        terms: vec![
            ("epsilon", kick.epsilon()),
            ("tv-stationary", kick.stationary_tv()),
            ("time", count(lmc.steps) * lmc.step),
            ("mean-escape-time", kick.mean_escape_time()),
        ],
    })
}
