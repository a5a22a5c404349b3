//! PMM-11b: the exponential steps of the probability flow in W2.

use super::descent::{Descent, by_flow};
use super::flow_steps::{FlowStep, flow_steps, flow_sum};
use super::reverse_hypotheses::{AT_STOP, HORIZON_W2, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::{FlowScheme, ReversePhase};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/flow_w2_steps.md")]
pub static FLOW_W2_STEPS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/flow-w2-steps",
    labels: &["PMM-11b"],
    title: "exponential steps of the probability flow in W2",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/flow_w2_steps.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::W2),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPONENTIAL, AT_STOP, SMOOTHED, HORIZON_W2, STEPS],
    bound,
    profile: Some(|at| {
        let descent = Descent::of(at)?;
        Ok(flow_sum(&descent, &flow_steps(at, &descent)?.0).shares)
    }),
    exponents: &[guarantee("epsilon", "accuracy", (1, 1)), guarantee("step", "accuracy", (1, 1))],
    draw: draws::flow::exponential_steps,
};

const EXPONENTIAL: Hypothesis = Hypothesis {
    says: "the sampler takes exponential steps of the probability flow of OU or VP, after Langevin steps at the horizon or none",
    holds: |at| match by_flow(at) {
        Ok(Descent { phase: ReversePhase::Flow(FlowScheme::Exponential), .. }) => Holds::Yes,
        Ok(descent) => Holds::No(format!("its steps are `{}`", descent.phase.scheme_name())),
        Err(why) => Holds::No(why),
    },
};

const STEPS: Hypothesis = Hypothesis {
    says: "s(t_k,.) is Lipschitz, E_{p_k} |e_k|^2 < inf, and the derivatives of ln p_t are known between the levels",
    holds: |at| match Descent::of(at).and_then(|d| flow_steps(at, &d)) {
        Err(why) => Holds::unknown(why, "the derivatives of ln p_t up to the third"),
        Ok((steps, _)) if !steps.iter().all(is_finite) => Holds::unknown(
            "no finite Lipschitz constant of the score, or size of its error, is known at some level",
            "bounds of them",
        ),
        Ok((_, doubt)) => {
            let falls = Descent::of(at).map(|d| d.steps).unwrap_or_default();
            let sizes = at.error_sizes(falls.into_iter().filter(|step| !step.clean).map(|step| step.from));
            Holds::all([doubt.map_or(Holds::Yes, Holds::Numerically), sizes])
        }
    },
};

fn is_finite(step: &FlowStep) -> bool {
    step.spread.is_finite() && step.error.is_finite() && step.frozen.is_finite()
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let sum = flow_sum(&descent, &flow_steps(at, &descent)?.0);
    let start = descent.at_horizon(at, Divergence::W2)?.value;
    let handed = sum.spread * start;
    let terms = vec![
        ("handed over", handed),
        ("score error", sum.error),
        ("discretisation", sum.frozen),
        ("W2(p_T1, q_T1)", start),
        ("prod A_k", sum.spread),
    ];
    Ok(Bound { value: handed + sum.error + sum.frozen, terms })
}
