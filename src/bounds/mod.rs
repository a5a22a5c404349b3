//! Floor 7: theorems as data, and the instances they are judged on.

pub mod general;
mod instance;
pub mod lee_lu_tan_2022;
mod registry;
#[cfg(test)]
mod tests;
mod theorem;

pub use instance::Instance;
pub use registry::{THEOREMS, find};
pub use theorem::{Bound, Claim, Exponent, Holds, Hypothesis, Provenance, Reference, Theorem};
