//! The closed set of laws that have a density in closed form.

use super::{Frame, Gaussian, InFrame, Mixture, Product, Run, TargetError};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use nalgebra::{DMatrix, DVector};
use std::borrow::Cow;

/// A law with a density in closed form: what targets are at a noise level, and what starts are.
#[derive(Clone, Debug, PartialEq)]
pub enum Density {
    /// N(mean, cov).
    Gaussian(Gaussian),
    /// A finite mixture of Gaussians.
    Mixture(Mixture),
    /// Independent blocks.
    Product(Product),
}

/// A mixture on the line, as plain numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture1 {
    /// w_i.
    pub weights: Vec<f64>,
    /// mu_i.
    pub means: Vec<f64>,
    /// sigma_i^2.
    pub variances: Vec<f64>,
}

impl Density {
    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Density::Gaussian(g) => g.dim(),
            Density::Mixture(m) => m.dim(),
            Density::Product(p) => p.dim(),
        }
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        match self {
            Density::Gaussian(g) => g.mean.clone(),
            Density::Mixture(m) => m.mean(),
            Density::Product(p) => {
                let mut mean = Vec::with_capacity(p.dim());
                for (factor, copies) in &p.factors {
                    let own = factor.mean();
                    (0..*copies).for_each(|_| mean.extend_from_slice(own.as_slice()));
                }
                DVector::from_vec(mean)
            }
        }
    }

    /// Cov X as a full matrix (only sensible for moderate d).
    #[must_use]
    pub fn cov(&self) -> DMatrix<f64> {
        match self {
            Density::Gaussian(g) => g.cov_matrix(),
            Density::Mixture(m) => m.cov(),
            Density::Product(p) => {
                let mut cov = DMatrix::zeros(p.dim(), p.dim());
                let mut at = 0;
                for (factor, copies) in &p.factors {
                    let own = factor.cov();
                    for _ in 0..*copies {
                        cov.view_mut((at, at), own.shape()).copy_from(&own);
                        at += own.nrows();
                    }
                }
                cov
            }
        }
    }

    /// The law of `alpha x + sigma xi`.
    ///
    /// # Errors
    /// As [`Gaussian::noised`].
    pub fn noised(&self, level: NoiseLevel) -> Result<Self, TargetError> {
        match self {
            Density::Gaussian(g) => g.noised(level).map(Density::Gaussian),
            Density::Mixture(m) => m.noised(level).map(Density::Mixture),
            Density::Product(p) => p.noised(level).map(Density::Product),
        }
    }

    /// The finest runs of independent consecutive coordinates.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        match self {
            Density::Gaussian(g) => g.runs(),
            Density::Mixture(m) => m.runs(),
            Density::Product(p) => p.runs(),
        }
    }

    /// The marginal on `first .. first + dim`, a union of blocks, in its simplest form.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        match self {
            _ if first == 0 && dim == self.dim() => self.clone(),
            Density::Gaussian(g) => Density::Gaussian(g.block(first, dim)),
            Density::Mixture(m) => m.block(first, dim),
            Density::Product(p) => p.block(first, dim),
        }
    }

    /// This law as a Gaussian, if it is one: a mixture of one component is, and so is a product of Gaussians (unless it
    /// would take a full covariance of more than [`super::MAX_DENSE`] coordinates).
    #[must_use]
    pub fn as_gaussian(&self) -> Option<Cow<'_, Gaussian>> {
        match self {
            Density::Gaussian(g) => Some(Cow::Borrowed(g)),
            Density::Mixture(m) if m.components.len() == 1 => Some(Cow::Borrowed(&m.components[0])),
            Density::Mixture(_) => None,
            Density::Product(p) => match &p.factors[..] {
                [(only, 1)] => only.as_gaussian(),
                factors => {
                    let parts = factors.iter().map(|(f, copies)| Some((f.as_gaussian()?, *copies)));
                    Gaussian::independent(&parts.collect::<Option<Vec<_>>>()?).map(Cow::Owned)
                }
            },
        }
    }

    /// This law as a list of weighted Gaussians, products multiplied out; `None` when that takes more than `most` of them.
    ///
    /// # Promise
    /// The weights, which sum to 1 (the given ones divided by their sum), lie in the intervals.
    #[must_use]
    pub fn components(&self, most: usize) -> Option<Vec<(Interval, Gaussian)>> {
        let list = match self {
            Density::Gaussian(g) => vec![(Interval::ONE, g.clone())],
            Density::Mixture(m) => m.shares().into_iter().zip(m.components.iter().cloned()).collect(),
            Density::Product(p) => {
                let mut list: Vec<(Interval, Option<Gaussian>)> = vec![(Interval::ONE, None)];
                for (factor, copies) in &p.factors {
                    let own = factor.components(most)?;
                    for _ in 0..*copies {
                        if list.len() * own.len() > most {
                            return None;
                        }
                        let joined = |(w, g): &(Interval, Option<Gaussian>), (u, h): &(Interval, Gaussian)| {
                            let both = match g {
                                None => h.clone(),
                                Some(g) => Gaussian::independent(&[(Cow::Borrowed(g), 1), (Cow::Borrowed(h), 1)])?
                                    .rounded(g.rounding().max(h.rounding())),
                            };
                            Some((*w * *u, Some(both)))
                        };
                        list = list
                            .iter()
                            .flat_map(|a| own.iter().map(move |b| joined(a, b)))
                            .collect::<Option<Vec<_>>>()?;
                    }
                }
                list.into_iter().map(|(w, g)| Some((w, g?))).collect::<Option<Vec<_>>>()?
            }
        };
        (list.len() <= most).then_some(list)
    }

    /// A one-dimensional law as a mixture of plain numbers; `None` when d > 1.
    #[must_use]
    pub fn as_mixture1(&self) -> Option<Mixture1> {
        let components = |weights: &[f64], components: &[Gaussian]| Mixture1 {
            weights: weights.to_vec(),
            means: components.iter().map(|c| c.mean[0]).collect(),
            variances: components.iter().map(|c| c.variance(0)).collect(),
        };
        match self {
            _ if self.dim() != 1 => None,
            Density::Gaussian(g) => Some(components(&[1.0], std::slice::from_ref(g))),
            Density::Mixture(m) => Some(components(&m.weights, &m.components)),
            Density::Product(p) => p.factors[0].0.as_mixture1(),
        }
    }

    /// ln p at n points (`xs`: d x n, component-major), written to `out` (n).
    pub fn ln_density(&self, xs: &[f64], out: &mut [f64]) {
        match self {
            Density::Gaussian(g) => g.ln_density(xs, out),
            Density::Mixture(m) => m.ln_density(xs, out),
            Density::Product(p) => {
                let n = out.len();
                out.fill(0.0);
                let mut part = vec![0.0; n];
                p.for_each_block(|factor, first| {
                    factor.ln_density(&xs[first * n..(first + factor.dim()) * n], &mut part);
                    out.iter_mut().zip(&part).for_each(|(o, x)| *o += x);
                });
            }
        }
    }

    /// grad ln p at n points (`xs`, `out`: d x n, component-major).
    pub fn score(&self, xs: &[f64], out: &mut [f64]) {
        match self {
            Density::Gaussian(g) => g.score(xs, out),
            Density::Mixture(m) => m.score(xs, out),
            Density::Product(p) => {
                let n = xs.len() / self.dim();
                p.for_each_block(|factor, first| {
                    let range = first * n..(first + factor.dim()) * n;
                    factor.score(&xs[range.clone()], &mut out[range]);
                });
            }
        }
    }

    /// n exact draws, component-major.
    pub fn sample(&self, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        match self {
            Density::Gaussian(g) => g.sample(rng, n, out),
            Density::Mixture(m) => m.sample(rng, n, out),
            Density::Product(p) => {
                p.for_each_block(|factor, first| {
                    factor.sample(rng, n, &mut out[first * n..(first + factor.dim()) * n])
                });
            }
        }
    }

    /// The law of y = Q^T x as core and rest, when the two are independent up to a small defect, which is bounded beside
    /// them; `None` otherwise.
    #[must_use]
    pub fn in_frame(&self, frame: &Frame) -> Option<InFrame> {
        frame.split(self)
    }

    /// A frame in which this law is a low-dimensional core times a Gaussian rest; `None` when there is none.
    ///
    /// Exists for a mixture whose means span an affine subspace of dimension k < d and whose covariances all leave that
    /// subspace and its complement invariant, with one common covariance on the complement.
    #[must_use]
    pub fn core_frame(&self) -> Option<Frame> {
        match self {
            Density::Mixture(m) if m.components.len() > 1 && m.dim() > 1 => Frame::of_mixture(m),
            _ => None,
        }
    }
}

impl Product {
    /// Calls `f(block, first coordinate)` for every block, copy by copy.
    fn for_each_block(&self, mut f: impl FnMut(&Density, usize)) {
        let mut first = 0;
        for (factor, copies) in &self.factors {
            for _ in 0..*copies {
                f(factor, first);
                first += factor.dim();
            }
        }
    }
}
