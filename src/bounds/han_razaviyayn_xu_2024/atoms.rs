//! Atoms at a noise level and the independent coordinates they come apart into, in the words of HRX-4 to HRX-8.

use crate::bounds::pedrotti_maas_mondelli_2024::{data_before_noise, own_level};
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::numerics::{Interval, Ledger, Measured};
use crate::processes::NoiseLevel;
use crate::scores::ErrorShape;
use crate::targets::{BoundedData, Data, Points, Run, common_runs};
use std::sync::Arc;

/// A coordinate of the data, independent of all others.
pub(super) struct Coordinate {
    /// Its law, on the line.
    pub law: Points,
    /// The unscaled score error on it.
    pub error: Option<Arc<dyn ErrorShape>>,
    /// How many there are of it.
    pub copies: f64,
}

/// The noise level of the instance; that of the data for a target that was noised before.
pub(super) fn level_of(at: &Instance) -> Result<NoiseLevel, String> {
    let level = own_level(at);
    match level {
        NoiseLevel { sigma, .. } if sigma <= 0.0 => Err("it has no noise".into()),
        NoiseLevel { alpha, .. } if alpha <= 0.0 => Err("nothing is left of the data".into()),
        _ => Ok(level),
    }
}

/// The coordinates of the data, those that the error couples being refused.
pub(super) fn coordinates(at: &Instance, error: Option<&Arc<dyn ErrorShape>>) -> Result<Vec<Coordinate>, String> {
    let data = data_before_noise(at)?;
    let own = data.runs();
    let runs = match error {
        Some(shape) => common_runs(&[&own, &shape.runs()]),
        None => own,
    };
    let coordinate = |run: &Run| match data.block(run.first, run.dim) {
        _ if run.dim > 1 => {
            Err(format!("coordinates {} to {} are not independent", run.first, run.first + run.dim - 1))
        }
        Data::Points(law) => {
            Ok(Coordinate { law, error: error.map(|e| e.block(run.first, 1)), copies: run.copies as f64 })
        }
        Data::Density(_) | Data::Box(_) | Data::Product(_) => Err(format!("coordinate {} has a density", run.first)),
    };
    runs.iter().map(coordinate).collect()
}

/// A sum over all coordinates.
pub(super) fn sum_over(
    coordinates: &[Coordinate],
    of: impl Fn(&Coordinate) -> Result<Measured, String>,
) -> Result<Measured, String> {
    let (mut value, mut ledger) = (Interval::ZERO, Ledger::new());
    for coordinate in coordinates {
        let own = of(coordinate)?;
        value += own.value * coordinate.copies;
        ledger = ledger.and(&own.ledger.scaled(coordinate.copies));
    }
    Ok(Measured::enclosed(value, ledger))
}

/// The irreducible noise `E |X_0 - E[X_0 | X_t]|^2`, from the posterior variances.
pub(super) fn noise(coordinates: &[Coordinate], level: NoiseLevel) -> Result<Measured, String> {
    sum_over(coordinates, |coordinate| {
        let found = BoundedData::Points(coordinate.law.clone()).noise_on_line(level);
        found.ok_or_else(|| "a coordinate is not on the line".into())
    })
}

/// There is noise, and it leaves something of the data.
pub(super) const LEVEL: Hypothesis = Hypothesis {
    says: "the level has alpha > 0 and sigma > 0",
    holds: |at| level_of(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The data are atoms, coordinate by coordinate.
pub(super) const COORDINATES: Hypothesis = Hypothesis {
    says: "the data have independent coordinates, each with finitely many atoms",
    holds: |at| coordinates(at, None).map_or_else(Holds::No, |_| Holds::Yes),
};
