//! LLT-6a: LMC with an L2-accurate score, by recursion.

use super::{L2Terms, REFERENCE, Run, Setting, chebyshev, chi2_contraction, guarantee, l2_score, recalled};
use crate::bounds::hypotheses::{LMC, LSI, SMOOTH, SQUARE_INTEGRABLE, START_CHI2, contracts};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::processes::NoiseLevel;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score.md")]
pub static LMC_L2_SCORE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-l2-score",
    labels: &["LLT-6a"],
    title: "LMC with an L2-accurate score in TV, by recursion",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, START_CHI2, SQUARE_INTEGRABLE, CONTRACTS],
    bound,
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
    draw: draws::l2_score,
};

/// 6 u^2 < 1 and r > 0 for some parameters: the condition does not depend on the threshold.
const CONTRACTS: Hypothesis = Hypothesis {
    says: "6 (hL)^2 < 1 and r > 0 for some c, a, beta",
    holds: |at| contracts(at, chi2_contraction, "30 (hL)^2 + 8 h L^2 C"),
};

/// The chi-squared and KL of the start and the number of steps; shared with LLT-6b.
pub(super) fn run(at: &Instance) -> Result<Run, String> {
    let chi2_start = at.between(Pair::StartTarget, Divergence::ChiSquared)?.value;
    let from_chi2 = chi2_start.ln_1p();
    // KL_0 <= ln(1 + K^2), or KL_0 itself where it is proved.
    let kl_start = match at.between(Pair::StartTarget, Divergence::Kl) {
        Ok(kl) if kl.evidence.is_proved() => kl.value.min(from_chi2),
        _ => from_chi2,
    };
    Ok(Run { chi2_start, kl_start, steps: at.steps()? })
}

/// Thresholds worth trying: geometric between epsilon and 1/sqrt(C), and the supremum of a bounded error.
fn candidates(setting: &Setting, epsilon: f64, supremum: f64) -> Vec<f64> {
    if epsilon == 0.0 {
        return vec![0.0];
    }
    let largest = (3.0 / setting.lsi.hi().sqrt()).max(10.0 * epsilon);
    let mut all: Vec<f64> = (0..=24).map(|i| epsilon * (largest / epsilon).powf(f64::from(i) / 24.0)).collect();
    if supremum <= largest {
        all.push(supremum);
    }
    all.sort_by(f64::total_cmp);
    all
}

/// LLT-6a at a noise level, with the error that is `seen` there or without one, at the best threshold; `None` when no
/// parameters make r positive. Shared with LLT-11.
pub(super) fn at_level(at: &Instance, level: NoiseLevel, seen: bool, setting: &Setting, run: &Run) -> Option<L2Terms> {
    let epsilon = Interval::point(if seen { at.epsilon_at(level).hi() } else { 0.0 });
    let supremum = if seen { at.error_sup_at(level) } else { 0.0 };
    let delta = |tau: f64| {
        if tau >= supremum {
            return Interval::ZERO;
        }
        let crude = chebyshev(epsilon, tau.into());
        let exact = at.exceedance_at(level, tau).unwrap_or(crude);
        Interval::point(exact.hi().min(crude.hi()))
    };
    l2_score(setting, run, &candidates(setting, epsilon.hi(), supremum), &delta)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (setting, run) = (at.setting()?, run(at)?);
    let terms = at_level(at, at.level, !at.is_exact(), &setting, &run).ok_or("no parameters make r positive")?;
    // Those of LLT-4a, where some make rho positive.
    let kl = terms.kl.map(|[lambda, beta]| [("lambda", lambda.into()), ("kl-beta", beta.into())]).into_iter().flatten();
    Ok(Bound {
        value: terms.total(),
        terms: [
            ("end", terms.end),
            ("bad-sets", terms.bad_sets),
            ("tau", terms.tau.into()),
            ("delta", terms.delta),
            ("chi2-end", terms.chi2_end),
            ("c", terms.chi2.c.into()),
            ("a", terms.chi2.a.into()),
            ("beta", terms.chi2.beta.into()),
        ]
        .into_iter()
        .chain(kl)
        .collect(),
    })
}
