//! Tensor Gauss-Legendre rules on a cell, and what they miss.
//!
//! For f analytic in the Bernstein ellipse of [-1, 1] with parameter r, `|f| <= M` there, the Chebyshev series cut off at degree m is
//! within `2 M r^-m/(r - 1)` of f. A rule with n nodes is exact up to degree 2n - 1 and its weights are positive and sum to 2, so
//! ```text
//! |int f - rule| <= 8 M r^{-(2n-1)}/(r - 1)
//! ```
//! and over a cell of half-sides h, k the tensor rule misses at most `h k (2 E_x + 2 E_y)`, E_x being this bound with y real.

use super::component::Cell;
use crate::numerics::{Interval, enclosed_gauss_16};

/// A rule: nodes in (-1, 1) and weights, enclosed.
pub(super) struct Nodes {
    list: Vec<(Interval, Interval)>,
}

impl Nodes {
    /// 16 nodes.
    pub(super) fn sixteen() -> Self {
        Self { list: enclosed_gauss_16().to_vec() }
    }

    /// 4 nodes: `x^2 = (3 -+ 2 sqrt(6/5))/7`, weights `(18 +- sqrt 30)/36`.
    pub(super) fn four() -> Self {
        let point = Interval::point;
        let inner = (point(6.0) / 5.0).sqrt() * 2.0;
        let root = point(30.0).sqrt();
        let near = (((point(3.0) - inner) / 7.0).sqrt(), (point(18.0) + root) / 36.0);
        let far = (((point(3.0) + inner) / 7.0).sqrt(), (point(18.0) - root) / 36.0);
        Self { list: vec![(-far.0, far.1), (-near.0, near.1), near, far] }
    }

    /// The rule's value for `int f` over the cell.
    pub(super) fn apply(&self, cell: &Cell, f: impl Fn(Interval, Interval) -> Interval) -> Interval {
        let side = |(a, b): (f64, f64)| {
            let half = (Interval::point(b) - a) * 0.5;
            let centre = (Interval::point(a) + b) * 0.5;
            self.list.iter().map(|&(t, w)| (centre + half * t, half * w)).collect::<Vec<_>>()
        };
        let columns = side(cell.y);
        let row = |(x, w): (Interval, Interval)| columns.iter().map(|&(y, v)| f(x, y) * v).sum::<Interval>() * w;
        side(cell.x).into_iter().map(row).sum()
    }

    /// About the best r for a Gaussian whose standard deviation is the half-side: it balances the decay against
    /// `e^{r^2/8}`.
    pub(super) fn growth(&self) -> f64 {
        1.4 * ((2 * self.list.len() - 1) as f64).sqrt()
    }

    /// `ln(8 r^{-(2n-1)}/(r - 1))`, from above.
    pub(super) fn ln_missed(&self, r: f64) -> f64 {
        let order = (2 * self.list.len() - 1) as f64;
        (Interval::point(8.0).ln() - Interval::point(r).ln() * order - (Interval::point(r) - 1.0).ln()).hi()
    }
}

/// The Bernstein ellipse of a cell along one axis lies in the rectangle of this real reach (beyond the centre) and imaginary
/// height, in units of the half-side.
pub(super) fn ellipse(r: f64) -> (f64, f64) {
    let r = Interval::point(r);
    (((r + 1.0 / r) * 0.5).hi(), ((r - 1.0 / r) * 0.5).hi())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_rules_are_exact_for_low_degrees() {
        let cell = Cell { x: (1.0, 2.0), y: (-1.0, 3.0) };
        for nodes in [Nodes::four(), Nodes::sixteen()] {
            let found = nodes.apply(&cell, |x, y| x.powi(7) * y.powi(6));
            let exact = (256.0 - 1.0) / 8.0 * (2187.0 + 1.0) / 7.0;
            assert!(found.widen(1e-9).contains(exact) && found.width() < 1e-8, "{found} {exact}");
        }
    }
}
