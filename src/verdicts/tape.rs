//! The random numbers a draw takes, kept so that they can be changed one by one.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, TryRng};
use std::convert::Infallible;

/// Numbers that are given first, then those of a stream; what was taken is kept.
pub struct Tape {
    numbers: Vec<u64>,
    taken: usize,
    beyond: ChaCha8Rng,
}

impl Tape {
    /// `numbers`, and `beyond` their end.
    #[must_use]
    pub fn new(numbers: Vec<u64>, beyond: ChaCha8Rng) -> Self {
        Self { numbers, taken: 0, beyond }
    }

    /// The numbers taken so far.
    #[must_use]
    pub fn into_taken(mut self) -> Vec<u64> {
        self.numbers.truncate(self.taken);
        self.numbers
    }

    fn next(&mut self) -> u64 {
        if self.taken == self.numbers.len() {
            self.numbers.push(self.beyond.next_u64());
        }
        self.taken += 1;
        self.numbers[self.taken - 1]
    }
}

impl TryRng for Tape {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::stream;
    use rand::RngExt;

    #[test]
    fn what_was_taken_gives_the_same_again() {
        let mut first = Tape::new(Vec::new(), stream(7, "tape", 0));
        let drawn: Vec<f64> = (0..5).map(|_| first.random()).collect();
        let taken = first.into_taken();
        assert_eq!(taken.len(), 5);
        let mut again = Tape::new(taken.clone(), stream(7, "another", 0));
        assert_eq!((0..5).map(|_| again.random()).collect::<Vec<f64>>(), drawn);
        // One number changed changes one draw; numbers that are not taken are forgotten.
        let mut changed = taken;
        changed[2] = 0;
        let mut changed = Tape::new(changed, stream(7, "another", 0));
        let redrawn: Vec<f64> = (0..3).map(|_| changed.random()).collect();
        assert_eq!((redrawn[0], redrawn[1], redrawn[2]), (drawn[0], drawn[1], 0.0));
        assert_eq!(changed.into_taken().len(), 3);
    }
}
