//! Total variation: closed forms on the line and for equal covariances, otherwise one of two contour integrals.

use super::closed_forms::hellinger_squared;
use super::factor::GaussianFactor;
use super::pinned::{Exact, Pinned};
use super::whitened::Whitened;
use super::{contour, line};
use crate::divergences::NoEngine;
use crate::divergences::transform::{ChernoffFactor, count, tv_of_factors};
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source};

/// The straight contour is used when |M| has fallen below this at `STRAIGHT_REACH` and TV is above `STRAIGHT_LEAST`, since its
/// errors are absolute where those of the rotated one are relative.
const STRAIGHT_DECAY: f64 = 1e-18;
const STRAIGHT_REACH: f64 = 64.0;
const STRAIGHT_LEAST: f64 = 1e-3;

/// TV of a whitened pair.
pub(super) fn total_variation(pair: &Whitened) -> Result<Measured, NoEngine> {
    let mut pinned = Pinned::new(pair);
    if pinned.directions.iter().all(Exact::is_pure_shift) {
        let square: IntervalSum = pinned.directions.iter().map(|d| d.shift() * count(d.copies)).collect();
        return Ok(closed(line::equal(square.value()), &pinned));
    }
    if let [d] = pinned.directions[..]
        && d.copies == 1
    {
        return Ok(closed(line::unequal(&d), &pinned));
    }
    let factor = GaussianFactor::pinned(&pinned);
    // TV is between the squared Hellinger distance and sqrt 2 times the distance, and near the latter when it is small.
    let size = 0.5 * hellinger_squared(pair).mid().max(0.0).sqrt();
    if size >= STRAIGHT_LEAST && factor.tail(STRAIGHT_REACH).is_some_and(|m| m <= STRAIGHT_DECAY) {
        return tv_of_factors(&[(&factor, 1)]);
    }
    for nudge in [0.0, 2.0_f64.powi(-51), 2.0_f64.powi(-49), 2.0_f64.powi(-46), 2.0_f64.powi(-43)] {
        if nudge > 0.0 {
            pinned.nudge(nudge);
        }
        if let Some(found) = contour::total_variation(&pinned.directions, size) {
            let ledger = moved(&pinned)
                .bounded(Source::Discretisation, found.discretisation, "trapezoidal sum in a strip of analyticity")
                .bounded(Source::Truncation, found.truncation, "the contour beyond the last node, |M| bounded");
            return Ok(Measured::with_ledger(found.sum, ledger).clamped(0.0, 1.0));
        }
    }
    tv_of_factors(&[(&GaussianFactor::pinned(&pinned), 1)])
}

fn moved(pinned: &Pinned) -> Ledger {
    if pinned.moved == 0.0 {
        return Ledger::new();
    }
    Ledger::new().bounded(Source::Rounding, pinned.moved, "parameters moved to exact numbers: Pinsker's inequality")
}

/// A closed form and the change of the pair it was evaluated for.
fn closed(value: Interval, pinned: &Pinned) -> Measured {
    Measured::with_ledger(value, moved(pinned)).clamped(0.0, 1.0)
}
