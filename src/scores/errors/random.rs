//! e(x) = c sum_j a_j cos(w_j.x + b_j): a random smooth field.

use super::{markov, on_the_line};
use crate::numerics::{Interval, Measured};
use crate::scores::direction::Direction;
use crate::scores::projection::Projection;
use crate::scores::{Affine, Description, Entry, ErrorShape};
use crate::targets::{Density, Frame, Run};
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

    fn describe(&self) -> Option<Description> {
        let entries = vec![
            ("features", Entry::Count(self.features.len() as u64)),
            ("frequency", Entry::Number(self.frequency)),
            ("seed", Entry::Count(self.seed)),
        ];
        Some(Description { kind: "random", entries })
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
