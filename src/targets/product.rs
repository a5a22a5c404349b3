//! Products of independent blocks.

use super::Density;

/// Independent blocks in order; `(block, copies)` stands for `copies` iid repetitions of `block`.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// The blocks with their numbers of copies.
    pub factors: Vec<(Density, u64)>,
}
