//! Divergences between Gaussian laws and products of them, enclosed (LLT-0 for the closed forms).

mod closed_forms;
mod contour;
mod factor;
mod line;
mod pinned;
mod product;
mod series;
mod spectrum;
#[cfg(test)]
mod tests;
mod tv;
mod wasserstein;
mod whitened;

pub use factor::GaussianFactor;

use super::{Divergence, NoEngine};
use crate::laws::GaussianLaw;
use crate::numerics::{Interval, Ledger, Measured, Source};
use whitened::{Degenerate, Whitened};

/// D(q, p) between two Gaussian laws.
///
/// # Promise
/// The divergence of every pair of laws within the stated errors of q and p lies in the interval.
///
/// # Errors
/// `NoEngine` when a covariance is too close to singular for any statement.
pub fn between(divergence: Divergence, q: &GaussianLaw, p: &GaussianLaw) -> Result<Measured, NoEngine> {
    between_products(divergence, &[(q, p, 1)])
}

/// D of a product of independent Gaussian factors `(q_i, p_i, copies_i)`: every factor is diagonalised, and the directions of all
/// of them form one list.
///
/// # Promise
/// As `between`.
///
/// # Errors
/// As `between`.
pub fn between_products(
    divergence: Divergence,
    factors: &[(&GaussianLaw, &GaussianLaw, u64)],
) -> Result<Measured, NoEngine> {
    if divergence == Divergence::W2 {
        return wasserstein::w2(factors);
    }
    let mut pair = Whitened::default();
    for &(q, p, copies) in factors.iter().filter(|f| f.2 > 0) {
        match pair.push(q, p, copies) {
            Ok(()) => {}
            Err(Degenerate::Singular) => return Ok(Measured::exact(singular(divergence))),
            Err(Degenerate::Unknown(why)) => return Err(NoEngine { divergence: name(divergence), why }),
        }
    }
    let value = match divergence {
        Divergence::Tv => return tv::total_variation(&pair),
        Divergence::Kl => closed_forms::kl(&pair),
        Divergence::KlReverse => closed_forms::kl_reverse(&pair),
        Divergence::ChiSquared => closed_forms::chi_squared(&pair),
        Divergence::Renyi2 => closed_forms::renyi2(&pair),
        Divergence::HellingerSquared => closed_forms::hellinger_squared(&pair),
        Divergence::W2 => return wasserstein::w2(factors),
    };
    Ok(evidence(value.max(Interval::ZERO), &pair))
}

/// A closed form is exact as long as no eigenvalue had to be bounded.
fn evidence(value: Interval, pair: &Whitened) -> Measured {
    if pair.blocks.is_empty() {
        return Measured::exact(value);
    }
    let why = "residuals of the simultaneous diagonalisation, and the errors of the laws";
    Measured::enclosed(value, Ledger::new().bounded(Source::Rounding, value.width(), why))
}

/// D between laws on disjoint sets.
fn singular(divergence: Divergence) -> Interval {
    match divergence {
        Divergence::Tv | Divergence::HellingerSquared => Interval::ONE,
        _ => Interval::INFINITY,
    }
}

/// The divergence's name in specs.
fn name(divergence: Divergence) -> &'static str {
    match divergence {
        Divergence::Tv => "tv",
        Divergence::Kl => "kl",
        Divergence::KlReverse => "kl-reverse",
        Divergence::ChiSquared => "chi2",
        Divergence::Renyi2 => "renyi2",
        Divergence::HellingerSquared => "hellinger-squared",
        Divergence::W2 => "w2",
    }
}
