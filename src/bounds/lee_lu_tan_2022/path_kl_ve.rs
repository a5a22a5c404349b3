//! LLT-12VE: exact path-KL of the reverse SDE of VE.

use super::path_hypotheses::{EXPLODING, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start};
use super::path_kl::path_bound;
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::samplers::Scheme;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_ve.md")]
pub static PATH_KL_VE: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-ve",
    labels: &["LLT-12VE"],
    title: "exact path-KL of the reverse SDE of VE",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_ve.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPLODING, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.shares(Scheme::EulerMaruyama))),
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_ve,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(start(at)?.value, at.reverse_path()?.terms(Scheme::EulerMaruyama))
}
