//! What the bounds of several papers share: geometric recursions in closed form and a deterministic minimiser.

mod geometric;
mod minimise;

pub use geometric::{Geometric, count, geometric_series};
pub use minimise::{between, minimise};
