//! LLT-12d: path-KL on the grid, for any Gaussian steps.

use super::path_hypotheses::{GAUSSIAN_STEPS, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start};
use super::path_kl::path_bound;
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_chain_rule.md")]
pub static PATH_KL_CHAIN_RULE: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-chain-rule",
    labels: &["LLT-12d"],
    title: "path-KL on the grid, for any Gaussian steps",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_chain_rule.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::KlReverse),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[GAUSSIAN_STEPS, SMOOTHED, KNOWN, SQUARE_INTEGRABLE, START],
    bound,
    profile: Some(|at| Ok(at.reverse_path()?.chain_shares())),
    exponents: &[
        guarantee("step", "accuracy", (1, 1)),
        guarantee("step", "dim", (-1, 1)),
        guarantee("epsilon", "accuracy", (1, 2)),
    ],
    draw: draws::reverse_any,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    path_bound(start(at)?.value, at.reverse_path()?.chain_terms())
}
