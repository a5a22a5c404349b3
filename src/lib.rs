//! Convergence theorems for score-based samplers, held against the exact law of the sampler's output.
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::all)]

pub mod bounds;
pub mod divergences;
#[cfg(test)]
mod floors;
pub mod laws;
pub mod numerics;
pub mod processes;
pub mod report;
pub mod samplers;
pub mod scores;
pub mod targets;
pub mod verdicts;
