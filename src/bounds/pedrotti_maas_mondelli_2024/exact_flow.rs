//! PMM-16a: the exact example, classical flow.

use super::REFERENCE;
use super::exact_example::{ALONG_MU, CLASSICAL, Example, UNIT, worst_sign};
use super::reverse_hypotheses::{AT_STOP, FLOW};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_flow.md")]
pub static EXACT_FLOW: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/exact-flow",
    labels: &["PMM-16a"],
    title: "the exact example: the classical flow, whose error has a best horizon",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_flow.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-worst-sign", measured: worst_sign },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[FLOW, CLASSICAL, AT_STOP, STANDARD_START, UNIT, ALONG_MU],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::flow::exact_flow,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let Example { mu, epsilon, horizon, early, .. } = Example::of(at)?;
    let (start, error) = (mu * (-horizon).exp(), epsilon * (horizon - early));
    Ok(Bound { value: start + error, terms: vec![("|mu| e^-T1", start), ("score error", error)] })
}
