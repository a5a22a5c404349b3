//! HRX-20: what a learned score does to the law of a sampler.

use super::REFERENCE;
use super::guarantee;
use crate::bounds::lee_lu_tan_2022::{EXPONENTIAL, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, path_bound, path_start};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::Scheme;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/learned_sampler.md")]
pub static LEARNED_SAMPLER: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/learned-sampler",
    labels: &["HRX-20"],
    title: "KL of a reverse SDE with a learned score: start, error of the regression, discretisation",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/learned_sampler.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[ESTIMATED, EXPONENTIAL, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.shares(Scheme::Exponential))),
    exponents: &[guarantee("step", "accuracy", (1, 1)), guarantee("epsilon", "accuracy", (1, 2))],
    draw: draws::lessons::sampled,
};

/// Whether it was learned here or read from a file makes no difference; f_* itself, where it stands among learned ones, is an estimate too.
const ESTIMATED: Hypothesis = Hypothesis {
    says: "the score is that of a learned estimate of E[X_0 | X_t]",
    holds: |at| match &at.field.error {
        Some(error) if error.all_shapes(|shape| shape.estimate().is_some()) => Holds::Yes,
        None if at.lesson.is_some() => Holds::Yes,
        _ => Holds::No("the score is not made of such an estimate".into()),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(path_start(at)?.value, at.reverse_path()?.terms(Scheme::Exponential))
}
