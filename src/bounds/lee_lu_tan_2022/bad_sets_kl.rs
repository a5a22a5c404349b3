//! LLT-1c: how much mass a law close in KL can put on a bad set.

use super::{REFERENCE, excess_mass_kl, excess_mass_kl_closed};
use crate::bounds::hypotheses::{BAD_SET, LMC, finite};
use crate::bounds::{Bound, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws, exceedance_under};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets_kl.md")]
pub static BAD_SETS_KL: Theorem = Theorem {
    id: "lee-lu-tan-2022/bad-sets-kl",
    labels: &["LLT-1c"],
    title: "the largest mass of a set given its mass under p and KL to p",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/bad_sets_kl.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "probability", measured: mass_under_twin },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, BAD_SET, TWIN_KL],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::small_bad_set_gaussian,
};

/// KL(qbar_N | p) is finite.
const TWIN_KL: Hypothesis = Hypothesis {
    says: "KL(qbar_N | p) < inf",
    holds: |at| finite(at, Pair::TwinTarget, Divergence::Kl, "KL(qbar_N | p)"),
};

fn mass_under_twin(at: &Instance) -> Result<Measured, String> {
    let shape = at.error_shape().ok_or("the score is exact: there is no bad set")?;
    exceedance_under(shape.as_ref(), at.twin()?)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let delta = Interval::point(at.exceedance(0.0)?.hi());
    let kl = Interval::point(at.between(Pair::TwinTarget, Divergence::Kl)?.value.hi());
    let closed = excess_mass_kl_closed(delta, kl);
    Ok(Bound { value: excess_mass_kl(delta, kl), terms: vec![("delta", delta), ("kl", kl), ("closed-form", closed)] })
}
