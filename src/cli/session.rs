//! What all verbs share: output, talk, threads, interruption, failures.

use super::args::Global;
use crate::experiments::{ExperimentError, SpecError};
use crate::report::ReportError;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
        self.print(&(lists_on_a_line(&text) + "\n"))
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

    /// Whether data and talk both go to a terminal, one below the other.
    pub fn talks_to_a_terminal(&self) -> bool {
        io::stdout().is_terminal() && io::stderr().is_terminal()
    }

    /// Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing with `--quiet`.
    pub fn progress(&self, length: u64, what: &str) -> Progress {
        let terminal = io::stderr().is_terminal();
        let bar = indicatif::ProgressBar::new(length).with_message(what.to_owned());
        if self.quiet || !terminal {
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        } else if let Ok(style) = indicatif::ProgressStyle::with_template("{msg:24} [{bar:32}] {pos}/{len} {eta}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let lines = (!self.quiet && !terminal).then(|| Mutex::new(Instant::now()));
        Progress { bar, lines, what: what.to_owned() }
    }
}

/// Indented JSON with every list of plain numbers on one line.
pub fn lists_on_a_line(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut rest, mut quoted) = (json, false);
    while let Some(c) = rest.chars().next() {
        if c == '[' && !quoted {
            let inside = rest[1..].split([']', '[', '{', '"']).next().unwrap_or_default();
            if rest[1 + inside.len()..].starts_with(']') {
                text.push('[');
                text += &inside.split_whitespace().collect::<Vec<_>>().join(" ");
                rest = &rest[1 + inside.len()..];
                continue;
            }
        }
        if quoted && c == '\\' {
            let escape = rest.char_indices().nth(2).map_or(rest.len(), |(i, _)| i);
            text += &rest[..escape];
            rest = &rest[escape..];
            continue;
        }
        quoted ^= c == '"';
        text.push(c);
        rest = &rest[c.len_utf8()..];
    }
    text
}

/// How far some long work is.
pub struct Progress {
    bar: indicatif::ProgressBar,
    /// When the last line was written, where lines stand in for the bar.
    lines: Option<Mutex<Instant>>,
    what: String,
}

impl Progress {
    /// How long a log stays silent.
    const PAUSE: Duration = Duration::from_secs(10);

    /// One more unit is done.
    pub fn inc(&self) {
        self.bar.inc(1);
        let Some(lines) = &self.lines else { return };
        let mut last = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= Self::PAUSE {
            *last = Instant::now();
            let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
            talk(&format!("{}: {done} of {all}\n", self.what));
        }
    }

    /// How many units there are, and how many were done before.
    pub fn start(&self, all: usize, before: usize) {
        self.bar.set_length(all as u64);
        self.bar.set_position(before as u64);
    }

    /// The work is done.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
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

/// Makes Ctrl-C stop long work cleanly: after a moment the program ends with code 2. Only work with a journal (`kept`) is
/// resumed.
pub fn on_interrupt(kept: bool) {
    let handler = move || {
        crate::experiments::samples::command::clear();
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        if kept {
            // Cells under way may take long; finished ones are on disk already and files appear by rename only.
            std::thread::sleep(Duration::from_millis(1500));
            talk("interrupted: finished cells are kept, nothing is half written; the same command resumes\n");
        } else {
            talk("interrupted: nothing is half written and nothing is kept; the same command starts over\n");
        }
        std::process::exit(2);
    };
    // Without a handler Ctrl-C ends the program all the same.
    let _ = ctrlc::set_handler(handler);
}
