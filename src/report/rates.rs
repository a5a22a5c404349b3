//! Rates as `rates --json` prints them: thresholds, local slopes and what is stated.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One threshold: the parameter's value and a bracket of the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RatePoint {
    /// The parameter's value.
    #[serde(deserialize_with = "number")]
    pub value: f64,
    /// Lower end of the bracket.
    #[serde(deserialize_with = "number")]
    pub threshold_lo: f64,
    /// Upper end of the bracket.
    #[serde(deserialize_with = "number")]
    pub threshold_hi: f64,
}

/// How a threshold moves with one parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    /// The path solved for.
    pub solve_for: String,
    /// The condition, for example `kl <= 0.1`.
    #[serde(default)]
    pub such_that: String,
    /// The path that is varied.
    pub parameter: String,
    /// The thresholds.
    pub points: Vec<RatePoint>,
    /// d ln threshold / d ln parameter between neighbours.
    #[serde(default, deserialize_with = "numbers")]
    pub local_slopes: Vec<f64>,
    /// The slope of the last window; NaN when there is none.
    #[serde(default = "nan", deserialize_with = "number")]
    pub slope: f64,
    /// Its uncertainty; NaN when there is none.
    #[serde(default = "nan", deserialize_with = "number")]
    pub slope_uncertainty: f64,
    /// The stated exponent; NaN when none is stated.
    #[serde(default = "nan", deserialize_with = "number")]
    pub stated: f64,
    /// `derived-here`, `recalled`, ...
    #[serde(default, deserialize_with = "text")]
    pub stated_provenance: String,
    /// `matches`, `beaten`, `contradicted` or `unresolved`.
    #[serde(default, deserialize_with = "text")]
    pub outcome: String,
}

fn nan() -> f64 {
    f64::NAN
}

/// A number, a decimal string, a fraction like `"-1/2"`, or NaN for anything else.
fn value_of(value: &Value) -> f64 {
    match value {
        Value::Number(x) => x.as_f64().unwrap_or(f64::NAN),
        Value::String(s) => match s.split_once('/') {
            Some((a, b)) => a.trim().parse::<f64>().unwrap_or(f64::NAN) / b.trim().parse::<f64>().unwrap_or(f64::NAN),
            None => s.trim().parse().unwrap_or(f64::NAN),
        },
        Value::Array(ends) if ends.len() == 2 => 0.5 * (value_of(&ends[0]) + value_of(&ends[1])),
        _ => f64::NAN,
    }
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(value_of(&Value::deserialize(from)?))
}

fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    Ok(Vec::<Value>::deserialize(from)?.iter().map(value_of).collect())
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(s) => s,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}
