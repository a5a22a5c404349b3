//! A mixture as weighted Gaussians with enclosed parameters, and its projections onto lines.

use crate::laws::{DenseGaussian, GaussianLaw};
use crate::numerics::linalg::norm_upper;
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Density, Gaussian};
use nalgebra::DVector;

/// `sum_i weights[i] components[i]`, the weights summing to 1.
pub(super) struct Parts {
    pub(super) weights: Vec<Interval>,
    pub(super) components: Vec<Gaussian>,
}

/// One component seen along a line.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) weight: Interval,
    pub(super) mean: Interval,
    pub(super) variance: Interval,
}

impl Parts {
    /// The components of a law; `None` when there are more than `most`.
    pub(super) fn of(law: &Density, most: usize) -> Option<Self> {
        let (weights, components) = law.components(most)?.into_iter().unzip();
        Some(Self { weights, components })
    }

    /// The number of components.
    pub(super) fn len(&self) -> usize {
        self.components.len()
    }

    /// d.
    pub(super) fn dim(&self) -> usize {
        self.components[0].dim()
    }

    /// The law of u.x, component by component.
    pub(super) fn along(&self, u: &DVector<f64>) -> Vec<Seen> {
        let see = |(&weight, g): (&Interval, &Gaussian)| Seen {
            weight,
            mean: (0..g.dim()).map(|i| g.mean_enclosed(i) * u[i]).collect::<IntervalSum>().value(),
            variance: variance_along(g, u),
        };
        self.weights.iter().zip(&self.components).map(see).collect()
    }

    /// The middles of the weights.
    pub(super) fn plain_weights(&self) -> Vec<f64> {
        self.weights.iter().map(|w| w.mid()).collect()
    }
}

/// Entry (i, j) of a covariance, enclosed.
pub(super) fn cov_entry(g: &Gaussian, i: usize, j: usize) -> Interval {
    match &g.cov {
        Covariance::Dense(m) => g.enclosed(m[(i, j)]),
        _ if i == j => g.variance_enclosed(i),
        _ => Interval::ZERO,
    }
}

/// `u^T S u`.
fn variance_along(g: &Gaussian, u: &DVector<f64>) -> Interval {
    let d = g.dim();
    let mut sum = IntervalSum::new();
    for i in (0..d).filter(|&i| u[i] != 0.0) {
        sum.add(g.variance_enclosed(i) * Interval::point(u[i]).sqr());
        if let Covariance::Dense(m) = &g.cov {
            for j in (0..i).filter(|&j| u[j] != 0.0 && m[(i, j)] != 0.0) {
                sum.add(g.enclosed(m[(i, j)]) * u[i] * u[j] * 2.0);
            }
        }
    }
    sum.value()
}

/// A component as a law that carries the rounding of its parameters.
pub(super) fn law_of(g: &Gaussian) -> GaussianLaw {
    let relative = g.rounding();
    match GaussianLaw::exact(g) {
        law if relative == 0.0 => law,
        GaussianLaw::Independent(mut law) => {
            law.mean = (0..g.dim()).map(|i| g.mean_enclosed(i)).collect();
            law.variance = (0..g.dim()).map(|i| g.variance_enclosed(i)).collect();
            GaussianLaw::Independent(law)
        }
        GaussianLaw::Dense(law) => {
            let of = |norm: f64| (Interval::point(norm) * relative).hi();
            let (mean_error, cov_error) = (of(norm_upper(law.mean.iter())), of(norm_upper(law.cov.iter())));
            GaussianLaw::Dense(DenseGaussian { mean_error, cov_error, ..law })
        }
    }
}
