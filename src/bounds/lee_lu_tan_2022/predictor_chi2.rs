//! LLT-13: the VE predictor in chi-squared with a bounded score error.

use super::stages::{
    BOUNDED_ALONG, LSI_ALONG, SHORT_PREDICTORS, SMOOTH_ALONG, START_ALONG, VE_PREDICTOR, stages, start_chi2,
};
use super::{Care, Cut, REFERENCE, chi2_walk, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_chi2.md")]
pub static PREDICTOR_CHI2: Theorem = Theorem {
    id: "lee-lu-tan-2022/predictor-chi2",
    labels: &["LLT-13"],
    title: "the reverse SDE (VE) in chi-squared with a bounded score error",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/predictor_chi2.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::ChiSquared),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[VE_PREDICTOR, SMOOTH_ALONG, LSI_ALONG, SHORT_PREDICTORS, BOUNDED_ALONG, START_ALONG],
    bound,
    profile: None,
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("steps", "accuracy", (-1, 1)),
        guarantee("steps", "dim", (1, 1)),
        guarantee("sup-epsilon", "accuracy", (1, 2)),
        guarantee("sup-epsilon", "dim", (0, 1)),
    ],
    draw: draws::predictor,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let legs: Vec<_> = stages(at)?.iter().map(|stage| (stage.leg, Cut::nothing(stage.sup))).collect();
    let walked =
        chi2_walk(&legs, start_chi2(at)?, Care::Best).map_err(|k| format!("LLT-5a does not apply to leg {k}"))?;
    let [start, score_error, discretisation] = walked.parts;
    let [gamma, from_error] = walked.gamma;
    Ok(Bound {
        value: walked.chi2,
        terms: vec![
            ("start", start),
            ("score-error", score_error),
            ("discretisation", discretisation),
            ("gamma-error", from_error),
            ("gamma-discretisation", (gamma - from_error).clamp(0.0, f64::INFINITY)),
        ],
    })
}
