//! Exponents from thresholds: local slopes with uncertainties, and a one-sided comparison with what is stated.

use super::judge::Verdict;
use super::slopes::{Slope, WINDOW, drift};
use super::threshold::{Condition, Search, Threshold, threshold};
use crate::numerics::{Interval, slope_weights};
use rayon::prelude::*;
use std::fmt;

/// One point of a rate: a parameter value and the bracket of the threshold there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The parameter.
    pub value: f64,
    /// The threshold.
    pub threshold: Threshold,
}

/// At which end of the range the exponent is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asymptote {
    /// As the parameter grows (dimension, constants).
    Large,
    /// As the parameter shrinks (an accuracy).
    Small,
}

/// Which threshold is better: a larger one (a step, an admissible error) or a smaller one (a number of steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Larger is better.
    Larger,
    /// Smaller is better.
    Smaller,
}

/// How a measured exponent compares with a stated guarantee.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Equal within the tolerance.
    Matches,
    /// The truth is better, by a factor `parameter^by`.
    Beaten {
        /// The distance of the exponents: positive towards large parameters, negative towards small ones.
        by: f64,
    },
    /// The truth is worse, by a factor `parameter^by`: the stated guarantee cannot hold with this exponent in this range.
    Contradicted {
        /// The distance of the exponents: positive towards large parameters, negative towards small ones.
        by: f64,
    },
    /// The range, the brackets or the drift do not allow an answer (why).
    Unresolved(String),
}

impl Outcome {
    /// The word printed in tables and records.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Matches => "matches",
            Outcome::Beaten { .. } => "beaten",
            Outcome::Contradicted { .. } => "contradicted",
            Outcome::Unresolved(_) => "unresolved",
        }
    }

    /// The outcome for people, the parameter called by its name: `BEATEN by d^0.50`.
    #[must_use]
    pub fn told(&self, parameter: &str) -> String {
        match self {
            Outcome::Matches => "MATCHES".into(),
            Outcome::Beaten { by } => format!("BEATEN by {parameter}^{by:.2}"),
            Outcome::Contradicted { by } => format!("CONTRADICTED by {parameter}^{by:.2}"),
            Outcome::Unresolved(why) => format!("UNRESOLVED ({why})"),
        }
    }

    /// What may be said once the statement itself has been held against the points of the window: parameters and verdicts.
    ///
    /// Where a hypothesis fails the exponent is not claimed. A worse slope contradicts a statement only where the statement is
    /// violated at some point: otherwise its bound is true there and the regime of its exponent is not reached.
    #[must_use]
    pub fn given(self, points: &[(f64, Result<Verdict, String>)]) -> Self {
        for (value, verdict) in points {
            if let Ok(Verdict::HypothesisFailed { says, found }) = verdict {
                return Outcome::Unresolved(format!("at {value} a hypothesis fails: {says}: {found}"));
            }
        }
        let Outcome::Contradicted { by } = self else { return self };
        let (mut open, distance) = (None, by.abs());
        for (value, verdict) in points {
            match verdict {
                Ok(Verdict::Holds { .. } | Verdict::Vacuous) => {}
                Ok(verdict) if verdict.is_violated() => return self,
                Ok(verdict) => open = open.or(Some(format!("at {value} it is {verdict}"))),
                Err(why) => open = open.or(Some(format!("at {value} it cannot be judged: {why}"))),
            }
        }
        let instead = open.unwrap_or("it holds at every point: the regime of its exponent is not reached".into());
        Outcome::Unresolved(format!(
            "the slope is worse than stated by {distance:.2}, but the statement is not violated; {instead}"
        ))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told("parameter"))
    }
}

/// A measured rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// The points, in ascending order of the parameter; those without a threshold are left out.
    pub points: Vec<Point>,
    /// Why points are missing: parameter and reason.
    pub missing: Vec<(f64, String)>,
    /// Slopes between neighbours.
    pub local_slopes: Vec<Slope>,
    /// The fit over the last window, when there are at least two points.
    pub fit: Option<Slope>,
    /// The parameters of the last window, first and last.
    pub window: Option<(f64, f64)>,
    /// Which end of the range the window is at.
    pub asymptote: Asymptote,
}

/// Solves for the threshold at every parameter, in parallel, and fits the last window.
///
/// `quantity(parameter, candidate)` encloses the quantity the condition speaks of; `search(parameter)` is the bracket.
/// The result does not depend on the number of threads.
pub fn rate(
    parameters: &[f64],
    asymptote: Asymptote,
    condition: Condition,
    search: impl Fn(f64) -> Search + Sync,
    quantity: impl Fn(f64, f64) -> Result<Interval, String> + Sync,
) -> Rate {
    let found: Vec<(f64, Result<Threshold, String>)> =
        parameters.par_iter().map(|&x| (x, threshold(&search(x), condition, |c| quantity(x, c)))).collect();
    let mut points = Vec::new();
    let mut missing = Vec::new();
    for (value, result) in found {
        match result {
            Ok(threshold) => points.push(Point { value, threshold }),
            Err(why) => missing.push((value, why)),
        }
    }
    Rate::of(points, missing, asymptote)
}

impl Rate {
    /// Slopes and fit of given thresholds.
    #[must_use]
    pub fn of(mut points: Vec<Point>, missing: Vec<(f64, String)>, asymptote: Asymptote) -> Self {
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        points.dedup_by(|a, b| a.value == b.value);
        let local_slopes = points.windows(2).filter_map(slope).collect();
        let window = match asymptote {
            Asymptote::Large => &points[points.len().saturating_sub(WINDOW)..],
            Asymptote::Small => &points[..points.len().min(WINDOW)],
        };
        let fit = slope(window);
        let window = window.first().zip(window.last()).map(|(a, b)| (a.value, b.value));
        Self { points, missing, local_slopes, fit, window, asymptote }
    }

    /// The local slopes inside the last window.
    fn last_slopes(&self) -> &[Slope] {
        let n = self.local_slopes.len();
        match self.asymptote {
            Asymptote::Large => &self.local_slopes[n.saturating_sub(WINDOW - 1)..],
            Asymptote::Small => &self.local_slopes[..n.min(WINDOW - 1)],
        }
    }

    /// How far the local slopes of the last window certainly move: the largest distance of two of them beyond their
    /// uncertainties.
    #[must_use]
    pub fn drift(&self) -> f64 {
        drift(self.last_slopes())
    }

    /// A parameter without a threshold on the asymptotic side of the window: there the exponent is meant, and not known.
    #[must_use]
    pub fn missing_beyond(&self) -> Option<&(f64, String)> {
        let (first, last) = self.window?;
        self.missing.iter().find(|(value, _)| match self.asymptote {
            Asymptote::Large => *value > last,
            Asymptote::Small => *value < first,
        })
    }

    /// The one-sided comparison with a stated exponent of a guarantee.
    ///
    /// A guarantee `threshold >= c parameter^stated` is beaten by a threshold that grows faster towards the asymptote, and
    /// contradicted by one that falls behind; for thresholds of which a smaller one is better the sides are exchanged.
    #[must_use]
    pub fn compare(&self, stated: f64, better: Better, tolerance: f64) -> Outcome {
        let Some(fit) = self.fit else {
            return Outcome::Unresolved(match self.missing.first() {
                Some((value, why)) => format!("fewer than two thresholds; at {value}: {why}"),
                None => "fewer than two thresholds".into(),
            });
        };
        if let Some((value, why)) = self.missing_beyond() {
            return Outcome::Unresolved(format!("no threshold at {value}, beyond the window: {why}"));
        }
        if self.last_slopes().len() < 2 {
            return Outcome::Unresolved("fewer than two local slopes: their drift is unknown".into());
        }
        let drift = self.drift();
        if drift > tolerance {
            return Outcome::Unresolved(format!("the local slopes still move by {drift:.3} in the last window"));
        }
        // Positive: better than stated. Towards small parameters a smaller exponent is the larger threshold.
        let sign = if self.asymptote == Asymptote::Large { 1.0 } else { -1.0 };
        let sign = if better == Better::Larger { sign } else { -sign };
        let gain = sign * (fit.value - stated);
        let (least, most) = (gain - fit.uncertainty, gain + fit.uncertainty);
        let towards = if self.asymptote == Asymptote::Large { 1.0 } else { -1.0 };
        if least > tolerance {
            Outcome::Beaten { by: towards * gain }
        } else if most < -tolerance {
            Outcome::Contradicted { by: towards * -gain }
        } else if least >= -tolerance && most <= tolerance {
            Outcome::Matches
        } else {
            Outcome::Unresolved(format!("the slope {:.3} is only known to {:.3}", fit.value, fit.uncertainty))
        }
    }
}

/// The least-squares slope of the logarithms, with the largest deviation the brackets allow; `None` of fewer than two parameters.
fn slope(points: &[Point]) -> Option<Slope> {
    let x: Vec<f64> = points.iter().map(|p| p.value.ln()).collect();
    let weights = slope_weights(&x)?;
    let mut value = 0.0;
    let mut uncertainty = 0.0;
    for (weight, point) in weights.iter().zip(points) {
        let y = point.threshold.ln();
        value += weight * y.mid();
        uncertainty += weight.abs() * 0.5 * y.width();
    }
    let centre = x.iter().sum::<f64>() / x.len() as f64;
    Some(Slope { at: centre.exp(), value, uncertainty: uncertainty * (1.0 + 1e-12) + 1e-14, count: 1 })
}
