//! A sampler as a reverse phase of OU: Langevin steps at the horizon, or none, then steps from level to level.

use crate::bounds::{Correct, Family, Instance, Move, Route, Walk};
use crate::divergences::Divergence;
use crate::laws::Law;
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::samplers::{Program, ReversePhase};
use std::borrow::Cow;

/// A prediction-correction scheme, or the classical scheme, which has no corrector.
#[derive(Clone, Debug, PartialEq)]
pub struct Descent {
    /// The Langevin steps at the horizon, as they are.
    pub before: Program,
    /// The runs of them, first run first.
    pub correctors: Vec<Correct>,
    /// How the reverse phase is discretised.
    pub phase: ReversePhase,
    /// Its steps, first step first.
    pub steps: Vec<Fall>,
    /// The level of T1.
    pub first: NoiseLevel,
    /// The level of delta.
    pub last: NoiseLevel,
    /// a - 1 where the output is multiplied by a.
    pub rescale: Option<f64>,
}

/// One step of a reverse phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fall {
    /// The noisier level, of which the error is taken throughout the step.
    pub from: NoiseLevel,
    /// The level it arrives at.
    pub to: NoiseLevel,
    /// The OU time between the two.
    pub h: Interval,
    /// Whether the error is off.
    pub clean: bool,
}

impl Descent {
    /// Reads the program of an instance: it ends at the level at which the output is compared, or where its last step leads.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn of(at: &Instance) -> Result<Self, String> {
        if at.field.truncation.is_some() {
            return Err("its score is truncated".into());
        }
        let route = &*route(at)?;
        if route.family != Family::Ou {
            return Err("its noise levels are not those of OU or VP".into());
        }
        let is_corrector = |step: &&Move| matches!(step, Move::Correct(_));
        let correctors: Vec<Correct> = route.correctors().copied().collect();
        if route.moves.iter().take_while(is_corrector).count() != correctors.len() {
            return Err("it takes Langevin steps after the first step to another level".into());
        }
        if correctors.windows(2).any(|pair| (pair[0].level, pair[0].step) != (pair[1].level, pair[1].step)) {
            return Err("its Langevin steps are of several sizes or levels".into());
        }
        let (mut phase, mut steps) = (None, Vec::new());
        for step in &route.moves[correctors.len()..] {
            let none = |from: NoiseLevel| format!("the step at sigma = {:.4e} is one of no scheme", from.sigma);
            let (own, fall) = match step {
                Move::Correct(_) => continue,
                Move::Flow(f) => (
                    f.scheme.map(ReversePhase::Flow).ok_or_else(|| none(f.from))?,
                    Fall { from: f.from, to: f.to, h: f.h, clean: f.clean },
                ),
                Move::Predict(p) => (
                    p.scheme.map(ReversePhase::Sde).ok_or_else(|| none(p.from))?,
                    Fall { from: p.from, to: p.to, h: p.h, clean: p.clean },
                ),
            };
            if phase.is_some_and(|before| before != own) {
                return Err("its steps are of several schemes".into());
            }
            phase = Some(own);
            steps.push(fall);
        }
        let phase = phase.ok_or("it takes no step to another level")?;
        let ahead = at.program.blocks.len() - steps.len() - usize::from(route.rescale.is_some());
        let before = Program { blocks: at.program.blocks[..ahead].to_vec() };
        Ok(Self { before, correctors, phase, steps, first: route.first, last: route.last, rescale: route.rescale })
    }

    /// T1 and delta.
    ///
    /// # Errors
    /// When a level is none of OU.
    pub fn times(&self) -> Result<[Interval; 2], String> {
        let time = |level| Family::Ou.time(level).ok_or("a level is none of OU");
        Ok([time(self.first)?, time(self.last)?])
    }

    /// `sum_k h_k`.
    #[must_use]
    pub fn length(&self) -> Interval {
        self.steps.iter().map(|step| step.h).sum()
    }

    /// The common step and the number of Langevin steps, if there are any.
    #[must_use]
    pub fn corrector(&self) -> Option<(f64, u64)> {
        self.correctors.first().map(|c| (c.step, self.correctors.iter().map(|c| c.steps).sum()))
    }

    /// q_T1: the law after the Langevin steps, or the start itself.
    ///
    /// # Errors
    /// When no engine carries it.
    pub fn handed(&self, at: &Instance) -> Result<Law, String> {
        if self.before.blocks.is_empty() {
            return at.start_law();
        }
        let mut walk = Walk::new(at, &self.before)?;
        walk.run(&self.before)?;
        Ok(walk.law)
    }

    /// D(q_T1, p_T1).
    ///
    /// # Errors
    /// When the pair has no engine.
    pub fn at_horizon(&self, at: &Instance, kind: Divergence) -> Result<Measured, String> {
        match self.before.blocks.is_empty() {
            true => at.start_to(self.first, kind),
            false => at.to_level(&self.handed(at)?, self.first, kind),
        }
    }
}

/// The way of an instance: it ends at the level at which the output is compared, or where its last step leads.
pub(super) fn route(at: &Instance) -> Result<Cow<'_, Route>, String> {
    match at.level.is_data() {
        true => at.way().map(Cow::Borrowed),
        false => Route::read(&at.program, Some(at.level)).map(Cow::Owned),
    }
}

/// A reverse phase by the probability flow.
pub(super) fn by_flow(at: &Instance) -> Result<Descent, String> {
    let descent = Descent::of(at)?;
    match descent.phase {
        ReversePhase::Flow(_) => Ok(descent),
        ReversePhase::Sde(scheme) => Err(format!("its steps add noise ({scheme})")),
    }
}

/// A reverse phase by the reverse SDE.
pub(super) fn by_sde(at: &Instance) -> Result<Descent, String> {
    let descent = Descent::of(at)?;
    match descent.phase {
        ReversePhase::Sde(_) => Ok(descent),
        ReversePhase::Flow(scheme) => Err(format!("its steps add no noise ({scheme})")),
    }
}

/// Whether the output, as it is, is compared with the target at the level it arrives at.
pub(super) fn compared_at_stop(at: &Instance) -> Result<(), String> {
    let descent = Descent::of(at)?;
    match descent.rescale {
        Some(by) => Err(format!("it is multiplied by {}", 1.0 + by)),
        None if descent.last != at.level => {
            Err("it is compared with the data, where it does not arrive; `against = \"early-stopped\"` compares it with p_delta".into())
        }
        None => Ok(()),
    }
}
