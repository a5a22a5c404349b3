//! LLT-11: Langevin Monte Carlo along a ladder of noise levels, from pure noise to the data.

use super::early_stop::{DATA_SMOOTH, kl_of_ve};
use super::levels::{NOISE_START, RATIOS, START_MOMENT, level_pairs, start_chi2, ve_start};
use super::lmc_l2_score::SeenError;
use super::{L2Terms, REFERENCE, Run, chi2_contraction, guarantee};
use crate::bounds::hypotheses::{contracts_between, finite_constant};
use crate::bounds::{
    Bound, Correct, Holds, Hypothesis, Instance, Move, Pair, Quantity, Relation, Share, Theorem, draws,
};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::processes::NoiseLevel;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/annealed_lmc.md")]
pub static ANNEALED_LMC: Theorem = Theorem {
    id: "lee-lu-tan-2022/annealed-lmc",
    labels: &["LLT-11"],
    title: "annealed LMC with L2-accurate scores in TV, from pure noise",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/annealed_lmc.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[
        LADDER,
        COMPARED,
        NOISE_START,
        START_MOMENT,
        RATIOS,
        LEVELS_SMOOTH,
        LEVELS_LSI,
        LEVELS_EPSILON,
        LEVELS_CONTRACT,
    ],
    bound,
    profile: Some(profile),
    exponents: &[
        guarantee("step", "dim", (-2, 1)),
        guarantee("step", "accuracy", (2, 1)),
        guarantee("evaluations", "dim", (5, 2)),
        guarantee("evaluations", "accuracy", (-2, 1)),
    ],
    draw: draws::annealed,
};

/// Langevin steps at one level of a ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LadderLevel {
    /// `sigma_m`.
    pub level: NoiseLevel,
    /// `h_m`.
    pub step: f64,
    /// `N_m`.
    pub steps: u64,
    /// Whether the error is seen in some of them.
    pub seen: bool,
}

/// The program as Langevin steps at falling levels of VE, widest first.
///
/// # Errors
/// What makes it something else.
pub fn ladder(at: &Instance) -> Result<Vec<LadderLevel>, String> {
    ve_start(at)?;
    let mut levels: Vec<LadderLevel> = Vec::new();
    for step in &at.route()?.moves {
        let Correct { level, step, steps, clean } = match step {
            Move::Correct(correct) => *correct,
            Move::Predict(_) | Move::Flow(_) => {
                return Err(format!("the step at sigma = {:.4e} is no Langevin step", step.begins().sigma));
            }
        };
        let seen = !clean && at.error_sup_at(level) != 0.0;
        match levels.last_mut() {
            Some(last) if last.level == level && last.step == step => {
                last.steps += steps;
                last.seen |= seen;
            }
            Some(last) if last.level == level => {
                return Err(format!(
                    "at sigma = {:.4e} the step changes from {:e} to {step:e}",
                    level.sigma, last.step
                ));
            }
            Some(last) if last.level.sigma <= level.sigma => {
                return Err(format!("the noise rises from {:.4e} to {:.4e}", last.level.sigma, level.sigma));
            }
            _ => levels.push(LadderLevel { level, step, steps, seen }),
        }
    }
    match levels.last() {
        Some(last) if last.level.sigma == 0.0 => Err("its last level is that of the data".into()),
        _ => Ok(levels),
    }
}

/// What LLT-11 charges for one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnnealedLevel {
    /// The level and its steps.
    pub run: LadderLevel,
    /// `K_m^2`: how far the law that the level starts from ideally is from its own (LLT-9c at the widest, LLT-9a below).
    pub chi2_start: Interval,
    /// LLT-6a at the level.
    pub terms: L2Terms,
}

/// The bound LLT-11 level by level, widest first, without what stopping at the last one costs.
///
/// # Errors
/// When the program is no ladder, or LLT-6a does not apply at a level.
pub fn annealed_levels(at: &Instance) -> Result<Vec<AnnealedLevel>, String> {
    let between = level_pairs(at)?.into_iter().map(|pair| pair.bound);
    let starts: Vec<Interval> = std::iter::once(start_chi2(at)?).chain(between).collect();
    let charge = |(run, chi2_start): (LadderLevel, Interval)| {
        let setting = at.setting_at(run.level, run.step);
        let start = Run { chi2_start, kl_start: chi2_start.ln_1p(), steps: run.steps };
        let terms = SeenError::new(at, run.level, run.seen)
            .l2_score(&setting, &start)
            .ok_or_else(|| format!("no parameters make r positive at sigma = {:.4e}", run.level.sigma))?;
        Ok(AnnealedLevel { run, chi2_start, terms })
    };
    ladder(at)?.into_iter().zip(starts).map(charge).collect()
}

/// What the stay at each level adds.
fn profile(at: &Instance) -> Result<Vec<Share>, String> {
    let levels = annealed_levels(at)?;
    let next = levels.iter().skip(1).map(|level| level.run.level).chain([at.level]);
    let share = |(level, to): (&AnnealedLevel, NoiseLevel)| Share {
        from: level.run.level,
        to,
        terms: vec![("ends", level.terms.end), ("bad-sets", level.terms.bad_sets)],
    };
    Ok(levels.iter().zip(next).map(share).collect())
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let levels = annealed_levels(at)?;
    let sum = |of: fn(&AnnealedLevel) -> Interval| levels.iter().map(of).sum::<Interval>();
    let (ends, bad_sets) = (sum(|level| level.terms.end), sum(|level| level.terms.bad_sets));
    let stopping = match (at.level.is_data(), levels.last()) {
        (true, Some(last)) => (kl_of_ve(at, last.run.level) / 2.0).sqrt(),
        _ => Interval::ZERO,
    };
    let evaluations: u64 = levels.iter().map(|level| level.run.steps).sum();
    Ok(Bound {
        value: ends + bad_sets + stopping,
        terms: vec![
            ("ends", ends),
            ("bad-sets", bad_sets),
            ("stopping", stopping),
            ("chi2-start", levels.first().map_or(Interval::ZERO, |level| level.chi2_start)),
            ("levels", (levels.len() as f64).into()),
            ("evaluations", (evaluations as f64).into()),
        ],
    })
}

const LADDER: Hypothesis = Hypothesis {
    says: "the sampler is LMC at falling levels of VE, one step size at each",
    holds: |at| ladder(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// What the output is compared with.
const COMPARED: Hypothesis = Hypothesis {
    says: "the output is compared at sigma_1, or with smooth data",
    holds: |at| match ladder(at).map(|levels| levels.last().map(|last| last.level)) {
        Err(why) => Holds::No(why),
        Ok(last) if last == Some(at.level) => Holds::Yes,
        Ok(_) if at.level.is_data() => (DATA_SMOOTH.holds)(at),
        Ok(_) => Holds::No(format!("it is compared at sigma = {:.4e}", at.level.sigma)),
    },
};

/// A condition at every level of the ladder.
fn at_every_level(at: &Instance, holds: impl Fn(&LadderLevel) -> Holds) -> Holds {
    let named = |run: LadderLevel| holds(&run).about(format_args!("sigma = {:.4e}", run.level.sigma));
    ladder(at).map_or_else(Holds::No, |levels| Holds::all(levels.into_iter().map(named)))
}

const LEVELS_SMOOTH: Hypothesis = Hypothesis {
    says: "p_sigma is L-smooth at every level",
    holds: |at| at_every_level(at, |run| finite_constant("L", &at.constants_at(run.level).lipschitz)),
};

const LEVELS_LSI: Hypothesis = Hypothesis {
    says: "p_sigma satisfies LSI(C) at every level",
    holds: |at| at_every_level(at, |run| finite_constant("C_LS", &at.constants_at(run.level).lsi)),
};

const LEVELS_EPSILON: Hypothesis = Hypothesis {
    says: "E_{p_sigma} |e|^2 <= epsilon^2 < inf at every level",
    holds: |at| {
        let finite = at_every_level(at, |run| match !run.seen || at.epsilon_at(run.level).hi().is_finite() {
            true => Holds::Yes,
            false => Holds::unknown("no finite bound of epsilon is known", "an enclosure of epsilon"),
        });
        let seen = ladder(at).unwrap_or_default().into_iter().filter(|run| run.seen).map(|run| run.level);
        Holds::all([finite, at.error_sizes(seen)])
    },
};

const LEVELS_CONTRACT: Hypothesis = Hypothesis {
    says: "6 (hL)^2 < 1 and r > 0 for some c, a, beta at every level",
    holds: |at| {
        at_every_level(at, |run| {
            let least = at.setting_least_at(run.level, run.step);
            let upper = at.setting_at(run.level, run.step);
            contracts_between(&least, &upper, chi2_contraction, "30 (hL)^2 + 8 h L^2 C")
        })
    },
};
