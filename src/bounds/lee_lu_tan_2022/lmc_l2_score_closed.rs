//! LLT-6b: LMC with an L2-accurate score, closed form.

use super::lmc_chi2::{FIRST_STEP, SECOND_STEP};
use super::lmc_l2_score::run;
use super::{REFERENCE, guarantee, l2_score_closed_best, recalled};
use crate::bounds::hypotheses::{LMC, LSI, SMOOTH, SQUARE_INTEGRABLE, START_CHI2};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score_closed.md")]
pub static LMC_L2_SCORE_CLOSED: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-l2-score-closed",
    labels: &["LLT-6b"],
    title: "LMC with an L2-accurate score in TV",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score_closed.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, START_CHI2, SQUARE_INTEGRABLE, FIRST_STEP, SECOND_STEP],
    bound,
    profile: None,
    exponents: &[
        guarantee("epsilon", "accuracy-tv", (1, 1)),
        guarantee("epsilon", "accuracy-chi", (3, 1)),
        guarantee("epsilon", "dim", (-1, 1)),
        guarantee("epsilon", "smoothness", (-2, 1)),
        guarantee("epsilon", "lsi", (-5, 2)),
        guarantee("step", "accuracy-chi", (2, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("step", "smoothness", (-2, 1)),
        guarantee("step", "lsi", (-1, 1)),
        recalled("epsilon", "accuracy-tv", (1, 1)),
        recalled("epsilon", "accuracy-chi", (3, 1)),
        recalled("epsilon", "dim", (-1, 1)),
        recalled("epsilon", "smoothness", (-2, 1)),
        recalled("epsilon", "lsi", (-5, 2)),
        recalled("step", "accuracy-chi", (2, 1)),
        recalled("step", "dim", (-1, 1)),
        recalled("step", "smoothness", (-2, 1)),
        recalled("step", "lsi", (-1, 1)),
    ],
    draw: draws::prescribed,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let epsilon = Interval::point(if at.is_exact() { 0.0 } else { at.epsilon().hi() });
    let (tau, terms) = l2_score_closed_best(&at.setting()?, &run(at)?, epsilon);
    Ok(Bound {
        value: terms.total(),
        terms: vec![
            ("T1 mixing", terms.mixing),
            ("T2 discretisation", terms.discretisation),
            ("T3 good set", terms.good_set),
            ("T4 bad set", terms.bad_set),
            ("T5 bad start", terms.bad_start),
            ("tau", tau.into()),
        ],
    })
}
