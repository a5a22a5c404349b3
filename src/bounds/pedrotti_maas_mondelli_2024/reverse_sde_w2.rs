//! PMM-12: the reverse SDE in W2, in continuous time.

use super::flow_w2::{drift_apart, error_shares, w2_continuous};
use super::reverse_hypotheses::{AT_STOP, HORIZON_W2, ONE_SIDED, SDE, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::{Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_w2.md")]
pub static REVERSE_SDE_W2: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/reverse-sde-w2",
    labels: &["PMM-12"],
    title: "the reverse SDE in W2: twice the score, twice the error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_w2.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-continuous", measured: w2_continuous },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[SDE, AT_STOP, SMOOTHED, HORIZON_W2, ONE_SIDED],
    bound: drift_apart,
    profile: Some(error_shares),
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::flow::continuous_sde,
};
