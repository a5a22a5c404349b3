//! A pair of Gaussian laws in coordinates where the second is N(0, I) and the first nearly diagonal.
//!
//! With `p = N(m0, S0)`, `q = N(m1, S1)`, `D = S1 - S0` (formed directly, never as a ratio minus 1) and any matrix W close to
//! `S0^{-1/2} V`, put `F0 = W'S0W - I` and `F1 = W'DW - diag(e)`. In the coordinates `(I + F0)^{-1/2} W'(x - m0)` the pair is
//! `N(0, I)` and `N(u', I + A)` with
//! ```text
//! |A - diag(e)|_F <= (1 + k)^2 |F1|_F + (2k + k^2) |e|,   |u' - u| <= k |u|,   u = W'(m1 - m0),   k = (1 - |F0|)^{-1/2} - 1.
//! ```
//! Everything is a-posteriori: how W was found does not matter, only the computed residuals F0, F1.

use super::product::{Square, enclose_product};
use crate::laws::{DenseGaussian, GaussianLaw, IndependentGaussian};
use crate::numerics::linalg::{largest_eigenvalue_upper, norm_upper};
use crate::numerics::{Interval, IntervalSum};
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};

/// One eigendirection of the pair, `copies` times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction {
    /// The variance ratio minus 1.
    pub e: Interval,
    /// The variance ratio, S1 over S0.
    pub ratio: Interval,
    /// The difference of the means in standard deviations of p.
    pub u: Interval,
    /// How often this direction occurs.
    pub copies: u64,
}

/// A pair of laws as independent directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Whitened {
    /// The directions. Eigenvalues of A lie in the `e`, components of u' in the `u`.
    pub directions: Vec<Direction>,
    /// For directions that are only nearly independent: `(|A - diag(mid e)|_F, |u' - mid u|)` of each dense block and how many
    /// directions (from the front of its range) it covers.
    pub blocks: Vec<Block>,
    /// Whether in some direction q has at least twice the variance of p, beyond doubt.
    pub wide: bool,
}

/// A dense block: a run of directions with one norm-wise error.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Index of its first direction.
    pub first: usize,
    /// Number of its directions.
    pub len: usize,
    /// A bound of `|A - diag(mid e)|_F`.
    pub shape_error: f64,
    /// A bound of `|u' - mid u|`.
    pub shift_error: f64,
    /// How often the block occurs.
    pub copies: u64,
}

/// What can be said when at least one of the two laws has no density.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Degenerate {
    /// They live on disjoint sets.
    Singular,
    /// Nothing can be computed, and why.
    Unknown(String),
}

impl Whitened {
    /// Appends an independent pair with copies.
    pub fn push(&mut self, q: &GaussianLaw, p: &GaussianLaw, copies: u64) -> Result<(), Degenerate> {
        if q.dim() != p.dim() {
            return Err(Degenerate::Unknown(format!("the laws have {} and {} coordinates", q.dim(), p.dim())));
        }
        match (q, p) {
            (GaussianLaw::Independent(q), GaussianLaw::Independent(p)) => self.push_independent(q, p, copies),
            _ => self.push_dense(&q.to_dense(), &p.to_dense(), copies),
        }
    }

    fn push_independent(
        &mut self,
        q: &IndependentGaussian,
        p: &IndependentGaussian,
        copies: u64,
    ) -> Result<(), Degenerate> {
        for i in 0..q.mean.len() {
            let (s0, s1) = (p.variance[i], q.variance[i]);
            let delta = q.mean[i] - p.mean[i];
            if s0.hi() <= 0.0 && s1.hi() <= 0.0 {
                // Two points in this coordinate.
                if delta == Interval::ZERO {
                    continue;
                }
                return Err(if delta.contains(0.0) {
                    Degenerate::Unknown("two points that cannot be told apart".to_string())
                } else {
                    Degenerate::Singular
                });
            }
            if (s0.hi() <= 0.0 && s1.lo() > 0.0) || (s1.hi() <= 0.0 && s0.lo() > 0.0) {
                return Err(Degenerate::Singular);
            }
            if s0.lo() <= 0.0 || s1.lo() <= 0.0 {
                return Err(Degenerate::Unknown(format!("the variance of coordinate {i} is not known to be positive")));
            }
            let direction = Direction { e: (s1 - s0) / s0, ratio: s1 / s0, u: delta / s0.sqrt(), copies };
            match self.directions.last_mut() {
                Some(last) if same(last, &direction) => last.copies = last.copies.saturating_add(copies),
                _ => self.directions.push(direction),
            }
        }
        Ok(())
    }

    fn push_dense(&mut self, q: &DenseGaussian, p: &DenseGaussian, copies: u64) -> Result<(), Degenerate> {
        let unknown = |why: &str| Degenerate::Unknown(why.to_string());
        let d = p.mean.len();
        // An axis is a direction, and doubling is exact.
        let twice = |i: usize| {
            let (s1, s0) = (Interval::point(q.cov[(i, i)]) - q.cov_error, Interval::point(p.cov[(i, i)]) + p.cov_error);
            s1.lo() >= 2.0 * s0.hi()
        };
        self.wide |= (0..d).any(twice);
        let factor = Cholesky::new(p.cov.clone()).ok_or_else(|| unknown("a covariance is not positive definite"))?;
        let difference = &q.cov - &p.cov;
        let l = factor.l();
        let solve = |m: &DMatrix<f64>| l.solve_lower_triangular(m).ok_or_else(|| unknown("a covariance is singular"));
        let half = solve(&difference)?;
        let e = solve(&half.transpose())?;
        let eigen = SymmetricEigen::new((&e + e.transpose()) * 0.5);
        let w = l
            .transpose()
            .solve_upper_triangular(&eigen.eigenvectors)
            .ok_or_else(|| unknown("a covariance is singular"))?;
        let e = eigen.eigenvalues;
        if !(w.iter().all(|x| x.is_finite()) && e.iter().all(|x| x.is_finite())) {
            return Err(unknown("the whitening overflows"));
        }
        // |W|^2 for the laws' own errors.
        let w_norm = norm_upper(w.iter());
        let w_square = if p.cov_error == 0.0 && q.cov_error == 0.0 && p.mean_error == 0.0 && q.mean_error == 0.0 {
            Interval::ZERO
        } else {
            let gram = w.transpose() * &w;
            let gram = (&gram + gram.transpose()) * 0.5;
            let rounding = crate::numerics::linalg::product_error(d + 2, w_norm, w_norm);
            (Interval::point(largest_eigenvalue_upper(&gram)) + rounding).min(Interval::point(w_norm).sqr())
        };
        let square = Square { w: &w };
        let f0 = square.residual(&p.cov, &DVector::from_element(d, 1.0)) + w_square * p.cov_error;
        // The entries of D are rounded (exactly representable ones are not).
        let slack: IntervalSum = q
            .cov
            .iter()
            .zip(p.cov.iter())
            .map(|(&a, &b)| {
                let exact = Interval::point(a) - b;
                Interval::point(if exact.lo() == exact.hi() { 0.0 } else { exact.width() }).sqr()
            })
            .collect();
        let slack = slack.value().sqrt();
        let w_for_slack = if slack.hi() == 0.0 { Interval::ZERO } else { Interval::point(w_norm).sqr() };
        let f1 = square.residual(&difference, &e)
            + w_for_slack * slack
            + w_square * (Interval::point(q.cov_error) + p.cov_error);
        let f0 = Interval::point(f0.hi());
        if f0.hi() >= 0.5 {
            return Err(unknown("the covariance is too ill-conditioned to whiten"));
        }
        let k = Interval::ONE / (1.0 - f0).sqrt() - 1.0;
        let r = ((k + 1.0).sqr() * f1.hi() + (k * 2.0 + k.sqr()) * norm_upper(e.iter())).hi();
        let delta: Vec<Interval> = q.mean.iter().zip(p.mean.iter()).map(|(&a, &b)| Interval::point(a) - b).collect();
        let shift_input = w_square.sqrt() * (Interval::point(q.mean_error) + p.mean_error);
        let u = enclose_product(&w, &delta);
        let length: Interval = u.iter().map(|x| x.sqr()).sum::<Interval>().sqrt() + shift_input;
        let moved = (k * length.hi() + shift_input * (k + 1.0)).hi();
        let half_widths: Interval = u.iter().map(|x| Interval::point(x.width()).sqr()).sum::<Interval>().sqrt();
        let first = self.directions.len();
        for (e, u) in e.iter().zip(&u) {
            let e = Interval::around(*e, r);
            let ratio = (e + 1.0).max(Interval::ZERO);
            self.directions.push(Direction { e, ratio, u: u.widen(moved), copies });
        }
        let shift_error = (half_widths + moved).hi();
        self.blocks.push(Block { first, len: d, shape_error: r, shift_error, copies });
        Ok(())
    }
}

/// Whether two directions are the same numbers, so that they can be counted together.
fn same(a: &Direction, b: &Direction) -> bool {
    a.e == b.e && a.ratio == b.ratio && a.u == b.u
}
