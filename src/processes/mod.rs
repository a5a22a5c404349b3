//! Floor 1: forward noising processes, the noise levels they pass through, and grids of times.

mod noise_level;
mod process;
mod rate;
#[cfg(test)]
mod tests;
mod time_grid;

pub use noise_level::{LevelRate, NoiseLevel};
pub use process::Process;
pub use rate::Rate;
pub use time_grid::{GridError, TimeGrid};
