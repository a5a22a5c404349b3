//! Where a law lives: the box, the tails, and the stages by which a narrow start grows into it.

use super::direct::Direct;
use super::trig::{Trig, node};
use super::{StepMatrix, refuse};
use crate::laws::Unsupported;
use crate::laws::density1::Density1;
use crate::laws::per_kernel::per_kernel;
use crate::laws::pushed1::{Flow, Table};
use crate::numerics::Interval;
use crate::samplers::{Block, Kernel, KernelKey};
use crate::scores::{ScoreField, Strip};
use crate::targets::Mixture1;
use std::collections::HashMap;
use std::ops::Range;

/// How many standard deviations of a Gaussian a box holds; the mass outside is below 1e-20.
const REACH: f64 = 9.3;
/// A box this many times wider than the start and the target together is an explosion.
const EXPLOSION: f64 = 1e4;
/// Nodes per standard deviation that a Gaussian needs.
const NODES_PER_SD: f64 = 2.9;
/// By how much a window may be wider than one of its blocks needs.
const ROOMY: f64 = 1.5;
/// Nodes per width of a feature of the score, below which they may step over it.
const NODES_PER_WIDTH: f64 = 0.5;
/// Up to this many steps a kernel is applied without a matrix.
const FEW: u64 = 16;
/// A component this much narrower than the box is carried in stages of its own.
const NARROW: f64 = 200.0;
/// How far beyond the boxes the map of a step without noise is known, in widths of all boxes: boxes may grow.
const BEYOND: f64 = 6.0;
/// Points at which a drift is compared with the error-free one where nothing bounds the difference.
const COMPARED: usize = 200;

/// Numbers of nodes that are tried, odd and with small prime factors, growing by about 1.35.
pub(super) fn sizes() -> Vec<usize> {
    vec![99, 135, 189, 243, 315, 405, 567, 729, 945, 1225, 1575, 2025]
}

/// A stretch of blocks with the box on which they are taken.
#[derive(Clone, Debug)]
struct Window {
    lo: f64,
    hi: f64,
    blocks: Range<usize>,
}

impl Window {
    fn period(&self) -> f64 {
        self.hi - self.lo
    }
}

/// The boxes for a start under a program: one, unless the law widens or narrows a lot on its way through the noise levels.
pub(in crate::laws) struct Layout {
    windows: Vec<Window>,
    tails: (f64, f64),
    /// The maps of the kernels that add no noise.
    maps: HashMap<KernelKey, Table>,
    least_nodes: usize,
    /// The nodes that show the narrowest feature of the score.
    feature_nodes: f64,
    growths: u32,
    /// Whether some step moves far points ever farther apart.
    unstable: bool,
}

/// The far behaviour of one kernel on one side: T(x) lies within `slack` of `slope x + shift` there.
struct FarMap {
    slope: f64,
    shift: f64,
    slack: f64,
}

impl FarMap {
    /// The secant of the error-free map, plus the strip that holds the error's part.
    fn new(kernel: &Kernel, s: &dyn ScoreField, x: f64, gap: f64) -> Self {
        let xs = [x, x + gap];
        let mut d = [0.0; 2];
        kernel.drift.clean().displacement(s, &xs, &mut d);
        let clean = 1.0 + (d[1] - d[0]) / gap;
        let error = departure(kernel, s, (x - 3.0 * gap.abs(), x + 3.0 * gap.abs()));
        let shift = x + d[0] - clean * x + error.range.mid();
        Self { slope: clean + error.slope, shift, slack: 0.5 * error.range.width() }
    }

    /// A component after `n` steps of `x <- slope x + shift + noise`, the shift being known up to the slack.
    fn steps(&self, from: &Far, noise: f64, n: u64) -> Far {
        let (r, size) = (self.slope, self.slope.abs());
        let size_n = size.powf(n as f64);
        let r_n = if r < 0.0 && n % 2 == 1 { -size_n } else { size_n };
        let sum = |r: f64, rn: f64| if (r - 1.0).abs() < 1e-14 { n as f64 } else { (rn - 1.0) / (r - 1.0) };
        Far {
            mean: r_n * from.mean + self.shift * sum(r, r_n),
            slack: size_n * from.slack + self.slack * sum(size, size_n),
            variance: size_n * size_n * from.variance + noise * sum(r * r, size_n * size_n),
        }
    }
}

/// The strip in which a drift departs from the error-free one; between two points, by comparison, where it is not known.
fn departure(kernel: &Kernel, s: &dyn ScoreField, (lo, hi): (f64, f64)) -> Strip {
    let known = kernel.drift.departure(s);
    if known.range.is_finite() {
        return known;
    }
    let xs: Vec<f64> = (0..=COMPARED).map(|k| lo + (hi - lo) * k as f64 / COMPARED as f64).collect();
    let (mut damaged, mut clean) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
    kernel.drift.displacement(s, &xs, &mut damaged);
    kernel.drift.clean().displacement(s, &xs, &mut clean);
    let slope = ((damaged[COMPARED] - clean[COMPARED]) - (damaged[0] - clean[0])) / (hi - lo);
    let rest = (0..xs.len()).map(|i| damaged[i] - clean[i] - slope * xs[i]);
    let range = rest.map(Interval::point).reduce(Interval::hull).unwrap_or(Interval::ZERO);
    Strip { slope, range }
}

/// A Gaussian component that is followed outwards: where its mean may lie, and its variance.
struct Far {
    mean: f64,
    slack: f64,
    variance: f64,
}

impl Far {
    /// How far out it reaches, on the side of `sign`.
    fn reach(&self, sign: f64) -> f64 {
        self.mean + sign * (self.slack + REACH * self.variance.sqrt())
    }
}

impl Layout {
    pub(in crate::laws) fn new(start: &Mixture1, blocks: &[Block], s: &dyn ScoreField) -> Result<Self, Unsupported> {
        let targets: Vec<Option<Mixture1>> =
            blocks.iter().map(|block| s.density(block.kernel.drift.scores().next()?.level)?.as_mixture1()).collect();
        let base = targets.iter().flatten().map(span).fold(span(start), hull);
        // On each side the law's tail follows the affine map that T is far out: mean and variance by recursion.
        let component = |(m, v): (&f64, &f64)| Far { mean: *m, slack: 0.0, variance: *v };
        let component = || start.means.iter().zip(&start.variances).map(component).collect::<Vec<Far>>();
        let mut far = [component(), component()];
        let reach = |far: &[Vec<Far>; 2]| {
            let lo = far[0].iter().map(|f| f.reach(-1.0)).fold(f64::INFINITY, f64::min);
            (lo, far[1].iter().map(|f| f.reach(1.0)).fold(f64::NEG_INFINITY, f64::max))
        };
        let mut unstable = false;
        let mut windows: Vec<Window> = Vec::new();
        let (mut narrowest, mut least_nodes, mut width) = (start.scale(), 0, f64::INFINITY);
        let mut feature_nodes = 0.0_f64;
        for (i, (block, target)) in blocks.iter().zip(&targets).enumerate() {
            let here = target.as_ref().map_or(reach(&far), |p| hull(reach(&far), span(p)));
            let gap = here.1 - here.0;
            let noise = block.kernel.noise * block.kernel.noise;
            for (side, components) in far.iter_mut().enumerate() {
                let (edge, gap) = if side == 0 { (here.0, -gap) } else { (here.1, gap) };
                let map = FarMap::new(&block.kernel, s, edge + 2.0 * gap, gap);
                unstable |= map.slope.abs() > 1.0;
                for f in components {
                    *f = map.steps(f, noise, block.repeat);
                    if !(f.mean.is_finite() && f.slack.is_finite() && f.variance.is_finite()) {
                        return Err(refuse("a step small enough that the law does not overflow"));
                    }
                }
            }
            let (lo, hi) = hull(here, reach(&far));
            if hi - lo > EXPLOSION * (base.1 - base.0) {
                return Err(refuse("a step small enough that the law does not spread without bound"));
            }
            // A window goes on while the box it needs is not much wider than any of its blocks needs.
            narrowest = target.as_ref().map_or(narrowest, |p| narrowest.min(p.scale()));
            match windows.last_mut().map(|w| (hull((w.lo, w.hi), (lo, hi)), w)) {
                Some((joint, w)) if joint.1 - joint.0 <= ROOMY * width.min(hi - lo) => {
                    *w = Window { lo: joint.0, hi: joint.1, blocks: w.blocks.start..i + 1 };
                    width = width.min(hi - lo);
                }
                _ => {
                    windows.push(Window { lo, hi, blocks: i..i + 1 });
                    width = hi - lo;
                    narrowest = target.as_ref().map_or(narrowest, |p| p.scale());
                }
            }
            let period = windows.last().map_or(0.0, Window::period);
            let wide = narrowest.max(period / NARROW);
            least_nodes = least_nodes.max((period / wide * NODES_PER_SD) as usize);
            let inside = block.kernel.drift.features(s).into_iter().filter(|f| lo < f.at && f.at < hi);
            feature_nodes = inside.map(|f| period / f.width * NODES_PER_WIDTH).fold(feature_nodes, f64::max);
        }
        let tail = |far: &[Far]| far.iter().map(|f| f.variance).fold(0.0, f64::max);
        let tails = (tail(&far[0]), tail(&far[1]));
        let (maps, growths) = (HashMap::new(), 0);
        Ok(Self { windows, tails, maps, least_nodes: least_nodes.min(700), feature_nodes, growths, unstable })
    }

    /// The same with the maps of the kernels without noise, which [`Layout::carry`] needs.
    ///
    /// # Errors
    /// When one of them folds the line.
    pub(super) fn with_maps(self, start: &Mixture1, blocks: &[Block], s: &dyn ScoreField) -> Result<Self, Unsupported> {
        let mut maps = HashMap::new();
        let (lo, hi) = self.windows.iter().map(|w| (w.lo, w.hi)).fold(span(start), hull);
        let reach = (lo - BEYOND * (hi - lo), hi + BEYOND * (hi - lo));
        for block in blocks.iter().filter(|block| block.kernel.is_deterministic()) {
            let one = Block { repeat: 1, ..block.clone() };
            let table = Table::over(&Flow::new(vec![one], s), (lo, hi), reach, &[])?;
            if table.inverse(&[]).is_none() {
                return Err(refuse("steps without noise that do not fold the line before one with noise"));
            }
            maps.insert(block.kernel.key(), table);
        }
        Ok(Self { maps, ..self })
    }

    /// Whether the score has a feature that no two of the grids show.
    pub(in crate::laws) fn hides(&self) -> bool {
        let second = sizes().into_iter().rev().nth(1).unwrap_or(0);
        self.feature_nodes > second as f64
    }

    /// The box that holds all of them.
    pub(in crate::laws) fn bounds(&self) -> (f64, f64) {
        self.windows.iter().map(|w| (w.lo, w.hi)).fold((f64::INFINITY, f64::NEG_INFINITY), hull)
    }

    pub(in crate::laws) fn tails(&self) -> (f64, f64) {
        self.tails
    }

    /// Whether some step moves far points ever farther apart, so that a law that overflows does so in truth.
    pub(in crate::laws) fn unstable(&self) -> bool {
        self.unstable
    }

    /// Widens the boxes by a third; false once that was done too often.
    pub(in crate::laws) fn grow(&mut self) -> bool {
        self.growths += 1;
        for window in &mut self.windows {
            let by = window.period() / 6.0;
            window.lo -= by;
            window.hi += by;
        }
        self.growths <= 8
    }

    /// A number of nodes below which the final law cannot be resolved, or a feature of the score is not shown.
    pub(super) fn least_nodes(&self) -> usize {
        self.least_nodes.max(self.feature_nodes as usize)
    }

    /// The law of `start` after `blocks`, on n nodes of each box. Components much narrower than the box are carried on
    /// boxes of their own until they are wide; the law is linear in the start. `None` when n nodes are too few for the
    /// numbers to make sense.
    pub(super) fn carry(&self, start: &Mixture1, blocks: &[Block], s: &dyn ScoreField, n: usize) -> Option<Trig> {
        let first = self.windows.first()?;
        let is_narrow = |i: usize| start.variances[i].sqrt() < limit(first, n);
        let pick =
            |narrow: bool| -> Vec<usize> { (0..start.weights.len()).filter(|&i| is_narrow(i) == narrow).collect() };
        let part = |indices: &[usize]| Mixture1 {
            weights: indices.iter().map(|&i| start.weights[i]).collect(),
            means: indices.iter().map(|&i| start.means[i]).collect(),
            variances: indices.iter().map(|&i| start.variances[i]).collect(),
        };
        let mut parts: Vec<Trig> = Vec::new();
        let wide = pick(false);
        if !wide.is_empty() {
            parts.push(self.on_boxes(Trig::sample(&part(&wide), first.lo, first.hi, n), blocks, s));
        }
        for i in pick(true) {
            parts.push(self.staged(&part(&[i]), blocks, s, n)?);
        }
        // All of them have arrived on the last box.
        let edge = parts.iter().map(|law| law.edge).fold(0.0, f64::max);
        let mut total = vec![0.0; n];
        parts.iter().for_each(|law| total.iter_mut().zip(&law.values).for_each(|(t, v)| *t += v));
        let last = parts.pop()?;
        let mut law = last.with_values(total);
        law.edge = edge;
        Some(law).filter(Trig::is_finite)
    }

    /// All blocks that have steps left, each on its box.
    fn on_boxes(&self, mut law: Trig, blocks: &[Block], s: &dyn ScoreField) -> Trig {
        let n = law.values.len();
        for window in &self.windows {
            let own = &blocks[window.blocks.clone()];
            if own.iter().all(|block| block.repeat == 0) {
                continue;
            }
            if law.bounds() != (window.lo, window.hi) {
                law = law.resample(window.lo, window.hi, n);
            }
            let own: Vec<Block> = own.iter().filter(|block| block.repeat > 0).cloned().collect();
            let direct = Direct::new(window.lo, window.period(), n);
            let make = |kernel: &Kernel, uses: u64| match uses {
                _ if kernel.is_deterministic() => Step::Map(kernel.key()),
                ..=FEW => Step::Direct(direct.moves(kernel, s), kernel.noise),
                _ => Step::Matrix(StepMatrix::new(kernel, s, window.lo, window.period(), n)),
            };
            per_kernel(&own, make, |step, repeat| match step {
                Step::Map(key) => {
                    for _ in 0..repeat {
                        law = self.mapped(&law, key, window.lo, window.hi);
                    }
                }
                Step::Matrix(matrix) => matrix.apply(&mut law, repeat),
                Step::Direct(moves, noise) => {
                    for _ in 0..repeat {
                        law = direct.step(law.clone(), moves, *noise);
                    }
                }
            });
        }
        law
    }

    /// The law after one step without noise, on another box; NaN where its map is not known.
    fn mapped(&self, law: &Trig, key: &KernelKey, lo: f64, hi: f64) -> Trig {
        let n = law.values.len();
        let ys: Vec<f64> = (0..n).map(|k| node(lo, hi - lo, n, k)).collect();
        let Some(back) = self.maps.get(key).and_then(|table| table.inverse(&ys)) else {
            return Trig::new(lo, hi - lo, vec![f64::NAN; n]);
        };
        let xs: Vec<f64> = back.iter().map(|pre| pre.x).collect();
        let mut values = vec![0.0; n];
        law.density(&xs, &mut values);
        values.iter_mut().zip(&back).for_each(|(v, pre)| *v /= pre.slope.abs());
        let mut moved = Trig::new(lo, hi - lo, values);
        moved.edge = law.edge.max(law.edge_density());
        moved
    }

    /// A narrow component: small boxes around it, each for as many steps as double its width, until the full box
    /// resolves it.
    fn staged(&self, start: &Mixture1, blocks: &[Block], s: &dyn ScoreField, n: usize) -> Option<Trig> {
        let mut blocks = blocks.to_vec();
        let mut law = {
            let (a, b) = span(start);
            Trig::sample(start, a, b, n)
        };
        let (mut m, mut v) = (start.mean(), start.variances[0]);
        while let Some(at) = blocks.iter().position(|b| b.repeat > 0) {
            let window = self.windows.iter().find(|w| w.blocks.contains(&at))?;
            if v.sqrt() >= limit(window, n) {
                break;
            }
            let kernel = blocks[at].kernel.clone();
            let noise = kernel.noise * kernel.noise;
            let still = kernel.is_deterministic();
            let steps = if still { 1 } else { ((3.0 * v / noise).ceil() as u64).clamp(1, blocks[at].repeat) };
            // Where the component will be: its centre moves by at most the drift over these steps.
            let mut drift = [0.0; 3];
            let sd = (v + noise * steps as f64).sqrt();
            kernel.drift.clean().displacement(s, &[m - 3.0 * sd, m, m + 3.0 * sd], &mut drift);
            let error = departure(&kernel, s, (m - 3.0 * sd, m + 3.0 * sd));
            let wave = error.slope.abs() * (m.abs() + 3.0 * sd) + error.range.magnitude();
            let shift = (drift.iter().fold(0.0, |a: f64, d| a.max(d.abs())) + wave) * steps as f64;
            let reach = (REACH + 1.0) * sd + 2.0 * shift;
            let (a, b) = (m - reach, m + reach);
            if still {
                law = self.mapped(&law, &kernel.key(), a, b);
            } else {
                law = law.resample(a, b, n);
                StepMatrix::new(&kernel, s, a, b - a, n).apply(&mut law, steps);
            }
            blocks[at].repeat -= steps;
            let grown = (law.moment(|x| x), law.moment(|_| 1.0));
            m = grown.0 / grown.1;
            v = law.moment(|x| (x - m) * (x - m)) / grown.1;
            if !(v.is_finite() && v > 0.0) {
                return None;
            }
        }
        let last = self.windows.last()?;
        let law = self.on_boxes(law, &blocks, s);
        // A law that stayed narrow to the end has not seen the last box.
        Some(if law.bounds() == (last.lo, last.hi) { law } else { law.resample(last.lo, last.hi, n) })
    }
}

/// How one kernel is applied.
enum Step {
    /// Many steps.
    Matrix(StepMatrix),
    /// A few: the moves of the nodes and the noise.
    Direct(Vec<f64>, f64),
    /// Without noise: by change of variables.
    Map(KernelKey),
}

/// The standard deviation below which n nodes of a window do not resolve a component.
fn limit(window: &Window, n: usize) -> f64 {
    3.5 * window.period() / n as f64
}

/// The smallest interval that holds both.
fn hull(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// The interval that holds all but 1e-20 of a mixture.
fn span(p: &Mixture1) -> (f64, f64) {
    p.means.iter().zip(&p.variances).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (m, v)| {
        (a.min(m - REACH * v.sqrt()), b.max(m + REACH * v.sqrt()))
    })
}
