//! PMM-2a, third part: W2 to pure noise along the forward process.

use super::noised::{SECOND_MOMENT, START_LEVEL, from_start, start_level, w2_from_data};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::laws::Start;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/w2_to_prior_contracts.md")]
pub static W2_TO_PRIOR_CONTRACTS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/w2-to-prior-contracts",
    labels: &["PMM-2a-w2"],
    title: "W2 between noised data and pure noise contracts like e^-T",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/w2_to_prior_contracts.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-to-prior", measured: |at| from_start(at, Divergence::W2) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, STANDARD_START, SECOND_MOMENT],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 1))],
    draw: draws::noised::to_prior_in_w2,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let level = start_level(at)?;
    let Start::Density(start) = &at.start else { return Err("the start has atoms, or jumps".into()) };
    let before = w2_from_data(at, start.clone())?.value;
    Ok(Bound { value: level.a * before, terms: vec![("W2(p, N(0, I))", before), ("T", level.time)] })
}
