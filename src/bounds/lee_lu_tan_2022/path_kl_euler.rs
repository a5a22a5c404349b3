//! LLT-12c: exact path-KL of the reverse SDE, Euler-Maruyama scheme.

use super::path_hypotheses::{EULER, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start};
use super::path_kl::path_bound;
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::Scheme;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_euler.md")]
pub static PATH_KL_EULER: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-euler",
    labels: &["LLT-12c"],
    title: "exact path-KL of the reverse SDE, Euler-Maruyama scheme",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_euler.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EULER, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.shares(Scheme::EulerMaruyama))),
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_euler,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(start(at)?.value, at.reverse_path()?.terms(Scheme::EulerMaruyama))
}
