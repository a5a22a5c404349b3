//! PMM-15b: the reverse SDE from N(0, I), in total variation.

use super::descent::Descent;
use super::exact_example::CLASSICAL;
use super::kl_to_prior::kl_to_prior_parts;
use super::noised::{SECOND_MOMENT, second_moment};
use super::reverse_hypotheses::{AT_STOP, SDE, SMOOTHED};
use super::reverse_path::{KNOWN, terms};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv_classical.md")]
pub static ASSEMBLED_TV_CLASSICAL: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/assembled-tv-classical",
    labels: &["PMM-15b"],
    title: "the classical reverse SDE in TV: all of it under one root",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv_classical.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[SDE, CLASSICAL, AT_STOP, STANDARD_START, SMOOTHED, SECOND_MOMENT, KNOWN],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1)), guarantee("step", "accuracy", (2, 1))],
    draw: draws::flow::classical_sde,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let [horizon, _] = Descent::of(at)?.times()?;
    let [signal, noise] = kl_to_prior_parts((horizon * -2.0).exp(), second_moment(at)?, at.dim() as f64);
    let start = signal + noise;
    let path = terms(at)?;
    let reverse = (path.discretisation.sqrt() + path.error.sqrt()).sqr();
    let terms = vec![
        ("KL(p_T1 | N(0, I))", start),
        ("Path", reverse),
        ("discretisation", path.discretisation),
        ("score error", path.error),
    ];
    Ok(Bound { value: ((start + reverse) * 0.5).sqrt(), terms })
}
