//! One question without a sweep: target, process, error, start, sampler, measure; and the instance it poses.

use super::error::Flaw;
use super::fields::Fields;
use super::files::Files;
use super::law::{self, LAWS, Surroundings};
use super::learned::{self, LearnedSpec};
use super::measure::{self, Against, Measure};
use super::posed::Posed;
use super::process;
use super::sampler::{self, Route, SamplerKind, SamplerSpec, Schedule, TruncateSpec};
use super::score_error::{self, Confined, ERRORS, ErrorSpec, SizeSpec};
use super::table::{self, Provenance};
use super::tree::{Node, Span};
use crate::bounds::lee_lu_tan_2022::{Goal, PRESCRIBERS, Prescription, prescription};
use crate::bounds::{Instance, Pair};
use crate::divergences::Divergence;
use crate::laws::{Settings, Start};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::{Program, lmc};
use crate::scores::learned::{Lesson, LessonError};
use crate::scores::{CalibrateError, Damaged, Size, calibrate};
use crate::targets::{Data, Density, Gaussian, Noised, Target};
use nalgebra::DVector;
use std::collections::HashSet;
use std::sync::Arc;

/// The most distinct rows of a table that a sampler runs to: its density under noise has a component for each.
const MOST_SAMPLED: usize = 5000;

/// Where a sampler starts, as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub enum StartSpec {
    /// A law.
    Law(Data),
    /// The target at the sampler's first noise level.
    Target,
    /// The process' prior.
    Prior,
    /// `N(alpha E X, sigma^2 I)` at the first noise level.
    Warm,
}

/// One question.
#[derive(Clone)]
pub struct Question {
    /// The target before noise, with its place.
    pub target: (Data, Span),
    /// The table that it is the law of, if it is one.
    pub table: Option<Provenance>,
    /// The forward process.
    pub process: Process,
    /// The score error.
    pub error: Option<ErrorSpec>,
    /// The learned score that takes the place of the exact one.
    pub score: Option<LearnedSpec>,
    /// The start, with its place.
    pub start: (StartSpec, Span),
    /// The sampler; `None`: the output law is the start.
    pub sampler: Option<SamplerSpec>,
    /// What is measured.
    pub measure: Measure,
}

/// The keys of a spec that belong to its question.
pub const QUESTION_KEYS: [&str; 8] = ["target", "data", "process", "error", "score", "start", "sampler", "measure"];

impl Question {
    /// Reads the question of a spec; `files` are those it may name.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read(fields: &mut Fields<'_>, files: &Files) -> Result<Self, Flaw> {
        for key in QUESTION_KEYS {
            let _ = fields.maybe(key);
        }
        let (target, table) = target(fields, files)?;
        let dim = target.0.dim();
        let horizon = fields.maybe("sampler").and_then(sampler::horizon);
        let process = fields.maybe("process").map(|node| process::process(node, horizon)).transpose()?;
        let error = match fields.maybe("error") {
            None => None,
            Some(node) => {
                let (kind, inner) = Fields::of(node, "error")?.only(&ERRORS)?;
                score_error::read(kind, inner, dim)?
            }
        };
        if let (Some(_), Some(node), Data::Points(p)) = (fields.maybe("data"), fields.maybe("sampler"), &target.0)
            && p.points.len() > MOST_SAMPLED
        {
            let found = format!("a sampler to the law of a table with {} distinct rows", p.points.len());
            let help = format!(
                "at most {MOST_SAMPLED}, which takes minutes: limit `data.csv.rows`, or learn a score without a sampler"
            );
            return Err(Flaw::new(&node.span, found, help));
        }
        let score = fields.maybe("score").map(|node| learned::read(node, &target.0, files)).transpose()?;
        if let (Some(score), Some(error)) = (&score, &error) {
            let found = "`error` beside `score`: a learned score has its own error";
            let later = if error.span.start > score.span.start { &error.span } else { &score.span };
            return Err(Flaw::new(later, found, "drop one of the two tables"));
        }
        let sampler = fields.maybe("sampler");
        let sampler = sampler.map(|node| sampler::read(node, dim, process.as_ref())).transpose()?;
        let process = process.or_else(|| sampler.as_ref().map(SamplerSpec::default_process)).unwrap_or(Process::Ou);
        let start = match (fields.maybe("start"), &sampler) {
            (Some(node), _) => start(node, dim)?,
            (None, None) if score.as_ref().is_some_and(LearnedSpec::is_trained) => {
                (StartSpec::Prior, fields.span.clone())
            }
            (None, Some(SamplerSpec { kind, span, .. })) if !matches!(kind, SamplerKind::Lmc(_)) => {
                (StartSpec::Prior, span.clone())
            }
            (None, _) => {
                let help = "for example [start.gaussian], [start.target], [start.prior] or [start.warm]";
                return Err(Flaw::new(&fields.span, "the spec has no `start`", help));
            }
        };
        let measure = fields.maybe("measure").map_or(Ok(Measure::default()), measure::measure)?;
        if let Some(span) =
            measure.learning_span.as_ref().filter(|_| !score.as_ref().is_some_and(LearnedSpec::is_trained))
        {
            let (found, help) = match score {
                Some(_) => (
                    "`measure.learning` asks for the errors of learning, which are not measured of a score from a file",
                    "leave `learning` out (`eval` prints the size of its error as `epsilon`), or learn it here: `samples` \
                     and what belongs to them in the place of `file`",
                ),
                None => (
                    "`measure.learning` asks for the errors of learning, but no score is learned",
                    "add [score.learned] with `samples`, or leave `learning` out",
                ),
            };
            return Err(Flaw::new(span, found, help));
        }
        Ok(Self { target, table, process, error, score, start, sampler, measure })
    }

    /// Reads the target alone, of a spec that asks no question.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn read_target(fields: &mut Fields<'_>, files: &Files) -> Result<Data, Flaw> {
        Ok(target(fields, files)?.0.0)
    }

    /// The instance this question poses.
    ///
    /// # Errors
    /// What makes it impossible, at the place in the spec that says so.
    pub fn pose(&self, seed: u64) -> Result<Posed, Flaw> {
        let measure = &self.measure;
        let settings = Settings {
            engine: measure.engine.as_ref().map(|(engine, _)| *engine),
            particles: measure.particles,
            confidence: measure.confidence,
            seed,
        };
        let lesson = self.score.as_ref().map_or(Ok(None), |score| score.lesson(seed))?;
        let (instance, names, prescribed) = match self.sampler.as_ref().and_then(|s| s.route(&self.process)) {
            Some(route) => self.along(route, settings, lesson.as_deref())?,
            None if self.sampler.is_none() && lesson.is_some() => self.unsampled(settings)?,
            None => self.at_one_level(settings, lesson.as_deref())?,
        };
        let instance = instance.with_lesson(lesson);
        let is_product = |law: &Data| matches!(law, Data::Density(Density::Product(_)) | Data::Product(_));
        let posed = Posed {
            instance,
            names,
            prescribed: prescribed.zip(self.promised()),
            product: is_product(&self.target.0) || matches!(&self.start.0, StartSpec::Law(law) if is_product(law)),
            table: self.table.clone(),
            measure: measure.clone(),
            sampler: self.sampler.as_ref().map(|s| s.span.clone()),
            target: self.target.1.clone(),
        };
        posed.check_memory()?;
        Ok(posed)
    }

    /// The same question without its sampler, where learning came to nothing that could be handed to one, and why it did.
    #[must_use]
    pub fn unlearned(self, seed: u64) -> Option<(Posed, String)> {
        let lesson = self.score.as_ref().filter(|_| self.sampler.is_some())?.lesson(seed).ok()??;
        let why = lesson.steps_made().err().filter(|why| *why != LessonError::Exact)?;
        let posed = Self { sampler: None, ..self }.pose(seed).ok()?;
        Some((posed, format!("the score cannot be learned: {why}")))
    }

    /// That the process runs as long as this.
    fn in_time(&self, time: f64) -> Result<(), Flaw> {
        let end = self.process.end();
        if time < end {
            return Ok(());
        }
        let span = self.sampler.as_ref().map_or(&self.target.1, |s| &s.span);
        let found = format!("the sampler needs the process up to time {time}, but its rate falls to 0 at {end}");
        Err(Flaw::new(span, found, "raise `beta-max`, or let [process.vp] have a later `horizon`"))
    }

    /// The target at a level, or why it has no density there.
    fn density(&self, level: NoiseLevel, help: &str) -> Result<Density, Flaw> {
        self.target.0.noised(level).ok_or_else(|| {
            if let Some((found, help)) = boxed(&self.target.0, level) {
                return Flaw::new(&self.target.1, found, help);
            }
            if !self.target.0.has_atoms() || level.sigma > 0.0 {
                let found = format!(
                    "the target at alpha = {}, sigma = {} cannot be formed in double precision",
                    level.alpha, level.sigma
                );
                let help =
                    "its covariance is too close to singular, or its parameters are too large for this noise level";
                return Flaw::new(&self.target.1, found, help);
            }
            Flaw::new(&self.target.1, format!("discrete points have no density at sigma = {}", level.sigma), help)
        })
    }

    /// A score that is learned and handed to no sampler: the instance has no steps.
    fn unsampled(&self, settings: Settings) -> Result<(Instance, Names, Option<Prescription>), Flaw> {
        let target: Arc<dyn Target> = Arc::new(self.target.0.clone());
        let unit = Gaussian::isotropic(DVector::zeros(target.dim()), 1.0);
        let unit = unit.map_err(|why| Flaw::new(&self.target.1, why.to_string(), ""))?;
        let start = Start::Density(Density::Gaussian(unit));
        let field = Arc::new(Damaged::exact(Arc::clone(&target)));
        let program = Program::default();
        Ok((Instance::new(target, NoiseLevel::DATA, start, field, program, settings), Vec::new(), None))
    }

    /// Langevin Monte Carlo, or no sampler at all.
    ///
    /// It knows one noise level only, so the target noised to that level is the target it is compared with, and the instance
    /// is posed at that law's own level; the target keeps the law before noise for its constants.
    fn at_one_level(
        &self,
        settings: Settings,
        lesson: Option<&Lesson>,
    ) -> Result<(Instance, Names, Option<Prescription>), Flaw> {
        if let Against::EarlyStopped(span) = &self.measure.against {
            let found = "`measure.against` is \"early-stopped\", but the sampler does not stop early";
            return Err(Flaw::new(span, found, "samplers that run through noise levels have an early-stopped target"));
        }
        let time = match &self.sampler {
            Some(SamplerSpec { kind: SamplerKind::Lmc(spec), .. }) => spec.time,
            _ => 0.0,
        };
        self.in_time(time)?;
        let level = self.process.level(time);
        let help = match self.sampler {
            Some(_) => "set `time` > 0 in [sampler.lmc], so that sigma > 0",
            None => "they need a sampler that works at a noise level with sigma > 0",
        };
        let at_level = self.density(level, help)?;
        let start = self.start(level, &at_level)?;
        let noised = (!level.is_data()).then(|| Noised::new(self.target.0.clone(), level)).flatten();
        let target: Arc<dyn Target> = match noised {
            Some(noised) => Arc::new(noised),
            None => Arc::new(at_level),
        };
        let (schedule, prescribed) = self.schedule(&target, &start, settings)?;
        let program = match schedule {
            None => self.without_steps()?,
            Some((step, steps)) => {
                let program = lmc(step, steps, NoiseLevel::DATA);
                self.confined(if self.truncate().is_some() { program.truncated_first() } else { program })?
            }
        };
        let names = vec![(NoiseLevel::DATA, time)];
        let field = self.field(&target, &names, Some(level), prescribed.as_ref(), (lesson, settings.seed))?;
        let field = Arc::new(self.truncated(field, level, NoiseLevel::DATA)?);
        let instance = Instance::new(target, NoiseLevel::DATA, start, field, program, settings);
        Ok((instance, names, prescribed))
    }

    /// A sampler that runs through noise levels: the target is the law before noise, and the score is asked for at each level.
    fn along(
        &self,
        route: Route,
        settings: Settings,
        lesson: Option<&Lesson>,
    ) -> Result<(Instance, Names, Option<Prescription>), Flaw> {
        let (level, help) = match self.measure.against {
            Against::Target => {
                (NoiseLevel::DATA, "set `measure.against = \"early-stopped\"` and stop early, or measure `w2`")
            }
            Against::EarlyStopped(_) => (route.last, "stop early: with sigma > 0 at the last level"),
        };
        if !matches!(self.sampler, Some(SamplerSpec { kind: SamplerKind::Annealed(_), .. })) {
            self.in_time(route.names.iter().fold(0.0, |last, (_, time)| time.max(last)))?;
        }
        let help_first = "the score is asked for at this level";
        // There is W2 to atoms; other divergences say for themselves that there is no density.
        if !(level.is_data() && self.target.0.has_atoms() && self.measure.divergences.contains(&Divergence::W2)) {
            self.density(level, help)?;
        }
        let start = self.start(route.first, &self.density(route.first, help_first)?)?;
        let used: HashSet<_> = route.program.levels().into_iter().map(NoiseLevel::key).collect();
        let names: Names = route.names.iter().filter(|(level, _)| used.contains(&level.key())).copied().collect();
        let target: Arc<dyn Target> = Arc::new(self.target.0.clone());
        let field = self.field(&target, &names, None, None, (lesson, settings.seed))?;
        let field = Arc::new(self.truncated(field, route.first, route.first)?);
        let program = self.confined(route.program)?;
        Ok((Instance::new(target, level, start, field, program, settings), names, None))
    }

    fn start(&self, level: NoiseLevel, target: &Density) -> Result<Start, Flaw> {
        let (spec, span) = &self.start;
        let dim = target.dim();
        // Noise about a point, which remembers the rounding of its level.
        let about = |mean: DVector<f64>| {
            let point = Gaussian::about(mean, level).map(|g| Start::Density(Density::Gaussian(g)));
            point.map_err(|_| {
                let help = "it needs a noise level with sigma > 0: set `time` > 0 in the sampler";
                Flaw::new(span, "this start has variance 0 at the sampler's first noise level", help)
            })
        };
        let start = match spec {
            StartSpec::Target if !self.target.0.stand_in(level).terms().is_empty() => {
                let found = "a box mixture under noise has no closed form to start from";
                return Err(Flaw::new(span, found, "for example [start.prior] or [start.warm]"));
            }
            StartSpec::Target => Start::Density(target.clone()),
            StartSpec::Prior if self.process.has_unit_prior() => {
                let unit = Gaussian::isotropic(DVector::zeros(dim), 1.0);
                Start::Density(Density::Gaussian(unit.map_err(|why| Flaw::new(span, why.to_string(), ""))?))
            }
            StartSpec::Prior => about(DVector::zeros(dim))?,
            StartSpec::Warm => about(self.target.0.mean())?,
            StartSpec::Law(law) => law.clone(),
        };
        if start.dim() != dim {
            let found = format!("the start has dimension {}, the target has {dim}", start.dim());
            return Err(Flaw::new(span, found, "make the two agree"));
        }
        Ok(start)
    }

    /// Step and steps, and the prescription they come from, if any.
    #[allow(clippy::type_complexity)]
    fn schedule(
        &self,
        target: &Arc<dyn Target>,
        start: &Start,
        settings: Settings,
    ) -> Result<(Option<(f64, u64)>, Option<Prescription>), Flaw> {
        let schedule = match &self.sampler {
            Some(SamplerSpec { kind: SamplerKind::Lmc(spec), .. }) => Some(&spec.schedule),
            _ => None,
        };
        match schedule {
            None => Ok((None, None)),
            Some(Schedule::Given { step, steps }) => Ok((Some((*step, *steps)), None)),
            Some(Schedule::Prescribed { theorem, accuracy_tv, accuracy_chi, span }) => {
                let exact = Arc::new(Damaged::exact(Arc::clone(target)));
                let program = Program::default();
                let at = Instance::new(Arc::clone(target), NoiseLevel::DATA, start.clone(), exact, program, settings);
                let help = format!("see `scorebound show {theorem}`");
                let refuse = |why: String| Flaw::new(span, format!("no prescription: {why}"), help.clone());
                let chi2 = at.between(Pair::StartTarget, Divergence::ChiSquared).map_err(refuse)?;
                let goal = Goal {
                    dim: at.dim() as f64,
                    smoothness: at.smoothness(),
                    lsi: at.lsi(),
                    k_chi: chi2.value.sqrt().hi(),
                    eps_tv: *accuracy_tv,
                    eps_chi: *accuracy_chi,
                };
                let by =
                    PRESCRIBERS.iter().find(|(label, _)| label == theorem).map_or(prescription as _, |(_, by)| *by);
                let found = by(&goal).map_err(refuse)?;
                Ok((Some((found.step, found.steps)), Some(found)))
            }
        }
    }

    /// The distance from the target that a theorem promises at its prescription: `eps_TV + eps_chi/2`.
    fn promised(&self) -> Option<f64> {
        let SamplerKind::Lmc(spec) = &self.sampler.as_ref()?.kind else { return None };
        match spec.schedule {
            Schedule::Given { .. } => None,
            Schedule::Prescribed { accuracy_tv, accuracy_chi, .. } => Some(accuracy_tv + 0.5 * accuracy_chi),
        }
    }

    fn confined(&self, program: Program) -> Result<Program, Flaw> {
        let levels = program.levels();
        let (listed, total, what) = match self.error.as_ref().map(|e| &e.confined) {
            None | Some(Confined::Nowhere) => return Ok(program),
            Some(Confined::Steps(listed)) => (listed, program.steps(), "step"),
            Some(Confined::Levels(listed)) => (listed, levels.len() as u64, "level"),
        };
        if let Some((number, span)) = listed.iter().find(|(number, _)| *number >= total) {
            let found = format!("{what} {number} does not exist: the sampler has {total}");
            return Err(Flaw::new(span, found, format!("{what}s are counted from 0 to {}", total - 1)));
        }
        let numbers: Vec<u64> = listed.iter().map(|(number, _)| *number).collect();
        Ok(match what {
            "step" => program.confined_to(&numbers),
            _ => program.confined_to_levels(&numbers.iter().map(|&k| levels[k as usize]).collect::<Vec<_>>()),
        })
    }

    /// The empty program, to no part of which an error can be confined.
    fn without_steps(&self) -> Result<Program, Flaw> {
        let Some(error) = &self.error else { return Ok(Program::default()) };
        let (listed, key, what) = match &error.confined {
            Confined::Nowhere => return Ok(Program::default()),
            Confined::Steps(listed) => (listed, "at-steps", "steps"),
            Confined::Levels(listed) => (listed, "at-levels", "noise levels"),
        };
        let span = listed.first().map_or(&error.span, |(_, span)| span);
        let found = format!("`{key}` confines the error to {what} of a sampler, but the spec has no `sampler`");
        Err(Flaw::new(span, found, format!("add a sampler such as [sampler.lmc], or drop `{key}`")))
    }

    /// How the sampler truncates its score, if it does.
    fn truncate(&self) -> Option<&TruncateSpec> {
        self.sampler.as_ref()?.truncate.as_ref()
    }

    /// The field with the truncation that the sampler asks for, at `level`, which its steps call `asked`.
    fn truncated(&self, field: Damaged, level: NoiseLevel, asked: NoiseLevel) -> Result<Damaged, Flaw> {
        Ok(match self.truncate() {
            None => field,
            Some(spec) => field.with_truncation(spec.truncation(&self.target.0, level, asked)?),
        })
    }

    /// The damaged score at the levels the sampler uses. An instance posed at one level calls that level its data's own;
    /// `own` is then what it is in truth, whose sigma `per-sigma` needs.
    fn field(
        &self,
        target: &Arc<dyn Target>,
        names: &Names,
        own: Option<NoiseLevel>,
        prescribed: Option<&Prescription>,
        (lesson, seed): (Option<&Lesson>, u64),
    ) -> Result<Damaged, Flaw> {
        if let Some(score) = &self.score {
            return score.field((lesson, seed), target, &self.target.0, (names, own));
        }
        let Some(error) = &self.error else { return Ok(Damaged::exact(Arc::clone(target))) };
        let flaw = |found: String, help: &str| Flaw::new(&error.span, found, help);
        let size = match (error.size, prescribed) {
            (SizeSpec::Prescribed, Some(prescription)) => Size::Epsilon(prescription.epsilon),
            (SizeSpec::Prescribed, None) => {
                let help = "add `prescribed = { ... }` to [sampler.lmc], or give a number";
                return Err(flaw("`epsilon` is \"prescribed\", but nothing prescribes it".into(), help));
            }
            (SizeSpec::Given(Size::EpsilonPerSigma(_)), _)
                if names.iter().any(|(l, _)| own.unwrap_or(*l).sigma == 0.0) =>
            {
                let help = "drop `per-sigma`, or use no score at time 0: \
                            set `time` > 0 for lmc, `early-stop` > 0 for a corrector";
                return Err(flaw("`per-sigma` divides by sigma, which is 0 at time 0".into(), help));
            }
            (SizeSpec::Given(Size::EpsilonPerSigma(epsilon)), _) => match own {
                Some(own) => Size::Epsilon(epsilon / own.sigma),
                None => Size::EpsilonPerSigma(epsilon),
            },
            (SizeSpec::Given(size), _) => size,
        };
        let levels: Vec<NoiseLevel> = names.iter().map(|(level, _)| *level).collect();
        calibrate(Arc::clone(target), Arc::clone(&error.shape), size, &levels).map_err(|why| {
            let help = match why {
                CalibrateError::Vanishes { .. } => {
                    "use `amplitude`, or an error that is not negligible under the target"
                }
                _ => "see the documentation of score errors",
            };
            flaw(format!("the score error cannot be calibrated: {why}"), help)
        })
    }
}

/// Why a box mixture, or a product with one, has no law at a level that an engine knows, and what to do.
fn boxed(data: &Data, level: NoiseLevel) -> Option<(String, &'static str)> {
    match data {
        Data::Box(_) if level.sigma == 0.0 => Some((
            "a box mixture has jumps at the sides of its box, which no engine carries at sigma = 0".into(),
            "stop early and set `measure.against = \"early-stopped\"`, or set `time` > 0 in [sampler.lmc]",
        )),
        Data::Box(p) if p.runs().iter().any(|run| run.dim > 1) => Some((
            "no engine knows the law of a box mixture under noise whose coordinates hang together".into(),
            "its score can be learned ([score.learned] without a sampler); samplers need one coordinate, or one component",
        )),
        Data::Box(_) => Some((
            format!("a box mixture at sigma = {} takes too many nodes of quadrature", level.sigma),
            "noise and components must be wider than about a hundredth of the box",
        )),
        Data::Product(factors) => {
            factors.iter().find_map(|(factor, _)| boxed(factor, level).filter(|_| factor.noised(level).is_none()))
        }
        Data::Density(_) | Data::Points(_) => None,
    }
}

/// The target with its place, a law or that of a table with what was made of it.
#[allow(clippy::type_complexity)]
fn target(fields: &mut Fields<'_>, files: &Files) -> Result<((Data, Span), Option<Provenance>), Flaw> {
    let Some(node) = fields.maybe("data") else {
        let node = fields.need("target", "a table such as [target.gaussian]")?;
        let (kind, inner) = Fields::of(node, "target")?.only(&LAWS)?;
        let law = law::read(kind, inner, "target", Surroundings::default())?;
        return Ok(((law, inner.span.clone()), None));
    };
    if fields.maybe("target").is_some() {
        let found = "`data` beside `target`: the law of the table is the target";
        return Err(Flaw::new(&node.span, found, "drop one of the two"));
    }
    let (_, inner) = Fields::of(node, "data")?.only(&["csv"])?;
    let (law, table) = table::read(inner, files)?;
    Ok(((Data::Points(law), inner.span.clone()), Some(table)))
}

/// The levels at which a sampler uses the score, and what they are called.
pub type Names = Vec<(NoiseLevel, f64)>;

fn start(node: &Node, dim: usize) -> Result<(StartSpec, Span), Flaw> {
    let kinds: Vec<&'static str> = LAWS.into_iter().chain(["target", "prior", "warm"]).collect();
    let (kind, inner) = Fields::of(node, "start")?.only(&kinds)?;
    let spec = match kind {
        "target" => StartSpec::Target,
        "prior" => StartSpec::Prior,
        "warm" => StartSpec::Warm,
        law => StartSpec::Law(law::read(law, inner, "start", Surroundings { dim: Some(dim), rest: true })?),
    };
    if !matches!(spec, StartSpec::Law(_)) {
        Fields::of(inner, format!("start.{kind}"))?.finish()?;
    }
    Ok((spec, inner.span.clone()))
}
