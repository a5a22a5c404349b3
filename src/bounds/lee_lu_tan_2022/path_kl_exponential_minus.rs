//! LLT-12b: exact path-KL of the reverse SDE, exponential-minus scheme.

use super::path_hypotheses::{EXPONENTIAL_MINUS, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start};
use super::path_kl::path_bound;
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::Scheme;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_exponential_minus.md")]
pub static PATH_KL_EXPONENTIAL_MINUS: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-exponential-minus",
    labels: &["LLT-12b"],
    title: "exact path-KL of the reverse SDE, exponential-minus scheme",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_exponential_minus.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPONENTIAL_MINUS, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.shares(Scheme::ExponentialMinus))),
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_exponential_minus,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(start(at)?.value, at.reverse_path()?.terms(Scheme::ExponentialMinus))
}
