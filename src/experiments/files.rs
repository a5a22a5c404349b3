//! Where the files are that a spec names.

use super::embedded::FILES;
use std::io;
use std::path::{Path, PathBuf};

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
    /// When it is not there or cannot be read.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self {
            Files::In(folder) => std::fs::read(folder.join(name)),
            Files::BuiltIn => {
                let found = FILES.iter().find(|(known, _)| *known == name);
                let missing = || io::Error::new(io::ErrorKind::NotFound, "it is no part of the program");
                found.map(|(_, bytes)| bytes.to_vec()).ok_or_else(missing)
            }
        }
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
