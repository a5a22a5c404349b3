//! LLT-18f: the order of the constants.

use super::REFERENCE;
use super::lsi_constants::{DENSITY, at_most};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::{Density, constants};
use nalgebra::SymmetricEigen;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_above_poincare.md")]
pub static LSI_ABOVE_POINCARE: Theorem = Theorem {
    id: "lee-lu-tan-2022/lsi-above-poincare",
    labels: &["LLT-18f"],
    title: "C_LS is at least C_P, and that at least the largest variance",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/lsi_above_poincare.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "largest-variance", measured: largest_variance },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[DENSITY],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::constants::any_law,
};

/// The variance in the direction in which it is largest, a little taken off; products factor by factor.
fn largest_variance(at: &Instance) -> Result<Measured, String> {
    let value = of(&at.density()?);
    let why = "a variance in plain floating point, a relative 1e-9 taken off for its rounding";
    let ledger = Ledger::new().bounded(Source::Rounding, 1e-9 * value, why);
    Ok(Measured::enclosed(Interval::point(value), ledger))
}

fn of(p: &Density) -> f64 {
    if let Density::Product(product) = p {
        return product.factors.iter().map(|(factor, _)| of(factor)).fold(0.0, f64::max);
    }
    SymmetricEigen::new(p.cov()).eigenvalues.max() * (1.0 - 1e-9)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let p = at.density()?;
    let poincare = constants::poincare_upper(&p)?;
    let lsi = at.lsi().max(poincare);
    Ok(at_most(poincare, vec![("C_P", poincare.into()), ("C_LS", lsi.into())]))
}
