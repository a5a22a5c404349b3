//! Tables for terminals, which are Markdown tables at the same time.

use super::gathered::averaged;
use super::labels::{self, span};
use super::rates::Rate;
use super::records::{Records, Row, VERDICTS};

/// The records as a table, one line per row, followed by a count of the verdicts.
#[must_use]
pub fn table(records: &Records) -> String {
    let records = &averaged(records);
    let with_theorems = records.rows.iter().any(|r| !r.theorem.is_empty());
    let mut head = labels::symbols(&records.quantities);
    head.extend(["divergence", "measured", "evidence"].map(String::from));
    if with_theorems {
        head.extend(["theorem", "bound", "bound/measured", "verdict"].map(String::from));
    }
    let reasons = reasons(records);
    let rows: Vec<Vec<String>> = records
        .rows
        .iter()
        .map(|row| {
            let mut cells: Vec<String> = row.swept.iter().map(|v| labels::value(v)).collect();
            cells.extend([row.divergence.clone(), span(row.measured), row.evidence.clone()]);
            if with_theorems {
                let verdict = reason(row, &reasons)
                    .map_or_else(|| row.verdict.clone(), |i| format!("{} [{}]", row.verdict, i + 1));
                cells.extend([row.theorem.clone(), span(row.bound), span(row.ratio), verdict]);
            }
            cells
        })
        .collect();
    let counts = summary(records);
    let mut text = aligned(&head, &rows);
    if !counts.is_empty() {
        text += &format!("\n{counts}\n");
    }
    for note in notes(records) {
        text += &format!("\n{note}\n");
    }
    text
}

/// What a theorem prescribed for each cell, beside what was measured there; empty where nothing is prescribed.
#[must_use]
pub fn prescribed_table(records: &Records) -> String {
    let mut head = labels::symbols(&records.quantities);
    head.extend(["h", "N", "τ", "ε", "promised TV", "measured TV"].map(String::from));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cells: Vec<&str> = Vec::new();
    for row in &records.rows {
        let Some(prescribed) = row.prescribed.filter(|_| !cells.contains(&row.cell.as_str())) else { continue };
        cells.push(&row.cell);
        let tv = records.rows.iter().find(|r| r.cell == row.cell && r.divergence == "tv" && r.measured.is_some());
        let [step, steps, tau, epsilon, promised] = prescribed.map(|x| labels::value(&labels::rounded(x, 5)));
        let mut cells: Vec<String> = row.swept.iter().map(|v| labels::value(v)).collect();
        cells.extend([step, steps, tau, epsilon, promised, span(tv.and_then(|r| r.measured))]);
        rows.push(cells);
    }
    if rows.is_empty() { String::new() } else { aligned(&head, &rows) }
}

/// Rows beyond which a terminal is spared those that say nothing.
const LONG: usize = 40;

/// The table for a terminal: of a long one, rows that are VACUOUS or HYPOTHESIS-FAILED are counted only.
#[must_use]
pub fn short_table(records: &Records) -> String {
    let says_nothing = |row: &Row| matches!(row.verdict.as_str(), "VACUOUS" | "HYPOTHESIS-FAILED");
    let silent = records.rows.iter().filter(|row| says_nothing(row)).count();
    if records.rows.len() <= LONG || silent == 0 {
        return table(records);
    }
    let mut rest = records.clone();
    rest.rows.retain(|row| !says_nothing(row));
    let mut text = table(&rest);
    text += &format!("\n{silent} rows that say nothing are left out here ({}): table.md has them\n", summary(records));
    text
}

/// A text without its numbers: what differs in numbers only is of one kind.
#[must_use]
pub fn kind(text: &str) -> String {
    let word = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).parse::<f64>().is_err();
    text.split_whitespace().filter(|w| word(w)).collect::<Vec<_>>().join(" ")
}

/// Rows without a plain answer for one reason, up to its numbers.
struct Reason<'a> {
    theorem: &'a str,
    verdict: &'a str,
    /// The first of its texts.
    why: &'a str,
    kind: String,
    /// Its distinct texts.
    texts: Vec<&'a str>,
}

/// What stands behind a row without a plain answer: its place among the reasons.
fn reason(row: &Row, reasons: &[Reason<'_>]) -> Option<usize> {
    let kind = (!row.why.is_empty()).then(|| kind(&row.why))?;
    reasons.iter().position(|r| r.theorem == row.theorem && r.verdict == row.verdict && r.kind == kind)
}

/// The distinct reasons in the order of the rows.
fn reasons(records: &Records) -> Vec<Reason<'_>> {
    let mut known: Vec<Reason> = Vec::new();
    for row in records.rows.iter().filter(|row| !row.why.is_empty()) {
        match reason(row, &known) {
            Some(i) if known[i].texts.contains(&row.why.as_str()) => {}
            Some(i) => known[i].texts.push(&row.why),
            None => known.push(Reason {
                theorem: &row.theorem,
                verdict: &row.verdict,
                why: &row.why,
                kind: kind(&row.why),
                texts: vec![&row.why],
            }),
        }
    }
    known
}

/// One line for each distinct reason: which hypothesis failed and what was found, or what would decide. Reasons that differ in
/// numbers only are one, shown by the first.
#[must_use]
pub fn notes(records: &Records) -> Vec<String> {
    let note = |(i, Reason { theorem, verdict, why, texts, .. }): (usize, &Reason)| {
        let what = if theorem.is_empty() { "not measured".to_owned() } else { format!("{theorem} {verdict}") };
        let more =
            if texts.len() > 1 { format!(" (and {} more with other numbers)", texts.len() - 1) } else { String::new() };
        format!("[{}] {what}: {why}{more}", i + 1)
    };
    reasons(records).iter().enumerate().map(note).collect()
}

/// How often each verdict occurs, in one line; empty when nothing was judged.
#[must_use]
pub fn summary(records: &Records) -> String {
    let count = |name: &str| records.rows.iter().filter(|r| r.verdict.split([' ', '(']).next() == Some(name)).count();
    let parts: Vec<String> = VERDICTS.iter().filter(|n| count(n) > 0).map(|n| format!("{} {n}", count(n))).collect();
    parts.join(", ")
}

/// Rates as a table, one line per parameter.
#[must_use]
pub fn rates_table(rates: &[Rate]) -> String {
    let head = [
        "threshold",
        "such that",
        "against",
        "theorem",
        "local slopes",
        "window",
        "missing",
        "slope",
        "stated",
        "provenance",
        "recalled",
        "outcome",
    ];
    let rows: Vec<Vec<String>> = rates
        .iter()
        .map(|rate| {
            let slopes: Vec<String> = rate.local_slopes.iter().map(|s| signed(s.value)).collect();
            let short = |x: f64| labels::value(&labels::rounded(x, 4));
            let window = rate.window.map_or("-".into(), |(first, last)| format!("{} to {}", short(first), short(last)));
            let missing: Vec<String> = rate.missing.iter().map(|m| short(m.value)).collect();
            let power = |x: f64| if x.is_finite() { super::figures::fraction(x) } else { "-".to_owned() };
            vec![
                labels::quantity(&rate.solve_for),
                rate.condition(),
                labels::quantity(rate.against()),
                if rate.theorem.is_empty() { "-".to_owned() } else { rate.theorem.clone() },
                slopes.join(" "),
                window,
                if missing.is_empty() { "-".into() } else { missing.join(" ") },
                slope(rate),
                power(rate.stated),
                rate.stated_provenance.clone(),
                power(rate.recalled),
                rate.said(),
            ]
        })
        .collect();
    aligned(&head.map(String::from), &rows)
}

/// A slope to three decimals; what rounds to nothing has no sign.
fn signed(x: f64) -> String {
    match format!("{x:+.3}").as_str() {
        _ if !x.is_finite() => "-".into(),
        "+0.000" | "-0.000" => "0.000".into(),
        text => super::axis::minus(text),
    }
}

/// The slope of the last window with its uncertainty, rounded up to a digit where three decimals would show none.
fn slope(rate: &Rate) -> String {
    let uncertainty = rate.slope_uncertainty;
    match (signed(rate.slope), uncertainty) {
        (text, _) if !uncertainty.is_finite() => text,
        (text, u) if u < 5e-4 => format!("{text} \u{b1} {}", labels::outward(u, 1, labels::Side::Up)),
        (text, u) => format!("{text} \u{b1} {u:.3}"),
    }
}

/// A Markdown table with columns of equal width.
pub(super) fn aligned(head: &[String], rows: &[Vec<String>]) -> String {
    let clean = |cell: &str| cell.replace('|', "\\|").replace('\n', " ");
    let head: Vec<String> = head.iter().map(|c| clean(c)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|c| clean(c)).collect()).collect();
    let wide = |i: usize| {
        rows.iter().filter_map(|r| r.get(i)).chain(head.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(|i| wide(i).max(3)).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(c, &w)| format!("{c:<w$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|&w| "-".repeat(w)).collect();
    line(&head) + &line(&rule) + &rows.iter().map(|r| line(r)).collect::<String>()
}
