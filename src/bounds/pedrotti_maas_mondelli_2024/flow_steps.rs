//! The recursion of the exponential steps of the flow (PMM-11b): by what a step spreads two points, and how much the frozen
//! score of a step misses.

use super::coordinates::{Coordinate, coordinates};
use super::descent::{Descent, Fall};
use super::score_rate::score_rate;
use crate::bounds::{Family, Instance, Share};
use crate::numerics::{Interval, gauss_legendre};
use crate::processes::{NoiseLevel, Process};
use crate::scores::ErrorShape;

/// One step of the recursion `W_{k+1} <= A W_k + (e^h - 1) epsilon + omega`.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowStep {
    /// A.
    pub spread: Interval,
    /// `(e^h - 1) epsilon`.
    pub error: Interval,
    /// omega.
    pub frozen: Interval,
}

/// All steps, and what their numbers rest on that is not proved, if anything.
///
/// # Errors
/// When a Lipschitz constant or a derivative of the score is not known at a level.
pub fn flow_steps(at: &Instance, descent: &Descent) -> Result<(Vec<FlowStep>, Option<String>), String> {
    let linear = coordinates(at).ok();
    let mut doubt = None;
    let of = |step: &Fall| {
        let spread = spread(at, step)?;
        let epsilon = if step.clean { Interval::ZERO } else { at.epsilon_at(step.from) };
        let (frozen, rests) = match &linear {
            Some(coordinates) => (frozen_gaussian(coordinates, step), None),
            None => frozen_by_quadrature(at, step)?,
        };
        doubt = doubt.take().or(rests);
        Ok(FlowStep { spread, error: step.h.exp_m1() * epsilon, frozen })
    };
    let steps = descent.steps.iter().map(of).collect::<Result<Vec<_>, String>>()?;
    Ok((steps, doubt))
}

/// What the recursion adds up to.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSum {
    /// `prod A_k`.
    pub spread: Interval,
    /// The part of the errors.
    pub error: Interval,
    /// The part of the frozen scores.
    pub frozen: Interval,
    /// What each step adds to both, first step first.
    pub shares: Vec<Share>,
}

/// Sums the recursion.
#[must_use]
pub fn flow_sum(descent: &Descent, steps: &[FlowStep]) -> FlowSum {
    let mut sum = FlowSum { spread: Interval::ONE, error: Interval::ZERO, frozen: Interval::ZERO, shares: Vec::new() };
    for (step, fall) in steps.iter().zip(&descent.steps).rev() {
        let (error, frozen) = (sum.spread * step.error, sum.spread * step.frozen);
        sum.error += error;
        sum.frozen += frozen;
        let terms = vec![("score error", error), ("discretisation", frozen)];
        sum.shares.push(Share { from: fall.from, to: fall.to, terms });
        sum.spread *= step.spread;
    }
    sum.shares.reverse();
    sum
}

/// The Lipschitz constant of `x -> e^h x + (e^h - 1) s(x)`: from the range of the eigenvalues of the Jacobian of s where that is
/// symmetric, else with the error's part beside it, or from both constants of s.
fn spread(at: &Instance, step: &Fall) -> Result<Interval, String> {
    let (grown, by) = (step.h.exp(), step.h.exp_m1());
    let top = at.hessian_at(step.from)?;
    let smoothness = at.constants_at(step.from).lipschitz.value.hi();
    let hessian = Interval::new((-smoothness).min(top), top);
    let (sided, lipschitz) = match step.clean {
        true => (Interval::ZERO, 0.0),
        false => (at.error_one_sided_at(step.from), at.error_lipschitz_at(step.from)),
    };
    let largest = |range: Interval| {
        let at = |x: f64| (grown + by * x).abs();
        at(range.lo()).max(at(range.hi()))
    };
    let beside = largest(hessian) + by * lipschitz;
    let general = {
        let (one_sided, whole) = (Interval::point(top) + sided.hi(), Interval::point(smoothness) + lipschitz);
        (grown.sqr() + grown * by * one_sided * 2.0 + by.sqr() * whole.sqr()).max(Interval::ZERO).sqrt()
    };
    let symmetric = if is_symmetric(at) { largest(hessian + sided) } else { Interval::INFINITY };
    Ok([beside, general, symmetric].into_iter().fold(Interval::INFINITY, |a, b| if b.hi() < a.hi() { b } else { a }))
}

/// Whether the Jacobian of the error is known to be symmetric everywhere.
fn is_symmetric(at: &Instance) -> bool {
    let Some(error) = at.field.error.as_ref() else { return true };
    let symmetric = |shape: &dyn ErrorShape| {
        let affine =
            || shape.affine().is_some_and(|map| map.matrix_error == 0.0 && map.matrix == map.matrix.transpose());
        shape.runs().iter().all(|run| run.dim == 1) || shape.direction().is_some() || affine()
    };
    at.dim() == 1 || error.all_shapes(symmetric)
}

/// Panels of a step on which the score's rate is enclosed.
const PANELS: usize = 1024;

/// `int_0^h (e^{h-r} - 1) |(I - S_r^-1) S_r^{-1/2}|_F dr`, `S_r` the covariance r after the beginning of the step, panel by
/// panel.
fn frozen_gaussian(coordinates: &[Coordinate], step: &Fall) -> Interval {
    let a = Interval::around(step.from.alpha, 8.0 * f64::EPSILON);
    let noise = Interval::around(step.from.variance(), 8.0 * f64::EPSILON);
    let excess: Vec<Interval> = coordinates.iter().map(|own| a.sqr() * own.variance + noise - 1.0).collect();
    let width = step.h / PANELS as f64;
    // int (e^{h-r} - 1) over a panel is the difference of e^{h-r} - 1 - (h - r) at its ends.
    let left = |k: usize| (width * (PANELS - k) as f64).exp_excess();
    let panel = |k: usize| {
        let r = Interval::new((width * k as f64).lo(), (width * (k + 1) as f64).hi());
        let grown = (r * 2.0).exp();
        let mut square = Interval::ZERO;
        let mut last: Option<(Interval, Interval)> = None;
        for x in &excess {
            let own = match last {
                Some((same, own)) if same == *x => own,
                _ => {
                    let x = *x * grown;
                    let s = (x + 1.0).max(Interval::ZERO);
                    x.sqr() / (s.sqr() * s)
                }
            };
            last = Some((*x, own));
            square += own;
        }
        square.sqrt() * (left(k) - left(k + 1)).max(Interval::ZERO)
    };
    (0..PANELS).map(panel).sum()
}

/// Nodes of the two rules in time.
const NODES: [usize; 2] = [4, 7];

/// `int_0^h (e^{h-r} - 1) |g + g'g + g''|_{L2} dr` for independent blocks on the line, in plain numerics.
fn frozen_by_quadrature(at: &Instance, step: &Fall) -> Result<(Interval, Option<String>), String> {
    let begin = Family::Ou.time(step.from).ok_or("a level is none of OU")?.mid();
    let h = step.h.mid();
    let by = |nodes: usize| {
        let rule = gauss_legendre(nodes);
        let terms = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| {
            let r = 0.5 * h * (x + 1.0);
            let level: NoiseLevel = Process::Ou.level(begin - r);
            let size = score_rate(&at.density_at(level)?)?.sqrt();
            Ok(0.5 * h * w * (h - r).exp_m1() * size)
        });
        terms.sum::<Result<f64, String>>()
    };
    let (coarse, fine) = (by(NODES[0])?, by(NODES[1])?);
    let value = Interval::around(fine, 2.0 * (coarse - fine).abs() + 1e-9 * fine).max(Interval::ZERO);
    Ok((value, Some("derivatives of the score by quadrature".into())))
}
