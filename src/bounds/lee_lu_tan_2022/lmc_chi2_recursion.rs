//! LLT-5a: one step of LMC in chi-squared with a bounded score error.

use super::{Chi2Parameters, REFERENCE, best_chi2_parameters, chi2_contraction, chi2_step, guarantee};
use crate::bounds::general::count;
use crate::bounds::hypotheses::{BOUNDED_ERROR, LMC, LSI, SMOOTH, START_CHI2, contracts};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_chi2_recursion.md")]
pub static LMC_CHI2_RECURSION: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-chi2-recursion",
    labels: &["LLT-5a"],
    title: "LMC with a bounded score error in chi-squared, by recursion",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_chi2_recursion.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::ChiSquared),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, BOUNDED_ERROR, START_CHI2, CONTRACTS],
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

/// 6 u^2 < 1 and r > 0 for some parameters.
const CONTRACTS: Hypothesis = Hypothesis {
    says: "6 (hL)^2 < 1 and r > 0 for some c, a, beta",
    holds: |at| contracts(at, chi2_contraction, "30 (hL)^2 + 8 h L^2 C"),
};

fn best(at: &Instance, chi2_start: Interval) -> Result<Chi2Parameters, String> {
    let setting = at.setting()?;
    best_chi2_parameters(&setting, Interval::point(at.error_sup()).sqr(), chi2_start, at.steps()?)
        .ok_or_else(|| format!("no parameters with r > 0 were found at h L^2 C = {:.4e}", setting.v().hi()))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let chi2_start = at.between(Pair::StartTarget, Divergence::ChiSquared)?.value;
    let with = best(at, chi2_start)?;
    let step = chi2_step(&at.setting()?, Interval::point(at.error_sup()).sqr(), with)
        .ok_or("the parameters found do not make r positive")?;
    let value = step.from(chi2_start).after(count(at.steps()?));
    let parameters = [("c", with.c), ("a", with.a), ("beta", with.beta)].map(|(name, x)| (name, x.into()));
    let terms = [("r", step.r), ("gamma", step.gamma)].into_iter().chain(parameters).collect();
    Ok(Bound { value, terms })
}
