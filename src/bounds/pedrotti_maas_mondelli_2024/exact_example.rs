//! The exact example of PMM-16: data `N(mu, I)`, an error that is one vector along mu.

use super::coordinates::coordinates;
use super::descent::{Descent, compared_at_stop};
use super::limit::{amplitude, gaussian_limit_throughout};
use crate::bounds::general::count;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};
use crate::scores::{Calibrated, Damaged};
use std::sync::Arc;

/// How far from parallel two vectors may be, as `1 - cos^2`, for rounding.
const PARALLEL: f64 = 1e-14;

/// The numbers of the example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Example {
    /// `|mu|`.
    pub mu: Interval,
    /// `|e|`.
    pub epsilon: Interval,
    /// T1.
    pub horizon: Interval,
    /// delta.
    pub early: Interval,
    /// T2.
    pub corrector: Interval,
}

impl Example {
    /// Reads an instance.
    ///
    /// # Errors
    /// What it is instead.
    pub fn of(at: &Instance) -> Result<Self, String> {
        let descent = Descent::of(at)?;
        let [horizon, early] = descent.times()?;
        let coordinates = coordinates(at)?;
        let norm = |all: &mut dyn Iterator<Item = Interval>| all.map(|x| x.sqr()).sum::<Interval>().sqrt();
        let mu = norm(&mut coordinates.iter().map(|c| c.mean));
        let amplitude = descent.steps.first().map_or(0.0, |step| amplitude(at, step));
        let epsilon = norm(&mut coordinates.iter().map(|c| c.offset)) * amplitude.abs();
        let time = |(step, steps): (f64, u64)| Interval::point(step) * count(steps);
        let corrector = descent.corrector().map_or(Interval::ZERO, time);
        // The reverse phase lasts the sum of its steps.
        let length = descent.length();
        let horizon = horizon.intersect(early + length).unwrap_or(horizon);
        Ok(Self { mu, epsilon, horizon, early, corrector })
    }
}

/// Data `N(mu, I)`.
pub(super) const UNIT: Hypothesis = Hypothesis {
    says: "p = N(mu, I)",
    holds: |at| match coordinates(at) {
        Err(why) => Holds::No(why),
        Ok(all) => match all.iter().find(|c| c.variance != Interval::ONE) {
            Some(c) => Holds::No(format!("a variance is {}", c.variance.mid())),
            None => Holds::Yes,
        },
    },
};

/// One vector along mu.
pub(super) const ALONG_MU: Hypothesis = Hypothesis {
    says: "e is one and the same vector along mu at all places and levels",
    holds: |at| along_mu(at).map_or_else(Holds::No, |()| Holds::Yes),
};

fn along_mu(at: &Instance) -> Result<(), String> {
    if !at.is_exact() && !at.has_constant_error() {
        return Err("it depends on x".into());
    }
    let descent = Descent::of(at)?;
    let mut amplitudes = descent.steps.iter().map(|step| amplitude(at, step));
    let first = amplitudes.next().unwrap_or(0.0);
    let corrector = descent.correctors.iter().map(|c| if c.clean { 0.0 } else { at.amplitude_at(c.level) });
    if let Some(other) = amplitudes.chain(corrector).find(|c| *c != first) {
        return Err(format!("its size is {first:e} and {other:e}"));
    }
    let (mut inner, mut mu, mut e) = (0.0, 0.0, 0.0);
    for c in coordinates(at)? {
        let (m, o) = (c.mean.mid(), c.offset.mid());
        (inner, mu, e) = (inner + m * o, mu + m * m, e + o * o);
    }
    match mu * e == 0.0 || first == 0.0 || 1.0 - inner * inner / (mu * e) <= PARALLEL {
        true => Ok(()),
        false => Err(format!("the angle between the two has the cosine {:.6}", inner / (mu * e).sqrt())),
    }
}

/// There are no Langevin steps.
pub(super) const CLASSICAL: Hypothesis = Hypothesis {
    says: "no Langevin steps: the reverse phase starts at q_0",
    holds: |at| match Descent::of(at).map(|d| d.corrector()) {
        Ok(None) => Holds::Yes,
        Ok(Some((_, steps))) => Holds::No(format!("it takes {steps} Langevin steps")),
        Err(why) => Holds::No(why),
    },
};

/// There are some.
pub(super) const CORRECTED: Hypothesis = Hypothesis {
    says: "Langevin steps at the horizon come first",
    holds: |at| match Descent::of(at).map(|d| d.corrector()) {
        Ok(Some(_)) => Holds::Yes,
        Ok(None) => Holds::No("it takes no Langevin step".into()),
        Err(why) => Holds::No(why),
    },
};

/// W2 of `p_delta` and the output in continuous time, the larger one of the two signs of the error.
///
/// # Errors
/// When the laws are not enclosed.
pub fn worst_sign(at: &Instance) -> Result<Measured, String> {
    compared_at_stop(at)?;
    let of = |at: &Instance| {
        let descent = Descent::of(at)?;
        at.to_level(&gaussian_limit_throughout(at, &descent)?, descent.last, Divergence::W2)
    };
    let (plus, minus) = (of(at)?, of(&turned(at))?);
    Ok(if minus.value.hi() > plus.value.hi() { minus } else { plus })
}

/// The same situation with the error's sign changed.
fn turned(at: &Instance) -> Instance {
    let turn = |c: &Calibrated| Calibrated { amplitude: -c.amplitude, ..*c };
    let error = at.field.error.as_ref();
    let error = error.map(|e| e.with_levels(e.levels.iter().map(turn).collect()));
    let field = Damaged { error, ..(*at.field).clone() };
    Instance::new(Arc::clone(&at.target), at.level, at.start.clone(), Arc::new(field), at.program.clone(), at.settings)
}
