//! LLT-9c: how far pure noise is from the data under that much noise.

use super::levels::{NOISE_START, START_MOMENT, VE_START, start_chi2, ve_start};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/ve_start.md")]
pub static VE_START_CHI2: Theorem = Theorem {
    id: "lee-lu-tan-2022/ve-start",
    labels: &["LLT-9c"],
    title: "pure noise is close in chi-squared to the data under much noise",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/ve_start.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "chi2-start", measured: |at| at.start_to(ve_start(at)?, Divergence::ChiSquared) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[VE_START, NOISE_START, START_MOMENT],
    bound: |at| {
        let value = start_chi2(at)?;
        Ok(Bound { value, terms: vec![("sigma", ve_start(at)?.sigma.into()), ("ln E exp", value.ln_1p())] })
    },
    profile: None,
    exponents: &[guarantee("sigma", "dim", (1, 2)), guarantee("sigma", "accuracy", (-1, 2))],
    draw: draws::noise_start,
};
