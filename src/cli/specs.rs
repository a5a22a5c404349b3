//! Finding specs: files first, then built-in experiments by name.

use super::session::Failure;
use crate::experiments::{EXPERIMENTS, Spec, embedded};
use std::path::Path;

/// The spec a path or a name means.
pub fn find(path: &Path) -> Result<Spec, Failure> {
    if !path.exists() {
        let name = path.to_str().unwrap_or_default();
        if let Some(found) = embedded(name) {
            return Ok(found?);
        }
        if path.extension().is_none() {
            let names: Vec<&str> = EXPERIMENTS.iter().map(|(name, _)| *name).collect();
            let what = format!("there is no file `{name}`, and no built-in experiment of this name");
            return Err(Failure::new(what, format!("built in are {}", names.join(", "))));
        }
    }
    Ok(Spec::read(path)?)
}

/// All built-in experiments.
pub fn built_in() -> Result<Vec<Spec>, Failure> {
    EXPERIMENTS.iter().filter_map(|(name, _)| embedded(name)).map(|spec| Ok(spec?)).collect()
}
