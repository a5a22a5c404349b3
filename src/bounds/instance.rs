//! One concrete situation a theorem can be held against: target, start, score field, program.

use super::along::{ChiPath, Walk, chi_path, path_error};
use super::han_razaviyayn_xu_2024::Realised;
use super::lee_lu_tan_2022::{PathError, Setting};
use super::path::ReversePath;
use super::recognise::{Lmc, as_lmc};
use super::route::Route;
use super::theorem::Holds;
use crate::divergences::Divergence;
use crate::laws::{Carried, Engine, Law, Settings, Start, Unsupported, align, align_data, carry, plan};
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::samplers::Program;
use crate::scores::learned::Lesson;
use crate::scores::{Damaged, ScoreField, Truncation};
use crate::targets::constants::convexity;
use crate::targets::{Constant, Constants, Density, Target};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A target at a noise level, a start, a damaged score and a program. Derived facts are computed once and kept.
pub struct Instance {
    /// p, before noise.
    pub target: Arc<dyn Target>,
    /// The noise level the output is compared at.
    pub level: NoiseLevel,
    /// q_0.
    pub start: Start,
    /// The score the sampler is handed.
    pub field: Arc<Damaged>,
    /// The sampler.
    pub program: Program,
    /// Engine, particles, confidence, seed.
    pub settings: Settings,
    /// What a learned score was learned from.
    pub lesson: Option<Arc<Lesson>>,
    facts: Facts,
}

/// The divergences that are infinite between singular laws.
const SINGULAR: [Divergence; 4] = [Divergence::Kl, Divergence::KlReverse, Divergence::ChiSquared, Divergence::Renyi2];

/// [`NoiseLevel::key`].
type LevelKey = (u64, u64);

/// A number, or why there is none.
type Answer = Result<Measured, String>;

/// What was computed already.
#[derive(Default)]
struct Facts {
    constants: OnceLock<Arc<Constants>>,
    elsewhere: Mutex<HashMap<LevelKey, Arc<Constants>>>,
    route: OnceLock<Result<Route, String>>,
    way: OnceLock<Result<Route, String>>,
    reverse_path: OnceLock<Result<ReversePath, String>>,
    realised: OnceLock<Result<Realised, String>>,
    hessians: Mutex<HashMap<LevelKey, Result<f64, String>>>,
    start: Mutex<HashMap<(LevelKey, Divergence), Answer>>,
    levels: Mutex<HashMap<(LevelKey, LevelKey, Divergence), Answer>>,
    lmc: OnceLock<Result<Lmc, String>>,
    output: OnceLock<Result<Carried, String>>,
    twin: OnceLock<Result<Carried, String>>,
    path: OnceLock<Result<PathError, String>>,
    twin_path: OnceLock<Result<PathError, String>>,
    twin_chi: OnceLock<Result<ChiPath, String>>,
    measured: Mutex<HashMap<(Pair, Divergence), Answer>>,
}

/// Which two laws are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pair {
    /// q_0 against p.
    StartTarget,
    /// q_N against p.
    OutputTarget,
    /// The output of the error-free chain against p.
    TwinTarget,
    /// q_N against the output of the error-free chain.
    OutputTwin,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pair::StartTarget => "q_0 and p",
            Pair::OutputTarget => "q_N and p",
            Pair::TwinTarget => "the error-free q_N and p",
            Pair::OutputTwin => "q_N and the error-free q_N",
        })
    }
}

/// Why a target has no law that could be compared.
fn no_density(level: NoiseLevel) -> String {
    format!("the target has no density in closed form at sigma = {}", level.sigma)
}

impl Instance {
    /// An instance with nothing computed yet.
    #[must_use]
    pub fn new(
        target: Arc<dyn Target>,
        level: NoiseLevel,
        start: Start,
        field: Arc<Damaged>,
        program: Program,
        settings: Settings,
    ) -> Self {
        Self { target, level, start, field, program, settings, lesson: None, facts: Facts::default() }
    }

    /// The same situation with what its score was learned from.
    #[must_use]
    pub fn with_lesson(self, lesson: Option<Arc<Lesson>>) -> Self {
        Self { lesson, ..self }
    }

    /// The same situation with another sampler.
    #[must_use]
    pub fn with_program(&self, program: Program) -> Self {
        let (target, field) = (Arc::clone(&self.target), Arc::clone(&self.field));
        Self::new(target, self.level, self.start.clone(), field, program, self.settings)
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.target.dim()
    }

    /// The constants of the target at the level.
    #[must_use]
    pub fn constants(&self) -> &Constants {
        self.facts.constants.get_or_init(|| self.constants_at(self.level))
    }

    /// The constants of the target at any level.
    #[must_use]
    pub fn constants_at(&self, level: NoiseLevel) -> Arc<Constants> {
        let known = self.facts.elsewhere.lock().unwrap_or_else(PoisonError::into_inner).get(&level.key()).cloned();
        known.unwrap_or_else(|| {
            let found = Arc::new(self.target.constants(level));
            let mut all = self.facts.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(level.key(), Arc::clone(&found));
            found
        })
    }

    /// The program as a way through noise levels that ends at the level of the instance, every step adding noise.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn route(&self) -> Result<&Route, String> {
        let read = || Route::read(&self.program, Some(self.level))?.with_given_score()?.with_noise_only();
        self.facts.route.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// The program as a way through noise levels that ends where its last step leads, whatever the output is compared with.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn way(&self) -> Result<&Route, String> {
        self.facts
            .way
            .get_or_init(|| Route::read(&self.program, None)?.with_given_score())
            .as_ref()
            .map_err(Clone::clone)
    }

    /// What LLT-12 asks about the levels the program runs through.
    ///
    /// # Errors
    /// As [`ReversePath::of`].
    pub fn reverse_path(&self) -> Result<&ReversePath, String> {
        self.facts.reverse_path.get_or_init(|| ReversePath::of(self)).as_ref().map_err(Clone::clone)
    }

    /// The network of the lesson before training, with its tangent kernel.
    ///
    /// # Errors
    /// As [`Realised::of`].
    pub fn realised(&self) -> Result<&Realised, String> {
        self.facts.realised.get_or_init(|| Realised::of(self)).as_ref().map_err(Clone::clone)
    }

    /// An upper bound of L; `+inf` when there is none.
    #[must_use]
    pub fn smoothness(&self) -> f64 {
        self.constants().lipschitz.value.hi()
    }

    /// An upper bound of C_LS; `+inf` when there is none.
    #[must_use]
    pub fn lsi(&self) -> f64 {
        self.constants().lsi.value.hi()
    }

    /// The program as Langevin Monte Carlo at the level of the target.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn lmc(&self) -> Result<&Lmc, String> {
        self.facts.lmc.get_or_init(|| as_lmc(&self.program, self.level)).as_ref().map_err(Clone::clone)
    }

    /// The program as Langevin Monte Carlo with the truncated score at the level of the target, and the truncation.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn truncated_lmc(&self) -> Result<(Lmc, &Truncation), String> {
        let truncation = self.field.truncation.as_ref().ok_or("the score is not truncated")?;
        let all = self.program.blocks.iter().all(|b| b.kernel.drift.scores().all(|at| at.truncated));
        if !all {
            return Err("a step asks for the score as it is, without the truncation".into());
        }
        Ok((as_lmc(&self.program.untruncated(), self.level)?, truncation))
    }

    /// d, L, C and h, the constants at their upper ends.
    ///
    /// # Errors
    /// When the program is not Langevin Monte Carlo.
    pub fn setting(&self) -> Result<Setting, String> {
        Ok(self.setting_at(self.level, self.lmc()?.step))
    }

    /// d, L, C and h for steps of this size at any level, the constants at their upper ends.
    #[must_use]
    pub fn setting_at(&self, level: NoiseLevel, step: f64) -> Setting {
        let constants = self.constants_at(level);
        Setting::new(self.dim() as f64, constants.lipschitz.value.hi(), constants.lsi.value.hi(), step)
    }

    /// The same with the constants at their lower ends where these are proved, 0 where they are not: what fails here fails.
    ///
    /// # Errors
    /// When the program is not Langevin Monte Carlo.
    pub fn setting_least(&self) -> Result<Setting, String> {
        Ok(self.setting_least_at(self.level, self.lmc()?.step))
    }

    /// The same for steps of this size at any level.
    #[must_use]
    pub fn setting_least_at(&self, level: NoiseLevel, step: f64) -> Setting {
        let least = |c: &Constant| if c.lower.evidence.is_proved() { c.value.lo() } else { 0.0 };
        let constants = self.constants_at(level);
        Setting::new(self.dim() as f64, least(&constants.lipschitz), least(&constants.lsi), step)
    }

    /// N.
    ///
    /// # Errors
    /// When the program is not Langevin Monte Carlo.
    pub fn steps(&self) -> Result<u64, String> {
        Ok(self.lmc()?.steps)
    }

    /// p at the level in closed form.
    ///
    /// # Errors
    /// When it has none.
    pub fn density(&self) -> Result<Density, String> {
        self.density_at(self.level)
    }

    /// p at any level in closed form.
    ///
    /// # Errors
    /// When it has none.
    pub fn density_at(&self, level: NoiseLevel) -> Result<Density, String> {
        let errors = self.target.stand_in(level);
        if !errors.terms().is_empty() {
            return Err(format!(
                "the target has no closed form at sigma = {}: a mixture stands in for it, {:.1e} from it in total variation",
                level.sigma,
                errors.total()
            ));
        }
        self.target.density(level).ok_or_else(|| no_density(level))
    }

    /// What a hypothesis that asks for a closed form of p is where there is none: it fails, but where a mixture stands in for p,
    /// which is no proof of anything, it is open.
    #[must_use]
    pub fn without_closed_form(&self, level: NoiseLevel, why: String) -> Holds {
        match self.target.stand_in(level).terms().is_empty() {
            true => Holds::No(why),
            false => Holds::unknown(why, "a closed form of the law"),
        }
    }

    /// Whether p has a density at a level, in closed form or not: under noise it always has.
    ///
    /// # Errors
    /// When it has none, or none that is known.
    pub fn has_density_at(&self, level: NoiseLevel) -> Result<(), String> {
        let there = level.sigma > 0.0 || self.target.density(level).is_some();
        there.then_some(()).ok_or_else(|| no_density(level))
    }

    /// p at any level as a law in the factorisation and frame of `like`, with the errors of what stands in for it.
    fn law_at(&self, level: NoiseLevel, like: &Law) -> Result<Law, String> {
        let p = self.target.density(level).ok_or_else(|| no_density(level))?;
        let law = align(&p, like).map_err(|why| why.to_string())?;
        Ok(law.known_up_to(self.target.stand_in(level)))
    }

    /// An upper bound of the largest eigenvalue of `Hess ln p` at a level; `+inf` where none is known.
    ///
    /// # Errors
    /// When the target has no closed form at the level, or nothing is known of its Hessian.
    pub fn hessian_at(&self, level: NoiseLevel) -> Result<f64, String> {
        let known = self.facts.hessians.lock().unwrap_or_else(PoisonError::into_inner).get(&level.key()).cloned();
        known.unwrap_or_else(|| {
            let found = self.density_at(level).and_then(|p| Ok(-convexity(&p)?.least.lo()));
            self.facts.hessians.lock().unwrap_or_else(PoisonError::into_inner).insert(level.key(), found.clone());
            found
        })
    }

    /// The start as a law: in the representation of the engine that carries it, in closed form where that is particles.
    ///
    /// # Errors
    /// When it has no closed form.
    pub fn start_law(&self) -> Result<Law, String> {
        match Walk::new(self, &self.program).map(|walk| walk.law) {
            Ok(planned) if !matches!(planned, Law::Particles(_)) => Ok(planned),
            _ => Law::closed(&self.start).map_err(|why| why.to_string()),
        }
    }

    /// The field as kernels see it.
    #[must_use]
    pub fn score(&self) -> &dyn ScoreField {
        &*self.field
    }

    /// The law of a program's output from this start.
    ///
    /// # Errors
    /// The refusals of all engines, or why the chosen one stopped.
    pub fn carried(&self, program: &Program) -> Result<Carried, String> {
        let start = Walk::new(self, program)?.law;
        carry(start, program, self.score(), &self.settings).map_err(|e| e.to_string())
    }

    /// Why exact engines gave up while they carried the output; empty as long as it was not asked for.
    #[must_use]
    pub fn gave_up(&self) -> &[Unsupported] {
        match self.facts.output.get() {
            Some(Ok(output)) => &output.refused,
            _ => &[],
        }
    }

    /// The engine that carries the output: particles once the planned one gave up on the way; `None` when none can, or there
    /// are no steps.
    #[must_use]
    pub fn engine(&self) -> Option<Engine> {
        if self.program.steps() == 0 {
            return None;
        }
        // The plan for one particle is cheap and the same.
        let settings = Settings { particles: 1, ..self.settings };
        let planned = plan(&self.start, &self.program, self.score(), &settings).ok()?.engine;
        Some(if self.gave_up().is_empty() { planned } else { Engine::Particles })
    }

    /// q_N.
    ///
    /// # Errors
    /// The refusals of all engines, or why the chosen one stopped.
    pub fn output(&self) -> Result<&Law, String> {
        let output = self.facts.output.get_or_init(|| self.carried(&self.program));
        output.as_ref().map(|carried| &carried.law).map_err(Clone::clone)
    }

    /// The output of the error-free chain.
    ///
    /// # Errors
    /// The refusals of all engines, or why the chosen one stopped.
    pub fn twin(&self) -> Result<&Law, String> {
        if self.is_exact() {
            return self.output();
        }
        let twin = self.facts.twin.get_or_init(|| self.carried(&self.program.clean()));
        twin.as_ref().map(|carried| &carried.law).map_err(Clone::clone)
    }

    /// A divergence of two of the laws this instance knows.
    ///
    /// # Errors
    /// When a law or the divergence has no engine.
    pub fn between(&self, pair: Pair, kind: Divergence) -> Result<Measured, String> {
        let known = self.facts.measured.lock().unwrap_or_else(PoisonError::into_inner).get(&(pair, kind)).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = self.measure(pair, kind);
        self.facts.measured.lock().unwrap_or_else(PoisonError::into_inner).insert((pair, kind), found.clone());
        found
    }

    fn measure(&self, pair: Pair, kind: Divergence) -> Result<Measured, String> {
        match pair {
            // Atoms and a density are singular to each other.
            Pair::StartTarget if matches!(self.start, Start::Points(_)) && SINGULAR.contains(&kind) => {
                self.density().map(|_| Measured::exact(Interval::INFINITY))
            }
            Pair::StartTarget => self.to_target(&self.start_law()?, kind),
            Pair::OutputTarget => self.to_target(self.output()?, kind),
            Pair::TwinTarget => self.to_target(self.twin()?, kind),
            // The two chains are the same program: whatever its law, it is at distance 0 from itself.
            Pair::OutputTwin if self.is_exact() => Ok(Measured::exact(Interval::ZERO)),
            Pair::OutputTwin => {
                let (output, twin) = (self.output()?, self.twin()?);
                // The error-free chain may be carried by a cheaper engine; where the two representations cannot be
                // compared it is carried by the engine of the other.
                kind.between(output, twin).or_else(|why| {
                    let mut walk = Walk::new(self, &self.program)?;
                    walk.run(&self.program.clean())?;
                    kind.between(output, &walk.law).map_err(|_| why.to_string())
                })
            }
        }
    }

    /// D(q, p) of a law on this instance's space and its target.
    ///
    /// # Errors
    /// When there is no engine for the pair.
    pub fn to_target(&self, q: &Law, kind: Divergence) -> Result<Measured, String> {
        self.to_level(q, self.level, kind)
    }

    /// D(q, p_level) of a law on this instance's space and its target at any level.
    ///
    /// # Errors
    /// When there is no engine for the pair.
    pub fn to_level(&self, q: &Law, level: NoiseLevel, kind: Divergence) -> Result<Measured, String> {
        let p = match self.target.data() {
            // Without noise there are W2 and divergences of singular laws also where there is no density.
            Some(data) if level.is_data() && data.has_atoms() => align_data(&data, q).map_err(|e| e.to_string())?,
            _ => self.law_at(level, q)?,
        };
        kind.between(q, &p).map_err(|e| e.to_string())
    }

    /// D(q_0, p_level) of the start and the target at any level, for example the one at which a sampler takes its first score.
    ///
    /// # Errors
    /// When there is no engine for the pair.
    pub fn start_to(&self, level: NoiseLevel, kind: Divergence) -> Result<Measured, String> {
        let key = (level.key(), kind);
        let known = self.facts.start.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = match &self.start {
            // Atoms and a density are singular to each other.
            Start::Points(_) if SINGULAR.contains(&kind) => {
                self.density_at(level).map(|_| Measured::exact(Interval::INFINITY))
            }
            start => {
                let law = Law::closed(start).map_err(|why| why.to_string());
                law.and_then(|law| self.to_level(&law, level, kind))
            }
        };
        self.facts.start.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        found
    }

    /// D(p_from, p_to) of the target at two levels.
    ///
    /// # Errors
    /// When there is no engine for the pair.
    pub fn between_levels(&self, from: NoiseLevel, to: NoiseLevel, kind: Divergence) -> Result<Measured, String> {
        let key = (from.key(), to.key(), kind);
        let known = self.facts.levels.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let law = self.target.density(from).ok_or_else(|| no_density(from));
            let law = law.map(|p| Law::Closed(p).known_up_to(self.target.stand_in(from)));
            let found = law.and_then(|law| self.to_level(&law, to, kind));
            self.facts.levels.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
            found
        })
    }

    /// D(q_N, p), the quantity most theorems speak of.
    ///
    /// # Errors
    /// As [`Instance::between`].
    pub fn divergence(&self, kind: Divergence) -> Result<Measured, String> {
        self.between(Pair::OutputTarget, kind)
    }

    /// `E_{q_k}|e|^2` along the chain.
    ///
    /// # Errors
    /// When it is neither computed nor bounded.
    pub fn path_error(&self) -> Result<&PathError, String> {
        self.facts.path.get_or_init(|| path_error(self, &self.program)).as_ref().map_err(Clone::clone)
    }

    /// `E_{q_k^0}|e|^2` along the error-free chain, 0 in the steps in which the chain itself sees no error.
    ///
    /// # Errors
    /// When it is neither computed nor bounded.
    pub fn twin_path_error(&self) -> Result<&PathError, String> {
        self.facts.twin_path.get_or_init(|| path_error(self, &self.program.clean())).as_ref().map_err(Clone::clone)
    }

    /// Bounds of `chi2(q_k^0 | p)`, k = 0, ..., N, along the error-free chain.
    ///
    /// # Errors
    /// When it is neither computed nor bounded.
    pub fn twin_chi(&self) -> Result<&ChiPath, String> {
        self.facts.twin_chi.get_or_init(|| chi_path(self)).as_ref().map_err(Clone::clone)
    }
}
