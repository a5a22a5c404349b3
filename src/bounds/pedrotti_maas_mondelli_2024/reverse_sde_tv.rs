//! PMM-13: the reverse SDE in total variation, whatever happened at the horizon.

use super::descent::Descent;
use super::reverse_hypotheses::{AT_STOP, SDE, SMOOTHED};
use super::reverse_path::{HORIZON_TV, KNOWN, shares, terms};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, PathTerms, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_tv.md")]
pub static REVERSE_SDE_TV: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/reverse-sde-tv",
    labels: &["PMM-13"],
    title: "the reverse SDE in TV: what is handed over, and the root of the path-KL",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/reverse_sde_tv.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[SDE, AT_STOP, SMOOTHED, KNOWN, HORIZON_TV],
    bound,
    profile: Some(shares),
    exponents: &[guarantee("epsilon", "accuracy", (1, 1)), guarantee("step", "accuracy", (2, 1))],
    draw: draws::flow::reverse_sde,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let path = terms(at)?;
    let root = (path.total() * 0.5).sqrt();
    let start = Descent::of(at)?.at_horizon(at, Divergence::Tv)?.value;
    let PathTerms { error, discretisation, cross } = path;
    let terms = vec![
        ("TV(p_T1, q_T1)", start),
        ("sqrt(Path/2)", root),
        ("score error", error),
        ("discretisation", discretisation),
        ("cross", cross),
    ];
    Ok(Bound { value: start + root, terms })
}
