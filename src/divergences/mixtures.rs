//! Mixtures of Gaussians in several dimensions that do not come apart: every divergence between proved bounds.
//!
//! ```text
//! max over lines of D of the projections  <=  D(q, p)  <=  min over couplings of D of the components
//! ```
//! and whatever one divergence says about another.

mod bracket;
mod coupling;
mod moments;
mod parts;
mod second_order;
mod shadow;
mod symmetric;
#[cfg(test)]
mod tests;
mod transport;

use super::plane::{self, PlaneLaw};
use super::{Divergence, NoEngine};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::Density;
use bracket::Bracket;
use nalgebra::DMatrix;
use parts::{Parts, cov_entry};

/// The most components a law may have, products multiplied out.
const MOST: usize = 256;
/// The most pairs of components that are compared.
const MOST_PAIRS: usize = 4096;

/// D(q, p) of two mixtures in several dimensions; `None` when they have too many components.
///
/// # Promise
/// The divergence lies in the interval; evidence is exact or certified.
pub(super) fn between(divergence: Divergence, q: &Density, p: &Density) -> Option<Result<Measured, NoEngine>> {
    let (q, p) = (Parts::of(q, MOST)?, Parts::of(p, MOST)?);
    if q.len() * p.len() > MOST_PAIRS {
        return None;
    }
    Some(Ok(if divergence == Divergence::W2 { moments::w2(&q, &p) } else { general(divergence, &q, &p) }))
}

/// An f-divergence in any dimension.
fn general(divergence: Divergence, q: &Parts, p: &Parts) -> Measured {
    if matches!(divergence, Divergence::ChiSquared | Divergence::Renyi2) && second_order::is_infinite(q, p) {
        return Measured::exact(Interval::INFINITY);
    }
    let value = Bracket::of(q, p, divergence).get(divergence);
    let cells = in_plane(q, p).and_then(|(q, p)| plane::between(divergence, &q, &p));
    if let Some(cells) = cells.filter(|cells| cells.value.width() < value.width()) {
        let both = cells.value.intersect(value).unwrap_or(cells.value);
        return Measured { value: both, ..cells };
    }
    let why = "gap between projections onto lines, from below, and a coupling of the components, from above";
    Measured::enclosed(value, Ledger::new().bounded(Source::Discretisation, value.width(), why))
}

/// Two laws in two dimensions, in coordinates in which the covariance of p and q together is about the identity; an invertible
/// change of coordinates changes no f-divergence.
fn in_plane(q: &Parts, p: &Parts) -> Option<(PlaneLaw, PlaneLaw)> {
    if q.dim() != 2 {
        return None;
    }
    let all = || q.components.iter().chain(&p.components);
    let n = all().count() as f64;
    let centre = all().fold(nalgebra::DVector::zeros(2), |sum, g| sum + &g.mean) / n;
    let within = all().fold(DMatrix::zeros(2, 2), |sum, g| sum + g.cov_matrix()) / n;
    let t = within.cholesky()?.l().try_inverse()?;
    let entry = |i: usize, j: usize| Interval::point(t[(i, j)]);
    let (t11, t21, t22) = (entry(0, 0), entry(1, 0), entry(1, 1));
    let carried = |parts: &Parts| {
        PlaneLaw::new(parts.weights.iter().zip(&parts.components).map(|(&w, g)| {
            let (x, y) = (g.mean_enclosed(0) - centre[0], g.mean_enclosed(1) - centre[1]);
            let (a, b, c) = (cov_entry(g, 0, 0), cov_entry(g, 1, 0), cov_entry(g, 1, 1));
            let cov = [t11.sqr() * a, t11 * (t21 * a + t22 * b), t21.sqr() * a + t21 * t22 * b * 2.0 + t22.sqr() * c];
            (w, [t11 * x, t21 * x + t22 * y], cov)
        }))
    };
    Some((carried(q)?, carried(p)?))
}
