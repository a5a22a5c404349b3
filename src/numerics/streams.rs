//! Named random streams: the same name gives the same numbers, whichever thread asks.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The stream called `name`, number `index`, of a run seeded with `seed`. Streams of different names or indices are
/// independent for all practical purposes (their ChaCha keys are SHA-256 digests).
#[must_use]
pub fn stream(seed: u64, name: &str, index: u64) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(index.to_le_bytes());
    hash.update(name.as_bytes());
    ChaCha8Rng::from_seed(hash.finalize().into())
}
