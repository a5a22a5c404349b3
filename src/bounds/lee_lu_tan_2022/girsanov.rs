//! LLT-8: the medium-time bound.

use super::{REFERENCE, guarantee, tv_from_kl};
use crate::bounds::hypotheses::{LMC, TWIN_PATH_ERROR};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/girsanov.md")]
pub static GIRSANOV: Theorem = Theorem {
    id: "lee-lu-tan-2022/girsanov",
    labels: &["LLT-8"],
    title: "the medium-time bound: two chains with close scores stay close",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/girsanov.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTwin, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, TWIN_PATH_ERROR],
    bound,
    profile: None,
    exponents: &[guarantee("path-epsilon", "accuracy", (1, 1))],
    draw: draws::medium_time,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let budget = at.twin_path_error()?.total() * at.lmc()?.step / 4.0;
    Ok(Bound { value: tv_from_kl(budget), terms: vec![("G_N", budget)] })
}
