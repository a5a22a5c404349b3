//! Which consecutive coordinates are independent of the others, run-length encoded.

/// `copies` identical independent blocks of `dim` coordinates each, the first one starting at coordinate `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first coordinate of the first block.
    pub first: usize,
    /// Coordinates per block.
    pub dim: usize,
    /// Number of identical blocks.
    pub copies: usize,
}

/// The finest decomposition into runs that is valid for all of the given ones (each covers the same d coordinates).
///
/// Two consecutive blocks of the result are in one run only if every input has them in one run.
#[must_use]
pub fn common_runs(all: &[&[Run]]) -> Vec<Run> {
    let _ = all;
    todo!()
}
