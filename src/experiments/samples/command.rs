//! Draws of a program that is started here and told what to draw from.

use super::{SampleError, Shape, from_bytes};
use crate::experiments::Request;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The Python module that programs may import.
const MODULE: &str = include_str!("scorebound_target.py");

/// Lines of the program's standard error that an error message repeats.
const LINES: usize = 10;

/// The program that runs, 0 for none.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// The folder with its target, as long as it runs.
static FOLDER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A program that draws.
#[derive(Clone, Debug)]
pub struct Program {
    words: Vec<String>,
    text: String,
    timeout: Duration,
}

impl Program {
    /// A command line, split into words as a shell would; no shell runs it.
    ///
    /// # Errors
    /// No words, or quotes that do not close.
    pub fn new(text: &str, timeout: Duration) -> Result<Self, SampleError> {
        let words = shlex::split(text).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| SampleError::Malformed {
            path: format!("--sampler-cmd `{text}`"),
            what: match text.trim() {
                "" => "is no command: it is empty".into(),
                _ => "is no command: a quote is not closed".into(),
            },
            help: "for example --sampler-cmd \"python sampler.py\"".into(),
        })?;
        Ok(Self { words, text: text.to_owned(), timeout })
    }

    fn failed(&self, what: String, help: &str, said: &Said) -> SampleError {
        let said = said.last();
        let what = if said.is_empty() { what } else { format!("{what}; its last words:\n{said}") };
        SampleError::Malformed { path: format!("`{}`", self.text), what, help: help.into() }
    }

    /// Runs the program, tells it what to draw from and hands its draws on in blocks, as [`super::read`] does.
    ///
    /// # Errors
    /// A program that cannot be started, ends badly, says nothing for longer than it may, or whose output is not what was asked for.
    pub fn draws(&self, request: &Request, each: &mut dyn FnMut(&[f64], usize)) -> Result<Shape, SampleError> {
        let said = Said::default();
        let broken = |what: &str, e: &dyn std::fmt::Display| self.failed(format!("{what}: {e}"), "", &said);
        let folder = tempfile::Builder::new().prefix("scorebound-").tempdir();
        let folder = folder.map_err(|e| broken("no temporary folder for the target", &e))?;
        let module = folder.path().join("scorebound_target.py");
        let request = Request { module: Some(module.display().to_string()), ..request.clone() };
        let text = serde_json::to_string(&request).map_err(|e| broken("the target cannot be written", &e))?;
        std::fs::write(&module, MODULE)
            .and_then(|()| std::fs::write(folder.path().join("request.json"), &text))
            .map_err(|e| broken("the target cannot be written", &e))?;
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env("PYTHONPATH", in_front(folder.path()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let until = Instant::now() + self.timeout;
        let child = command.spawn().map_err(|e| {
            let help = "a command is a program with its arguments; no shell reads it (`sh -c '...'` does)";
            self.failed(format!("cannot be started: {e}"), help, &said)
        })?;
        let mut running = Running::new(child, folder.path().to_owned());
        let mut listening = running.listen(text, &said, until);
        let name = format!("the output of `{}`", self.text);
        let found = from_bytes(&name, &mut listening, request.dim, each);
        let status = running.end(until, found.is_err());
        let late = || {
            let seconds = self.timeout.as_secs_f64();
            self.failed(
                format!("was not done after {seconds} seconds and was stopped"),
                "give it longer by --timeout",
                &said,
            )
        };
        match (found, status) {
            _ if listening.late => Err(late()),
            (_, Err(e)) => Err(broken("cannot be waited for", &e)),
            // Stopped here, because what it wrote was of no use.
            (Err(error), Ok(Ended::Stopped)) => Err(error),
            (Ok(_), Ok(Ended::Stopped)) => Err(late()),
            (_, Ok(Ended::Itself(status))) if !status.success() => Err(self.failed(
                ending(status),
                "it should draw, write to standard output and end with exit code 0",
                &said,
            )),
            (Err(error), Ok(Ended::Itself(_))) => Err(error),
            (Ok(shape), Ok(Ended::Itself(_))) if shape.rows < request.samples => {
                let what = format!("wrote {} rows where {} were asked for", shape.rows, request.samples);
                Err(self.failed(
                    what,
                    "`samples` in its input says how many rows are wanted, of all chains together",
                    &said,
                ))
            }
            (Ok(shape), Ok(Ended::Itself(_))) => Ok(shape),
        }
    }
}

/// How a program ended, as people say it.
fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    status.code().map_or_else(|| "ended badly".into(), |code| format!("ended with exit code {code}"))
}

/// A folder in front of the places where Python looks for modules.
fn in_front(folder: &std::path::Path) -> std::ffi::OsString {
    let before = std::env::var_os("PYTHONPATH").unwrap_or_default();
    // An empty entry would be the current directory, in front of everything else.
    let before = std::env::split_paths(&before).filter(|place| !place.as_os_str().is_empty());
    let places = std::iter::once(folder.to_owned()).chain(before);
    std::env::join_paths(places).unwrap_or_else(|_| folder.as_os_str().to_owned())
}

/// The last lines a program said.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<VecDeque<String>>>);

impl Said {
    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn last(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }
}

enum Ended {
    Itself(ExitStatus),
    Stopped,
}

/// A program with the threads that talk to it.
struct Running {
    child: Child,
    ear: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(child: Child, folder: PathBuf) -> Self {
        RUNNING.store(child.id(), Ordering::SeqCst);
        *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder);
        Self { child, ear: None }
    }

    /// Tells it what to draw, passes on what it says on standard error, and gives what it writes.
    fn listen(&mut self, request: String, said: &Said, until: Instant) -> Listening {
        if let Some(mut input) = self.child.stdin.take() {
            // A program that does not read its input is welcome.
            std::thread::spawn(move || input.write_all(request.as_bytes()));
        }
        if let Some(errors) = self.child.stderr.take() {
            let said = said.clone();
            self.ear = Some(std::thread::spawn(move || {
                for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    let _ = writeln!(io::stderr().lock(), "{line}");
                    said.add(line);
                }
            }));
        }
        let (send, receive) = sync_channel(16);
        if let Some(mut output) = self.child.stdout.take() {
            std::thread::spawn(move || {
                loop {
                    let mut chunk = vec![0; 1 << 16];
                    let got = match output.read(&mut chunk) {
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                        got => got,
                    };
                    let over = !matches!(got, Ok(1..));
                    let chunk = got.map(|n| {
                        chunk.truncate(n);
                        chunk
                    });
                    if send.send(chunk).is_err() || over {
                        break;
                    }
                }
            });
        }
        Listening { receive, until, chunk: Vec::new(), at: 0, late: false }
    }

    /// Waits for its end, not for longer than it may take; stops it at once if nobody needs it any more.
    fn end(&mut self, until: Instant, useless: bool) -> io::Result<Ended> {
        // One that ends badly may have written only half: its exit code says more than that. It gets a moment to tell.
        let until = if useless { Instant::now() + Duration::from_millis(500) } else { until };
        let ended = loop {
            match self.child.try_wait()? {
                Some(status) => break Ended::Itself(status),
                None if Instant::now() >= until => {
                    stop();
                    self.child.kill()?;
                    self.child.wait()?;
                    break Ended::Stopped;
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        // Its last words, unless somebody it left behind holds the line.
        if let Some(ear) = self.ear.take() {
            let patience = Instant::now() + Duration::from_millis(500);
            while !ear.is_finished() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Ok(ended)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What it started may live on without it.
        stop();
        RUNNING.store(0, Ordering::SeqCst);
        *FOLDER.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stops the program that runs, if one does, with everything it started.
fn stop() {
    let id = RUNNING.load(Ordering::SeqCst);
    #[cfg(unix)]
    if let Some(group) = i32::try_from(id).ok().filter(|id| *id > 0) {
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(group), nix::sys::signal::Signal::SIGKILL);
    }
    #[cfg(not(unix))]
    let _ = id;
}

/// Stops the program that runs and removes the folder with its target: nothing of it is left when this process ends at once.
pub fn clear() {
    stop();
    if let Some(folder) = FOLDER.lock().unwrap_or_else(PoisonError::into_inner).take() {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// What a program writes, for as long as it may take.
struct Listening {
    receive: Receiver<io::Result<Vec<u8>>>,
    until: Instant,
    chunk: Vec<u8>,
    at: usize,
    /// Whether the time was over before the program was.
    late: bool,
}

impl Read for Listening {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            let left = self.until.saturating_duration_since(Instant::now());
            self.chunk = match self.receive.recv_timeout(left) {
                Ok(chunk) => chunk?,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
                Err(RecvTimeoutError::Timeout) => {
                    self.late = true;
                    return Err(io::ErrorKind::TimedOut.into());
                }
            };
            self.at = 0;
        }
        let n = into.len().min(self.chunk.len() - self.at);
        into[..n].copy_from_slice(&self.chunk[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
