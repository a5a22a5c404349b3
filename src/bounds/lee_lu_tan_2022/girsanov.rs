//! LLT-8: the medium-time bound.

use super::{REFERENCE, guarantee, tv_from_kl};
use crate::bounds::hypotheses::LMC;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/girsanov.md")]
pub static GIRSANOV: Theorem = Theorem {
    id: "lee-lu-tan-2022/girsanov",
    labels: &["LLT-8"],
    title: "the medium-time bound: two chains with close scores stay close",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/girsanov.md"),
    reference: REFERENCE,
    about: "tv",
    ceiling: 1.0,
    hypotheses: &[LMC, TWIN_PATH],
    measured: |at| at.between(Pair::OutputTwin, Divergence::Tv),
    bound,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1))],
    draw: draws::medium_time,
};

/// `E_{q_k^0}|e|^2` is known or bounded.
const TWIN_PATH: Hypothesis = Hypothesis {
    says: "E_{q_k^0} |e|^2 < inf for k < N",
    holds: |at| match at.twin_path_error() {
        Err(why) => Holds::No(why),
        Ok(path) if path.largest().hi().is_finite() => Holds::Yes,
        Ok(_) => Holds::No("E_{q_k^0} |e|^2 is not bounded".into()),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let budget = at.twin_path_error()?.total() * at.lmc()?.step / 4.0;
    Ok(Bound { value: tv_from_kl(budget), terms: vec![("G_N", budget)] })
}
