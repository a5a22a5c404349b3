//! The `[figure]` table of a spec, handed on to the report as it is.

use super::error::Flaw;
use super::fields::{Fields, items, number, suggestion, text};
use super::record::PRESCRIBED;
use super::sampler::help_on_theorems;
use super::sweep::{Axis, help_on_axes};
use super::tree::{Node, Span, Value};
use crate::bounds::{self, Theorem};
use crate::divergences::Divergence;
use crate::scores::learned::Asked;
use serde::{Deserialize, Serialize};

/// What a figure shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FigureSpec {
    /// The swept path on the horizontal axis, or one of [`CONSTANTS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Divergences and other quantities, and `bound` for all bounds or labels of theorems for theirs. What a bound is about is
    /// listed wherever the bound is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// The swept path that tells series apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// A swept path of which every point shows the worst value, the one with the largest divergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_over: Option<String>,
    /// A swept path of which every point shows the best value, after the worst one over that of `worst-over`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_over: Option<String>,
    /// A swept path over which every point, and every row of the table, is the mean with Student's 95 % interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_over: Option<String>,
    /// A swept path by whose values the vertical axis is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// The text of the horizontal axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_label: Option<String>,
    /// What the values of `series` are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series_label: Option<String>,
    /// Stated slopes, drawn as guide lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slopes: Vec<SlopeSpec>,
    /// Bounds whose terms are drawn as shares, each in a figure of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<StackSpec>,
    /// The label of a theorem whose bound is recorded and drawn part by part along the noise levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Lists of quantities whose order by size is told, and in how many of the repetitions of `mean-over` it is the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rank: Vec<Vec<String>>,
}

/// A bound whose terms are drawn as shares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StackSpec {
    /// The theorem's label.
    pub theorem: String,
    /// The terms, from the lowest up; empty: the first terms that add up to the bound, or all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}

/// A guide line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlopeSpec {
    /// Which divergence's panels; empty means all.
    pub of: String,
    /// The exponent.
    pub power: f64,
    /// What is said about it.
    pub label: String,
    /// The theorem through whose bound it goes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
}

/// The word for series that are the quantities drawn, all on one axis.
const QUANTITY: &str = "quantity";
const DIVERGENCES: &str = "measure.divergences";
const LEARNING: &str = "measure.learning";

/// Constants of the target that a figure may have on its horizontal axis: the upper ends of their enclosures.
pub const CONSTANTS: [&str; 3] = ["lsi", "poincare", "smoothness"];

impl FigureSpec {
    /// The constant on the horizontal axis, if there is one.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        self.x.as_deref().filter(|x| CONSTANTS.contains(x))
    }
}

/// What the records of a spec will hold.
pub struct Recorded<'a> {
    /// The spec as a tree.
    pub tree: &'a Node,
    /// The axes of its sweep.
    pub axes: &'a [Axis],
    /// The theorems it is held against.
    pub theorems: &'a [&'static Theorem],
    /// Whether a theorem prescribes its schedule.
    pub prescribes: bool,
}

/// The words in a list.
fn words(node: &Node) -> Vec<&str> {
    let Value::Array(items) = &node.value else { return Vec::new() };
    let mut words = Vec::new();
    for item in items {
        if let Value::Text(text) = &item.value {
            words.push(text.as_str());
        }
    }
    words
}

impl Recorded<'_> {
    /// The divergences asked for in the file or in one of its cases; all of them where that cannot be told from these.
    fn divergences(&self) -> Vec<&'static str> {
        let all = || Divergence::ALL.into_iter().map(Divergence::name);
        // A spec that lists neither measures what is usual.
        let is_bare = self.tree.at(DIVERGENCES).is_none() && self.tree.at(LEARNING).is_none();
        let named = self.named(DIVERGENCES);
        match is_bare || self.axes.iter().any(|axis| axis.path.starts_with("measure")) {
            true => all().collect(),
            false => all().filter(|name| named.contains(name)).collect(),
        }
    }

    /// The words in the lists at a path, in the file or in what its sweep brings.
    fn named(&self, path: &'static str) -> Vec<&str> {
        let brought = self.axes.iter().flat_map(|axis| axis.brought(path));
        brought.chain(self.tree.at(path)).flat_map(words).collect()
    }

    /// What is measured of a learned score, in the file or in what its sweep brings.
    fn learning(&self) -> impl Iterator<Item = &'static str> {
        let named = self.named(LEARNING);
        Asked::ALL.into_iter().map(Asked::name).filter(move |name| named.contains(name))
    }

    /// Everything that can stand on a vertical axis.
    fn quantities(&self) -> Vec<&'static str> {
        let prescribed = PRESCRIBED.into_iter().filter(|_| self.prescribes);
        let mut all: Vec<&str> = self.divergences();
        all.extend(self.learning());
        all.extend(self.theorems.iter().map(|t| t.about.name()).chain(prescribed));
        all
    }

    /// A quantity that is recorded.
    pub fn quantity<'n>(&self, name: &'n str, span: &Span, others: &[&'static str]) -> Result<&'n str, Flaw> {
        let known = quantity(name, span, others)?;
        if others.contains(&name) || self.quantities().contains(&name) {
            return Ok(known);
        }
        let help = match name {
            name if PRESCRIBED.contains(&name) => "it needs `prescribed = { ... }` in the sampler".to_owned(),
            name if Divergence::ALL.into_iter().any(|d| d.name() == name) => {
                format!("add \"{name}\" to `measure.divergences`, or leave it out here")
            }
            name if Asked::ALL.into_iter().any(|asked| asked.name() == name) => {
                format!("add \"{name}\" to `measure.learning`, or leave it out here")
            }
            name => {
                let labels = bounds::THEOREMS.iter().filter(|t| t.about.name() == name).map(|t| t.labels[0]);
                format!("it is what {} speaks of: add one to `theorems`", labels.collect::<Vec<_>>().join(", "))
            }
        };
        Err(Flaw::new(span, format!("`{name}` is not measured, so it cannot be drawn"), help))
    }

    /// A theorem of the spec.
    fn theorem(&self, name: &str, span: &Span) -> Result<&'static Theorem, Flaw> {
        let unknown = || Flaw::new(span, format!("no theorem is called `{name}`"), help_on_theorems(name));
        let theorem = bounds::find(name).ok_or_else(unknown)?;
        match self.theorems.iter().any(|t| t.id == theorem.id) {
            true => Ok(theorem),
            false => {
                let found = format!("`{name}` is not among the `theorems` of the spec, so its bound cannot be drawn");
                Err(Flaw::new(span, found, "add it to `theorems`, or leave it out here"))
            }
        }
    }
}

/// Reads `[figure]`: all that it asks for is drawn.
///
/// # Errors
/// The first thing that is wrong or that will not be in the records, with its place.
pub fn read(node: &Node, recorded: &Recorded<'_>) -> Result<FigureSpec, Flaw> {
    let axes = recorded.axes;
    let mut fields = Fields::of(node, "figure")?;
    let mut path = |key: &'static str| -> Result<Option<String>, Flaw> {
        let Some((path, span)) = fields.text(key)? else { return Ok(None) };
        if axes.iter().any(|axis| axis.path == path)
            || (key == "x" && CONSTANTS.contains(&path))
            || (key == "series" && path == QUANTITY)
        {
            return Ok(Some(path.to_owned()));
        }
        let found = format!("`figure.{key}` is \"{path}\", which is not swept");
        Err(Flaw::new(span, found, help_on_axes(path, axes)))
    };
    let (x, series) = (path("x")?, path("series")?);
    let (worst_over, best_over, per) = (path("worst-over")?, path("best-over")?, path("per")?);
    let mean_over = path("mean-over")?;
    let others =
        [("x", &x), ("series", &series), ("per", &per), ("worst-over", &worst_over), ("best-over", &best_over)];
    for (own, over) in [("worst-over", &worst_over), ("best-over", &best_over), ("mean-over", &mean_over)] {
        if let Some((key, _)) = others.into_iter().find(|(key, other)| *key != own && over.is_some() && *other == over)
            && let Some(node) = fields.maybe(own)
        {
            let found = format!("`figure.{own}` is the path of `figure.{key}`");
            return Err(Flaw::new(&node.span, found, "name a path that is swept beside it"));
        }
    }
    let divisor = axes.iter().find(|axis| Some(&axis.path) == per.as_ref());
    let unfit = |axis: &&Axis| axis.values.iter().any(|value| !number(value, &axis.path).is_ok_and(|x| x > 0.0));
    if let (Some(axis), Some(node)) = (divisor.filter(unfit), fields.maybe("per")) {
        let found = format!("`figure.per` is \"{}\", whose values are not all positive numbers", axis.path);
        return Err(Flaw::new(&node.span, found, "a vertical axis is divided by positive numbers only"));
    }
    let mut y: Vec<String> = Vec::new();
    let mut bounds_drawn: Vec<&'static Theorem> = Vec::new();
    if let Some(list) = fields.maybe("y") {
        for (i, item) in items(list, "figure.y", "a list such as [\"tv\", \"bound\"]")?.iter().enumerate() {
            let name = text(item, &format!("figure.y[{i}]"))?;
            if bounds::find(name).is_some() {
                let theorem = recorded.theorem(name, &item.span)?;
                bounds_drawn.push(theorem);
                y.push(theorem.labels[0].to_owned());
            } else {
                y.push(recorded.quantity(name, &item.span, &["bound"])?.to_owned());
                if name == "bound" && recorded.theorems.is_empty() {
                    let found = "`bound` cannot be drawn: the spec has no `theorems`";
                    return Err(Flaw::new(&item.span, found, "add some, or leave it out here"));
                }
            }
        }
    }
    if y.is_empty() || y.iter().any(|name| name == "bound") {
        bounds_drawn = recorded.theorems.to_vec();
    }
    // A bound stands beside what it bounds.
    let chosen = !y.is_empty();
    for theorem in &bounds_drawn {
        if chosen && !y.iter().any(|name| name == theorem.about.name()) {
            y.push(theorem.about.name().to_owned());
        }
    }
    let x_label = fields.text("x-label")?.map(|(text, _)| text.to_owned());
    let series_label = fields.text("series-label")?.map(|(text, _)| text.to_owned());
    let mut slopes = Vec::new();
    if let Some(list) = fields.maybe("slopes") {
        for item in items(list, "figure.slopes", "a list of tables such as { of = \"kl\", power = 1.0 }")? {
            let mut slope = Fields::of(item, "figure.slopes")?;
            let power = number(slope.need("power", "the exponent")?, "figure.slopes.power")?;
            let of = match slope.text("of")? {
                None => String::new(),
                Some((name, span)) => {
                    let name = recorded.quantity(name, span, &[])?;
                    if !y.is_empty() && !y.iter().any(|drawn| drawn == name) {
                        let found = format!("`{name}` is not drawn, so no slope can stand beside it");
                        return Err(Flaw::new(span, found, "add it to `figure.y`, or leave the slope out"));
                    }
                    name.to_owned()
                }
            };
            let label = slope.text("label")?.map_or_else(String::new, |(t, _)| t.to_owned());
            let on = match slope.text("on")? {
                None => String::new(),
                Some((name, span)) => {
                    let theorem = recorded.theorem(name, span)?;
                    if !bounds_drawn.iter().any(|t| t.id == theorem.id) {
                        let found = format!("the bound of `{name}` is not drawn, so no slope can stand on it");
                        return Err(Flaw::new(span, found, "add it to `figure.y`, or leave `on` out"));
                    }
                    if !of.is_empty() && of != theorem.about.name() {
                        let found = format!("the bound of `{name}` is not drawn beside `{of}`");
                        return Err(Flaw::new(span, found, format!("it bounds `{}`", theorem.about.name())));
                    }
                    theorem.labels[0].to_owned()
                }
            };
            slope.finish()?;
            slopes.push(SlopeSpec { of, power, label, on });
        }
    }
    let stack = match fields.maybe("stack") {
        None => Vec::new(),
        Some(node) if x.as_deref().is_some_and(|x| CONSTANTS.contains(&x)) => {
            let help = "name a swept path in `figure.x`, or leave `stack` out";
            return Err(Flaw::new(&node.span, "terms cannot be stacked along a constant of the target", help));
        }
        Some(node) => stacks(node, recorded)?,
    };
    let profile = match fields.text("profile")? {
        None => None,
        Some((name, span)) => {
            let theorem = recorded.theorem(name, span)?;
            if theorem.profile.is_none() {
                let found = format!("the bound of `{name}` is no sum over parts of a way through noise levels");
                let others = bounds::THEOREMS.iter().filter(|t| t.profile.is_some()).map(|t| t.labels[0]);
                return Err(Flaw::new(span, found, format!("those of {} are", others.collect::<Vec<_>>().join(", "))));
            }
            Some(theorem.labels[0].to_owned())
        }
    };
    let rank = match fields.maybe("rank") {
        None => Vec::new(),
        Some(node) if mean_over.is_none() => {
            let help = "an order is told over repetitions: name their path in `figure.mean-over`";
            return Err(Flaw::new(&node.span, "`figure.rank` without `figure.mean-over`", help));
        }
        Some(node) => ranks(node, recorded)?,
    };
    fields.finish()?;
    Ok(FigureSpec {
        x,
        y,
        series,
        worst_over,
        best_over,
        mean_over,
        per,
        x_label,
        series_label,
        slopes,
        stack,
        profile,
        rank,
    })
}

/// A list of quantities to order, or a list of such lists.
fn ranks(node: &Node, recorded: &Recorded<'_>) -> Result<Vec<Vec<String>>, Flaw> {
    let help = "a list of measured quantities such as [\"coupling\", \"bias\"], or a list of such lists";
    let one = |items: &[Node], span: &Span| -> Result<Vec<String>, Flaw> {
        let mut names: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            let name = recorded.quantity(text(item, "figure.rank")?, &item.span, &[])?;
            if names.iter().any(|known| known == name) {
                return Err(Flaw::new(&item.span, format!("`{name}` stands twice in `figure.rank`"), help));
            }
            names.push(name.to_owned());
        }
        match names.len() {
            0 | 1 => Err(Flaw::new(span, "`figure.rank` orders two quantities at least", help)),
            _ => Ok(names),
        }
    };
    let list = items(node, "figure.rank", help)?;
    if list.iter().any(|item| matches!(item.value, Value::Array(_))) {
        list.iter().map(|item| one(items(item, "figure.rank", help)?, &item.span)).collect()
    } else {
        Ok(vec![one(list, &node.span)?])
    }
}

/// One bound to stack, or a list of them: a label, or `{ theorem, terms }`.
fn stacks(node: &Node, recorded: &Recorded<'_>) -> Result<Vec<StackSpec>, Flaw> {
    match &node.value {
        Value::Array(list) => list.iter().map(|item| stack(item, recorded)).collect(),
        _ => Ok(vec![stack(node, recorded)?]),
    }
}

fn stack(node: &Node, recorded: &Recorded<'_>) -> Result<StackSpec, Flaw> {
    if node.table().is_none() {
        let theorem = recorded.theorem(text(node, "figure.stack")?, &node.span)?;
        return Ok(StackSpec { theorem: theorem.labels[0].to_owned(), terms: Vec::new() });
    }
    let mut fields = Fields::of(node, "figure.stack")?;
    let label = fields.need("theorem", "the label of a theorem")?;
    let theorem = recorded.theorem(text(label, "figure.stack.theorem")?, &label.span)?;
    let mut terms = Vec::new();
    if let Some(list) = fields.maybe("terms") {
        for item in items(list, "figure.stack.terms", "a list of names of terms")? {
            terms.push(text(item, "figure.stack.terms")?.to_owned());
        }
    }
    fields.finish()?;
    Ok(StackSpec { theorem: theorem.labels[0].to_owned(), terms })
}

/// The name of something that can be measured, or one of `others`.
fn quantity<'a>(name: &'a str, span: &Span, others: &[&'static str]) -> Result<&'a str, Flaw> {
    let mut known: Vec<&str> = Divergence::ALL.into_iter().map(Divergence::name).chain(PRESCRIBED).collect();
    for theorem in bounds::THEOREMS {
        if !known.contains(&theorem.about.name()) {
            known.push(theorem.about.name());
        }
    }
    known.extend(Asked::ALL.into_iter().map(Asked::name));
    known.extend(others);
    match known.contains(&name) {
        true => Ok(name),
        false => Err(Flaw::new(span, format!("nothing called `{name}` is drawn"), suggestion(name, known))),
    }
}
