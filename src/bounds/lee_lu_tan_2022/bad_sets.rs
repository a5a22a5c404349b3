//! LLT-1: transfer from a good chain through bad sets.

use super::REFERENCE;
use crate::bounds::hypotheses::{BAD_SET, CHI_PATH, LMC, START_CHI2};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets.md")]
pub static BAD_SETS: Theorem = Theorem {
    id: "lee-lu-tan-2022/bad-sets",
    labels: &["LLT-1"],
    title: "two chains that differ on small sets only are close in TV",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTwin, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, START_CHI2, BAD_SET, CHI_PATH],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::small_bad_set,
};

/// `sum_{k<N} f(delta; D_k)` with the exact delta = p(e != 0); shared with LLT-1b.
pub(super) fn excess(at: &Instance) -> Result<(Interval, Interval), String> {
    // Only an upper bound of p(B) enters: a theorem true for delta is true for every larger one.
    let delta = Interval::point(at.exceedance(0.0)?.hi());
    Ok((at.twin_chi()?.excess(delta, &at.lmc()?.runs), delta))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (value, delta) = excess(at)?;
    Ok(Bound { value, terms: vec![("bad-sets", value), ("delta", delta)] })
}
