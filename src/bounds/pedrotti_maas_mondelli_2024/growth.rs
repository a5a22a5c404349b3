//! How far two points of a reverse phase in continuous time drift apart, and what the errors on the way add.
//!
//! Between two levels the one-sided constant of the exact score is known from that of the less noisy one: where `l` bounds
//! the largest eigenvalue of `Hess ln p_{t'}`,
//!
//! ```text
//! l(r) = l/(e^{-2r} - l (1 - e^{-2r})),     exp int_0^r (1 + l) = base(r)^{-1/2},     base(r) = 1 + (1 + l)(e^{-2r} - 1)
//! ```
//!
//! bounds that of `Hess ln p_{t'+r}` as long as the base is positive: `p_{t'} e^{-l|x|^2/2}` is log-concave, and stays so
//! (Prekopa). The error is that of the noisier level throughout a step.

use super::coordinates::{Coordinate, coordinates};
use super::descent::{Descent, Fall};
use super::limit::amplitude;
use super::weight::Weight;
use crate::bounds::{Family, Holds, Instance, Share};
use crate::numerics::{Interval, IntervalSum, Jet, gauss_legendre};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::ReversePhase;
use crate::targets::constants::convexity;

/// The sums over a reverse phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// `e^Lambda(T1)`.
    pub factor: Interval,
    /// `int e^Lambda(t) epsilon_t dt` (twice that for the reverse SDE).
    pub errors: Interval,
    /// What each step adds to it, first step first.
    pub shares: Vec<Share>,
    /// What the numbers rest on that is not proved, if anything.
    pub doubt: Option<String>,
}

/// What `Lambda` and the errors are.
///
/// # Errors
/// When the Hessian of `ln p_t`, or the size of the error, is not known somewhere.
pub fn growth(at: &Instance, descent: &Descent) -> Result<Growth, String> {
    let flow = matches!(descent.phase, ReversePhase::Flow(_));
    let linear = coordinates(at).ok();
    let mut factor = Interval::ONE;
    let (mut errors, mut shares, mut doubt) = (IntervalSum::new(), Vec::new(), None);
    for step in descent.steps.iter().rev() {
        let one_sided = hessian_at(at, step.to)?;
        let slope = Interval::point(one_sided) + 1.0;
        let error = if step.clean { Interval::ZERO } else { Interval::point(at.error_one_sided_at(step.from).hi()) };
        if error.hi() == f64::INFINITY || one_sided == f64::INFINITY {
            return Err(format!(
                "no one-sided Lipschitz constant of the score at sigma = {:.4e} is finite",
                step.from.sigma
            ));
        }
        let rate = if flow { error } else { error * 2.0 - 1.0 };
        let weight = Weight { rate, zero: Interval::ONE, slope, root: flow };
        let (own, rests) = weighted_error(at, step, &weight, linear.as_deref())?;
        let own = factor * own * if flow { 1.0 } else { 2.0 };
        doubt = doubt.or(rests);
        errors.add(own);
        shares.push(Share { from: step.from, to: step.to, terms: vec![("score error", own)] });
        factor *= weight.at(step.h);
    }
    shares.reverse();
    Ok(Growth { factor, errors: errors.value(), shares, doubt })
}

impl Growth {
    /// Whether everything is finite.
    #[must_use]
    pub fn known(&self) -> Holds {
        match self.factor.hi().is_finite() && self.errors.hi().is_finite() {
            false => Holds::unknown(
                "nothing finite is known above int L_t dt between two of the sampler's levels",
                "shorter steps, or a narrower bound of the Hessian of ln p_t",
            ),
            true => self.doubt.clone().map_or(Holds::Yes, Holds::Numerically),
        }
    }
}

/// Nodes of the two rules by which the mean square of an error without a closed form is integrated over a step.
const NODES: [usize; 2] = [5, 9];

/// `int_0^h w(r) epsilon_{t'+r} dr`, and what it rests on.
fn weighted_error(
    at: &Instance,
    step: &Fall,
    weight: &Weight,
    linear: Option<&[Coordinate]>,
) -> Result<(Interval, Option<String>), String> {
    let c = amplitude(at, step);
    let Some(error) = at.field.error.as_ref().filter(|_| c != 0.0) else { return Ok((Interval::ZERO, None)) };
    if at.has_constant_error() {
        let epsilon = at.epsilon_at(step.from);
        return Ok((epsilon * weight.integral(step.h, &|_| Jet::constant(1.0)), None));
    }
    if let Some(coordinates) = linear {
        return Ok((weight.integral(step.h, &epsilon_of(coordinates, step.to, c)), None));
    }
    let end = Family::Ou.time(step.to).ok_or("a level is none of OU")?.mid();
    let by = |nodes: usize| {
        let rule = gauss_legendre(nodes);
        let half = step.h.mid() * 0.5;
        let shape = error.shape().ok_or("between the sampler's levels the error is not known")?;
        let terms = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| {
            let r = half * (x + 1.0);
            let square = shape.mean_square(&at.density_at(Process::Ou.level(end + r))?).value;
            Ok(weight.at(Interval::point(r)) * square.sqrt() * c.abs() * half * *w)
        });
        terms.sum::<Result<Interval, String>>()
    };
    let (coarse, fine) = (by(NODES[0])?, by(NODES[1])?);
    let apart = 2.0 * (coarse.mid() - fine.mid()).abs();
    Ok((fine.widen(apart).max(Interval::ZERO), Some("the size of the error between the sampler's levels".into())))
}

/// epsilon at the time r after the less noisy end: the root of a polynomial of second degree in `e^-r`,
///
/// ```text
/// sum_i (slope a m e^-r + offset)^2 + slope^2 (1 + (s - 1) e^{-2r})
/// ```
fn epsilon_of(coordinates: &[Coordinate], to: NoiseLevel, c: f64) -> impl Fn(&Jet) -> Jet + use<> {
    let a = Interval::around(to.alpha, 8.0 * f64::EPSILON);
    let noise = Interval::around(to.variance(), 8.0 * f64::EPSILON * to.variance());
    let mut p = [Interval::ZERO; 3];
    for own in coordinates {
        let (square, mean) = (own.slope.sqr(), own.slope * a * own.mean);
        let s = a.sqr() * own.variance + noise;
        p[0] += own.offset.sqr() + square;
        p[1] += mean * own.offset * 2.0;
        p[2] += mean.sqr() + square * (s - 1.0);
    }
    move |r: &Jet| {
        let e = (-r).exp();
        let square = e.sqr().scale(p[2]) + e.scale(p[1]).shift(p[0]);
        square.sqrt().scale(c.abs())
    }
}

/// An upper bound of the largest eigenvalue of `Hess ln p` at a level.
pub(super) fn hessian_at(at: &Instance, level: NoiseLevel) -> Result<f64, String> {
    Ok(-convexity(&at.density_at(level)?)?.least.lo())
}
