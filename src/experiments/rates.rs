//! Exponents: thresholds along a parameter, beside what theorems state.

use super::error::{Flaw, SpecError};
use super::evaluate::Number;
use super::rate_spec::{ACCURACY, Asked, Limit, Parameter, RateSpec, Role};
use super::spec::Spec;
use super::tree::Node;
use crate::bounds::{Claim, Exponent, Instance, Pair, Provenance, Quantity, Theorem};
use crate::numerics::Interval;
use crate::verdicts::{
    Asymptote, Better, Condition, Outcome, Point, Rate, Search, Side, Threshold, Verdict, judge, threshold,
};
use rayon::prelude::*;
use serde::Serialize;

/// The object `rates --json` prints for one parameter.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RateRecord {
    solve_for: String,
    /// `exponential` where slopes are those of `e^threshold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<&'static str>,
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
    /// The verdict on the statement there, where it was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
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

/// One value of the parameter: the question there, and what it led to.
struct Place {
    /// The value on the parameter's scale.
    value: f64,
    /// The question, with everything in place but the unknown.
    tree: Node,
    condition: Condition,
    threshold: Result<Threshold, String>,
}

/// Solves for the threshold at every value of a parameter and compares the exponent with what is stated.
///
/// # Errors
/// What is wrong with the questions it poses.
pub fn solve(spec: &Spec, rate: &RateSpec, parameter: &Parameter, seed: u64) -> Result<RateRecord, SpecError> {
    let search = Search { lo: rate.bracket.0, hi: rate.bracket.1, integer: rate.is_whole(), relative: rate.precision };
    let places: Vec<Place> = parameter
        .axis
        .values
        .par_iter()
        .map(|node| {
            let (tree, value, condition) = placed(spec, rate, parameter, node, seed)?;
            let quantity = |x: f64| rate.asked.at(&posed(spec, rate, &tree, x, seed)?);
            // What is wrong with the spec is wrong at the bracket's ends too, and says so better.
            let threshold = threshold(&search, condition, quantity);
            Ok(Place { value, tree, condition, threshold })
        })
        .collect::<Result<_, SpecError>>()?;
    let asymptote = if parameter.role == Role::Accuracy { Asymptote::Small } else { Asymptote::Large };
    let mut points = Vec::new();
    let mut missing = Vec::new();
    for Place { value, threshold, .. } in &places {
        match threshold {
            Ok(found) => points.push(Point { value: *value, threshold: on_scale(rate, *found) }),
            Err(why) => missing.push((*value, why.clone())),
        }
    }
    let measured = Rate::of(points, missing, asymptote);
    let window = at_thresholds(spec, rate, &places, &measured, seed);
    let theorems = rate.theorems.as_ref().unwrap_or(&spec.theorems);
    Ok(compared(rate, parameter, &measured, &places, theorems, &window))
}

/// A threshold on the scale on which exponents are taken.
fn on_scale(rate: &RateSpec, found: Threshold) -> Threshold {
    if !rate.exponential {
        return found;
    }
    let raised = |x: f64| Interval::point(x).exp();
    Threshold { lo: raised(found.lo).lo(), hi: raised(found.hi).hi() }
}

/// The situations at the thresholds of the window, on the side where the condition holds.
fn at_thresholds(
    spec: &Spec,
    rate: &RateSpec,
    places: &[Place],
    measured: &Rate,
    seed: u64,
) -> Vec<(f64, Result<Instance, String>)> {
    let inside = |place: &Place, threshold: Threshold| {
        let at = |x: f64| posed(spec, rate, &place.tree, x, seed);
        let lower = at(threshold.lo)?;
        if place.condition.side(&rate.asked.at(&lower)) == Side::Inside { Ok(lower) } else { at(threshold.hi) }
    };
    let in_window = |value: f64| measured.window.is_some_and(|(first, last)| first <= value && value <= last);
    places
        .par_iter()
        .filter(|place| in_window(place.value))
        .filter_map(|place| Some((place.value, inside(place, *place.threshold.as_ref().ok()?))))
        .collect()
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
    if parameter.axis.path != ACCURACY {
        parameter.axis.put(&mut tree, value).map_err(|flaw| spec.at(flaw))?;
    }
    let mut probe = tree.clone();
    rate.put_unknown(&mut probe, rate.bracket.0).map_err(|flaw| spec.at(flaw))?;
    let posed = spec.question_of(&probe)?.pose(seed).map_err(|flaw| spec.at(flaw))?;
    let at = &posed.instance;
    let abscissa = match parameter.role {
        Role::Accuracy | Role::Radius | Role::Other => {
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
    let limit = match (rate.limit, posed.prescribed) {
        _ if parameter.axis.path == ACCURACY => abscissa,
        (Limit::Number(limit), _) => limit,
        (Limit::Promised, Some((_, promised))) => promised,
        (Limit::Promised, None) => {
            let help = "add `prescribed = { ... }` to [sampler.lmc], or give a number";
            return Err(spec.at(Flaw::new(&rate.span, "nothing is promised: the sampler's schedule is given", help)));
        }
    };
    Ok((tree, abscissa, Condition::AtMost(limit)))
}

/// The situation at a candidate.
fn posed(spec: &Spec, rate: &RateSpec, tree: &Node, x: f64, seed: u64) -> Result<Instance, String> {
    let mut tree = tree.clone();
    rate.put_unknown(&mut tree, x).map_err(|flaw| flaw.found)?;
    let question = spec.question_of(&tree).map_err(|e| e.to_string())?;
    Ok(question.pose(seed).map_err(|flaw| flaw.found)?.instance)
}

/// Whether an exponent of this threshold can answer for the unknown of a spec: a spec's `epsilon` is the size in L2(p), and the
/// other sizes of an error agree with it when the error is constant.
fn speaks_of(of: &str, unknown: &str) -> bool {
    of == unknown || unknown == "epsilon" && matches!(of, "path-epsilon" | "sup-epsilon")
}

/// A stated exponent, as found in a theorem.
#[derive(Clone, Copy)]
struct Stated {
    theorem: &'static Theorem,
    of: &'static str,
    power: f64,
}

/// The exponent of one status that a theorem states of the unknown in a role.
fn stated(theorem: &'static Theorem, unknown: &str, role: Role, claim: Claim) -> Option<Stated> {
    let mine =
        |in_: &str| theorem.exponents.iter().find(|e| speaks_of(e.of, unknown) && e.in_ == in_ && e.claim == claim);
    let found = |all: &[Option<&Exponent>]| {
        let all: Vec<&Exponent> = all.iter().copied().flatten().collect();
        let power = all.iter().map(|e| f64::from(e.power.0) / f64::from(e.power.1)).sum();
        all.first().map(|e| Stated { theorem, of: e.of, power })
    };
    match role {
        Role::Other => None,
        // Where a theorem has two accuracies, one accuracy stands for both: the exponents add up.
        Role::Accuracy => found(&[mine("accuracy")]).or_else(|| found(&[mine("accuracy-tv"), mine("accuracy-chi")])),
        Role::Dim | Role::Smoothness | Role::Lsi | Role::Radius => found(&[mine(role.name())]),
    }
}

/// Why a stated exponent is no exponent of what was solved for.
fn not_comparable(stated: &Stated, rate: &RateSpec, window: &[(f64, Result<Instance, String>)]) -> Option<String> {
    let Stated { theorem, of, .. } = stated;
    let label = theorem.labels[0];
    if let Asked::Divergence(kind) = rate.asked
        && !theorem.about.is_of_output(kind)
    {
        let asked = Quantity::Divergence(Pair::OutputTarget, kind);
        return Some(format!("{label} bounds the {}, not the {asked} that was solved for", theorem.about));
    }
    let constant = || window.iter().all(|(_, at)| at.as_ref().is_ok_and(Instance::has_constant_error));
    if *of == "steps"
        && let Some(step) = same_step(window)
    {
        return Some(format!(
            "{label} promises this number of steps with the step that belongs to it; here the step is {step:e} throughout"
        ));
    }
    if *of != rate.subject() && !constant() {
        let size = if *of == "sup-epsilon" { "sup |e|" } else { "sup_k (E_(q_k)|e|^2)^(1/2)" };
        return Some(format!("{label} speaks of {size}, which is not the size in L2(p) that was solved for"));
    }
    None
}

/// The step of all situations, where they share one.
fn same_step(window: &[(f64, Result<Instance, String>)]) -> Option<f64> {
    let mut steps = window.iter().filter_map(|(_, at)| Some(at.as_ref().ok()?.lmc().ok()?.step));
    let first = steps.next()?;
    steps.all(|step| step == first).then_some(first)
}

fn compared(
    rate: &RateSpec,
    parameter: &Parameter,
    measured: &Rate,
    places: &[Place],
    theorems: &[&'static Theorem],
    window: &[(f64, Result<Instance, String>)],
) -> RateRecord {
    let of = &rate.subject();
    let speaking = |claim: Claim| {
        theorems.iter().filter(|t| rate.asked.is_met_by(t)).filter_map(move |t| stated(t, of, parameter.role, claim))
    };
    let comparable = |stated: &Stated| not_comparable(stated, rate, window).is_none();
    let guarantee = speaking(Claim::Guarantee).find(comparable).or_else(|| speaking(Claim::Guarantee).next());
    let recalled = speaking(Claim::Recalled).find(comparable);
    let mut verdicts = Vec::new();
    let outcome = match guarantee {
        Some(stated) => match not_comparable(&stated, rate, window) {
            Some(why) => Outcome::Unresolved(why),
            None => {
                let better = if of == "steps" || rate.exponential { Better::Smaller } else { Better::Larger };
                let judged = |at: &Instance| judge(stated.theorem, at).verdict;
                verdicts = window
                    .par_iter()
                    .map(|(value, at)| (*value, at.as_ref().map_err(Clone::clone).map(judged)))
                    .collect();
                measured.compare(stated.power, better, rate.tolerance).given(&verdicts)
            }
        },
        None => {
            let (in_, about) = (parameter.role.name(), rate.asked.name());
            Outcome::Unresolved(format!("no theorem of the spec states an exponent of {of} in {in_} for {about}"))
        }
    };
    let verdict_at = |value: f64| {
        let found = verdicts.iter().find(|(at, _)| *at == value)?;
        Some(found.1.as_ref().map_or("UNDECIDED", Verdict::word))
    };
    RateRecord {
        solve_for: rate.solve_for.clone(),
        scale: rate.exponential.then_some("exponential"),
        such_that: rate.such_that.clone(),
        parameter: parameter.axis.path.clone(),
        r#as: parameter.role.name(),
        points: measured
            .points
            .iter()
            .filter_map(|p| {
                let found = places.iter().find(|place| place.value == p.value)?.threshold.as_ref().ok()?;
                Some(PointRecord {
                    value: Number(p.value),
                    threshold_lo: Number(found.lo),
                    threshold_hi: Number(found.hi),
                    verdict: verdict_at(p.value),
                })
            })
            .collect(),
        local_slopes: measured.local_slopes.iter().map(|s| s.value).collect(),
        local_slope_uncertainties: measured.local_slopes.iter().map(|s| s.uncertainty).collect(),
        slope: measured.fit.map(|s| s.value),
        slope_uncertainty: measured.fit.map(|s| s.uncertainty),
        window: measured.window,
        theorem: guarantee.map(|s| s.theorem.labels[0]),
        stated: guarantee.map(|s| s.power),
        stated_provenance: guarantee.map(|s| provenance_name(s.theorem.reference.provenance)),
        recalled: recalled.map(|s| s.power),
        asymptote: if measured.asymptote == Asymptote::Large { "large" } else { "small" },
        tolerance: rate.tolerance,
        outcome: outcome.word(),
        because: outcome.told(parameter.symbol()),
        missing: measured.missing.iter().map(|(v, why)| Missing { value: Number(*v), why: why.clone() }).collect(),
    }
}
