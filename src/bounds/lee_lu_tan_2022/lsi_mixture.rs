//! LLT-19: finite mixtures.

use super::REFERENCE;
use super::lsi_constants::{LSI_LEAST, at_most};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::{Density, constants};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_mixture.md")]
pub static LSI_MIXTURE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-mixture",
    labels: &["LLT-19"],
    title: "log-Sobolev constant of a finite mixture",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_mixture.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[MIXTURE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::mixture,
};

/// At least two components.
pub(super) const MIXTURE: Hypothesis = Hypothesis {
    says: "p is a mixture of at least two components, or a product with such a factor",
    holds: |at| match at.density() {
        Ok(p) if is_mixture(&p) => Holds::Yes,
        Ok(_) => Holds::No("one component".into()),
        Err(why) => Holds::No(why),
    },
};

fn is_mixture(p: &Density) -> bool {
    match p {
        Density::Gaussian(_) => false,
        Density::Mixture(m) => m.components.iter().any(|c| *c != m.components[0]),
        Density::Product(product) => product.factors.iter().any(|(factor, _)| is_mixture(factor)),
    }
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let upper = constants::mixture_upper(&at.density()?)?;
    Ok(at_most(upper.lsi, vec![("C_LS", upper.lsi.into()), ("C_P", upper.poincare.into())]))
}
