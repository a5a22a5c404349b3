//! PMM-15: prediction-correction by the reverse SDE in total variation.

use super::corrected::tv_handed;
use super::exact_example::CORRECTED;
use super::reverse_hypotheses::{AT_STOP, SDE, SMOOTHED};
use super::reverse_path::{KNOWN, terms};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv.md")]
pub static ASSEMBLED_TV: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/assembled-tv",
    labels: &["PMM-15"],
    title: "prediction-correction by the reverse SDE in TV",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[SDE, CORRECTED, AT_STOP, SMOOTHED, KNOWN, HANDED],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1)), guarantee("step", "accuracy", (2, 1))],
    draw: draws::flow::corrected_sde,
};

const HANDED: Hypothesis = Hypothesis {
    says: "the Langevin steps are as PMM-9b or PMM-7 wants them",
    holds: |at| match tv_handed(at) {
        Ok(handed) => handed.doubt.map_or(Holds::Yes, Holds::Numerically),
        Err(why) => Holds::unknown(why, "a bound of TV(p_T1, q_T1)"),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let corrector = tv_handed(at)?.value;
    let path = terms(at)?;
    let (frozen, error) = ((path.discretisation * 0.5).sqrt(), (path.error * 0.5).sqrt());
    let terms = vec![
        ("T_corr", corrector),
        ("sqrt(Disc/2)", frozen),
        ("sqrt(sum h epsilon^2/2)", error),
        ("discretisation", path.discretisation),
        ("score error", path.error),
    ];
    Ok(Bound { value: corrector + frozen + error, terms })
}
