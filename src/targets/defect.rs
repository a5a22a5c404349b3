//! How far a law is, in the coordinates of a frame, from the product of core and rest that stands for it.

use super::{Covariance, Density, Gaussian};
use crate::numerics::Interval;
use crate::numerics::linalg::{UNIT_ROUNDOFF, gamma, largest_eigenvalue_upper, norm_upper};
use nalgebra::{DMatrix, DVector};

/// Bounds of what was dropped or rounded when `y = Q^T x` was written as core times rest. Q is taken as the matrix it
/// is, orthogonal or not. All zero for a permutation of independent coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Defect {
    /// `sqrt(2 KL)`, from the law of y to the product.
    pub relative: f64,
    /// W2 from the law of y to the product.
    pub distance: f64,
    /// `| |y|/|x| - 1 |` over all x.
    pub stretch: f64,
    /// Whether the three are an estimate, as for a law that a kernel split in the same way has moved; else they are proved.
    pub estimated: bool,
}

impl Defect {
    /// From the law that is meant at a noise level to the one that could be formed: every mean and every entry of a covariance is
    /// off by the relative rounding that the law remembers.
    ///
    /// With e the relative errors of the variances and u that of the mean in standard deviations,
    /// `2 KL <= |e|^2 + |u|^2` and `W2 <= |shift of the mean| + |change of the root of the covariance|`; for correlated
    /// coordinates, in the units of their standard deviations, e is divided by the least eigenvalue of the correlations.
    #[must_use]
    pub fn of_rounding(law: &Density) -> Self {
        match law {
            Density::Gaussian(g) => Self::of_rounded(g),
            Density::Mixture(m) => m.components.iter().map(Self::of_rounded).fold(Self::default(), Self::or),
            Density::Product(p) => p
                .factors
                .iter()
                .fold(Self::default(), |sum, (factor, copies)| sum.and(Self::of_rounding(factor).times(*copies))),
        }
    }

    fn of_rounded(g: &Gaussian) -> Self {
        let (d, r) = (Interval::point(g.dim() as f64), Interval::point(g.rounding()));
        if g.rounding() == 0.0 {
            return Self::default();
        }
        // The errors are relative to the numbers that are meant or to those that are there: 1 % covers the difference.
        let r = r * 1.01;
        let in_units = |i: usize| (g.mean_enclosed(i).sqr() / g.variance_enclosed(i)).hi();
        let moved: Interval = (0..g.dim()).map(|i| Interval::point(in_units(i))).sum();
        let spread: Interval = (0..g.dim()).map(|i| g.variance_enclosed(i)).sum();
        let shift: Interval = (0..g.dim()).map(|i| g.mean_enclosed(i).sqr()).sum();
        // `|E|_F` with all errors r, and `|S^{1/2} - S'^{1/2}|_F <= |S - S'|_F` over the least standard deviation.
        let (least, entries, widened) = match &g.cov {
            Covariance::Isotropic(_) | Covariance::Diagonal(_) => (Interval::ONE, d, spread.sqrt()),
            Covariance::Dense(cov) => {
                let least = Interval::point(least_correlation_eigenvalue(cov));
                (least, d.sqr(), spread / (least * cov.diagonal().min()).sqrt())
            }
        };
        if least.lo() <= 0.0 {
            return Self { relative: f64::INFINITY, distance: f64::INFINITY, ..Self::default() };
        }
        Self {
            relative: (r * (entries / least.sqr() + moved / least).sqrt()).hi(),
            distance: (r * (shift.sqrt() + widened)).hi(),
            ..Self::default()
        }
    }

    /// From a Gaussian known up to errors to N(mean, cov): `mean_error` bounds the Euclidean norm of that of the mean,
    /// `cov_error` the Frobenius norm of that of the covariance.
    #[must_use]
    pub fn of_errors(cov: &DMatrix<f64>, mean_error: f64, cov_error: f64) -> Self {
        if mean_error == 0.0 && cov_error == 0.0 {
            return Self::default();
        }
        let least = Interval::point(least_correlation_eigenvalue(cov)) * cov.diagonal().min();
        let (moved, changed) = (Interval::point(mean_error), Interval::point(cov_error));
        if !(least.lo() > 0.0 && (changed / least).hi() <= 0.5) {
            return Self { relative: f64::INFINITY, distance: f64::INFINITY, ..Self::default() };
        }
        Self {
            relative: ((changed / least).sqr() + moved.sqr() / least).sqrt().hi(),
            distance: (moved + changed / least.sqrt()).hi(),
            ..Self::default()
        }
    }

    /// Whether nothing was dropped or rounded.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.relative == 0.0 && self.distance == 0.0 && self.stretch == 0.0
    }

    /// Of a pair of independent parts, or of one part after another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: f64, b: f64| (Interval::point(a) + b).hi();
        Self {
            relative: sum(self.relative, other.relative),
            distance: sum(self.distance, other.distance),
            stretch: self.stretch.max(other.stretch),
            estimated: self.estimated || other.estimated,
        }
    }

    /// Of `copies` independent parts.
    #[must_use]
    pub fn times(self, copies: u64) -> Self {
        // The squares of the first two add.
        let root = Interval::point(copies as f64).sqrt().hi().next_up();
        let scale = |a: f64| (Interval::point(a) * root).hi();
        Self { relative: scale(self.relative), distance: scale(self.distance), ..self }
    }

    /// The larger of the two, term by term: what a mixture of such parts is worth, the divergences being jointly convex.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            relative: self.relative.max(other.relative),
            distance: self.distance.max(other.distance),
            stretch: self.stretch.max(other.stretch),
            estimated: self.estimated || other.estimated,
        }
    }
}

/// `Q^T x` and `Q^T A Q` for one Q, with bounds of their rounding errors, entry by entry.
pub(super) struct Rotation<'a> {
    basis: &'a DMatrix<f64>,
    transposed: DMatrix<f64>,
    sizes: DMatrix<f64>,
    /// gamma of the two products in a row, 0 when every entry of Q is 0 or 1 in size, one to a row and to a column.
    relative: f64,
    stretch: f64,
}

impl<'a> Rotation<'a> {
    pub(super) fn new(basis: &'a DMatrix<f64>) -> Self {
        let d = basis.nrows();
        let (transposed, sizes) = (basis.transpose(), basis.abs());
        let relative = if is_permutation(basis) { 0.0 } else { gamma(2 * d + 4) };
        let mut rotation = Self { basis, transposed, sizes, relative, stretch: 0.0 };
        if relative > 0.0 {
            let (gram, error) = rotation.matrix(&DMatrix::identity(d, d));
            let excess = DMatrix::from_fn(d, d, |i, j| gram[(i, j)] - if i == j { 1.0 } else { 0.0 });
            let eta = Interval::point(norm_upper(excess.iter())) + norm_upper(error.iter());
            // A singular value is the root of 1 + e with |e| <= eta.
            rotation.stretch = if eta.hi() < 1.0 { eta.hi() } else { f64::INFINITY };
        }
        rotation
    }

    fn vector(&self, x: &DVector<f64>) -> (DVector<f64>, DVector<f64>) {
        let size = self.sizes.tr_mul(&x.abs()) * self.relative;
        (self.basis.tr_mul(x), size)
    }

    fn matrix(&self, a: &DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>) {
        let value = &self.transposed * a * self.basis;
        let size = self.sizes.transpose() * a.abs() * &self.sizes * self.relative;
        (value, size)
    }

    /// From Q^T x with x following `law` to the independent pair (core, rest).
    ///
    /// With `E` the error of the covariance and `u` that of the mean in standard deviations of the pair,
    /// `2 KL = sum (e - ln(1 + e)) + u^2 <= |E|_F^2 + u^2` as long as `|E| <= 1/2`.
    pub(super) fn defect(&self, law: &Gaussian, core: &Gaussian, rest: &Gaussian) -> Defect {
        let (k, d) = (core.dim(), self.basis.nrows());
        let bound = |value: f64, used: f64, error: f64| ((Interval::point(value) - used).abs() + error).hi();
        let (mean, mean_error) = self.vector(&law.mean);
        let used = |i: usize| if i < k { core.mean[i] } else { rest.mean[i - k] };
        let shift = DVector::from_fn(d, |i, _| bound(mean[i], used(i), mean_error[i]));
        let (cov, cov_error) = self.matrix(&law.cov_matrix());
        let mut pair = DMatrix::zeros(d, d);
        pair.view_mut((0, 0), (k, k)).copy_from(&core.cov_matrix());
        pair.view_mut((k, k), (d - k, d - k)).copy_from(&rest.cov_matrix());
        let change = DMatrix::from_fn(d, d, |i, j| bound(cov[(i, j)], pair[(i, j)], cov_error[(i, j)]));
        if shift.amax() == 0.0 && change.amax() == 0.0 {
            return Defect { stretch: self.stretch, ..Defect::default() };
        }
        // In units of the standard deviations first, then by the smallest eigenvalue of the correlations.
        let variance = pair.diagonal();
        let least = Interval::point(least_correlation_eigenvalue(&pair));
        let unit = |x: f64, square: f64| (Interval::point(x) / Interval::point(square).sqrt()).hi();
        let shift_units = norm_upper(&shift.zip_map(&variance, unit));
        let entries: Vec<f64> = (0..d * d)
            .map(|n| (n % d, n / d))
            .map(|(i, j)| (Interval::point(change[(i, j)]) / (Interval::point(variance[i]) * variance[j]).sqrt()).hi())
            .collect();
        let whitened = Interval::point(norm_upper(&entries)) / least;
        if !(least.lo() > 0.0 && whitened.hi() <= 0.5) {
            return Defect {
                relative: f64::INFINITY,
                distance: f64::INFINITY,
                stretch: self.stretch,
                estimated: false,
            };
        }
        let moved = Interval::point(shift_units) / least.sqrt();
        let narrowest = (least * variance.min()).sqrt();
        Defect {
            relative: (whitened.sqr() + moved.sqr()).sqrt().hi(),
            distance: (Interval::point(norm_upper(&shift)) + Interval::point(norm_upper(&change)) / narrowest).hi(),
            stretch: self.stretch,
            estimated: false,
        }
    }
}

/// A lower bound of the smallest eigenvalue of the correlation matrix of `cov`.
fn least_correlation_eigenvalue(cov: &DMatrix<f64>) -> f64 {
    let d = cov.nrows();
    if (0..d).all(|i| (0..i).all(|j| cov[(i, j)] == 0.0)) {
        return 1.0;
    }
    let sd = cov.diagonal().map(f64::sqrt);
    let negated = DMatrix::from_fn(d, d, |i, j| if i == j { -1.0 } else { -(cov[(i, j)] / (sd[i] * sd[j])) });
    // Roots, product and quotient: 4 units of entries that are at most about 1.
    let rounding = Interval::point(8.0 * UNIT_ROUNDOFF) * d as f64;
    (-Interval::point(largest_eigenvalue_upper(&negated)) - rounding).lo()
}

/// Whether every row and every column has one entry that is not 0, and that is 1 or -1.
pub(super) fn is_permutation(basis: &DMatrix<f64>) -> bool {
    let single = |entries: &mut dyn Iterator<Item = f64>| {
        let mut others = entries.filter(|x| *x != 0.0);
        others.next().is_some_and(|x| x.abs() == 1.0) && others.next().is_none()
    };
    let n = basis.nrows();
    (0..n).all(|i| single(&mut (0..n).map(|j| basis[(i, j)])) && single(&mut (0..n).map(|j| basis[(j, i)])))
}
