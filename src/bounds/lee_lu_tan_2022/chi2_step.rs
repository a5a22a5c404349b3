//! One step of Langevin Monte Carlo in chi-squared: the recursion of LLT-5a and its closed form LLT-5b.

use super::Setting;
use crate::bounds::general::{Geometric, between, count, minimise};
use crate::numerics::Interval;

/// `chi2_{k+1} <= e^{gamma - r h/C} chi2_k + e^gamma - 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chi2Step {
    /// r.
    pub r: Interval,
    /// gamma.
    pub gamma: Interval,
    /// The part of gamma that the error is responsible for.
    pub from_error: Interval,
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
    let from_error = 2.0 * c * s.step * (b2 + 2.0 * b1 * u2 / rest) * tau2;
    Some(Chi2Step { r, gamma, from_error, pace: r * s.pace() })
}

/// `(24 u^2 + 8 v)/(1 - 6 u^2)` as `30 u^2 + 8 v`, the one below 1 exactly where the other is: some c, a and beta make `r > 0`
/// (and `6 u^2 < 1`) if and only if this is below 1.
///
/// ```text
/// sup r = 2 - 2 sqrt(K),  K = (24 u^2 + 8 v)/(1 - 6 u^2)     as a -> 1/2, beta -> 0, at c = 1/(2 sqrt K)
/// ```
#[must_use]
pub fn chi2_contraction(s: &Setting) -> Interval {
    30.0 * s.u().sqr() + 8.0 * s.v()
}

impl Chi2Step {
    /// The recursion from `chi2_start`.
    #[must_use]
    pub fn from(&self, chi2_start: Interval) -> Geometric {
        Geometric { start: chi2_start, decay: self.pace - self.gamma, increment: self.gamma.exp_m1() }
    }
}

/// The parameters of LLT-5a that make `chi2_N` small, found numerically; `None` when no choice makes r positive.
///
/// The search covers the region `r > 0` and nothing else. With `e = (1 - 6 u^2)/(24 u^2 + 4 v/a)`, `r > 0` for some c if and
/// only if `1 + beta < e`, and then for c between the roots of `4 k c^2 - 4 c + 1`, `k = (1 + beta)/e`.
#[must_use]
pub fn best_chi2_parameters(s: &Setting, tau2: Interval, chi2_start: Interval, steps: u64) -> Option<Chi2Parameters> {
    let exact = tau2 == Interval::ZERO;
    let (u2, v) = (s.u().sqr().mid(), s.v().mid());
    let least_a = 4.0 * v / (1.0 - 30.0 * u2);
    if !(30.0 * u2 < 1.0 && least_a < 0.5) {
        return None;
    }
    let parameters = |x: &[f64]| {
        let a = between(least_a, 0.5, x[0]);
        let e = (1.0 - 6.0 * u2) / (24.0 * u2 + 4.0 * v / a);
        let beta = x.get(2).map_or(1.0, |t| between(0.0, e - 1.0, *t));
        let k = if exact { 1.0 } else { 1.0 + beta } / e;
        let root = (1.0 - k).max(0.0).sqrt();
        // The smaller root (1 - root)/(2k), without cancellation.
        let c = between(0.5 / (1.0 + root), 0.5 * (1.0 + root) / k, x[1]);
        Chi2Parameters { c, a, beta }
    };
    let plain = Plain::of(s, tau2, chi2_start, steps);
    let best =
        parameters(&minimise(&[(0.0, 1.0); 3][..if exact { 2 } else { 3 }], 5, |x| plain.ln_chi2(parameters(x))));
    let candidates = [best, Chi2Parameters::CLOSED_FORM];
    let worth = |p: &Chi2Parameters| chi2_step(s, tau2, *p).map(|step| step.from(chi2_start).after(count(steps)).hi());
    candidates
        .into_iter()
        .filter_map(|p| worth(&p).map(|value| (p, value)))
        .min_by(|x, y| x.1.total_cmp(&y.1))
        .map(|(p, _)| p)
}

/// The numbers that `chi2_N` of LLT-5a depends on, in plain arithmetic: for searching, not for bounding.
struct Plain {
    u2: f64,
    v: f64,
    step: f64,
    pace: f64,
    /// `2 u^2 (2 d L + tau^2)`.
    moved: f64,
    /// `h L^2 d`.
    noise: f64,
    tau2: f64,
    start: f64,
    steps: f64,
}

impl Plain {
    fn of(s: &Setting, tau2: Interval, chi2_start: Interval, steps: u64) -> Self {
        let u2 = s.u().sqr().mid();
        Self {
            u2,
            v: s.v().mid(),
            step: s.step.mid(),
            pace: s.pace().mid(),
            moved: 2.0 * u2 * (2.0 * s.dim.mid() * s.smoothness.mid() + tau2.hi()),
            noise: s.u().mid() * s.smoothness.mid() * s.dim.mid(),
            tau2: tau2.hi(),
            start: chi2_start.hi(),
            steps: steps as f64,
        }
    }

    /// `ln chi2_N`; infinite outside the admissible region. As [`chi2_step`] and [`Geometric::after`] have it.
    fn ln_chi2(&self, Chi2Parameters { c, a, beta }: Chi2Parameters) -> f64 {
        let (b1, b2) = if self.tau2 == 0.0 { (1.0, 0.0) } else { (1.0 + beta, 1.0 + 1.0 / beta) };
        let rest = 1.0 - 6.0 * self.u2;
        let r = 2.0 - 1.0 / (2.0 * c) - 2.0 * c * b1 * (24.0 * self.u2 + 4.0 * self.v / a) / rest;
        if !(r > 0.0 && rest > 0.0) {
            return f64::INFINITY;
        }
        let noise = self.noise * -(-2.0 * a).ln_1p() / a;
        let gamma = 2.0 * c * self.step * (b2 * self.tau2 + b1 * (self.moved + noise) / rest);
        let decay = r * self.pace - gamma;
        // ln of e^{-N decay} start and of the increment times the series, whichever way the decay points.
        let grown = -self.steps * decay;
        let terms = match decay {
            0.0 => self.steps.ln(),
            _ if decay > 0.0 => ((-grown.exp_m1()) / -(-decay).exp_m1()).ln(),
            _ => grown + ((-(-grown).exp_m1()) / -decay.exp_m1()).ln() + decay,
        };
        let (left, added) = (grown + self.start.ln(), gamma.exp_m1().ln() + terms);
        let larger = left.max(added);
        if larger.is_finite() { larger + ((left - larger).exp() + (added - larger).exp()).ln() } else { larger }
    }
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

    /// Whether it fails on the whole enclosures.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.found.lo() > self.limit.hi()
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
