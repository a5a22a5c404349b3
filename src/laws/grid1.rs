//! Smooth 1-D laws by the moment-form Fourier engine.

/// Smooth 1-D laws by the moment-form Fourier engine.
#[derive(Clone, Debug)]
pub struct Grid1 {}
