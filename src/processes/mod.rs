//! Floor 1: forward noising processes and the noise levels they pass through.

mod noise_level;

pub use noise_level::NoiseLevel;
