//! What the statements about constants have in common: left-hand sides that no upper bound takes part in.

use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::constants::Silent;
use crate::targets::{Density, constants};

/// The largest lower bound of C_LS that is known.
pub(in crate::bounds) const LSI_LEAST: Quantity =
    Quantity::Other { name: "lsi-least", measured: |at| lower_bound(constants::lsi_least(&at.density()?)?) };

/// The largest lower bound of C_P that is known.
pub(super) const POINCARE_LEAST: Quantity =
    Quantity::Other { name: "poincare-least", measured: |at| lower_bound(constants::poincare_least(&at.density()?)?) };

/// The largest `|Hess ln p|` that was found.
pub(super) const SMOOTHNESS_LEAST: Quantity = Quantity::Other {
    name: "smoothness-least",
    measured: |at| lower_bound(constants::smoothness_least(&at.density()?)?),
};

/// A proved lower bound, as the number it is.
pub(in crate::bounds) fn lower_bound(value: f64) -> Result<Measured, String> {
    let why = "a proved lower bound of the constant, a little taken off for rounding";
    let ledger = Ledger::new().bounded(Source::Rounding, 1e-12 * value, why);
    Ok(Measured::enclosed(Interval::point(value), ledger))
}

/// A right-hand side that is known from above.
pub(in crate::bounds) fn at_most(value: f64, terms: Vec<(&'static str, Interval)>) -> Bound {
    Bound { value: Interval::point(value), terms }
}

/// p has a density.
pub(super) const DENSITY: Hypothesis = Hypothesis {
    says: "p has a density",
    holds: |at| at.has_density_at(at.level).map_or_else(Holds::No, |()| Holds::Yes),
};

/// Whether a rule speaks of the law at the level.
pub(in crate::bounds) fn speaks<T>(at: &Instance, rule: fn(&Density) -> Result<T, String>) -> Holds {
    let found = at.density().and_then(|p| rule(&p));
    found.map_or_else(|why| at.without_closed_form(at.level, why), |_| Holds::Yes)
}

/// What a rule that tells what it knows not to hold from what it does not know says as a hypothesis.
pub(in crate::bounds) fn heard<T>(rule: Result<T, Silent>, decides: &str) -> Holds {
    match rule {
        Ok(_) => Holds::Yes,
        Err(Silent::Fails(found)) => Holds::No(found),
        Err(Silent::Unknown(found)) => Holds::unknown(found, decides),
    }
}
