//! PMM-11: the probability flow in W2, in continuous time.

use super::descent::Descent;
use super::growth::growth;
use super::limit::limit_divergence;
use super::reverse_hypotheses::{AT_STOP, FLOW, HORIZON_W2, ONE_SIDED, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Share, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Measured;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/flow_w2.md")]
pub static FLOW_W2: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/flow-w2",
    labels: &["PMM-11"],
    title: "the probability flow in W2: what is handed over grows with the one-sided constants, errors on the way likewise",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/flow_w2.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-continuous", measured: w2_continuous },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[FLOW, AT_STOP, SMOOTHED, HORIZON_W2, ONE_SIDED],
    bound: drift_apart,
    profile: Some(error_shares),
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::flow::continuous,
};

/// `W2(p_delta, q_delta)` in continuous time; shared with PMM-12.
pub(super) fn w2_continuous(at: &Instance) -> Result<Measured, String> {
    limit_divergence(at, &Descent::of(at)?, Divergence::W2)
}

/// `e^Lambda(T1) W2(p_T1, q_T1)` and the errors on the way; shared with PMM-12.
pub(super) fn drift_apart(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let growth = growth(at, &descent)?;
    let start = descent.at_horizon(at, Divergence::W2)?.value;
    let handed = growth.factor * start;
    let terms = vec![
        ("handed over", handed),
        ("score error", growth.errors),
        ("W2(p_T1, q_T1)", start),
        ("e^Lambda(T1)", growth.factor),
    ];
    Ok(Bound { value: handed + growth.errors, terms })
}

/// What each step adds; shared with PMM-12.
pub(super) fn error_shares(at: &Instance) -> Result<Vec<Share>, String> {
    Ok(growth(at, &Descent::of(at)?)?.shares)
}
