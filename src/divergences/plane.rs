//! Mixtures of Gaussians in the plane: f-divergences by cells, every error bounded.

mod affine;
mod analytic;
mod component;
mod excess;
mod law;
mod nodes;
mod tails;

pub(super) use law::PlaneLaw;

use super::Divergence;
use crate::numerics::Measured;

/// D(q, p) of two mixtures in the plane; `None` when nothing is gained over cruder bounds (W2, or a tail without a bound).
///
/// # Promise
/// The divergence lies in the interval.
pub(super) fn between(divergence: Divergence, q: &PlaneLaw, p: &PlaneLaw) -> Option<Measured> {
    match divergence {
        Divergence::Tv => Some(excess::total_variation(q, p)),
        Divergence::Kl => Some(analytic::kl(q, p)),
        Divergence::KlReverse => Some(analytic::kl(p, q)),
        Divergence::HellingerSquared => Some(analytic::hellinger(q, p)),
        Divergence::ChiSquared => analytic::second_order(q, p, false),
        Divergence::Renyi2 => analytic::second_order(q, p, true),
        Divergence::W2 => None,
    }
}
