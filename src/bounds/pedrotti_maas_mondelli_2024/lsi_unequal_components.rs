//! PMM-4e: the log-Sobolev constant of a mixture, from how much its components overlap.

use super::REFERENCE;
use crate::bounds::lee_lu_tan_2022::{LSI_LEAST, at_most, heard};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_unequal_components.md")]
pub static LSI_UNEQUAL_COMPONENTS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-unequal-components",
    labels: &["PMM-4e"],
    title: "log-Sobolev constant of a mixture of overlapping components",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_unequal_components.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[OVERLAP],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::noised::overlapping,
};

const OVERLAP: Hypothesis = Hypothesis {
    says: "p is a mixture of Gaussians with diagonal covariances, M < inf for some p > 1",
    holds: |at| match at.density() {
        Ok(p) => heard(constants::unequal_components(&p), "components that overlap more"),
        Err(why) => Holds::No(why),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let found = constants::unequal_components(&at.density()?)?;
    let terms = vec![("p", found.power.into()), ("ln M", found.ln_moment), ("C_P", found.poincare.into())];
    Ok(at_most(found.lsi, terms))
}
