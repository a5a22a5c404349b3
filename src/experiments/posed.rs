//! An instance beside what its spec asks of it: the plan of engines, and refusals at the place that asks for what cannot be done.

use super::error::Flaw;
use super::measure::Measure;
use super::question::Names;
use super::table::Provenance;
use super::tree::Span;
use crate::bounds::Instance;
use crate::bounds::lee_lu_tan_2022::Prescription;
use crate::laws::{Engine, Law, Plan, Propagate, Settings, plan};
use crate::numerics::Measured;
use crate::scores::learned::Asked;

/// Numbers a cloud of particles may hold: 1.6 GB of doubles.
const MOST_IN_CLOUD: f64 = 2e8;

/// Coordinates times steps up to which one particle is sent ahead to see whether particles would do.
const PROBED: f64 = 1e6;

/// An instance with what its spec says about measuring it.
pub struct Posed {
    /// Target, start, field and program.
    pub instance: Instance,
    /// The levels at which the sampler uses the score, and what they are called: the process time, or sigma for annealed LMC.
    pub names: Names,
    /// What a theorem prescribed and the accuracy in TV it promises for that, if the spec asked for it.
    pub prescribed: Option<(Prescription, f64)>,
    /// Whether the spec calls the target or the start a product.
    pub product: bool,
    /// The table that the target is the law of, if it is one.
    pub table: Option<Provenance>,
    /// What is measured.
    pub measure: Measure,
    pub(super) sampler: Option<Span>,
    pub(super) target: Span,
}

impl Posed {
    /// Whether a score is learned and handed to no sampler.
    #[must_use]
    pub fn is_unsampled(&self) -> bool {
        self.instance.lesson.is_some() && self.sampler.is_none()
    }

    /// What is asked of the score that is learned here.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn learned(&self, asked: Asked) -> Result<Measured, String> {
        let lesson = self.instance.lesson.as_ref().ok_or("no score is learned here")?;
        lesson.answer(asked).map_err(|why| why.to_string())
    }

    /// The plan of engines, made for one particle: cheap, and the same engines.
    ///
    /// # Errors
    /// The refusals, at the place that asks for what cannot be done.
    pub fn plan(&self) -> Result<Plan, Flaw> {
        let at = &self.instance;
        let settings = Settings { particles: 1, ..at.settings };
        plan(&at.start, &at.program, at.score(), &settings).map_err(|all| {
            let reasons = all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.stopped(reasons)
        })
    }

    /// Why no law came out, at the place in the spec that asks for it.
    #[must_use]
    pub fn stopped(&self, why: String) -> Flaw {
        match (&self.measure.engine, &self.sampler) {
            (Some((engine, span)), _) => {
                let forced = format!("`engine = \"{engine}\"` forces this engine; \"auto\" lets the planner choose");
                let instead = match *engine != Engine::Particles && self.particles_could() {
                    true => ", and `engine = \"particles\"` samples",
                    false => "",
                };
                Flaw::new(span, why, forced + instead)
            }
            (None, Some(span)) => Flaw::new(span, why, "`--explain` says why every engine was refused"),
            (None, None) => Flaw::new(&self.target, why, "`--explain` says why every engine was refused"),
        }
    }

    pub(super) fn check_memory(&self) -> Result<(), Flaw> {
        let plan = self.plan()?;
        let needed = cloud_dim(&plan.start) as f64 * self.measure.particles as f64;
        if needed <= MOST_IN_CLOUD {
            return Ok(());
        }
        let found = format!("{} particles need {:.1e} numbers in memory", self.measure.particles, needed);
        Err(Flaw { help: format!("at most {MOST_IN_CLOUD:e}: lower `measure.particles`"), ..self.stopped(found) })
    }

    /// The engine that carries the law: particles once the planned one gave up on the way.
    ///
    /// # Errors
    /// As [`Posed::plan`].
    pub fn engine(&self) -> Result<Engine, Flaw> {
        let planned = self.plan()?.engine;
        Ok(if self.instance.gave_up().is_empty() { planned } else { Engine::Particles })
    }

    /// Whether particles survive the program, as far as one of them can tell in a moment.
    fn particles_could(&self) -> bool {
        let at = &self.instance;
        if at.program.steps() as f64 * at.dim() as f64 > PROBED {
            return false;
        }
        let settings = Settings { engine: Some(Engine::Particles), particles: 1, ..at.settings };
        plan(&at.start, &at.program, at.score(), &settings)
            .is_ok_and(|mut plan| plan.start.run(&at.program, at.score()).is_ok())
    }
}

/// The coordinates of a law that are carried by particles.
fn cloud_dim(law: &Law) -> usize {
    match law {
        Law::Particles(p) => p.dim(),
        Law::Product(factors) => factors.iter().map(|(f, _)| cloud_dim(f)).sum(),
        Law::Split { core, rest, .. } => cloud_dim(core) + cloud_dim(rest),
        Law::Approximate { law, .. } => cloud_dim(law),
        Law::Gaussian(_)
        | Law::Closed(_)
        | Law::Points(_)
        | Law::Grid1(_)
        | Law::Panels1(_)
        | Law::Pushed1(_)
        | Law::Grid2(_) => 0,
    }
}
