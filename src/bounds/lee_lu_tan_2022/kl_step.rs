//! One step of Langevin Monte Carlo in KL: the recursion of LLT-3a and LLT-4a, and its closed forms LLT-3b and 4b.

use super::Setting;
use crate::bounds::Bound;
use crate::bounds::general::{Geometric, between, count, geometric_series, minimise};
use crate::numerics::Interval;

/// `KL_{k+1} <= e^{-decay} KL_k + from_step + from_error E_{q_k}|e|^2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KlStep {
    /// `rho`, per unit of time; the decay per step is `rho h`.
    pub rho: Interval,
    /// `rho h`.
    pub decay: Interval,
    /// The part of `inc` that stays when the error is 0.
    pub from_step: Interval,
    /// The factor of the squared error in `inc`.
    pub from_error: Interval,
}

/// The recursion of LLT-4a (with an error) and LLT-3a (without: n = 2, b1 = 1, b2 = 0).
///
/// ```text
/// rho = (2/C) [1 - 1/(4 lambda) - lambda b1 n u^2/(1 - n u^2)]
/// inc = lambda b1 L^2 d h^2 (1 + 2 n u/3)/(1 - n u^2) + lambda e^2 h [b2 + b1 (n u^2/3)/(1 - n u^2)]
/// ```
/// with `u = h L`, `n = 3`, `b1 = 1 + beta`, `b2 = 1 + 1/beta`.
/// `None` unless `lambda > 1/4`, `beta > 0`, `n u^2 < 1` and `rho > 0` (the whole enclosure).
#[must_use]
pub fn kl_step(s: &Setting, with_error: bool, lambda: f64, beta: f64) -> Option<KlStep> {
    let lambda = Interval::point(lambda);
    let (n, b1, b2) = if with_error {
        let beta = Interval::point(beta);
        (3.0, 1.0 + beta, 1.0 + 1.0 / beta)
    } else {
        (2.0, Interval::ONE, Interval::ZERO)
    };
    let nu2 = s.u().sqr() * n;
    let rest = 1.0 - nu2;
    if lambda.lo() <= 0.25 || with_error && beta <= 0.0 || rest.lo() <= 0.0 {
        return None;
    }
    let rho = 2.0 / s.lsi * (1.0 - 1.0 / (4.0 * lambda) - lambda * b1 * nu2 / rest);
    if rho.lo() <= 0.0 {
        return None;
    }
    let bias = s.u().sqr() * s.dim;
    let from_step = lambda * b1 * bias * (1.0 + s.u() * (2.0 * n) / 3.0) / rest;
    let from_error = lambda * s.step * (b2 + b1 * (nu2 / 3.0) / rest);
    Some(KlStep { rho, decay: rho * s.step, from_step, from_error })
}

/// `2 n u^2`: some lambda and beta make `rho > 0` if and only if this is below 1.
///
/// ```text
/// sup rho = (2/C) (1 - sqrt(k)),  k = n u^2/(1 - n u^2)      as beta -> 0, at lambda = 1/(2 sqrt k)
/// ```
#[must_use]
pub fn kl_contraction(s: &Setting, with_error: bool) -> Interval {
    2.0 * (if with_error { 3.0 } else { 2.0 }) * s.u().sqr()
}

/// `(rho, inc)` of LLT-4a at squared error `tau2` (LLT-3a when it is 0).
#[must_use]
pub fn kl_recursion(s: &Setting, tau2: Interval, lambda: f64, beta: f64) -> Option<(Interval, Interval)> {
    let step = kl_step(s, tau2 != Interval::ZERO, lambda, beta)?;
    Some((step.rho, step.from_step + step.from_error * tau2))
}

/// How large `E_{q_k}|e|^2` is along a chain: runs of steps with a common bound, first step first.
#[derive(Clone, Debug, PartialEq)]
pub struct PathError {
    /// `(number of steps, E_{q_k}|e|^2 in each of them)`.
    pub runs: Vec<(u64, Interval)>,
    /// Whether they are proved bounds, rather than values computed on a grid.
    pub proved: bool,
}

impl PathError {
    /// One bound for all `steps` steps.
    #[must_use]
    pub fn uniform(steps: u64, mean_square: Interval) -> Self {
        Self { runs: vec![(steps, mean_square)], proved: true }
    }

    /// Number of steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.runs.iter().map(|r| r.0).sum()
    }

    /// The largest of the mean squares.
    #[must_use]
    pub fn largest(&self) -> Interval {
        self.runs.iter().fold(Interval::ZERO, |so_far, r| so_far.max(r.1))
    }

    /// `sum_k E_{q_k}|e|^2`.
    #[must_use]
    pub fn total(&self) -> Interval {
        self.runs.iter().map(|(n, x)| count(*n) * *x).sum()
    }
}

/// The three parts of the KL bound after a path of errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KlTerms {
    /// What is left of `KL(q_0 | p)`.
    pub mixing: Interval,
    /// From the step size.
    pub discretisation: Interval,
    /// From the error.
    pub score_error: Interval,
}

impl KlTerms {
    /// Their sum, a bound of `KL(q_N | p)`.
    #[must_use]
    pub fn total(&self) -> Interval {
        self.mixing + self.discretisation + self.score_error
    }

    /// The bound with its terms by name, and the parameters it was evaluated at.
    #[must_use]
    pub fn bound(&self, parameters: &[(&'static str, f64)]) -> Bound {
        let parts =
            [("mixing", self.mixing), ("discretisation", self.discretisation), ("score-error", self.score_error)];
        let parameters = parameters.iter().map(|&(name, x)| (name, x.into()));
        Bound { value: self.total(), terms: parts.into_iter().chain(parameters).collect() }
    }
}

impl KlStep {
    /// The recursion run along a path from `kl_start`.
    #[must_use]
    pub fn along(&self, kl_start: Interval, path: &PathError) -> KlTerms {
        let n = count(path.steps());
        let left = |n: Interval| if n == Interval::ZERO { Interval::ONE } else { (-(n * self.decay)).exp() };
        let mut score_error = Interval::ZERO;
        for (steps, mean_square) in &path.runs {
            let block = Geometric { start: score_error, decay: self.decay, increment: self.from_error * *mean_square };
            score_error = block.after(count(*steps));
        }
        let discretisation = self.from_step * geometric_series(self.decay, n);
        KlTerms { mixing: left(n) * kl_start, discretisation, score_error }
    }
}

/// The bound of LLT-4a (LLT-3a when the path carries no error) at its numerically best `lambda` and `beta`.
///
/// `None` when no `lambda > 1/4`, `beta > 0` makes `rho` positive. Returns the terms and the chosen parameters.
///
/// The search covers the region `rho > 0` and nothing else: with `e = (1 - n u^2)/(n u^2)` it is `1 + beta < e`, and lambda
/// between the roots of `4 k x^2 - 4 x + 1`, `k = (1 + beta)/e`.
#[must_use]
pub fn kl_bound(s: &Setting, kl_start: Interval, path: &PathError) -> Option<(KlTerms, [f64; 2])> {
    let with_error = path.largest().hi() > 0.0;
    let nu2 = s.u().sqr().mid() * if with_error { 3.0 } else { 2.0 };
    let e = (1.0 - nu2) / nu2;
    if e.is_nan() || e <= 1.0 {
        return None;
    }
    let parameters = |x: &[f64]| {
        let beta = x.get(1).map_or(1.0, |t| between(0.0, e - 1.0, *t));
        let k = if with_error { 1.0 + beta } else { 1.0 } / e;
        let root = (1.0 - k).max(0.0).sqrt();
        // The smaller root (1 - root)/(2k), without cancellation.
        [between(0.5 / (1.0 + root), 0.5 * (1.0 + root) / k, x[0]), beta]
    };
    let value = |x: &[f64]| plain_kl(s, kl_start.hi(), path, with_error, parameters(x));
    let chosen = parameters(&minimise(&[(0.0, 1.0); 2][..if with_error { 2 } else { 1 }], 7, value));
    kl_step(s, with_error, chosen[0], chosen[1]).map(|step| (step.along(kl_start, path), chosen))
}

/// [`kl_step`] and [`KlStep::along`] in plain arithmetic: for searching, not for bounding.
fn plain_kl(s: &Setting, kl_start: f64, path: &PathError, with_error: bool, [lambda, beta]: [f64; 2]) -> f64 {
    let (n, b1, b2) = if with_error { (3.0, 1.0 + beta, 1.0 + 1.0 / beta) } else { (2.0, 1.0, 0.0) };
    let u = s.u().mid();
    let nu2 = n * u * u;
    let rest = 1.0 - nu2;
    let decay = 2.0 * s.pace().mid() * (1.0 - 1.0 / (4.0 * lambda) - lambda * b1 * nu2 / rest);
    if !(decay > 0.0 && rest > 0.0) {
        return f64::INFINITY;
    }
    let from_step = lambda * b1 * u * u * s.dim.mid() * (1.0 + u * 2.0 * n / 3.0) / rest;
    let from_error = lambda * s.step.mid() * (b2 + b1 * (nu2 / 3.0) / rest);
    let once = (-decay).exp();
    let series = |steps: f64| (-steps * decay).exp_m1() / (-decay).exp_m1();
    let mut error = 0.0;
    for (steps, mean_square) in &path.runs {
        error = match steps {
            1 => once * error + mean_square.hi(),
            _ => (-decay * *steps as f64).exp() * error + mean_square.hi() * series(*steps as f64),
        };
    }
    let all = path.steps() as f64;
    (-decay * all).exp() * kl_start + from_step * series(all) + from_error * error
}

/// LLT-3b: `KL(q_N | p) <= e^{-N h/C} KL(q_0 | p) + 1.5 d L^2 C h`, for the exact score and `h <= 1/(4L)`.
#[must_use]
pub fn kl_closed_exact(s: &Setting, kl_start: Interval, steps: u64) -> KlTerms {
    KlTerms {
        mixing: (-(count(steps) * s.pace())).exp() * kl_start,
        discretisation: 1.5 * s.bias(),
        score_error: Interval::ZERO,
    }
}

/// LLT-4b: `KL(q_N | p) <= e^{-N h/C} KL(q_0 | p) + 3 d L^2 C h + 2 C tau^2`, for `E_{q_k}|e|^2 <= tau^2` and
/// `h <= 1/(6L)`.
#[must_use]
pub fn kl_closed_inexact(s: &Setting, kl_start: Interval, steps: u64, tau2: Interval) -> KlTerms {
    KlTerms {
        mixing: (-(count(steps) * s.pace())).exp() * kl_start,
        discretisation: 3.0 * s.bias(),
        score_error: 2.0 * s.lsi * tau2,
    }
}
