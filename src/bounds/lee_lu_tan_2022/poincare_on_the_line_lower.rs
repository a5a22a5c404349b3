//! LLT-21: the Poincare constant on the line by Muckenhoupt's integrals, from below.

use super::REFERENCE;
use super::lsi_constants::{at_most, lower_bound};
use super::poincare_on_the_line::LINE;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_on_the_line_lower.md")]
pub static POINCARE_ON_THE_LINE_LOWER: Theorem = Theorem {
    id: "lee-lu-tan-2022/poincare-on-the-line-lower",
    labels: &["LLT-21b"],
    title: "Poincare constant on the line by integrals: B/2 <= C_P",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_on_the_line_lower.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "muckenhoupt",
        measured: |at| lower_bound(0.5 * constants::integrals(&at.density()?)?.poincare.lo()),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LINE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::on_the_line,
};

/// The smallest upper bound of C_P that no integral of this kind takes part in.
fn bound(at: &Instance) -> Result<Bound, String> {
    let value = constants::poincare_upper(&at.density()?)?;
    Ok(at_most(value, vec![("C_P", value.into())]))
}
