//! Trigonometric polynomials on a box.

use crate::laws::density1::Density1;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// Points that are evaluated side by side.
const LANES: usize = 8;

/// The next odd number.
pub(super) fn odd(n: usize) -> usize {
    n | 1
}

/// A density by its values at n (odd) equidistant nodes of `[lo, lo + period)`.
#[derive(Clone, Debug)]
pub(super) struct Trig {
    pub(super) lo: f64,
    pub(super) period: f64,
    pub(super) values: Vec<f64>,
    /// The largest density seen at the edges of the boxes it was on before.
    pub(super) edge: f64,
    /// Fourier coefficients `(1/n) sum_k rho_k e^{-i w_j (x_k - lo)}` for j = 0 ..= (n-1)/2.
    coefficients: Vec<Complex<f64>>,
}

impl Trig {
    /// From nodal values.
    pub(super) fn new(lo: f64, period: f64, values: Vec<f64>) -> Self {
        let n = values.len();
        let mut buffer: Vec<Complex<f64>> = values.iter().map(|&v| Complex::new(v / n as f64, 0.0)).collect();
        FftPlanner::new().plan_fft_forward(n).process(&mut buffer);
        buffer.truncate(n / 2 + 1);
        Self { lo, period, values, edge: 0.0, coefficients: buffer }
    }

    /// A density sampled at the nodes.
    pub(super) fn sample(density: &dyn Density1, lo: f64, hi: f64, n: usize) -> Self {
        let xs: Vec<f64> = (0..n).map(|k| node(lo, hi - lo, n, k)).collect();
        let mut values = vec![0.0; n];
        density.density(&xs, &mut values);
        Self::new(lo, hi - lo, values)
    }

    /// The same density on other nodes; 0 outside of the old box.
    pub(super) fn resample(&self, lo: f64, hi: f64, n: usize) -> Self {
        let xs: Vec<f64> = (0..n).map(|k| node(lo, hi - lo, n, k)).collect();
        let mut values = vec![0.0; n];
        self.density(&xs, &mut values);
        Self { edge: self.edge.max(self.edge_density()), ..Self::new(lo, hi - lo, values) }
    }

    /// Fourier coefficients of the frequencies 0, 1, ..., (n-1)/2 of the box.
    pub(super) fn coefficients(&self) -> &[Complex<f64>] {
        &self.coefficients
    }

    /// Other values at the same nodes.
    pub(super) fn with_values(self, values: Vec<f64>) -> Self {
        Self { edge: self.edge, ..Self::new(self.lo, self.period, values) }
    }

    pub(super) fn nodes(&self) -> Vec<f64> {
        let n = self.values.len();
        (0..n).map(|k| node(self.lo, self.period, n, k)).collect()
    }

    pub(super) fn bounds(&self) -> (f64, f64) {
        (self.lo, self.lo + self.period)
    }

    pub(super) fn resolution(&self) -> (f64, f64, usize) {
        (self.lo, self.lo + self.period, self.values.len())
    }

    /// The node spacing times a few: the shortest wave kept.
    pub(super) fn scale(&self) -> f64 {
        4.0 * self.period / self.values.len() as f64
    }

    pub(super) fn is_finite(&self) -> bool {
        self.values.iter().all(|v| v.is_finite())
    }

    /// The largest density within one part in fifty of either edge.
    pub(super) fn edge_density(&self) -> f64 {
        let n = self.values.len();
        let m = (n / 50).max(1);
        self.values[..m].iter().chain(&self.values[n - m..]).fold(0.0, |a: f64, v| a.max(v.abs()))
    }

    /// The total size of the highest tenth of the frequencies, as a mass.
    pub(super) fn spectrum(&self) -> f64 {
        let m = self.coefficients.len();
        self.coefficients[m - (m / 10).max(1)..].iter().map(|c| c.norm()).sum::<f64>() * self.period
    }

    /// The noise of a value: what the highest frequencies and the edges show.
    pub(super) fn noise(&self) -> f64 {
        let m = self.coefficients.len();
        let top = self.coefficients[m - (m / 10).max(1)..].iter().map(|c| c.norm()).fold(0.0, f64::max);
        let peak = self.values.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
        (top * (m as f64).sqrt()).max(peak * 1e-16)
    }

    /// `int f rho` by the trapezoid rule, spectrally accurate as rho vanishes at the edges.
    pub(super) fn moment(&self, f: impl Fn(f64) -> f64) -> f64 {
        let values: Vec<f64> = self.nodes().into_iter().map(f).collect();
        self.weighted(&values)
    }

    pub(super) fn weighted(&self, values: &[f64]) -> f64 {
        let h = self.period / self.values.len() as f64;
        values.iter().zip(&self.values).map(|(f, v)| f * v).sum::<f64>() * h
    }

    /// `sum_j` over the positive frequencies of `Re(a_j e^{i w_j y})`, by a recurrence re-seeded often enough to stay exact.
    fn wave(&self, y: f64, mut term: impl FnMut(usize, f64, f64) -> f64) -> f64 {
        let theta = TAU * y / self.period;
        let (s1, c1) = theta.sin_cos();
        let (mut c, mut s) = (1.0, 0.0);
        let mut sum = 0.0;
        for j in 1..self.coefficients.len() {
            if j % 16 == 0 {
                let exact = (theta * j as f64).sin_cos();
                (s, c) = exact;
            } else {
                (c, s) = (c * c1 - s * s1, s * c1 + c * s1);
            }
            sum += term(j, c, s);
        }
        sum
    }

    pub(super) fn density(&self, xs: &[f64], out: &mut [f64]) {
        let (inside, period) = (|x: f64| self.lo <= x && x <= self.lo + self.period, self.period);
        for (xs, out) in xs.chunks(LANES).zip(out.chunks_mut(LANES)) {
            // Points outside stand in the middle of the box and are taken back afterwards.
            let mut y = [0.5 * period; LANES];
            xs.iter().zip(&mut y).filter(|(x, _)| inside(**x)).for_each(|(x, y)| *y = x - self.lo);
            let waves = self.waves(y);
            for ((x, o), wave) in xs.iter().zip(out).zip(waves) {
                *o = if inside(*x) { self.coefficients[0].re + 2.0 * wave } else { 0.0 };
            }
        }
    }

    /// `sum_j Re(a_j e^{i w_j y})` over the positive frequencies as [`Trig::wave`] forms it, for several points side by side:
    /// each waits for its own recurrence only.
    fn waves(&self, y: [f64; LANES]) -> [f64; LANES] {
        let theta = y.map(|y| TAU * y / self.period);
        let (s1, c1) = (theta.map(f64::sin), theta.map(f64::cos));
        let (mut c, mut s, mut sum) = ([1.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (j, a) in self.coefficients.iter().enumerate().skip(1) {
            if j % 16 == 0 {
                for i in 0..LANES {
                    (s[i], c[i]) = (theta[i] * j as f64).sin_cos();
                }
            } else {
                for i in 0..LANES {
                    (c[i], s[i]) = (c[i] * c1[i] - s[i] * s1[i], s[i] * c1[i] + c[i] * s1[i]);
                }
            }
            for i in 0..LANES {
                sum[i] += a.re * c[i] - a.im * s[i];
            }
        }
        sum
    }

    /// The antiderivative that vanishes at the left edge.
    pub(super) fn cdf(&self, x: f64) -> f64 {
        let y = (x - self.lo).clamp(0.0, self.period);
        let a = &self.coefficients;
        // int_0^y Re(a e^{iwt}) dt = Re(a (e^{iwy} - 1)/(iw)) = [re sin + im (cos - 1)]/w.
        let w1 = TAU / self.period;
        a[0].re * y + 2.0 * self.wave(y, |j, c, s| (a[j].re * s + a[j].im * (c - 1.0)) / (w1 * j as f64))
    }

    pub(super) fn sf(&self, x: f64) -> f64 {
        self.coefficients[0].re * self.period - self.cdf(x)
    }

    /// The L1 distance of two laws, by the trapezoid rule on the finer nodes of both boxes.
    pub(super) fn distance(&self, other: &Trig) -> f64 {
        let (fine, coarse) = if self.values.len() > other.values.len() { (self, other) } else { (other, self) };
        let xs = fine.nodes();
        let mut there = vec![0.0; xs.len()];
        coarse.density(&xs, &mut there);
        let h = fine.period / xs.len() as f64;
        fine.values.iter().zip(&there).map(|(a, b)| (a - b).abs()).sum::<f64>() * h
    }
}

/// Node k of n on `[lo, lo + period)`.
pub(super) fn node(lo: f64, period: f64, n: usize, k: usize) -> f64 {
    lo + period * (k as f64 / n as f64)
}
