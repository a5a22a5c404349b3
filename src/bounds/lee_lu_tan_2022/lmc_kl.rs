//! LLT-3b: LMC in KL with the exact score, closed form.

use super::{REFERENCE, guarantee, kl_closed_exact};
use crate::bounds::hypotheses::{EXACT_SCORE, LMC, LSI, SMOOTH, START_KL, STEP_QUARTER};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl.md")]
pub static LMC_KL: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-kl",
    labels: &["LLT-3b"],
    title: "LMC with the exact score in KL",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Kl),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, EXACT_SCORE, SMOOTH, LSI, STEP_QUARTER, START_KL],
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
    ],
    draw: draws::exact_score,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let kl_start = at.between(Pair::StartTarget, Divergence::Kl)?.value;
    let terms = kl_closed_exact(&at.setting()?, kl_start, at.steps()?);
    Ok(terms.bound(&[]))
}
