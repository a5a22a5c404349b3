//! A few of the draws themselves, evenly spread over all.

/// Draws that are kept: those whose number is a multiple of a power of two, the least with which at most [`Kept::MOST`] remain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The power of two is 2^this.
    halvings: u32,
    /// Numbers of draws, ascending, and the draws.
    rows: Vec<(u64, Vec<f64>)>,
}

impl Kept {
    /// Draws that are kept at most.
    pub const MOST: usize = 2048;

    /// Adds n draws from number `first` on (`xs`: d x n, component-major).
    pub(super) fn add(&mut self, dim: usize, first: u64, xs: &[f64], n: usize) {
        let stride = 1u64 << self.halvings;
        let skipped = (stride - first % stride) % stride;
        let chosen = (skipped..n as u64).step_by(usize::try_from(stride).unwrap_or(usize::MAX));
        self.rows.extend(chosen.map(|j| (first + j, (0..dim).map(|i| xs[i * n + j as usize]).collect())));
        self.thin(self.halvings);
    }

    /// Both together.
    pub(super) fn and(mut self, other: &Self) -> Self {
        let halvings = self.halvings.max(other.halvings);
        self.rows.extend_from_slice(&other.rows);
        self.rows.sort_by_key(|row| row.0);
        self.thin(halvings);
        self
    }

    fn thin(&mut self, halvings: u32) {
        self.halvings = halvings;
        let keep = |rows: &mut Vec<(u64, Vec<f64>)>, halvings: u32| rows.retain(|row| row.0 % (1 << halvings) == 0);
        keep(&mut self.rows, self.halvings);
        while self.rows.len() > Self::MOST {
            self.halvings += 1;
            keep(&mut self.rows, self.halvings);
        }
    }

    /// The draws, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.rows.iter().map(|row| &row.1[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In whatever blocks and order draws come, the same are kept.
    #[test]
    fn the_same_draws_are_kept() {
        let xs: Vec<f64> = (0..20_000).map(f64::from).collect();
        let mut whole = Kept::default();
        whole.add(1, 0, &xs, 20_000);
        let mut parts = Kept::default();
        for k in [3, 0, 2, 1, 4] {
            let mut part = Kept::default();
            part.add(1, 4000 * k, &xs[4000 * k as usize..4000 * (k as usize + 1)], 4000);
            parts = parts.and(&part);
        }
        assert_eq!(parts, whole);
        let kept: Vec<f64> = whole.rows().map(|row| row[0]).collect();
        assert_eq!(kept, (0..1250).map(|k| f64::from(16 * k)).collect::<Vec<_>>());
    }
}
