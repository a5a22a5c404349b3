//! LLT-12a: exact path-KL of the reverse SDE, exponential scheme.

use super::path_hypotheses::{EXPONENTIAL, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start};
use super::path_kl::path_bound;
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::Scheme;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_exponential.md")]
pub static PATH_KL_EXPONENTIAL: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-exponential",
    labels: &["LLT-12a"],
    title: "exact path-KL of the reverse SDE, exponential scheme",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_exponential.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPONENTIAL, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.shares(Scheme::Exponential))),
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_exponential,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(start(at)?.value, at.reverse_path()?.terms(Scheme::Exponential))
}
