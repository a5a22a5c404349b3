//! PMM-2c in chi-squared: how far a warm start is from noised data.

use super::noised::{SECOND_MOMENT, START_LEVEL, WARM, from_start, ln_warm_ratio, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/warm_start_chi2.md")]
pub static WARM_START_CHI2: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/warm-start-chi2",
    labels: &["PMM-2c-chi2"],
    title: "a warm start is close to noised data in chi-squared",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/warm_start_chi2.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "chi2-warm", measured: |at| from_start(at, Divergence::ChiSquared) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, SECOND_MOMENT, WARM],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 2)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::warm,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let log = ln_warm_ratio(at)?;
    Ok(Bound { value: log.exp_m1(), terms: vec![("D", log.exp()), ("T", start_level(at)?.time)] })
}
