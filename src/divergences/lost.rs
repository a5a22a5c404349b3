//! What two laws lost when they were taken apart in rotated frames, as error terms of their divergence.
//!
//! Let q', p' be the two laws in the coordinates of the frames and q^, p^ the products that stand for them, `r` the sum of
//! the two `sqrt(2 KL)`. TV and the Hellinger distance are metrics, at most r/2 for each replacement; W2 is one too, and
//! changes under the change of coordinates by the stretch of the basis. KL and Renyi-2 are not: their term is an estimate from
//! the derivative, in which a replacement counts as r times a standard deviation of `L = ln(q/p)`.

use super::Divergence;
use crate::numerics::{Interval, Measured, Source};
use crate::targets::Defect;

/// Standard deviations of L, in units of `sqrt D + D`, that the estimate for KL and Renyi-2 allows.
const SPREADS: f64 = 10.0;

/// The defects of all pairs of a product.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    /// Those that are proved.
    proved: Defect,
    /// Those that are estimates.
    estimated: Defect,
}

impl Lost {
    /// Adds what a law with copies lost.
    pub(super) fn add(&mut self, defect: Defect, copies: u64) {
        let to = if defect.estimated { &mut self.estimated } else { &mut self.proved };
        *to = to.and(defect.times(copies));
    }

    /// A divergence of the products as one of the laws.
    ///
    /// # Promise
    /// When nothing lost is an estimate, TV, Hellinger and W2 of the laws lie in the interval.
    pub(super) fn charged(&self, divergence: Divergence, measured: Measured) -> Measured {
        charge(divergence, charge(divergence, measured, self.proved), self.estimated)
    }
}

fn charge(divergence: Divergence, measured: Measured, defect: Defect) -> Measured {
    if defect.is_zero() {
        return measured;
    }
    let before = measured.value;
    let half = 0.5 * defect.relative;
    let is_metric = matches!(divergence, Divergence::Tv | Divergence::HellingerSquared | Divergence::W2);
    let value = match divergence {
        Divergence::Tv => before.widen(half).clamp(0.0, 1.0),
        Divergence::HellingerSquared => before.sqrt().widen(half).max(Interval::ZERO).sqr().clamp(0.0, 1.0),
        Divergence::W2 => {
            let stretched = Interval::ONE.widen(defect.stretch);
            (before.widen(defect.distance) / stretched).max(Interval::ZERO)
        }
        Divergence::Kl | Divergence::KlReverse | Divergence::Renyi2 => estimated(before, defect.relative),
        Divergence::ChiSquared => estimated(before.ln_1p(), defect.relative).exp_m1().max(Interval::ZERO),
    };
    // How far an end moved; an infinite one does not.
    let moved = |a: f64, b: f64| if a == b { 0.0 } else { (Interval::point(a) - b).magnitude() };
    let size = moved(value.lo(), before.lo()).max(moved(value.hi(), before.hi()));
    let ledger = if !defect.estimated && is_metric {
        measured.ledger.bounded(Source::Rounding, size, "rotation into a frame: what was rounded and dropped, bounded")
    } else {
        let why = "rotation into a frame: what was rounded and dropped, by its effect to first order";
        measured.ledger.open(Source::Rounding, size, why)
    };
    let evidence = measured.evidence.and(ledger.evidence());
    Measured { value, evidence, ledger }
}

/// An additive divergence with the estimated effect of a relative change r of the laws.
fn estimated(value: Interval, r: f64) -> Interval {
    let by = |d: f64| if d.is_finite() { SPREADS * r * (d.max(0.0).sqrt() + d.max(0.0) + r) } else { 0.0 };
    value.widen(by(value.lo()).max(by(value.hi()))).max(Interval::ZERO)
}
