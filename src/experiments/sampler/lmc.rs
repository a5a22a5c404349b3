//! Langevin Monte Carlo in specs.

use super::truncate::{self, TruncateSpec};
use super::{Budget, help_on_theorems};
use crate::bounds::{self, lee_lu_tan_2022::PRESCRIBERS};
use crate::experiments::error::Flaw;
use crate::experiments::fields::{Fields, number, text};
use crate::experiments::tree::{Node, Span, float};

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

/// Reads `[sampler.lmc]` for a target of dimension `dim`, with the truncation of its score.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, dim: usize, budget: Option<&Budget>) -> Result<(LmcSpec, Option<TruncateSpec>), Flaw> {
    let mut fields = Fields::of(node, "sampler.lmc")?;
    let truncated = truncate::read(&mut fields, dim)?;
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
        if let Some(budget) = budget {
            return Err(budget.flaw("`sampler.lmc.prescribed` says how many steps".into(), "drop one of the two"));
        }
        prescription(prescribed)?
    } else if let Some(budget) = budget {
        budget.instead_of(steps_node, "sampler.lmc.steps")?;
        let step = match (step, horizon) {
            (Some(step), None) => step,
            (None, Some(horizon)) => horizon / budget.evaluations as f64,
            (Some(_), Some(_)) => {
                let place = horizon_node.map_or(&span, |n| &n.span);
                let found =
                    "`sampler.lmc` has both `step` and `horizon`, and `sampler.evaluations` says the number of steps";
                return Err(Flaw::new(place, found, "expected exactly one; horizon means step = horizon/evaluations"));
            }
            (None, None) => return Err(fields.need("step", "the step size h > 0").expect_err("the key is absent")),
        };
        Schedule::Given { step, steps: budget.evaluations }
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
    Ok((LmcSpec { schedule, time, span }, truncated))
}

/// `ceil(horizon/step - 1e-9)`.
pub(super) fn whole_steps(horizon: f64, step: f64, span: &Span) -> Result<u64, Flaw> {
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
        Some(theorem) if PRESCRIBERS.iter().any(|(label, _)| theorem.labels.contains(label)) => theorem.labels[0],
        Some(_) => {
            let have = PRESCRIBERS.map(|(label, _)| label).join(", ");
            return Err(Flaw::new(&label.span, format!("`{name}` has no prescription"), format!("these have: {have}")));
        }
        None => return Err(Flaw::new(&label.span, format!("no theorem is called `{name}`"), help_on_theorems(name))),
    };
    let both = fields.maybe("accuracy").is_some();
    let mut accuracy = |key: &'static str| -> Result<f64, Flaw> {
        let node = fields.need(key, "a number in (0, 1]")?;
        let value = number(node, &fields.path(key))?;
        if value > 0.0 && value <= 1.0 {
            return Ok(value);
        }
        Err(Flaw::new(&node.span, format!("`{}` is {}", fields.path(key), float(value)), "expected a number in (0, 1]"))
    };
    // One accuracy may stand for both.
    let (accuracy_tv, accuracy_chi) =
        if both { [accuracy("accuracy")?; 2].into() } else { (accuracy("accuracy-tv")?, accuracy("accuracy-chi")?) };
    fields.finish()?;
    Ok(Schedule::Prescribed { theorem, accuracy_tv, accuracy_chi, span: node.span.clone() })
}
