//! What `eval` says about one question: engine, epsilon, divergences, moments, constants.

use super::error::Flaw;
use super::posed::Posed;
use super::table::Provenance;
use crate::bounds::Instance;
use crate::divergences::Divergence;
use crate::laws::{Engine, Law, Unsupported};
use crate::numerics::{Evidence, Interval, Ledger, Measured, Size};
use crate::scores::Truncation;
use crate::scores::learned::Asked;
use crate::targets::{Constant, Constants};
use nalgebra::{DMatrix, DVector};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Beyond this dimension no covariance is printed.
const MOST_COV: usize = 100;

/// A number in JSON: infinite values are strings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { to.serialize_f64(self.0) } else { to.serialize_str(&super::tree::float(self.0)) }
    }
}

/// An interval in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ends {
    lo: Number,
    hi: Number,
}

impl From<Interval> for Ends {
    fn from(x: Interval) -> Self {
        Self { lo: Number(x.lo()), hi: Number(x.hi()) }
    }
}

/// The epsilon reached at a noise level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reached {
    /// The process time.
    level: Number,
    #[serde(flatten)]
    epsilon: Ends,
    /// `checked` or `confidence`, where it is not proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

/// Mean and covariance of the output law, or lists of them for products.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Moments {
    /// Of the whole law.
    Whole {
        /// E X.
        mean: Vec<Number>,
        /// Cov X, up to dimension 100.
        #[serde(skip_serializing_if = "Option::is_none")]
        cov: Option<Vec<Vec<Number>>>,
        /// `exact` where both are closed forms.
        #[serde(skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
    },
    /// Factor by factor.
    Factors {
        /// How many copies of each.
        copies: Vec<u64>,
        /// Their means.
        mean: Vec<Vec<Number>>,
        /// Their covariances, up to dimension 100 of the whole.
        #[serde(skip_serializing_if = "Option::is_none")]
        cov: Option<Vec<Vec<Vec<Number>>>>,
        /// `exact` where all of them are closed forms.
        #[serde(skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
    },
}

/// The constants of the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Known {
    lipschitz: Ends,
    lsi: Ends,
    poincare: Ends,
    second_moment: Number,
}

/// The divergences in the order asked for.
#[derive(Clone, Debug)]
pub struct Divergences(pub Vec<(Divergence, Result<Measured, String>)>);

impl Serialize for Divergences {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        entries(to, self.0.iter().map(|(kind, found)| (kind.name(), found)))
    }
}

/// What was measured of a learned score.
#[derive(Clone, Debug)]
pub struct Learning(pub Vec<(Asked, Result<Measured, String>)>);

impl Learning {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Learning {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        entries(to, self.0.iter().map(|(asked, found)| (asked.name(), found)))
    }
}

/// Measured numbers by name, or why there are none.
fn entries<'a, S: Serializer>(
    to: S,
    all: impl ExactSizeIterator<Item = (&'static str, &'a Result<Measured, String>)>,
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(all.len()))?;
    for (name, found) in all {
        match found {
            Ok(measured) => map.serialize_entry(name, &Shown::from(measured))?,
            Err(why) => map.serialize_entry(name, &serde_json::json!({ "error": why }))?,
        }
    }
    map.end()
}

/// A measured number in JSON.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    value: Ends,
    evidence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<f64>,
}

impl From<&Measured> for Shown {
    fn from(m: &Measured) -> Self {
        let level = match m.evidence {
            Evidence::Confidence { level } => Some(level),
            Evidence::Exact | Evidence::Certified | Evidence::Checked => None,
        };
        Self { value: m.value.into(), evidence: m.evidence.to_string(), level }
    }
}

/// What is known of a truncation: beyond `least-bound` = alpha R/sigma^2 it leaves the exact score as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Truncated {
    bound: Number,
    radius: Ends,
    least_bound: Ends,
    keeps_exact: bool,
}

impl From<&Truncation> for Truncated {
    fn from(truncation: &Truncation) -> Self {
        Self {
            bound: Number(truncation.bound()),
            radius: truncation.radius().into(),
            least_bound: truncation.least_bound().into(),
            keeps_exact: truncation.keeps_exact(),
        }
    }
}

/// The sampler's schedule where a theorem prescribed it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prescribed {
    step: Number,
    steps: u64,
    tau: Number,
    epsilon: Number,
    promised: Number,
}

/// One term of an error ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTerm {
    /// Which divergence.
    pub of: String,
    /// Where the error comes from.
    pub source: String,
    /// `bounded`, `open` or `random`.
    pub known: &'static str,
    /// Its size.
    pub size: Number,
    /// Which inequality, or what would close it.
    pub why: String,
}

/// What `--explain` adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Why cheaper engines were not taken.
    pub refused: Vec<String>,
    /// The error terms of every divergence, by name.
    pub ledger: Vec<ExplainedTerm>,
    /// Where each constant's ends come from.
    pub constants: Vec<String>,
}

/// The answer to one question.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    #[serde(serialize_with = "engine_name", skip_serializing_if = "Option::is_none")]
    engine: Option<Engine>,
    /// What was made of the table that the target is the law of.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Provenance>,
    epsilon: Vec<Reached>,
    /// The divergences.
    pub divergences: Divergences,
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<Moments>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constants: Option<Known>,
    /// What was asked of a learned score, in the order asked for.
    #[serde(skip_serializing_if = "Learning::is_empty")]
    pub learning: Learning,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<Truncated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prescribed: Option<Prescribed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// How, if that was asked for.
    pub explain: Option<Explanation>,
}

fn engine_name<S: Serializer>(engine: &Option<Engine>, to: S) -> Result<S::Ok, S::Error> {
    engine.map(Engine::name).serialize(to)
}

/// Answers a question. With `explain`, says also how.
///
/// # Errors
/// Why no law came out, at the place in the spec that asks for it.
pub fn evaluate(posed: &Posed, explain: bool) -> Result<Evaluation, Flaw> {
    let at = &posed.instance;
    // A score that is handed to no sampler has no output: what is there is its errors.
    let sampled = !posed.is_unsampled();
    let plan = posed.plan()?;
    let law = at.output().map_err(|why| posed.stopped(why))?;
    let divergences: Vec<_> = posed.measure.divergences.iter().map(|&kind| (kind, at.divergence(kind))).collect();
    let reached = |&(level, name): &(_, f64)| Reached {
        level: Number(name),
        epsilon: at.epsilon_at(level).into(),
        evidence: at.epsilon_evidence_at(level).filter(|e| !e.is_proved()).map(|e| e.to_string()),
    };
    let epsilon = match &at.field.error {
        None if at.program.blocks.is_empty() => Vec::new(),
        _ => posed.names.iter().map(reached).collect(),
    };
    let learning: Vec<_> = posed.measure.learning.iter().map(|&asked| (asked, posed.learned(asked))).collect();
    let (divergences, learning) = (Divergences(divergences), Learning(learning));
    let constants = at.constants();
    let explanation = explain.then(|| Explanation {
        refused: plan.refused.iter().chain(at.gave_up()).map(Unsupported::to_string).collect(),
        ledger: named(&divergences, &learning).flat_map(|(name, found)| terms(name, found)).collect(),
        constants: if sampled { certificates(constants) } else { Vec::new() },
    });
    Ok(Evaluation {
        engine: if sampled { Some(posed.engine()?) } else { None },
        data: posed.table.clone(),
        epsilon,
        divergences,
        learning,
        law: sampled.then(|| moments(law, posed.product)),
        constants: sampled.then(|| Known {
            lipschitz: constants.lipschitz.value.into(),
            lsi: constants.lsi.value.into(),
            poincare: constants.poincare.value.into(),
            second_moment: Number(second_moment(at)),
        }),
        truncation: at.field.truncation.as_ref().map(Truncated::from),
        prescribed: posed.prescribed.map(|(p, promised)| Prescribed {
            step: Number(p.step),
            steps: p.steps,
            tau: Number(p.tau),
            epsilon: Number(p.epsilon),
            promised: Number(promised),
        }),
        explain: explanation,
    })
}

/// E|x|^2 of the target at the level of comparison; of atoms, which have no constants there, from the atoms.
fn second_moment(at: &Instance) -> f64 {
    let known = at.constants().second_moment;
    let of_atoms = || at.target.data().filter(|_| at.level.is_data()).map(|data| data.second_moment());
    let found = if known.is_finite() { known } else { of_atoms().unwrap_or(known) };
    if found.is_finite() { found.mid() } else { f64::INFINITY }
}

/// Everything that was measured, by name.
fn named<'a>(
    divergences: &'a Divergences,
    learning: &'a Learning,
) -> impl Iterator<Item = (&'static str, &'a Result<Measured, String>)> {
    let first = divergences.0.iter().map(|(kind, found)| (kind.name(), found));
    first.chain(learning.0.iter().map(|(asked, found)| (asked.name(), found)))
}

impl Evaluation {
    /// Whether nothing that was asked for could be measured, with the first reason.
    #[must_use]
    pub fn all_failed(&self) -> Option<&str> {
        let all = named(&self.divergences, &self.learning);
        let failures: Option<Vec<&String>> = all.map(|(_, found)| found.as_ref().err()).collect();
        failures?.first().map(|why| why.as_str())
    }

    /// The explanation as lines of text.
    #[must_use]
    pub fn explanation(&self) -> String {
        let Some(explain) = &self.explain else { return String::new() };
        let mut lines: Vec<String> = self.engine.iter().map(|engine| format!("engine: {engine}")).collect();
        lines.extend(explain.refused.iter().map(|why| format!("refused: {why}")));
        for (name, found) in named(&self.divergences, &self.learning) {
            match found {
                Ok(measured) => lines.push(format!("{name}: {measured}")),
                Err(why) => lines.push(format!("{name}: {why}")),
            }
            let own = explain.ledger.iter().filter(|term| term.of == name);
            lines.extend(own.map(|t| format!("  {} ({}) {:.3e}: {}", t.source, t.known, t.size.0, t.why)));
        }
        lines.extend(explain.constants.iter().cloned());
        lines.join("\n") + "\n"
    }
}

/// The terms of a divergence's ledger.
fn terms(of: &str, found: &Result<Measured, String>) -> Vec<ExplainedTerm> {
    let empty = Ledger::new();
    let ledger = found.as_ref().map_or(&empty, |m| &m.ledger);
    let term = |t: &crate::numerics::Term| {
        let (known, size) = match t.size {
            Size::Bounded(x) => ("bounded", x),
            Size::Open(x) => ("open", x),
            Size::Random { bound, .. } => ("random", bound),
        };
        ExplainedTerm { of: of.to_owned(), source: t.source.to_string(), known, size: Number(size), why: t.why.clone() }
    };
    ledger.terms().iter().map(term).collect()
}

fn certificates(constants: &Constants) -> Vec<String> {
    let line = |name: &str, c: &Constant| {
        let (lower, upper) = (&c.lower, &c.upper);
        format!(
            "{name} in {}: below by {} ({}), above by {} ({})",
            c.value, lower.statement, lower.evidence, upper.statement, upper.evidence
        )
    };
    vec![
        line("L", &constants.lipschitz),
        line("C_LS", &constants.lsi),
        line("C_P", &constants.poincare),
        format!("E|x|^2 in {}", constants.second_moment),
    ]
}

fn vector(v: &DVector<f64>) -> Vec<Number> {
    v.iter().map(|x| Number(*x)).collect()
}

fn rows(m: &DMatrix<f64>) -> Vec<Vec<Number>> {
    m.row_iter().map(|row| row.iter().map(|x| Number(*x)).collect()).collect()
}

/// The moments of a law, factor by factor if the spec calls it a product.
fn moments(law: &Law, product: bool) -> Moments {
    let small = law.dim() <= MOST_COV;
    let evidence = law.moments_evidence().map(|evidence| evidence.to_string());
    match law {
        Law::Product(factors) if product => Moments::Factors {
            copies: factors.iter().map(|(_, copies)| *copies).collect(),
            mean: factors.iter().map(|(f, _)| vector(&f.mean())).collect(),
            cov: small.then(|| factors.iter().map(|(f, _)| rows(&f.cov())).collect()),
            evidence,
        },
        whole if product => Moments::Factors {
            copies: vec![1],
            mean: vec![vector(&whole.mean())],
            cov: small.then(|| vec![rows(&whole.cov())]),
            evidence,
        },
        whole => Moments::Whole { mean: vector(&whole.mean()), cov: small.then(|| rows(&whole.cov())), evidence },
    }
}
