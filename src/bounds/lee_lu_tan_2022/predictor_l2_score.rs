//! LLT-13b: the VE predictor with an L2-accurate score.

use super::cuts::cut_walk;
use super::stages::{
    LSI_ALONG, SHORT_PREDICTORS, SMOOTH_ALONG, SQUARE_INTEGRABLE_ALONG, START_ALONG, VE_PREDICTOR, stages,
};
use super::{REFERENCE, guarantee};
use crate::bounds::{Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_l2_score.md")]
pub static PREDICTOR_L2_SCORE: Theorem = Theorem {
    id: "lee-lu-tan-2022/predictor-l2-score",
    labels: &["LLT-13b"],
    title: "the reverse SDE (VE) with an L2-accurate score in TV",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_l2_score.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[VE_PREDICTOR, SMOOTH_ALONG, LSI_ALONG, SHORT_PREDICTORS, SQUARE_INTEGRABLE_ALONG, START_ALONG],
    bound: |at| Ok(cut_walk(at, &stages(at)?)?.bound()),
    profile: None,
    exponents: &[
        guarantee("step", "accuracy-chi", (2, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy-tv", (1, 1)),
        guarantee("epsilon", "accuracy-chi", (3, 1)),
        guarantee("epsilon", "dim", (-1, 1)),
    ],
    draw: draws::predictor_l2,
};
