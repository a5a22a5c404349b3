//! Reverse samplers in specs, alone, with a corrector, and after Langevin steps at the horizon.

use super::lmc::whole_steps;
use super::truncate::{self, TruncateSpec};
use super::{Budget, Route};
use crate::experiments::error::Flaw;
use crate::experiments::fields::{Fields, counted, items, numbers, suggestion};
use crate::experiments::tree::{Node, Span, float};
use crate::processes::{GridError, Process, TimeGrid};
use crate::samplers::{
    CorrectAt, Corrector, FlowScheme, ReversePhase, Scheme, prediction_correction, predictor_corrector, rescaled,
};
use std::str::FromStr;

/// A reverse phase as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReverseSpec {
    /// How a step is made.
    pub phase: ReversePhase,
    /// Where it stops, in process time.
    pub grid: TimeGrid,
}

/// What a reverse phase comes with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// Langevin steps at the levels it arrives at.
    Corrector(Corrector),
    /// Langevin steps at the horizon, before it: step size and number.
    Horizon(f64, u64),
}

impl ReverseSpec {
    /// The kernels, with those of what comes with them.
    pub(super) fn route(&self, process: &Process, beside: &Beside, rescale: bool) -> Route {
        let program = match beside {
            Beside::Nothing => self.phase.program(process, &self.grid),
            Beside::Corrector(corrector) => predictor_corrector(process, self.phase, &self.grid, corrector),
            Beside::Horizon(step, steps) => prediction_correction(process, (*step, *steps), self.phase, &self.grid),
        };
        let times = self.grid.times();
        let stop = times[times.len() - 1];
        let program = if rescale { rescaled(program, process, stop) } else { program };
        let names: Vec<_> = times.iter().map(|&t| (process.level(t), t)).collect();
        Route { program, first: names[0].0, last: names[names.len() - 1].0, names }
    }
}

const GRIDS: [&str; 3] = ["uniform", "geometric", "kappa"];

/// Reads `[sampler.reverse-sde]` or `[sampler.flow-ode]`: the phase, and whether its output is rescaled.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, kind: &str, budget: Option<&Budget>) -> Result<(ReverseSpec, bool), Flaw> {
    let mut fields = Fields::of(node, format!("sampler.{kind}"))?;
    let rescale = fields.boolean("rescale")?.unwrap_or(false);
    let spec =
        reverse(&mut fields, kind, None, budget.map(|budget| Left { budget, scores: budget.evaluations, beside: 0 }))?;
    fields.finish()?;
    Ok((spec, rescale))
}

/// Reads `[sampler.predictor-corrector]`: the keys of a reverse SDE beside those of the corrector, or a reverse SDE or flow in a
/// table `reverse`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_corrected(node: &Node, budget: Option<&Budget>) -> Result<(ReverseSpec, Corrector), Flaw> {
    let mut fields = Fields::of(node, "sampler.predictor-corrector")?;
    let at = choice(&mut fields, "corrector-at", &CorrectAt::ALL.map(CorrectAt::name))?.unwrap_or("every-level");
    let at = CorrectAt::from_str(at).unwrap_or(CorrectAt::EveryLevel);
    let step = corrector_step(&mut fields)?;
    let relative = fields.boolean("corrector-relative-step")?.unwrap_or(false);
    let steps = corrector_steps(&mut fields, "corrector-horizon", step)?.unwrap_or(1);
    let budget = budget.map(|budget| match at {
        CorrectAt::EveryLevel => Left { budget, scores: budget.evaluations, beside: steps },
        CorrectAt::End => Left { budget, scores: budget.evaluations.saturating_sub(steps), beside: 0 },
    });
    let predictor = match fields.maybe("reverse") {
        None => reverse(&mut fields, "reverse-sde", None, budget)?,
        Some(inner) => within(&fields, inner, &ReversePhase::NAMES, None, budget)?,
    };
    fields.finish()?;
    Ok((predictor, Corrector { at, step, relative, steps }))
}

/// A prediction-correction scheme as it is read: the phase, the Langevin steps at the horizon, whether the output is rescaled,
/// and the truncation of the score in those steps.
type Corrected = (ReverseSpec, Beside, bool, Option<TruncateSpec>);

/// Reads `[sampler.prediction-correction]` for a target of dimension `dim`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_horizon(node: &Node, dim: usize, budget: Option<&Budget>) -> Result<Corrected, Flaw> {
    let mut fields = Fields::of(node, "sampler.prediction-correction")?;
    let truncated = truncate::read(&mut fields, dim)?;
    let (step, steps) = at_the_horizon(&mut fields, budget)?;
    let rescale = fields.boolean("rescale")?.unwrap_or(false);
    let horizon_node = fields.maybe("horizon");
    let horizon = fields.positive("horizon")?.zip(horizon_node);
    fields.need("reverse", "the reverse phase, `{ flow-ode = { .. } }` or `{ reverse-sde = { .. } }`")?;
    let budget = budget.map(|budget| Left { budget, scores: budget.evaluations.saturating_sub(steps), beside: 0 });
    let spec = match fields.maybe("reverse") {
        Some(inner) => within(&fields, inner, &ReversePhase::NAMES, Some(horizon), budget)?,
        None => reverse(&mut fields, "flow-ode", None, budget)?,
    };
    fields.finish()?;
    Ok((spec, Beside::Horizon(step, steps), rescale, truncated))
}

/// Step size and number of the Langevin steps at the horizon: two of `corrector-step`, `corrector-steps` and `corrector-time`, the
/// number also as a share of the budget.
fn at_the_horizon(fields: &mut Fields<'_>, budget: Option<&Budget>) -> Result<(f64, u64), Flaw> {
    let share_node = fields.maybe("corrector-share");
    let share = fields.positive("corrector-share")?.zip(share_node);
    let all = ["corrector-step", "corrector-steps", "corrector-time"];
    let nodes = all.map(|key| fields.maybe(key));
    let (step, steps, time) = (fields.positive(all[0])?, fields.count(all[1], 1)?, fields.positive(all[2])?);
    let steps = match (share, budget, nodes[1]) {
        (None, ..) => steps,
        (Some((_, node)), None, _) => {
            let found = format!("`{}` without `sampler.evaluations`", fields.path("corrector-share"));
            return Err(Flaw::new(
                &node.span,
                found,
                "it is a share of the evaluations: give them, or `corrector-steps`",
            ));
        }
        (Some((_, node)), _, Some(_)) => {
            let found = format!("`{}` has both `corrector-steps` and `corrector-share`", fields.name);
            return Err(Flaw::new(&node.span, found, "each says how many steps there are: drop one of them"));
        }
        (Some((share, node)), Some(_), None) if share >= 1.0 => {
            let found = format!("`{}` is {}", fields.path("corrector-share"), float(share));
            return Err(Flaw::new(&node.span, found, "a share of the evaluations lies between 0 and 1"));
        }
        (Some((share, _)), Some(budget), None) => Some(((share * budget.evaluations as f64 + 1e-9) as u64).max(1)),
    };
    match (step, steps, time) {
        (Some(step), Some(steps), None) => Ok((step, steps)),
        (Some(step), None, Some(time)) => {
            whole_steps(time, step, nodes[2].map_or(&fields.span, |n| &n.span)).map(|steps| (step, steps))
        }
        (None, Some(steps), Some(time)) => Ok((time / steps as f64, steps)),
        (Some(_), Some(_), Some(_)) => {
            let found = format!("`{}` has all three of `{}`", fields.name, all.join("`, `"));
            let span = nodes[2].map_or(&fields.span, |n| &n.span);
            Err(Flaw::new(span, found, "two of them say the third: drop one"))
        }
        _ => {
            let given = all.iter().zip([step.is_some(), steps.is_some(), time.is_some()]);
            let missing: Vec<&str> = given.filter(|(_, there)| !there).map(|(key, _)| *key).collect();
            let found = format!("`{}` has no `{}`", fields.name, missing.join("`, no `"));
            Err(Flaw::new(
                &fields.span,
                found,
                "expected two of `corrector-step`, `corrector-steps` and `corrector-time` (T2)",
            ))
        }
    }
}

/// `corrector-step`.
fn corrector_step(fields: &mut Fields<'_>) -> Result<f64, Flaw> {
    fields.need("corrector-step", "the step size h > 0 of the corrector")?;
    Ok(fields.positive("corrector-step")?.unwrap_or_default())
}

/// `corrector-steps`, or as many as a time of this name takes; `None` without either.
fn corrector_steps(fields: &mut Fields<'_>, time: &'static str, step: f64) -> Result<Option<u64>, Flaw> {
    let (steps_node, time_node) = (fields.maybe("corrector-steps"), fields.maybe(time));
    let (steps, length) = (fields.count("corrector-steps", 1)?, fields.positive(time)?);
    match (steps, length, steps_node.and(time_node)) {
        (_, _, Some(both)) => {
            let found = format!("`{}` has both `corrector-steps` and `{time}`", fields.name);
            Err(Flaw::new(
                &both.span,
                found,
                format!("{time} means corrector-steps = ceil({time}/step): drop one of them"),
            ))
        }
        (None, Some(length), None) => whole_steps(length, step, time_node.map_or(&fields.span, |n| &n.span)).map(Some),
        (steps, _, None) => Ok(steps),
    }
}

/// What a budget leaves for a reverse phase.
#[derive(Clone, Copy)]
struct Left<'a> {
    budget: &'a Budget,
    /// The scores it may ask for.
    scores: u64,
    /// Scores that go to something else with each of its steps.
    beside: u64,
}

/// A horizon that is given outside of the phase's own table, with its place, if it is.
type Outside<'a> = Option<(f64, &'a Node)>;

/// The table `reverse` with one of the `kinds` in it.
fn within(
    fields: &Fields<'_>,
    inner: &Node,
    kinds: &[&'static str],
    horizon: Option<Outside<'_>>,
    budget: Option<Left<'_>>,
) -> Result<ReverseSpec, Flaw> {
    let name = fields.path("reverse");
    let (kind, inner) = Fields::of(inner, name.as_str())?.only(kinds)?;
    let mut inner = Fields::of(inner, format!("{name}.{kind}"))?;
    let spec = reverse(&mut inner, kind, horizon, budget)?;
    inner.finish()?;
    Ok(spec)
}

/// One of a few words.
fn choice(fields: &mut Fields<'_>, key: &'static str, known: &[&'static str]) -> Result<Option<&'static str>, Flaw> {
    let path = fields.path(key);
    let Some((word, span)) = fields.text(key)? else { return Ok(None) };
    match known.iter().find(|k| **k == word) {
        Some(known) => Ok(Some(known)),
        None => Err(Flaw::new(span, format!("`{path}` is \"{word}\""), suggestion(word, known.iter().copied()))),
    }
}

/// `times = [..]`: every time by itself, in place of a grid.
fn explicit(fields: &mut Fields<'_>, node: &Node) -> Result<TimeGrid, Flaw> {
    let name = fields.path("times");
    for key in ["grid", "horizon", "early-stop", "steps", "kappa"] {
        if let Some(other) = fields.maybe(key) {
            let found = format!("`{}` has `times` already", fields.name);
            return Err(Flaw::new(&other.span, found, format!("drop `{key}`, or drop `times`")));
        }
    }
    let times = numbers(node, &name)?;
    let place = |i: usize| items(node, &name, "").ok().and_then(|list| list.get(i)).map_or(&node.span, |n| &n.span);
    if times.len() < 2 {
        return Err(Flaw::new(&node.span, format!("`{name}` has {}", counted(times.len(), "time")), DESCENDING));
    }
    if let Some(i) = (0..times.len()).find(|&i| times[i] < 0.0 || (i > 0 && times[i] >= times[i - 1])) {
        return Err(Flaw::new(place(i), format!("`{name}[{i}]` is {}", float(times[i])), DESCENDING));
    }
    TimeGrid::explicit(times).map_err(|why| Flaw::new(&node.span, why.to_string(), DESCENDING))
}

/// What `times` must be.
const DESCENDING: &str = "expected at least two times that fall from the horizon to the early stop, none below 0";

/// The scheme of a phase.
fn scheme(fields: &mut Fields<'_>, kind: &str) -> Result<ReversePhase, Flaw> {
    Ok(if kind == ReversePhase::NAMES[1] {
        let name = choice(fields, "scheme", &FlowScheme::ALL.map(FlowScheme::name))?;
        ReversePhase::Flow(name.and_then(|s| FlowScheme::from_str(s).ok()).unwrap_or(FlowScheme::Exponential))
    } else {
        let name = choice(fields, "scheme", &Scheme::ALL.map(Scheme::name))?;
        ReversePhase::Sde(name.and_then(|s| Scheme::from_str(s).ok()).unwrap_or(Scheme::EulerMaruyama))
    })
}

/// The keys of a reverse phase; a horizon may be given outside, and what is left of a budget stands in for `steps`.
fn reverse(
    fields: &mut Fields<'_>,
    kind: &str,
    outside: Option<Outside<'_>>,
    budget: Option<Left<'_>>,
) -> Result<ReverseSpec, Flaw> {
    let phase = scheme(fields, kind)?;
    if let Some(node) = fields.maybe("times") {
        if let Some(Left { budget, .. }) = budget {
            budget.instead_of(Some(node), &fields.path("times"))?;
        }
        if let Some(Some((_, horizon))) = outside {
            let found = format!("a `horizon` beside `{}`, which begins with it", fields.path("times"));
            return Err(Flaw::new(&horizon.span, found, "drop `horizon`, or drop `times`"));
        }
        return Ok(ReverseSpec { phase, grid: explicit(fields, node)? });
    }
    let kind = choice(fields, "grid", &GRIDS)?.unwrap_or("uniform");
    let table = fields.span.clone();
    let place = |node: Option<&Node>| node.map_or(table.clone(), |n| n.span.clone());
    let horizon_place = match outside {
        None => place(fields.maybe("horizon")),
        Some(given) => given.map_or(table.clone(), |(_, node)| node.span.clone()),
    };
    let stop_place = place(fields.maybe("early-stop"));
    let (steps_node, kappa_node) = (fields.maybe("steps"), fields.maybe("kappa"));
    let (steps_place, kappa_place) = (place(steps_node), place(kappa_node));
    let horizon = match outside {
        None => fields.positive("horizon")?,
        Some(given) => given.map(|(horizon, _)| horizon),
    };
    let early_stop = fields.number("early-stop")?.unwrap_or(0.0);
    let (mut steps, kappa) = (fields.count("steps", 1)?, fields.positive("kappa")?);
    if let Some(Left { budget, scores, beside }) = budget {
        let name = &fields.name;
        budget.instead_of(steps_node, &format!("{name}.steps"))?;
        let left = scores / (phase.evaluations() + beside);
        if left == 0 {
            return Err(budget.flaw(
                "no evaluation is left for a predictor step".into(),
                "raise `sampler.evaluations`, or correct less",
            ));
        }
        steps = Some(left);
    }
    let needs = |what: &str, why: &str| {
        let found = format!("`{}` has no `{what}`", fields.name);
        Err(Flaw::new(&table, found, format!("expected {why}")))
    };
    let Some(horizon) = horizon else { return needs("horizon", "the time T > 0 at which it starts") };
    let grid = match (kind, steps, kappa) {
        ("kappa", None, Some(kappa)) => TimeGrid::kappa(horizon, early_stop, kappa),
        ("kappa", Some(_), Some(_)) => {
            let found = format!("`{}` has both `steps` and `kappa`", fields.name);
            return Err(Flaw::new(&steps_place, found, "each says how fine the grid is: drop one of them"));
        }
        ("kappa", Some(steps), None) => TimeGrid::kappa_in(horizon, early_stop, steps),
        ("kappa", None, None) => return needs("kappa", "h_k = kappa min(1, t_{k+1}), or `steps`"),
        (_, _, Some(_)) => {
            let found = format!("`{}.kappa` without `grid = \"kappa\"`", fields.name);
            return Err(Flaw::new(&kappa_place, found, "add the grid, or drop `kappa`"));
        }
        (_, None, _) => return needs("steps", "the number of steps"),
        ("geometric", Some(steps), _) => TimeGrid::geometric(horizon, early_stop, steps),
        (_, Some(steps), _) => TimeGrid::uniform(horizon, early_stop, steps),
    };
    let grid = grid.map_err(|why| {
        let (span, help): (&Span, String) = match &why {
            GridError::Ends { .. } if early_stop < 0.0 => (&stop_place, "`early-stop` must be at least 0".into()),
            GridError::Ends { .. } => (&stop_place, format!("`early-stop` must be below {}", float(horizon))),
            GridError::Never => (&stop_place, "add `early-stop` > 0, or use `grid = \"uniform\"`".into()),
            GridError::Steps(_) if kind == "kappa" && kappa.is_some() => {
                (&kappa_place, "choose a larger `kappa`".into())
            }
            GridError::Steps(_) => (&steps_place, "between 1 and 10 million".into()),
            GridError::Coincide => (&horizon_place, "take fewer steps, or a larger distance to cover".into()),
        };
        Flaw::new(span, why.to_string(), help)
    })?;
    Ok(ReverseSpec { phase, grid })
}
