//! The mean square of an affine error along a chain whose laws have no closed form: second moments by recursion.

use super::Instance;
use super::general::count;
use super::lee_lu_tan_2022::PathError;
use crate::laws::Start;
use crate::numerics::Interval;
use crate::samplers::{Kernel, Program};
use crate::scores::ErrorShape;
use crate::scores::errors::Linear;
use crate::targets::{Constants, Density, Gaussian};
use nalgebra::{DMatrix, DVector};

/// So many steps are taken one by one.
const TAKEN: u64 = 1 << 20;

/// Runs of steps with a common bound that one block of a program is cut into, at most.
const PIECES: u64 = 64;

/// `x.s(x) <= -|x|^2/slow + |x| pull` and `|s(x)| <= fast |x| + pull` for the score s of p and x counted from p's mean.
///
/// For a mixture `s(x) = sum_i r_i(x) S_i^{-1} (m_i - x)` with weights r_i(x) that sum to 1, so both hold with the smallest
/// and the largest eigenvalue of all `S_i^{-1}` and the largest `|S_i^{-1} m_i|`; for independent blocks with the extremes of
/// the eigenvalues and the root of the sum of the squared pulls.
#[derive(Clone, Copy)]
struct Pull {
    /// A lower bound of `1/slow`.
    slow: Interval,
    /// `fast`.
    fast: Interval,
    /// `pull^2`.
    square: Interval,
}

impl Pull {
    fn of(p: &Density, centre: &[f64]) -> Self {
        match p {
            Density::Gaussian(g) => Self::of_component(g, centre),
            Density::Mixture(mixture) => {
                let mut all = mixture.components.iter().map(|g| Self::of_component(g, centre));
                let first = all.next();
                first.map_or(Self::NONE, |first| {
                    all.fold(first, |a, b| Self { square: a.square.max(b.square), ..a.extremes(b) })
                })
            }
            Density::Product(product) => {
                let mut at = 0;
                let mut total: Option<Self> = None;
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        let own = Self::of(factor, &centre[at..at + factor.dim()]);
                        at += factor.dim();
                        total = Some(match total {
                            None => own,
                            Some(so_far) => Self { square: so_far.square + own.square, ..so_far.extremes(own) },
                        });
                    }
                }
                total.unwrap_or(Self::NONE)
            }
        }
    }

    /// Nothing is known.
    const NONE: Self = Self { slow: Interval::ZERO, fast: Interval::INFINITY, square: Interval::INFINITY };

    fn of_component(g: &Gaussian, centre: &[f64]) -> Self {
        let constants = Constants::of(&Density::Gaussian(g.clone()));
        let fast = Interval::point(constants.lipschitz.value.hi());
        let slow = 1.0 / Interval::point(constants.lsi.value.hi());
        let away: Interval = centre.iter().enumerate().map(|(i, &c)| (g.mean_enclosed(i) - c).sqr()).sum();
        Self { slow, fast, square: fast.sqr() * away }
    }

    fn extremes(self, other: Self) -> Self {
        Self { slow: self.slow.min(other.slow), fast: self.fast.max(other.fast), square: self.square }
    }

    /// A bound of `E|x + h s(x)|^2` given `E|x|^2 <= m^2`; it increases in m.
    ///
    /// ```text
    /// |x + h s|^2 = |x|^2 + 2h x.s + h^2 |s|^2 <= |x|^2 (1 - 2h/slow) + 2h pull |x| + h^2 (fast |x| + pull)^2
    /// ```
    /// with `1 - 2h/slow + h^2 fast^2 >= (1 - h fast)^2 >= 0`.
    fn after(&self, h: Interval, m: Interval) -> Interval {
        let pull = self.square.sqrt();
        let factor = (1.0 - 2.0 * h * self.slow + (h * self.fast).sqr()).max(Interval::ZERO);
        factor * m.sqr() + 2.0 * h * pull * m * (1.0 + h * self.fast) + (h * pull).sqr()
    }
}

/// `E|x - centre|^2` under the start.
fn spread(start: &Start, centre: &DVector<f64>) -> Interval {
    match start {
        Start::Density(q) => {
            let d = centre.len();
            Linear { matrix: DMatrix::identity(d, d), offset: -centre }.mean_square(q).value
        }
        Start::Points(q) => {
            let square = |x: &DVector<f64>| -> Interval {
                x.iter().zip(centre.iter()).map(|(&x, &c)| (Interval::point(x) - c).sqr()).sum()
            };
            q.weights.iter().zip(&q.points).map(|(&w, x)| square(x) * w).sum()
        }
        Start::Box(_) => start.moments_about(Interval::ONE, centre).second,
        Start::Product(factors) => {
            let (mut first, mut total) = (0, Interval::ZERO);
            for (factor, copies) in factors {
                for _ in 0..*copies {
                    total += spread(factor, &centre.rows(first, factor.dim()).into_owned());
                    first += factor.dim();
                }
            }
            total
        }
    }
}

/// Bounds of `E_{q_k}|c (A x + b)|^2` along `program` (the instance's own, or its error-free twin), 0 in the steps in which
/// the instance's chain sees no error.
///
/// With `m_k^2 >= E|x_k|^2`, x counted from the mean of p, and e switched off in the error-free twin,
/// ```text
/// m_{k+1}^2 = (sqrt(E|x + h s|^2) + h |c| (|A| m_k + |A centre + b|))^2 + d noise^2
/// ```
/// The right-hand side increases in `m_k`, so the sequence is monotone within a run of equal steps, and the two ends of a piece
/// of it bound the piece.
///
/// # Promise
/// Each value is a proved upper bound.
///
/// # Errors
/// When the error is not affine, the target has no closed form, or the moments are not bounded.
pub(super) fn affine_error(at: &Instance, program: &Program) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let error = at.field.error.as_ref().ok_or("the score is exact")?;
    let map = error.shape().and_then(|shape| shape.affine()).ok_or("the error is not affine")?;
    let p = at.density()?;
    let centre = p.mean();
    let pull = Pull::of(&p, centre.as_slice());
    let (d, scale) = (Interval::point(at.dim() as f64), Interval::point(at.amplitude().abs()));
    // |A|^2 <= |A|_1 |A|_inf.
    let sum = |entries: &mut dyn Iterator<Item = f64>| entries.map(|a| Interval::point(a.abs())).sum::<Interval>().hi();
    let columns = map.matrix.column_iter().map(|c| sum(&mut c.iter().copied())).fold(0.0, f64::max);
    let rows = map.matrix.row_iter().map(|r| sum(&mut r.iter().copied())).fold(0.0, f64::max);
    let norm = (Interval::point(columns) * rows).sqrt() + map.matrix_error;
    let at_centre = map.matrix.row_iter().zip(map.offset.iter()).map(|(row, &b)| {
        let image = row.iter().zip(centre.iter()).map(|(&a, &c)| Interval::point(a) * c).sum::<Interval>();
        (image + b).sqr()
    });
    let away = centre.iter().map(|&c| Interval::point(c).sqr()).sum::<Interval>().sqrt();
    let offset = at_centre.sum::<Interval>().sqrt() + map.offset_error + away * map.matrix_error;
    let size = |m: Interval| scale * (norm * m + offset);
    let step = |kernel: &Kernel, clean: bool, m: Interval| {
        let h = Interval::point(lmc.step);
        let kicked = if clean { Interval::ZERO } else { h * size(m) };
        let moved = (pull.after(h, m).sqrt() + kicked).sqr() + d * Interval::point(kernel.noise).sqr();
        Interval::point(moved.sqrt().hi())
    };
    let mut m = Interval::point(spread(&at.start, &centre).sqrt().hi());
    let mut runs = Vec::new();
    for (block, &(clean, _)) in program.blocks.iter().zip(&lmc.runs) {
        let blind = block.kernel.drift.is_clean();
        let piece = block.repeat.min(TAKEN).div_ceil(PIECES).max(1);
        let mut left = block.repeat;
        while left > 0 {
            let first = m;
            let taken = match left > block.repeat.saturating_sub(TAKEN) {
                true => piece.min(left),
                false => left,
            };
            if taken > piece {
                m = settled(m, |m| step(&block.kernel, blind, m))?;
            } else {
                (0..taken).for_each(|_| m = step(&block.kernel, blind, m));
            }
            let worst = Interval::point(size(first.max(m)).sqr().hi());
            if !worst.is_finite() {
                return Err("its second moments are not bounded".into());
            }
            runs.push((taken, if clean { Interval::ZERO } else { worst }));
            left -= taken;
        }
    }
    debug_assert_eq!(count(runs.iter().map(|r| r.0).sum()), count(lmc.steps));
    Ok(PathError { runs, proved: true })
}

/// A number at or above m that a step does not exceed: it bounds all that follows.
fn settled(m: Interval, step: impl Fn(Interval) -> Interval) -> Result<Interval, String> {
    let mut above = m;
    for _ in 0..64 {
        if step(above).hi() <= above.hi() {
            return Ok(above);
        }
        above = Interval::point((above * 1.01 + f64::MIN_POSITIVE).hi());
    }
    Err("its second moments are not bounded over so many steps".into())
}
