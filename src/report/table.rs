//! Tables for terminals, which are Markdown tables at the same time.

use super::labels::{self, span};
use super::rates::Rate;
use super::records::Records;

/// The records as a table, one line per row, followed by a count of the verdicts.
#[must_use]
pub fn table(records: &Records) -> String {
    let with_theorems = records.rows.iter().any(|r| !r.theorem.is_empty());
    let mut head = labels::symbols(&records.swept);
    head.extend(["divergence", "measured", "evidence"].map(String::from));
    if with_theorems {
        head.extend(["theorem", "bound", "bound/measured", "verdict"].map(String::from));
    }
    let rows: Vec<Vec<String>> = records
        .rows
        .iter()
        .map(|row| {
            let mut cells: Vec<String> = row.swept.iter().map(|v| labels::value(v)).collect();
            cells.extend([row.divergence.clone(), span(row.measured), row.evidence.clone()]);
            if with_theorems {
                cells.extend([row.theorem.clone(), span(row.bound), span(row.ratio), row.verdict.clone()]);
            }
            cells
        })
        .collect();
    let counts = summary(records);
    let body = aligned(&head, &rows);
    if counts.is_empty() { body } else { format!("{body}\n{counts}\n") }
}

/// How often each verdict occurs, in one line; empty when nothing was judged.
#[must_use]
pub fn summary(records: &Records) -> String {
    const NAMES: [&str; 6] = ["HOLDS", "VIOLATED", "VIOLATED?", "UNDECIDED", "VACUOUS", "HYPOTHESIS-FAILED"];
    let count = |name: &str| records.rows.iter().filter(|r| r.verdict.split([' ', '(']).next() == Some(name)).count();
    let parts: Vec<String> = NAMES.iter().filter(|n| count(n) > 0).map(|n| format!("{} {n}", count(n))).collect();
    parts.join(", ")
}

/// Rates as a table, one line per parameter.
#[must_use]
pub fn rates_table(rates: &[Rate]) -> String {
    let head = [
        "threshold",
        "such that",
        "against",
        "local slopes",
        "window",
        "missing",
        "slope",
        "stated",
        "provenance",
        "recalled",
        "outcome",
    ];
    let number = |x: f64| if x.is_finite() { format!("{x:+.3}") } else { "-".into() };
    let rows: Vec<Vec<String>> = rates
        .iter()
        .map(|rate| {
            let slopes: Vec<String> = rate.local_slopes.iter().map(|s| number(s.value)).collect();
            let slope = if rate.slope_uncertainty.is_finite() {
                format!("{} \u{b1} {:.3}", number(rate.slope), rate.slope_uncertainty)
            } else {
                number(rate.slope)
            };
            let short = |x: f64| labels::value(&labels::rounded(x, 4));
            let window = rate.window.map_or("-".into(), |(first, last)| format!("{} to {}", short(first), short(last)));
            let missing: Vec<String> = rate.missing.iter().map(|m| short(m.value)).collect();
            let power = |x: f64| if x.is_finite() { super::figures::fraction(x) } else { "-".to_owned() };
            vec![
                rate.solve_for.clone(),
                rate.such_that.clone(),
                rate.parameter.clone(),
                slopes.join(" "),
                window,
                if missing.is_empty() { "-".into() } else { missing.join(" ") },
                slope,
                power(rate.stated),
                rate.stated_provenance.clone(),
                power(rate.recalled),
                rate.said(),
            ]
        })
        .collect();
    aligned(&head.map(String::from), &rows)
}

/// A Markdown table with columns of equal width.
fn aligned(head: &[String], rows: &[Vec<String>]) -> String {
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
