//! Floor 8: verdicts from intervals alone, and rates from thresholds.

mod exponents;
pub mod gate;
mod judge;
mod rates;
mod search;
mod slopes;
mod tape;
#[cfg(test)]
mod tests;
mod threshold;
mod verify;

pub use exponents::{Agreement, Curves, Fit, LEVEL, agreement};
pub use judge::{Judgement, Verdict, at_ceiling, check_hypotheses, compare, decide, is_vacuous, judge};
pub use rates::{Asymptote, Better, Outcome, Point, Rate, rate};
pub use search::{Tightest, tightest};
pub use slopes::{Slope, WINDOW, drift};
pub use threshold::{Condition, Search, Side, Threshold, threshold};
pub use verify::{INSTANCES, Summary, instance, verify};
