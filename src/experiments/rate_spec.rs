//! The `[rate]` table of a spec: what to solve for, and against which parameters.

use super::error::Flaw;
use super::fields::{Fields, counted, items, number, positive, suggestion, text, wrong};
use super::figure::CONSTANTS;
use super::files::Files;
use super::measure::divergence;
use super::question::Question;
use super::spec::theorems;
use super::sweep::{self, Axis, CASE};
use super::tree::{Node, Span, Value, float};
use crate::bounds::{Instance, Theorem};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::verdicts::{Verdict, check_hypotheses};

/// The parameter that stands for the number in `such-that`.
pub const ACCURACY: &str = "accuracy";

/// One threshold to solve for.
#[derive(Clone)]
pub struct RateSpec {
    /// The path whose value is solved for.
    pub solve_for: String,
    /// Its place.
    pub span: Span,
    /// The place of the bracket.
    pub bracket_span: Span,
    /// The condition as written.
    pub such_that: String,
    /// What the condition is about.
    pub asked: Asked,
    /// What it must not exceed.
    pub limit: Limit,
    /// Where to look.
    pub bracket: (f64, f64),
    /// The parameters whose exponents are wanted.
    pub parameters: Vec<Parameter>,
    /// How far exponents may be apart and still match.
    pub tolerance: f64,
    /// How narrow, relatively, a threshold is bracketed.
    pub precision: f64,
    /// Whether exponents are those of `e^threshold`: what is solved for is a time that grows like a logarithm.
    pub exponential: bool,
    /// The theorems whose exponents are compared; `None`: the spec's.
    pub theorems: Option<Vec<&'static Theorem>>,
    /// The spec with everything in place but the parameters and the unknown.
    pub tree: Node,
}

/// What a condition is about.
#[derive(Clone, Copy)]
pub enum Asked {
    /// A divergence of the output from the target.
    Divergence(Divergence),
    /// The bound of a theorem, infinite where a hypothesis fails.
    Bound(&'static Theorem),
    /// A constant of the target, at the level at which the output is compared.
    Constant(&'static str),
}

/// What a quantity must not exceed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A number.
    Number(f64),
    /// The accuracy that the sampler's prescription promises.
    Promised,
}

impl Asked {
    /// Its value at an instance.
    ///
    /// # Errors
    /// Why it has none: no engine, or a hypothesis that is not decided.
    pub fn at(self, at: &Instance) -> Result<Interval, String> {
        match self {
            Asked::Divergence(kind) => Ok(at.divergence(kind)?.value),
            Asked::Bound(theorem) => match check_hypotheses(theorem, at) {
                Ok(_) => Ok((theorem.bound)(at)?.value),
                Err(Verdict::HypothesisFailed { .. }) => Ok(Interval::INFINITY),
                Err(verdict) => Err(verdict.to_string()),
            },
            Asked::Constant(name) => {
                let all = at.constants();
                let constant = match name {
                    "poincare" => &all.poincare,
                    "smoothness" => &all.lipschitz,
                    _ => &all.lsi,
                };
                Ok(constant.value)
            }
        }
    }

    /// What it is called in sentences.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Asked::Divergence(kind) => kind.name().to_owned(),
            Asked::Bound(theorem) => format!("the bound of {}", theorem.labels[0]),
            Asked::Constant(name) => name.to_owned(),
        }
    }

    /// Whether a theorem's exponents may speak of it.
    #[must_use]
    pub fn is_met_by(self, theorem: &Theorem) -> bool {
        match self {
            Asked::Divergence(kind) => theorem.about.kind() == kind.name(),
            Asked::Bound(own) => own.id == theorem.id,
            Asked::Constant(name) => theorem.about.kind().split('-').next() == Some(name),
        }
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its axis; the path is `accuracy` for the number in the condition.
    pub axis: Axis,
    /// What its values mean for exponents.
    pub role: Role,
}

/// What a parameter is to an exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The number in the condition.
    Accuracy,
    /// The target's dimension at each value.
    Dim,
    /// The target's L, taken at each value.
    Smoothness,
    /// The target's C_LS, taken at each value.
    Lsi,
    /// The radius of the data, or a number in proportion to it.
    Radius,
    /// Nothing a theorem speaks of: the value itself.
    Other,
}

impl Role {
    /// The name in stated exponents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Accuracy => "accuracy",
            Role::Dim => "dim",
            Role::Smoothness => "smoothness",
            Role::Lsi => "lsi",
            Role::Radius => "radius",
            Role::Other => "other",
        }
    }
}

impl Parameter {
    /// The symbol that powers of it are written with.
    #[must_use]
    pub fn symbol(&self) -> &str {
        match self.role {
            Role::Accuracy => "accuracy",
            Role::Dim => "d",
            Role::Smoothness => "L",
            Role::Lsi => "C",
            Role::Radius => "R",
            Role::Other => self.axis.path.rsplit('.').next().unwrap_or(&self.axis.path),
        }
    }
}

/// Whether a path sets a number of coordinates: what its values mean is the dimension of the target they lead to.
#[must_use]
pub fn moves_dimension(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("copies" | "dim"))
}

/// Reads `[rate]` or a list of them.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(
    node: &Node,
    tree: &Node,
    files: &Files,
    axes: &[Axis],
    theorems: &[&'static Theorem],
) -> Result<Vec<RateSpec>, Flaw> {
    let one = |node| {
        let rate = one(node, tree, axes, theorems)?;
        rate.check_questions(files)?;
        Ok(rate)
    };
    match &node.value {
        Value::Array(list) => list.iter().map(one).collect(),
        _ => Ok(vec![one(node)?]),
    }
}

fn one(node: &Node, tree: &Node, axes: &[Axis], inherited: &[&'static Theorem]) -> Result<RateSpec, Flaw> {
    let mut fields = Fields::of(node, "rate")?;
    let target = fields.need("solve-for", "a path such as \"sampler.lmc.step\"")?;
    let solve_for = text(target, "rate.solve-for")?.to_owned();
    let such = fields.need("such-that", "a condition such as \"kl <= 0.1\"")?;
    let such_that = text(such, "rate.such-that")?.to_owned();
    let (quantity, limit) = condition(&such_that, &such.span)?;
    let ends = fields.need("bracket", "two numbers between which to look")?;
    let bracket = match items(ends, "rate.bracket", "two numbers")? {
        [a, b] => (positive(a, "rate.bracket[0]")?, positive(b, "rate.bracket[1]")?),
        other => {
            let found = format!("`rate.bracket` has {}", counted(other.len(), "number"));
            return Err(Flaw::new(&ends.span, found, "a bracket has two ends"));
        }
    };
    if bracket.0 >= bracket.1 {
        return Err(Flaw::new(&ends.span, "the bracket is empty", "expected two ascending numbers"));
    }
    let tolerance = fields.positive("tolerance")?.unwrap_or(0.05);
    let precision = fields.positive("precision")?.unwrap_or(1e-4);
    let exponential = fields.boolean("exponential")?.unwrap_or(false);
    let own_theorems = fields.maybe("theorems").map(|node| theorems(node, "rate.theorems")).transpose()?;
    let asked = match (quantity, own_theorems.as_deref().unwrap_or(inherited)) {
        (Condition::Of(asked), _) => asked,
        (Condition::Bound, [theorem]) => Asked::Bound(theorem),
        (Condition::Bound, several) => {
            let found = format!("`bound` is that of one theorem, and here are {}", several.len());
            return Err(Flaw::new(&such.span, found, "give the rate its own, for example theorems = [\"LLT-6b\"]"));
        }
    };
    let mut tree = tree.clone();
    if let Some(with) = fields.maybe("with") {
        if with.table().is_none() {
            return Err(wrong(with, "rate.with", "a table of what this rate changes"));
        }
        tree.overlay(with);
    }
    let own = fields.maybe("sweep").map_or(Ok(Vec::new()), |node| sweep::read_axes(node, "rate.sweep"))?;
    let inherited = axes.iter().filter(|a| !own.iter().any(|o| o.path == a.path));
    let all: Vec<&Axis> = own.iter().chain(inherited).collect();
    let list = fields.need("exponents-of", "a list of swept paths")?;
    let wanted = items(list, "rate.exponents-of", "a list of swept paths")?;
    let parameters: Vec<Parameter> = wanted.iter().map(|item| parameter(item, &all)).collect::<Result<_, Flaw>>()?;
    if limit == Limit::Promised && parameters.iter().any(|p| p.axis.path == ACCURACY) {
        let help = "`accuracy` stands for the number in `such-that`; sweep \"sampler.lmc.prescribed.accuracy\" instead";
        return Err(Flaw::new(&list.span, "what is promised is no number that could vary by itself", help));
    }
    if parameters.is_empty() {
        return Err(Flaw::new(&list.span, "`rate.exponents-of` is empty", "name at least one swept path"));
    }
    fields.finish()?;
    // Swept paths keep the value of the file; where the file has none, the first of the sweep. Cases come first.
    for axis in all.iter().filter(|a| a.path == CASE).chain(all.iter().filter(|a| a.path != CASE)) {
        if axis.path != ACCURACY && tree.at(&axis.path).is_none() {
            axis.put(&mut tree, &axis.values[0])?;
        }
    }
    Ok(RateSpec {
        solve_for,
        span: target.span.clone(),
        bracket_span: ends.span.clone(),
        such_that,
        asked,
        limit,
        bracket,
        parameters,
        tolerance,
        precision,
        exponential,
        theorems: own_theorems,
        tree,
    })
}

impl RateSpec {
    /// Puts a candidate in the place of the unknown.
    ///
    /// # Errors
    /// When the path leads nowhere.
    pub fn put_unknown(&self, tree: &mut Node, x: f64) -> Result<(), Flaw> {
        let value = if self.is_whole() { Value::Integer(x as i64) } else { Value::Float(x) };
        sweep::set(tree, &self.solve_for, &self.span, Node { span: self.bracket_span.clone(), value })
    }

    /// The last word of the path: what is solved for.
    #[must_use]
    pub fn unknown(&self) -> &str {
        self.solve_for.rsplit('.').next().unwrap_or_default()
    }

    /// What exponents are of: the unknown, or `exp-` and the unknown.
    #[must_use]
    pub fn subject(&self) -> String {
        let prefix = if self.exponential { "exp-" } else { "" };
        format!("{prefix}{}", self.unknown())
    }

    /// Whether the unknown is a whole number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let counts = ["steps", "steps-per-level", "corrector-steps", "levels", "evaluations"];
        counts.contains(&self.unknown()) || moves_dimension(&self.solve_for)
    }

    /// Reads every question this rate will pose at the ends of the bracket, so that a path that means nothing is an error
    /// and not a missing threshold.
    fn check_questions(&self, files: &Files) -> Result<(), Flaw> {
        let read = |tree: &Node| {
            let (lo, hi) = self.bracket;
            [lo, hi].into_iter().try_for_each(|end| {
                let mut tree = tree.clone();
                self.put_unknown(&mut tree, end)?;
                Fields::of(&tree, "").and_then(|mut fields| Question::read(&mut fields, files)).map(drop)
            })
        };
        for parameter in &self.parameters {
            if parameter.axis.path == ACCURACY {
                read(&self.tree)?;
                continue;
            }
            for value in &parameter.axis.values {
                let mut tree = self.tree.clone();
                parameter.axis.put(&mut tree, value)?;
                read(&tree)?;
            }
        }
        Ok(())
    }
}

/// What stands on the left of a condition.
enum Condition {
    /// A divergence or a constant.
    Of(Asked),
    /// The bound of the rate's one theorem.
    Bound,
}

/// `<divergence, constant or bound> <= <number or promised>`.
fn condition(such_that: &str, span: &Span) -> Result<(Condition, Limit), Flaw> {
    let help = "expected `<divergence> <= <number>`, for example \"kl <= 0.1\"";
    let Some((name, limit)) = such_that.split_once("<=") else {
        return Err(Flaw::new(span, format!("the condition \"{such_that}\" has no `<=`"), help));
    };
    let kind = match name.trim() {
        "bound" => Condition::Bound,
        name => Condition::Of(match CONSTANTS.iter().find(|known| **known == name) {
            Some(constant) => Asked::Constant(constant),
            None => Asked::Divergence(divergence(name, span)?),
        }),
    };
    if limit.trim() == "promised" {
        return Ok((kind, Limit::Promised));
    }
    let limit: f64 = match limit.trim().parse() {
        Ok(limit) if f64::is_finite(limit) => limit,
        _ => return Err(Flaw::new(span, format!("`{}` is not a finite number", limit.trim()), help)),
    };
    if limit <= 0.0 {
        let found = format!("nothing but the target itself meets \"{such_that}\"");
        return Err(Flaw::new(span, found, "no divergence is negative: the number must be greater than 0"));
    }
    if let Condition::Of(Asked::Divergence(kind @ (Divergence::Tv | Divergence::HellingerSquared))) = kind
        && limit >= 1.0
    {
        let found = format!("every law meets \"{such_that}\"");
        return Err(Flaw::new(span, found, format!("{} is at most 1: the number must be below 1", kind.name())));
    }
    Ok((kind, Limit::Number(limit)))
}

fn parameter(item: &Node, axes: &[&Axis]) -> Result<Parameter, Flaw> {
    let (path, span, role) = match &item.value {
        Value::Text(path) => (path.clone(), &item.span, None),
        Value::Table(_) => {
            let mut fields = Fields::of(item, "rate.exponents-of")?;
            let path = fields.need("path", "a swept path")?;
            let role = match fields.text("as")? {
                None => None,
                Some((name, span)) => Some(role(name, span)?),
            };
            fields.finish()?;
            (text(path, "rate.exponents-of.path")?.to_owned(), &path.span, role)
        }
        _ => return Err(wrong(item, "rate.exponents-of", "a swept path, or { path = \"...\", as = \"lsi\" }")),
    };
    let Some(axis) = axes.iter().find(|a| a.path == path) else {
        return Err(Flaw::new(span, format!("`{path}` is not swept"), sweep::help_on_axes(&path, axes)));
    };
    if axis.values.iter().all(|value| *value == axis.values[0]) {
        let found = format!("`{path}` takes one value only");
        return Err(Flaw::new(&axis.span, found, "a slope needs two values at least, a verdict on it three"));
    }
    let guessed = match path.as_str() {
        ACCURACY => Role::Accuracy,
        path if moves_dimension(path) => Role::Dim,
        _ => Role::Other,
    };
    if matches!(role.unwrap_or(guessed), Role::Accuracy | Role::Radius | Role::Other) {
        for value in &axis.values {
            let x = number(value, &path)?;
            if x <= 0.0 {
                let found = format!("`{path}` takes the value {}", float(x));
                return Err(Flaw::new(&value.span, found, "exponents need positive values"));
            }
        }
    }
    Ok(Parameter { axis: (*axis).clone(), role: role.unwrap_or(guessed) })
}

fn role(name: &str, span: &Span) -> Result<Role, Flaw> {
    match name {
        "dim" => Ok(Role::Dim),
        "smoothness" => Ok(Role::Smoothness),
        "lsi" => Ok(Role::Lsi),
        "accuracy" => Ok(Role::Accuracy),
        "radius" => Ok(Role::Radius),
        _ => {
            let found = format!("no exponent is stated in `{name}`");
            Err(Flaw::new(span, found, suggestion(name, ["dim", "smoothness", "lsi", "accuracy", "radius"])))
        }
    }
}
