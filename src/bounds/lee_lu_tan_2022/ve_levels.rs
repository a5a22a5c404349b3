//! LLT-9a: how far apart consecutive noise levels of VE may be.

use super::levels::{RATIOS, bound, measured, runs_through};
use super::{REFERENCE, guarantee};
use crate::bounds::{Family, Hypothesis, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/ve_levels.md")]
pub static VE_LEVELS: Theorem = Theorem {
    id: "lee-lu-tan-2022/ve-levels",
    labels: &["LLT-9a"],
    title: "consecutive VE levels are close in chi-squared, whatever the data",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/ve_levels.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "chi2-between-levels", measured },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[THROUGH_VE, RATIOS],
    bound,
    profile: None,
    exponents: &[guarantee("ratio-excess", "dim", (-1, 2)), guarantee("ratio-excess", "accuracy", (1, 2))],
    draw: draws::ve_ladder,
};

const THROUGH_VE: Hypothesis =
    Hypothesis { says: "the sampler runs through several levels of VE", holds: |at| runs_through(at, Family::Ve) };
