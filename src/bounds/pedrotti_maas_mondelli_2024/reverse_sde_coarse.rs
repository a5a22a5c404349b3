//! PMM-13b: equal exponential steps of the reverse SDE, by sums of Fisher informations.

use super::descent::{Descent, by_sde};
use super::reverse_hypotheses::{AT_STOP, SMOOTHED};
use super::reverse_path::{HORIZON_KL, KNOWN, path};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::{Interval, IntervalSum};
use crate::samplers::{ReversePhase, Scheme};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_coarse.md")]
pub static REVERSE_SDE_COARSE: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/reverse-sde-coarse",
    labels: &["PMM-13b"],
    title: "equal exponential steps of the reverse SDE: the path-KL by sums of Fisher informations",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_coarse.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EQUAL_STEPS, AT_STOP, SMOOTHED, KNOWN, HORIZON_KL],
    bound,
    profile: None,
    exponents: &[guarantee("step", "accuracy", (1, 1)), guarantee("epsilon", "accuracy", (1, 2))],
    draw: draws::flow::equal_steps,
};

const EQUAL_STEPS: Hypothesis = Hypothesis {
    says: "the sampler takes equal exponential steps of the reverse SDE of OU or VP, after Langevin steps at the horizon or none",
    holds: |at| match by_sde(at) {
        Err(why) => Holds::No(why),
        Ok(Descent { phase: ReversePhase::Sde(Scheme::Exponential), steps, .. }) => {
            match steps.iter().find(|step| !step.h.overlaps(steps[0].h)) {
                Some(step) => Holds::No(format!("steps of {:e} and {:e}", steps[0].h.mid(), step.h.mid())),
                None => Holds::Yes,
            }
        }
        Ok(descent) => Holds::No(format!("its scheme is {}", descent.phase.scheme_name())),
    },
};

/// `h (J_delta - J_T1) + h (e^{2h} - 1) sum_{k=1}^N J_{t_k} + (h^3/3) sum_{k=0}^{N-1} J_{t_k}`, term by term.
#[must_use]
pub fn coarse_terms(h: Interval, fisher: &[Interval]) -> [Interval; 3] {
    let (Some(first), Some(end)) = (fisher.first(), fisher.last()) else { return [Interval::ZERO; 3] };
    let sum = |part: &[Interval]| part.iter().copied().collect::<IntervalSum>().value();
    let rise = h * (*end - *first);
    let (later, earlier) = (sum(&fisher[1..]), sum(&fisher[..fisher.len() - 1]));
    [rise, h * (h * 2.0).exp_m1() * later, h.powi(3) / 3.0 * earlier]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let path = path(at)?.0;
    let h = path.steps.iter().map(|s| s.h).reduce(Interval::hull).ok_or("the program has no steps")?;
    let fisher: Vec<Interval> = path.steps.iter().map(|s| s.fisher).chain([path.end.fisher]).collect();
    let [rise, growth, square] = coarse_terms(h, &fisher);
    let discretisation = (rise + growth + square).max(Interval::ZERO);
    let error: Interval = path.steps.iter().map(|s| s.h * s.epsilon_squared).sum();
    let start = Descent::of(at)?.at_horizon(at, Divergence::KlReverse)?.value;
    let terms = vec![
        ("KL(p_T1 | q_T1)", start),
        ("score error", error),
        ("discretisation", discretisation),
        ("h (J_delta - J_T1)", rise),
        ("h (e^{2h} - 1) sum J", growth),
        ("(h^3/3) sum J", square),
    ];
    Ok(Bound { value: start + (discretisation.sqrt() + error.sqrt()).sqr(), terms })
}
