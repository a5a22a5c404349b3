//! PMM-2a, second part: KL to pure noise along the forward process.

use super::noised::{DATA_KL, START_LEVEL, from_start, from_start_to_data, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_to_prior_contracts.md")]
pub static KL_TO_PRIOR_CONTRACTS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/kl-to-prior-contracts",
    labels: &["PMM-2a-kl"],
    title: "KL between noised data and pure noise contracts like e^-2T",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_to_prior_contracts.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-to-prior", measured: |at| from_start(at, Divergence::KlReverse) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, STANDARD_START, DATA_KL],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 2))],
    draw: draws::noised::with_density,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let level = start_level(at)?;
    let before = from_start_to_data(at, Divergence::KlReverse)?.value;
    Ok(Bound { value: level.u * before, terms: vec![("KL(p | N(0, I))", before), ("T", level.time)] })
}
