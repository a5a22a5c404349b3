//! A spec file: its question, and what is done with it.

use super::error::{ExperimentError, Flaw, Source, SpecError};
use super::exponents::{self, ExponentSpec};
use super::fields::{Fields, items, suggestion, text};
use super::figure::{self, FigureSpec, Recorded};
use super::learned;
use super::question::{QUESTION_KEYS, Question};
use super::rate_spec::{self, RateSpec};
use super::sampler::help_on_theorems;
use super::sweep::{self, Axis};
use super::table;
use super::tree::{Node, Value};
use crate::bounds::{self, Theorem};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// A spec that was read.
#[derive(Clone)]
pub struct Spec {
    /// The text.
    pub source: Arc<Source>,
    /// The file's stem: the name of the run.
    pub name: String,
    /// What the question stands on: the file as a tree.
    pub tree: Node,
    /// `title`.
    pub title: String,
    /// `question`.
    pub question: String,
    /// Part of a bare `run`.
    pub default: bool,
    /// The theorems it is held against.
    pub theorems: Vec<&'static Theorem>,
    /// The axes of the sweep, in order.
    pub axes: Vec<Axis>,
    /// The thresholds to solve for.
    pub rates: Vec<RateSpec>,
    /// The exponents of measured quantities.
    pub exponents: Vec<ExponentSpec>,
    /// The figure.
    pub figure: Option<FigureSpec>,
}

impl Spec {
    /// Reads a spec file.
    ///
    /// # Errors
    /// When the file cannot be read, or what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, ExperimentError> {
        let bytes = std::fs::read(path).map_err(|e| ExperimentError::io("read", path, e))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|e| {
            let valid = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]).into_owned();
            let span = valid.len()..valid.len();
            let source = Arc::new(Source::new(name.clone(), valid));
            Flaw::new(&span, "not UTF-8 from here on", "TOML files are UTF-8").in_source(&source)
        })?;
        let stem = path.file_stem().map_or_else(|| "spec".into(), |s| s.to_string_lossy().into_owned());
        if stem.chars().all(|c| c == '.') {
            let why = format!("{name} has no name to call its run by: rename it, for example to question.toml");
            return Err(ExperimentError::Cannot(why));
        }
        Ok(Self::parse(&stem, Source::new(name, text))?)
    }

    /// Reads the text of a spec.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(name: &str, source: Source) -> Result<Self, SpecError> {
        let source = Arc::new(source);
        Self::interpret(name, &source).map_err(|flaw| flaw.in_source(&source))
    }

    fn interpret(name: &str, source: &Arc<Source>) -> Result<Self, Flaw> {
        let tree = Node::parse(&source.text)?;
        let files = &source.files;
        let mut fields = Fields::of(&tree, "")?;
        for key in QUESTION_KEYS {
            let _ = fields.maybe(key);
        }
        let string = |found: Option<(&str, _)>| found.map_or_else(String::new, |(text, _)| text.to_owned());
        let title = string(fields.text("title")?);
        let question = string(fields.text("question")?);
        let default = fields.boolean("default")?.unwrap_or(false);
        let theorems = fields.maybe("theorems").map_or(Ok(Vec::new()), |node| theorems(node, "theorems"))?;
        let axes = fields.maybe("sweep").map_or(Ok(Vec::new()), |node| sweep::read(node, &tree, files, "sweep"))?;
        let rates = fields
            .maybe("rate")
            .map_or(Ok(Vec::new()), |node| rate_spec::read(node, &tree, files, &axes, &theorems))?;
        let recorded = Recorded { tree: &tree, axes: &axes, theorems: &theorems, prescribes: prescribes(&tree, &axes) };
        let figure = fields.maybe("figure").map(|node| figure::read(node, &recorded)).transpose()?;
        let usual = figure.as_ref().and_then(|figure| figure.mean_over.as_ref());
        let exponents =
            fields.maybe("exponent").map_or(Ok(Vec::new()), |node| exponents::read(node, &recorded, usual))?;
        fields.finish()?;
        let (source, name) = (Arc::clone(source), name.to_owned());
        Ok(Self { source, name, tree, title, question, default, theorems, axes, rates, exponents, figure })
    }

    /// Whether a theorem prescribes the schedule, in the file itself or in one of its cases.
    #[must_use]
    pub fn prescribes(&self) -> bool {
        prescribes(&self.tree, &self.axes)
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn hash(&self) -> String {
        Sha256::digest(self.source.text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
    }

    /// SHA-256 of the contents of the files that the spec, its cases, its sweep or its rates name, one after the other, each after its length; empty where there are
    /// none. A file that cannot be read counts as empty: whoever needs it says so.
    #[must_use]
    pub fn hash_of_files(&self) -> String {
        let named = |path: &'static str| {
            let swept = self.axes.iter().flat_map(move |axis| axis.brought(path));
            let rates = self.rates.iter().filter_map(move |rate| rate.tree.at(path));
            self.tree.at(path).into_iter().chain(swept).chain(rates)
        };
        let mut hash = Sha256::new();
        let mut any = false;
        for node in [learned::FILE, table::FILE].into_iter().flat_map(named) {
            if let Value::Text(name) = &node.value {
                any = true;
                let contents = self.source.files.read(name).unwrap_or_default();
                hash.update(contents.len().to_le_bytes());
                hash.update(contents);
            }
        }
        if any { hash.finalize().iter().map(|b| format!("{b:02x}")).collect() } else { String::new() }
    }

    /// The question of a tree made from this spec's.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place in this spec.
    pub fn question_of(&self, tree: &Node) -> Result<Question, SpecError> {
        Fields::of(tree, "")
            .and_then(|mut fields| Question::read(&mut fields, &self.source.files))
            .map_err(|flaw| self.at(flaw))
    }

    /// A flaw in this spec.
    #[must_use]
    pub fn at(&self, flaw: Flaw) -> SpecError {
        flaw.in_source(&self.source)
    }
}

fn prescribes(tree: &Node, axes: &[Axis]) -> bool {
    let cases = axes.iter().filter(|axis| axis.path == sweep::CASE).flat_map(|axis| &axis.values);
    std::iter::once(tree).chain(cases).any(|tree| tree.at("sampler.*.prescribed").is_some())
}

/// Reads a list of theorems by id or label, or `all`; each is taken once.
///
/// # Errors
/// A name that no theorem has.
pub fn theorems(node: &Node, name: &str) -> Result<Vec<&'static Theorem>, Flaw> {
    let mut found: Vec<&'static Theorem> = Vec::new();
    for (i, item) in items(node, name, "a list of labels such as [\"LLT-6b\"], or [\"all\"]")?.iter().enumerate() {
        let label = text(item, &format!("{name}[{i}]"))?;
        let named = bounds::named(label)
            .ok_or_else(|| Flaw::new(&item.span, format!("no theorem is called `{label}`"), help_on_theorems(label)))?;
        for theorem in named {
            if !found.iter().any(|known| known.id == theorem.id) {
                found.push(theorem);
            }
        }
    }
    Ok(found)
}

/// What to say about a path that leads nowhere.
#[must_use]
pub fn help_on_path(part: &str, candidates: &[String]) -> String {
    if candidates.is_empty() {
        return format!("`{part}` is inside something that is neither a table nor an array");
    }
    suggestion(part, candidates.iter().map(String::as_str))
}
