//! Annealed Langevin Monte Carlo in specs.

use super::lmc::whole_steps;
use super::{Budget, Route};
use crate::experiments::error::Flaw;
use crate::experiments::fields::{Fields, count, number, numbers, positive};
use crate::experiments::tree::{Node, Value, float};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::{Rung, annealed_lmc, geometric_sigmas, spaced_sigmas};

/// Annealed Langevin Monte Carlo as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnealedSpec {
    /// The levels with their steps, widest first.
    pub rungs: Vec<Rung>,
}

impl AnnealedSpec {
    pub(super) fn route(&self) -> Route {
        let names: Vec<_> = self.rungs.iter().map(|r| (r.level, r.level.sigma)).collect();
        Route { program: annealed_lmc(&self.rungs), first: names[0].0, last: names[names.len() - 1].0, names }
    }
}

/// Reads `[sampler.annealed-lmc]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, dim: usize, process: Option<&Process>, budget: Option<&Budget>) -> Result<AnnealedSpec, Flaw> {
    let mut fields = Fields::of(node, "sampler.annealed-lmc")?;
    if process.is_some_and(|p| *p != Process::Ve) {
        let help = "use [process.ve], or drop [process]; `predictor-corrector` corrects at the levels of OU and VP";
        return Err(Flaw::new(&fields.span, "`annealed-lmc` runs at the noise levels of VE", help));
    }
    let sigmas = sigmas(&mut fields, dim)?;
    let relative = fields.boolean("relative-step")?.unwrap_or(false);
    let names = ["step", "steps-per-level", "horizon"].map(|key| fields.path(key));
    let [step_node, steps_node, horizon_node] =
        [fields.maybe("step"), fields.maybe("steps-per-level"), fields.maybe("horizon")];
    let each =
        |node: Option<&Node>, name: &str| node.map(|node| per_level(node, name, sigmas.len(), positive)).transpose();
    let (steps, horizons) = (each(step_node, &names[0])?, each(horizon_node, &names[2])?);
    let counts = match (steps_node, budget) {
        (node, Some(budget)) => {
            budget.instead_of(node, &names[1])?;
            Some(shares(budget, sigmas.len())?)
        }
        (Some(node), None) => Some(per_level(node, &names[1], sigmas.len(), |node, name| count(node, name, 1))?),
        (None, None) => None,
    };
    let place = horizon_node.or(step_node).map_or(fields.span.clone(), |node| node.span.clone());
    let (steps, counts) = match (steps, counts, horizons) {
        (Some(steps), Some(counts), None) => (steps, counts),
        (Some(steps), None, Some(horizons)) => {
            let counts = steps.iter().zip(&horizons).map(|(&step, &horizon)| whole_steps(horizon, step, &place));
            let counts = counts.collect::<Result<Vec<_>, Flaw>>()?;
            (steps, counts)
        }
        (None, Some(counts), Some(horizons)) => {
            (horizons.iter().zip(&counts).map(|(horizon, &n)| horizon / n as f64).collect(), counts)
        }
        (Some(_), Some(_), Some(_)) => {
            let found = format!("`{}` has `step`, `steps-per-level` and `horizon`", fields.name);
            return Err(Flaw::new(&place, found, "two of them say the third: drop one"));
        }
        (None, ..) if horizon_node.is_none() => {
            return Err(fields.need("step", "a step size h > 0, or one per level").expect_err("the key is absent"));
        }
        _ => {
            let what = "a number of steps, or one per level; or `horizon`, the time at each level";
            return Err(fields.need("steps-per-level", what).expect_err("the key is absent"));
        }
    };
    fields.finish()?;
    let rung = |((&sigma, step), steps): ((&f64, f64), u64)| {
        // The sizes of a ladder are off by tens of units, their squares by twice as much.
        let (step, rounding) = if relative { (step * sigma * sigma, 160.0 * f64::EPSILON) } else { (step, 0.0) };
        Rung { level: NoiseLevel { alpha: 1.0, sigma }, step, steps, rounding }
    };
    let rungs: Vec<Rung> = sigmas.iter().zip(steps).zip(counts).map(rung).collect();
    match rungs.iter().find(|r| !(r.step > 0.0 && r.step.is_finite())) {
        None => Ok(AnnealedSpec { rungs }),
        Some(r) => {
            let found = format!("the step at sigma = {} is {}", float(r.level.sigma), float(r.step));
            Err(Flaw::new(&place, found, "with `relative-step` it is `step` times sigma^2"))
        }
    }
}

/// Evaluations spread over the levels as evenly as whole numbers allow, the narrowest levels having what is over.
fn shares(budget: &Budget, levels: usize) -> Result<Vec<u64>, Flaw> {
    let (each, over) = (budget.evaluations / levels as u64, budget.evaluations % levels as u64);
    if each == 0 {
        let found = format!("{} evaluations for {levels} levels", budget.evaluations);
        return Err(budget.flaw(found, "at least one per level is needed"));
    }
    Ok((0..levels as u64).map(|m| each + u64::from(m >= levels as u64 - over)).collect())
}

/// The noise sizes, widest first.
fn sigmas(fields: &mut Fields<'_>, dim: usize) -> Result<Vec<f64>, Flaw> {
    let (widest_node, alpha_node) = (fields.maybe("sigma-max"), fields.maybe("alpha"));
    let (narrowest_node, levels_node) = (fields.maybe("sigma-min"), fields.maybe("levels"));
    if let Some(list) = fields.maybe("sigmas") {
        let name = fields.path("sigmas");
        if let Some(other) = widest_node.or(narrowest_node).or(alpha_node).or(levels_node) {
            let found = format!("`{}` has `sigmas` already", fields.name);
            return Err(Flaw::new(
                &other.span,
                found,
                "drop `sigma-max`, `sigma-min`, `alpha` and `levels`, or drop `sigmas`",
            ));
        }
        let sigmas = numbers(list, &name)?;
        let place = |i: usize| match &list.value {
            Value::Array(items) => items.get(i).map_or(&list.span, |item| &item.span),
            _ => &list.span,
        };
        if sigmas.is_empty() {
            return Err(Flaw::new(&list.span, format!("`{name}` is empty"), "at least one noise level is needed"));
        }
        let bad = (0..sigmas.len()).find(|&i| sigmas[i] < 0.0 || (i > 0 && sigmas[i] >= sigmas[i - 1]));
        return match bad {
            None => Ok(sigmas),
            Some(i) => {
                let found = format!("`{name}[{i}]` is {}", float(sigmas[i]));
                Err(Flaw::new(place(i), found, "noise sizes fall, widest first, and are at least 0"))
            }
        };
    }
    let (widest, narrowest) = (fields.positive("sigma-max")?, fields.positive("sigma-min")?);
    let alpha = fields.positive("alpha")?;
    let span = widest_node.map_or(&fields.span, |n| &n.span);
    let order = "`sigma-max` is above `sigma-min`, and at most 10 million levels are needed";
    match (widest, narrowest, alpha, levels_node) {
        (Some(_), Some(_), Some(_), Some(levels)) => {
            let found = format!("`{}` has `alpha` and `levels`", fields.name);
            Err(Flaw::new(&levels.span, found, "each says how far apart the levels are: drop one"))
        }
        (Some(widest), Some(narrowest), Some(alpha), None) => {
            geometric_sigmas(widest, narrowest, alpha / (dim as f64).sqrt()).ok_or_else(|| {
                let (from, to) = (float(widest), float(narrowest));
                Flaw::new(span, format!("no ladder from {from} down to {to} with alpha = {}", float(alpha)), order)
            })
        }
        (Some(widest), Some(narrowest), None, Some(node)) => {
            let levels = count(node, &fields.path("levels"), 2)?;
            spaced_sigmas(widest, narrowest, levels).ok_or_else(|| {
                let (from, to) = (float(widest), float(narrowest));
                Flaw::new(span, format!("no ladder from {from} down to {to} in {levels} levels"), order)
            })
        }
        _ => {
            let found = format!("`{}` has no noise levels", fields.name);
            let help = "expected `sigmas = [..]`, or `sigma-max`, `sigma-min` and one of `alpha` (the ratio of sigma^2 is \
                        1 + alpha/sqrt(d)) and `levels` (their number)";
            Err(Flaw::new(&fields.span, found, help))
        }
    }
}

/// A number for all levels, or a list of one per level.
fn per_level<T: Copy>(
    node: &Node,
    name: &str,
    levels: usize,
    read: impl Fn(&Node, &str) -> Result<T, Flaw>,
) -> Result<Vec<T>, Flaw> {
    let Value::Array(items) = &node.value else {
        return match number(node, name) {
            Ok(_) => Ok(vec![read(node, name)?; levels]),
            Err(why) => Err(why),
        };
    };
    if items.len() != levels {
        let found = format!("`{name}` has {} entries, there are {levels} levels", items.len());
        return Err(Flaw::new(&node.span, found, "expected a number, or one per level"));
    }
    items.iter().enumerate().map(|(i, item)| read(item, &format!("{name}[{i}]"))).collect()
}
