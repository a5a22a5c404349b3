//! LLT-5b: LMC in chi-squared with a bounded score error, closed form.

use super::{REFERENCE, chi2_closed, error_condition, first_step_condition, guarantee, second_step_condition};
use crate::bounds::hypotheses::{BOUNDED_ERROR, LMC, LSI, SMOOTH, START_CHI2, from_condition};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_chi2.md")]
pub static LMC_CHI2: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-chi2",
    labels: &["LLT-5b"],
    title: "LMC with a bounded score error in chi-squared",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_chi2.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::ChiSquared),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, BOUNDED_ERROR, FIRST_STEP, SECOND_STEP, SMALL_ERROR, START_CHI2],
    bound,
    profile: None,
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("step", "smoothness", (-2, 1)),
        guarantee("step", "lsi", (-1, 1)),
        guarantee("steps", "accuracy", (-1, 1)),
        guarantee("steps", "dim", (1, 1)),
        guarantee("steps", "smoothness", (2, 1)),
        guarantee("steps", "lsi", (2, 1)),
        guarantee("sup-epsilon", "accuracy", (1, 2)),
        guarantee("sup-epsilon", "lsi", (-1, 2)),
        guarantee("sup-epsilon", "dim", (0, 1)),
        guarantee("sup-epsilon", "smoothness", (0, 1)),
    ],
    draw: draws::bounded_error_small_step,
};

/// The first step condition; shared with LLT-6b.
pub(super) const FIRST_STEP: Hypothesis =
    Hypothesis { says: "h <= 1/(132 L^2 C)", holds: |at| from_condition(at, first_step_condition) };

/// The second step condition; shared with LLT-6b.
pub(super) const SECOND_STEP: Hypothesis =
    Hypothesis { says: "h <= 1/(46 d L^2 C)", holds: |at| from_condition(at, second_step_condition) };

/// The condition on the error.
const SMALL_ERROR: Hypothesis = Hypothesis {
    says: "sup |e|^2 <= 1/(16.1 C)",
    holds: |at| {
        // The smallest error it can be, where it is to fail; the largest, where it is to hold.
        let size = Interval::new(at.error_sup_least(), at.error_sup()).sqr();
        from_condition(at, |s| error_condition(s, size))
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let chi2_start = at.between(Pair::StartTarget, Divergence::ChiSquared)?.value;
    let terms = chi2_closed(&at.setting()?, chi2_start, at.steps()?, Interval::point(at.error_sup()).sqr());
    Ok(Bound {
        value: terms.total(),
        terms: vec![
            ("mixing", terms.mixing),
            ("discretisation", terms.discretisation),
            ("score-error", terms.score_error),
        ],
    })
}
