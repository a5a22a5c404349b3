//! The Lipschitz constant of the score: exact suprema on the line, closed forms and pairwise bounds in R^d (LLT-20).

use super::metric::{Metric, norm_sqr};
use super::side::Side;
use super::{Certificate, Constant};
use crate::numerics::{Evidence, Interval, supremum};
use crate::targets::Line;

/// Relative width to which suprema on the line are enclosed.
const RELATIVE: f64 = 1e-7;

/// Relative accuracy of the least curvature, which decides log-concavity only.
const DEPTH: f64 = 1e-4;

/// How much of the smallest precision the tails may deviate from their limit.
const TAIL: f64 = 1e-9;

/// `-(ln p)''` over the whole line: an enclosure of its largest absolute value, and a lower bound of its values.
pub(super) struct Curvature {
    /// sup |(ln p)''|.
    pub magnitude: Interval,
    /// A lower bound of `-(ln p)''`.
    pub least: f64,
}

/// The range of the curvature of a law on the line; `None` when the tails cannot be bounded.
pub(super) fn curvature(line: &Line) -> Option<Curvature> {
    let (right, right_tail) = tail(line)?;
    let (left, left_tail) = tail(&line.mirrored())?;
    let magnitude = supremum(&|x| line.curvature(x).abs(), -left, right, RELATIVE);
    let tails = right_tail.hull(left_tail);
    let limit = line.precisions.iter().map(|a| a.lo()).fold(f64::INFINITY, f64::min);
    // The limit in the tails is approached, so the supremum is at least as large.
    let magnitude = Interval::new(magnitude.lo().max(limit), magnitude.hi().max(tails.magnitude()).max(limit));
    Some(Curvature { magnitude, least: least_between(line, -left, right, limit).min(tails.lo()) })
}

/// A lower bound of `-(ln p)''` on the whole line; `None` when the tails cannot be bounded.
pub(super) fn least_curvature(line: &Line) -> Option<f64> {
    let ((right, right_tail), (left, left_tail)) = (tail(line)?, tail(&line.mirrored())?);
    let limit = line.precisions.iter().map(|a| a.lo()).fold(f64::INFINITY, f64::min);
    Some(least_between(line, -left, right, limit).min(right_tail.lo()).min(left_tail.lo()))
}

/// A lower bound of `-(ln p)''` between two places, by branch and bound: as a distance from twice the limit far away, which
/// keeps it away from 0.
fn least_between(line: &Line, a: f64, b: f64, limit: f64) -> f64 {
    let depth = supremum(&|x| 2.0 * limit - line.curvature(x), a, b, DEPTH);
    (Interval::point(2.0 * limit) - depth.hi()).lo()
}

/// A cut and an enclosure of `-(ln p)''` at and beyond it.
///
/// Beyond the cut the widest component (of these, the rightmost) dominates every other one j: with `w = u_j - u_dom > 0`,
/// `w' = 1/v_j - 1/v_dom >= 0`, `w^2 >= 2 w'` and D the logarithm of the ratio (`D' = w`), both `e^-D` and `w^2 e^-D`
/// decrease, so their values at the cut bound the deviation from `1/v_dom`:
///
/// ```text
/// 1/v_dom - sum_j w^2 e^-D  <=  -(ln p)''  <=  1/v_dom + sum_j w' e^-D
/// ```
fn tail(line: &Line) -> Option<(f64, Interval)> {
    let order = |&i: &usize, &j: &usize| {
        line.variances[i]
            .mid()
            .total_cmp(&line.variances[j].mid())
            .then(line.means[i].mid().total_cmp(&line.means[j].mid()))
    };
    let widest = (0..line.components()).max_by(order)?;
    let limit = line.precisions[widest];
    let allowed = TAIL * limit.lo();
    let mut cut = line.reach(3.0).1;
    let mut step = line.variances[widest].sqrt().hi();
    for _ in 0..200 {
        let x = Interval::point(cut);
        let (mut below, mut above, mut ordered) = (Interval::ZERO, Interval::ZERO, true);
        for j in (0..line.components()).filter(|&j| j != widest) {
            let (w, bend) = (line.slope_gap(j, widest, x), line.precision_gap(j, widest));
            ordered &= w.lo() > 0.0 && bend.lo() >= 0.0 && w.sqr().lo() >= 2.0 * bend.hi();
            let share = (-line.ln_ratio(widest, j, x)).exp();
            below += share * w.sqr();
            above += share * bend;
        }
        if ordered && below.hi() <= allowed && above.hi() <= allowed {
            return Some((cut, Interval::new((limit - below).lo(), (limit + above).hi())));
        }
        cut += step;
        step *= 1.3;
    }
    None
}

/// L of components with one common covariance and slopes `v_ij = Sigma^-1 (mu_i - mu_j)`, `spread` the largest |v_ij|^2
/// (LLT-20a).
///
/// ```text
/// 1/lambda_min <= L <= max{ 1/lambda_min, spread/4 - 1/lambda_max }
/// ```
pub(super) fn common_covariance(metric: &Metric, spread: Interval) -> Constant {
    let (lo, hi) = metric.eigenvalues();
    let value = (1.0 / lo).max(spread * 0.25 - 1.0 / hi);
    let statement = "LLT-20a: one common covariance";
    let mut constant = Constant::exact(Interval::new((1.0 / lo).lo(), value.hi()), statement);
    constant.lower.statement = "LLT-20: one component rules far away".into();
    constant
}

/// L of two components with one common covariance, `v = Sigma^-1 (mu_1 - mu_2)`: the Hessian is `Sigma^-1 - s v v^T` with
/// s filling (0, 1/4], its norm convex in s.
pub(super) fn two_with_common_covariance(metric: &Metric, gap: &[Interval]) -> Constant {
    let v = metric.solve(gap);
    let length_sqr = norm_sqr(&v);
    let mut constant = common_covariance(metric, length_sqr);
    // The Rayleigh quotient of v v^T/4 - Sigma^-1 at v.
    let inner: Interval = v.iter().zip(&metric.solve(&v)).map(|(&a, &b)| a * b).sum();
    let lower = (length_sqr * 0.25 - inner / length_sqr).lo();
    constant.improve_lower(Side::exact(lower, "LLT-20a: half way between the two means"));
    constant
}

/// L from a bound `spread` of the covariance of the slopes, for any number of components:
/// `-spread + min 1/lambda_max <= -Hess ln p <= max 1/lambda_min`.
pub(super) fn from_pairs(metrics: &[Metric], spread: f64) -> Side {
    let steepest = metrics.iter().map(|m| (1.0 / m.eigenvalues().0).hi()).fold(0.0, f64::max);
    let flattest = metrics.iter().map(|m| (1.0 / m.eigenvalues().1).lo()).fold(f64::INFINITY, f64::min);
    let value = steepest.max((Interval::point(spread) - flattest).hi());
    Side::proved(
        value,
        "LLT-20: -Hess ln p = E[Sigma_i^-1] - Cov[Sigma_i^-1 (x - mu_i)], the covariance bounded pair by pair",
    )
}

/// The certificate of L = infinity.
pub(super) fn infinite(why: &str) -> Constant {
    let certificate = || Certificate { statement: format!("LLT-20c: {why}"), evidence: Evidence::Exact };
    Constant { value: Interval::INFINITY, lower: certificate(), upper: certificate() }
}

/// L after scaling by alpha and adding noise: `L' / (1 - L' sigma^2)` with `L' = L/alpha^2`, when `L' sigma^2 < 1`
/// (LLT, level constants).
pub(super) fn improve_by_noise(noised: &mut Constant, data: &Constant, scale: Interval, noise: Interval) {
    let scaled = Interval::point(data.value.hi()) / scale;
    let rest = 1.0 - scaled * noise;
    if rest.lo() > 0.0 {
        noised.improve_upper(Side {
            value: (scaled / rest).hi(),
            statement: format!("level constants: L/(1 - L sigma^2), L by {}", data.upper.statement),
            evidence: data.upper.evidence,
        });
    }
}
