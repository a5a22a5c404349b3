//! PMM-2a: how far noised data are from pure noise.

use super::noised::{OuLevel, SECOND_MOMENT, START_LEVEL, from_start, second_moment, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_to_prior.md")]
pub static KL_TO_PRIOR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/kl-to-prior",
    labels: &["PMM-2a"],
    title: "noised data are close to pure noise in KL, whatever the data",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/kl_to_prior.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-to-prior", measured: |at| from_start(at, Divergence::KlReverse) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, STANDARD_START, SECOND_MOMENT],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "accuracy", (-1, 2)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::to_prior,
};

/// `KL(p_T | N(0, I)) <= (u E|X|^2 + d (-u - ln(1 - u)))/2`, `u = e^{-2T}`: the part of the signal and that of the noise.
#[must_use]
pub fn kl_to_prior_parts(u: Interval, second_moment: Interval, dim: f64) -> [Interval; 2] {
    [u * second_moment * 0.5, (-u).ln_1p_excess() * (0.5 * dim)]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let OuLevel { time, u, q, .. } = start_level(at)?;
    let (d, second) = (at.dim() as f64, second_moment(at)?);
    let [signal, noise] = kl_to_prior_parts(u, second, d);
    let closed = signal + u.sqr() / q * (0.25 * d);
    let terms = vec![("signal", signal), ("noise", noise), ("closed form", closed), ("T", time), ("E|X|^2", second)];
    Ok(Bound { value: signal + noise, terms })
}
