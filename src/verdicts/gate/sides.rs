//! Which draws lie on which side of a median: whether draws that should be independent know of each other.

use super::view::Map;

/// A run of draws in order: per coordinate looked at one bit for each, set where it is at most the median.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    first: u64,
    n: usize,
    bits: Vec<Vec<u64>>,
}

/// Sides of medians, in the order of the draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// Ascending.
    runs: Vec<Run>,
}

/// Pairs of draws at one distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// Places between the two.
    pub lag: usize,
    /// Pairs, no two of which share a draw.
    pub pairs: u64,
    /// Those of which both lie on one side.
    pub agreeing: u64,
}

impl Sides {
    /// Adds n draws (`xs`: d x n, component-major) from number `first` on; `medians`: single numbers of a draw with their medians.
    pub(super) fn add(&mut self, medians: &[(Map, f64)], first: u64, xs: &[f64], n: usize) {
        let side = |(map, median): &(Map, f64)| {
            let word = |xs: &[f64]| xs.iter().enumerate().fold(0, |word, (k, x)| word | (u64::from(x <= median) << k));
            let mut words = Vec::with_capacity(n.div_ceil(64));
            map.values(xs, n, &mut |values| words.extend(values.chunks(64).map(word)));
            words
        };
        self.runs.push(Run { first, n, bits: medians.iter().map(side).collect() });
    }

    /// Both together.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.runs.extend_from_slice(&other.runs);
        self.runs.sort();
        self
    }

    /// The sides of every `stride`-th draw along the k-th coordinate looked at.
    fn every(&self, k: usize, stride: u64) -> Vec<bool> {
        let mut sides = Vec::new();
        for run in &self.runs {
            let skipped = (stride - run.first % stride) % stride;
            let within = (skipped..run.n as u64).step_by(usize::try_from(stride).unwrap_or(usize::MAX));
            sides.extend(within.map(|j| run.bits[k][j as usize / 64] >> (j % 64) & 1 == 1));
        }
        sides
    }

    /// How many of every `stride`-th draw are at most the median of the k-th number looked at, and how many of them there are.
    #[must_use]
    pub fn below(&self, k: usize, stride: u64) -> (u64, u64) {
        let sides = self.every(k, stride);
        (sides.iter().filter(|below| **below).count() as u64, sides.len() as u64)
    }

    /// How many draws lie on the same side of the medians of two numbers.
    #[must_use]
    pub fn together(&self, j: usize, k: usize) -> u64 {
        let both = |run: &Run| {
            let words = run.bits[j].iter().zip(&run.bits[k]);
            run.n as u64 - words.map(|(a, b)| u64::from((a ^ b).count_ones())).sum::<u64>()
        };
        self.runs.iter().map(both).sum()
    }

    /// How often every `stride`-th draw and the one `lag` places of such draws later lie on the same side, at all [`lags`].
    #[must_use]
    pub fn pairs(&self, k: usize, stride: u64) -> Vec<Pairs> {
        let sides = self.every(k, stride);
        let at = |lag: usize| {
            let pairs = sides.chunks(2 * lag).flat_map(|run| {
                let (early, late) = run.split_at(lag.min(run.len()));
                early.iter().zip(late)
            });
            let mut found = Pairs { lag, pairs: 0, agreeing: 0 };
            pairs.for_each(|(a, b)| {
                found.pairs += 1;
                found.agreeing += u64::from(a == b);
            });
            found
        };
        lags(sides.len()).into_iter().map(at).collect()
    }
}

/// The pairs at a distance among n draws, no two of which share a draw.
pub(super) fn pairs_at(n: u64, lag: u64) -> u64 {
    n / (2 * lag) * lag + (n % (2 * lag)).saturating_sub(lag)
}

/// The distances that are looked at among n draws: of neighbours (chains taken as draws, one noise for a whole batch) and of equal parts of all (workers
/// that were given the same seed).
pub(super) fn lags(n: usize) -> Vec<usize> {
    let near = (0..=10).map(|k| 1 << k);
    let parts = [2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 64].map(|k| n / k);
    let mut lags: Vec<usize> = near.chain(parts).filter(|lag| *lag > 0 && *lag <= n / 2).collect();
    lags.sort_unstable();
    lags.dedup();
    lags
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits stay in order whatever blocks they come in, and pairs at a lag share no draw.
    #[test]
    fn sides_are_in_order() {
        let xs: Vec<f64> = (0..1000).map(|k| f64::from(k * 7919 % 1009)).collect();
        let medians = [(Map::Coordinate(0), 500.0)];
        let mut whole = Sides::default();
        whole.add(&medians, 0, &xs, 1000);
        let (mut a, mut b) = (Sides::default(), Sides::default());
        b.add(&medians, 300, &xs[300..], 700);
        a.add(&medians, 0, &xs[..300], 300);
        for stride in [1, 7, 300] {
            let want: Vec<bool> = xs.iter().step_by(stride as usize).map(|x| *x <= 500.0).collect();
            assert_eq!(b.clone().and(&a).every(0, stride), want);
            assert_eq!(whole.every(0, stride), want);
        }
        for pairs in whole.pairs(0, 1) {
            let firsts = (0..1000 - pairs.lag).filter(|k| k / pairs.lag % 2 == 0);
            let agreeing = firsts.clone().filter(|&k| (xs[k] <= 500.0) == (xs[k + pairs.lag] <= 500.0)).count() as u64;
            assert_eq!((pairs.pairs, pairs.agreeing), (firsts.count() as u64, agreeing), "{}", pairs.lag);
            assert_eq!(pairs.pairs, pairs_at(1000, pairs.lag as u64));
        }
    }
}
