//! The Chernoff transform of a Gaussian pair on the line Re z = 1/2, where `rho = 2it` and `z(1 - z) = 1/4 + t^2`.
//!
//! ```text
//! ln M(1/2 + it) = sum over directions of
//!   1/4 [ln(1 - x^2) - ln(1 + 4 t^2 x^2)] - 1/2 (1/4 + t^2) v/(1 + 4 t^2 x^2)
//!   + i/2 [atan(2 t x) - 2 t atanh(x)] - i (1/4 + t^2) v t x/(1 + 4 t^2 x^2),      x = e/(2 + e),   v = u^2 (1 - x).
//! ```

use super::pinned::Pinned;
use super::spectrum::Spectrum;
use super::whitened::{Degenerate, Whitened};
use crate::divergences::NoEngine;
use crate::divergences::transform::ChernoffFactor;
use crate::laws::GaussianLaw;
use crate::numerics::{ComplexInterval, Interval, Ledger, Source};

/// A pair of Gaussian laws as one factor of a product.
#[derive(Clone, Debug)]
pub struct GaussianFactor {
    spectrum: Spectrum,
    moved: f64,
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
        Self { spectrum: Spectrum::new(&pair.directions, false), moved: pair.moved }
    }
}

impl ChernoffFactor for GaussianFactor {
    fn minus_one(&self, t: f64) -> ComplexInterval {
        self.log(t).exp_m1()
    }

    fn log(&self, t: f64) -> ComplexInterval {
        let t = Interval::point(t);
        let quarter = t.sqr() + 0.25;
        self.spectrum.log(ComplexInterval::new(Interval::ZERO, t * 2.0), ComplexInterval::real(quarter))
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
