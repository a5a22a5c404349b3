//! Particles in place of an exact engine that gives up on the way.

use super::{Law, Particles, Propagate, Settings, Start, Unsupported};
use crate::samplers::Program;
use crate::scores::ScoreField;

/// The most moves of single coordinates made in place of an exact engine: a few minutes of work.
const MOST_MOVES: f64 = 1e10;

/// A law at the end of a program.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The law.
    pub law: Law,
    /// Why exact engines gave up on some of its factors, which are clouds of particles instead.
    pub refused: Vec<Unsupported>,
}

/// The least noise in units of the distance from 0 at which it is still noise: below some 2^10 ulps it is lost in rounding.
const LEAST_NOISE: f64 = 1024.0 * f64::EPSILON;

/// That the noise of a step at this distance from 0 is not lost in rounding.
///
/// # Errors
/// When it is.
pub(super) fn above_rounding(engine: &'static str, noise: f64, reach: f64) -> Result<(), Unsupported> {
    if noise > 0.0 && noise < LEAST_NOISE * reach {
        let needs = format!(
            "noise that is not lost in rounding: {noise:.1e} of it is added to numbers of size {reach:.1e}; move the laws towards 0"
        );
        return Err(Unsupported { engine, needs });
    }
    Ok(())
}

/// Runs a planned start through a program. Where the engine was the planner's choice and gives up on a factor, that factor
/// is carried by particles if these can do it at a reasonable cost.
///
/// # Errors
/// Why the engine of a factor gave up, when it was forced or particles cannot do it either.
pub fn carry(start: Law, program: &Program, s: &dyn ScoreField, settings: &Settings) -> Result<Carried, Unsupported> {
    let mut refused: Vec<Unsupported> = Vec::new();
    let law = start.try_map(s, &mut |factor, s| {
        let mut law = factor.clone();
        let Err(why) = law.run(program, s) else { return Ok(law) };
        let cloud = sampled(factor, program, s, settings).ok_or_else(|| why.clone())?;
        if !refused.contains(&why) {
            refused.push(why);
        }
        Ok(cloud)
    })?;
    Ok(Carried { law, refused })
}

/// A factor carried by particles, unless its engine was forced or they cannot do it.
fn sampled(factor: Law, program: &Program, s: &dyn ScoreField, settings: &Settings) -> Option<Law> {
    let start = match factor {
        Law::Closed(p) => Start::Density(p),
        Law::Points(p) => Start::Points(p),
        _ => return None,
    };
    let moves = start.dim() as f64 * settings.particles as f64 * program.steps() as f64;
    if settings.engine.is_some() || moves > MOST_MOVES {
        return None;
    }
    let mut cloud = Particles::from_start(&start, settings.particles, settings.seed, settings.confidence);
    cloud.run(program, s).ok().map(|()| Law::Particles(cloud))
}
