//! Total variation: closed forms on the line and for equal covariances, otherwise one of two contour integrals.

use super::factor::GaussianFactor;
use super::line;
use super::pinned::Pinned;
use super::whitened::Whitened;
use crate::divergences::NoEngine;
use crate::divergences::transform::{count, tv_of_factors};
use crate::numerics::{IntervalSum, Ledger, Measured, Source};

/// TV of a whitened pair.
pub(super) fn total_variation(pair: &Whitened) -> Result<Measured, NoEngine> {
    let pinned = Pinned::new(pair);
    if pinned.directions.iter().all(|d| d.is_pure_shift()) {
        let square: IntervalSum = pinned.directions.iter().map(|d| d.shift() * count(d.copies)).collect();
        return Ok(closed(line::equal(square.value()), &pinned));
    }
    if let [d] = pinned.directions[..]
        && d.copies == 1
    {
        return Ok(closed(line::unequal(&d), &pinned));
    }
    tv_of_factors(&[(&GaussianFactor::pinned(&pinned), 1)])
}

/// A closed form and the change of the pair it was evaluated for.
fn closed(value: crate::numerics::Interval, pinned: &Pinned) -> Measured {
    if pinned.moved == 0.0 {
        return Measured::exact(value);
    }
    let why = "parameters moved to exact numbers: Pinsker's inequality";
    Measured::with_ledger(value, Ledger::new().bounded(Source::Rounding, pinned.moved, why)).clamped(0.0, 1.0)
}
