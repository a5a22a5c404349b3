//! Floor 6: divergences between laws as intervals with evidence.

mod divergence;
mod oscillation;

pub use divergence::{Divergence, NoEngine};
pub use oscillation::{Oscillation, PhaseCell};
