//! Rates as `rates --json` prints them: thresholds, local slopes and what is stated.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One threshold: the parameter's value and a bracket of the threshold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RatePoint {
    /// The parameter's value.
    #[serde(deserialize_with = "given")]
    pub value: f64,
    /// Lower end of the bracket.
    #[serde(deserialize_with = "given")]
    pub threshold_lo: f64,
    /// Upper end of the bracket.
    #[serde(deserialize_with = "given")]
    pub threshold_hi: f64,
    /// The verdict on the statement there; empty where it was not held against this point.
    #[serde(default, deserialize_with = "text")]
    pub verdict: String,
}

/// A slope between neighbouring points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalSlope {
    /// The slope; NaN when there is none.
    pub value: f64,
    /// Half-width of its enclosure; 0 when none is given.
    pub uncertainty: f64,
}

/// How a threshold moves with one parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    /// The path solved for.
    pub solve_for: String,
    /// `exponential` where slopes are those of `e^threshold`; empty where they are those of the threshold.
    #[serde(default, deserialize_with = "text")]
    pub scale: String,
    /// The condition, for example `kl <= 0.1`.
    #[serde(default)]
    pub such_that: String,
    /// The path that is varied.
    pub parameter: String,
    /// What its values are: `dim`, `smoothness`, `lsi`, `accuracy`, or the path's own (`other`, or empty).
    #[serde(default, rename = "as", deserialize_with = "text")]
    pub role: String,
    /// The theorem whose exponent is stated; empty when none is.
    #[serde(default, deserialize_with = "text")]
    pub theorem: String,
    /// The thresholds.
    pub points: Vec<RatePoint>,
    /// d ln threshold / d ln parameter between neighbours: numbers, or objects with `value` and `uncertainty`.
    #[serde(default, deserialize_with = "slopes")]
    pub local_slopes: Vec<LocalSlope>,
    /// The slope of the last window; NaN when there is none.
    #[serde(default = "nan", deserialize_with = "number")]
    pub slope: f64,
    /// Its uncertainty; NaN when there is none.
    #[serde(default = "nan", deserialize_with = "number")]
    pub slope_uncertainty: f64,
    /// The stated exponent; NaN when none is stated.
    #[serde(default = "nan", deserialize_with = "number")]
    pub stated: f64,
    /// What the paper is remembered to state; NaN when nothing is. Shown, decides nothing.
    #[serde(default = "nan", deserialize_with = "number")]
    pub recalled: f64,
    /// `large` or `small`: the end of the parameter's range the exponents speak of; empty means `large`, but `small` for
    /// an accuracy.
    #[serde(default, deserialize_with = "text")]
    pub asymptote: String,
    /// `derived-here`, `recalled`, ...
    #[serde(default, deserialize_with = "text")]
    pub stated_provenance: String,
    /// `matches`, `beaten`, `contradicted` or `unresolved`.
    #[serde(default, deserialize_with = "outcome")]
    pub outcome: String,
    /// The outcome for people, with its reason in brackets; empty when not given.
    #[serde(default, deserialize_with = "text")]
    pub because: String,
    /// The first and last parameter of the window that was fitted.
    #[serde(default)]
    pub window: Option<(f64, f64)>,
    /// The parameters without a threshold.
    #[serde(default)]
    pub missing: Vec<MissingPoint>,
}

/// A parameter without a threshold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MissingPoint {
    /// The parameter's value.
    #[serde(deserialize_with = "number")]
    pub value: f64,
    /// Why there is none.
    #[serde(default)]
    pub why: String,
}

impl Rate {
    /// The outcome without its reason: `BEATEN by d^0.50`; and that the bound says nothing at any point it was compared at,
    /// where that is so.
    #[must_use]
    pub fn said(&self) -> String {
        let short = self.because.split(" (").next().unwrap_or_default();
        let short = if short.is_empty() { self.outcome.to_uppercase() } else { short.to_owned() };
        if self.is_vacuous() { short + ", bound VACUOUS throughout" } else { short }
    }

    /// Whether the bound is vacuous at every point of the window.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        let mut judged = self.points.iter().map(|p| p.verdict.as_str()).filter(|word| !word.is_empty()).peekable();
        judged.peek().is_some() && judged.all(|word| word == "VACUOUS")
    }

    /// Whether the exponents speak of small values of the parameter.
    #[must_use]
    pub fn towards_zero(&self) -> bool {
        self.asymptote == "small" || (self.asymptote.is_empty() && self.parameter.starts_with("accuracy"))
    }

    /// A threshold on the scale on which slopes are taken.
    #[must_use]
    pub fn on_scale(&self, threshold: f64) -> f64 {
        if self.scale == "exponential" { threshold.exp() } else { threshold }
    }

    /// The name of something that is solved for, on that scale.
    #[must_use]
    pub fn scaled_name(&self, name: &str) -> String {
        if self.scale == "exponential" { format!("e^({name})") } else { name.to_owned() }
    }

    /// The quantity whose values the points stand at: the role, where the path's own value is not it.
    #[must_use]
    pub fn against(&self) -> &str {
        if matches!(self.role.as_str(), "" | "other") { &self.parameter } else { &self.role }
    }

    /// The condition as it reads along the parameter: `kl \u{2264} 0.01`, or `kl \u{2264} \u{3c4}` where the number varies.
    #[must_use]
    pub fn condition(&self) -> String {
        match self.such_that.split_once("<=") {
            Some((quantity, _)) if self.parameter == "accuracy" => format!("{} \u{2264} \u{3c4}", quantity.trim()),
            _ => self.such_that.replace("<=", "\u{2264}"),
        }
    }
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

/// A number that must be there.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let value = Value::deserialize(from)?;
    match value_of(&value) {
        x if x.is_nan() => Err(D::Error::custom(format!("{value} is not a number"))),
        x => Ok(x),
    }
}

/// One of the four outcomes; empty where none is given.
fn outcome<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match text(from)? {
        word if ["", "matches", "beaten", "contradicted", "unresolved"].contains(&word.as_str()) => Ok(word),
        word => Err(D::Error::custom(format!("`{word}` is no outcome"))),
    }
}

fn slopes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<LocalSlope>, D::Error> {
    let read = |entry: &Value| match entry {
        Value::Object(parts) => LocalSlope {
            value: parts.get("value").map_or(f64::NAN, value_of),
            uncertainty: parts.get("uncertainty").map_or(0.0, value_of),
        },
        other => LocalSlope { value: value_of(other), uncertainty: 0.0 },
    };
    Ok(Vec::<Value>::deserialize(from)?.iter().map(read).collect())
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(s) => s,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}
