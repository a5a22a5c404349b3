//! PMM-2c: how far a warm start is from noised data.

use super::noised::{SECOND_MOMENT, START_LEVEL, WARM, from_start, ln_warm_ratio, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/warm_start_kl.md")]
pub static WARM_START_KL: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/warm-start-kl",
    labels: &["PMM-2c"],
    title: "a warm start is close to noised data in KL",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/warm_start_kl.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-warm", measured: |at| from_start(at, Divergence::Kl) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, SECOND_MOMENT, WARM],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 2)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::warm,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let value = ln_warm_ratio(at)?;
    Ok(Bound { value, terms: vec![("D", value.exp()), ("T", start_level(at)?.time)] })
}
