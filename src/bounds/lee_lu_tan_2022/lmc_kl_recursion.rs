//! LLT-3a: one step of LMC in KL with the exact score.

use super::{KlTerms, PathError, REFERENCE, guarantee, kl_bound, kl_contraction};
use crate::bounds::hypotheses::{EXACT_SCORE, LMC, LSI, SMOOTH, START_KL, STEP_EXACT, contracts};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_recursion.md")]
pub static LMC_KL_RECURSION: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-kl-recursion",
    labels: &["LLT-3a"],
    title: "LMC with the exact score in KL, by recursion",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_kl_recursion.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Kl),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, EXACT_SCORE, SMOOTH, LSI, STEP_EXACT, CONTRACTS, START_KL],
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

/// rho > 0 for some lambda.
const CONTRACTS: Hypothesis = Hypothesis {
    says: "rho > 0 for some lambda > 1/4",
    holds: |at| contracts(at, |s| kl_contraction(s, false), "4 (hL)^2"),
};

fn best(at: &Instance, kl_start: Interval) -> Result<(KlTerms, [f64; 2]), String> {
    let path = PathError::uniform(at.steps()?, Interval::ZERO);
    let setting = at.setting()?;
    kl_bound(&setting, kl_start, &path).ok_or_else(|| format!("no lambda at h L = {:.4e}", setting.u().hi()))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let kl_start = at.between(Pair::StartTarget, Divergence::Kl)?.value;
    let (terms, [lambda, _]) = best(at, kl_start)?;
    Ok(terms.bound(&[("lambda", lambda)]))
}
