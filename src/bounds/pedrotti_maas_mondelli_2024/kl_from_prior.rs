//! PMM-2b: how far pure noise is from noised data.

use super::noised::{OuLevel, SECOND_MOMENT, START_LEVEL, from_start, second_moment, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_from_prior.md")]
pub static KL_FROM_PRIOR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/kl-from-prior",
    labels: &["PMM-2b"],
    title: "pure noise is close to noised data in KL, whatever the data",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_from_prior.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-from-prior", measured: |at| from_start(at, Divergence::Kl) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, STANDARD_START, SECOND_MOMENT],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 2)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::to_prior,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let level @ OuLevel { time, .. } = start_level(at)?;
    let (d, second, w) = (at.dim() as f64, second_moment(at)?, level.signal());
    let (signal, noise) = (w * second * 0.5, w.ln_1p_excess() * (0.5 * d));
    let closed = signal + w.sqr() * (0.25 * d);
    let terms = vec![("signal", signal), ("noise", noise), ("closed form", closed), ("T", time), ("E|X|^2", second)];
    Ok(Bound { value: signal + noise, terms })
}
