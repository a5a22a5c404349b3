//! LLT-21 for the log-Sobolev constant (Barthe and Roberto), as recalled.

use super::lsi_constants::{LSI_LEAST, at_most};
use super::poincare_on_the_line::LINE;
use crate::bounds::{Bound, Instance, Provenance, Reference, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_on_the_line.md")]
pub static LSI_ON_THE_LINE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-on-the-line",
    labels: &["LLT-21c"],
    title: "log-Sobolev constant on the line by integrals, as recalled: C_LS <= 2 B'",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_on_the_line.md"),
    reference: Reference { key: "lee-lu-tan-2022", provenance: Provenance::Recalled { sure: "90 %" } },
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LINE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::on_the_line,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let found = constants::integrals(&at.density()?)?;
    let value = (Interval::point(found.lsi_upper) * 2.0).hi();
    Ok(at_most(value, vec![("b/2", Interval::point(0.5 * found.lsi_lower))]))
}
