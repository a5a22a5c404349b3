//! Exponents of measured quantities as `exponents.json` holds them, and their table.

use super::labels;
use super::records::{ReportError, read_text};
use super::table::aligned;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A slope with Student's 95 % interval, which a single repetition does not have.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Power {
    /// The slope.
    pub value: f64,
    /// Half of the interval's width.
    pub uncertainty: Option<f64>,
    /// How many repetitions it is the mean of; unknown of older records.
    #[serde(default)]
    pub repetitions: Option<usize>,
}

/// The exponent of one quantity against one parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exponent {
    /// The quantity.
    pub of: String,
    /// The path that is varied.
    pub against: String,
    /// What else is swept, and its values.
    #[serde(default)]
    pub r#where: BTreeMap<String, String>,
    /// What must hold in every repetition.
    #[serde(default)]
    pub condition: Option<String>,
    /// How many repetitions there are.
    pub repetitions: usize,
    /// The slopes between neighbouring values.
    pub local_slopes: Vec<Power>,
    /// The slope over the last window.
    pub slope: Option<Power>,
    /// The first and last value of the window.
    pub window: Option<(f64, f64)>,
    /// What is expected in the limit.
    pub expected: Option<f64>,
    /// By which statement.
    pub statement: Option<String>,
    /// The exponent of another quantity over the same values.
    pub beside: Option<Beside>,
    /// Values that take no part.
    pub excluded: Vec<Excluded>,
    /// `matches`, `differs`, `unresolved`, `hypothesis-failed` or `measured`.
    pub outcome: String,
    /// The outcome in a sentence.
    pub because: String,
}

/// The exponent of another quantity over the same values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Beside {
    /// The quantity.
    pub of: String,
    /// The slopes between neighbouring values.
    pub local_slopes: Vec<Power>,
    /// The slope over the last window.
    pub slope: Option<Power>,
}

/// A value of the parameter that takes no part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Excluded {
    /// The value.
    pub value: f64,
    /// Why.
    pub why: String,
}

impl Exponent {
    /// Those in a directory; none where there is no such file.
    ///
    /// # Errors
    /// `Read` or `Malformed`.
    pub fn read(dir: &Path) -> Result<Vec<Self>, ReportError> {
        let path = dir.join("exponents.json");
        if !path.exists() {
            return Ok(Vec::new());
        }
        serde_json::from_str(&read_text(&path)?).map_err(|e| ReportError::Malformed { path, what: e.to_string() })
    }
}

/// A slope over some of `all` repetitions, or over all of them.
fn power(of: Power, all: usize) -> String {
    let value = super::axis::minus(&format!("{:+.3}", of.value));
    let error = of.uncertainty.map_or_else(String::new, |u| format!(" \u{b1} {u:.3}"));
    let some = of.repetitions.filter(|count| *count < all);
    value + &error + &some.map_or_else(String::new, |count| format!(" ({count} of {all})"))
}

fn list(of: &[Power], all: usize) -> String {
    of.iter().map(|p| power(*p, all)).collect::<Vec<_>>().join(", ")
}

/// One line for each exponent: local slopes and the slope of the last window with Student's 95 % intervals, beside the limit, or in its
/// place the exponent of another quantity over the same values. Empty without exponents.
#[must_use]
pub fn exponents_table(exponents: &[Exponent]) -> String {
    if exponents.is_empty() {
        return String::new();
    }
    let head = [
        "exponent of",
        "against",
        "where",
        "local slopes",
        "window",
        "slope",
        "beside it",
        "limit",
        "left out",
        "outcome",
    ];
    let short = |x: f64| labels::value(&labels::rounded(x, 6));
    let row = |e: &Exponent| {
        let dash = || "-".to_owned();
        let places = e.r#where.iter().map(|(path, value)| match path.as_str() {
            // Words stand for themselves.
            _ if value.trim().parse::<f64>().is_err() => value.clone(),
            _ => format!("{} = {}", labels::symbol(path), labels::value(value)),
        });
        let places: Vec<String> = places.chain(e.condition.clone()).collect();
        let slope = |p: Power| power(p, e.repetitions);
        let replaced = e.beside.as_ref().is_some_and(|other| other.slope.is_some());
        let limit = e.expected.filter(|_| !replaced).map_or_else(dash, |x| {
            let text = super::axis::minus(&format!("{x:+.3}"));
            format!("{text} ({})", e.statement.as_deref().unwrap_or_default())
        });
        let beside = e
            .beside
            .as_ref()
            .map_or_else(dash, |other| format!("{}: {}", other.of, other.slope.map_or_else(dash, slope)));
        let left_out: Vec<String> = e.excluded.iter().map(|x| short(x.value)).collect();
        vec![
            e.of.clone(),
            labels::symbol(&e.against),
            if places.is_empty() { dash() } else { places.join(", ") },
            list(&e.local_slopes, e.repetitions),
            e.window.map_or_else(dash, |(a, b)| format!("{} to {}", short(a), short(b))),
            e.slope.map_or_else(dash, slope),
            beside,
            limit,
            if left_out.is_empty() { dash() } else { left_out.join(" ") },
            e.because.clone(),
        ]
    };
    let head = head.map(String::from);
    let count = exponents.iter().map(|e| e.repetitions).max().unwrap_or(0);
    let rows: Vec<Vec<String>> = exponents.iter().map(row).collect();
    format!(
        "Exponents of the geometric means over {count} repetitions; every slope is the mean of those of the repetitions, \u{b1} half of \
         Student's 95 % interval; (k of n): only k of the n repetitions have a number above 0 at all of its values, and only they \
         count.\n\n{}",
        aligned(&head, &rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_printed_beside_what_is_expected() {
        let text = r#"[{"of": "coupling", "against": "score.learned.width", "where": {"case": "A"}, "condition": "flips \u2264 0.01", "repetitions": 4, "points": [],
            "local-slopes": [{"value": -0.5, "uncertainty": 0.012}], "slope": {"value": -0.51, "uncertainty": 0.01},
            "window": [256, 512], "expected": -0.5, "statement": "HRX-14", "beside": null,
            "excluded": [{"value": 128, "why": "flips"}], "tolerance": 0.05, "outcome": "matches", "because": "MATCHES HRX-14"}]"#;
        let found: Vec<Exponent> = serde_json::from_str(text).unwrap();
        let table = exponents_table(&found);
        let line = table.lines().last().unwrap();
        for words in [
            "coupling",
            "A, flips \u{2264} 0.01",
            "\u{2212}0.510 \u{b1} 0.010",
            "256 to 512",
            "\u{2212}0.500 (HRX-14)",
            "128",
            "MATCHES",
        ] {
            assert!(line.contains(words), "{words}: {line}");
        }
        assert_eq!(exponents_table(&[]), "");
        // Another exponent takes the place of the limit, and what is a mean of some repetitions only says so.
        let of_some = text.replace("\"uncertainty\": 0.01}", "\"uncertainty\": 0.01, \"repetitions\": 2}").replace(
            "\"beside\": null",
            "\"beside\": {\"of\": \"bias\", \"local-slopes\": [], \"slope\": {\"value\": -0.4, \"uncertainty\": null, \"repetitions\": 4}}",
        );
        let found: Vec<Exponent> = serde_json::from_str(&of_some).unwrap();
        let table = exponents_table(&found);
        let line = table.lines().last().unwrap();
        assert!(line.contains("\u{2212}0.510 \u{b1} 0.010 (2 of 4)"), "{line}");
        assert!(line.contains("bias: \u{2212}0.400") && !line.contains("HRX-14)"), "{line}");
    }
}
