//! Sweeps: axes of values at paths of the spec, and the cells they span.

use super::error::Flaw;
use super::fields::{Fields, counted, items, number, suggestion, text, wrong};
use super::files::Files;
use super::question::{QUESTION_KEYS, Question};
use super::spec::help_on_path;
use super::tree::{KINDS, Key, Node, Span, Value};

/// The path whose values are laid over the whole question.
pub const CASE: &str = "case";

/// The most points of a range, and the most cells of a sweep.
const MOST: usize = 100_000;

/// How many values of an axis a quick run keeps.
const QUICK: usize = 3;

/// One axis of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The path, or `case` for the named cases.
    pub path: String,
    /// The place of the path.
    pub span: Span,
    /// The values in order.
    pub values: Vec<Node>,
}

/// One cell of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its number, from 0.
    pub index: usize,
    /// The swept values as records show them, in the order of the axes.
    pub labels: Vec<String>,
    /// The spec with the swept values in place.
    pub tree: Node,
}

/// Reads a table of axes; every path must lead somewhere in `tree`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, tree: &Node, files: &Files, name: &str) -> Result<Vec<Axis>, Flaw> {
    let axes = read_axes(node, name)?;
    let mut probe = tree.clone();
    // Cases come first: they may bring the tables other paths lead into.
    for axis in in_order(&axes) {
        if let Some(first) = axis.values.first() {
            axis.put(&mut probe, first)?;
        }
    }
    // A last part that is new became a key: one that nothing reads is a misspelt path.
    let flaw = Fields::of(&probe, "").and_then(|mut fields| Question::read(&mut fields, files)).err();
    match flaw.and_then(|flaw| {
        Some((axes.iter().find(|axis| flaw.within.is_none() && axis.span == flaw.span && axis.path != CASE)?, flaw))
    }) {
        Some((axis, flaw)) if flaw.found.starts_with("unknown key") => {
            let (way, _) = axis.path.rsplit_once('.').unwrap_or_default();
            let help = match flaw.help.strip_prefix("did you mean `") {
                Some(better) => format!("did you mean `{way}.{better}"),
                None => flaw.help,
            };
            Err(Flaw::new(&axis.span, format!("the path `{}` leads nowhere: {}", axis.path, flaw.found), help))
        }
        _ => Ok(axes),
    }
}

/// Reads a table of axes without following their paths.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read_axes(node: &Node, name: &str) -> Result<Vec<Axis>, Flaw> {
    let Some(entries) = node.table() else { return Err(wrong(node, name, "a table of paths and values")) };
    let mut axes: Vec<Axis> = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if let Some(path) = unquoted(key, node) {
            let found = format!("`{}` is a table of its own, not a path", key.name);
            return Err(Flaw::new(&key.span, found, format!("quote the path: \"{path}\" = ...")));
        }
        let name = format!("{name}.\"{}\"", key.name);
        let values = values(node, &name)?;
        Variants::of(&key.name).check(&values, &name)?;
        axes.push(Axis { path: key.name.clone(), span: key.span.clone(), values });
    }
    Ok(axes)
}

/// The path that was meant where it was written without quotes, which TOML reads as tables inside tables.
fn unquoted(key: &Key, node: &Node) -> Option<String> {
    if !QUESTION_KEYS.contains(&key.name.as_str()) {
        return None;
    }
    let (mut path, mut node) = (key.name.clone(), node);
    while let Some([(next, inner)]) = node.table() {
        if matches!(next.name.as_str(), "log" | "linear") {
            break;
        }
        path += &format!(".{}", next.name);
        node = inner;
    }
    path.contains('.').then_some(path)
}

/// Cases first, then the others in the order of the file.
fn in_order(axes: &[Axis]) -> impl Iterator<Item = &Axis> {
    axes.iter().filter(|a| a.path == CASE).chain(axes.iter().filter(|a| a.path != CASE))
}

impl Axis {
    /// Puts a value of this axis into a spec.
    ///
    /// # Errors
    /// When the path leads nowhere.
    pub fn put(&self, tree: &mut Node, value: &Node) -> Result<(), Flaw> {
        let mut value = value.clone();
        let is_variant = value.remove("name").is_some();
        if self.path == CASE {
            tree.overlay(&value);
            return Ok(());
        }
        // Variants of a table are laid over it; of `error` and the like, each is of a kind of its own.
        let is_laid_over = is_variant && Variants::of(&self.path) == Variants::OfTable;
        let old = tree.at(&self.path).filter(|old| is_laid_over && old.table().is_some());
        if let Some(old) = old {
            let mut merged = old.clone();
            merged.overlay(&value);
            value = merged;
        }
        set(tree, &self.path, &self.span, value)
    }

    /// What a value of this axis puts at a path of the spec, where it leads there.
    fn brings<'a>(&self, value: &'a Node, path: &str) -> Option<&'a Node> {
        match path.strip_prefix(&self.path) {
            _ if self.path == CASE => value.at(path),
            Some("") => Some(value),
            Some(rest) => value.at(rest.strip_prefix('.')?),
            None => None,
        }
    }

    /// What the values of this axis put at a path of the spec.
    pub fn brought<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Node> {
        self.values.iter().filter_map(move |value| self.brings(value, path))
    }

    /// Whether the values are variants with names: of the whole question, or of a table in it.
    fn is_of_variants(&self) -> bool {
        self.path == CASE || self.values.iter().all(|value| value.table().is_some() && value.get("name").is_some())
    }

    /// At most three values: the first, the middle one, the last; all cases and all variants with names.
    #[must_use]
    pub fn quick(&self) -> Self {
        let n = self.values.len();
        // Cases are what the question is about.
        let kept = if n <= QUICK || self.is_of_variants() { (0..n).collect() } else { vec![0, n / 2, n - 1] };
        Self { values: kept.into_iter().map(|i| self.values[i].clone()).collect(), ..self.clone() }
    }
}

/// What to say about a path that is not swept.
#[must_use]
pub fn help_on_axes<A: std::borrow::Borrow<Axis>>(path: &str, axes: &[A]) -> String {
    match axes {
        [] => format!("nothing is swept here: give it values with sweep.\"{path}\" = [...]"),
        axes => suggestion(path, axes.iter().map(|axis| axis.borrow().path.as_str())),
    }
}

/// Puts a value at a path of the question.
///
/// # Errors
/// When the path leads nowhere, at `span`.
pub fn set(tree: &mut Node, path: &str, span: &Span, value: Node) -> Result<(), Flaw> {
    let first = path.split('.').next().unwrap_or_default();
    if !QUESTION_KEYS.contains(&first) {
        let found = format!("the path `{path}` starts with `{first}`");
        return Err(Flaw::new(span, found, suggestion(first, QUESTION_KEYS)));
    }
    tree.set(path, span, value).map_err(|lost| {
        let found = format!("the path `{path}` leads nowhere: there is no `{}`", lost.part);
        Flaw::new(span, found, help_on_path(&lost.part, &lost.candidates))
    })
}

/// A list of values, `{ log = [a, b], points = n, integer = true }` or the same with `linear`.
fn values(node: &Node, name: &str) -> Result<Vec<Node>, Flaw> {
    let values = match &node.value {
        Value::Array(list) => list.clone(),
        Value::Table(_) => range(node, name)?,
        _ => return Err(wrong(node, name, "a list of values, or { log = [a, b], points = n }")),
    };
    if values.is_empty() {
        return Err(Flaw::new(&node.span, format!("`{name}` has no values"), "expected at least one"));
    }
    Ok(values)
}

/// What the values of an axis that are tables with names are.
#[derive(Clone, Copy, PartialEq)]
enum Variants {
    /// Of the whole question: each has a name.
    Cases,
    /// Of a table, laid over it by its name: where one has a name each table does.
    OfTable,
    /// Of a table whose only key says of which kind it is, and is a name already.
    OfKinds,
}

impl Variants {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            _ if path == CASE => Self::Cases,
            Some(last) if KINDS.contains(&last) => Self::OfKinds,
            _ => Self::OfTable,
        }
    }

    /// Names tell variants apart: what is laid over a table has one, and no two have the same.
    fn check(self, values: &[Node], name: &str) -> Result<(), Flaw> {
        let word = if self == Self::Cases { "case" } else { "variant" };
        let named = |node: &Node| node.table().is_some() && node.get("name").is_some();
        if self != Self::Cases && !values.iter().any(named) {
            return Ok(());
        }
        let mut known: Vec<&str> = Vec::with_capacity(values.len());
        for value in values {
            let Some(node) = value.get("name") else {
                match self {
                    Self::Cases if value.table().is_none() => {
                        return Err(wrong(value, name, "a table with a `name` and what the case changes"));
                    }
                    Self::OfTable if value.table().is_none() => continue,
                    Self::OfKinds => continue,
                    Self::Cases | Self::OfTable => {
                        let help = format!("give every {word} a `name`: records and figures call it so");
                        return Err(Flaw::new(&value.span, format!("a {word} has no `name`"), help));
                    }
                }
            };
            let text = text(node, &format!("{name}.name"))?;
            if known.contains(&text) {
                let found = format!("two {word}s are called \"{text}\"");
                return Err(Flaw::new(&node.span, found, format!("names tell {word}s apart")));
            }
            known.push(text);
        }
        Ok(())
    }
}

fn range(node: &Node, name: &str) -> Result<Vec<Node>, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let (log, linear) = (fields.maybe("log"), fields.maybe("linear"));
    let help =
        "expected { log = [a, b], points = n } or { linear = [a, b], points = n }, with `integer = true` if wanted";
    let ends = match (log, linear) {
        (Some(ends), None) | (None, Some(ends)) => ends,
        (Some(_), Some(second)) => {
            return Err(Flaw::new(&second.span, format!("`{name}` has both `log` and `linear`"), help));
        }
        (None, None) => {
            fields.finish()?;
            return Err(Flaw::new(&node.span, format!("`{name}` is not a range"), help));
        }
    };
    let (first, last) = match items(ends, name, "two numbers")? {
        [a, b] => (number(a, name)?, number(b, name)?),
        other => {
            let found = format!("`{name}` has {}", counted(other.len(), "number"));
            return Err(Flaw::new(&ends.span, found, "a range has two ends"));
        }
    };
    if log.is_some() && (first <= 0.0 || last <= 0.0) {
        return Err(Flaw::new(
            &ends.span,
            "an end of a logarithmic range is not positive",
            "both must be greater than 0",
        ));
    }
    let points = fields.need("points", "how many values");
    let (points_name, integer) = (fields.path("points"), fields.boolean("integer")?.unwrap_or(false));
    // An unknown key explains it better than the absence of a known one.
    fields.finish()?;
    let points = super::fields::count(points?, &points_name, 1)? as usize;
    if points > MOST {
        let found = format!("`{name}` has {}", counted(points, "point"));
        return Err(Flaw::new(&node.span, found, format!("at most {MOST}")));
    }
    let at = |i: usize| {
        let t = i as f64 / (points.max(2) - 1) as f64;
        match i {
            0 => first,
            i if i + 1 == points => last,
            _ if log.is_some() => first * (last / first).powf(t),
            _ => first + (last - first) * t,
        }
    };
    let mut nodes: Vec<Node> = Vec::with_capacity(points);
    for i in 0..points {
        let value = match integer {
            true => Value::Integer(at(i).round() as i64),
            false => Value::Float(neat(at(i))),
        };
        let node = Node { span: node.span.clone(), value };
        if nodes.last() != Some(&node) {
            nodes.push(node);
        }
    }
    Ok(nodes)
}

/// A number rounded to 12 significant digits, so that ranges read well.
fn neat(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

/// All cells: the product of the axes, the last axis fastest.
///
/// # Errors
/// Too many cells, or a path that leads nowhere for some values.
pub fn cells(tree: &Node, axes: &[Axis], quick: bool) -> Result<Vec<Cell>, Flaw> {
    let axes: Vec<Axis> = axes.iter().map(|a| if quick { a.quick() } else { a.clone() }).collect();
    let total = axes.iter().map(|a| a.values.len()).try_fold(1usize, usize::checked_mul).filter(|n| *n <= MOST);
    let Some(total) = total else {
        let span = axes.first().map_or(0..0, |a| a.span.clone());
        return Err(Flaw::new(&span, "the sweep has too many cells", format!("at most {MOST}")));
    };
    let cell = |index: usize| {
        let mut rest = index;
        let mut chosen: Vec<&Node> = Vec::with_capacity(axes.len());
        for axis in axes.iter().rev() {
            chosen.push(&axis.values[rest % axis.values.len()]);
            rest /= axis.values.len();
        }
        chosen.reverse();
        let mut tree = tree.clone();
        for (axis, value) in in_order_with(&axes, &chosen) {
            axis.put(&mut tree, value)?;
        }
        Ok(Cell { index, labels: chosen.iter().map(|v| v.label()).collect(), tree })
    };
    (0..total).map(cell).collect()
}

fn in_order_with<'a>(axes: &'a [Axis], chosen: &'a [&'a Node]) -> impl Iterator<Item = (&'a Axis, &'a Node)> {
    let pairs = move || axes.iter().zip(chosen.iter().copied());
    pairs().filter(|(a, _)| a.path == CASE).chain(pairs().filter(|(a, _)| a.path != CASE))
}
