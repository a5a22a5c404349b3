//! The closed set of divergences, and the dispatch over pairs of laws.

use crate::laws::Law;
use crate::numerics::Measured;
use thiserror::Error;

/// No engine computes this divergence for this pair of laws.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{divergence} of these laws has no engine: {why}")]
pub struct NoEngine {
    /// The divergence's name in specs.
    pub divergence: &'static str,
    /// Why, and what would make it possible.
    pub why: String,
}

/// D(q, p) with q the law of the output and p the target. Nats; TV in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Divergence {
    /// sup_A |q(A) - p(A)|.
    Tv,
    /// KL(q | p).
    Kl,
    /// KL(p | q).
    KlReverse,
    /// int q^2/p - 1.
    ChiSquared,
    /// ln(1 + chi^2).
    Renyi2,
    /// 1 - int sqrt(q p).
    HellingerSquared,
    /// The 2-Wasserstein distance.
    W2,
}

impl Divergence {
    /// D(q, p), enclosed.
    ///
    /// # Errors
    /// `NoEngine` when no engine computes this divergence for this pair of representations.
    pub fn between(self, q: &Law, p: &Law) -> Result<Measured, NoEngine> {
        let _ = (q, p);
        todo!()
    }
}
