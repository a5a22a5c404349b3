//! What is measured, in specs.

use super::error::Flaw;
use super::fields::{Fields, items, suggestion, text};
use super::tree::{Node, Span, float};
use crate::divergences::Divergence;
use crate::laws::Engine;
use crate::scores::learned::Asked;
use std::str::FromStr;

/// What the output of a sampler is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Against {
    /// The target itself (for Langevin Monte Carlo at a noise level: at that level).
    Target,
    /// The target at the sampler's last noise level; the place that says so.
    EarlyStopped(Span),
}

/// What is measured, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Which divergences, in order.
    pub divergences: Vec<Divergence>,
    /// What is measured of a learned score, in order.
    pub learning: Vec<Asked>,
    /// Where the spec asks for that.
    pub learning_span: Option<Span>,
    /// What the output is compared with.
    pub against: Against,
    /// The forced engine with its place; `None`: the planner chooses.
    pub engine: Option<(Engine, Span)>,
    /// Particles, for the particle engine.
    pub particles: u64,
    /// The confidence of statements that rest on particles.
    pub confidence: f64,
}

impl Default for Measure {
    fn default() -> Self {
        Self {
            divergences: Divergence::ALL.to_vec(),
            learning: Vec::new(),
            learning_span: None,
            against: Against::Target,
            engine: None,
            particles: 100_000,
            confidence: 0.999_999,
        }
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
        if measure.divergences.is_empty() && fields.maybe("learning").is_none() {
            return Err(Flaw::new(&list.span, "`measure.divergences` is empty", "name at least one"));
        }
    }
    if let Some(list) = fields.maybe("learning") {
        measure.learning_span = Some(list.span.clone());
        if fields.maybe("divergences").is_none() {
            measure.divergences.clear();
        }
        let names = items(list, "measure.learning", "a list of names such as [\"total\", \"coupling\"]")?;
        for (i, item) in names.iter().enumerate() {
            let name = text(item, &format!("measure.learning[{i}]"))?;
            let known = || Asked::ALL.iter().map(|asked| asked.name());
            let asked = Asked::ALL.into_iter().find(|asked| asked.name() == name).ok_or_else(|| {
                let known: Vec<&str> = known().collect();
                Flaw::new(
                    &item.span,
                    format!("nothing called `{name}` is measured of a learned score"),
                    suggestion(name, known),
                )
            })?;
            if !measure.learning.contains(&asked) {
                measure.learning.push(asked);
            }
        }
    }
    if let Some((against, span)) = fields.text("against")? {
        match against {
            "target" => {}
            "early-stopped" => measure.against = Against::EarlyStopped(span.clone()),
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
