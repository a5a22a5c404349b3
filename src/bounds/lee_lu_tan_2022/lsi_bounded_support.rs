//! LLT-18g, PMM-4a, 4b and 4g: mixing laws inside a ball.

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most, speaks};
use crate::bounds::{Bound, Hypothesis, Instance, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_bounded_support.md")]
pub static LSI_BOUNDED_SUPPORT: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-bounded-support",
    labels: &["LLT-18g", "PMM-4a", "PMM-4b", "PMM-4g"],
    title: "log-Sobolev constant of Gaussians around means in a ball",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_bounded_support.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[COMMON],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::noised::in_a_ball,
};

/// One covariance for all components.
pub(super) const COMMON: Hypothesis =
    Hypothesis { says: "p = nu * N(0, S), nu in a ball", holds: |at| speaks(at, constants::bounded_support) };

fn bound(at: &Instance) -> Result<Bound, String> {
    let ball = constants::bounded_support(&at.density()?)?;
    let rest = 1.0 - ball.radius_sqr;
    let log_concave = if rest.lo() > 0.0 { ball.variance / rest } else { Interval::INFINITY };
    let terms = vec![
        ("R^2/sigma^2", ball.radius_sqr),
        ("lambda-max", ball.variance),
        ("C_P", ball.upper.poincare.into()),
        ("log-concave", log_concave),
    ];
    Ok(at_most(ball.upper.lsi, terms))
}
