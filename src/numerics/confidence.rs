//! Confidence intervals that hold for every sample size.

use super::{Interval, Ledger, Mean, Measured};

/// A two-sided empirical Bernstein interval (Maurer and Pontil 2009) for the mean of at least two independent values in [0, 1]:
/// `|mean - E| <= sqrt(2 V ln(4/delta)/n) + 7 ln(4/delta)/(3 (n - 1))` with probability at least 1 - delta.
#[must_use]
pub fn mean_of_bounded(values: &[f64], level: f64) -> Measured {
    let Mean { value: mean, variance, .. } = Mean::of(values.iter().copied());
    let n = values.len() as f64;
    let log = (4.0 / (1.0 - level)).ln();
    let bound = (2.0 * variance * log / n).sqrt() + 7.0 * log / (3.0 * (n - 1.0));
    let ledger = Ledger::new().random(bound, level, format!("empirical Bernstein inequality, {n} draws"));
    Measured::with_ledger(Interval::point(mean), ledger).clamped(0.0, 1.0)
}
