//! Build script: the commit this crate is built from and whether it is that commit unchanged, for the meta data of records.

use std::path::Path;
use std::process::Command;

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn main() {
    for place in ["src", "experiments", "paper_checks", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={place}");
    }
    // Moves with every commit and every switch of branches; there is none outside a repository.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    // The repository must be this crate's own: a vendored copy inside another one has no commit of its own.
    let own = git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    let commit = git(&["rev-parse", "HEAD"]).filter(|_| own);
    // What git does not track does not go into the program.
    let clean = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty());
    println!("cargo::rustc-env=SCOREBOUND_COMMIT={}", commit.unwrap_or_default());
    println!("cargo::rustc-env=SCOREBOUND_CLEAN={clean}");
}
