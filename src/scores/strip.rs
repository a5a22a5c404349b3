//! Where a function on the line lies: in a strip around a straight line.

use crate::numerics::Interval;

/// `f(x) - slope x` lies in `range` at every x of the line. A bounded wave, however large, has slope 0: a secant between
/// two points would see whatever the wave does there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// The slope of the straight line.
    pub slope: f64,
    /// Where the rest lies; the whole line when nothing is known.
    pub range: Interval,
}

impl Strip {
    /// `f = 0`.
    pub const ZERO: Strip = Strip { slope: 0.0, range: Interval::ZERO };

    /// The strip of `factor f`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { slope: self.slope * factor, range: self.range * factor }
    }
}
