//! PMM-14b: the probability flow from N(0, I), from the data to the output.

use super::assembled::{AT_DATA, SECOND_MOMENT, early, scale, second_moment, w2_of_limit, w2_to_data};
use super::descent::Descent;
use super::exact_example::{CLASSICAL, PRIOR};
use super::growth::growth;
use super::reverse_hypotheses::{FLOW, ONE_SIDED, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_w2_classical.md")]
pub static ASSEMBLED_W2_CLASSICAL: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/assembled-w2-classical",
    labels: &["PMM-14b"],
    title: "the classical flow from the data to the output, in W2",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_w2_classical.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-continuous-data", measured: w2_of_limit },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[FLOW, CLASSICAL, AT_DATA, PRIOR, SMOOTHED, SECOND_MOMENT, ONE_SIDED],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::flow::classical_flow,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let (growth, early, scale) = (growth(at, &descent)?, early(at, &descent)?, scale(&descent)?);
    let [horizon, _] = descent.times()?;
    // W2(p, N(0, I)), or at most the root of E|X|^2 + d.
    let crude = (second_moment(at) + at.dim() as f64).sqrt();
    let apart = w2_to_data(at, &at.start_law()).map_or(crude, |found| found.value);
    let handed = scale * growth.factor * (-horizon).exp() * apart;
    let errors = scale * growth.errors;
    let terms = vec![
        ("early stop", early),
        ("e^{Lambda(T1) - T1} W2(p, N(0, I))", handed),
        ("score error", errors),
        ("W2(p, N(0, I))", apart),
        ("e^Lambda(T1)", growth.factor),
    ];
    Ok(Bound { value: early + handed + errors, terms })
}
