//! What draws alone tell of a law.

use super::super::inequalities::{Units, kolmogorov_threshold};
use super::super::known::Known;
use super::super::line_law::LineLaw;
use super::super::view::Map;
use super::Sampler;
use crate::numerics::{Interval, stream};

/// Draws of a pilot.
pub const DRAWS: u64 = 400_000;
/// How probable it is, at most, that the band of a pilot misses a distribution function.
pub const MISSED: f64 = 1e-9;
/// The most numbers of which the laws are looked at.
const LOOKS: f64 = 64.0;

/// Independent draws: distribution functions are within the band of Dvoretzky, Kiefer and Wolfowitz but with probability [`MISSED`].
pub struct Pilot {
    dim: usize,
    blocks: Vec<(Vec<f64>, usize)>,
}

impl Pilot {
    /// Of a sampler with independent draws.
    pub fn of(sampler: &Sampler, name: &str) -> Self {
        let mut blocks = Vec::new();
        (sampler.draw)(&mut stream(0, &format!("zoo/pilot/{name}"), 0), DRAWS, &mut |xs, n| {
            blocks.push((xs.to_vec(), n))
        });
        Self { dim: sampler.reference.dim, blocks }
    }
}

impl Known for Pilot {
    fn dim(&self) -> usize {
        self.dim
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        // Pooled numbers of one draw may depend on each other.
        if map.per_draw() > 1 {
            return None;
        }
        let mut sorted = Vec::new();
        self.blocks.iter().for_each(|(xs, n)| map.values(xs, *n, &mut |values| sorted.extend_from_slice(values)));
        sorted.sort_by(f64::total_cmp);
        let band = kolmogorov_threshold(Units::Draws(sorted.len() as u64), MISSED / LOOKS);
        Some(Box::new(Empirical { sorted, band }))
    }
}

/// A sample in order.
struct Empirical {
    sorted: Vec<f64>,
    band: f64,
}

impl LineLaw for Empirical {
    fn at_most(&self, x: f64) -> Interval {
        let share = self.sorted.partition_point(|y| *y <= x) as f64 / self.sorted.len() as f64;
        Interval::around(share, self.band).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> Interval {
        Interval::ONE - self.at_most(x)
    }

    fn reach(&self) -> (f64, f64) {
        (self.sorted[0], self.sorted[self.sorted.len() - 1])
    }
}
