//! PMM-3a: what stopping at a little noise costs in W2.

use super::noised::{OuLevel, SECOND_MOMENT, STOP_LEVEL, second_moment, stop_level, w2_from_data};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/early_stop_w2.md")]
pub static EARLY_STOP_W2: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/early-stop-w2",
    labels: &["PMM-3a"],
    title: "data under a little noise are close to themselves in W2, atoms or not",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/early_stop_w2.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "w2-stopped",
        measured: |at| w2_from_data(at, at.density_at(stop_level(at)?.asked)?),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[STOP_LEVEL, SECOND_MOMENT],
    bound,
    profile: None,
    exponents: &[guarantee("early-stop", "accuracy", (2, 1)), guarantee("early-stop", "dim", (-1, 1))],
    draw: draws::noised::stopped,
};

/// `(1 - e^-t)^2 E|X|^2` and `(1 - e^-2t) d`, the parts of the bound's square; `q = 1 - e^-2t`.
pub(super) fn stopping_parts(time: Interval, q: Interval, second_moment: Interval, dim: f64) -> [Interval; 2] {
    [(-time).exp_m1().sqr() * second_moment, q * dim]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let OuLevel { time, q, .. } = stop_level(at)?;
    let [shrunk, noise] = stopping_parts(time, q, second_moment(at)?, at.dim() as f64);
    Ok(Bound { value: (shrunk + noise).sqrt(), terms: vec![("shrinking^2", shrunk), ("noise^2", noise), ("t", time)] })
}
