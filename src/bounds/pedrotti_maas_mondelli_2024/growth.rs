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
//! (Prekopa). For Gaussians that is the constant itself; for other data it loses with r, so that steps are cut into pieces, at the
//! less noisy end of each of which the Hessian is looked at again: the smaller one of the two bounds counts, and the sums hardly
//! depend on the sampler's steps but for the error, which is that of the noisier level throughout a step.

use super::coordinates::{Coordinate, coordinates};
use super::descent::{Descent, Fall};
use super::limit::amplitude;
use super::weight::Weight;
use crate::bounds::{Family, Holds, Instance, Share};
use crate::numerics::{Interval, IntervalSum, Jet, gauss_legendre};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::ReversePhase;

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
    let longest = descent.length().hi() / PIECES;
    for step in descent.steps.iter().rev() {
        let error = if step.clean { Interval::ZERO } else { Interval::point(at.error_one_sided_at(step.from).hi()) };
        let unknown = |level: NoiseLevel| {
            format!("no one-sided Lipschitz constant of the score at sigma = {:.4e} is finite", level.sigma)
        };
        if error.hi() == f64::INFINITY {
            return Err(unknown(step.from));
        }
        let rate = if flow { error } else { error * 2.0 - 1.0 };
        let mut added = IntervalSum::new();
        for piece in pieces(at, step, longest)? {
            if piece.one_sided == f64::INFINITY {
                return Err(unknown(piece.to));
            }
            let slope = Interval::point(piece.one_sided) + 1.0;
            let weight = Weight { rate, zero: Interval::ONE, slope, root: flow };
            let (own, rests) = weighted_error(at, step, &piece, &weight, linear.as_deref())?;
            added.add(factor * own * if flow { 1.0 } else { 2.0 });
            doubt = doubt.or(rests);
            factor *= weight.at(piece.h);
        }
        let own = added.value();
        errors.add(own);
        shares.push(Share { from: step.from, to: step.to, terms: vec![("score error", own)] });
    }
    shares.reverse();
    Ok(Growth { factor, errors: errors.value(), shares, doubt })
}

/// About how many pieces a reverse phase has at least, of laws that are no Gaussians.
const PIECES: f64 = 128.0;

/// A piece lasts at most this part of `1/(1 + l)`, the time in which l could double, about.
const PART: f64 = 0.03125;

/// The most pieces of a step, whatever l is.
const MOST_PIECES: f64 = 512.0;

/// A part of a step.
struct Piece {
    /// Its less noisy end.
    to: NoiseLevel,
    /// How long it lasts.
    h: Interval,
    /// A bound of the largest eigenvalue of `Hess ln p` at that end.
    one_sided: f64,
}

/// The pieces of a step, the least noisy one first: a single one for Gaussians.
fn pieces(at: &Instance, step: &Fall, longest: f64) -> Result<Vec<Piece>, String> {
    let first = at.hessian_at(step.to)?;
    if at.density_at(step.to)?.as_gaussian().is_some() || first == f64::INFINITY {
        return Ok(vec![Piece { to: step.to, h: step.h, one_sided: first }]);
    }
    let begin = Family::Ou.time(step.to).ok_or("a level is none of OU")?;
    let end = begin + step.h;
    let least = step.h.hi() / MOST_PIECES;
    let (mut all, mut from, mut level, mut one_sided) = (Vec::new(), begin, step.to, first);
    loop {
        let wanted = (PART / (1.0 + one_sided).max(0.0)).min(longest).max(least);
        // What is left of a step is shared by its last two pieces.
        let left = end.mid() - from.mid();
        if left <= 1.5 * wanted {
            all.push(Piece { to: level, h: (end - from).max(Interval::ZERO), one_sided });
            return Ok(all);
        }
        let next = from.mid() + wanted;
        let h = (Interval::point(next) - from).max(Interval::ZERO);
        all.push(Piece { to: level, h, one_sided });
        // What l has become at most, and what is seen of it there.
        let (l, decay) = (Interval::point(one_sided), (h * -2.0).exp());
        let base = decay + l * (h * -2.0).exp_m1();
        let carried = if base.lo() > 0.0 { (l / base).hi() } else { f64::INFINITY };
        (from, level) = (Interval::point(next), Process::Ou.level(next));
        one_sided = at.hessian_at(level)?.min(carried);
    }
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

/// Nodes of the two rules by which the mean square of an error without a closed form is integrated over a piece.
const NODES: [usize; 2] = [3, 5];

/// `int_0^h w(r) epsilon_{t'+r} dr` over a piece of a step, and what it rests on.
fn weighted_error(
    at: &Instance,
    step: &Fall,
    piece: &Piece,
    weight: &Weight,
    linear: Option<&[Coordinate]>,
) -> Result<(Interval, Option<String>), String> {
    let c = amplitude(at, step);
    let Some(error) = at.field.error.as_ref().filter(|_| c != 0.0) else { return Ok((Interval::ZERO, None)) };
    if at.has_constant_error() {
        let epsilon = at.epsilon_at(step.from);
        let rests = match at.error_sizes([step.from]) {
            Holds::Numerically(rests) => Some(rests),
            _ => None,
        };
        return Ok((epsilon * weight.integral(piece.h, &|_| Jet::constant(1.0)), rests));
    }
    if let Some(coordinates) = linear {
        return Ok((weight.integral(piece.h, &epsilon_of(coordinates, piece.to, c)), None));
    }
    let end = Family::Ou.time(piece.to).ok_or("a level is none of OU")?.mid();
    let by = |nodes: usize| {
        let rule = gauss_legendre(nodes);
        let half = piece.h.mid() * 0.5;
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
