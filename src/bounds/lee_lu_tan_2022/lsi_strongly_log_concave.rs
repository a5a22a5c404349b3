//! LLT-18b: strongly log-concave laws.

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_strongly_log_concave.md")]
pub static LSI_STRONGLY_LOG_CONCAVE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-strongly-log-concave",
    labels: &["LLT-18b"],
    title: "log-Sobolev constant of a strongly log-concave law",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_strongly_log_concave.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[CONVEX],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::close_modes,
};

/// alpha > 0.
const CONVEX: Hypothesis = Hypothesis {
    says: "-Hess ln p >= alpha I with alpha > 0",
    holds: |at| match at.density().map(|p| constants::convexity(&p)) {
        Err(why) => at.without_closed_form(at.level, why),
        Ok(Err(why)) => Holds::unknown(why, "a lower bound of -Hess ln p"),
        Ok(Ok(found)) if found.least.lo() > 0.0 => Holds::Yes,
        Ok(Ok(found)) if found.seen <= 0.0 => Holds::No(format!("-Hess ln p takes the value {:.4e}", found.seen)),
        Ok(Ok(found)) => Holds::unknown(
            format!("alpha is between {:.4e} and {:.4e}", found.least.lo(), found.seen),
            "a narrower enclosure of alpha",
        ),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let p = at.density()?;
    Ok(at_most(constants::log_concave_upper(&p)?, vec![("alpha", constants::convexity(&p)?.least)]))
}
