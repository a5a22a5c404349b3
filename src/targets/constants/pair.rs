//! Two components of different covariance: how far apart their slopes can be where neither rules (LLT-20b, c).

use super::metric::Metric;
use super::singular;
use super::spectrum::extreme_eigenvalues;
use crate::numerics::{Interval, supremum};
use crate::targets::{Covariance, Gaussian};

/// Relative width to which suprema are enclosed.
const RELATIVE: f64 = 1e-7;

/// Two weighted components with comparable covariances, `Sigma_2 - Sigma_1` positive definite.
///
/// ```text
/// ln(w_2 p_2 / w_1 p_1)(x) = Delta_0 + rho(x),     rho = (1/2) (x - x_c)^T Q (x - x_c),     Q = Sigma_1^-1 - Sigma_2^-1
/// Delta_0 = ln(w_2/w_1) + (1/2) ln(det Sigma_1/det Sigma_2) - (1/2) m^T (Sigma_2 - Sigma_1)^-1 m,     m = mu_1 - mu_2
/// |Sigma_1^-1 (x - mu_1) - Sigma_2^-1 (x - mu_2)|^2 = |Q (x - x_c)|^2 <= 2 lambda_max(Q) rho
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Nested {
    /// Delta_0.
    pub offset: Interval,
    /// An enclosure of lambda_max(Q), or an upper bound as both ends.
    pub steepness: Interval,
}

/// How two components compare.
pub(super) enum Comparison {
    /// `Sigma_2 - Sigma_1` is positive definite (`swapped`: `Sigma_1 - Sigma_2` is).
    Nested { pair: Nested, swapped: bool },
    /// One covariance for both.
    Equal,
    /// They balance along an unbounded set on which the slopes separate without bound.
    Unbounded(&'static str),
    /// It could not be decided.
    Undecided,
}

/// `Sigma_2 - Sigma_1` of two Gaussians that are diagonal, as its entries.
fn diagonal_gap(a: &Gaussian, b: &Gaussian) -> Option<Vec<f64>> {
    let dense = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    (!dense(a) && !dense(b)).then(|| (0..a.dim()).map(|i| b.variance(i) - a.variance(i)).collect())
}

/// What the rounding that two parameters carry leaves of their difference `y - x`.
fn gap_of((a, x): (&Gaussian, f64), (b, y): (&Gaussian, f64)) -> Interval {
    (Interval::point(y) - x).widen(a.rounding() * x.abs() + b.rounding() * y.abs())
}

/// Compares two weighted Gaussians.
pub(super) fn compare(first: (Interval, &Gaussian, &Metric), second: (Interval, &Gaussian, &Metric)) -> Comparison {
    let (a, b) = (first.1, second.1);
    let rounding = a.rounding().max(b.rounding());
    if a.cov == b.cov {
        return Comparison::Equal;
    }
    if let Some(gap) = diagonal_gap(a, b) {
        // Differences of doubles have the right sign, and are 0 only for equal numbers; rounding may lose one, never turn it.
        let (up, down) = (gap.iter().any(|&x| x > 0.0), gap.iter().any(|&x| x < 0.0));
        if up && down {
            return Comparison::Unbounded("the difference of the two precisions is indefinite");
        }
        if !up && !down {
            return Comparison::Equal;
        }
        if gap.iter().enumerate().any(|(i, &x)| x == 0.0 && a.mean[i] != b.mean[i]) {
            if rounding > 0.0 {
                return Comparison::Undecided;
            }
            return Comparison::Unbounded("the means differ in a direction in which the two precisions agree");
        }
        return nested(first, second, up);
    }
    let (p, q) = (a.cov_matrix(), b.cov_matrix());
    let (lo, hi) = extreme_eigenvalues(&(&q - &p), rounding * (p.norm() + q.norm()) * 1.01);
    if lo.hi() < 0.0 && hi.lo() > 0.0 {
        return Comparison::Unbounded("the difference of the two precisions is indefinite");
    }
    if lo.lo() > 0.0 || hi.hi() < 0.0 {
        return nested(first, second, lo.lo() > 0.0);
    }
    if rounding == 0.0 && singular::leaves_range(&p, &q, &a.mean, &b.mean) {
        return Comparison::Unbounded("the means differ across the range of a singular difference of the covariances");
    }
    Comparison::Undecided
}

/// The pair in the order narrow, wide.
fn nested(first: (Interval, &Gaussian, &Metric), second: (Interval, &Gaussian, &Metric), in_order: bool) -> Comparison {
    let ((w, a, sa), (v, b, sb)) = if in_order { (first, second) } else { (second, first) };
    let shift: Vec<Interval> = (0..a.dim()).map(|i| gap_of((b, b.mean[i]), (a, a.mean[i]))).collect();
    let entry = |g: &Gaussian, i: usize, j: usize| match &g.cov {
        Covariance::Dense(m) => m[(i, j)],
        _ if i == j => g.variance(i),
        _ => 0.0,
    };
    let quadratic = match diagonal_gap(a, b) {
        // Coordinates on which both agree play no part.
        Some(gap) => (0..a.dim())
            .filter(|&i| gap[i] != 0.0)
            .map(|i| shift[i].sqr() / gap_of((a, a.variance(i)), (b, b.variance(i))))
            .sum::<Interval>(),
        None => {
            let gap = |i, j| gap_of((a, entry(a, i, j)), (b, entry(b, i, j)));
            let Some(factor) = super::cholesky::Factor::new(a.dim(), gap) else { return Comparison::Undecided };
            super::metric::norm_sqr(&factor.whiten(&shift))
        }
    };
    if !quadratic.is_finite() {
        return Comparison::Undecided;
    }
    let offset = (v / w).ln() + (sa.ln_det() - sb.ln_det()) * 0.5 - quadratic * 0.5;
    // The logarithms of the determinants move by d r times the condition numbers.
    let condition = |metric: &Metric| match metric {
        Metric::Dense(_, lo, hi) => (*hi / *lo).hi(),
        _ => 1.0,
    };
    let offset = offset.widen((a.rounding() * condition(sa) + b.rounding() * condition(sb)) * a.dim() as f64);
    let steepness = match diagonal_gap(a, b) {
        Some(_) => {
            let each = (0..a.dim()).map(|i| {
                let gap = gap_of((a, a.variance(i)), (b, b.variance(i)));
                gap / (a.variance_enclosed(i) * b.variance_enclosed(i))
            });
            each.fold(Interval::ZERO, Interval::max)
        }
        None => Interval::point((1.0 / sa.eigenvalues().0 - 1.0 / sb.eigenvalues().1).hi()),
    };
    Comparison::Nested { pair: Nested { offset, steepness }, swapped: !in_order }
}

impl Nested {
    /// The probability of the narrow component at rho.
    fn share(&self, rho: Interval) -> Interval {
        1.0 / (1.0 + (self.offset + rho).exp())
    }

    /// `g_1 g_2 = 1/(2 + e^y + e^-y)`, y = Delta_0 + rho.
    fn product(&self, rho: Interval) -> Interval {
        let y = (self.offset + rho).abs();
        1.0 / (2.0 + y.exp() + (-y).exp())
    }

    /// An enclosure of `sup_rho { 2 lambda_max(Q) rho g_1 g_2 - (g_1 b_1 + g_2 b_2) }` over rho >= 0 (LLT-20b: the radial
    /// eigenvalue of Hess ln p when both components are isotropic with precisions b_1 >= b_2).
    pub fn largest(&self, narrow: Interval, wide: Interval) -> Interval {
        let value =
            |rho: Interval| self.steepness * 2.0 * rho * self.product(rho) - (wide + self.share(rho) * (narrow - wide));
        // Beyond rho >= 1 with Delta_0 + rho > 0 the bound rho e^-(Delta_0 + rho) decreases.
        let cut = (2.0 - self.offset.lo()).max(2.0) + 45.0;
        let over = supremum(&value, 0.0, cut, RELATIVE);
        let beyond = (self.steepness * 2.0 * cut * (-(self.offset + cut)).exp() - wide).hi();
        Interval::new(over.lo(), over.hi().max(beyond))
    }

    /// The largest eigenvalue of -Hess ln p for isotropic components: that at rho = 0.
    pub fn at_centre(&self, narrow: Interval, wide: Interval) -> Interval {
        wide + self.share(Interval::ZERO) * (narrow - wide)
    }

    /// An upper bound of `g_1 g_2 |slope gap|^2`.
    pub fn spread(&self) -> f64 {
        self.largest(Interval::ZERO, Interval::ZERO).hi().max(0.0)
    }
}
