//! Learned scores in specs: `[score.learned]`, from a file or trained on the spot.

use super::error::Flaw;
use super::fields::{Fields, suggestion};
use super::files::Files;
use super::question::Names;
use super::tree::{Node, Span};
use crate::processes::{NoiseLevel, Process};
use crate::scores::Damaged;
use crate::scores::learned::{
    Design, Estimate, Learner, Lesson, Precision, Regime, Ridge, Start, Stop, Task, TimeMeasure, learned,
};
use crate::targets::{BoundedData, Data, Target};
use std::sync::Arc;

/// The path of the name of a file in specs.
pub const FILE: &str = "score.learned.file";
/// The path of the number of samples.
pub const SAMPLES: &str = "score.learned.samples";
/// The path of the width of the network.
pub const WIDTH: &str = "score.learned.width";

/// A learned score as a spec describes it.
#[derive(Clone)]
pub struct LearnedSpec {
    /// Where it comes from.
    pub from: From,
    /// The table's place.
    pub span: Span,
}

/// Where a learned score comes from.
#[derive(Clone)]
pub enum From {
    /// A file.
    File(Arc<Estimate>),
    /// A training set drawn from the target.
    Task(Box<Task>),
}

/// Reads `[score.learned]` for a target; `files` are those a spec may name.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, data: &Data, files: &Files) -> Result<LearnedSpec, Flaw> {
    let (_, inner) = Fields::of(node, "score")?.only(&["learned"])?;
    let mut fields = Fields::of(inner, "score.learned")?;
    let from = match fields.maybe("file") {
        Some(file) => {
            let others = inner.table().into_iter().flatten().find(|(key, _)| key.name != "file");
            if let Some((key, other)) = others {
                let found = format!("`score.learned.{}` beside `file`", key.name);
                return Err(Flaw::new(&other.span, found, "a score is read from a file or learned: drop one"));
            }
            From::File(Arc::new(load(file, data, files)?))
        }
        None => From::Task(Box::new(task(&mut fields, data)?)),
    };
    fields.finish()?;
    Ok(LearnedSpec { from, span: inner.span.clone() })
}

/// The estimate in a file.
fn load(file: &Node, data: &Data, files: &Files) -> Result<Estimate, Flaw> {
    let dim = data.dim();
    let (name, text) = files.text(file, FILE, "JSON")?;
    let flaw = |found: String, help: &str| Flaw::new(&file.span, found, help);
    let estimate = Estimate::parse(&text)
        .map_err(|e| flaw(format!("`{name}` cannot be used: {e}"), "docs/spec.md says what such a file holds"))?;
    if estimate.dim() != dim {
        let found = format!("the score in `{name}` is of dimension {}, the target of {dim}", estimate.dim());
        return Err(flaw(found, "make the two agree"));
    }
    let (radius, reach) = (estimate.radius(), data.reach());
    if !reach.is_finite() {
        let found = format!(
            "the score in `{name}` is made of an estimate within a ball of radius {radius}, but no ball holds the target"
        );
        return Err(flaw(
            found,
            "expected bounded data: [target.points], [target.box-mixture], products of these or [data.csv]",
        ));
    }
    if (radius - reach).abs() > SLACK * reach {
        let found =
            format!("the score in `{name}` is projected onto a ball of radius {radius}, the target's is {reach}");
        return Err(flaw(found, "set `radius` to that of the target's smallest ball about 0"));
    }
    Ok(estimate)
}

/// One of several words under a key; the first of them without it.
fn word<T: Copy>(fields: &mut Fields<'_>, key: &'static str, words: &[(&'static str, T)]) -> Result<T, Flaw> {
    let path = fields.path(key);
    let Some((found, span)) = fields.text(key)? else { return Ok(words[0].1) };
    let names = words.iter().map(|(name, _)| *name);
    let known = words.iter().find(|(name, _)| *name == found);
    known.map(|(_, value)| *value).ok_or_else(|| {
        Flaw::new(span, format!("`{path}` is \"{found}\""), suggestion(found, names.collect::<Vec<_>>()))
    })
}

/// The most training samples and anchors: their Gram matrix and its eigenvectors take 8 n^2 bytes each.
const MOST_SAMPLES: u64 = 8192;
/// The most test points.
const MOST_TEST: u64 = 1_000_000;
/// The most steps, and the largest multiple of a stopping rule.
const MOST_STEPS: u64 = 1_000_000_000;
const MOST_TIMES: f64 = 1000.0;
/// The widest network.
const WIDEST: u64 = 1_000_000;

/// What times a score is learned for.
const TIMES: &str =
    "expected 0 < `early-stop` <= `horizon`, in time of the OU process; both the same: at a single time";

/// A whole number under a key between 1 and `most`.
fn size(fields: &mut Fields<'_>, key: &'static str, usual: u64, most: u64) -> Result<usize, Flaw> {
    let found = fields.count(key, 1)?.unwrap_or(usual);
    if found > most {
        let span = fields.maybe(key).map_or_else(|| fields.span.clone(), |node| node.span.clone());
        return Err(Flaw::new(&span, format!("`{}` is {found}", fields.path(key)), format!("at most {most}")));
    }
    Ok(found as usize)
}

/// What is trained.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Kernel,
    Network,
    Linearised,
    Exact,
}

/// When training stops, in words.
#[derive(Clone, Copy)]
enum Rule {
    CriticalRadius,
    Regression,
    Score,
}

fn task(fields: &mut Fields<'_>, data: &Data) -> Result<Task, Flaw> {
    let whole = fields.span.clone();
    let bounded = BoundedData::of(data).map_err(|why| {
        let help =
            "scores are learned from [target.points], [target.box-mixture], products of these or [data.csv], whose posteriors are known exactly";
        Flaw::new(&whole, format!("no score can be learned for this target: {why}"), help)
    })?;
    let samples = match fields.maybe("samples") {
        Some(_) => size(fields, "samples", 0, MOST_SAMPLES)?,
        None => {
            let help = "name a `file` that holds one, or say from how many `samples` it is learned";
            return Err(Flaw::new(&whole, "`score.learned` has neither `file` nor `samples`", help));
        }
    };
    let early = fields.need("early-stop", "the earliest time that is learned, T_0 > 0")?;
    let early_stop = super::fields::positive(early, "score.learned.early-stop")?;
    let horizon = fields.positive("horizon")?.unwrap_or(2.0);
    if early_stop > horizon {
        let found = format!("`score.learned.early-stop` is {early_stop}, `horizon` is {horizon}");
        return Err(Flaw::new(&early.span, found, TIMES));
    }
    let measure = word(fields, "measure", &[("uniform", TimeMeasure::UniformTime), ("snr", TimeMeasure::UniformSnr)])?;
    let bias = fields.boolean("bias")?.unwrap_or(true);
    let design = Design::new(Process::Ou, (early_stop, horizon), measure, bias)
        .map_err(|why| Flaw::new(&early.span, why.to_string(), TIMES))?;
    let kinds = [
        ("kernel", Kind::Kernel),
        ("network", Kind::Network),
        ("linearised", Kind::Linearised),
        ("exact", Kind::Exact),
    ];
    let kind = word(fields, "learner", &kinds)?;
    let learner = learner(fields, kind)?;
    let stop = stop(fields)?;
    let test = size(fields, "test", 2000, MOST_TEST)?;
    if let (0..2, Some(node)) = (test, fields.maybe("test")) {
        let found = format!("`score.learned.test` is {test}");
        return Err(Flaw::new(&node.span, found, "at least 2 points, whose spread is the error of their mean"));
    }
    let anchors = size(fields, "anchors", 1200, MOST_SAMPLES)?;
    let ridge = match (fields.positive("norm")?, fields.maybe("ridge")) {
        (Some(_), Some(node)) => {
            let help = "the norm of f_H decides about the ridge of its fit: drop one";
            return Err(Flaw::new(&node.span, "`score.learned.ridge` beside `norm`", help));
        }
        (Some(norm), None) => Ridge::OfNorm(norm),
        (None, _) => Ridge::Of(fields.positive("ridge")?.unwrap_or(1e-4)),
    };
    let repetition = fields.count("repetition", 0)?.unwrap_or(0);
    Ok(Task { data: bounded, design, samples, test, anchors, ridge, learner, stop, draw: (0, repetition) })
}

fn learner(fields: &mut Fields<'_>, kind: Kind) -> Result<Learner, Flaw> {
    let without_network = match kind {
        Kind::Kernel => Some((Learner::Kernel, "a kernel")),
        Kind::Exact => Some((Learner::Exact, "the exact score")),
        Kind::Network | Kind::Linearised => None,
    };
    if let Some((learner, whose)) = without_network {
        for key in ["width", "start", "precision"] {
            if let Some(node) = fields.maybe(key) {
                let found = format!("`{}` of {whose}", fields.path(key));
                return Err(Flaw::new(&node.span, found, "it belongs to learner = \"network\" or \"linearised\""));
            }
        }
        return Ok(learner);
    }
    let width = size(fields, "width", 2048, WIDEST)?;
    let starts = [("antisymmetric", Start::Antisymmetric), ("independent", Start::Independent)];
    let start = word(fields, "start", &starts)?;
    if let (Start::Antisymmetric, 1, Some(node)) = (start, width % 2, fields.maybe("width")) {
        let found = format!("`score.learned.width` is {width}");
        return Err(Flaw::new(&node.span, found, "an antisymmetric network has an even width"));
    }
    let precision = word(fields, "precision", &[("double", Precision::Double), ("single", Precision::Single)])?;
    let regime = if kind == Kind::Network { Regime::Network } else { Regime::Linearised };
    Ok(Learner::Network { width, start, precision, regime })
}

fn stop(fields: &mut Fields<'_>) -> Result<Stop, Flaw> {
    let factor = fields.positive("times")?;
    if let (Some(factor), Some(node)) = (factor.filter(|x| *x > MOST_TIMES), fields.maybe("times")) {
        return Err(Flaw::new(
            &node.span,
            format!("`score.learned.times` is {factor:e}"),
            format!("at most {MOST_TIMES}"),
        ));
    }
    let steps = fields.count("steps", 0)?;
    if let (Some(steps), Some(node)) = (steps.filter(|k| *k > MOST_STEPS), fields.maybe("steps")) {
        return Err(Flaw::new(
            &node.span,
            format!("`score.learned.steps` is {steps}"),
            format!("at most {MOST_STEPS}"),
        ));
    }
    let rules = [
        ("critical-radius", Rule::CriticalRadius),
        ("regression-oracle", Rule::Regression),
        ("score-oracle", Rule::Score),
    ];
    if let Some(steps) = steps {
        for key in ["stop", "times"] {
            if let Some(node) = fields.maybe(key) {
                let found = format!("`{}` beside `steps`", fields.path(key));
                return Err(Flaw::new(&node.span, found, "training stops by a rule or after so many steps: drop one"));
            }
        }
        return Ok(Stop::Steps(steps));
    }
    let factor = factor.unwrap_or(1.0);
    Ok(match word(fields, "stop", &rules)? {
        Rule::CriticalRadius => Stop::CriticalRadius(factor),
        Rule::Regression => Stop::RegressionOracle(factor),
        Rule::Score => Stop::ScoreOracle(factor),
    })
}

/// A relative slack of times: noise levels are rounded numbers.
const SLACK: f64 = 1e-9;

impl LearnedSpec {
    /// Whether it is trained on the spot.
    #[must_use]
    pub fn is_trained(&self) -> bool {
        matches!(self.from, From::Task(_))
    }

    /// The lesson, where the score is trained on the spot: with the draws of `seed`.
    ///
    /// # Errors
    /// When nothing can be learned.
    pub fn lesson(&self, seed: u64) -> Result<Option<Arc<Lesson>>, Flaw> {
        let From::Task(task) = &self.from else { return Ok(None) };
        let task = Task { draw: (seed, task.draw.1), ..(**task).clone() };
        let lesson = Lesson::new(task).map_err(|why| self.flaw(why))?;
        Ok(Some(Arc::new(lesson)))
    }

    fn flaw(&self, why: impl std::fmt::Display) -> Flaw {
        Flaw::new(&self.span, format!("the score cannot be learned: {why}"), "change what is asked of it")
    }

    /// The learned score at the levels a sampler uses; an instance posed at one level calls that level its data's own, and `own`
    /// is then what it is in truth.
    ///
    /// # Errors
    /// When the score was not learned for one of them.
    pub fn field(
        &self,
        (lesson, seed): (Option<&Lesson>, u64),
        target: &Arc<dyn Target>,
        data: &Data,
        (names, own): (&Names, Option<NoiseLevel>),
    ) -> Result<Damaged, Flaw> {
        let estimate = match (&self.from, lesson) {
            (From::File(estimate), _) => Arc::clone(estimate),
            (From::Task(task), Some(lesson)) if task.learner != Learner::Exact => {
                Arc::new(lesson.estimate().map_err(|why| self.flaw(why))?)
            }
            (From::Task(_), _) => return Ok(Damaged::exact(Arc::clone(target))),
        };
        let (early, horizon) = estimate.times();
        let levels: Vec<_> = names.iter().map(|&(level, _)| (level, own.unwrap_or(level))).collect();
        for &(_, level) in &levels {
            let (time, _) = Estimate::place(level);
            if !(time >= early * (1.0 - SLACK) && time <= horizon * (1.0 + SLACK)) {
                let found = format!(
                    "the score was learned for times from {early} to {horizon}, but the sampler asks for it at {time:.6}"
                );
                let help = "let the sampler start at that horizon and stop that early, or learn for other times \
                            (in time of the OU process)";
                return Err(Flaw::new(&self.span, found, help));
            }
        }
        Ok(learned(Arc::clone(target), &estimate, (data.reach(), seed), &levels))
    }
}
