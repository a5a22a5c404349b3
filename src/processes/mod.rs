//! Floor 1: forward noising processes and the noise levels they pass through.

mod noise_level;
mod process;
#[cfg(test)]
mod tests;

pub use noise_level::NoiseLevel;
pub use process::Process;
