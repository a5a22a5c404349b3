//! LLT-18e: sums of independent variables, as at noise levels.

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most};
use super::lsi_lipschitz_image::{LSI_BEFORE, before};
use crate::bounds::{Bound, Instance, Relation, Theorem, draws};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_convolution.md")]
pub static LSI_CONVOLUTION: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-convolution",
    labels: &["LLT-18e"],
    title: "log-Sobolev constant at a noise level",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_convolution.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LSI_BEFORE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::noised,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let scaled = Interval::point(at.level.alpha).sqr() * before(at);
    let noise = Interval::point(at.level.sigma).sqr();
    Ok(at_most((scaled + noise).hi(), vec![("alpha^2 C", scaled), ("sigma^2", noise)]))
}
