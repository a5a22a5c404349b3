//! One step of Langevin Monte Carlo in chi-squared: the recursion of LLT-5a and its closed form LLT-5b.

use super::Setting;
use crate::bounds::general::{Geometric, count, minimise};
use crate::numerics::Interval;

/// `chi2_{k+1} <= e^{gamma - r h/C} chi2_k + e^gamma - 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chi2Step {
    /// r.
    pub r: Interval,
    /// gamma.
    pub gamma: Interval,
    /// `r h/C`.
    pub pace: Interval,
}

/// The free parameters of LLT-5a: c > 1/4, 0 < a < 1/2, beta > 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chi2Parameters {
    /// Of Young's inequality.
    pub c: f64,
    /// Of the Donsker-Varadhan step.
    pub a: f64,
    /// Of the splitting of the error.
    pub beta: f64,
}

impl Chi2Parameters {
    /// Those of the closed form LLT-5b.
    pub const CLOSED_FORM: Self = Self { c: 1.0, a: 0.25, beta: 1.0 };
}

/// The recursion of LLT-5a for an error with `sup |e| <= tau`, given `tau^2`.
///
/// ```text
/// r     = 2 - 1/(2c) - 2 c b1 [24 u^2 + 4 h L^2 C/a]/(1 - 6 u^2)
/// gamma = 2 c h {b2 tau^2 + b1 [2 u^2 (2 d L + tau^2) + h L^2 d ln(1/(1-2a))/a]/(1 - 6 u^2)}
/// ```
/// with `u = h L`, `b1 = 1 + beta`, `b2 = 1 + 1/beta` (1 and 0 when tau = 0).
/// `None` unless the parameters are in range, `6 u^2 < 1` and `r > 0` (the whole enclosure).
#[must_use]
pub fn chi2_step(s: &Setting, tau2: Interval, with: Chi2Parameters) -> Option<Chi2Step> {
    let Chi2Parameters { c, a, beta } = with;
    let exact = tau2 == Interval::ZERO;
    let u2 = s.u().sqr();
    let rest = 1.0 - 6.0 * u2;
    if c <= 0.25 || a <= 0.0 || a >= 0.5 || !exact && beta <= 0.0 || rest.lo() <= 0.0 {
        return None;
    }
    let (c, a, beta) = (Interval::point(c), Interval::point(a), Interval::point(beta));
    let (b1, b2) = if exact { (Interval::ONE, Interval::ZERO) } else { (1.0 + beta, 1.0 + 1.0 / beta) };
    let r = 2.0 - 1.0 / (2.0 * c) - 2.0 * c * b1 * (24.0 * u2 + 4.0 * s.v() / a) / rest;
    if r.lo() <= 0.0 {
        return None;
    }
    let noise = -(-2.0 * a).ln_1p() / a;
    let moved = 2.0 * u2 * (2.0 * s.dim * s.smoothness + tau2) + s.u() * s.smoothness * s.dim * noise;
    let gamma = 2.0 * c * s.step * (b2 * tau2 + b1 * moved / rest);
    Some(Chi2Step { r, gamma, pace: r * s.pace() })
}

impl Chi2Step {
    /// The recursion from `chi2_start`.
    #[must_use]
    pub fn from(&self, chi2_start: Interval) -> Geometric {
        Geometric { start: chi2_start, decay: self.pace - self.gamma, increment: self.gamma.exp_m1() }
    }
}

/// The parameters of LLT-5a that make `chi2_N` small, found numerically; `None` when no choice makes r positive.
#[must_use]
pub fn best_chi2_parameters(s: &Setting, tau2: Interval, chi2_start: Interval, steps: u64) -> Option<Chi2Parameters> {
    // c in 1/4 + [e^-5, e^2]; a in (0, 1/2); beta in [e^-6, e^16].
    let parameters = |x: &[f64]| Chi2Parameters {
        c: 0.25 + x[0].exp(),
        a: 0.5 / (1.0 + (-x[1]).exp()),
        beta: x.get(2).map_or(1.0, |b| b.exp()),
    };
    let value = |x: &[f64]| match chi2_step(s, tau2, parameters(x)) {
        None => f64::INFINITY,
        Some(step) => step.from(chi2_start).after(count(steps)).hi(),
    };
    let ranges = [(-5.0, 2.0), (-6.0, 6.0), (-6.0, 16.0)];
    let best = parameters(&minimise(&ranges[..if tau2 == Interval::ZERO { 2 } else { 3 }], 5, value));
    let candidates = [best, Chi2Parameters::CLOSED_FORM];
    let worth = |p: &Chi2Parameters| chi2_step(s, tau2, *p).map(|step| step.from(chi2_start).after(count(steps)).hi());
    candidates
        .into_iter()
        .filter_map(|p| worth(&p).map(|value| (p, value)))
        .min_by(|x, y| x.1.total_cmp(&y.1))
        .map(|(p, _)| p)
}

/// The three parts of LLT-5b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chi2Terms {
    /// What is left of `chi2(q_0 | p)`.
    pub mixing: Interval,
    /// From the step size.
    pub discretisation: Interval,
    /// From the error.
    pub score_error: Interval,
}

impl Chi2Terms {
    /// Their sum, a bound of `chi2(q_N | p)`.
    #[must_use]
    pub fn total(&self) -> Interval {
        self.mixing + self.discretisation + self.score_error
    }
}

/// LLT-5b: `chi2(q_k | p) <= e^{-k h/(2C)} chi2(q_0 | p) + 23 d L^2 C h + 8.1 C tau^2`.
#[must_use]
pub fn chi2_closed(s: &Setting, chi2_start: Interval, steps: u64, tau2: Interval) -> Chi2Terms {
    Chi2Terms {
        mixing: (-(count(steps) * s.pace() / 2.0)).exp() * chi2_start,
        discretisation: 23.0 * s.bias(),
        score_error: Interval::point(81.0) / 10.0 * s.lsi * tau2,
    }
}

/// What a condition of LLT-5b says, what was found, and whether it holds.
pub struct Condition {
    /// The condition.
    pub says: &'static str,
    /// The left-hand side.
    pub found: Interval,
    /// The right-hand side.
    pub limit: Interval,
}

impl Condition {
    /// Whether it holds on the whole enclosures.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.found.hi() <= self.limit.lo()
    }
}

/// `h <= 1/(132 L^2 C)`, the first step condition of LLT-5b.
#[must_use]
pub fn first_step_condition(s: &Setting) -> Condition {
    let limit = 1.0 / (132.0 * s.smoothness.sqr() * s.lsi);
    Condition { says: "h <= 1/(132 L^2 C)", found: s.step, limit }
}

/// `h <= 1/(46 d L^2 C)`, the second step condition of LLT-5b.
#[must_use]
pub fn second_step_condition(s: &Setting) -> Condition {
    let limit = 1.0 / (46.0 * s.dim * s.smoothness.sqr() * s.lsi);
    Condition { says: "h <= 1/(46 d L^2 C)", found: s.step, limit }
}

/// `tau^2 <= 1/(16.1 C)`, the third condition of LLT-5b, given `tau^2`.
#[must_use]
pub fn error_condition(s: &Setting, tau2: Interval) -> Condition {
    let limit = 10.0 / (161.0 * s.lsi);
    Condition { says: "tau^2 <= 1/(16.1 C)", found: tau2, limit }
}
