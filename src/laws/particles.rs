//! Clouds of particles, the fallback for everything else.

/// Clouds of particles, the fallback for everything else.
#[derive(Clone, Debug)]
pub struct Particles {}
