//! LLT-4a: one step of LMC in KL with a score error.

use super::{KlTerms, REFERENCE, guarantee, kl_bound, kl_contraction};
use crate::bounds::hypotheses::{LMC, LSI, PATH_ERROR, SMOOTH, START_KL, STEP_INEXACT, contracts};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_recursion_inexact.md")]
pub static LMC_KL_RECURSION_INEXACT: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-kl-recursion-inexact",
    labels: &["LLT-4a"],
    title: "LMC with a score error in KL, by recursion",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_recursion_inexact.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Kl),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, STEP_INEXACT, PATH_ERROR, CONTRACTS, START_KL],
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

/// rho > 0 for some lambda and beta.
const CONTRACTS: Hypothesis = Hypothesis {
    says: "rho > 0 for some lambda > 1/4, beta > 0",
    holds: |at| contracts(at, |s| kl_contraction(s, true), "6 (hL)^2"),
};

fn best(at: &Instance, kl_start: Interval) -> Result<(KlTerms, [f64; 2]), String> {
    let setting = at.setting()?;
    kl_bound(&setting, kl_start, at.path_error()?)
        .ok_or_else(|| format!("no lambda and beta at h L = {:.4e}", setting.u().hi()))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let kl_start = at.between(Pair::StartTarget, Divergence::Kl)?.value;
    let (terms, [lambda, beta]) = best(at, kl_start)?;
    Ok(terms.bound(&[("lambda", lambda), ("beta", beta)]))
}
