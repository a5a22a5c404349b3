//! The gate: draws of anybody's sampler, held against a law that is known exactly.
//!
//! Every test is valid for every number of draws. What is looked at is a number of the draw whose law is known ([`View`]): in bins, so that counts are
//! multinomial with known masses, and every function of the bin has a known moment generating function.

mod baseline;
mod compared;
mod examine;
mod exchange;
mod fault;
mod inequalities;
mod judged;
mod kept;
mod known;
mod line_law;
mod power;
mod reference;
mod sides;
mod tally;
#[cfg(test)]
mod tests;
mod view;
pub mod zoo;

pub use baseline::{BASELINE, Baseline, Mean, Measure, not_worse};
pub use compared::{Compared, Place};
pub use examine::{Asked, Kind, Outcome, examine, passes};
pub use exchange::Exact;
pub use fault::{FAULTS, Fault, FaultyLaw};
pub use inequalities::{Steps, Units};
pub use judged::Judged;
pub use kept::Kept;
pub use known::Known;
pub use line_law::{Cut, LineLaw, Stretched};
pub use power::{Agreement, Lag, Need, Plan, needs, needs_of_order};
pub use reference::{Features, RatioEvent, Reference};
pub use sides::{Pairs, Sides};
pub use tally::Tally;
pub use view::{Bins, Map, View, Whitening};
