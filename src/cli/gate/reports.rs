//! What a gate found, written for others: JUnit XML, a page, annotations.

use super::super::args::GateReports;
use super::super::session::{Failure, Session, talk};
use super::{github::github, junit::junit};
use crate::experiments::put;
use crate::report::gate::page;
use crate::verdicts::gate::Judged;
use std::path::Path;

impl GateReports {
    fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let named = [("--junit", &self.junit), ("--html", &self.html)];
        named.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?)))
    }

    /// Whether the files can be where they should be: asked before draws are read, so that nothing is written where one of them cannot be.
    pub(super) fn check(&self) -> Result<(), Failure> {
        for (flag, path) in self.files() {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if !parent.is_dir() {
                let what = format!("{flag} {}: there is no directory {}", path.display(), parent.display());
                return Err(Failure::new(what, "make it first"));
            }
            if path.is_dir() || path.file_name().is_none() {
                let what = format!("{flag} {} is a directory", path.display());
                return Err(Failure::new(what, "name a file in it"));
            }
        }
        if self.junit.is_some() && self.junit == self.html {
            return Err(Failure::new("--junit and --html name the same file", "give each its own"));
        }
        Ok(())
    }

    /// Writes what is asked for.
    pub(super) fn write(&self, judged: &Judged, session: &Session) -> Result<(), Failure> {
        // Both are made before any is written.
        let xml = self.junit.as_ref().map(|path| {
            let text = junit(judged).to_string();
            text.map(|text| (path, text)).map_err(|e| Failure::new(format!("cannot write JUnit XML: {e}"), ""))
        });
        let html = self.html.as_ref().map(|path| page(judged, session.seed).map(|text| (path, text)));
        let files = [xml.transpose()?, html.transpose()?];
        for (path, text) in files.into_iter().flatten() {
            put(path, text.as_bytes())?;
        }
        if self.github {
            talk(&github(judged));
        }
        Ok(())
    }
}
