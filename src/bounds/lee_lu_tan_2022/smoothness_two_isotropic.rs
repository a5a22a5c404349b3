//! LLT-20b: smoothness of two isotropic Gaussians.

use super::REFERENCE;
use super::lsi_constants::{SMOOTHNESS_LEAST, at_most, speaks};
use crate::bounds::{Bound, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/smoothness_two_isotropic.md")]
pub static SMOOTHNESS_TWO_ISOTROPIC: Theorem = Theorem {
    id: "lee-lu-tan-2022/smoothness-two-isotropic",
    labels: &["LLT-20b"],
    title: "smoothness of two isotropic Gaussians of different variance",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/smoothness_two_isotropic.md"),
    reference: REFERENCE,
    about: SMOOTHNESS_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[TWO],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::two_isotropic,
};

/// Two isotropic components of different variance.
const TWO: Hypothesis = Hypothesis {
    says: "p has two isotropic components of different variance",
    holds: |at| speaks(at, constants::smoothness_of_two_isotropic),
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let value = constants::smoothness_of_two_isotropic(&at.density()?)?;
    Ok(at_most(value.hi(), vec![("L", value)]))
}
