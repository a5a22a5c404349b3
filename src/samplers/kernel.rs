//! One Markov transition.

use crate::scores::{Affine, At, ScoreField};

/// K(x, .) = N(T(x), noise^2 I) with T the drift; noise = 0 is a deterministic step.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// T.
    pub drift: Drift,
    /// Standard deviation of the added noise.
    pub noise: f64,
}

/// The deterministic part of a kernel, a closed expression in the score.
#[derive(Clone, Debug, PartialEq)]
pub enum Drift {
    /// T(x) = x + (a_minus_one) x + b s(x): the departure of `a` from 1 is stored, so that a tiny step loses nothing.
    Score {
        /// a - 1.
        a_minus_one: f64,
        /// b.
        b: f64,
        /// Which score.
        at: At,
    },
}

impl Drift {
    /// T(x) - x at n points (`xs`, `out`: d x n, component-major).
    pub fn displacement(&self, s: &dyn ScoreField, xs: &[f64], out: &mut [f64]) {
        let _ = (s, xs, out);
        todo!()
    }

    /// x -> T(x) - x as an affine map, if it is one.
    #[must_use]
    pub fn affine_displacement(&self, s: &dyn ScoreField) -> Option<Affine> {
        let _ = s;
        todo!()
    }
}
