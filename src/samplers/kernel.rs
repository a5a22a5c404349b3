//! One Markov transition.

use crate::scores::{Affine, At, ScoreField, Strip};

/// K(x, .) = N(T(x), noise^2 I) with T the drift; noise = 0 is a deterministic step.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// T.
    pub drift: Drift,
    /// Standard deviation of the added noise.
    pub noise: f64,
    /// How far the numbers of this kernel may be from the ones that are meant, relatively: 0 where they are given, a few units
    /// where they are formed from a grid of times.
    pub rounding: f64,
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

/// A key that is equal for equal kernels.
pub type KernelKey = [u64; 7];

impl Kernel {
    /// The key of this kernel.
    #[must_use]
    pub fn key(&self) -> KernelKey {
        let Drift::Score { a_minus_one, b, at } = self.drift;
        let (alpha, sigma) = at.level.key();
        let bits = |x: f64| (x + 0.0).to_bits();
        [bits(a_minus_one), bits(b), alpha, sigma, u64::from(at.clean), bits(self.noise), bits(self.rounding)]
    }
}

impl Drift {
    /// T(x) - x at n points (`xs`, `out`: d x n, component-major).
    pub fn displacement(&self, s: &dyn ScoreField, xs: &[f64], out: &mut [f64]) {
        let Drift::Score { a_minus_one, b, at } = *self;
        s.eval(at, xs, out);
        for (o, x) in out.iter_mut().zip(xs) {
            *o = a_minus_one * x + b * *o;
        }
    }

    /// x -> T(x) - x as an affine map, if it is one; its rounding errors are carried along, those of its numbers being at most
    /// `given` relatively.
    #[must_use]
    pub fn affine_displacement(&self, s: &dyn ScoreField, given: f64) -> Option<Affine> {
        let Drift::Score { a_minus_one, b, at } = *self;
        let score = s.affine(at)?;
        let d = score.offset.len();
        let mut matrix = score.matrix * b;
        let by_score = matrix.norm();
        let offset = score.offset * b;
        for i in 0..d {
            matrix[(i, i)] += a_minus_one;
        }
        // Each entry is rounded once (off the diagonal) or twice (on it); norms are bounded by the Frobenius norm.
        let rounding = |norm: f64| norm * (f64::EPSILON + given) * 1.01;
        let matrix_error =
            score.matrix_error * b.abs() * (1.01 + given) + rounding(by_score + (d as f64).sqrt() * a_minus_one.abs());
        let offset_error = score.offset_error * b.abs() * (1.01 + given) + rounding(offset.norm());
        Some(Affine { matrix, offset, matrix_error, offset_error })
    }

    /// The score the drift asks for.
    #[must_use]
    pub fn at(&self) -> At {
        let Drift::Score { at, .. } = *self;
        at
    }

    /// The strip in which T departs from that of the error-free score, on the line.
    #[must_use]
    pub fn departure(&self, s: &dyn ScoreField) -> Strip {
        let Drift::Score { b, at, .. } = *self;
        s.departure(at).scaled(b)
    }

    /// The same drift with the error-free score.
    #[must_use]
    pub fn clean(&self) -> Self {
        let Drift::Score { a_minus_one, b, at } = *self;
        Drift::Score { a_minus_one, b, at: At { clean: true, ..at } }
    }
}
