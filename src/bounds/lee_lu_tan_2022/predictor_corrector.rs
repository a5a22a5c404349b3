//! LLT-16: the VE predictor with Langevin correctors, in any order.

use super::cuts::cut_walk;
use super::stages::{
    LSI_ALONG, SHORT_CORRECTORS, SHORT_PREDICTORS, SMOOTH_ALONG, SQUARE_INTEGRABLE_ALONG, START_ALONG,
    VE_PREDICTOR_CORRECTOR, stages,
};
use super::{REFERENCE, guarantee};
use crate::bounds::{Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_corrector.md")]
pub static PREDICTOR_CORRECTOR: Theorem = Theorem {
    id: "lee-lu-tan-2022/predictor-corrector",
    labels: &["LLT-16"],
    title: "predictor-corrector (VE) with an L2-accurate score in TV",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_corrector.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[
        VE_PREDICTOR_CORRECTOR,
        SMOOTH_ALONG,
        LSI_ALONG,
        SHORT_PREDICTORS,
        SHORT_CORRECTORS,
        SQUARE_INTEGRABLE_ALONG,
        START_ALONG,
    ],
    bound: |at| Ok(cut_walk(at, &stages(at)?)?.bound()),
    profile: None,
    exponents: &[
        guarantee("predictor-step", "accuracy-chi", (0, 1)),
        guarantee("predictor-step", "dim", (-1, 1)),
        guarantee("corrector-step", "accuracy-chi", (2, 1)),
        guarantee("corrector-step", "dim", (-1, 1)),
        guarantee("predictor-epsilon", "accuracy-tv", (1, 1)),
        guarantee("predictor-epsilon", "accuracy-chi", (0, 1)),
        guarantee("corrector-epsilon", "accuracy-tv", (1, 1)),
        guarantee("corrector-epsilon", "accuracy-chi", (3, 1)),
    ],
    draw: draws::predictor_corrected,
};
