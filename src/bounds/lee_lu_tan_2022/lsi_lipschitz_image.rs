//! LLT-18d: Lipschitz images and products.

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most};
use crate::bounds::hypotheses::finite_constant;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_lipschitz_image.md")]
pub static LSI_LIPSCHITZ_IMAGE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-lipschitz-image",
    labels: &["LLT-18d"],
    title: "log-Sobolev constant of a Lipschitz image and of a product",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_lipschitz_image.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[IMAGE, LSI_BEFORE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::scaled,
};

/// The level adds no noise.
const IMAGE: Hypothesis = Hypothesis {
    says: "p is the image of a law under x -> M x",
    holds: |at| match at.level.sigma == 0.0 {
        true => Holds::Yes,
        false => Holds::No(format!("noise of standard deviation {:.4e} is added", at.level.sigma)),
    },
};

/// C_LS before the level is finite.
pub(super) const LSI_BEFORE: Hypothesis = Hypothesis {
    says: "the law before the level satisfies LSI(C)",
    holds: |at| match at.target.data() {
        Some(data) if data.has_atoms() => Holds::No("it has atoms".into()),
        _ => finite_constant("C_LS", &at.target.constants(NoiseLevel::DATA).lsi),
    },
};

/// C of the law before the level, from above.
pub(super) fn before(at: &Instance) -> Interval {
    at.target.constants(NoiseLevel::DATA).lsi.value.hi().into()
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (own, factor) = (before(at), Interval::point(at.level.alpha).sqr());
    Ok(at_most((factor * own).hi(), vec![("Lip^2", factor), ("C", own)]))
}
