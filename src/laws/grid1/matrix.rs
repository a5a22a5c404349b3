//! One step as a matrix on nodal values, minus the identity.

use super::trig::{Trig, node};
use crate::samplers::Kernel;
use crate::scores::ScoreField;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// B with I + B one step of a kernel on a box.
pub(super) struct StepMatrix {
    b: DMatrix<f64>,
}

impl StepMatrix {
    /// The matrix of `kernel` on n nodes of `[lo, lo + period)`.
    pub(super) fn new(kernel: &Kernel, s: &dyn ScoreField, lo: f64, period: f64, n: usize) -> Self {
        let xs: Vec<f64> = (0..n).map(|k| node(lo, period, n, k)).collect();
        let mut move_by = vec![0.0; n];
        kernel.drift.displacement(s, &xs, &mut move_by);
        let fft = FftPlanner::new().plan_fft_inverse(n);
        let half_variance = 0.5 * kernel.noise * kernel.noise;
        // What depends on the frequency alone, and the roots of unity.
        let smoothing: Vec<(f64, f64)> = (0..=n / 2)
            .map(|j| TAU * j as f64 / period)
            .map(|w| -half_variance * w * w)
            .map(|a| (a.exp_m1(), a.exp()))
            .collect();
        let roots: Vec<Complex<f64>> =
            (0..n).map(|i| -TAU * i as f64 / n as f64).map(|angle| Complex::new(angle.cos(), angle.sin())).collect();
        let mut b = DMatrix::zeros(n, n);
        b.as_mut_slice().par_chunks_exact_mut(n).enumerate().for_each(|(k, column)| {
            let mut spectrum = vec![Complex::new(0.0, 0.0); n];
            for j in 1..=n / 2 {
                let w = TAU * j as f64 / period;
                // expm1(a + ib) = expm1(a) cos b - 2 sin^2(b/2) + i e^a sin b, then shifted to node k.
                let ((less_one, factor), angle) = (smoothing[j], -w * move_by[k]);
                let (sin, cos) = angle.sin_cos();
                let half = (0.5 * angle).sin();
                let value = Complex::new(less_one * cos - 2.0 * half * half, factor * sin);
                let value = value * roots[(j * k) % n] / n as f64;
                spectrum[j] = value;
                spectrum[n - j] = value.conj();
            }
            fft.process(&mut spectrum);
            column.iter_mut().zip(&spectrum).for_each(|(o, z)| *o = z.re);
        });
        Self { b }
    }

    /// The law after `repeat` steps: mat-vecs while they are cheaper than squarings, else by doubling.
    pub(super) fn apply(&self, law: &mut Trig, repeat: u64) {
        let n = law.values.len();
        let mut v = DVector::from_vec(std::mem::take(&mut law.values));
        let squarings = u64::from(64 - repeat.leading_zeros());
        if repeat <= squarings * n as u64 / 8 {
            for _ in 0..repeat {
                let step = &self.b * &v;
                v += step;
            }
        } else {
            Self { b: self.b.clone() }.double(&mut v, repeat);
        }
        *law = law.clone().with_values(v.data.into());
    }

    /// The values after `repeat` steps, by squarings of the step.
    fn double(mut self, v: &mut DVector<f64>, mut repeat: u64) {
        let n = v.len();
        let mut square = DMatrix::zeros(n, n);
        while repeat > 0 {
            if repeat & 1 == 1 {
                let step = &self.b * &*v;
                *v += step;
            }
            repeat >>= 1;
            if repeat > 0 {
                square.gemm(1.0, &self.b, &self.b, 0.0);
                square.zip_apply(&self.b, |x, b| *x += 2.0 * b);
                std::mem::swap(&mut self.b, &mut square);
                self.conserve();
            }
        }
    }

    /// Columns sum to 0, since every step conserves mass; the rounding that says otherwise is taken out.
    fn conserve(&mut self) {
        let n = self.b.nrows() as f64;
        for mut column in self.b.column_iter_mut() {
            let mean = column.sum() / n;
            column.iter_mut().for_each(|x| *x -= mean);
        }
    }
}
