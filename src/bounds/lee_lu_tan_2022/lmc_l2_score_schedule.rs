//! LLT-6c: LMC with an L2-accurate score, with thresholds that fall along the chain.

use super::lmc_l2_score::{CONTRACTS, SeenError, run};
use super::{REFERENCE, guarantee, l2_score_schedule, phase_steps, recalled};
use crate::bounds::general::count;
use crate::bounds::hypotheses::{LMC, LSI, SMOOTH, SQUARE_INTEGRABLE, START_CHI2};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score_schedule.md")]
pub static LMC_L2_SCORE_SCHEDULE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lmc-l2-score-schedule",
    labels: &["LLT-6c"],
    title: "LMC with an L2-accurate score in TV, with falling thresholds",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lmc_l2_score_schedule.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, START_CHI2, SQUARE_INTEGRABLE, CONTRACTS],
    bound,
    profile: None,
    exponents: &[
        guarantee("epsilon", "accuracy-tv", (1, 1)),
        guarantee("epsilon", "accuracy-chi", (2, 1)),
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
    draw: draws::l2_score_long,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (setting, run) = (at.setting()?, run(at)?);
    let error = SeenError::of(at);
    let delta = |tau: f64| error.mass_above(tau);
    let terms = l2_score_schedule(&setting, &run, error.supremum, &error.thresholds(&setting), &delta)
        .ok_or("no parameters make r positive")?;
    let last = terms.last();
    Ok(Bound {
        value: terms.total(),
        terms: vec![
            ("end", terms.end),
            ("bad-sets-falling", terms.bad_sets_falling()),
            ("bad-sets-last", last.bad_sets),
            ("phases", count(terms.phases.len() as u64)),
            ("phase-steps", count(phase_steps(&setting))),
            ("tau-first", terms.phases[0].tau.into()),
            ("tau-last", last.tau.into()),
            ("delta-last", last.delta),
            ("chi2-end", last.chi2_end),
        ],
    })
}
