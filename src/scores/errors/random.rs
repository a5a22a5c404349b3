//! e(x) = c sum_j a_j cos(w_j.x + b_j): a random smooth field.

use super::{markov, on_the_line};
use crate::numerics::{ComplexInterval, Interval, Measured};
use crate::scores::direction::Direction;
use crate::scores::projection::Projection;
use crate::scores::{Affine, CrossMoments, Description, Entry, ErrorShape};
use crate::targets::{Covariance, Density, Frame, Gaussian, Run};
use nalgebra::DVector;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use std::sync::Arc;

/// Random Fourier features: w_j ~ N(0, frequency^2 I), b_j uniform on [0, 2 pi), a_j ~ N(0, I)/sqrt(features).
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    features: Vec<Feature>,
    dim: usize,
    frequency: f64,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct Feature {
    /// a_j.
    a: DVector<f64>,
    /// w_j.
    w: DVector<f64>,
    /// b_j.
    b: f64,
}

impl Random {
    /// Draws the features from `seed`.
    #[must_use]
    pub fn new(dim: usize, features: usize, frequency: f64, seed: u64) -> Self {
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(seed);
        let scale = 1.0 / (features as f64).sqrt();
        let features = (0..features)
            .map(|_| {
                let mut normal =
                    |s: f64| DVector::from_fn(dim, |_, _| s * Distribution::<f64>::sample(&StandardNormal, &mut rng));
                let (a, w) = (normal(scale), normal(frequency));
                Feature { a, w, b: rng.random_range(0.0..std::f64::consts::TAU) }
            })
            .collect();
        Self { features, dim, frequency, seed }
    }

    /// E |sum_j a_j cos t_j|^2 = (1/2) sum_{jk} a_j.a_k [E cos(t_j - t_k) + E cos(t_j + t_k)], with
    /// E cos(w.x + b) = sum_i p_i e^{-w^T Sigma_i w/2} cos(w.mu_i + b).
    fn enclose(&self, p: &Density) -> Option<Interval> {
        // Sums of frequencies are formed in floating point, so the wave belongs to a slightly different angle: off by at
        // most u (|w_j| + |w_k|) E|x| in the mean.
        let size = (p.mean().norm_squared() + p.cov().trace()).sqrt() * 1.01;
        let wave = |w: DVector<f64>, b: Interval| Projection::of(p, &Direction::explicit(w)).map(|z| z.wave(b));
        let mut total = Interval::ZERO;
        for (j, f) in self.features.iter().enumerate() {
            for g in &self.features[..=j] {
                let inner: Interval = f.a.iter().zip(&g.a).map(|(x, y)| Interval::point(*x) * *y).sum();
                let plus = wave(&f.w + &g.w, Interval::point(f.b) + g.b)?;
                let minus = wave(&f.w - &g.w, Interval::point(f.b) - g.b)?;
                let waves = (plus + minus).widen(2.0 * f64::EPSILON * (f.w.norm() + g.w.norm()) * size);
                total += inner * waves * if std::ptr::eq(f, g) { 0.5 } else { 1.0 };
            }
        }
        Some(total)
    }
}

/// `E e^{i w.x}` and `E (a.x) e^{i w.x}`.
type Waves = [ComplexInterval; 2];

impl Feature {
    /// The two on the coordinates from `first` on. For N(m, S) they are `f = e^{i w.m - w^T S w/2}` and `(a.m + i a^T S w) f`; of
    /// independent blocks the first multiply and the second follow the product rule.
    fn waves(&self, p: &Density, first: usize) -> Waves {
        match p {
            Density::Gaussian(g) => self.waves_of(g, first),
            Density::Mixture(m) => {
                let parts = m.shares().into_iter().zip(&m.components);
                let each = parts.map(|(w, c)| self.waves_of(c, first).map(|z| z.scale(w)));
                each.fold([ComplexInterval::ZERO; 2], |[f, g], [a, b]| [f + a, g + b])
            }
            Density::Product(product) => {
                let (mut at, mut total) = (first, [ComplexInterval::ONE, ComplexInterval::ZERO]);
                for (factor, copies) in &product.factors {
                    for _ in 0..*copies {
                        let ([f, g], [a, b]) = (total, self.waves(factor, at));
                        total = [f * a, g * a + f * b];
                        at += factor.dim();
                    }
                }
                total
            }
        }
    }

    /// `|a| |w|` and `a.w`.
    fn sizes(&self) -> [Interval; 2] {
        let square = |v: &DVector<f64>| Direction::explicit(v.clone()).norm_squared();
        let along = self.a.iter().zip(&self.w).map(|(a, w)| Interval::point(*a) * *w).sum();
        [(square(&self.a) * square(&self.w)).sqrt(), along]
    }

    fn waves_of(&self, g: &Gaussian, first: usize) -> Waves {
        let d = g.dim();
        let (a, w) = (self.a.rows(first, d), self.w.rows(first, d));
        let along = |v: &dyn Fn(usize) -> f64| (0..d).map(|i| g.mean_enclosed(i) * v(i)).sum::<Interval>();
        let form = |v: &dyn Fn(usize) -> f64| -> Interval {
            match &g.cov {
                Covariance::Dense(s) => {
                    let pairs = (0..d * d).map(|n| (n % d, n / d));
                    pairs.map(|(i, j)| g.enclosed(s[(i, j)]) * v(i) * w[j]).sum()
                }
                _ => (0..d).map(|i| g.variance_enclosed(i) * v(i) * w[i]).sum(),
            }
        };
        let size = (-(form(&|i| w[i]) * 0.5)).exp();
        let angle = along(&|i| w[i]);
        let f = ComplexInterval::new(size * angle.cos(), size * angle.sin());
        [f, ComplexInterval::new(along(&|i| a[i]), form(&|i| a[i])) * f]
    }
}

impl ErrorShape for Random {
    fn dim(&self) -> usize {
        self.dim
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        let n = xs.len() / self.dim;
        out.fill(0.0);
        let mut angle = vec![0.0; n];
        for f in &self.features {
            angle.fill(f.b);
            for i in 0..self.dim {
                angle.iter_mut().zip(&xs[i * n..(i + 1) * n]).for_each(|(o, x)| *o += f.w[i] * x);
            }
            angle.iter_mut().for_each(|z| *z = z.cos());
            for i in 0..self.dim {
                out[i * n..(i + 1) * n].iter_mut().zip(&angle).for_each(|(o, z)| *o += f.a[i] * z);
            }
        }
    }

    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        let one = |x: &f64| -self.features.iter().map(|f| f.a[0] * f.w[0] * (f.w[0] * x + f.b).sin()).sum::<f64>();
        xs.iter().map(one).collect()
    }

    fn affine(&self) -> Option<Affine> {
        None
    }

    fn jumps(&self) -> Vec<f64> {
        Vec::new()
    }

    fn runs(&self) -> Vec<Run> {
        vec![Run { first: 0, dim: self.dim, copies: 1 }]
    }

    fn block(&self, _first: usize, _dim: usize) -> Arc<dyn ErrorShape> {
        // It couples all coordinates, so the only union of blocks is the whole.
        Arc::new(self.clone())
    }

    fn in_frame(&self, _frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        None
    }

    fn sup(&self) -> f64 {
        self.features.iter().map(|f| Direction::explicit(f.a.clone()).norm_squared().sqrt()).sum::<Interval>().hi()
    }

    fn mean_square(&self, p: &Density) -> Measured {
        let value = self.enclose(p).unwrap_or_else(|| Interval::new(0.0, Interval::point(self.sup()).sqr().hi()));
        Measured::exact(value.max(Interval::ZERO))
    }

    /// `div u = -sum_j a_j.w_j sin(w_j.x + b_j)`.
    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        let (mut score, mut position) = (Interval::ZERO, Interval::ZERO);
        for feature in &self.features {
            let phase = Interval::point(feature.b);
            let turn = ComplexInterval::new(phase.cos(), phase.sin());
            let [f, g] = feature.waves(p, 0).map(|z| z * turn);
            let slope: Interval = feature.a.iter().zip(&feature.w).map(|(a, w)| Interval::point(*a) * *w).sum();
            score += slope * f.im;
            position += g.re;
        }
        Some(CrossMoments::exact(score, position))
    }

    fn describe(&self) -> Option<Description> {
        let entries = vec![
            ("features", Entry::Count(self.features.len() as u64)),
            ("frequency", Entry::Number(self.frequency)),
            ("seed", Entry::Count(self.seed)),
        ];
        Some(Description { kind: "random", entries })
    }

    fn lipschitz(&self) -> f64 {
        self.features.iter().map(|f| f.sizes()[0]).sum::<Interval>().hi()
    }

    /// The eigenvalues of the symmetric part of `a w^T` are 0 and `(a.w +- |a| |w|)/2`.
    fn one_sided(&self) -> Interval {
        let largest = |f: &Feature| {
            let [norms, along] = f.sizes();
            (norms + along.abs()) * 0.5
        };
        Interval::ZERO.widen(self.features.iter().map(largest).sum::<Interval>().hi())
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        if self.dim > 1 {
            return markov(self, p, threshold);
        }
        let value = |x: Interval| -> Interval {
            self.features.iter().map(|f| (x * f.w[0] + f.b).cos() * f.a[0]).sum::<Interval>()
        };
        on_the_line(p, &|x| value(x).abs() - threshold)
    }
}
