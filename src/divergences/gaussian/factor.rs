//! The Chernoff transform of a Gaussian pair on the line Re z = 1/2, in closed form without cancellation.
//!
//! ```text
//! ln M(1/2 + it) = sum over directions of
//!   -1/4 ln(1 + e^2 (1/4 + t^2)/(1 + e)) - 1/2 (1/4 + t^2) u^2 (1 + e/2)/|w|^2
//!   + i/2 [ atan(2 t x) - 2 t atanh(x) ] - i/2 (1/4 + t^2) u^2 t e/|w|^2,      x = e/(2 + e),  |w|^2 = (1 + e/2)^2 + t^2 e^2.
//! ```

use super::pinned::{Exact, Pinned};
use super::whitened::{Degenerate, Whitened};
use crate::divergences::NoEngine;
use crate::divergences::transform::{ChernoffFactor, count};
use crate::laws::GaussianLaw;
use crate::numerics::{ComplexInterval, Interval, IntervalSum, Ledger, Source};
use std::sync::LazyLock;

/// A pair of Gaussian laws as one factor of a product.
#[derive(Clone, Debug)]
pub struct GaussianFactor {
    directions: Vec<Prepared>,
    moved: f64,
}

/// What does not depend on t.
#[derive(Clone, Copy, Debug)]
struct Prepared {
    e: Interval,
    /// `e^2/(1 + e)`.
    spread: Interval,
    /// `1 + e/2`.
    half: Interval,
    /// `x = e/(2 + e)`.
    x: Interval,
    /// `atanh x - x`.
    bend: Interval,
    /// `u^2`.
    shift: Interval,
    copies: Interval,
}

/// The most terms of the series below.
const ODD_TERMS: usize = 42;
/// `1/(2k + 1)`, k = 1, 2, ...
static ODD: LazyLock<[Interval; ODD_TERMS]> =
    LazyLock::new(|| std::array::from_fn(|k| Interval::ONE / (2 * k + 3) as f64));

/// `sum_{k >= 1} s^k y^{2k+1}/(2k+1)` for |y| < 1/2: `atanh y - y` (s = 1) or `atan y - y` (s = -1).
fn odd_series(y: Interval, sign: f64) -> Interval {
    if y == Interval::ZERO {
        return Interval::ZERO;
    }
    let size = y.abs();
    // As many terms as make the rest smaller than a rounding of the first, by the binary exponent; any number is correct.
    let bits = 1022 - ((size.hi().to_bits() >> 52) & 0x7ff).min(1021) as usize;
    let terms = (28 / bits + 1).min(ODD_TERMS - 1);
    let square = y.sqr() * sign;
    let mut series = Interval::ZERO;
    for odd in ODD[..terms].iter().rev() {
        series = (series + *odd) * square;
    }
    // The rest: at most y^{2K+3}/(1 - y^2), here relative to y; the factor covers the rounding of the power, the sum its underflow.
    let s = size.hi() * size.hi();
    let rest = s.powi(terms as i32 + 1) / (1.0 - s) * (1.0 + 1e-12) + f64::MIN_POSITIVE;
    y * series.widen(rest)
}

/// `atanh x - x` at `x = e/(2 + e)`, where `atanh x = ln(1 + e)/2`.
pub(super) fn bend(x: Interval, log: Interval) -> Interval {
    if x.magnitude() < 0.4 { odd_series(x, 1.0) } else { log * 0.5 - x }
}

/// `atan y - y`.
fn droop(y: Interval) -> Interval {
    if y.magnitude() < 0.4 { odd_series(y, -1.0) } else { y.atan() - y }
}

impl Prepared {
    fn new(d: &Exact) -> Self {
        let x = d.e / (d.ratio + 1.0);
        Self {
            e: d.e,
            spread: d.e.sqr() / d.ratio,
            half: (d.ratio + 1.0) * 0.5,
            x,
            bend: bend(x, d.log),
            shift: d.shift(),
            copies: count(d.copies),
        }
    }

    /// `ln M(1/2 + it)` of one copy; `quarter = 1/4 + t^2`.
    fn log(&self, t: Interval, quarter: Interval) -> ComplexInterval {
        let shape = (self.spread * quarter).ln_1p() * -0.25;
        let phase = (droop(self.x * t * 2.0) - self.bend * t * 2.0) * 0.5;
        if self.shift == Interval::ZERO {
            return ComplexInterval::new(shape, phase);
        }
        let te = t * self.e;
        let pull = quarter * self.shift * 0.5 / (self.half.sqr() + te.sqr());
        ComplexInterval::new(shape - pull * self.half, phase - pull * te)
    }
}

impl GaussianFactor {
    /// The factor of a pair (q, p).
    ///
    /// # Errors
    /// `NoEngine` when one of the laws has no density or its covariance is too close to singular.
    pub fn new(q: &GaussianLaw, p: &GaussianLaw) -> Result<Self, NoEngine> {
        let mut pair = Whitened::default();
        pair.push(q, p, 1).map_err(|degenerate| NoEngine {
            divergence: "tv",
            why: match degenerate {
                Degenerate::Singular => "the two laws live on disjoint sets".to_string(),
                Degenerate::Unknown(why) => why,
            },
        })?;
        Ok(Self::pinned(&Pinned::new(&pair)))
    }

    pub(super) fn pinned(pair: &Pinned) -> Self {
        Self { directions: pair.directions.iter().map(Prepared::new).collect(), moved: pair.moved }
    }
}

impl ChernoffFactor for GaussianFactor {
    fn minus_one(&self, t: f64) -> ComplexInterval {
        self.log(t).exp_m1()
    }

    fn log(&self, t: f64) -> ComplexInterval {
        let t = Interval::point(t);
        let quarter = t.sqr() + 0.25;
        let (mut re, mut im) = (IntervalSum::new(), IntervalSum::new());
        for direction in &self.directions {
            let value = direction.log(t, quarter).scale(direction.copies);
            re.add(value.re);
            im.add(value.im);
        }
        ComplexInterval::new(re.value(), im.value())
    }

    /// |M(1/2 + it)| decreases in |t| in every direction, so the value at t is the supremum.
    fn tail(&self, t: f64) -> Option<f64> {
        Some(self.log(t).re.exp().hi().min(1.0))
    }

    fn ledger(&self) -> Ledger {
        if self.moved == 0.0 {
            return Ledger::new();
        }
        Ledger::new().bounded(Source::Rounding, self.moved, "parameters moved to exact numbers: Pinsker's inequality")
    }
}
