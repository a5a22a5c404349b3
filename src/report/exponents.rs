//! Exponents of measured quantities as `exponents.json` holds them, and their table.

use super::labels;
use super::records::{ReportError, read_text};
use super::table::aligned;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A slope with two standard errors, which a single repetition does not have.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Power {
    /// The slope.
    pub value: f64,
    /// Two standard errors.
    pub uncertainty: Option<f64>,
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

fn power(of: Power) -> String {
    let value = super::axis::minus(&format!("{:+.3}", of.value));
    match of.uncertainty {
        Some(u) => format!("{value} \u{b1} {:.3}", u),
        None => value,
    }
}

fn list(of: &[Power]) -> String {
    of.iter().map(|p| power(*p)).collect::<Vec<_>>().join(", ")
}

/// One line for each exponent: local slopes and the slope of the last window with two standard errors, beside the limit and the
/// exponent of another quantity over the same values. Empty without exponents.
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
        let limit = e.expected.map_or_else(dash, |x| {
            let text = super::axis::minus(&format!("{x:+.3}"));
            format!("{text} ({})", e.statement.as_deref().unwrap_or_default())
        });
        let beside = e
            .beside
            .as_ref()
            .map_or_else(dash, |other| format!("{}: {}", other.of, other.slope.map_or_else(dash, power)));
        let left_out: Vec<String> = e.excluded.iter().map(|x| short(x.value)).collect();
        vec![
            e.of.clone(),
            labels::symbol(&e.against),
            if places.is_empty() { dash() } else { places.join(", ") },
            list(&e.local_slopes),
            e.window.map_or_else(dash, |(a, b)| format!("{} to {}", short(a), short(b))),
            e.slope.map_or_else(dash, power),
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
        "Exponents of the geometric means over {count} repetitions; every slope is the mean of those of the repetitions, \u{b1} two \
         standard errors.\n\n{}",
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
    }
}
