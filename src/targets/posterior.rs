//! The posterior of bounded data given their noised value: what a regression on them estimates.

use super::truncated_normal::{Central, TruncatedNormal};
use super::{BoundedData, BoxMixture, Points};
use crate::processes::NoiseLevel;
use nalgebra::{DMatrix, DVector};

/// Moments of X_0 given `alpha X_0 + sigma xi = x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// `ln p_level(x)`, nats.
    pub ln_density: f64,
    /// `f_*(x) = E[X_0 | x]`.
    pub mean: DVector<f64>,
    /// `Cov(X_0 | x)`.
    pub covariance: DMatrix<f64>,
    /// `Cov(X_0, |X_0|^2 | x)`.
    pub with_square: DVector<f64>,
}

impl BoundedData {
    /// The posterior at the point x (d) of a noise level with sigma > 0.
    ///
    /// With `a = alpha/h`, `h = sigma^2`, two values z, y of X_0 are compared by
    ///
    /// ```text
    /// ln p(x | z) - ln p(x | y) = a (z - y).(x - alpha (z + y)/2)
    /// ```
    ///
    /// so that no large squares cancel, however far away x is; all moments are taken about the mean.
    #[must_use]
    pub fn posterior(&self, level: NoiseLevel, x: &[f64]) -> Posterior {
        match self {
            BoundedData::Points(p) => of_points(p, level, x),
            BoundedData::Box(p) => p.posterior(level, x),
            BoundedData::Product(_) => of_blocks(&self.blocks(), level, x),
        }
    }

    /// `E[X_0 | x]` at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    pub fn posterior_means(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        let d = self.dim();
        let n = xs.len() / d;
        let mut x = vec![0.0; d];
        for j in 0..n {
            x.iter_mut().enumerate().for_each(|(i, x)| *x = xs[i * n + j]);
            let mean = self.posterior(level, &x).mean;
            mean.iter().enumerate().for_each(|(i, m)| out[i * n + j] = *m);
        }
    }

    /// The score of the noised law, `(alpha E[X_0 | x] - x)/sigma^2`, at the n points of `xs` (d x n, component-major), written to
    /// `out` (d x n).
    pub fn scores(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        self.posterior_means(level, xs, out);
        out.iter_mut().zip(xs).for_each(|(f, x)| *f = (level.alpha * *f - x) / level.variance());
    }
}

/// `-(d/2) ln(2 pi h)`.
fn ln_scale(level: NoiseLevel, d: usize) -> f64 {
    -(d as f64) * (libm::log(level.sigma) + 0.5 * libm::log(std::f64::consts::TAU))
}

/// `ln p(x | z) - ln p(x | y)` for one coordinate.
fn preferred(level: NoiseLevel, x: f64, z: f64, y: f64) -> f64 {
    level.gain() * (z - y) * (x - 0.5 * level.alpha * (z + y))
}

/// Weights proportional to `e^logits`, and `ln sum e^logits`.
fn soft_max(mut logits: Vec<f64>) -> (Vec<f64>, f64) {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter_mut().for_each(|l| *l = libm::exp(*l - top));
    let sum: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|l| *l /= sum);
    (logits, top + libm::log(sum))
}

/// One atom or component of a posterior, whose coordinates are independent: relative to a point common to all, its shift, and
/// `E |.|^2` less the square of that point; then each coordinate's variance and covariance with its square.
struct Part {
    shift: DVector<f64>,
    square: f64,
    within: Vec<(f64, f64)>,
}

/// The moments of a mixture of parts about `origin`.
fn mixed(origin: &DVector<f64>, shares: &[f64], parts: &[Part], ln_density: f64) -> Posterior {
    let d = origin.len();
    let mut shift = DVector::zeros(d);
    let mut square = 0.0;
    for (&w, part) in shares.iter().zip(parts) {
        shift.axpy(w, &part.shift, 1.0);
        square += w * part.square;
    }
    let (mut covariance, mut with_square) = (DMatrix::zeros(d, d), DVector::zeros(d));
    for (&w, part) in shares.iter().zip(parts) {
        let about = &part.shift - &shift;
        covariance.ger(w, &about, &about, 1.0);
        with_square.axpy(w * (part.square - square), &about, 1.0);
        for (i, (variance, cross)) in part.within.iter().enumerate() {
            covariance[(i, i)] += w * variance;
            with_square[i] += w * cross;
        }
    }
    Posterior { ln_density, mean: origin + shift, covariance, with_square }
}

/// Blocks that are independent stay so given x.
fn of_blocks(blocks: &[&BoundedData], level: NoiseLevel, x: &[f64]) -> Posterior {
    let d = x.len();
    let (mut mean, mut with_square) = (DVector::zeros(d), DVector::zeros(d));
    let (mut covariance, mut ln_density, mut at) = (DMatrix::zeros(d, d), 0.0, 0);
    for block in blocks {
        let n = block.dim();
        let own = block.posterior(level, &x[at..at + n]);
        mean.rows_mut(at, n).copy_from(&own.mean);
        with_square.rows_mut(at, n).copy_from(&own.with_square);
        covariance.view_mut((at, at), (n, n)).copy_from(&own.covariance);
        ln_density += own.ln_density;
        at += n;
    }
    Posterior { ln_density, mean, covariance, with_square }
}

fn of_points(p: &Points, level: NoiseLevel, x: &[f64]) -> Posterior {
    let exponent = |a: &DVector<f64>| -> f64 {
        let apart = x.iter().zip(a.iter()).map(|(x, a)| ((x - level.alpha * a) / level.sigma).powi(2));
        -0.5 * apart.sum::<f64>()
    };
    // About the likeliest atom the others are small corrections, where the noise is small.
    let likelihoods = p.weights.iter().zip(&p.points).map(|(w, a)| libm::log(*w) + exponent(a));
    let likeliest =
        likelihoods.enumerate().fold((0, f64::NEG_INFINITY), |best, (i, l)| if l > best.1 { (i, l) } else { best });
    let origin = &p.points[likeliest.0];
    let against = |a: &DVector<f64>| -> f64 {
        x.iter().zip(a.iter().zip(origin.iter())).map(|(&x, (&a, &o))| preferred(level, x, a, o)).sum()
    };
    let logits = p.weights.iter().zip(&p.points).map(|(w, a)| libm::log(*w) + against(a)).collect();
    let (shares, ln_sum) = soft_max(logits);
    let part = |a: &DVector<f64>| {
        let shift = a - origin;
        let square = shift.dot(&(a + origin));
        Part { shift, square, within: Vec::new() }
    };
    let parts: Vec<Part> = p.points.iter().map(part).collect();
    mixed(origin, &shares, &parts, ln_sum + exponent(origin) + ln_scale(level, x.len()))
}

impl BoxMixture {
    /// The posterior at the point x (d) of a noise level with sigma > 0.
    ///
    /// Given x, each coordinate of component i is a normal law cut to the same interval:
    ///
    /// ```text
    /// 1/v = 1/s_i^2 + gamma,    m = v (mu_i/s_i^2 + a x)
    /// ```
    ///
    /// The component's weight is w_i times the integral of prior times likelihood over the cube, divided by that of the prior.
    #[must_use]
    pub fn posterior(&self, level: NoiseLevel, x: &[f64]) -> Posterior {
        of_box(self, level, x)
    }
}

fn of_box(p: &BoxMixture, level: NoiseLevel, x: &[f64]) -> Posterior {
    let b = p.half_width();
    let (a, snr) = (level.gain(), level.snr());
    // The point of the cube nearest to x/alpha; for alpha = 0 any will do, and a maximum drops a NaN.
    let origin = DVector::from_iterator(x.len(), x.iter().map(|x| (x / level.alpha).max(-b).min(b)));
    let mut logits = Vec::with_capacity(p.weights().len());
    let mut parts = Vec::with_capacity(p.weights().len());
    for (i, (&w, &s)) in p.weights().iter().zip(p.sds()).enumerate() {
        let precision = 1.0 / (s * s);
        let v = 1.0 / (precision + snr);
        let mut part = Part { shift: DVector::zeros(x.len()), square: 0.0, within: Vec::with_capacity(x.len()) };
        let mut logit = libm::log(w);
        for (c, (&x, &mu)) in x.iter().zip(p.means()[i].iter()).enumerate() {
            let law = TruncatedNormal::new(v * (mu * precision + a * x), v.sqrt(), (-b, b));
            let at_mode = -0.5 * ((law.mode() - mu) / s).powi(2) + preferred(level, x, law.mode(), origin[c]);
            logit += at_mode + law.ln_mass_from_mode() - p.laws()[i][c].ln_mass();
            let Central { mean, variance, third } = law.central();
            part.shift[c] = mean - origin[c];
            part.square += part.shift[c] * (mean + origin[c]) + variance;
            part.within.push((variance, third + 2.0 * mean * variance));
        }
        logits.push(logit);
        parts.push(part);
    }
    let (shares, ln_sum) = soft_max(logits);
    let away = x.iter().zip(origin.iter()).map(|(x, o)| ((x - level.alpha * o) / level.sigma).powi(2));
    let ln_density = ln_sum - 0.5 * away.sum::<f64>() + ln_scale(level, x.len());
    mixed(&origin, &shares, &parts, ln_density)
}
