//! `verify`: every statement against random instances.

use super::args::VerifyArgs;
use super::session::{Exit, Failure, Session, talk};
use super::statements::statements;
use crate::bounds::{THEOREMS, Theorem, pages};
use crate::experiments::{Number, cover};
use crate::report;
use crate::verdicts::{Summary, Tightest, tightest, verify as verify_all};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    id: &'static str,
    labels: &'static [&'static str],
    asked: u64,
    instances: u64,
    holds: u64,
    violated: u64,
    undecided: u64,
    vacuous: u64,
    hypothesis_failed: u64,
    engines: &'a BTreeMap<&'static str, u64>,
    targets: &'a BTreeMap<&'static str, u64>,
    evidence: &'a BTreeMap<String, u64>,
    ratio_min: Option<Number>,
    ratio_median: Option<Number>,
    #[serde(flatten)]
    search: Option<Search>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<&'a [(u64, String)]>,
}

/// What a search adds.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Search {
    ratio_searched: Option<Number>,
    searched: u64,
    search_violated: u64,
}

/// What is known of a statement.
type Found = (&'static Theorem, Summary, Option<Tightest>);

pub fn verify(args: &VerifyArgs, session: &Session) -> Result<Exit, Failure> {
    let (theorems, all): (Vec<&'static Theorem>, bool) = match &args.ids[..] {
        [] => (THEOREMS.to_vec(), true),
        ids => (statements(ids)?, false),
    };
    let bar = session.progress(theorems.len() as u64 * args.instances, "verify");
    let summaries = verify_all(&theorems, args.instances, session.seed, |_| bar.inc());
    bar.finish();
    let best = best(&theorems, &summaries, args, session);
    let found: Vec<Found> = theorems
        .into_iter()
        .zip(summaries)
        .zip(best)
        .map(|((theorem, summary), best)| (theorem, summary, best))
        .collect();
    if session.json {
        let row = |found: &Found| serde_json::to_value(row(found, args.search.is_some(), session.explain));
        let rows: Result<Vec<_>, _> = found.iter().map(row).collect();
        session.print_json(&rows.map_err(|e| Failure::new(format!("cannot write JSON: {e}"), ""))?)?;
    } else {
        session.print(&table(&found, args.search.is_some(), all))?;
    }
    remarks(&found, session);
    if let Some(dir) = &args.out {
        write(dir, &found, session)?;
    }
    let violated = |(_, summary, best): &Found| summary.violated + best.as_ref().map_or(0, |b| b.violated) > 0;
    Ok(if found.iter().any(violated) { Exit::Contradicted } else { Exit::Fine })
}

/// The tightest instance of each statement: searched for if that was asked, else the tightest draw if it is to be written.
fn best(
    theorems: &[&'static Theorem],
    summaries: &[Summary],
    args: &VerifyArgs,
    session: &Session,
) -> Vec<Option<Tightest>> {
    if args.search.is_none() && args.out.is_none() {
        return theorems.iter().map(|_| None).collect();
    }
    let evaluations = args.search.unwrap_or(0);
    let bar = session.progress(theorems.len() as u64 * evaluations, "search");
    let one = |(theorem, summary): (&&'static Theorem, &Summary)| {
        tightest(theorem, session.seed, &summary.tightest, evaluations, &|| bar.inc())
    };
    let found = theorems.par_iter().zip(summaries).map(one).collect();
    bar.finish();
    found
}

/// What is said beside the table.
fn remarks(found: &[Found], session: &Session) {
    for (_, summary, best) in found {
        let label = summary.labels[0];
        if summary.holds < summary.asked {
            let Summary { holds, asked, instances, .. } = summary;
            session
                .remark(&format!("{label}: {holds} of {asked} instances asked for hold after {instances} were tried"));
        }
        let said = summary.remarks.iter().filter(|(_, text)| session.explain || text.starts_with("VIOLATED"));
        for (index, text) in said {
            talk(&format!("{label} instance {index}: {text}\n"));
        }
        if let Some(best) = best.as_ref().filter(|best| best.violated > 0) {
            talk(&format!("{label}: {} instances of the search, the worst: {}\n", best.violated, best.judgement));
        }
    }
}

fn write(dir: &Path, found: &[Found], session: &Session) -> Result<(), Failure> {
    let parts: Vec<_> = found.iter().map(|(theorem, summary, best)| (*theorem, summary, best.as_ref())).collect();
    let mut files = cover(dir, &parts, session.seed)?;
    files.extend(report::write(dir)?.files);
    let lines: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    session.remark(&lines.join("\n"));
    Ok(())
}

fn row((_, s, best): &Found, searched: bool, explain: bool) -> Row<'_> {
    let search = searched.then(|| Search {
        ratio_searched: best.as_ref().map(|b| Number(b.ratio)),
        searched: best.as_ref().map_or(0, |b| b.evaluations),
        search_violated: best.as_ref().map_or(0, |b| b.violated),
    });
    Row {
        id: s.id,
        labels: s.labels,
        asked: s.asked,
        instances: s.instances,
        holds: s.holds,
        violated: s.violated,
        undecided: s.undecided,
        vacuous: s.vacuous,
        hypothesis_failed: s.hypothesis_failed,
        engines: &s.engines,
        targets: &s.targets,
        evidence: &s.evidence,
        ratio_min: s.ratio_min.map(Number),
        ratio_median: s.ratio_median.map(Number),
        search,
        remarks: explain.then_some(&s.remarks),
    }
}

fn table(found: &[Found], searched: bool, all: bool) -> String {
    let mut head = vec!["statement", "tried", "holds", "violated", "undecided", "vacuous", "hyp.-failed", "engines"];
    head.extend(["bound/truth: min", "median"].into_iter().chain(searched.then_some("searched")));
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.4}"));
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|(_, s, best)| {
            let holds = if s.holds < s.asked { format!("{} of {}", s.holds, s.asked) } else { s.holds.to_string() };
            let counts = [s.violated, s.undecided, s.vacuous, s.hypothesis_failed].map(|n| n.to_string());
            let engines: Vec<String> = s.engines.iter().map(|(name, n)| format!("{name} {n}")).collect();
            let name = format!("{} ({})", s.labels.join(", "), s.id);
            let mut row = vec![name, s.instances.to_string(), holds];
            row.extend(counts);
            row.push(if engines.is_empty() { "-".into() } else { engines.join(", ") });
            row.extend([number(s.ratio_min), number(s.ratio_median)]);
            row.extend(searched.then(|| number(best.as_ref().map(|b| b.ratio))));
            row
        })
        .collect();
    let mut text = super::columns::aligned(&head, &rows);
    if all {
        let labels: Vec<&str> = pages().map(|page| page.label).collect();
        text += &format!("shown only (`scorebound show` says why): {}\n", labels.join(", "));
    }
    text
}
