//! PMM-16c: the exact example, classical reverse SDE.

use super::REFERENCE;
use super::exact_example::{ALONG_MU, CLASSICAL, Example, UNIT, worst_sign};
use super::reverse_hypotheses::{AT_STOP, SDE};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_sde.md")]
pub static EXACT_SDE: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/exact-sde",
    labels: &["PMM-16c"],
    title: "the exact example: the classical reverse SDE, whose error saturates",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_sde.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-worst-sign", measured: worst_sign },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[SDE, CLASSICAL, AT_STOP, STANDARD_START, UNIT, ALONG_MU],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::flow::exact_sde,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let Example { mu, epsilon, horizon, early, .. } = Example::of(at)?;
    let start = mu * (early - horizon * 2.0).exp();
    let error = -(epsilon * (early - horizon).exp_m1()) * 2.0;
    Ok(Bound { value: start + error, terms: vec![("|mu| e^{-2 T1 + delta}", start), ("score error", error)] })
}
