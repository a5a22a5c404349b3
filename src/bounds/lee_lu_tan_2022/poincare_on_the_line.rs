//! LLT-21: the Poincare constant on the line by Muckenhoupt's integrals, from above.

use super::REFERENCE;
use super::lsi_constants::{POINCARE_LEAST, at_most, speaks};
use crate::bounds::{Bound, Hypothesis, Instance, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_on_the_line.md")]
pub static POINCARE_ON_THE_LINE: Theorem = Theorem {
    id: "lee-lu-tan-2022/poincare-on-the-line",
    labels: &["LLT-21"],
    title: "Poincare constant on the line by integrals: C_P <= 4 B",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/poincare_on_the_line.md"),
    reference: REFERENCE,
    about: POINCARE_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LINE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::on_the_line,
};

/// d = 1.
pub(super) const LINE: Hypothesis =
    Hypothesis { says: "p is a law on the line", holds: |at| speaks(at, constants::integrals) };

fn bound(at: &Instance) -> Result<Bound, String> {
    let b = constants::integrals(&at.density()?)?.poincare;
    let value = (Interval::point(b.hi()) * 4.0).hi();
    Ok(at_most(value, vec![("B", b)]))
}
