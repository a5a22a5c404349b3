//! PMM-14: prediction-correction by the flow, from the data to the output, in W2.

use super::assembled::{AT_DATA, early, scale, w2_of_limit};
use super::corrected::w2_handed;
use super::descent::Descent;
use super::exact_example::CORRECTED;
use super::growth::growth;
use super::noised::SECOND_MOMENT;
use super::reverse_hypotheses::{FLOW, ONE_SIDED, SMOOTHED};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_w2.md")]
pub static ASSEMBLED_W2: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/assembled-w2",
    labels: &["PMM-14"],
    title: "prediction-correction by the flow, from the data to the output, in W2",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_w2.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-continuous-data", measured: w2_of_limit },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[FLOW, CORRECTED, AT_DATA, SMOOTHED, SECOND_MOMENT, ONE_SIDED, HANDED],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::flow::corrected_flow,
};

const HANDED: Hypothesis = Hypothesis {
    says: "the Langevin steps are as PMM-10b or PMM-7 wants them",
    holds: |at| match w2_handed(at) {
        Ok(handed) if !handed.value.hi().is_finite() => Holds::unknown(
            "neither bounds W2(p_T1, q_T1) by a finite number",
            "shorter Langevin steps, or a longer horizon",
        ),
        Ok(handed) => handed.doubt.map_or(Holds::Yes, Holds::Numerically),
        Err(why) => Holds::unknown(why, "a bound of W2(p_T1, q_T1)"),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let (growth, early, scale) = (growth(at, &descent)?, early(at, &descent)?, scale(&descent)?);
    let corrector = w2_handed(at)?.value;
    let handed = scale * growth.factor * corrector;
    let errors = scale * growth.errors;
    let terms = vec![
        ("early stop", early),
        ("e^Lambda(T1) W_corr", handed),
        ("score error", errors),
        ("W_corr", corrector),
        ("e^Lambda(T1)", growth.factor),
    ];
    Ok(Bound { value: early + handed + errors, terms })
}
