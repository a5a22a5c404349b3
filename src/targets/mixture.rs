//! Finite mixtures of Gaussians.

use super::target::{check_dim, check_weights};
use super::{Covariance, Density, Gaussian, Run, TargetError};
use crate::numerics::{Interval, IntervalSum};
use crate::processes::NoiseLevel;
use nalgebra::{DMatrix, DVector};
use rand::RngExt;

/// `sum_i weights[i] components[i]`; the weights are positive and sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// w_i.
    pub weights: Vec<f64>,
    /// N(mu_i, Sigma_i), all of one dimension.
    pub components: Vec<Gaussian>,
}

/// Weights divided by their sum, enclosed.
pub(super) fn shares(weights: &[f64]) -> Vec<Interval> {
    if weights.len() == 1 {
        return vec![Interval::ONE];
    }
    let sum = weights.iter().map(|&w| Interval::point(w)).collect::<IntervalSum>().value();
    weights.iter().map(|&w| Interval::point(w) / sum).collect()
}

impl Mixture {
    /// `sum_i weights[i] components[i]`.
    ///
    /// # Errors
    /// No components, unequal lengths or dimensions, a weight that is not positive, weights whose sum is not 1 within 1e-12.
    pub fn new(weights: Vec<f64>, components: Vec<Gaussian>) -> Result<Self, TargetError> {
        check_dim("weights", weights.len(), components.len())?;
        check_weights(&weights)?;
        let d = components[0].dim();
        for (i, c) in components.iter().enumerate() {
            check_dim(&format!("means[{i}]"), c.dim(), d)?;
        }
        Ok(Self { weights, components })
    }

    /// A mixture on the line.
    ///
    /// # Errors
    /// As [`Mixture::new`] and [`Gaussian::new`].
    pub fn scalar(weights: &[f64], means: &[f64], variances: &[f64]) -> Result<Self, TargetError> {
        check_dim("means", means.len(), weights.len())?;
        check_dim("variances", variances.len(), weights.len())?;
        let components =
            means.iter().zip(variances).map(|(&m, &v)| Gaussian::scalar(m, v)).collect::<Result<_, _>>()?;
        Self::new(weights.to_vec(), components)
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.components[0].dim()
    }

    /// The weights divided by their sum, enclosed.
    #[must_use]
    pub fn shares(&self) -> Vec<Interval> {
        shares(&self.weights)
    }

    /// The law of `alpha x + sigma xi`, component by component.
    ///
    /// # Errors
    /// As [`Gaussian::noised`].
    pub fn noised(&self, level: NoiseLevel) -> Result<Self, TargetError> {
        let components = self.components.iter().map(|c| c.noised(level)).collect::<Result<_, _>>()?;
        Ok(Self { weights: self.weights.clone(), components })
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        let mut mean = DVector::zeros(self.dim());
        for (w, c) in self.weights.iter().zip(&self.components) {
            mean.axpy(*w, &c.mean, 1.0);
        }
        mean
    }

    /// Cov X, as a full matrix.
    #[must_use]
    pub fn cov(&self) -> DMatrix<f64> {
        let mean = self.mean();
        let mut cov = DMatrix::zeros(self.dim(), self.dim());
        for (w, c) in self.weights.iter().zip(&self.components) {
            let shift = &c.mean - &mean;
            cov += (c.cov_matrix() + &shift * shift.transpose()) * *w;
        }
        cov
    }

    /// The logarithms of the weighted component densities at n points, component by component (k x n).
    fn ln_parts(&self, xs: &[f64], n: usize) -> Vec<f64> {
        let mut parts = vec![0.0; n * self.components.len()];
        for ((w, c), part) in self.weights.iter().zip(&self.components).zip(parts.chunks_exact_mut(n.max(1))) {
            c.ln_density(xs, part);
            let ln_w = w.ln();
            part.iter_mut().for_each(|p| *p += ln_w);
        }
        parts
    }

    /// ln p at n points (`xs`: d x n, component-major): log-sum-exp, accurate in the far tails.
    pub fn ln_density(&self, xs: &[f64], out: &mut [f64]) {
        let n = out.len();
        let parts = self.ln_parts(xs, n);
        for (j, o) in out.iter_mut().enumerate() {
            let column = || parts.iter().skip(j).step_by(n);
            let top = column().copied().fold(f64::NEG_INFINITY, f64::max);
            *o = if top.is_finite() { top + column().map(|p| (p - top).exp()).sum::<f64>().ln() } else { top };
        }
    }

    /// grad ln p at n points (`xs`, `out`: d x n, component-major): responsibilities times component scores.
    pub fn score(&self, xs: &[f64], out: &mut [f64]) {
        let d = self.dim();
        let n = xs.len() / d;
        let mut parts = self.ln_parts(xs, n);
        for j in 0..n {
            let top = parts.iter().skip(j).step_by(n).copied().fold(f64::NEG_INFINITY, f64::max);
            let mut sum = 0.0;
            for p in parts.iter_mut().skip(j).step_by(n) {
                // Where every density underflows beyond the range of logarithms the components count alike.
                *p = if top.is_finite() { (*p - top).exp() } else { 1.0 };
                sum += *p;
            }
            parts.iter_mut().skip(j).step_by(n).for_each(|p| *p /= sum);
        }
        out.fill(0.0);
        let mut own = vec![0.0; xs.len()];
        for (c, part) in self.components.iter().zip(parts.chunks_exact(n.max(1))) {
            c.score(xs, &mut own);
            for i in 0..d {
                for ((o, s), r) in out[i * n..(i + 1) * n].iter_mut().zip(&own[i * n..(i + 1) * n]).zip(part) {
                    if *r > 0.0 {
                        *o += r * s;
                    }
                }
            }
        }
    }

    /// n exact draws, component-major.
    pub fn sample(&self, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        let d = self.dim();
        let mut counts = vec![0_usize; self.components.len()];
        let labels: Vec<usize> = (0..n)
            .map(|_| {
                let mut u: f64 = rng.random();
                let last = self.weights.len() - 1;
                let k = self.weights[..last].iter().position(|w| {
                    u -= w;
                    u < 0.0
                });
                let k = k.unwrap_or(last);
                counts[k] += 1;
                k
            })
            .collect();
        let drawn: Vec<Vec<f64>> = self
            .components
            .iter()
            .zip(&counts)
            .map(|(c, &m)| {
                let mut xs = vec![0.0; d * m];
                c.sample(rng, m, &mut xs);
                xs
            })
            .collect();
        let mut next = vec![0_usize; self.components.len()];
        for (j, &k) in labels.iter().enumerate() {
            for i in 0..d {
                out[i * n + j] = drawn[k][i * counts[k] + next[k]];
            }
            next[k] += 1;
        }
    }

    /// The finest runs of independent consecutive coordinates: a stretch on which all components agree and which none of
    /// them correlates with the rest is Gaussian and independent; what lies between the first and the last coordinate
    /// that is not of this kind is one block.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let Some(first) = (0..d).find(|&i| !self.agree_on(i)) else { return self.components[0].runs() };
        let last = (0..d).rfind(|&i| !self.agree_on(i)).unwrap_or(first);
        let side = |from: usize, to: usize| {
            let runs = if from < to { self.components[0].block(from, to - from).runs() } else { Vec::new() };
            runs.into_iter().map(move |r| Run { first: r.first + from, ..r })
        };
        let core = Run { first, dim: last + 1 - first, copies: 1 };
        side(0, first).chain([core]).chain(side(last + 1, d)).collect()
    }

    /// Whether coordinate i has the same law in every component and is uncorrelated with all others in each of them.
    pub(super) fn agree_on(&self, i: usize) -> bool {
        let first = &self.components[0];
        self.components.iter().all(|c| {
            let alone = match &c.cov {
                Covariance::Dense(m) => (0..c.dim()).all(|j| i == j || m[(i, j)] == 0.0),
                _ => true,
            };
            alone && c.mean[i] == first.mean[i] && c.variance(i) == first.variance(i)
        })
    }

    /// The marginal on the coordinates `first .. first + dim`: Gaussian where the components agree.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Density {
        let components: Vec<Gaussian> = self.components.iter().map(|c| c.block(first, dim)).collect();
        match components.iter().all(|c| c == &components[0]) {
            true => Density::Gaussian(components[0].clone()),
            false => Density::Mixture(Self { weights: self.weights.clone(), components }),
        }
    }
}
