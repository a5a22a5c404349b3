//! LLT-20a: smoothness of Gaussians with one covariance.

use super::REFERENCE;
use super::lsi_bounded_support::COMMON;
use super::lsi_constants::{SMOOTHNESS_LEAST, at_most};
use crate::bounds::{Bound, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/smoothness_common_covariance.md")]
pub static SMOOTHNESS_COMMON_COVARIANCE: Theorem = Theorem {
    id: "lee-lu-tan-2022/smoothness-common-covariance",
    labels: &["LLT-20a"],
    title: "smoothness of Gaussians with one covariance",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/smoothness_common_covariance.md"),
    reference: REFERENCE,
    about: SMOOTHNESS_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[COMMON],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::common_covariance,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let value = constants::smoothness_of_common_covariance(&at.density()?)?;
    Ok(at_most(value, vec![("L", value.into())]))
}
