//! Slopes of logarithms with their uncertainties: what rates and exponents are told by.

/// A slope of a logarithm against `ln parameter`, between two neighbours or fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The geometric centre of the parameters it is taken over.
    pub at: f64,
    /// The slope.
    pub value: f64,
    /// How far the true slope can be from `value`.
    pub uncertainty: f64,
    /// Of how many slopes of repetitions it is the mean; 1 where nothing is repeated.
    pub count: usize,
}

/// Number of points in the window that a fit uses.
pub const WINDOW: usize = 4;

/// How far slopes certainly move: the largest distance of two of them beyond their uncertainties.
#[must_use]
pub fn drift(slopes: &[Slope]) -> f64 {
    let highest_low = slopes.iter().map(|s| s.value - s.uncertainty).fold(f64::NEG_INFINITY, f64::max);
    let lowest_high = slopes.iter().map(|s| s.value + s.uncertainty).fold(f64::INFINITY, f64::min);
    (highest_low - lowest_high).max(0.0)
}
