//! The local complexity of a kernel and the stopping rule of Raskutti, Wainwright and Yu (HRX-17), the explicit bound of the error of
//! early stopping (HRX-18), and what a spectrum says about larger samples (HRX-19).

use super::Spectrum;
use std::f64::consts::E;

/// Eigenvalues `c j^{-s}` for all `j` beyond the last one kept.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PowerTail {
    coefficient: f64,
    exponent: f64,
}

/// The eigenvalues of `K/n` and the sample size they are used with.
#[derive(Clone, Debug, PartialEq)]
pub struct Complexity {
    /// Descending.
    values: Vec<f64>,
    /// `rests[m]` is the sum of all but the first `m` eigenvalues, without the tail.
    rests: Vec<f64>,
    tail: Option<PowerTail>,
    samples: f64,
}

/// The two terms of HRX-18.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplicitBound {
    /// `rho^2/(2 e eta)`.
    pub bias: f64,
    /// `sigma^2 eta R(1/sqrt(eta))^2`.
    pub variance: f64,
}

impl ExplicitBound {
    /// Their sum.
    #[must_use]
    pub fn total(self) -> f64 {
        self.bias + self.variance
    }
}

impl Complexity {
    /// Of a Gram matrix and its own number of inputs.
    #[must_use]
    pub fn of(spectrum: &Spectrum) -> Self {
        Self::new(spectrum.normalised(), None, spectrum.len() as f64)
    }

    /// Of another sample size: the first `kept` eigenvalues of `K/n` stand for those of the kernel's operator, and
    /// `lambda_j = c j^{-exponent}` beyond them, `c` being the geometric mean of `lambda_j j^exponent` over the second half of those kept.
    /// Eigenvalues of small Gram matrices are low where `j` is of the order of `n`: keep fewer than `n`. `exponent > 1`.
    ///
    /// An extrapolation, not a bound.
    #[must_use]
    pub fn extrapolated(spectrum: &Spectrum, kept: usize, exponent: f64, samples: f64) -> Self {
        let mut values = spectrum.normalised();
        values.truncate(kept.max(1));
        let matched = values.len() / 2..values.len();
        let logs = matched.clone().map(|j| values[j].ln() + exponent * ((j + 1) as f64).ln());
        let coefficient = (logs.sum::<f64>() / matched.len() as f64).exp();
        Self::new(values, Some(PowerTail { coefficient, exponent }), samples)
    }

    fn new(values: Vec<f64>, tail: Option<PowerTail>, samples: f64) -> Self {
        let mut rests = vec![0.0; values.len() + 1];
        for m in (0..values.len()).rev() {
            rests[m] = rests[m + 1] + values[m];
        }
        Self { values, rests, tail, samples }
    }

    /// `R(epsilon) = ((1/n) sum_j min(lambda_j, epsilon^2))^{1/2}`.
    #[must_use]
    pub fn radius(&self, epsilon: f64) -> f64 {
        (self.capped(epsilon * epsilon) / self.samples).sqrt()
    }

    /// `sum_j min(lambda_j, cap)`.
    fn capped(&self, cap: f64) -> f64 {
        let above = self.values.partition_point(|value| *value > cap);
        let tail = self.tail.map_or(0.0, |tail| tail.capped(cap, self.values.len()));
        above as f64 * cap + self.rests[above] + tail
    }

    /// The critical radius: the smallest `epsilon` with `R(epsilon) <= epsilon^2/(2 e noise)`, to the last bits. `noise` is `sigma/rho`: the
    /// level of the noise over the norm of the target. 0 without noise; infinite where the noise is, and for the target 0.
    #[must_use]
    pub fn critical_radius(&self, noise: f64) -> f64 {
        if !noise.is_finite() {
            return f64::INFINITY;
        }
        let too_small = |square: f64| (self.capped(square) / self.samples).sqrt() * 2.0 * E * noise > square;
        let total = self.capped(f64::MAX) / self.samples;
        // R never exceeds its value without cap, so this is large enough.
        let (mut lo, mut hi) = (0.0, 2.0 * E * noise * total.sqrt() * (1.0 + 1e-15));
        let mut start = hi;
        while start > 0.0 && !too_small(start) {
            (hi, start) = (start, start / 4.0);
        }
        if start > 0.0 {
            lo = start;
        }
        loop {
            let mid = 0.5 * (lo + hi);
            if mid <= lo || mid >= hi {
                return hi.sqrt();
            }
            *(if too_small(mid) { &mut lo } else { &mut hi }) = mid;
        }
    }

    /// An estimate of the relative rounding of the square of the critical radius `epsilon`: each of n eigenvalues is off by n units of
    /// rounding of the largest, and the square moves at most in proportion to the sum of the capped ones.
    #[must_use]
    pub fn rounding(&self, epsilon: f64) -> f64 {
        let (n, sum) = (self.values.len() as f64, self.capped(epsilon * epsilon));
        if sum > 0.0 { n * n * f64::EPSILON * self.values.first().copied().unwrap_or(0.0) / sum } else { 0.0 }
    }

    /// The number of steps of Raskutti, Wainwright and Yu.
    /// ```text
    /// T = min{ t >= 1 : R(1/sqrt(eta_t)) > 1/(2 e noise eta_t) } - 1,   eta_t = rate t
    /// ```
    /// `rate = eta n`, at most `1/lambda_1`; `noise` is `sigma/rho`. `eta R(1/sqrt(eta))` grows with `eta`, so
    /// there is one crossing and bisection finds it. `None` when there is no crossing: no noise, or a kernel that vanishes. 0 means that
    /// the rule allows no step.
    #[must_use]
    pub fn stopping_time(&self, rate: f64, noise: f64) -> Option<u64> {
        let past = |steps: u64| {
            let elapsed = rate * steps as f64;
            elapsed * self.radius(elapsed.sqrt().recip()) > 1.0 / (2.0 * E * noise)
        };
        let (mut lo, mut hi) = (0_u64, 1_u64);
        while !past(hi) {
            (lo, hi) = (hi, hi.checked_mul(2).filter(|steps| *steps < 1 << 53)?);
        }
        while hi - lo > 1 {
            let mid = lo + (hi - lo) / 2;
            *(if past(mid) { &mut hi } else { &mut lo }) = mid;
        }
        Some(lo)
    }

    /// HRX-18 at elapsed time `eta = rate t > 0`, for a target of norm at most `norm` in the kernel's space, independent centred noise of
    /// conditional variance at most `noise^2`, `f_0 = 0` and a rate of at most `1/lambda_1`.
    /// ```text
    /// E |f_t - f|_n^2 <= norm^2/(2 e eta) + noise^2 eta R(1/sqrt(eta))^2
    /// ```
    /// Several outputs: `norm^2` their sum, `noise^2` the largest trace of the conditional covariances.
    #[must_use]
    pub fn explicit_bound(&self, elapsed: f64, norm: f64, noise: f64) -> ExplicitBound {
        let radius = self.radius(elapsed.sqrt().recip());
        ExplicitBound { bias: norm * norm / (2.0 * E * elapsed), variance: noise * noise * elapsed * radius * radius }
    }
}

/// HRX-18 at the stopping time computed with `rule_noise/norm`, for noise of conditional variance at most `noise^2`.
/// ```text
/// E |f_T - f|_n^2 <= (norm^2/eta_T) (1/(2e) + noise^2/(4 e^2 rule_noise^2))
/// ```
/// With `noise = rule_noise` the factor is 0.2178. Needs `T >= 1`.
#[must_use]
pub fn bound_at_stopping(elapsed: f64, norm: f64, rule_noise: f64, noise: f64) -> f64 {
    let ratio = noise / rule_noise;
    norm * norm / elapsed * (1.0 / (2.0 * E) + ratio * ratio / (4.0 * E * E))
}

/// The bounds of Raskutti, Wainwright and Yu as remembered, with probability `1 - c1 exp(-c2 n epsilon^2)` of unspecified constants:
/// no certificate, to be shown beside a measured error only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecalledBound {
    /// `4 norm^2/(e eta_t)` for `t` up to the stopping time.
    pub before: f64,
    /// `12 norm^2 epsilon^2` at the stopping time.
    pub at_stop: f64,
}

/// [`RecalledBound`] at elapsed time `eta_t` with critical radius `epsilon`.
#[must_use]
pub fn recalled_bound(elapsed: f64, critical_radius: f64, norm: f64) -> RecalledBound {
    let square = norm * norm;
    RecalledBound { before: 4.0 * square / (E * elapsed), at_stop: 12.0 * square * critical_radius * critical_radius }
}

impl PowerTail {
    /// `sum_{j > kept} min(c j^{-s}, cap)`.
    fn capped(self, cap: f64, kept: usize) -> f64 {
        let capped = (self.coefficient / cap).powf(self.exponent.recip()).floor().max(kept as f64);
        (capped - kept as f64) * cap + self.coefficient * self.zeta(capped + 1.0)
    }

    /// `sum_{j >= first} j^{-s}`: twenty terms, then Euler and Maclaurin.
    fn zeta(self, first: f64) -> f64 {
        let s = self.exponent;
        let head: f64 = (0..20).map(|i| (first + f64::from(i)).powf(-s)).sum();
        let m = first + 20.0;
        let correction = 0.5 + s / (12.0 * m) * (1.0 - (s + 1.0) * (s + 2.0) / (60.0 * m * m));
        head + m.powf(-s) * (m / (s - 1.0) + correction)
    }
}
