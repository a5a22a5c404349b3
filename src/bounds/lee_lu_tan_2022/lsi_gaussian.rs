//! LLT-18a: Gaussians.

use super::REFERENCE;

use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Ledger, Measured, Source};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_gaussian.md")]
pub static LSI_GAUSSIAN: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-gaussian",
    labels: &["LLT-18a"],
    title: "the constants of a Gaussian are its largest variance",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_gaussian.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "lsi", measured: both_sides },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[GAUSSIAN],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::gaussian,
};

/// p is a Gaussian.
const GAUSSIAN: Hypothesis = Hypothesis {
    says: "p = N(m, S), or a product of such",
    holds: |at| match at.density().map(|p| constants::largest_eigenvalue(&p)) {
        Ok(Some(_)) => Holds::Yes,
        Ok(None) => Holds::No("p is a mixture".into()),
        Err(why) => Holds::No(why),
    },
};

fn both_sides(at: &Instance) -> Result<Measured, String> {
    let value = constants::lsi_of_gaussian(&at.density()?)?;
    let why = "between a variance and a factor of t I - S";
    Ok(Measured::enclosed(value, Ledger::new().bounded(Source::Rounding, value.width(), why)))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let value = constants::largest_eigenvalue(&at.density()?).ok_or("p is not a Gaussian")?;
    Ok(Bound { value, terms: vec![("lambda-max", value)] })
}
