//! The test of the plan of the house: a floor imports only lower ones.

use std::path::{Path, PathBuf};

const FLOORS: [&str; 12] = [
    "numerics",
    "processes",
    "targets",
    "scores",
    "samplers",
    "laws",
    "divergences",
    "bounds",
    "verdicts",
    "experiments",
    "report",
    "cli",
];

/// The Rust files under a directory, without those of tests.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("a directory that could be opened can be listed").path());
    let kept = paths.filter(|path| path.file_stem().is_none_or(|stem| stem != "tests"));
    kept.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The floors a source text names behind `crate::`, grouped imports included.
fn imports(text: &str) -> Vec<&'static str> {
    let lines = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines();
    let code: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("//")).collect();
    let names = |tail: &str| -> Vec<&'static str> {
        let group = tail.strip_prefix('{').map(|rest| rest.split(';').next().unwrap_or_default());
        let named = |floor: &&str| match group {
            Some(group) => group.split([',', '{', ' ', '\n']).any(|word| word.split("::").next() == Some(*floor)),
            None => tail.split(|c: char| !c.is_alphanumeric() && c != '_').next() == Some(*floor),
        };
        FLOORS.into_iter().filter(named).collect()
    };
    code.join("\n").split("crate::").skip(1).flat_map(names).collect()
}

#[test]
fn a_floor_imports_only_lower_ones() {
    assert_eq!(imports("use crate::{laws::Law, cli::x};\nuse crate::report;"), ["laws", "cli", "report"]);
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (height, floor) in FLOORS.iter().enumerate() {
        for path in sources(&src.join(floor)) {
            let text = std::fs::read_to_string(&path).expect("a listed source can be read");
            for import in imports(&text) {
                let other = FLOORS.iter().position(|f| *f == import).expect("imports come from the list");
                assert!(other <= height, "{}: {floor} must not import {import}", path.display());
            }
        }
    }
}
