//! Floor 8: verdicts from intervals alone, and rates from thresholds.

mod judge;

pub use judge::{Judgement, Verdict, judge};
