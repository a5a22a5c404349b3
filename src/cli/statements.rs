//! `show` and `cite`: statements by id or label.

use super::args::{CiteArgs, ShowArgs};
use super::session::{Exit, Failure, Session};
use crate::bounds::{self, Claim, Provenance, Theorem};
use crate::experiments::{help_on_theorems, provenance_name};
use crate::report::bibtex::{self, cited};
use crate::report::cite as bibtex_of;
use crate::targets;
use crate::verdicts::{instance, judge};
use serde_json::json;

/// The statements by ids or labels, or all of them for `all`; each once.
pub fn statements(names: &[String]) -> Result<Vec<&'static Theorem>, Failure> {
    let mut found: Vec<&'static Theorem> = Vec::new();
    for name in names {
        let unknown = || Failure::new(format!("no statement is called `{name}`"), help_on_theorems(name));
        for theorem in bounds::named(name).ok_or_else(unknown)? {
            if !found.iter().any(|known| known.id == theorem.id) {
                found.push(theorem);
            }
        }
    }
    Ok(found)
}

/// Where a statement comes from, in words.
pub fn source(theorem: &Theorem) -> String {
    let text = bibtex::entry(theorem.reference.key).map_or(theorem.reference.key, |entry| entry.text);
    let field = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name))?;
        Some(line[line.find('{')? + 1..line.rfind('}')?].to_owned())
    };
    let parts: Vec<String> = [field("author"), field("title"), field("eprint").map(|id| format!("arXiv:{id}"))]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() { theorem.reference.key.to_owned() } else { parts.join(", ") }
}

/// What the status of a statement means.
fn status(provenance: Provenance) -> String {
    match provenance {
        Provenance::Quoted { version } => format!("quoted from {version}"),
        Provenance::Recalled { sure } => format!("recalled ({sure}); it decides no verdict"),
        Provenance::DerivedHere => "derived here: proved below, with constants of its own".into(),
    }
}

fn power((a, b): (i32, i32)) -> String {
    if b == 1 { a.to_string() } else { format!("{a}/{b}") }
}

/// A statement that is not judged.
fn show_page(page: &targets::Page, session: &Session) -> Result<(), Failure> {
    let targets::Page { label, role, title, statement } = page;
    if session.json {
        session.print_json(&json!({"labels": [label], "title": title, "role": role, "statement": statement}))
    } else {
        session.print(&format!("{label}: {title}\nstatus: shown only, not judged: {role}\n\n{statement}\n"))
    }
}

pub fn show(args: &ShowArgs, session: &Session) -> Result<Exit, Failure> {
    let page = bounds::page(&args.id);
    let theorems = match page {
        Some(_) => bounds::named(&args.id).unwrap_or_default(),
        None => statements(std::slice::from_ref(&args.id))?,
    };
    for theorem in theorems {
        show_one(theorem, session)?;
    }
    if let Some(page) = page {
        show_page(page, session)?;
    }
    Ok(Exit::Fine)
}

/// With `--json`, one object on a line of its own.
fn show_one(theorem: &'static Theorem, session: &Session) -> Result<(), Failure> {
    if session.json {
        let exponents: Vec<_> = theorem
            .exponents
            .iter()
            .map(|e| json!({"of": e.of, "in": e.in_, "power": power(e.power), "claim": claim(e.claim)}))
            .collect();
        session.print_json(&json!({
            "id": theorem.id, "labels": theorem.labels, "title": theorem.title, "about": theorem.about.kind(),
            "divergence": theorem.about.name(),
            "provenance": provenance_name(theorem.reference.provenance), "source": source(theorem),
            "hypotheses": theorem.hypotheses.iter().map(|h| h.says).collect::<Vec<_>>(),
            "exponents": exponents, "statement": theorem.statement,
        }))?;
    } else {
        session.print(&page(theorem))?;
    }
    if session.explain {
        let example = judge(theorem, &instance(theorem, session.seed, 0));
        session.explain(&format!("example (instance 0 of seed {}): {example}\n", session.seed));
    }
    Ok(())
}

fn claim(claim: Claim) -> &'static str {
    match claim {
        Claim::Guarantee => "guarantee",
        Claim::Recalled => "recalled",
    }
}

fn page(theorem: &Theorem) -> String {
    let mut text = format!("{} ({}): {}\n", theorem.labels.join(", "), theorem.id, theorem.title);
    text += &format!("source: {}\nstatus: {}\n", source(theorem), status(theorem.reference.provenance));
    text += &format!("bounds: {}", theorem.about);
    if theorem.ceiling.is_finite() {
        text += &format!(" (vacuous from {} on)", theorem.ceiling);
    }
    text += "\nhypotheses:\n";
    for hypothesis in theorem.hypotheses {
        text += &format!("  {}\n", hypothesis.says);
    }
    if !theorem.exponents.is_empty() {
        text += "exponents:\n";
    }
    for e in theorem.exponents {
        text += &format!("  {} ~ {}^({})  {}\n", e.of, e.in_, power(e.power), claim(e.claim));
    }
    format!("{text}\n{}\n", theorem.statement.trim_end())
}

pub fn cite(args: &CiteArgs, session: &Session) -> Result<Exit, Failure> {
    let theorems = statements(&args.ids)?;
    let keys: Vec<&str> = theorems.iter().map(|t| t.reference.key).collect();
    let text = bibtex_of(&keys);
    let keys: Vec<&str> = cited(&keys).map(|entry| entry.key).collect();
    for theorem in &theorems {
        session.explain(&format!("{}: {}\n", theorem.labels[0], status(theorem.reference.provenance)));
    }
    if session.json {
        session.print_json(&json!({ "keys": keys, "bibtex": text }))?;
    } else {
        session.print(&text)?;
    }
    Ok(Exit::Fine)
}
