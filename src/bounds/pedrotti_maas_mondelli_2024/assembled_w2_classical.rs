//! PMM-14b: the probability flow from N(0, I), from the data to the output.

use super::assembled::{AT_DATA, early, scale, w2_of_limit};
use super::descent::Descent;
use super::exact_example::CLASSICAL;
use super::growth::growth;
use super::noised::{SECOND_MOMENT, second_moment};
use super::reverse_hypotheses::{FLOW, ONE_SIDED, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{STANDARD_START, finite_value};
use crate::bounds::{Bound, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Measured;
use crate::processes::NoiseLevel;

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
    hypotheses: &[FLOW, CLASSICAL, AT_DATA, STANDARD_START, SMOOTHED, SECOND_MOMENT, APART, ONE_SIDED],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::flow::classical_flow,
};

/// The bound is as well known as this distance.
const APART: Hypothesis =
    Hypothesis { says: "W2(p, N(0, I)) < inf", holds: |at| finite_value(from_prior_to_data(at), "W2(p, N(0, I))") };

/// `W2(p, N(0, I))`; where it has no engine, what it is at most: the root of `E|X|^2 + d`.
fn from_prior_to_data(at: &Instance) -> Result<Measured, String> {
    let crude = |_| second_moment(at).map(|second| Measured::exact((second + at.dim() as f64).sqrt()));
    at.start_to(NoiseLevel::DATA, Divergence::W2).or_else(crude)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let (growth, early, scale) = (growth(at, &descent)?, early(at, &descent)?, scale(&descent)?);
    let [horizon, _] = descent.times()?;
    let apart = from_prior_to_data(at)?.value;
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
