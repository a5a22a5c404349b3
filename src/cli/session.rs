//! What all verbs share: output, talk, threads, interruption, failures.

use super::args::Global;
use crate::experiments::{ExperimentError, SpecError};
use crate::report::ReportError;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Set by Ctrl-C; long work stops at the next cell.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing is contradicted.
    Fine = 0,
    /// A statement is VIOLATED or an exponent CONTRADICTED.
    Contradicted = 1,
}

/// Why a verb could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// The spec is wrong.
    Spec(Box<SpecError>),
    /// Anything else: what, and what to do about it.
    Message { what: String, help: String },
    /// Stdout was closed by its reader.
    Pipe,
}

impl Failure {
    pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Message { what: what.into(), help: help.into() }
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        Failure::Spec(Box::new(error))
    }
}

impl From<ExperimentError> for Failure {
    fn from(error: ExperimentError) -> Self {
        match error {
            ExperimentError::Spec(error) => Failure::Spec(error),
            other => Failure::new(other.to_string(), ""),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let help = match error {
            ReportError::Nothing(_) => "`scorebound run` writes records into results/runs",
            _ => "",
        };
        Failure::new(error.to_string(), help)
    }
}

/// The flags every verb takes.
pub struct Session {
    pub json: bool,
    pub explain: bool,
    pub quiet: bool,
    pub threads: Option<u64>,
    pub seed: u64,
}

impl Session {
    pub fn new(global: &Global) -> Self {
        let Global { json, explain, quiet, threads, seed } = *global;
        Self { json, explain, quiet, threads, seed }
    }

    /// Sizes the pool all parallel work runs in.
    pub fn install_threads(&self) -> Result<(), Failure> {
        let Some(threads) = self.threads else { return Ok(()) };
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build_global();
        built.map_err(|e| Failure::new(format!("cannot start {threads} threads: {e}"), "ask for fewer"))
    }

    /// Data, on stdout.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| match e.kind() {
            io::ErrorKind::BrokenPipe => Failure::Pipe,
            _ => Failure::new(format!("cannot write to stdout: {e}"), ""),
        })
    }

    /// A value as JSON: one line with `--json`, indented without.
    pub fn print_json<T: serde::Serialize>(&self, value: &T) -> Result<(), Failure> {
        let text = if self.json { serde_json::to_string(value) } else { serde_json::to_string_pretty(value) };
        let text = text.map_err(|e| Failure::new(format!("cannot write JSON: {e}"), ""))?;
        self.print(&(text + "\n"))
    }

    /// A remark on stderr, unless `--quiet`.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            talk(&format!("{text}\n"));
        }
    }

    /// An explanation on stderr, if `--explain`.
    pub fn explain(&self, text: &str) {
        if self.explain {
            talk(text);
        }
    }

    /// A progress bar on stderr: only on a terminal, never with `--quiet`.
    pub fn progress(&self, length: u64, what: &str) -> indicatif::ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let style = indicatif::ProgressStyle::with_template("{msg:24} [{bar:32}] {pos}/{len} {eta}");
        let style = style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()).progress_chars("=> ");
        indicatif::ProgressBar::new(length).with_style(style).with_message(what.to_owned())
    }
}

/// Text on stderr; a closed stderr is nobody's loss.
pub fn talk(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Whether Ctrl-C was pressed.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Makes Ctrl-C stop long work cleanly: what is finished is kept, and after a moment the program ends with code 2.
pub fn on_interrupt() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        // Cells under way may take long; finished ones are on disk already and files appear by rename only.
        std::thread::sleep(Duration::from_millis(1500));
        talk("interrupted: finished cells are kept, nothing is half written; the same command resumes\n");
        std::process::exit(2);
    };
    // Without a handler Ctrl-C ends the program all the same.
    let _ = ctrlc::set_handler(handler);
}
