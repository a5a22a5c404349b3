//! What is finished of a run, kept on disk until all of it is.

use super::error::ExperimentError;
use super::record::CellRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What must agree for finished work to be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Key {
    /// Hash of the spec.
    pub spec_hash: String,
    /// The seed.
    pub seed: u64,
    /// Version of the crate.
    pub version: String,
    /// Commit of the crate.
    pub commit: String,
    /// Whether the sweep is a quick one.
    pub quick: bool,
}

/// One finished unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// A cell.
    Cell(CellRecord),
    /// The exponent of one parameter of one rate: their numbers, and the object that `rates` prints.
    Rate(usize, usize, Value),
}

/// An open journal: append-only, one line per finished unit, the first line the key.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens a journal and reads what is finished. One with another key is started anew, and how is told in words.
    ///
    /// # Errors
    /// When it cannot be read or written, or another run holds it.
    pub fn open(path: &Path, key: &Key) -> Result<(Self, Vec<Done>, Option<String>), ExperimentError> {
        let io = |doing: &'static str| move |source| ExperimentError::io(doing, path, source);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io("open"))?;
        if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(ExperimentError::Cannot(format!(
                "another run is at work in {}; wait for it, or use --out",
                path.parent().unwrap_or(path).display()
            )));
        }
        let text = fs::read_to_string(path).map_err(io("read"))?;
        let done = match entries(&text, key) {
            Some(done) if text.ends_with('\n') => done,
            finished => {
                // Another key, or a line cut short: what is finished is written again.
                let done = finished.unwrap_or_default();
                file.set_len(0).map_err(io("write"))?;
                let mut lines = vec![line(key)];
                lines.extend(done.iter().map(line));
                file.write_all(lines.concat().as_bytes()).map_err(io("write"))?;
                done
            }
        };
        Ok((Self { path: path.to_owned(), file: Mutex::new(file) }, done, given_up(&text, key)))
    }

    /// Adds a finished unit.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&self, done: &Done) -> Result<(), ExperimentError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line(done).as_bytes()).map_err(|e| ExperimentError::io("write", &self.path, e))
    }
}

/// What all journals in a directory with this key hold.
///
/// # Errors
/// When the directory cannot be read.
pub fn all(dir: &Path, key: &Key) -> Result<Vec<Done>, ExperimentError> {
    let failed = |source| ExperimentError::io("read", dir, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths.iter().filter_map(|p| entries(&fs::read_to_string(p).ok()?, key)).flatten().collect())
}

/// What is lost of a journal whose key is another; `None` when nothing is.
fn given_up(text: &str, key: &Key) -> Option<String> {
    let mut lines = text.lines();
    let found: Key = serde_json::from_str(lines.next()?).ok()?;
    let lost = lines.filter(|line| serde_json::from_str::<Done>(line).is_ok()).count();
    let differs = if found.spec_hash != key.spec_hash {
        "another text of the spec".to_owned()
    } else if found.seed != key.seed {
        format!("seed {}, not {}", found.seed, key.seed)
    } else if found.quick != key.quick {
        format!("{} --quick", if found.quick { "with" } else { "without" })
    } else {
        "another build of scorebound".to_owned()
    };
    let units = if lost == 1 { "1 finished cell".to_owned() } else { format!("{lost} finished cells") };
    (found != *key && lost > 0)
        .then(|| format!("{units} of an unfinished run ({differs}) cannot be used and are dropped"))
}

fn line<T: Serialize>(value: &T) -> String {
    // Numbers in records are text already, so nothing here can fail to be JSON.
    serde_json::to_string(value).map_or_else(|_| String::new(), |text| text + "\n")
}

/// The entries of a journal's whole lines; `None` if its key is another.
fn entries(text: &str, key: &Key) -> Option<Vec<Done>> {
    let whole = &text[..text.rfind('\n').map_or(0, |i| i + 1)];
    let mut lines = whole.lines();
    let found: Key = serde_json::from_str(lines.next()?).ok()?;
    (found == *key).then(|| lines.filter_map(|line| serde_json::from_str(line).ok()).collect())
}
