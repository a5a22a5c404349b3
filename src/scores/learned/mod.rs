//! Scores learned from data by least squares: how training sets are drawn, and what is fitted to them.

mod design;

pub use design::{Design, DesignError, Sample, TimeMeasure};
