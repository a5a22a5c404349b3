//! Laws of one number that are known exactly.

use crate::laws::{Density1, Shadow};
use crate::numerics::Interval;
use crate::targets::Line;

/// The law of a number.
pub trait LineLaw: Send + Sync {
    /// P(X <= x), enclosed, accurate in the lower tail.
    fn at_most(&self, x: f64) -> Interval;
    /// P(X > x), enclosed, accurate in the upper tail.
    fn above(&self, x: f64) -> Interval;
    /// Numbers between which all but about 1e-12 of the mass lies.
    fn reach(&self) -> (f64, f64);
    /// Where the law has atoms.
    fn atoms(&self) -> Vec<f64> {
        Vec::new()
    }
}

impl LineLaw for Line {
    fn at_most(&self, x: f64) -> Interval {
        self.cdf(Interval::point(x)).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        self.sf(Interval::point(x)).clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        Line::reach(self, 7.5)
    }
}

/// Finitely many atoms.
pub struct Atoms(pub Vec<(Interval, f64)>);

impl LineLaw for Atoms {
    fn at_most(&self, x: f64) -> Interval {
        self.0.iter().filter(|(_, at)| *at <= x).map(|(w, _)| *w).sum::<Interval>().clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        self.0.iter().filter(|(_, at)| *at > x).map(|(w, _)| *w).sum::<Interval>().clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        let places = self.0.iter().map(|(_, at)| *at);
        let (lo, hi) = (places.clone().fold(f64::INFINITY, f64::min), places.fold(f64::NEG_INFINITY, f64::max));
        let margin = 1e-3 * (hi - lo).max(1e-3 * hi.abs()).max(f64::MIN_POSITIVE);
        (lo - margin, hi + margin)
    }

    fn atoms(&self) -> Vec<f64> {
        self.0.iter().map(|(_, at)| *at).collect()
    }
}

/// How far, relatively, incomplete gamma functions in double precision may be off.
const GAMMA_ROUNDING: f64 = 1e-10;

/// chi^2 with `dim` degrees of freedom, of a number known up to a relative rounding of `1e-11`.
pub struct ChiSquare {
    /// Degrees of freedom.
    pub dim: usize,
}

impl ChiSquare {
    /// The range of x that a rounded number may stand for.
    fn around(x: f64) -> [f64; 2] {
        [x * (1.0 - 1e-11), x * (1.0 + 1e-11)].map(|x| 0.5 * x.max(0.0))
    }

    fn widened(a: f64, b: f64) -> Interval {
        Interval::new(a * (1.0 - GAMMA_ROUNDING), b * (1.0 + GAMMA_ROUNDING)).clamp(0.0, 1.0)
    }
}

impl LineLaw for ChiSquare {
    fn at_most(&self, x: f64) -> Interval {
        let [lo, hi] = Self::around(x)
            .map(|x| if x > 0.0 { statrs::function::gamma::gamma_lr(0.5 * self.dim as f64, x) } else { 0.0 });
        Self::widened(lo, hi)
    }

    fn above(&self, x: f64) -> Interval {
        let [hi, lo] = Self::around(x)
            .map(|x| if x > 0.0 { statrs::function::gamma::gamma_ur(0.5 * self.dim as f64, x) } else { 1.0 });
        Self::widened(lo, hi)
    }

    fn reach(&self) -> (f64, f64) {
        // Laurent and Massart 2000: beyond d + 2 sqrt(d t) + 2t, and below d - 2 sqrt(d t), with probability e^-t.
        let (d, t) = (self.dim as f64, 28.0);
        ((d - 2.0 * (d * t).sqrt()).max(0.0), d + 2.0 * (d * t).sqrt() + 2.0 * t)
    }
}

/// A density carried by an engine, with the errors of its representation in total variation.
pub struct Carried<T>(pub T);

impl<T: Density1 + Send> LineLaw for Carried<T> {
    fn at_most(&self, x: f64) -> Interval {
        Interval::around(self.0.cdf(x), self.0.ledger().total() + 1e-13).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        Interval::around(self.0.sf(x), self.0.ledger().total() + 1e-13).clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        self.0.support()
    }
}

/// A law in the plane along a direction: Gaussians of nearly one width, up to an error in total variation.
pub struct Bells {
    shadow: Shadow,
    /// The weights of all before, and of all from each one on.
    before: Vec<f64>,
    from: Vec<f64>,
    /// Beyond that distance a Gaussian has no mass that counts.
    far: f64,
}

impl Bells {
    /// From its Gaussians.
    #[must_use]
    pub fn new(shadow: Shadow) -> Self {
        let n = shadow.weights.len();
        let (mut before, mut from) = (vec![0.0; n + 1], vec![0.0; n + 1]);
        (0..n).for_each(|k| before[k + 1] = before[k] + shadow.weights[k]);
        (0..n).rev().for_each(|k| from[k] = from[k + 1] + shadow.weights[k]);
        let far = 9.0 * shadow.sds.iter().copied().fold(0.0, f64::max);
        Self { shadow, before, from, far }
    }

    /// The mass on one side of x, of the Gaussians near it and of those all of whose mass lies there.
    fn beyond(&self, x: f64, above: bool) -> Interval {
        let Shadow { centres, weights, sds, error } = &self.shadow;
        let near = centres.partition_point(|c| *c < x - self.far)..centres.partition_point(|c| *c <= x + self.far);
        let whole = if above { self.from[near.end] } else { self.before[near.start] };
        let sign = if above { 1.0 } else { -1.0 };
        let tail = |k: usize| 0.5 * weights[k] * libm::erfc(sign * (x - centres[k]) / (sds[k] * 2f64.sqrt()));
        Interval::around(whole + near.map(tail).sum::<f64>(), error + 1e-12).clamp(0.0, 1.0)
    }
}

impl LineLaw for Bells {
    fn at_most(&self, x: f64) -> Interval {
        self.beyond(x, false)
    }

    fn above(&self, x: f64) -> Interval {
        self.beyond(x, true)
    }

    fn reach(&self) -> (f64, f64) {
        let ends = (self.shadow.centres.first(), self.shadow.centres.last());
        let (lo, hi) = (ends.0.copied().unwrap_or(0.0), ends.1.copied().unwrap_or(0.0));
        (lo - self.far, hi + self.far)
    }
}

/// A law known up to an error in total variation.
pub struct UpTo(pub Box<dyn LineLaw>, pub f64);

impl LineLaw for UpTo {
    fn at_most(&self, x: f64) -> Interval {
        self.0.at_most(x).widen(self.1).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        self.0.above(x).widen(self.1).clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        self.0.reach()
    }

    fn atoms(&self) -> Vec<f64> {
        self.0.atoms()
    }
}

/// `centre + factor (X - centre)`, factor > 0.
pub struct Stretched {
    /// The law of X.
    pub law: Box<dyn LineLaw>,
    /// The point that stays.
    pub centre: f64,
    /// The factor.
    pub factor: f64,
}

impl Stretched {
    fn back(&self, x: f64) -> f64 {
        self.centre + (x - self.centre) / self.factor
    }
}

impl LineLaw for Stretched {
    fn at_most(&self, x: f64) -> Interval {
        self.law.at_most(self.back(x))
    }

    fn above(&self, x: f64) -> Interval {
        self.law.above(self.back(x))
    }

    fn reach(&self) -> (f64, f64) {
        let (lo, hi) = self.law.reach();
        (self.centre + self.factor * (lo - self.centre), self.centre + self.factor * (hi - self.centre))
    }
}

/// X under the condition that it lies in `[lo, hi]`.
pub struct Cut {
    /// The law of X.
    pub law: Box<dyn LineLaw>,
    /// The range.
    pub range: (f64, f64),
}

impl Cut {
    fn mass(&self) -> Interval {
        Interval::ONE - self.law.at_most(self.range.0) - self.law.above(self.range.1)
    }
}

impl LineLaw for Cut {
    fn at_most(&self, x: f64) -> Interval {
        if x < self.range.0 {
            return Interval::ZERO;
        }
        if x >= self.range.1 {
            return Interval::ONE;
        }
        ((self.law.at_most(x) - self.law.at_most(self.range.0)) / self.mass()).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        if x < self.range.0 {
            return Interval::ONE;
        }
        if x >= self.range.1 {
            return Interval::ZERO;
        }
        ((self.law.above(x) - self.law.above(self.range.1)) / self.mass()).clamp(0.0, 1.0)
    }

    fn reach(&self) -> (f64, f64) {
        let (lo, hi) = self.law.reach();
        (lo.max(self.range.0), hi.min(self.range.1))
    }
}

/// The point below which `share` of the mass lies, roughly; `share` may be given from above for the upper tail.
pub fn quantile(law: &dyn LineLaw, share: Share) -> f64 {
    let (mut lo, mut hi) = law.reach();
    let width = hi - lo;
    let beyond = |x: f64| match share {
        Share::Below(p) => law.at_most(x).mid() >= p,
        Share::Above(p) => law.above(x).mid() <= p,
    };
    // The reach is not far enough for the smallest shares.
    for _ in 0..60 {
        match (beyond(lo), beyond(hi)) {
            (true, _) => lo -= width,
            (_, false) => hi += width,
            _ => break,
        }
    }
    for _ in 0..100 {
        let middle = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi || hi - lo <= 1e-12 * width {
            break;
        }
        if beyond(middle) { hi = middle } else { lo = middle }
    }
    hi
}

/// A share of the mass on one side.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    /// Below the point.
    Below(f64),
    /// Above it.
    Above(f64),
}
