//! Reverse-SDE samplers in specs, alone and with a corrector.

use super::lmc::whole_steps;
use super::{Budget, Route};
use crate::experiments::error::Flaw;
use crate::experiments::fields::{Fields, counted, items, numbers, suggestion};
use crate::experiments::tree::{Node, Span, float};
use crate::processes::{GridError, Process, TimeGrid};
use crate::samplers::{CorrectAt, Corrector, Scheme, predictor_corrector, reverse_sde};
use std::str::FromStr;

/// A reverse SDE as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReverseSpec {
    /// How a step is discretised.
    pub scheme: Scheme,
    /// Where it stops, in process time.
    pub grid: TimeGrid,
}

impl ReverseSpec {
    /// The kernels, with those of a corrector if there is one.
    pub(super) fn route(&self, process: &Process, corrector: Option<&Corrector>) -> Route {
        let program = match corrector {
            None => reverse_sde(process, self.scheme, &self.grid),
            Some(corrector) => predictor_corrector(process, self.scheme, &self.grid, corrector),
        };
        let times = self.grid.times();
        let names: Vec<_> = times.iter().map(|&t| (process.level(t), t)).collect();
        Route { program, first: names[0].0, last: names[names.len() - 1].0, names }
    }
}

const GRIDS: [&str; 3] = ["uniform", "geometric", "kappa"];

/// Reads `[sampler.reverse-sde]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, budget: Option<&Budget>) -> Result<ReverseSpec, Flaw> {
    let mut fields = Fields::of(node, "sampler.reverse-sde")?;
    let spec = reverse(&mut fields, budget.map(|budget| (budget, budget.evaluations)))?;
    fields.finish()?;
    Ok(spec)
}

/// Reads `[sampler.predictor-corrector]`: the keys of a reverse SDE beside those of the corrector, or in a table `reverse`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_corrected(node: &Node, budget: Option<&Budget>) -> Result<(ReverseSpec, Corrector), Flaw> {
    let mut fields = Fields::of(node, "sampler.predictor-corrector")?;
    let at = choice(&mut fields, "corrector-at", &CorrectAt::ALL.map(CorrectAt::name))?.unwrap_or("every-level");
    let at = CorrectAt::from_str(at).unwrap_or(CorrectAt::EveryLevel);
    fields.need("corrector-step", "the step size h > 0 of the corrector")?;
    let step = fields.positive("corrector-step")?.unwrap_or_default();
    let relative = fields.boolean("corrector-relative-step")?.unwrap_or(false);
    let (steps_node, horizon_node) = (fields.maybe("corrector-steps"), fields.maybe("corrector-horizon"));
    let (steps, horizon) = (fields.count("corrector-steps", 1)?, fields.positive("corrector-horizon")?);
    let steps = match (steps, horizon, steps_node.and(horizon_node)) {
        (_, _, Some(both)) => {
            let found = format!("`{}` has both `corrector-steps` and `corrector-horizon`", fields.name);
            return Err(Flaw::new(&both.span, found, "corrector-horizon means corrector-steps = ceil(horizon/step)"));
        }
        (None, Some(horizon), None) => whole_steps(horizon, step, horizon_node.map_or(&fields.span, |n| &n.span))?,
        (steps, _, None) => steps.unwrap_or(1),
    };
    let budget = budget.map(|budget| {
        let left = match at {
            CorrectAt::EveryLevel => budget.evaluations / (1 + steps),
            CorrectAt::End => budget.evaluations.saturating_sub(steps),
        };
        (budget, left)
    });
    let predictor = match fields.maybe("reverse") {
        None => reverse(&mut fields, budget)?,
        Some(inner) => {
            let name = fields.path("reverse");
            let (_, inner) = Fields::of(inner, name.as_str())?.only(&["reverse-sde"])?;
            let mut inner = Fields::of(inner, format!("{name}.reverse-sde"))?;
            let spec = reverse(&mut inner, budget)?;
            inner.finish()?;
            spec
        }
    };
    fields.finish()?;
    Ok((predictor, Corrector { at, step, relative, steps }))
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

/// The keys of a reverse SDE; a budget with what is left of it for predictor steps stands in for `steps`.
fn reverse(fields: &mut Fields<'_>, budget: Option<(&Budget, u64)>) -> Result<ReverseSpec, Flaw> {
    let scheme = choice(fields, "scheme", &Scheme::ALL.map(Scheme::name))?;
    let scheme = scheme.and_then(|s| Scheme::from_str(s).ok()).unwrap_or(Scheme::EulerMaruyama);
    if let Some(node) = fields.maybe("times") {
        if let Some((budget, _)) = budget {
            budget.instead_of(Some(node), &fields.path("times"))?;
        }
        return Ok(ReverseSpec { scheme, grid: explicit(fields, node)? });
    }
    let kind = choice(fields, "grid", &GRIDS)?.unwrap_or("uniform");
    let table = fields.span.clone();
    let place = |node: Option<&Node>| node.map_or(table.clone(), |n| n.span.clone());
    let horizon_place = place(fields.maybe("horizon"));
    let stop_place = place(fields.maybe("early-stop"));
    let (steps_node, kappa_node) = (fields.maybe("steps"), fields.maybe("kappa"));
    let (steps_place, kappa_place) = (place(steps_node), place(kappa_node));
    let horizon = fields.positive("horizon")?;
    let early_stop = fields.number("early-stop")?.unwrap_or(0.0);
    let (mut steps, kappa) = (fields.count("steps", 1)?, fields.positive("kappa")?);
    if let Some((budget, left)) = budget {
        let name = &fields.name;
        budget.instead_of(steps_node, &format!("{name}.steps"))?;
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
    Ok(ReverseSpec { scheme, grid })
}
