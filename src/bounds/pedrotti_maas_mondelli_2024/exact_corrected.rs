//! PMM-16b: the exact example, prediction-correction by the flow.

use super::REFERENCE;
use super::exact_example::{ALONG_MU, CORRECTED, Example, UNIT, worst_sign};
use super::reverse_hypotheses::{AT_STOP, FLOW};
use crate::bounds::hypotheses::STANDARD_START;
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_corrected.md")]
pub static EXACT_CORRECTED: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/exact-corrected",
    labels: &["PMM-16b"],
    title: "the exact example: prediction-correction by the flow, whose error is a constant times epsilon",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/exact_corrected.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-worst-sign", measured: worst_sign },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[FLOW, CORRECTED, AT_STOP, STANDARD_START, UNIT, ALONG_MU],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::flow::exact_corrected,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let Example { mu, epsilon, horizon, early, corrector } = Example::of(at)?;
    let start = mu * (-(horizon + corrector)).exp();
    let (corrected, error) = (-(epsilon * (-corrector).exp_m1()), epsilon * (horizon - early));
    let terms = vec![("|mu| e^{-T1-T2}", start), ("corrector's error", corrected), ("score error", error)];
    Ok(Bound { value: start + corrected + error, terms })
}
