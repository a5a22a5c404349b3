//! The law a reverse phase leads to as its steps become short: what the continuous-time statements speak of.
//!
//! Gaussian data with independent coordinates and an affine error of each coordinate have it in closed form up to one
//! integral over each step. With `s(r) = 1 + (v - 1) e^{-2t}` the variance of a coordinate of `p_t`, `alpha = c slope`, `z` the
//! distance of the mean from that of `p_t` and `V` the variance, a step from `t' + h` down to `t'` makes of them
//!
//! ```text
//! flow   z' = Phi z + int_0^h (s'/s(r))^{1/2} e^{alpha r} (alpha a m + c offset) dr,     Phi = (s'/s)^{1/2} e^{alpha h},  V' = Phi^2 V
//! SDE    z' = Phi z + 2 int_0^h (s'/s(r)) e^{(2 alpha - 1) r} (alpha a m + c offset) dr,  Phi = (s'/s) e^{(2 alpha - 1) h}
//!        V' = s' + Phi^2 (V - s) + 4 alpha s'^2 int_0^h e^{(4 alpha - 2) r}/s(r) dr
//! ```
//!
//! Other laws are those of chains with ever shorter steps, which show what is left: an open term.

use super::coordinates::{Coordinate, coordinates, independent};
use super::descent::{Descent, Fall};
use super::weight::Weight;
use crate::bounds::general::count;
use crate::bounds::short_steps::at_short_steps;
use crate::bounds::{Family, Instance, Walk};
use crate::divergences::Divergence;
use crate::laws::{GaussianLaw, IndependentGaussian, Law};
use crate::numerics::{Interval, Jet, Measured};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::{Block, Kernel, Program, ReversePhase};
use crate::scores::{Calibrated, Damaged};
use std::sync::Arc;

/// D of the limit of the output from the target at the level it arrives at.
///
/// # Errors
/// When no engine carries the laws.
pub fn limit_divergence(at: &Instance, descent: &Descent, kind: Divergence) -> Result<Measured, String> {
    limit(at, descent, &|law| at.to_level(law, descent.last, kind))
}

/// A number of the limit of the output.
///
/// # Errors
/// When no engine carries the laws, or `of` has no answer.
pub fn limit(
    at: &Instance,
    descent: &Descent,
    of: &dyn Fn(&Law) -> Result<Measured, String>,
) -> Result<Measured, String> {
    match gaussian_limit(at, descent) {
        Ok(law) => of(&law),
        Err(why) => by_chains(at, descent, of).map_err(|also| format!("{why}, and {also}")),
    }
}

/// The limit in closed form.
///
/// # Errors
/// When the law at the horizon or the data are no Gaussians with independent coordinates, or the error is not affine and
/// diagonal.
pub fn gaussian_limit(at: &Instance, descent: &Descent) -> Result<Law, String> {
    fall(at, descent, independent(&descent.handed(at)?)?)
}

/// The same where the Langevin steps at the horizon become short as well.
///
/// # Errors
/// As [`gaussian_limit`], and where Langevin dynamics with the error do not come to rest.
pub fn gaussian_limit_throughout(at: &Instance, descent: &Descent) -> Result<Law, String> {
    let mut now = independent(&at.start_law()?)?;
    for run in &descent.correctors {
        let amplitude = if run.clean { 0.0 } else { at.amplitude_at(run.level) };
        let time = Interval::point(run.step) * count(run.steps);
        for (coordinate, law) in coordinates(at)?.iter().zip(&mut now) {
            *law = langevin(coordinate, &Level::of(run.level), amplitude, time, *law)?;
        }
    }
    fall(at, descent, now)
}

/// The mean and the variance of one coordinate.
type Moments = (Interval, Interval);

/// Langevin dynamics for a time: `dx = (-(x - a m)/s + alpha x + c offset) dt + sqrt2 dB`.
fn langevin(
    of: &Coordinate,
    level: &Level,
    amplitude: f64,
    time: Interval,
    (m, v): Moments,
) -> Result<Moments, String> {
    let (s, alpha) = (level.variance(of), of.slope * amplitude);
    let rate = 1.0 / s - alpha;
    if rate.lo() <= 0.0 {
        return Err("the error turns the drift outward".into());
    }
    let (left, gone) = ((-(rate * time)).exp(), -(-(rate * time)).exp_m1());
    let rest = (level.a * of.mean / s + of.offset * amplitude) / rate;
    Ok((left * m + gone * rest, left.sqr() * v - (rate * time * -2.0).exp_m1() / rate))
}

/// The reverse phase from independent coordinates.
fn fall(at: &Instance, descent: &Descent, mut now: Vec<Moments>) -> Result<Law, String> {
    let coordinates = coordinates(at)?;
    for leg in legs(at, descent)? {
        let mut known: Option<(Coordinate, Moments, Moments)> = None;
        for (coordinate, law) in coordinates.iter().zip(&mut now) {
            let after = match &known {
                Some((same, before, after)) if same == coordinate && before == law => *after,
                _ => leg.step(descent.phase, coordinate, *law),
            };
            known = Some((*coordinate, *law, after));
            *law = after;
        }
    }
    if let Some(by) = descent.rescale {
        let factor = Interval::around(1.0 + by, 64.0 * f64::EPSILON);
        now.iter_mut().for_each(|(m, v)| (*m, *v) = (*m * factor, *v * factor.sqr()));
    }
    if now.iter().any(|(m, v)| !m.is_finite() || !v.is_finite() || v.lo() < 0.0) {
        return Err("the limit is not enclosed in double precision".into());
    }
    let (mean, variance) = now.into_iter().unzip();
    Ok(Law::Gaussian(GaussianLaw::Independent(IndependentGaussian { mean, variance })))
}

/// Steps in a row with one amplitude of the error.
struct Leg {
    amplitude: f64,
    from: Level,
    to: Level,
    h: Interval,
}

/// alpha and sigma^2 of a level, with their rounding.
#[derive(Clone, Copy)]
struct Level {
    a: Interval,
    noise: Interval,
}

impl Level {
    fn of(level: NoiseLevel) -> Self {
        let near = |x: f64| Interval::around(x, 8.0 * f64::EPSILON * x);
        Self { a: near(level.alpha), noise: near(level.variance()) }
    }

    /// The variance of a coordinate.
    fn variance(&self, coordinate: &Coordinate) -> Interval {
        self.a.sqr() * coordinate.variance + self.noise
    }
}

fn legs(at: &Instance, descent: &Descent) -> Result<Vec<Leg>, String> {
    let mut legs: Vec<Leg> = Vec::new();
    for step in &descent.steps {
        let amplitude = amplitude(at, step);
        match legs.last_mut() {
            Some(leg) if leg.amplitude == amplitude => (leg.to, leg.h) = (Level::of(step.to), leg.h + step.h),
            _ => legs.push(Leg { amplitude, from: Level::of(step.from), to: Level::of(step.to), h: step.h }),
        }
    }
    Ok(legs)
}

/// The amplitude of the error in a step.
pub(super) fn amplitude(at: &Instance, step: &Fall) -> f64 {
    if step.clean { 0.0 } else { at.amplitude_at(step.from) }
}

impl Leg {
    /// Mean and variance of one coordinate after the leg.
    fn step(&self, phase: ReversePhase, of: &Coordinate, (m, v): Moments) -> Moments {
        let (s, after) = (self.from.variance(of), self.to.variance(of));
        let (alpha, push) = (of.slope * self.amplitude, of.offset * self.amplitude);
        let pull = alpha * self.to.a * of.mean;
        let flow = matches!(phase, ReversePhase::Flow(_));
        let times = if flow { 1.0 } else { 2.0 };
        let rate = if flow { alpha } else { alpha * 2.0 - 1.0 };
        let decay = if flow { (after / s).sqrt() } else { after / s };
        let phi = decay * (rate * self.h).exp();
        let weight = |rate: Interval, root: bool| Weight { rate, zero: after, slope: after - 1.0, root };
        // alpha a m falls like e^-r from the less noisy end on.
        let size = if flow { after.sqrt() } else { after };
        let moved = |strength: Interval, rate: Interval| match strength == Interval::ZERO {
            true => Interval::ZERO,
            false => strength * size * times * weight(rate, flow).integral(self.h, &|_| Jet::constant(1.0)),
        };
        let z = phi * (m - self.from.a * of.mean) + moved(push, rate) + moved(pull, rate - 1.0);
        let variance = match flow {
            true => phi.sqr() * v,
            false if alpha == Interval::ZERO => after + phi.sqr() * (v - s),
            false => {
                let grown = weight(alpha * 4.0 - 2.0, false).integral(self.h, &|_| Jet::constant(1.0));
                after + phi.sqr() * (v - s) + alpha * 4.0 * after.sqr() * grown
            }
        };
        (self.to.a * of.mean + z, variance.max(Interval::ZERO))
    }
}

/// About how many steps the finest of the chains takes.
const SHORT: u64 = 128;

/// A number of the limit from chains whose steps are parts of the given ones.
fn by_chains(
    at: &Instance,
    descent: &Descent,
    of: &dyn Fn(&Law) -> Result<Measured, String>,
) -> Result<Measured, String> {
    let parts = (SHORT / 4).div_ceil(descent.steps.len() as u64).max(1);
    at_short_steps(&|k| {
        let (program, field) = split(at, descent, k * parts)?;
        let fine = Instance::new(
            Arc::clone(&at.target),
            at.level,
            at.start.clone(),
            Arc::new(field),
            program.clone(),
            at.settings,
        );
        let mut walk = Walk::new(&fine, &program)?;
        walk.run(&program)?;
        if matches!(walk.law, Law::Particles(_)) {
            return Err("no exact engine carries the chain with shorter steps".to_string());
        }
        of(&walk.law)
    })
}

/// The program with every step of the reverse phase in `parts` parts, and the field with the errors of the whole steps.
fn split(at: &Instance, descent: &Descent, parts: u64) -> Result<(Program, Damaged), String> {
    let mut program = descent.before.clone();
    let mut levels: Vec<Calibrated> = at.field.error.iter().flat_map(|e| e.levels.iter().copied()).collect();
    let end = Family::Ou.time(descent.last).ok_or("the last level is none of OU")?.mid();
    let mut left: f64 = descent.steps.iter().map(|step| step.h.mid()).sum();
    for step in &descent.steps {
        let h = step.h.mid() / parts as f64;
        let level_after = |k: u64| match k {
            0 => step.from,
            k if k == parts => step.to,
            k => Process::Ou.level(end + left - k as f64 * h),
        };
        for k in 0..parts {
            let (from, to) = (level_after(k), level_after(k + 1));
            let kernel = match descent.phase {
                ReversePhase::Sde(scheme) => scheme.kernel(&Process::Ou, h, from),
                ReversePhase::Flow(scheme) => {
                    Kernel { drift: scheme.drift(&Process::Ou, h, from, to), noise: 0.0, rounding: 64.0 * f64::EPSILON }
                }
            };
            let drift = kernel.drift.with_clean(|_| step.clean);
            program.blocks.push(Block { kernel: Kernel { drift, ..kernel }, repeat: 1 });
            if k > 0
                && let Some(error) = at.field.error.as_ref()
            {
                let amplitude = error.amplitude(step.from);
                let shape = error.shape().ok_or("between the sampler's levels the error is not known")?;
                let square = shape.mean_square(&at.density_at(from)?);
                let epsilon = square.value.sqrt() * amplitude.abs();
                levels.push(Calibrated { level: from, amplitude, epsilon, evidence: square.evidence });
            }
        }
        left -= step.h.mid();
    }
    if let Some(last) = at.program.blocks.last().filter(|_| descent.rescale.is_some()) {
        program.blocks.push(last.clone());
    }
    let error = at.field.error.as_ref();
    let error = error.map(|e| e.with_levels(levels.into_iter().collect()));
    Ok((program, Damaged { error, ..(*at.field).clone() }))
}
