//! PMM-7: inexact LMC in KL, an exponential moment of the error being finite.

use super::corrector::start_kl;
use super::mgf::{MOMENT, MgfStep, best_step, finite_moments};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{LMC, LSI, SMOOTH, START_KL};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_mgf_error.md")]
pub static LMC_MGF_ERROR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lmc-mgf-error",
    labels: &["PMM-7"],
    title: "LMC in KL, with an error that has an exponential moment",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_mgf_error.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Kl),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, SMOOTH, LSI, MOMENT, START_KL],
    bound,
    profile: None,
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("mgf-epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::lmc_mgf_error,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (start, setting, steps) = (start_kl(at)?, at.setting()?, at.steps()?);
    let moments = finite_moments(at)?;
    let search = |&moment| (best_step(&setting, start.hi(), steps, moment), moment);
    let best = moments.iter().map(search).min_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let ((_, with), moment) = best.ok_or("no exponential moment is known to be finite")?;
    let step = MgfStep::new(&setting, moment, with);
    let [mixing, score_error, discretisation] = step.after(start, steps);
    Ok(Bound {
        value: mixing + score_error + discretisation,
        terms: vec![
            ("mixing", mixing),
            ("score-error", score_error),
            ("discretisation", discretisation),
            ("factor", step.factor),
            ("lambda", with.lambda.into()),
            ("theta", with.theta.into()),
            ("r", moment.r.into()),
            ("epsr-squared", moment.square),
        ],
    })
}
