//! Floor 8: verdicts from intervals alone, and rates from thresholds.

mod judge;
mod rates;
#[cfg(test)]
mod tests;
mod threshold;

pub use judge::{Judgement, Verdict, compare, failed_hypothesis, is_vacuous, judge};
pub use rates::{Asymptote, Better, Outcome, Point, Rate, Slope, WINDOW, rate};
pub use threshold::{Condition, Search, Side, Threshold, threshold};
