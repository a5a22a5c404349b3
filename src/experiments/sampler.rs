//! Samplers, processes and what is measured, in specs.

use super::error::Flaw;
use super::fields::{Fields, closest, items, number, suggestion, text};
use super::tree::{Key, Node, Span, float};
use crate::bounds;
use crate::divergences::Divergence;
use crate::laws::Engine;
use crate::processes::Process;
use std::str::FromStr;

/// The kinds of processes, as they are called in specs.
pub const PROCESSES: [&str; 3] = ["ou", "vp", "ve"];

/// The samplers of this version.
pub const SAMPLERS: [&str; 1] = ["lmc"];

/// The samplers of the contract that this version does not have.
pub const LATER: [&str; 5] =
    ["reverse-sde", "flow-ode", "annealed-lmc", "predictor-corrector", "prediction-correction"];

/// Langevin Monte Carlo as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct LmcSpec {
    /// How steps are chosen.
    pub schedule: Schedule,
    /// The process time whose noise level it runs at.
    pub time: f64,
    /// The table's place.
    pub span: Span,
}

/// Step size and number of steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Given.
    Given {
        /// h.
        step: f64,
        /// N.
        steps: u64,
    },
    /// By a theorem's prescription.
    Prescribed {
        /// The theorem.
        theorem: &'static str,
        /// The accuracy of the part in TV.
        accuracy_tv: f64,
        /// The accuracy of the part in chi-squared.
        accuracy_chi: f64,
        /// The place of the prescription.
        span: Span,
    },
}

/// Reads the only entry of `[sampler]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node) -> Result<LmcSpec, Flaw> {
    let later = |(key, _): &&(Key, Node)| LATER.contains(&key.name.as_str());
    if let Some((key, _)) = node.table().and_then(|entries| entries.iter().find(later)) {
        let found = format!("this version does not have the sampler `{}`", key.name);
        return Err(Flaw::new(&key.span, found, format!("it has `{}`", SAMPLERS.join("`, `"))));
    }
    let (_, node) = Fields::of(node, "sampler")?.only(&SAMPLERS)?;
    lmc(node)
}

fn lmc(node: &Node) -> Result<LmcSpec, Flaw> {
    let mut fields = Fields::of(node, "sampler.lmc")?;
    let time = fields.number("time")?.unwrap_or(0.0);
    if time < 0.0 {
        let span = fields.maybe("time").map_or(fields.span.clone(), |n| n.span.clone());
        return Err(Flaw::new(&span, format!("`sampler.lmc.time` is {}", float(time)), "it must be at least 0"));
    }
    let prescribed = fields.maybe("prescribed");
    let (step_node, steps_node) = (fields.maybe("step"), fields.maybe("steps"));
    let (step, steps) = (fields.positive("step")?, fields.count("steps", 1)?);
    let horizon_node = fields.maybe("horizon");
    let horizon = fields.positive("horizon")?;
    let span = fields.span.clone();
    let schedule = if let Some(prescribed) = prescribed {
        if let Some(other) = step_node.or(steps_node).or(horizon_node) {
            let help = "drop `step`, `steps` and `horizon`, or drop `prescribed`";
            return Err(Flaw::new(&other.span, "`sampler.lmc` has `prescribed` already", help));
        }
        prescription(prescribed)?
    } else {
        let step = match step {
            Some(step) => step,
            None => return Err(fields.need("step", "the step size h > 0").expect_err("the key is absent")),
        };
        let steps = match (steps, horizon) {
            (Some(steps), None) => steps,
            (None, Some(horizon)) => whole_steps(horizon, step, horizon_node.map_or(&span, |n| &n.span))?,
            (Some(_), Some(_)) => {
                let place = horizon_node.map_or(&span, |n| &n.span);
                let found = "`sampler.lmc` has both `steps` and `horizon`";
                return Err(Flaw::new(place, found, "expected exactly one; horizon means steps = ceil(horizon/step)"));
            }
            (None, None) => {
                // A misspelt key explains it better than its absence.
                fields.finish()?;
                let found = "`sampler.lmc` has neither `steps` nor `horizon`";
                return Err(Flaw::new(&span, found, "expected exactly one of them"));
            }
        };
        Schedule::Given { step, steps }
    };
    fields.finish()?;
    Ok(LmcSpec { schedule, time, span })
}

/// `ceil(horizon/step - 1e-9)`.
fn whole_steps(horizon: f64, step: f64, span: &Span) -> Result<u64, Flaw> {
    let steps = (horizon / step - 1e-9).ceil();
    if (1.0..=9_007_199_254_740_992.0).contains(&steps) {
        return Ok(steps as u64);
    }
    let found = format!("a horizon of {} with steps of {} is {} steps", float(horizon), float(step), float(steps));
    Err(Flaw::new(span, found, "expected between 1 and 2^53"))
}

fn prescription(node: &Node) -> Result<Schedule, Flaw> {
    let mut fields = Fields::of(node, "sampler.lmc.prescribed")?;
    let label = fields.need("theorem", "the label of a theorem with a prescription, \"LLT-6b\"")?;
    let name = text(label, "sampler.lmc.prescribed.theorem")?;
    let theorem = match bounds::find(name) {
        Some(theorem) if theorem.labels.contains(&"LLT-6b") || theorem.labels.contains(&"LLT-6a") => theorem.labels[0],
        Some(_) => {
            return Err(Flaw::new(&label.span, format!("`{name}` has no prescription"), "LLT-6a and LLT-6b have"));
        }
        None => return Err(Flaw::new(&label.span, format!("no theorem is called `{name}`"), help_on_theorems(name))),
    };
    let mut accuracy = |key: &'static str| -> Result<f64, Flaw> {
        let node = fields.need(key, "a number in (0, 1]")?;
        let value = number(node, &fields.path(key))?;
        if value > 0.0 && value <= 1.0 {
            return Ok(value);
        }
        Err(Flaw::new(&node.span, format!("`{}` is {}", fields.path(key), float(value)), "expected a number in (0, 1]"))
    };
    let (accuracy_tv, accuracy_chi) = (accuracy("accuracy-tv")?, accuracy("accuracy-chi")?);
    fields.finish()?;
    Ok(Schedule::Prescribed { theorem, accuracy_tv, accuracy_chi, span: node.span.clone() })
}

/// What to say about a label that no theorem has.
#[must_use]
pub fn help_on_theorems(name: &str) -> String {
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let labels: Vec<&str> = bounds::THEOREMS.iter().flat_map(|t| t.labels.iter().copied()).collect();
    // Labels are so short that most are alike: only marks, blanks and the letters in front may differ.
    let meant = |label: &&str| bare(label) == bare(name) || bare(label) == format!("llt{}", bare(name));
    let label = labels.iter().copied().find(meant);
    match label.or_else(|| closest(name, bounds::THEOREMS.iter().map(|t| t.id))) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("labels are {}; `scorebound list theorems` says more", labels.join(", ")),
    }
}

/// Reads `[process.<kind>]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn process(node: &Node) -> Result<Process, Flaw> {
    let (kind, node) = Fields::of(node, "process")?.only(&PROCESSES)?;
    let mut fields = Fields::of(node, format!("process.{kind}"))?;
    let process = match kind {
        "ou" => Process::Ou,
        "ve" => Process::Ve,
        _ => {
            let beta_min = super::fields::positive(fields.need("beta-min", "beta(0)")?, "process.vp.beta-min")?;
            let beta_max = super::fields::positive(fields.need("beta-max", "beta(horizon)")?, "process.vp.beta-max")?;
            let horizon = match fields.positive("horizon")? {
                Some(horizon) => horizon,
                // A constant beta needs no horizon.
                None if beta_min == beta_max => 1.0,
                None => {
                    return Err(fields.need("horizon", "the time at which beta reaches beta-max").expect_err("absent"));
                }
            };
            Process::Vp { beta_min, beta_max, horizon }
        }
    };
    fields.finish()?;
    Ok(process)
}

/// What is measured, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Which divergences, in order.
    pub divergences: Vec<Divergence>,
    /// The forced engine with its place; `None`: the planner chooses.
    pub engine: Option<(Engine, Span)>,
    /// Particles, for the particle engine.
    pub particles: u64,
    /// The confidence of statements that rest on particles.
    pub confidence: f64,
}

impl Default for Measure {
    fn default() -> Self {
        Self { divergences: Divergence::ALL.to_vec(), engine: None, particles: 100_000, confidence: 0.999_999 }
    }
}

/// Reads `[measure]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn measure(node: &Node) -> Result<Measure, Flaw> {
    let mut fields = Fields::of(node, "measure")?;
    let mut measure = Measure::default();
    if let Some(list) = fields.maybe("divergences") {
        let names = items(list, "measure.divergences", "a list of names such as [\"tv\", \"kl\"]")?;
        measure.divergences.clear();
        for (i, item) in names.iter().enumerate() {
            let kind = divergence(text(item, &format!("measure.divergences[{i}]"))?, &item.span)?;
            if !measure.divergences.contains(&kind) {
                measure.divergences.push(kind);
            }
        }
        if measure.divergences.is_empty() {
            return Err(Flaw::new(&list.span, "`measure.divergences` is empty", "name at least one"));
        }
    }
    if let Some((against, span)) = fields.text("against")? {
        match against {
            "target" => {}
            "early-stopped" => {
                let found = "`measure.against` is \"early-stopped\", but the sampler does not stop early";
                return Err(Flaw::new(span, found, "only samplers with `early-stop` have an early-stopped target"));
            }
            other => {
                let found = format!("`measure.against` is \"{other}\"");
                return Err(Flaw::new(span, found, suggestion(other, ["target", "early-stopped"])));
            }
        }
    }
    if let Some((name, span)) = fields.text("engine")?
        && name != "auto"
    {
        let names = || Engine::ALL.into_iter().map(Engine::name).chain(["auto"]);
        let engine = Engine::from_str(name).map_err(|found| Flaw::new(span, found, suggestion(name, names())))?;
        measure.engine = Some((engine, span.clone()));
    }
    if let Some(particles) = fields.count("particles", 1)? {
        measure.particles = particles;
    }
    if let Some(confidence) = fields.number("confidence")? {
        if !(confidence > 0.0 && confidence < 1.0) {
            let span = fields.maybe("confidence").map_or(fields.span.clone(), |n| n.span.clone());
            let found = format!("`measure.confidence` is {}", float(confidence));
            return Err(Flaw::new(&span, found, "expected a number between 0 and 1, for example 0.999999"));
        }
        measure.confidence = confidence;
    }
    fields.finish()?;
    Ok(measure)
}

/// A divergence by its name.
///
/// # Errors
/// When there is none of this name.
pub fn divergence(name: &str, span: &Span) -> Result<Divergence, Flaw> {
    Divergence::from_str(name).map_err(|_| {
        let names = Divergence::ALL.into_iter().map(Divergence::name);
        Flaw::new(span, format!("no divergence is called `{name}`"), suggestion(name, names))
    })
}
