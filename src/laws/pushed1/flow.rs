//! Kernels without noise, one after the other, as one map of the line.

use super::refuse;
use crate::laws::Unsupported;
use crate::samplers::{Block, Drift};
use crate::scores::{At, Feature, ScoreField};
use std::fmt;
use std::sync::Arc;

/// Points between which a jump is looked for: on all of the line together, and on a stretch without a jump at least.
const SCAN: f64 = 256.0;
const LEAST_SCAN: usize = 8;
/// The most jumps of a map.
const MOST_BREAKS: usize = 400;
/// The most steps: each moves thousands of points.
const MOST_STEPS: u64 = 100_000;
/// The most steps times those of them in which a score jumps: for each of these the way up to there is gone again.
const MOST_WAYS: u64 = 40_000;
/// Halvings of an interval down to neighbouring floating-point numbers.
const HALVINGS: usize = 80;

/// `x -> T_n(... T_1(x))`.
#[derive(Clone)]
pub(in crate::laws) struct Flow {
    blocks: Vec<Block>,
    field: Arc<dyn ScoreField>,
}

/// Where points are carried.
pub(super) struct Carried {
    /// T(x).
    pub(super) at: Vec<f64>,
    /// T'(x).
    pub(super) slope: Vec<f64>,
    /// How far T(x) may be off by rounding: half a unit of x and two of the move in each step (and the rounding of the kernel's own
    /// numbers), carried along by the slopes. An estimate: nothing bounds the rounding of a score.
    pub(super) error: Vec<f64>,
}

impl Flow {
    /// The kernels of `blocks`, none of which adds noise, with a copy of the field they ask, which must be one-dimensional.
    pub(in crate::laws) fn new(blocks: Vec<Block>, s: &dyn ScoreField) -> Self {
        Self { blocks, field: s.block(0, 1) }
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The number of steps.
    pub(super) fn steps(&self) -> u64 {
        self.blocks.iter().map(|block| block.repeat).sum()
    }

    /// The drifts in order, repeated ones again and again, with the rounding of their numbers.
    fn drifts(&self) -> impl Iterator<Item = (&Drift, f64)> {
        self.blocks
            .iter()
            .flat_map(|block| (0..block.repeat).map(move |_| (&block.kernel.drift, block.kernel.rounding)))
    }

    /// Where points go.
    ///
    /// # Errors
    /// When a score has no slope in closed form, a point overflows, or there are too many steps.
    pub(super) fn carry(&self, xs: &[f64]) -> Result<Carried, Unsupported> {
        self.follow(xs, &mut |_, _| {})
    }

    /// The same for points that come in groups of `size` neighbours, and for each group whether on the way a score has a feature
    /// between two neighbours that are too far apart to show it.
    ///
    /// # Errors
    /// As [`Flow::carry`].
    pub(super) fn carry_groups(&self, xs: &[f64], size: usize) -> Result<(Carried, Vec<bool>), Unsupported> {
        let mut blind = vec![false; xs.len() / size];
        let carried = self.follow(xs, &mut |drift, at| {
            let features: Vec<Vec<Feature>> = drift.scores().map(|at| self.features(at)).collect();
            if features.iter().all(Vec::is_empty) {
                return;
            }
            for (features, zs) in features.iter().zip(drift.stages(self.field.as_ref(), at)) {
                for (blind, zs) in blind.iter_mut().zip(zs.chunks(size)) {
                    *blind |= zs.windows(2).any(|pair| Feature::any_lost_between(features, pair[0], pair[1]));
                }
            }
        })?;
        Ok((carried, blind))
    }

    /// Where a score changes on lengths of its own, ascending: what is not clean in it, and the components of its density.
    fn features(&self, at: At) -> Vec<Feature> {
        let mut features = self.field.features(at);
        if let Some(p) = self.field.density(at.level).and_then(|p| p.as_mixture1()) {
            features.extend(p.means.iter().zip(&p.variances).map(|(&at, v)| Feature { at, width: v.sqrt() }));
        }
        features.sort_by(|a, b| a.at.total_cmp(&b.at));
        features
    }

    /// Where points go; `ask` is told every drift and where the points stand before it.
    fn follow(&self, xs: &[f64], ask: &mut dyn FnMut(&Drift, &[f64])) -> Result<Carried, Unsupported> {
        if self.steps() > MOST_STEPS {
            return Err(refuse("at most 100000 steps without noise"));
        }
        let n = xs.len();
        let mut carried = Carried { at: xs.to_vec(), slope: vec![1.0; n], error: vec![0.0; n] };
        let mut by = vec![0.0; n];
        for (drift, rounding) in self.drifts() {
            ask(drift, &carried.at);
            let slope = drift.slope(self.field.as_ref(), &carried.at);
            let slope = slope.ok_or_else(|| refuse("a score whose slope has a closed form"))?;
            drift.displacement(self.field.as_ref(), &carried.at, &mut by);
            let u = f64::EPSILON;
            for i in 0..n {
                let (x, d) = (carried.at[i], by[i]);
                carried.error[i] =
                    slope[i].abs() * carried.error[i] + u * (0.5 * x.abs() + 2.0 * d.abs()) + rounding * d.abs();
                carried.slope[i] *= slope[i];
                carried.at[i] = x + d;
            }
        }
        match carried.at.iter().chain(&carried.slope).all(|v| v.is_finite()) {
            true => Ok(carried),
            false => Err(refuse("a step small enough that the law does not overflow")),
        }
    }

    /// Where points stand before step `k`, and then the points at which its scores are asked for.
    fn stages(&self, k: usize, xs: &[f64]) -> [Vec<f64>; 2] {
        let mut at = xs.to_vec();
        let mut by = vec![0.0; at.len()];
        for (drift, _) in self.drifts().take(k) {
            drift.displacement(self.field.as_ref(), &at, &mut by);
            at.iter_mut().zip(&by).for_each(|(x, d)| *x += d);
        }
        self.drifts().nth(k).map_or_else(Default::default, |(drift, _)| drift.stages(self.field.as_ref(), &at))
    }

    /// The points between `lo` and `hi` at which the map jumps because a score does that it asks for on the way, ascending.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn breaks(&self, lo: f64, hi: f64) -> Result<Vec<f64>, Unsupported> {
        let torn = |block: &&Block| !block.kernel.drift.jumps(self.field.as_ref()).is_empty();
        let torn: u64 = self.blocks.iter().filter(torn).map(|block| block.repeat).sum();
        if torn == 0 {
            return Ok(Vec::new());
        }
        if torn.saturating_mul(self.steps()) > MOST_WAYS {
            return Err(refuse("fewer steps without noise in which the score jumps"));
        }
        let mut breaks: Vec<f64> = Vec::new();
        for (k, (drift, _)) in self.drifts().enumerate() {
            for (stage, at) in drift.scores().enumerate() {
                for jump in self.field.jumps(at) {
                    let mut found = Vec::new();
                    let ends: Vec<f64> = [lo].into_iter().chain(breaks.iter().copied()).chain([hi]).collect();
                    for pair in ends.windows(2) {
                        let count = LEAST_SCAN + (SCAN * (pair[1] - pair[0]) / (hi - lo)) as usize;
                        let stretch = (pair[0].next_up(), pair[1].next_down());
                        found.extend(self.crossings((k, stage), jump, stretch, count));
                    }
                    breaks.extend(found);
                    breaks.sort_by(f64::total_cmp);
                    breaks.dedup();
                    if breaks.len() > MOST_BREAKS {
                        return Err(refuse("a score that jumps less often on the way"));
                    }
                }
            }
        }
        Ok(breaks)
    }

    /// Where, between `a` and `b`, the score of a stage of step `k` is asked for at `jump`, as `count` stretches in between tell;
    /// the map up to there is smooth.
    fn crossings(&self, (k, stage): (usize, usize), jump: f64, (a, b): (f64, f64), count: usize) -> Vec<f64> {
        if a >= b {
            return Vec::new();
        }
        let beyond = |xs: &[f64]| -> Vec<bool> { self.stages(k, xs)[stage].iter().map(|z| *z > jump).collect() };
        let xs: Vec<f64> = (0..=count).map(|i| a + (b - a) * i as f64 / count as f64).collect();
        let side = beyond(&xs);
        let changes: Vec<usize> = (0..count).filter(|&i| side[i] != side[i + 1]).collect();
        let (mut left, mut right): (Vec<f64>, Vec<f64>) = changes.iter().map(|&i| (xs[i], xs[i + 1])).unzip();
        for _ in 0..HALVINGS {
            let middle: Vec<f64> = left.iter().zip(&right).map(|(a, b)| a + 0.5 * (b - a)).collect();
            for ((j, &i), side_here) in changes.iter().enumerate().zip(beyond(&middle)) {
                *if side_here == side[i] { &mut left[j] } else { &mut right[j] } = middle[j];
            }
        }
        right
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("blocks", &self.blocks).finish_non_exhaustive()
    }
}
