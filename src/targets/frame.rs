//! Orthonormal frames that split R^d into a core and a rest.

use super::{Covariance, Density, Gaussian, Mixture};
use nalgebra::{DMatrix, DVector};

/// An entry of a rotated covariance that is this small relative to its diagonal is rounding, not coupling.
const COUPLING: f64 = 1e-13;

/// A singular value of the means that is this small relative to the largest is rounding, not a direction.
const RANK: f64 = 1e-13;

/// An orthonormal basis of R^d whose first `core` columns span the core, the others the rest: y = Q^T x.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Q, d x d, orthogonal.
    pub basis: DMatrix<f64>,
    /// Dimension of the core.
    pub core: usize,
}

impl Frame {
    /// The frame of a mixture's means, when its covariances respect it (see [`Density::core_frame`]).
    pub(super) fn of_mixture(mixture: &Mixture) -> Option<Frame> {
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
        let frame = Frame { basis: completed(span, d), core };
        frame.split(&Density::Mixture(mixture.clone())).map(|_| frame)
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

    /// Q^T A Q split into (core, rest) when the blocks between them vanish.
    #[must_use]
    pub fn blocks(&self, a: &DMatrix<f64>) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
        let (k, d) = (self.core, self.dim());
        let rotated = self.basis.transpose() * a * &self.basis;
        let scale = rotated.diagonal().amax();
        let off = rotated.view((0, k), (k, d - k)).amax().max(rotated.view((k, 0), (d - k, k)).amax());
        if off > COUPLING * scale {
            return None;
        }
        Some((rotated.view((0, 0), (k, k)).into_owned(), rotated.view((k, k), (d - k, d - k)).into_owned()))
    }

    /// A Gaussian in this frame.
    fn split_gaussian(&self, g: &Gaussian) -> Option<(Gaussian, Gaussian)> {
        let (m, n) = self.coordinates(&g.mean);
        if let Covariance::Isotropic(v) = g.cov {
            return Some((Gaussian::isotropic(m, v).ok()?, Gaussian::isotropic(n, v).ok()?));
        }
        let (a, b) = self.blocks(&g.cov_matrix())?;
        let symmetric = |m: DMatrix<f64>| Covariance::Dense((&m + m.transpose()) * 0.5);
        Some((Gaussian::new(m, symmetric(a)).ok()?, Gaussian::new(n, symmetric(b)).ok()?))
    }

    /// A law in this frame, as (core, rest), when the two are independent.
    pub(super) fn split(&self, law: &Density) -> Option<(Density, Density)> {
        match law {
            Density::Gaussian(g) => {
                let (core, rest) = self.split_gaussian(g)?;
                Some((Density::Gaussian(core), Density::Gaussian(rest)))
            }
            Density::Mixture(m) => {
                let parts: Vec<_> = m.components.iter().map(|c| self.split_gaussian(c)).collect::<Option<_>>()?;
                let rest = parts[0].1.clone();
                if parts.iter().any(|(_, other)| !agree(&rest, other)) {
                    return None;
                }
                let components = parts.into_iter().map(|(core, _)| core).collect();
                let core = Mixture { weights: m.weights.clone(), components };
                Some((Density::Mixture(core), Density::Gaussian(rest)))
            }
            Density::Product(p) => match &p.factors[..] {
                [(only, 1)] => self.split(only),
                _ => self.split(&Density::Gaussian(law.as_gaussian()?.into_owned())),
            },
        }
    }
}

/// An orthonormal basis that begins with the span of the given vectors: the orthogonalisation of (span, identity).
fn completed(mut columns: Vec<DVector<f64>>, d: usize) -> DMatrix<f64> {
    columns.extend((0..d).map(|i| DVector::from_fn(d, |j, _| f64::from(u8::from(i == j)))));
    DMatrix::from_columns(&columns).qr().q()
}

/// Whether two Gaussians are the same law up to rounding.
fn agree(a: &Gaussian, b: &Gaussian) -> bool {
    let scale = a.trace() / a.dim() as f64;
    let same_mean = (&a.mean - &b.mean).amax() <= COUPLING * (a.mean.amax() + scale.sqrt());
    let same_cov = match (&a.cov, &b.cov) {
        (Covariance::Isotropic(v), Covariance::Isotropic(w)) => v == w,
        _ => (a.cov_matrix() - b.cov_matrix()).amax() <= COUPLING * scale,
    };
    same_mean && same_cov
}
