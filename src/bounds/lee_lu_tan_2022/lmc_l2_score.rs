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
    draw: draws::l2_score,
};

/// 6 u^2 < 1 and r > 0 for some parameters: the condition does not depend on the threshold.
pub(super) const CONTRACTS: Hypothesis = Hypothesis {
    says: "6 (hL)^2 < 1 and r > 0 for some c, a, beta",
    holds: |at| contracts(at, chi2_contraction, "30 (hL)^2 + 8 h L^2 C"),
};

/// The chi-squared and KL of the start and the number of steps; shared with LLT-6b and 6c.
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

/// The error that a chain sees at one noise level, in the sizes that LLT-6 asks for.
#[derive(Clone, Copy)]
pub(super) struct SeenError<'a> {
    at: &'a Instance,
    level: NoiseLevel,
    /// `(E_p |e|^2)^{1/2}`, an upper bound; 0 where the error is not seen.
    pub epsilon: f64,
    /// `sup |e|`, an upper bound; 0 where the error is not seen.
    pub supremum: f64,
}

impl<'a> SeenError<'a> {
    /// At any level, in a chain that does or does not see the error there.
    pub fn new(at: &'a Instance, level: NoiseLevel, seen: bool) -> Self {
        let (epsilon, supremum) = if seen { (at.epsilon_at(level).hi(), at.error_sup_at(level)) } else { (0.0, 0.0) };
        Self { at, level, epsilon, supremum }
    }

    /// At the level of the instance.
    pub fn of(at: &'a Instance) -> Self {
        Self::new(at, at.level, !at.is_exact())
    }

    /// `delta(tau) >= p(|e| > tau)`: the smaller of the exact mass, where there is one, and `epsilon^2/tau^2`.
    pub fn mass_above(&self, tau: f64) -> Interval {
        if tau >= self.supremum {
            return Interval::ZERO;
        }
        let crude = chebyshev(self.epsilon.into(), tau.into());
        let exact = self.at.exceedance_at(self.level, tau).unwrap_or(crude);
        Interval::point(exact.hi().min(crude.hi()))
    }

    /// Thresholds worth trying: geometric between epsilon and `1/sqrt(C)`, and the supremum of a bounded error.
    pub fn thresholds(&self, setting: &Setting) -> Vec<f64> {
        let epsilon = self.epsilon;
        if epsilon == 0.0 {
            return vec![0.0];
        }
        let largest = (3.0 / setting.lsi.hi().sqrt()).max(10.0 * epsilon);
        let mut all: Vec<f64> = (0..=24).map(|i| epsilon * (largest / epsilon).powf(f64::from(i) / 24.0)).collect();
        if self.supremum <= largest {
            all.push(self.supremum);
        }
        all.sort_by(f64::total_cmp);
        all
    }

    /// LLT-6a at the best threshold; `None` when no parameters make r positive. Shared with LLT-11.
    pub fn l2_score(&self, setting: &Setting, run: &Run) -> Option<L2Terms> {
        l2_score(setting, run, &self.thresholds(setting), &|tau| self.mass_above(tau))
    }
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (setting, run) = (at.setting()?, run(at)?);
    let terms = SeenError::of(at).l2_score(&setting, &run).ok_or("no parameters make r positive")?;
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
