//! Where a law lives: the box, the tails, and the stages by which a narrow start grows into it.

use super::trig::Trig;
use super::{StepMatrix, refuse};
use crate::laws::Unsupported;
use crate::laws::density1::Density1;
use crate::laws::per_kernel::per_kernel;
use crate::samplers::{Block, Kernel};
use crate::scores::ScoreField;
use crate::targets::Mixture1;

/// How many standard deviations of a Gaussian a box holds; the mass outside is below 1e-20.
const REACH: f64 = 9.3;
/// A box this many times wider than the start and the target together is an explosion.
const EXPLOSION: f64 = 1e4;
/// Nodes per standard deviation that a Gaussian needs.
const NODES_PER_SD: f64 = 2.9;
/// A component this much narrower than the box is carried in stages of its own.
const NARROW: f64 = 200.0;

/// Numbers of nodes that are tried, odd and with small prime factors, growing by about 1.35.
pub(super) fn sizes() -> Vec<usize> {
    vec![99, 135, 189, 243, 315, 405, 567, 729, 945, 1225, 1575, 2025]
}

/// The box for a start under a program.
pub(in crate::laws) struct Layout {
    lo: f64,
    hi: f64,
    tails: (f64, f64),
    narrowest: f64,
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
        let error = kernel.drift.departure(s);
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
        let (mut lo, mut hi) = span(start);
        let mut narrowest = start.scale();
        for block in blocks {
            if let Some(p) = s.density(block.kernel.drift.at().level).and_then(|p| p.as_mixture1()) {
                let (a, b) = span(&p);
                (lo, hi) = (lo.min(a), hi.max(b));
                narrowest = narrowest.min(p.scale());
            }
        }
        let base = hi - lo;
        // On each side the law's tail follows the affine map that T is far out: mean and variance by recursion.
        let (mut tails, mut unstable) = ([0.0; 2], false);
        for (side, tail) in tails.iter_mut().enumerate() {
            let (edge, gap) = if side == 0 { (lo, -base) } else { (hi, base) };
            let component = |(m, v): (&f64, &f64)| Far { mean: *m, slack: 0.0, variance: *v };
            let mut far: Vec<Far> = start.means.iter().zip(&start.variances).map(component).collect();
            for block in blocks {
                let map = FarMap::new(&block.kernel, s, edge + 2.0 * gap, gap);
                let noise = block.kernel.noise * block.kernel.noise;
                unstable |= map.slope.abs() > 1.0;
                for f in &mut far {
                    let after = map.steps(f, noise, block.repeat);
                    if !(after.mean.is_finite() && after.slack.is_finite() && after.variance.is_finite()) {
                        return Err(refuse("a step small enough that the law does not overflow"));
                    }
                    for f in [f, &after] {
                        (lo, hi) = if side == 0 { (lo.min(f.reach(-1.0)), hi) } else { (lo, hi.max(f.reach(1.0))) };
                    }
                    *f = after;
                }
            }
            *tail = far.iter().map(|f| f.variance).fold(0.0, f64::max);
        }
        if hi - lo > EXPLOSION * base {
            return Err(refuse("a step small enough that the law does not spread without bound"));
        }
        Ok(Self { lo, hi, tails: (tails[0], tails[1]), narrowest, growths: 0, unstable })
    }

    /// The box.
    pub(in crate::laws) fn bounds(&self) -> (f64, f64) {
        (self.lo, self.hi)
    }

    pub(in crate::laws) fn tails(&self) -> (f64, f64) {
        self.tails
    }

    /// Whether some step moves far points ever farther apart, so that a law that overflows does so in truth.
    pub(in crate::laws) fn unstable(&self) -> bool {
        self.unstable
    }

    /// Widens the box by a third; false once that was done too often.
    pub(in crate::laws) fn grow(&mut self) -> bool {
        self.growths += 1;
        let by = (self.hi - self.lo) / 6.0;
        self.lo -= by;
        self.hi += by;
        self.growths <= 8
    }

    /// A number of nodes below which the final law cannot be resolved.
    pub(super) fn least_nodes(&self) -> usize {
        let wide = self.narrowest.max((self.hi - self.lo) / NARROW);
        (((self.hi - self.lo) / wide * NODES_PER_SD) as usize).min(700)
    }

    /// The law of `start` after `blocks`, on n nodes of the box. Components much narrower than the box are carried on
    /// boxes of their own until they are wide; the law is linear in the start. `None` when n nodes are too few for the
    /// numbers to make sense.
    pub(super) fn carry(&self, start: &Mixture1, blocks: &[Block], s: &dyn ScoreField, n: usize) -> Option<Trig> {
        let period = self.hi - self.lo;
        let limit = 3.5 * period / n as f64;
        let is_narrow = |i: usize| start.variances[i].sqrt() < limit;
        let pick =
            |narrow: bool| -> Vec<usize> { (0..start.weights.len()).filter(|&i| is_narrow(i) == narrow).collect() };
        let part = |indices: &[usize]| Mixture1 {
            weights: indices.iter().map(|&i| start.weights[i]).collect(),
            means: indices.iter().map(|&i| start.means[i]).collect(),
            variances: indices.iter().map(|&i| start.variances[i]).collect(),
        };
        let mut total = vec![0.0; n];
        let mut add = |law: Trig| total.iter_mut().zip(&law.values).for_each(|(t, v)| *t += v);
        let wide = pick(false);
        if !wide.is_empty() {
            add(self.on_box(Trig::sample(&part(&wide), self.lo, self.hi, n), blocks, s));
        }
        for i in pick(true) {
            add(self.staged(&part(&[i]), blocks, s, n, limit)?);
        }
        Some(Trig::new(self.lo, period, total)).filter(Trig::is_finite)
    }

    /// All blocks on the full box.
    fn on_box(&self, mut law: Trig, blocks: &[Block], s: &dyn ScoreField) -> Trig {
        let n = law.values.len();
        let step = |kernel: &Kernel| StepMatrix::new(kernel, s, self.lo, self.hi - self.lo, n);
        per_kernel(blocks, step, |step, repeat| step.apply(&mut law, repeat));
        law
    }

    /// A narrow component: small boxes around it, each for as many steps as double its width, until the full box
    /// resolves it.
    fn staged(&self, start: &Mixture1, blocks: &[Block], s: &dyn ScoreField, n: usize, limit: f64) -> Option<Trig> {
        let mut blocks = blocks.to_vec();
        let mut law = {
            let (a, b) = span(start);
            Trig::sample(start, a, b, n)
        };
        let (mut m, mut v) = (start.mean(), start.variances[0]);
        while let Some(at) = blocks.iter().position(|b| b.repeat > 0) {
            if v.sqrt() >= limit {
                break;
            }
            let kernel = blocks[at].kernel.clone();
            let noise = kernel.noise * kernel.noise;
            let steps = ((3.0 * v / noise).ceil() as u64).clamp(1, blocks[at].repeat);
            // Where the component will be: its centre moves by at most the drift over these steps.
            let mut drift = [0.0; 3];
            let sd = (v + noise * steps as f64).sqrt();
            kernel.drift.clean().displacement(s, &[m - 3.0 * sd, m, m + 3.0 * sd], &mut drift);
            let error = kernel.drift.departure(s);
            let wave = error.slope.abs() * (m.abs() + 3.0 * sd) + error.range.magnitude();
            let shift = (drift.iter().fold(0.0, |a: f64, d| a.max(d.abs())) + wave) * steps as f64;
            let reach = (REACH + 1.0) * sd + 2.0 * shift;
            let (a, b) = (m - reach, m + reach);
            law = law.resample(a, b, n);
            StepMatrix::new(&kernel, s, a, b - a, n).apply(&mut law, steps);
            blocks[at].repeat -= steps;
            let grown = (law.moment(|x| x), law.moment(|_| 1.0));
            m = grown.0 / grown.1;
            v = law.moment(|x| (x - m) * (x - m)) / grown.1;
            if !(v.is_finite() && v > 0.0) {
                return None;
            }
        }
        blocks.retain(|b| b.repeat > 0);
        Some(self.on_box(law.resample(self.lo, self.hi, n), &blocks, s))
    }
}

/// The interval that holds all but 1e-20 of a mixture.
fn span(p: &Mixture1) -> (f64, f64) {
    p.means.iter().zip(&p.variances).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (m, v)| {
        (a.min(m - REACH * v.sqrt()), b.max(m + REACH * v.sqrt()))
    })
}
