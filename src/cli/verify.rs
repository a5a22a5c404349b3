//! `verify`: every statement against random instances.

use super::args::VerifyArgs;
use super::session::{Exit, Failure, Session};
use super::statements::statements;
use crate::bounds::{THEOREMS, Theorem};
use crate::experiments::Number;
use crate::verdicts::{Summary, verify as verify_all};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row<'a> {
    id: &'static str,
    labels: &'static [&'static str],
    instances: u64,
    holds: u64,
    violated: u64,
    undecided: u64,
    vacuous: u64,
    hypothesis_failed: u64,
    ratio_min: Option<Number>,
    ratio_median: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<&'a [(u64, String)]>,
}

pub fn verify(args: &VerifyArgs, session: &Session) -> Result<Exit, Failure> {
    let theorems: Vec<&'static Theorem> = match &args.ids[..] {
        [] => THEOREMS.to_vec(),
        ids => statements(ids)?,
    };
    let bar = session.progress(theorems.len() as u64 * args.instances, "verify");
    let summaries = verify_all(&theorems, args.instances, session.seed, |_| bar.inc());
    bar.finish();
    if session.json {
        let row = |s: &'_ Summary| serde_json::to_value(row(s, session.explain));
        let rows: Result<Vec<_>, _> = summaries.iter().map(row).collect();
        session.print_json(&rows.map_err(|e| Failure::new(format!("cannot write JSON: {e}"), ""))?)?;
    } else {
        session.print(&table(&summaries))?;
    }
    for summary in &summaries {
        let said = summary.remarks.iter().filter(|(_, text)| session.explain || text.starts_with("VIOLATED"));
        for (index, text) in said {
            super::session::talk(&format!("{} instance {index}: {text}\n", summary.labels[0]));
        }
    }
    let violated = summaries.iter().any(|s| s.violated > 0);
    Ok(if violated { Exit::Contradicted } else { Exit::Fine })
}

fn row(s: &Summary, explain: bool) -> Row<'_> {
    Row {
        id: s.id,
        labels: s.labels,
        instances: s.instances,
        holds: s.holds,
        violated: s.violated,
        undecided: s.undecided,
        vacuous: s.vacuous,
        hypothesis_failed: s.hypothesis_failed,
        ratio_min: s.ratio_min.map(Number),
        ratio_median: s.ratio_median.map(Number),
        remarks: explain.then_some(&s.remarks),
    }
}

fn table(summaries: &[Summary]) -> String {
    let head = ["statement", "holds", "violated", "undecided", "vacuous", "hyp.-failed", "bound/truth: min", "median"];
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.4}"));
    let rows: Vec<Vec<String>> = summaries
        .iter()
        .map(|s| {
            let counts = [s.holds, s.violated, s.undecided, s.vacuous, s.hypothesis_failed].map(|n| n.to_string());
            let ratios = [number(s.ratio_min), number(s.ratio_median)];
            std::iter::once(format!("{} ({})", s.labels.join(", "), s.id)).chain(counts).chain(ratios).collect()
        })
        .collect();
    super::columns::aligned(&head, &rows)
}
