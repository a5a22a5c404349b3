//! Laws on the line that faults of numbers leave behind.

use super::super::known::Known;
use super::super::line_law::{Atoms, LineLaw};
use super::super::view::Map;
use crate::numerics::Interval;
use crate::targets::Density;
use std::sync::Arc;

/// A law on the line, and nothing else known of it.
pub struct Alone(Arc<dyn LineLaw>);

/// The same law, handed out once more.
struct Shared(Arc<dyn LineLaw>);

impl LineLaw for Shared {
    fn at_most(&self, x: f64) -> Interval {
        self.0.at_most(x)
    }

    fn above(&self, x: f64) -> Interval {
        self.0.above(x)
    }

    fn reach(&self) -> (f64, f64) {
        self.0.reach()
    }

    fn atoms(&self) -> Vec<f64> {
        self.0.atoms()
    }
}

impl Alone {
    /// Of these numbers.
    pub fn of(law: impl LineLaw + 'static) -> Self {
        Self(Arc::new(law))
    }

    /// Weights, up to rounding, and places.
    pub fn atoms(atoms: Vec<(f64, f64)>) -> Self {
        Self::of(Atoms(atoms.into_iter().map(|(w, at)| (Interval::around(w, 1e-12 * w), at)).collect()))
    }
}

impl Known for Alone {
    fn dim(&self) -> usize {
        1
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        matches!(map, Map::Coordinate(0)).then(|| Box::new(Shared(self.0.clone())) as Box<dyn LineLaw>)
    }
}

/// The law of a coordinate of a density.
pub fn coordinate(law: &Density) -> Result<Box<dyn LineLaw>, String> {
    law.along(&Map::Coordinate(0)).ok_or_else(|| "a density has coordinates".into())
}

/// A distribution function in closed form that is continuous, up to 1e-12, between two numbers.
pub struct Function {
    /// P(X <= x).
    pub at_most: fn(f64) -> f64,
    /// Where it grows.
    pub reach: (f64, f64),
}

impl LineLaw for Function {
    fn at_most(&self, x: f64) -> Interval {
        let (lo, hi) = self.reach;
        match () {
            () if x <= lo => Interval::ZERO,
            () if x >= hi => Interval::ONE,
            () => Interval::around((self.at_most)(x), 1e-12).clamp(0.0, 1.0),
        }
    }

    fn above(&self, x: f64) -> Interval {
        Interval::ONE - self.at_most(x)
    }

    fn reach(&self) -> (f64, f64) {
        self.reach
    }
}

/// `step floor(X/step)`.
pub struct RoundedDown {
    /// The law of X.
    pub law: Box<dyn LineLaw>,
    /// The step.
    pub step: f64,
}

impl RoundedDown {
    /// X up to where the number is at most x.
    fn back(&self, x: f64) -> f64 {
        ((x / self.step).floor() + 1.0) * self.step
    }
}

impl LineLaw for RoundedDown {
    fn at_most(&self, x: f64) -> Interval {
        self.law.at_most(self.back(x))
    }

    fn above(&self, x: f64) -> Interval {
        self.law.above(self.back(x))
    }

    fn reach(&self) -> (f64, f64) {
        let (lo, hi) = self.law.reach();
        (lo - self.step, hi)
    }
}

/// One law with this chance, or else the other.
pub struct Either {
    /// The chance of the first.
    pub chance: f64,
    /// The first and the second.
    pub laws: [Box<dyn LineLaw>; 2],
}

impl Either {
    fn both(&self, of: impl Fn(&dyn LineLaw) -> Interval) -> Interval {
        of(self.laws[0].as_ref()) * self.chance + of(self.laws[1].as_ref()) * (1.0 - self.chance)
    }
}

impl LineLaw for Either {
    fn at_most(&self, x: f64) -> Interval {
        self.both(|law| law.at_most(x)).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        self.both(|law| law.above(x)).clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        let [(a, b), (c, d)] = [self.laws[0].reach(), self.laws[1].reach()];
        (a.min(c), b.max(d))
    }
}
