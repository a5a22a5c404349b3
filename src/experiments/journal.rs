//! What is finished of a run, kept on disk until all of it is.

use super::error::ExperimentError;
use super::record::CellRecord;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
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
    /// Hash of the files the spec names; empty where there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub files: String,
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
            Some(done) if text.ends_with('\n') && done.len() + 1 == text.lines().count() => done,
            finished => {
                // Another key, or a line cut short or changed: what is finished is written again.
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
    let found: Key = read(lines.next()?)?;
    let lost = lines.filter(|line| read::<Done>(line).is_some()).count();
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

/// A line: the first 16 digits of the SHA-256 of what follows, and a value as JSON.
fn line<T: Serialize>(value: &T) -> String {
    // Numbers in records are text already, so nothing here can fail to be JSON.
    serde_json::to_string(value).map_or_else(|_| String::new(), |text| format!("{} {text}\n", checksum(&text)))
}

/// The value of a line; `None` when the line is not the one that was written.
fn read<T: DeserializeOwned>(line: &str) -> Option<T> {
    let (sum, text) = line.split_once(' ')?;
    if sum == checksum(text) { serde_json::from_str(text).ok() } else { None }
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// The entries of a journal's whole lines; `None` if its key is another.
fn entries(text: &str, key: &Key) -> Option<Vec<Done>> {
    let whole = &text[..text.rfind('\n').map_or(0, |i| i + 1)];
    let mut lines = whole.lines();
    let found: Key = read(lines.next()?)?;
    (found == *key).then(|| lines.filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line whose numbers were changed is not believed; the others are.
    #[test]
    fn a_changed_line_is_done_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("all.jsonl");
        let text = |s: &str| s.to_owned();
        let key = Key {
            spec_hash: text("a"),
            seed: 1,
            version: text("0"),
            commit: text("c"),
            quick: false,
            files: String::new(),
        };
        let cell = |cell: usize| {
            let rows = vec![vec![cell.to_string(), text("0.125")]];
            Done::Cell(CellRecord {
                cell,
                rows,
                remarks: Vec::new(),
                violated: false,
                measured: 1,
                profile: Vec::new(),
            })
        };
        let (journal, before, _) = Journal::open(&path, &key).unwrap();
        assert!(before.is_empty());
        [cell(0), cell(1)].iter().for_each(|done| journal.add(done).unwrap());
        drop(journal);
        assert_eq!(Journal::open(&path, &key).unwrap().1, [cell(0), cell(1)]);
        let changed = fs::read_to_string(&path).unwrap().replacen("0.125", "0.126", 1);
        fs::write(&path, changed).unwrap();
        assert_eq!(all(dir.path(), &key).unwrap(), [cell(1)]);
        assert_eq!(Journal::open(&path, &key).unwrap().1, [cell(1)]);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    }
}
