//! A few steps without a matrix.

use super::trig::{Trig, node};
use crate::samplers::Kernel;
use crate::scores::ScoreField;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

/// What the steps on one box have in common.
pub(super) struct Direct {
    lo: f64,
    period: f64,
    /// `e^{-2 pi i k/n}`.
    roots: Vec<Complex<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

impl Direct {
    pub(super) fn new(lo: f64, period: f64, n: usize) -> Self {
        let root = |k: usize| Complex::from_polar(1.0, -TAU * k as f64 / n as f64);
        Self { lo, period, roots: (0..n).map(root).collect(), inverse: FftPlanner::new().plan_fft_inverse(n) }
    }

    /// By how much a kernel moves the nodes.
    pub(super) fn moves(&self, kernel: &Kernel, s: &dyn ScoreField) -> Vec<f64> {
        let n = self.roots.len();
        let xs: Vec<f64> = (0..n).map(|k| node(self.lo, self.period, n, k)).collect();
        let mut moves = vec![0.0; n];
        kernel.drift.displacement(s, &xs, &mut moves);
        moves
    }

    /// One step with the given moves of the nodes and noise of standard deviation `noise`.
    ///
    /// With `g_j = e^{-noise^2 w_j^2/2}` and `u_k = e^{-i w_1 move_k}`, coefficient j changes by
    /// ```text
    /// g_j (1/n) sum_k rho_k e^{-i w_j (x_k - lo)} (u_k^j - 1) + (g_j - 1) rho^_j,
    /// ```
    /// the powers less 1 coming from `d_{j+1} = d_j + (1 + d_j)(u - 1)`: a small step is not lost in rounding.
    pub(super) fn step(&self, law: Trig, moves: &[f64], noise: f64) -> Trig {
        let n = self.roots.len();
        let w1 = TAU / self.period;
        let less_one: Vec<Complex<f64>> = moves
            .iter()
            .map(|m| {
                let (angle, half) = (-w1 * m, (0.5 * w1 * m).sin());
                Complex::new(-2.0 * half * half, angle.sin())
            })
            .collect();
        let mut powers = vec![Complex::new(0.0, 0.0); n];
        let mut change = vec![Complex::new(0.0, 0.0); n];
        for j in 1..=n / 2 {
            let (mut sum, mut at) = (Complex::new(0.0, 0.0), 0);
            for ((d, c), v) in powers.iter_mut().zip(&less_one).zip(&law.values) {
                *d += (*d + 1.0) * c;
                sum += self.roots[at] * *d * *v;
                at += j;
                if at >= n {
                    at -= n;
                }
            }
            let a = -0.5 * (noise * w1 * j as f64).powi(2);
            let value = sum * (a.exp() / n as f64) + law.coefficients()[j] * a.exp_m1();
            change[j] = value;
            change[n - j] = value.conj();
        }
        self.inverse.process(&mut change);
        let values = law.values.iter().zip(&change).map(|(v, z)| v + z.re).collect();
        law.with_values(values)
    }
}
