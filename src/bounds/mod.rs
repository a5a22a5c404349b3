//! Floor 7: theorems as data, and the instances they are judged on.

mod instance;
mod registry;
mod theorem;

pub use instance::Instance;
pub use registry::{THEOREMS, find};
pub use theorem::{Bound, Claim, Exponent, Holds, Hypothesis, Provenance, Reference, Theorem};
