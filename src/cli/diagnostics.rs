//! Failures as people read them: what, where, what to do.

use super::session::Failure;
use crate::experiments::SpecError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::io::IsTerminal;

/// A spec error as a diagnostic.
#[derive(Debug)]
struct Shown<'a> {
    error: &'a SpecError,
    source: NamedSource<String>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error.flaw.found)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.error.flaw.help.is_empty()).then(|| Box::new(&self.error.flaw.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (text, span) = (&self.error.source.text, &self.error.flaw.span);
        let start = span.start.min(text.len());
        // A table may go over many lines; its first says enough.
        let line = text.get(start..).map_or(start, |rest| start + rest.find('\n').unwrap_or(rest.len()));
        let end = span.end.clamp(start, line.max(start));
        Some(Box::new(std::iter::once(LabeledSpan::underline(start..end))))
    }
}

/// A failure as text for stderr.
pub fn render(failure: &Failure) -> String {
    match failure {
        Failure::Pipe => String::new(),
        Failure::Message { what, help } if help.is_empty() => format!("error: {what}\n"),
        Failure::Message { what, help } => format!("error: {what}\n  help: {help}\n"),
        Failure::Spec(error) => {
            let terminal = std::io::stderr().is_terminal();
            let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            let theme = match (terminal, colour) {
                (_, true) => GraphicalTheme::unicode(),
                (true, false) => GraphicalTheme::unicode_nocolor(),
                (false, _) => GraphicalTheme::none(),
            };
            let source = NamedSource::new(&error.source.name, error.source.text.clone());
            let handler = GraphicalReportHandler::new_themed(theme).with_width(110).with_links(false);
            let mut text = String::new();
            match handler.render_report(&mut text, &Shown { error, source }) {
                Ok(()) => text,
                Err(_) => format!("error: {error}\n  help: {}\n", error.flaw.help),
            }
        }
    }
}
