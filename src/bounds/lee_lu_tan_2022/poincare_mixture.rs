//! LLT-19 for the Poincare constant.

use super::REFERENCE;
use super::lsi_constants::{POINCARE_LEAST, at_most};
use super::lsi_mixture::MIXTURE;
use crate::bounds::{Bound, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_mixture.md")]
pub static POINCARE_MIXTURE: Theorem = Theorem {
    id: "lee-lu-tan-2022/poincare-mixture",
    labels: &["LLT-19b"],
    title: "Poincare constant of a finite mixture",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_mixture.md"),
    reference: REFERENCE,
    about: POINCARE_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[MIXTURE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::mixture,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let upper = constants::mixture_upper(&at.density()?)?;
    Ok(at_most(upper.poincare, vec![("C_P", upper.poincare.into())]))
}
