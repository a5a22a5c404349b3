//! Orthonormal frames that split R^d into a core and a rest.

use super::defect::{Rotation, is_permutation};
use super::{Covariance, Defect, Density, Gaussian, Mixture};
use nalgebra::{DMatrix, DVector};

/// A law is taken for core times rest when that is at most this wrong, in standard deviations. What it is wrong by is in
/// its [`Defect`].
const LARGEST_DEFECT: f64 = 1e-9;

/// A singular value of the means that is this small relative to the largest is not given a direction of its own.
const RANK: f64 = 1e-13;

/// A law in the coordinates of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct InFrame {
    /// The law of the core coordinates.
    pub core: Density,
    /// The law of the other coordinates.
    pub rest: Density,
    /// How far the product of the two is from the law.
    pub defect: Defect,
}

/// An orthonormal basis of R^d whose first `core` columns span the core, the others the rest: y = Q^T x.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Q, d x d, orthogonal up to rounding.
    pub basis: DMatrix<f64>,
    /// Dimension of the core.
    pub core: usize,
}

impl Frame {
    /// The frame of a mixture's means, when its covariances respect it (see [`Density::core_frame`]).
    pub(super) fn of_mixture(mixture: &Mixture) -> Option<Frame> {
        let law = Density::Mixture(mixture.clone());
        let axes = Self::of_axes(mixture).filter(|frame| frame.split(&law).is_some_and(|s| s.defect.is_zero()));
        let along_means = Self::of_means(mixture).filter(|frame| frame.split(&law).is_some());
        // The smaller core, and of equal ones the one without rounding.
        match (axes, along_means) {
            (Some(a), Some(b)) => Some(if b.core < a.core { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// The coordinates on which the components differ or which are correlated come first.
    fn of_axes(mixture: &Mixture) -> Option<Frame> {
        let (core, rest): (Vec<usize>, Vec<usize>) = (0..mixture.dim()).partition(|&i| !mixture.agree_on(i));
        if core.is_empty() || rest.is_empty() {
            return None;
        }
        let basis = permutation(core.iter().chain(&rest).copied());
        Some(Frame { basis, core: core.len() })
    }

    /// The span of the differences of the means comes first.
    fn of_means(mixture: &Mixture) -> Option<Frame> {
        let d = mixture.dim();
        let origin = &mixture.components[0].mean;
        let shifts: Vec<DVector<f64>> = mixture.components[1..].iter().map(|c| &c.mean - origin).collect();
        let svd = DMatrix::from_columns(&shifts).svd(true, false);
        let top = svd.singular_values.max();
        let core = svd.singular_values.iter().filter(|&&s| s > RANK * top).count();
        if top == 0.0 || core == 0 || core >= d {
            return None;
        }
        let u = svd.u.as_ref()?;
        let mut order: Vec<usize> = (0..svd.singular_values.len()).collect();
        order.sort_by(|&a, &b| svd.singular_values[b].total_cmp(&svd.singular_values[a]));
        let span = order[..core].iter().map(|&k| u.column(k).into_owned()).collect();
        Some(Frame { basis: completed(span, d), core })
    }

    /// The frame whose core is the line along v; `None` in one dimension or for the zero vector.
    #[must_use]
    pub fn along(v: &DVector<f64>) -> Option<Frame> {
        let d = v.len();
        let norm = v.norm();
        if d < 2 || !(norm > 0.0 && norm.is_finite()) {
            return None;
        }
        Some(Frame { basis: completed(vec![v / norm], d), core: 1 })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.basis.nrows()
    }

    /// Q^T x split into (core, rest).
    #[must_use]
    pub fn coordinates(&self, x: &DVector<f64>) -> (DVector<f64>, DVector<f64>) {
        let y = self.basis.tr_mul(x);
        (y.rows(0, self.core).into_owned(), y.rows(self.core, self.dim() - self.core).into_owned())
    }

    /// The size, relative to a vector's length or a matrix's norm, below which a rotated entry is rounding; 0 when the
    /// coordinates of the frame are those of R^d in another order.
    #[must_use]
    pub fn rounding(&self) -> f64 {
        if is_permutation(&self.basis) { 0.0 } else { 8.0 * f64::EPSILON * self.dim() as f64 }
    }

    /// Q^T A Q split into (core, rest) when the blocks between them vanish up to [`Frame::rounding`].
    #[must_use]
    pub fn blocks(&self, a: &DMatrix<f64>) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
        let (k, d) = (self.core, self.dim());
        let rotated = self.basis.transpose() * a * &self.basis;
        let off = rotated.view((0, k), (k, d - k)).amax().max(rotated.view((k, 0), (d - k, k)).amax());
        if off > self.rounding() * a.norm() {
            return None;
        }
        Some((rotated.view((0, 0), (k, k)).into_owned(), rotated.view((k, k), (d - k, d - k)).into_owned()))
    }

    /// The marginals of a Gaussian in this frame, without its rounding.
    fn marginals(&self, g: &Gaussian) -> Option<(Gaussian, Gaussian)> {
        let (m, n) = self.coordinates(&g.mean);
        if let Covariance::Isotropic(v) = g.cov {
            return Some((Gaussian::isotropic(m, v).ok()?, Gaussian::isotropic(n, v).ok()?));
        }
        let (k, d) = (self.core, self.dim());
        let rotated = self.basis.transpose() * g.cov_matrix() * &self.basis;
        let block = |at: usize, n: usize| {
            let m = rotated.view((at, at), (n, n)).into_owned();
            Covariance::Dense((&m + m.transpose()) * 0.5)
        };
        Some((Gaussian::new(m, block(0, k)).ok()?, Gaussian::new(n, block(k, d - k)).ok()?))
    }

    /// A law in this frame, when core and rest are independent up to a small defect.
    pub(super) fn split(&self, law: &Density) -> Option<InFrame> {
        let (core, rest, defect) = match law {
            Density::Gaussian(g) => {
                let (core, rest) = self.marginals(g)?;
                let defect = Rotation::new(&self.basis).defect(g, &core, &rest);
                (Density::Gaussian(core), Density::Gaussian(rest), defect)
            }
            Density::Mixture(m) => {
                let parts: Vec<_> = m.components.iter().map(|c| self.marginals(c)).collect::<Option<_>>()?;
                let (cores, rests): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
                let rest = rests.into_iter().next()?;
                let rotation = Rotation::new(&self.basis);
                let defects = m.components.iter().zip(&cores).map(|(c, core)| rotation.defect(c, core, &rest));
                let defect = defects.fold(Defect::default(), Defect::or);
                let core = Mixture { weights: m.weights.clone(), components: cores };
                (Density::Mixture(core), Density::Gaussian(rest), defect)
            }
            Density::Product(p) => match &p.factors[..] {
                [(only, 1)] => return self.split(only),
                _ => return self.split(&Density::Gaussian(law.as_gaussian()?.into_owned())),
            },
        };
        (defect.relative <= LARGEST_DEFECT).then_some(InFrame { core, rest, defect })
    }
}

/// The matrix whose columns are the axes of these indices.
fn permutation(indices: impl Iterator<Item = usize>) -> DMatrix<f64> {
    let indices: Vec<usize> = indices.collect();
    DMatrix::from_fn(indices.len(), indices.len(), |i, j| f64::from(u8::from(indices[j] == i)))
}

/// An orthonormal basis that begins with the span of the given orthonormal vectors: axes stay axes, others are followed by the
/// orthogonalisation of the identity.
fn completed(mut columns: Vec<DVector<f64>>, d: usize) -> DMatrix<f64> {
    let axis = |c: &DVector<f64>| {
        let mut support = (0..d).filter(|&i| c[i] != 0.0);
        support.next().filter(|_| support.next().is_none())
    };
    if let Some(axes) = columns.iter().map(axis).collect::<Option<Vec<usize>>>() {
        let others = (0..d).filter(|i| !axes.contains(i));
        return permutation(axes.iter().copied().chain(others));
    }
    columns.extend((0..d).map(|i| DVector::from_fn(d, |j, _| f64::from(u8::from(i == j)))));
    DMatrix::from_columns(&columns).qr().q()
}
