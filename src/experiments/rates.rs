//! Exponents: thresholds along a parameter, beside what theorems state.

use super::error::{Flaw, SpecError};
use super::evaluate::Number;
use super::rate_spec::{Parameter, RateSpec, Role};
use super::spec::Spec;
use super::tree::Node;
use crate::bounds::{Claim, Exponent, Provenance, Theorem};
use crate::numerics::Interval;
use crate::verdicts::{Asymptote, Better, Condition, Outcome, Point, Rate, Search, Threshold, threshold};
use rayon::prelude::*;
use serde::Serialize;

/// The object `rates --json` prints for one parameter.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RateRecord {
    solve_for: String,
    such_that: String,
    parameter: String,
    r#as: &'static str,
    points: Vec<PointRecord>,
    local_slopes: Vec<f64>,
    local_slope_uncertainties: Vec<f64>,
    slope: Option<f64>,
    slope_uncertainty: Option<f64>,
    window: Option<(f64, f64)>,
    theorem: Option<&'static str>,
    stated: Option<f64>,
    stated_provenance: Option<&'static str>,
    recalled: Option<f64>,
    asymptote: &'static str,
    tolerance: f64,
    outcome: &'static str,
    because: String,
    missing: Vec<Missing>,
}

/// A parameter value and its threshold.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct PointRecord {
    value: Number,
    threshold_lo: Number,
    threshold_hi: Number,
}

/// A parameter value without a threshold.
#[derive(Clone, Debug, Serialize)]
struct Missing {
    value: Number,
    why: String,
}

impl RateRecord {
    /// Whether a stated guarantee is contradicted.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.outcome == "contradicted"
    }

    /// The outcome with its reason, for people.
    #[must_use]
    pub fn because(&self) -> &str {
        &self.because
    }
}

/// The name of a status.
#[must_use]
pub fn provenance_name(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Quoted { .. } => "quoted",
        Provenance::Recalled { .. } => "recalled",
        Provenance::DerivedHere => "derived-here",
    }
}

/// Solves for the threshold at every value of a parameter and compares the exponent with what is stated.
///
/// # Errors
/// What is wrong with the questions it poses.
pub fn solve(spec: &Spec, rate: &RateSpec, parameter: &Parameter, seed: u64) -> Result<RateRecord, SpecError> {
    let search = Search { lo: rate.bracket.0, hi: rate.bracket.1, integer: rate.is_whole(), relative: rate.precision };
    let found: Vec<(f64, Result<Threshold, String>)> = parameter
        .axis
        .values
        .par_iter()
        .map(|value| {
            let (tree, abscissa, condition) = placed(spec, rate, parameter, value, seed)?;
            let quantity = |x: f64| measured(spec, rate, &tree, x, seed);
            // What is wrong with the spec is wrong at the bracket's ends too, and says so better.
            Ok((abscissa, threshold(&search, condition, quantity)))
        })
        .collect::<Result<_, SpecError>>()?;
    let asymptote = if parameter.role == Role::Accuracy { Asymptote::Small } else { Asymptote::Large };
    let mut points = Vec::new();
    let mut missing = Vec::new();
    for (value, result) in found {
        match result {
            Ok(threshold) => points.push(Point { value, threshold }),
            Err(why) => missing.push((value, why)),
        }
    }
    let measured = Rate::of(points, missing, asymptote);
    let theorems = rate.theorems.as_ref().unwrap_or(&spec.theorems);
    Ok(compared(rate, parameter, rate.unknown(), &measured, theorems))
}

/// The question at one value of the parameter, the value on the parameter's scale, and the condition there.
fn placed(
    spec: &Spec,
    rate: &RateSpec,
    parameter: &Parameter,
    value: &Node,
    seed: u64,
) -> Result<(Node, f64, Condition), SpecError> {
    let mut tree = rate.tree.clone();
    if parameter.role != Role::Accuracy {
        parameter.axis.put(&mut tree, value).map_err(|flaw| spec.at(flaw))?;
    }
    let mut probe = tree.clone();
    rate.put_unknown(&mut probe, rate.bracket.0).map_err(|flaw| spec.at(flaw))?;
    let posed = spec.question_of(&probe)?.pose(seed).map_err(|flaw| spec.at(flaw))?;
    let at = &posed.instance;
    let abscissa = match parameter.role {
        Role::Accuracy | Role::Other => {
            super::fields::number(value, &parameter.axis.path).map_err(|flaw| spec.at(flaw))?
        }
        Role::Dim => at.dim() as f64,
        Role::Smoothness => at.smoothness(),
        Role::Lsi => at.lsi(),
    };
    if !(abscissa.is_finite() && abscissa > 0.0) {
        let found = format!("{} is {abscissa} here", parameter.role.name());
        return Err(spec.at(Flaw::new(&value.span, found, "exponents need positive finite values")));
    }
    let condition = if parameter.role == Role::Accuracy { Condition::AtMost(abscissa) } else { rate.condition };
    Ok((tree, abscissa, condition))
}

/// The divergence at a candidate.
fn measured(spec: &Spec, rate: &RateSpec, tree: &Node, x: f64, seed: u64) -> Result<Interval, String> {
    let mut tree = tree.clone();
    rate.put_unknown(&mut tree, x).map_err(|flaw| flaw.found)?;
    let question = spec.question_of(&tree).map_err(|e| e.to_string())?;
    let posed = question.pose(seed).map_err(|flaw| flaw.found)?;
    Ok(posed.instance.divergence(rate.divergence)?.value)
}

/// The stated exponents of one status.
fn stated(theorem: &Theorem, of: &str, role: Role, claim: Claim) -> Option<f64> {
    let power = |in_: &str| -> Option<f64> {
        let matches = |e: &&Exponent| e.of == of && e.in_ == in_ && e.claim == claim;
        theorem.exponents.iter().find(matches).map(|e| f64::from(e.power.0) / f64::from(e.power.1))
    };
    match role {
        Role::Other => None,
        // Where a theorem has two accuracies, one accuracy stands for both: the exponents add up.
        Role::Accuracy => power("accuracy").or_else(|| match (power("accuracy-tv"), power("accuracy-chi")) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
        }),
        Role::Dim | Role::Smoothness | Role::Lsi => power(role.name()),
    }
}

fn compared(
    rate: &RateSpec,
    parameter: &Parameter,
    of: &str,
    measured: &Rate,
    theorems: &[&'static Theorem],
) -> RateRecord {
    let speaking = || theorems.iter().filter(|t| t.about == rate.divergence.name());
    let guarantee = speaking().find_map(|t| stated(t, of, parameter.role, Claim::Guarantee).map(|power| (*t, power)));
    let recalled = speaking().find_map(|t| stated(t, of, parameter.role, Claim::Recalled));
    let better = if of == "steps" { Better::Smaller } else { Better::Larger };
    let outcome = match guarantee {
        Some((_, power)) => measured.compare(power, better, rate.tolerance),
        None => {
            let (in_, about) = (parameter.role.name(), rate.divergence.name());
            Outcome::Unresolved(format!("no theorem of the spec states an exponent of {of} in {in_} for {about}"))
        }
    };
    RateRecord {
        solve_for: rate.solve_for.clone(),
        such_that: rate.such_that.clone(),
        parameter: parameter.axis.path.clone(),
        r#as: parameter.role.name(),
        points: measured
            .points
            .iter()
            .map(|p| PointRecord {
                value: Number(p.value),
                threshold_lo: Number(p.threshold.lo),
                threshold_hi: Number(p.threshold.hi),
            })
            .collect(),
        local_slopes: measured.local_slopes.iter().map(|s| s.value).collect(),
        local_slope_uncertainties: measured.local_slopes.iter().map(|s| s.uncertainty).collect(),
        slope: measured.fit.map(|s| s.value),
        slope_uncertainty: measured.fit.map(|s| s.uncertainty),
        window: measured.window,
        theorem: guarantee.map(|(t, _)| t.labels[0]),
        stated: guarantee.map(|(_, power)| power),
        stated_provenance: guarantee.map(|(t, _)| provenance_name(t.reference.provenance)),
        recalled,
        asymptote: if measured.asymptote == Asymptote::Large { "large" } else { "small" },
        tolerance: rate.tolerance,
        outcome: outcome.word(),
        because: outcome.to_string(),
        missing: measured.missing.iter().map(|(v, why)| Missing { value: Number(*v), why: why.clone() }).collect(),
    }
}
