//! Floor 6: divergences between laws as intervals with evidence.

mod divergence;

pub use divergence::{Divergence, NoEngine};
