//! LLT-18c: bounded perturbations (Holley-Stroock).

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most, speaks};
use crate::bounds::{Bound, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_bounded_perturbation.md")]
pub static LSI_BOUNDED_PERTURBATION: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-bounded-perturbation",
    labels: &["LLT-18c"],
    title: "log-Sobolev constant of a bounded perturbation",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_bounded_perturbation.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[BOUNDED],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::widest_component,
};

/// U is bounded for p_0 the widest component.
const BOUNDED: Hypothesis = Hypothesis {
    says: "p = e^-U p_0/Z with U bounded, p_0 the widest component",
    holds: |at| speaks(at, constants::perturbation),
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let found = constants::perturbation(&at.density()?)?;
    let value = found.base * found.oscillation.exp();
    Ok(at_most(value.hi(), vec![("osc-U", found.oscillation), ("C_0", found.base)]))
}
