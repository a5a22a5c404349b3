//! Where the files are that a spec names.

use super::embedded::FILES;
use super::error::Flaw;
use super::fields::text;
use super::tree::Node;
use std::io;
use std::path::{Path, PathBuf};

/// The most bytes of a file that are read: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;

/// The files that a spec may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// Those in a folder, that of the spec.
    In(PathBuf),
    /// Those that are part of the program, for the experiments that are.
    BuiltIn,
}

impl Files {
    /// Those beside a file.
    #[must_use]
    pub fn beside(path: &str) -> Self {
        Files::In(Path::new(path).parent().unwrap_or(Path::new("")).to_owned())
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is not there, is too large, or cannot be read.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self {
            Files::In(folder) => {
                let path = folder.join(name);
                match std::fs::metadata(&path)?.len() {
                    bytes if bytes > MOST_BYTES => {
                        let why = format!("it has {bytes} bytes, and at most {MOST_BYTES} are read");
                        Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
                    }
                    _ => std::fs::read(path),
                }
            }
            Files::BuiltIn => {
                let found = FILES.iter().find(|(known, _)| *known == name);
                let missing = || io::Error::new(io::ErrorKind::NotFound, "it is no part of the program");
                found.map(|(_, bytes)| bytes.to_vec()).ok_or_else(missing)
            }
        }
    }

    /// The name of a file under a key, and its text; `kind` says what it should be.
    ///
    /// # Errors
    /// When it cannot be read or is not UTF-8, at the place of the name.
    pub fn text<'n>(&self, node: &'n Node, path: &str, kind: &str) -> Result<(&'n str, String), Flaw> {
        let name = text(node, path)?;
        let bytes = self.read(name).map_err(|why| {
            let help = "paths are relative to the folder of the spec";
            Flaw::new(&node.span, format!("`{name}` cannot be read: {why}"), help)
        })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Flaw::new(&node.span, format!("`{name}` is not UTF-8"), format!("expected {kind} in UTF-8"))
        })?;
        Ok((name, text))
    }

    /// What a file is called in messages.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        match self {
            Files::In(folder) => folder.join(name).display().to_string(),
            Files::BuiltIn => format!("experiments/{name}"),
        }
    }
}
