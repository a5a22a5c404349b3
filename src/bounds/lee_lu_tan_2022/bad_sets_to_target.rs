//! LLT-1b: transfer to the target itself.

use super::bad_sets::excess;
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{BAD_SET, CHI_PATH, LMC, START_CHI2};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets_to_target.md")]
pub static BAD_SETS_TO_TARGET: Theorem = Theorem {
    id: "lee-lu-tan-2022/bad-sets-to-target",
    labels: &["LLT-1b"],
    title: "a chain close to a good chain outside small sets is close to the target",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets_to_target.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, START_CHI2, BAD_SET, CHI_PATH],
    bound,
    profile: None,
    exponents: &[guarantee("chi", "accuracy", (1, 1))],
    draw: draws::small_bad_set,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (bad_sets, delta) = excess(at)?;
    let end = at.twin_chi()?.last() / 2.0;
    Ok(Bound { value: end + bad_sets, terms: vec![("end", end), ("bad-sets", bad_sets), ("delta", delta)] })
}
