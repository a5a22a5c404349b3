//! LLT-4b: LMC in KL with a score error, closed form.

use super::{REFERENCE, guarantee, kl_closed_inexact};
use crate::bounds::hypotheses::{LMC, LSI, PATH_ERROR, SMOOTH, START_KL, STEP_SIXTH};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_inexact.md")]
pub static LMC_KL_INEXACT: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-kl-inexact",
    labels: &["LLT-4b"],
    title: "LMC with a score error in KL",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_inexact.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Kl),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, STEP_SIXTH, PATH_ERROR, START_KL],
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
        guarantee("path-epsilon", "accuracy", (1, 2)),
        guarantee("path-epsilon", "lsi", (-1, 2)),
        guarantee("path-epsilon", "dim", (0, 1)),
        guarantee("path-epsilon", "smoothness", (0, 1)),
    ],
    draw: draws::bounded_or_affine_error,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let kl_start = at.between(Pair::StartTarget, Divergence::Kl)?.value;
    let tau2 = at.path_error()?.largest();
    let terms = kl_closed_inexact(&at.setting()?, kl_start, at.steps()?, tau2);
    Ok(terms.bound(&[]))
}
