//! HRX-4: denoising score matching is a regression on the clean data, and its loss splits.

use super::REFERENCE;
use super::atoms::{COORDINATES, LEVEL, coordinates, level_of, noise, sum_over};
use super::joint::{Added, squared_distance};
use crate::bounds::hypotheses::SQUARE_INTEGRABLE;
use crate::bounds::lee_lu_tan_2022::enclosed_level;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::ErrorShape;
use std::sync::Arc;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/dsm_regression.md")]
pub static DSM_REGRESSION: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/dsm-regression",
    labels: &["HRX-4"],
    title: "the denoising loss is the squared error of a regression plus noise that none can remove",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/dsm_regression.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "denoising-loss", measured: loss },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[LEVEL, COORDINATES, ERROR_HERE, UNCOUPLED, SQUARE_INTEGRABLE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::regression::damaged,
};

/// The error is one of the score at the level of the instance.
const ERROR_HERE: Hypothesis =
    Hypothesis { says: "the score error, if there is one, is one at this level", holds: Instance::takes_score };

/// The error acts on each coordinate by itself.
const UNCOUPLED: Hypothesis = Hypothesis {
    says: "the error does not couple the coordinates",
    holds: |at| coordinates(at, error_of(at)).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The shape of the error, if there is one.
fn error_of(at: &Instance) -> Option<&Arc<dyn ErrorShape>> {
    at.error_shape().filter(|_| at.amplitude() != 0.0)
}

/// `E|f - X_0|^2` over the joint law of data and noised data.
fn loss(at: &Instance) -> Result<Measured, String> {
    let level = level_of(at)?;
    let scale = at.amplitude() / level.gain();
    sum_over(&coordinates(at, error_of(at))?, |coordinate| {
        let added = coordinate.error.as_ref().map(|shape| Added { shape: &**shape, scale });
        Ok(squared_distance(&coordinate.law, level, added.as_ref()))
    })
}

/// `E|f - f_*|^2 + sigma^2(t)`, from the size of the score error and the posterior variances.
fn bound(at: &Instance) -> Result<Bound, String> {
    let level = level_of(at)?;
    let [alpha, h] = enclosed_level(level)?;
    let error = at.epsilon().sqr() * (h / alpha).sqr();
    let noise = noise(&coordinates(at, None)?, level)?.value;
    Ok(Bound { value: error + noise, terms: vec![("E|f - f*|^2", error), ("noise", noise), ("a", alpha / h)] })
}
