//! LLT-9b: how far apart consecutive noise levels of OU and VP may be.

use super::REFERENCE;
use super::levels::{LEVEL_MOMENTS, RATIOS, bound, measured, runs_through};
use crate::bounds::{Family, Hypothesis, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/ou_levels.md")]
pub static OU_LEVELS: Theorem = Theorem {
    id: "lee-lu-tan-2022/ou-levels",
    labels: &["LLT-9b"],
    title: "consecutive OU levels are close in chi-squared where the data have light tails",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/ou_levels.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "chi2-between-levels", measured },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[THROUGH_OU, RATIOS, LEVEL_MOMENTS],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::ou_levels,
};

const THROUGH_OU: Hypothesis =
    Hypothesis { says: "the sampler runs through several levels of OU", holds: |at| runs_through(at, Family::Ou) };
