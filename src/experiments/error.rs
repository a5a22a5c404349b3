//! What can be wrong with a spec, and where; and what else can stop an experiment.

use super::files::Files;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;

/// A spec, or a file that it names, as text with the name it goes by in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// A path, or the name of an embedded experiment.
    pub name: String,
    /// The text.
    pub text: String,
    /// Where the files named in the text are.
    pub files: Files,
}

impl Source {
    /// The text of a file, beside which the files are that it names.
    #[must_use]
    pub fn new(name: String, text: String) -> Self {
        let files = Files::beside(&name);
        Self { name, text, files }
    }

    /// The line and column (both from 1, columns in characters) of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

/// A flaw in a spec before it is known which file it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// What was found, in one sentence.
    pub found: String,
    /// What was expected, or what to do.
    pub help: String,
    /// The file that the bytes are of, where it is not the spec but one that the spec names.
    pub within: Option<Arc<Source>>,
}

impl Flaw {
    /// A flaw at a place.
    pub fn new(span: &Range<usize>, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span: span.clone(), found: found.into(), help: help.into(), within: None }
    }

    /// The flaw of a file that the spec names.
    #[must_use]
    pub fn within(self, file: &Arc<Source>) -> Self {
        Self { within: Some(Arc::clone(file)), ..self }
    }

    /// The flaw with its file.
    #[must_use]
    pub fn in_source(self, spec: &Arc<Source>) -> SpecError {
        let source = Arc::clone(self.within.as_ref().unwrap_or(spec));
        SpecError { flaw: self, source }
    }
}

/// A flaw in the user's TOML, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// What and where.
    pub flaw: Flaw,
    /// The file.
    pub source: Arc<Source>,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_column(self.flaw.span.start);
        write!(f, "{}:{line}:{column}: {}", self.source.name, self.flaw.found)
    }
}

impl std::error::Error for SpecError {}

/// Why an experiment could not be done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// The spec is wrong.
    #[error(transparent)]
    Spec(#[from] Box<SpecError>),
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, `create`, ...
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The question is well put but cannot be answered.
    #[error("{0}")]
    Cannot(String),
    /// The user stopped it.
    #[error("interrupted: finished cells are kept in {}, and the same command goes on from there", dir.display())]
    Interrupted {
        /// Where they are kept.
        dir: PathBuf,
    },
}

impl From<SpecError> for ExperimentError {
    fn from(error: SpecError) -> Self {
        ExperimentError::Spec(Box::new(error))
    }
}

impl ExperimentError {
    /// An input or output error on a path.
    #[must_use]
    pub fn io(doing: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        ExperimentError::Io { doing, path: path.to_owned(), source }
    }
}
