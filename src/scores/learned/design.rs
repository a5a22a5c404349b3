//! How training and test sets are drawn: one noised value at a random time for each datum.

use crate::numerics::{Interval, Ledger, Measured, Source, gauss_legendre, stream};
use crate::processes::{NoiseLevel, Process};
use crate::targets::BoundedData;
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use thiserror::Error;

/// The law of the training times on `[T0, T]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeMeasure {
    /// Uniform in process time.
    UniformTime,
    /// The signal-to-noise ratio `gamma = alpha^2/sigma^2` is uniform on `[gamma(T), gamma(T0)]`.
    UniformSnr,
}

/// Why there is no such design.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DesignError {
    /// The times are not in order, or the process does not run that long.
    #[error("training times from {early} to {horizon}: expected 0 < early <= horizon, and a horizon before {end}")]
    Times {
        /// T0.
        early: f64,
        /// T.
        horizon: f64,
        /// The last time of the process.
        end: f64,
    },
}

/// The points at which a score is learned: `X_t = alpha(t) X_0 + sigma(t) xi`, t in `[T0, T]`, seen by the model as
/// `z = (x, t - T0)`, or `z = (x, t - T0, 1)` with a bias coordinate.
///
/// Invariant: 0 < T0 <= T before the end of the process; T0 = T learns at a single time.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    process: Process,
    early: f64,
    horizon: f64,
    measure: TimeMeasure,
    bias: bool,
}

/// Gauss-Legendre nodes per panel of times; each panel doubles the time.
const NODES: usize = 16;

impl Design {
    /// Times of the given law on `[early, horizon]`.
    ///
    /// # Errors
    /// See [`DesignError`].
    pub fn new(
        process: Process,
        (early, horizon): (f64, f64),
        measure: TimeMeasure,
        bias: bool,
    ) -> Result<Self, DesignError> {
        let end = process.end();
        match early > 0.0 && early <= horizon && horizon.is_finite() && horizon < end {
            true => Ok(Self { process, early, horizon, measure, bias }),
            false => Err(DesignError::Times { early, horizon, end }),
        }
    }

    /// The same design with times uniform on its interval: where errors are measured.
    #[must_use]
    pub fn uniform_in_time(&self) -> Self {
        Self { measure: TimeMeasure::UniformTime, ..self.clone() }
    }

    /// The process that noises the data.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// T0.
    #[must_use]
    pub fn early(&self) -> f64 {
        self.early
    }

    /// T.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.horizon
    }

    /// The law of the times.
    #[must_use]
    pub fn measure(&self) -> TimeMeasure {
        self.measure
    }

    /// Whether inputs end with a 1.
    #[must_use]
    pub fn bias(&self) -> bool {
        self.bias
    }

    /// The noise level at time t.
    #[must_use]
    pub fn level(&self, t: f64) -> NoiseLevel {
        self.process.level(t)
    }

    /// p, the length of an input for data in d dimensions: d + 1, or d + 2 with the bias coordinate.
    #[must_use]
    pub fn input_dim(&self, d: usize) -> usize {
        d + 1 + usize::from(self.bias)
    }

    /// The dimension of what inputs span for data in d dimensions: p, less the coordinate t - T0 where all times are the same. The
    /// powers of HRX-13 and HRX-19 are those of this number in place of p.
    #[must_use]
    pub fn span_dim(&self, d: usize) -> usize {
        self.input_dim(d) - usize::from(self.is_single_time())
    }

    /// Whether all times are the same, T0 = T.
    #[must_use]
    pub fn is_single_time(&self) -> bool {
        self.early == self.horizon
    }

    /// Writes `z = (x, t - T0[, 1])` for the point x (d) at time t to `z` (p).
    pub fn write_input(&self, t: f64, x: &[f64], z: &mut [f64]) {
        let d = x.len();
        z[..d].copy_from_slice(x);
        z[d] = t - self.early;
        z[d + 1..].fill(1.0);
    }

    /// The largest and the smallest signal-to-noise ratio, at T0 and at T.
    #[must_use]
    pub fn snr_range(&self) -> (f64, f64) {
        (self.level(self.early).snr(), self.level(self.horizon).snr())
    }

    /// The time at which a fraction u in [0, 1] of the time measure has passed.
    #[must_use]
    pub fn time(&self, u: f64) -> f64 {
        match self.measure {
            TimeMeasure::UniformTime => (self.early + u * (self.horizon - self.early)).min(self.horizon),
            TimeMeasure::UniformSnr => {
                let (most, least) = self.snr_range();
                self.process.time_of_snr(most + u * (least - most), self.early, self.horizon)
            }
        }
    }

    /// Times and weights for the mean of a smooth function of time under the time measure; the weights sum to 1.
    ///
    /// Gauss-Legendre panels of `nodes` each, in the variable whose law is uniform; each panel doubles the time.
    fn rule(&self, nodes: usize) -> Vec<(f64, f64)> {
        if self.is_single_time() {
            return vec![(self.early, 1.0)];
        }
        let mut times = vec![self.early];
        times
            .extend(std::iter::successors(Some(2.0 * self.early), |t| Some(2.0 * t)).take_while(|t| *t < self.horizon));
        times.push(self.horizon);
        let rule = gauss_legendre(nodes);
        let variable = |t: f64| match self.measure {
            TimeMeasure::UniformTime => t,
            TimeMeasure::UniformSnr => self.level(t).snr(),
        };
        let whole = variable(self.horizon) - variable(self.early);
        let panel = |ends: &[f64]| -> Vec<(f64, f64)> {
            let (a, b) = (variable(ends[0]), variable(ends[1]));
            let at = |x: f64| match self.measure {
                TimeMeasure::UniformTime => x,
                TimeMeasure::UniformSnr => self.process.time_of_snr(x, ends[0], ends[1]),
            };
            let node = |(x, w): (&f64, &f64)| (at(a + 0.5 * (b - a) * (1.0 + x)), 0.5 * w * (b - a) / whole);
            rule.nodes.iter().zip(&rule.weights).map(node).collect()
        };
        times.windows(2).flat_map(panel).collect()
    }

    /// The mean of a smooth function of time under the time measure; `None` where the function is. The estimate of the error is what
    /// panels with half of the nodes say, and the mean of the function's own errors. For VP, as smooth as the rate of the process.
    #[must_use]
    pub fn mean_over_time(&self, f: impl Fn(f64) -> Option<Measured>) -> Option<Measured> {
        let sums = |nodes: usize| {
            self.rule(nodes).into_iter().try_fold((0.0, 0.0), |(value, error), (t, w)| {
                let at = f(t)?;
                Some((value + w * at.value.mid(), error + 0.5 * w * at.value.width()))
            })
        };
        let ((fine, error), (coarse, _)) = (sums(NODES)?, sums(NODES / 2)?);
        let ledger = Ledger::new()
            .open(Source::Discretisation, fine - coarse, "panels of times with half of the nodes")
            .open(Source::Discretisation, error, "the mean error at one time");
        Some(Measured::with_ledger(Interval::point(fine), ledger))
    }

    /// The mean irreducible noise `E tr Cov(X_0 | X_t)` over the design on the line: what the exact regression is left with as its
    /// test loss. `None` in several dimensions, where the mean of [`Sample::traces`] estimates it.
    #[must_use]
    pub fn mean_noise_on_line(&self, data: &BoundedData) -> Option<Measured> {
        self.mean_over_time(|t| data.noise_on_line(self.level(t)))
    }

    /// An upper bound of the mean noise under [`TimeMeasure::UniformSnr`] with T0 < T, `2 I(X_0; X_T0)/(gamma(T0) - gamma(T))` with
    /// the mutual information of [`BoundedData::most_information`]; `None` under the other measure.
    #[must_use]
    pub fn most_mean_noise(&self, data: &BoundedData) -> Option<f64> {
        let (most, least) = self.snr_range();
        match self.measure {
            TimeMeasure::UniformSnr if most > least => {
                Some(2.0 * data.most_information(self.level(self.early)) / (most - least))
            }
            _ => None,
        }
    }

    /// The factor c of `int_T0^T a^2 E|f - f_*|^2 dt <= c MSE`, MSE the mean squared error of the regression under this design: what
    /// the squared score error, integrated over time, can be.
    ///
    /// ```text
    /// uniform in time:  (T - T0) a(T0)^2        uniform in gamma:  (gamma(T0) - gamma(T))/min g
    /// ```
    #[must_use]
    pub fn score_error_factor(&self) -> f64 {
        match self.measure {
            TimeMeasure::UniformTime => (self.horizon - self.early) * self.level(self.early).gain().powi(2),
            TimeMeasure::UniformSnr => {
                let (most, least) = self.snr_range();
                (most - least) / self.process.noise_rates(self.early, self.horizon).0
            }
        }
    }

    /// The factor c of `KL(path) = (1/2) int_T0^T g a^2 E|f - f_*|^2 dt <= c MSE`, as [`Design::score_error_factor`].
    ///
    /// ```text
    /// uniform in time:  (T - T0) a(T0)^2 max g/2        uniform in gamma:  (gamma(T0) - gamma(T))/2, with equality
    /// ```
    #[must_use]
    pub fn path_kl_factor(&self) -> f64 {
        match self.measure {
            TimeMeasure::UniformTime => {
                0.5 * self.process.noise_rates(self.early, self.horizon).1 * self.score_error_factor()
            }
            TimeMeasure::UniformSnr => {
                let (most, least) = self.snr_range();
                0.5 * (most - least)
            }
        }
    }

    /// n independent draws from the stream (seed, name, index): the first m of n draws are the draws of m.
    #[must_use]
    pub fn draw(&self, data: &BoundedData, n: usize, stream: (u64, &str, u64)) -> Sample {
        self.drawn(data, n, stream, |_, u| self.time(u))
    }

    /// n draws whose times are spread evenly in their logarithms, whatever the time measure: one, uniform in ln t, in each of n equal
    /// shares of `[ln T0, ln T]`. With the weights `t ln(T/T0)` their means are integrals over `[T0, T]`.
    ///
    /// A score's squared error grows like `1/t^2` towards T0: of times uniform in t one in a thousand decides about its integral.
    #[must_use]
    pub fn draw_in_logarithm(&self, data: &BoundedData, n: usize, stream: (u64, &str, u64)) -> Sample {
        let ratio = self.horizon / self.early;
        let time = |j: usize, u: f64| self.early * ratio.powf((j as f64 + u) / n as f64);
        self.drawn(data, n, stream, |j, u| time(j, u).clamp(self.early, self.horizon))
    }

    /// n draws at the times that a function makes of their numbers and of numbers uniform in `[0, 1)`.
    fn drawn(
        &self,
        data: &BoundedData,
        n: usize,
        (seed, name, index): (u64, &str, u64),
        time: impl Fn(usize, f64) -> f64,
    ) -> Sample {
        let d = data.dim();
        let mut rng = stream(seed, name, index);
        let mut times = Vec::with_capacity(n);
        let (mut clean, mut noised) = (DMatrix::zeros(n, d), DMatrix::zeros(n, d));
        let mut point = vec![0.0; d];
        for j in 0..n {
            let t = time(j, rng.random());
            data.draw(&mut rng, &mut point);
            let level = self.level(t);
            for (c, x) in point.iter().enumerate() {
                let xi: f64 = StandardNormal.sample(&mut rng);
                clean[(j, c)] = *x;
                noised[(j, c)] = level.alpha * x + level.sigma * xi;
            }
            times.push(t);
        }
        self.observed(data, times, clean, noised)
    }

    /// The sample of given data, noised values and times: inputs and exact posteriors follow.
    fn observed(&self, data: &BoundedData, times: Vec<f64>, clean: DMatrix<f64>, noised: DMatrix<f64>) -> Sample {
        let (n, d) = clean.shape();
        let exact = |j: usize| {
            let x: Vec<f64> = noised.row(j).iter().copied().collect();
            let at = data.posterior(self.level(times[j]), &x);
            (at.mean, at.covariance.diagonal())
        };
        let posteriors: Vec<_> = (0..n).into_par_iter().map(exact).collect();
        let regression = DMatrix::from_fn(n, d, |j, c| posteriors[j].0[c]);
        let variances = DMatrix::from_fn(n, d, |j, c| posteriors[j].1[c]);
        let mut inputs = DMatrix::zeros(self.input_dim(d), n);
        for (j, mut z) in inputs.column_iter_mut().enumerate() {
            let x: Vec<f64> = noised.row(j).iter().copied().collect();
            self.write_input(times[j], &x, z.as_mut_slice());
        }
        Sample { times, clean, noised, inputs, regression, variances }
    }
}

/// n draws from a design, with what the exact posterior says of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// t_j (n).
    pub times: Vec<f64>,
    /// X_0 (n x d), the labels.
    pub clean: DMatrix<f64>,
    /// X_t (n x d).
    pub noised: DMatrix<f64>,
    /// z (p x n).
    pub inputs: DMatrix<f64>,
    /// `f_*(z) = E[X_0 | X_t]` (n x d).
    pub regression: DMatrix<f64>,
    /// `Var(X_0,c | X_t)` (n x d), coordinate by coordinate.
    pub variances: DMatrix<f64>,
}

impl Sample {
    /// n.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are no draws.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The noise of the labels, `X_0 - f_*` (n x d): independent and conditionally centred given the inputs.
    #[must_use]
    pub fn noise(&self) -> DMatrix<f64> {
        &self.clean - &self.regression
    }

    /// `tr Cov(X_0 | X_t)` of each draw.
    #[must_use]
    pub fn traces(&self) -> Vec<f64> {
        self.variances.row_iter().map(|row| row.sum()).collect()
    }

    /// The rms posterior standard deviation of a coordinate over the draws: a noise level for stopping rules.
    #[must_use]
    pub fn rms_deviation(&self) -> f64 {
        self.variances.mean().sqrt()
    }

    /// The largest posterior standard deviation of a coordinate over the draws: a noise level for verdicts given the inputs.
    #[must_use]
    pub fn largest_deviation(&self) -> f64 {
        self.variances.iter().copied().fold(0.0, f64::max).sqrt()
    }
}

#[cfg(test)]
mod tests;
