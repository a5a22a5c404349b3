//! Products of independent blocks.

use super::{Density, Run, TargetError};
use crate::processes::NoiseLevel;

/// Independent blocks in order; `(block, copies)` stands for `copies` iid repetitions of `block`.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// The blocks with their numbers of copies.
    pub factors: Vec<(Density, u64)>,
}

impl Product {
    /// A product of independent blocks.
    ///
    /// # Errors
    /// No factors, or a factor with 0 copies.
    pub fn new(factors: Vec<(Density, u64)>) -> Result<Self, TargetError> {
        if factors.is_empty() {
            return Err(TargetError::parameter("factors", "is empty; at least one factor is needed"));
        }
        if let Some(i) = factors.iter().position(|f| f.1 == 0) {
            return Err(TargetError::parameter(&format!("factors[{i}].copies"), "is 0; it must be at least 1"));
        }
        Ok(Self { factors })
    }

    /// d, the sum over factors of dimension times copies.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.factors.iter().map(|(f, copies)| f.dim() * *copies as usize).sum()
    }

    /// The law of `alpha x + sigma xi`, factor by factor.
    ///
    /// # Errors
    /// As [`Gaussian::noised`](super::Gaussian::noised).
    pub fn noised(&self, level: NoiseLevel) -> Result<Self, TargetError> {
        let noised = |(f, copies): &(Density, u64)| Ok((f.noised(level)?, *copies));
        Ok(Self { factors: self.factors.iter().map(noised).collect::<Result<_, TargetError>>()? })
    }

    /// The finest runs: those of the factors, one after the other. A factor of several blocks repeats as a whole.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        runs_of(&self.factors, Density::dim, Density::runs)
    }

    /// The marginal on `first .. first + dim`, a union of blocks.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Density {
        let mut found = block_of(&self.factors, first, dim, Density::dim, Density::block);
        if found.len() == 1 && found[0].1 == 1 {
            return found.swap_remove(0).0;
        }
        Density::Product(Product { factors: found })
    }
}

/// The finest runs of factors with copies. A factor of several blocks repeats as a whole.
pub(super) fn runs_of<T>(factors: &[(T, u64)], dim: fn(&T) -> usize, runs: fn(&T) -> Vec<Run>) -> Vec<Run> {
    let mut all = Vec::new();
    let mut first = 0;
    for (factor, copies) in factors {
        let (inner, copies) = (runs(factor), *copies as usize);
        if let [only] = inner[..] {
            all.push(Run { first, dim: only.dim, copies: only.copies * copies });
        } else {
            for copy in 0..copies {
                all.extend(inner.iter().map(|r| Run { first: first + copy * dim(factor) + r.first, ..*r }));
            }
        }
        first += dim(factor) * copies;
    }
    all
}

/// The factors, or parts of them, that make up the coordinates `first .. first + size`.
pub(super) fn block_of<T: Clone>(
    factors: &[(T, u64)],
    first: usize,
    size: usize,
    dim: fn(&T) -> usize,
    block: fn(&T, usize, usize) -> T,
) -> Vec<(T, u64)> {
    let mut found: Vec<(T, u64)> = Vec::new();
    let mut start = 0;
    for (factor, copies) in factors {
        let (each, end) = (dim(factor), start + dim(factor) * *copies as usize);
        let (mut at, b) = (first.max(start), (first + size).min(end));
        while at < b {
            let inside = (at - start) % each;
            let whole = if inside == 0 { (b - at) / each } else { 0 };
            if whole > 0 {
                found.push((factor.clone(), whole as u64));
                at += whole * each;
            } else {
                let take = (each - inside).min(b - at);
                found.push((block(factor, inside, take), 1));
                at += take;
            }
        }
        start = end;
    }
    found
}
