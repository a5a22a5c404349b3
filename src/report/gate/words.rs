//! What a gate found, in sentences.

use crate::report::labels;
use crate::verdicts::gate::{Judged, Kind, Outcome};

/// A number with four digits, or a dash where nothing is that large.
pub fn number(x: f64) -> String {
    if x.is_finite() { labels::rounded(x, 4) } else { "\u{2013}".into() }
}

/// From where on a test fails: a share of what should be beyond a point has a threshold above 1, which is none for one below 1.
pub fn threshold(outcome: &Outcome) -> String {
    let too_few = outcome.kind == Kind::Tails && outcome.statistic < 1.0 && outcome.threshold > 1.0;
    number(if too_few { f64::INFINITY } else { outcome.threshold })
}

/// What was found, from where on it fails, and the probabilities.
#[must_use]
pub fn numbers(outcome: &Outcome) -> String {
    let from = match threshold(outcome) {
        text if text == number(f64::INFINITY) => String::new(),
        text => format!(", fails from {text}"),
    };
    format!(
        "found {}{from} ({}); p at most {:.1e}, its share {:.1e}",
        number(outcome.statistic),
        outcome.unit,
        outcome.p_bound,
        outcome.share
    )
}

/// Whether the draws pass, in a sentence.
#[must_use]
pub fn verdict(judged: &Judged) -> String {
    let (tests, failed) = (judged.outcomes.len(), judged.failures().len());
    let law = match judged.asked.within {
        within if within > 0.0 => format!("a law within {within} in total variation of {}", judged.law),
        _ => judged.law.to_owned(),
    };
    let draws = judged.tally.draws;
    let what = match (failed, judged.baseline) {
        (0, None) => format!("nothing tells these {draws} draws from draws of {law}: none of {tests} tests fails"),
        (_, None) => format!("these {draws} draws do not come from {law}: {failed} of {tests} tests fail"),
        (0, Some(name)) => format!(
            "nothing tells that these {draws} draws are farther from {law} than the run kept in {name}: none of {tests} tests fails"
        ),
        (_, Some(name)) => {
            format!(
                "these {draws} draws are farther from {law} than the run kept in {name}: {failed} of {tests} tests fail"
            )
        }
    };
    let right = if judged.baseline.is_some() { "a sampler that stayed as it was" } else { "a right sampler" };
    format!("{what}; {right} fails with probability at most {:e}", judged.asked.alpha)
}

/// What kind of test it is, for people who have never heard its name.
pub fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Kolmogorov => "the largest difference between the shares of draws and of the law at or below a point",
        Kind::Tails => "how many draws are far out, beyond points that the law rarely passes",
        Kind::Mean => "the mean, far out clipped",
        Kind::Variance => "the variance, far out clipped",
        Kind::Ratio => "how many draws are where a fault that was asked for would put more",
        Kind::Weight => "how much of the draws belongs to each mode",
        Kind::Features => {
            "random waves over all coordinates at once: correlations and shapes that no single number shows"
        }
        Kind::Exchange => "whether some of the draws can be told from exact ones",
        Kind::Together => "whether numbers of a draw that should be independent know of each other",
        Kind::Order => "whether draws know of each other",
    }
}

/// A view in few characters, for axes.
pub fn short(view: &str) -> String {
    let pooled = view.strip_suffix(" pooled").and_then(|range| range.split_once(" to "));
    match pooled {
        Some((from, to)) => format!("{from}\u{2026}{to}"),
        None => view.replace("direction ", "dir. ").replace("squared radius", "radius\u{b2}"),
    }
}

/// A signed number with its unit.
pub fn signed(x: f64, unit: &str) -> String {
    let sign = if x < 0.0 { "\u{2212}" } else { "+" };
    format!("{sign}{}{unit}", labels::rounded(x.abs(), 2))
}

/// Names, one after the other.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
