//! Files that are there whole or not at all.

use super::error::ExperimentError;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes a file by renaming a finished one into its place.
///
/// # Errors
/// When the directory cannot be written to.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), ExperimentError> {
    let name = path.file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned());
    let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(|source| {
        let _ = fs::remove_file(&part);
        ExperimentError::io("write", path, source)
    })
}

/// Writes a file, or removes what an earlier run left there where this one has nothing of its kind.
///
/// # Errors
/// When the directory cannot be written to.
pub fn put_or_remove(path: &Path, bytes: Option<Vec<u8>>) -> Result<(), ExperimentError> {
    match bytes {
        Some(bytes) => put(path, &bytes),
        None => match fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(ExperimentError::io("remove", path, e)),
            _ => Ok(()),
        },
    }
}
