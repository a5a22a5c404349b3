//! One Markov transition.

use crate::numerics::Interval;
use crate::scores::{Affine, At, Feature, ScoreField, Strip};
use crate::targets::MAX_DENSE;

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
    /// Heun's step for dx = f dtau, `f_at(x) = growth x + s_at(x)`:
    /// T(x) = x + (h/2) (f_from(x) + f_to(x + h f_from(x))).
    Heun {
        /// The coefficient of x in f.
        growth: f64,
        /// h.
        h: f64,
        /// The score at the beginning of the step.
        from: At,
        /// The score at its end.
        to: At,
    },
    /// T(x) = x + (a_minus_one) x: no score is asked for.
    Scale {
        /// a - 1.
        a_minus_one: f64,
    },
}

/// A key that is equal for equal kernels.
pub type KernelKey = [u64; 11];

impl Kernel {
    /// The key of this kernel.
    #[must_use]
    pub fn key(&self) -> KernelKey {
        let bits = |x: f64| (x + 0.0).to_bits();
        let score = |at: At| (at.level.key(), u64::from(at.clean) + 2 * u64::from(at.truncated));
        let (kind, numbers, [((a0, s0), c0), ((a1, s1), c1)]) = match self.drift {
            Drift::Score { a_minus_one, b, at } => (0, [a_minus_one, b], [score(at), ((0, 0), 0)]),
            Drift::Heun { growth, h, from, to } => (1, [growth, h], [score(from), score(to)]),
            Drift::Scale { a_minus_one } => (2, [a_minus_one, 0.0], [((0, 0), 0); 2]),
        };
        [kind, bits(numbers[0]), bits(numbers[1]), a0, s0, c0, a1, s1, c1, bits(self.noise), bits(self.rounding)]
    }

    /// Whether it adds no noise.
    #[must_use]
    pub fn is_deterministic(&self) -> bool {
        self.noise == 0.0
    }
}

impl Drift {
    /// T(x) - x at n points (`xs`, `out`: d x n, component-major).
    pub fn displacement(&self, s: &dyn ScoreField, xs: &[f64], out: &mut [f64]) {
        match *self {
            Drift::Score { a_minus_one, b, at } => {
                s.eval(at, xs, out);
                for (o, x) in out.iter_mut().zip(xs) {
                    *o = a_minus_one * x + b * *o;
                }
            }
            Drift::Heun { growth, h, from, to } => {
                s.eval(from, xs, out);
                out.iter_mut().zip(xs).for_each(|(o, x)| *o += growth * x);
                let ahead: Vec<f64> = xs.iter().zip(&*out).map(|(x, f)| x + h * f).collect();
                let mut there = vec![0.0; xs.len()];
                s.eval(to, &ahead, &mut there);
                for ((o, x), f) in out.iter_mut().zip(&ahead).zip(&there) {
                    *o = 0.5 * h * (*o + growth * x + f);
                }
            }
            Drift::Scale { a_minus_one } => out.iter_mut().zip(xs).for_each(|(o, x)| *o = a_minus_one * x),
        }
    }

    /// T'(x) at points of the line, away from jumps, where the scores it asks for have slopes; the caller guarantees d = 1.
    #[must_use]
    pub fn slope(&self, s: &dyn ScoreField, xs: &[f64]) -> Option<Vec<f64>> {
        match *self {
            Drift::Score { a_minus_one, b, at } => {
                Some(s.slope(at, xs)?.into_iter().map(|slope| 1.0 + (a_minus_one + b * slope)).collect())
            }
            Drift::Heun { growth, h, from, to } => {
                let [_, ahead] = self.stages(s, xs);
                let (first, second) = (s.slope(from, xs)?, s.slope(to, &ahead)?);
                let chain = |(f, g): (f64, f64)| {
                    let f = growth + f;
                    1.0 + 0.5 * h * (f + (growth + g) * (1.0 + h * f))
                };
                Some(first.into_iter().zip(second).map(chain).collect())
            }
            Drift::Scale { a_minus_one } => Some(vec![1.0 + a_minus_one; xs.len()]),
        }
    }

    /// The points at which the scores of [`Drift::scores`] are asked for: x itself, and for Heun's second stage `x + h f_from(x)`.
    #[must_use]
    pub fn stages(&self, s: &dyn ScoreField, xs: &[f64]) -> [Vec<f64>; 2] {
        let Drift::Heun { growth, h, from, .. } = *self else { return [xs.to_vec(), Vec::new()] };
        let mut ahead = vec![0.0; xs.len()];
        s.eval(from, xs, &mut ahead);
        ahead.iter_mut().zip(xs).for_each(|(o, x)| *o = x + h * (*o + growth * x));
        [xs.to_vec(), ahead]
    }

    /// x -> T(x) - x as an affine map, if it is one; its rounding errors are carried along, those of its numbers being at most
    /// `given` relatively. `s` must know its affine maps wherever this asks for a score; a map without one is not affine.
    #[must_use]
    pub fn affine_displacement(&self, s: &dyn ScoreField, given: f64) -> Option<Affine> {
        match *self {
            Drift::Score { a_minus_one, b, at } => {
                Some(s.affine(at)?.scaled(b, given).plus_identity(a_minus_one, given))
            }
            Drift::Heun { growth, h, from, to } => {
                let first = s.affine(from)?.plus_identity(growth, 0.0);
                let second = s.affine(to)?.plus_identity(growth, 0.0);
                let ahead = first.clone().scaled(h, given).plus_identity(1.0, 0.0);
                Some(first.plus(&second.after(&ahead), 1.0).scaled(0.5 * h, given))
            }
            Drift::Scale { a_minus_one } => {
                let d = s.dim();
                (d <= MAX_DENSE).then(|| Affine::zero(d).plus_identity(a_minus_one, given))
            }
        }
    }

    /// The scores the drift asks for, in the order in which it does.
    pub fn scores(&self) -> impl Iterator<Item = At> + use<> {
        match *self {
            Drift::Score { at, .. } => [Some(at), None],
            Drift::Heun { from, to, .. } => [Some(from), Some(to)],
            Drift::Scale { .. } => [None, None],
        }
        .into_iter()
        .flatten()
    }

    /// Whether every score it asks for is the error-free one.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.scores().all(|at| at.clean)
    }

    /// The points where T jumps, on the line: those where a score that it asks for does, as far as they are at hand.
    #[must_use]
    pub fn jumps(&self, s: &dyn ScoreField) -> Vec<f64> {
        self.scores().flat_map(|at| s.jumps(at)).collect()
    }

    /// Where T departs from that of the error-free score on lengths of its own, on the line: where a score that it asks for does,
    /// as far as they are at hand.
    #[must_use]
    pub fn features(&self, s: &dyn ScoreField) -> Vec<Feature> {
        self.scores().flat_map(|at| s.features(at)).collect()
    }

    /// The least width of a slab in which T departs from that of the error-free score: where a score that it asks for does.
    #[must_use]
    pub fn thinnest(&self, s: &dyn ScoreField) -> f64 {
        self.scores().map(|at| s.thinnest(at)).fold(f64::INFINITY, f64::min)
    }

    /// The strip in which T departs from that of the error-free score, on the line.
    #[must_use]
    pub fn departure(&self, s: &dyn ScoreField) -> Strip {
        match *self {
            Drift::Score { b, at, .. } => s.departure(at).scaled(b),
            Drift::Heun { .. } if self.scores().all(|at| s.departure(at) == Strip::ZERO) => Strip::ZERO,
            // The error of the first stage passes through the second score, of which no slope is known.
            Drift::Heun { .. } => Strip { slope: 0.0, range: Interval::ENTIRE },
            Drift::Scale { .. } => Strip::ZERO,
        }
    }

    /// The same drift with each score damaged or error-free as `clean` says.
    #[must_use]
    pub fn with_clean(&self, clean: impl Fn(At) -> bool) -> Self {
        self.with_scores(|at| At { clean: clean(at), ..at })
    }

    /// The same drift with other scores.
    fn with_scores(&self, set: impl Fn(At) -> At) -> Self {
        match *self {
            Drift::Score { a_minus_one, b, at } => Drift::Score { a_minus_one, b, at: set(at) },
            Drift::Heun { growth, h, from, to } => Drift::Heun { growth, h, from: set(from), to: set(to) },
            Drift::Scale { a_minus_one } => Drift::Scale { a_minus_one },
        }
    }

    /// The same drift with the truncated score, or with the score as it is.
    #[must_use]
    pub fn with_truncation(&self, truncated: bool) -> Self {
        self.with_scores(|at| At { truncated, ..at })
    }

    /// The same drift with the error-free score.
    #[must_use]
    pub fn clean(&self) -> Self {
        self.with_clean(|_| true)
    }
}
