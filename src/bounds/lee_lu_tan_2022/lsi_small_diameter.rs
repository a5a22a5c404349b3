//! LLT-18h: means within one standard deviation, as recalled.

use super::lsi_bounded_support::COMMON;
use super::lsi_constants::LSI_LEAST;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Provenance, Reference, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_small_diameter.md")]
pub static LSI_SMALL_DIAMETER: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-small-diameter",
    labels: &["LLT-18h"],
    title: "log-Sobolev constant of Gaussians around means within one standard deviation, as recalled",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_small_diameter.md"),
    reference: Reference { key: "lee-lu-tan-2022", provenance: Provenance::Recalled { sure: "90 %" } },
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[COMMON, CLOSE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::small_diameter,
};

/// The diameter is at most sigma.
const CLOSE: Hypothesis = Hypothesis {
    says: "the means are within one standard deviation of each other",
    holds: |at| match diameter_sqr(at) {
        Ok(found) if found.hi() <= 1.0 => Holds::Yes,
        Ok(found) if found.lo() > 1.0 => Holds::No(format!("their diameter is {:.4} sigma", found.lo().sqrt())),
        Ok(found) => Holds::unknown(format!("its square is in {found}"), "a narrower enclosure of the diameter"),
        Err(why) => Holds::No(why),
    },
};

fn diameter_sqr(at: &Instance) -> Result<Interval, String> {
    constants::diameter_sqr(&at.density()?)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let variance = constants::bounded_support(&at.density()?)?.variance;
    let value = variance * 6.0 * (1.0 + Interval::ONE.exp());
    Ok(Bound { value, terms: vec![("diameter^2/sigma^2", diameter_sqr(at)?), ("sigma^2", variance)] })
}
