//! 1-D laws under scores with jumps by graded Legendre panels with L2 projection.
//!
//! Where the score jumps by A, every step leaves a kink of relative size A sqrt(h) and width sqrt(2h) in the density. A
//! density is therefore kept as polynomials on panels whose sizes shrink geometrically to sqrt(2h) at the jumps. A step is
//! the L2 projection of the kernel, formed as its difference from the identity,
//! ```text
//! G_ij = int phi_j(y) (E[phi_i(T(y) + c xi)] - phi_i(y)) dy,
//! ```
//! with y-quadrature refined where the noise reaches across a panel edge. N equal steps are G <- 2G + G^2, doubled.
//! (Collocation on the same panels is unstable.)

mod galerkin;
mod legendre;
mod mesh;
#[cfg(test)]
mod tests;
mod trail;

use self::galerkin::{Probed, Space, Step};
use self::mesh::Focus;
use self::trail::{Reached, Trail};
use super::density1::Density1;
use super::grid1::Layout;
use super::per_kernel::per_kernel;
use super::{Propagate, Unsupported};
use crate::numerics::{Ledger, Source, gauss_legendre};
use crate::samplers::{Block, Kernel, Program};
use crate::scores::ScoreField;
use crate::targets::{Density, Mixture1};
use nalgebra::DVector;
use std::collections::HashSet;

/// Polynomial degrees that are tried, until two laws in a row agree.
const DEGREES: [usize; 4] = [12, 16, 20, 24];
/// The total variation between two degrees at which a law counts as resolved.
const RESOLVED: f64 = 1e-12;
/// The smallest panels at a jump, in standard deviations of the noise.
const PANEL: f64 = 1.5;
/// Above this difference of two degrees the one before is looked at too.
const STEADY: f64 = 1e-9;
/// A panel is halved where the drift is this badly resolved by [`STEEP_TERMS`] terms of a Legendre series.
const STEEP: f64 = 1e-6;
const STEEP_TERMS: usize = 16;
/// Panels grow by a factor e^GROWTH from one to the next.
const GROWTH: f64 = 0.7;
/// Panels in the middle of a Gaussian component, in its standard deviations.
const SMOOTH_PANEL: f64 = 1.2;
/// Growth of the panels away from a Gaussian component.
const SMOOTH_GROWTH: f64 = 0.5;
/// The density at the ends above which the box is too small.
const EDGE: f64 = 1e-13;
/// Of more jumps and kinks of a kernel than this those are no edges that lie nearer to the edge before than this part of the smallest
/// panel: the law has no jump there, the noise has none, and integrals over the score are cut there all the same.
const MANY: usize = 100;
const CROWDED: f64 = 0.5;
/// The most coefficients; a matrix of this size squared is 140 MB.
const MAX_DIM: usize = 4200;
/// A law that is not resolved better than this is refused rather than reported.
const WORST: f64 = 1e-3;

/// A piecewise polynomial density on the line.
#[derive(Clone, Debug)]
pub struct Panels1 {
    /// The start, kept so that another resolution can be computed from it.
    start: Mixture1,
    law: Piecewise,
    /// Half the L1 distance to the law of the next lower degree.
    difference: f64,
    /// The mass that left the box, estimated from the last step.
    lost: f64,
    /// Variances of the Gaussian tails, left and right.
    tails: (f64, f64),
    /// The steps taken so far.
    taken: Vec<Block>,
    /// For a law that is followed step by step: where it stands at each degree.
    trail: Option<Box<Trail>>,
}

/// A function on panels, with its masses summed from both ends.
#[derive(Clone, Debug)]
struct Piecewise {
    space: Space,
    coefficients: DVector<f64>,
    /// The mass left of each edge, and right of it.
    below: Vec<f64>,
    above: Vec<f64>,
}

impl Panels1 {
    /// The law of a closed 1-D start, before the first step of `program`.
    ///
    /// # Errors
    /// When the start is not one-dimensional.
    pub fn new(start: &Density, _program: &Program, _s: &dyn ScoreField) -> Result<Self, Unsupported> {
        Ok(Self::of(start.as_mixture1().ok_or_else(|| refuse("one dimension"))?))
    }

    /// A mixture on the line, before the first step.
    pub(super) fn of(start: Mixture1) -> Self {
        let foci: Vec<Focus> = components(&start).collect();
        let (a, b) = start.support();
        let space = Space { edges: mesh::edges(a, b, &[], &foci, widest(&start)), degree: DEGREES[1] };
        let tails = start.tail_variance();
        let law = Piecewise::project(&start, space);
        Self { start, law, difference: 0.0, lost: 0.0, tails, taken: Vec::new(), trail: None }
    }

    /// Half the L1 distance to the law at lower degrees.
    pub(super) fn difference(&self) -> f64 {
        self.difference
    }

    /// Carries the start through `blocks` at growing degrees until two agree; on a wider box if the law reaches its ends.
    fn resolve(&mut self, blocks: &[Block], s: &dyn ScoreField) -> Result<(), Unsupported> {
        let mut layout = Layout::new(&self.start, blocks, s)?;
        let followed = !self.taken.is_empty();
        loop {
            let mut trail = if followed { Some(self.trail(&layout, blocks, s)) } else { None };
            let edges = trail.as_ref().map_or_else(|| self.edges(&layout, blocks, s), |trail| trail.edges.clone());
            let coarsest = Space { edges: edges.clone(), degree: DEGREES[0] };
            if coarsest.dim() > MAX_DIM {
                return Err(refuse("a law that can be resolved by a few hundred panels"));
            }
            if blocks.iter().any(|b| galerkin::turns_too_often(&coarsest, &b.kernel, s)) {
                return Err(refuse(
                    "a score that turns or bends a few hundred times at most within the reach of the noise (one learned by \
                     the kernel at a single time has a kink at every training sample)",
                ));
            }
            let mut previous: Option<Piecewise> = None;
            let mut best: Option<(f64, Piecewise, f64)> = None;
            let mut last = f64::INFINITY;
            for degree in DEGREES {
                let space = Space { edges: edges.clone(), degree };
                if space.dim() > MAX_DIM {
                    break;
                }
                let known = trail.as_ref().and_then(|trail| trail.at(degree));
                let Some((law, lost, reached)) = self.carry(space, blocks, s, known, followed) else {
                    if layout.unstable() {
                        return Err(refuse("a step small enough that the law does not overflow"));
                    }
                    continue;
                };
                if let Some(trail) = &mut trail {
                    trail.set(degree, reached);
                }
                let apart = previous.as_ref().map_or(f64::INFINITY, |coarse| 0.5 * coarse.distance(&law));
                // Convergence that is slow is erratic, and two degrees may agree by accident.
                let difference = if apart <= STEADY || last.is_infinite() { apart } else { apart.max(last) };
                last = apart;
                if best.as_ref().is_none_or(|(d, ..)| difference < *d || d.is_infinite()) {
                    best = Some((difference, law.clone(), lost));
                }
                if difference <= RESOLVED {
                    break;
                }
                previous = Some(law);
            }
            let Some((difference, law, lost)) = best.filter(|(d, ..)| *d <= WORST) else {
                return Err(refuse("a law that can be resolved by a few hundred panels"));
            };
            if law.edge() > EDGE {
                if layout.grow() {
                    continue;
                }
                return Err(refuse("a law that stays inside a box; this one keeps spreading"));
            }
            self.trail = trail.map(Box::new);
            self.difference = difference;
            self.lost = lost;
            self.tails = layout.tails();
            self.law = law;
            return Ok(());
        }
    }

    /// The trail to go on with: the last one while its panels serve `blocks`, else a new one, on panels that also serve as
    /// many steps again.
    fn trail(&self, layout: &Layout, blocks: &[Block], s: &dyn ScoreField) -> Trail {
        let bounds = layout.bounds();
        if let Some(trail) = self.trail.as_ref().filter(|trail| trail.serves(blocks, bounds)) {
            return Trail::clone(trail);
        }
        let twice: Vec<Block> = blocks.iter().chain(blocks).cloned().collect();
        let ahead = Layout::new(&self.start, &twice, s).ok().filter(|ahead| {
            let (lo, hi) = ahead.bounds();
            lo <= bounds.0 && bounds.1 <= hi
        });
        Trail::new(self.edges(ahead.as_ref().unwrap_or(layout), blocks, s), blocks)
    }

    /// The panels for all blocks: fine at the jumps and narrow features of the score, at both images of each, and at narrow
    /// components.
    fn edges(&self, layout: &Layout, blocks: &[Block], s: &dyn ScoreField) -> Vec<f64> {
        let (lo, hi) = layout.bounds();
        let mut foci: Vec<Focus> = components(&self.start).collect();
        let (mut fixed, mut cap) = (Vec::new(), 0.0_f64);
        for block in blocks {
            for p in block.kernel.drift.scores().filter_map(|at| s.density(at.level)?.as_mixture1()) {
                foci.extend(components(&p));
                cap = cap.max(widest(&p));
            }
            let size = PANEL * block.kernel.noise;
            let mut jumps = block.kernel.drift.jumps(s);
            jumps.sort_by(f64::total_cmp);
            let apart = if jumps.len() > MANY { CROWDED * size } else { 0.0 };
            let mut edge = f64::NEG_INFINITY;
            for jump in jumps {
                let sides = [jump.next_down(), jump.next_up()];
                let mut moved = [0.0; 2];
                block.kernel.drift.displacement(s, &sides, &mut moved);
                if jump >= edge + apart {
                    fixed.push(jump);
                    edge = jump;
                }
                foci.extend([0.0, moved[0], moved[1]].map(|d| Focus { at: jump + d, size, growth: GROWTH }));
            }
            for feature in block.kernel.drift.features(s).into_iter().filter(|f| lo < f.at && f.at < hi) {
                let knots = feature.knots();
                let mut moved = [0.0; 5];
                block.kernel.drift.displacement(s, &knots, &mut moved);
                // One that the noise blurs away is still seen as an integrand.
                if feature.width < size {
                    fixed.extend(knots);
                }
                let size = size.max(feature.width);
                let images = knots.iter().zip(&moved).map(|(x, d)| x + d);
                foci.extend(images.chain([feature.at]).map(|at| Focus { at, size, growth: GROWTH }));
            }
        }
        let cap = if cap > 0.0 { cap } else { widest(&self.start) };
        let mut edges = mesh::edges(lo, hi, &fixed, &foci, cap);
        // Where a score turns steeply, so does the law in the long run.
        let rule = Probed::new(STEEP_TERMS);
        let mut seen = HashSet::new();
        for Block { kernel, .. } in blocks.iter().filter(|block| seen.insert(block.kernel.key())) {
            let steep = |a: f64, b: f64| galerkin::unresolved(kernel, s, (a, b), &rule) > STEEP;
            edges = mesh::halved(&edges, PANEL * kernel.noise, steep);
        }
        edges
    }

    /// The law after `blocks`, the mass that left the box, estimated from the last law of each block, and where that leaves
    /// a law that is followed; `None` when the numbers overflow. Goes on from `known` where that is on the way.
    fn carry(
        &self,
        space: Space,
        blocks: &[Block],
        s: &dyn ScoreField,
        known: Option<&Reached>,
        followed: bool,
    ) -> Option<(Piecewise, f64, Reached)> {
        let from = known.and_then(|known| Some((known, known.rest(blocks)?)));
        let (mut reached, rest) = match from {
            Some((known, rest)) => (known.clone(), rest),
            None => {
                let start = Piecewise::project(&self.start, space.clone()).coefficients;
                (Reached::new(start), blocks.to_vec())
            }
        };
        let mut steps = std::mem::take(&mut reached.steps);
        let make = |kernel: &Kernel, _| steps.get(kernel, followed, || Step::new(&space, kernel, s));
        let mut repeats = blocks[blocks.len() - rest.len()..].iter().map(|block| block.repeat);
        // What was lost in the block that is under way is estimated anew with every law; what earlier blocks lost is settled.
        let mut lost = reached.settled;
        per_kernel(&rest, make, |step, repeat| {
            reached.settled = lost;
            step.apply(&space, &mut reached.law, repeat);
            lost = reached.settled + repeats.next().unwrap_or(repeat) as f64 * step.loss.dot(&reached.law).abs();
        });
        reached.steps = steps;
        reached.blocks = blocks.to_vec();
        let law = reached.law.clone();
        law.iter().all(|u| u.is_finite()).then(|| (Piecewise::new(space, law), lost, reached))
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.law.integral(&mut |xs, out| out.copy_from_slice(xs))
    }

    /// Var X.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.law.integral(&mut |xs, out| out.iter_mut().zip(xs).for_each(|(o, x)| *o = (x - mean) * (x - mean)))
    }

    /// E f(X) for a function given on batches of points; its jumps should be among the score's.
    pub fn expectation(&self, f: &mut dyn FnMut(&[f64], &mut [f64])) -> f64 {
        self.law.integral(f)
    }

    /// The box, the number of panels and the polynomial degree.
    #[must_use]
    pub fn resolution(&self) -> (f64, f64, usize, usize) {
        let space = &self.law.space;
        (space.edges[0], space.edges[space.panels()], space.panels(), space.degree)
    }
}

/// Foci at the components of a mixture.
fn components(p: &Mixture1) -> impl Iterator<Item = Focus> + '_ {
    let focus = |(m, v): (&f64, &f64)| Focus { at: *m, size: SMOOTH_PANEL * v.sqrt(), growth: SMOOTH_GROWTH };
    p.means.iter().zip(&p.variances).map(focus)
}

/// The size of panels far from everything.
fn widest(p: &Mixture1) -> f64 {
    SMOOTH_PANEL * p.variances.iter().copied().fold(0.0, f64::max).sqrt()
}

/// A refusal of this engine.
fn refuse(needs: &str) -> Unsupported {
    Unsupported { engine: "grid", needs: needs.to_string() }
}

impl Piecewise {
    fn new(space: Space, coefficients: DVector<f64>) -> Self {
        let masses: Vec<f64> =
            (0..space.panels()).map(|e| coefficients[e * space.order()] * space.width(e).sqrt()).collect();
        let mut below = vec![0.0; masses.len() + 1];
        let mut above = below.clone();
        for e in 0..masses.len() {
            below[e + 1] = below[e] + masses[e];
        }
        for e in (0..masses.len()).rev() {
            above[e] = above[e + 1] + masses[e];
        }
        Self { space, coefficients, below, above }
    }

    /// The L2 projection of a closed density.
    fn project(density: &Mixture1, space: Space) -> Self {
        let order = space.order();
        let rule = gauss_legendre(order + 16);
        let mut coefficients = DVector::zeros(space.dim());
        let (mut at, mut values) = (vec![0.0; order], vec![0.0; rule.nodes.len()]);
        for e in 0..space.panels() {
            let (mid, half) = (0.5 * (space.edges[e] + space.edges[e + 1]), 0.5 * space.width(e));
            let xs: Vec<f64> = rule.nodes.iter().map(|t| mid + half * t).collect();
            density.density(&xs, &mut values);
            for (k, t) in rule.nodes.iter().enumerate() {
                legendre::values(*t, &mut at);
                for (i, p) in at.iter().enumerate() {
                    coefficients[e * order + i] += half * rule.weights[k] * values[k] * p * space.norm(e, i);
                }
            }
        }
        Self::new(space, coefficients)
    }

    /// `sqrt((2i+1)/L) u_i` of panel e: the coefficients of plain Legendre polynomials.
    fn series(&self, e: usize) -> impl Iterator<Item = f64> + '_ {
        let order = self.space.order();
        (0..order).map(move |i| self.coefficients[e * order + i] * self.space.norm(e, i))
    }

    fn value(&self, x: f64) -> f64 {
        let edges = &self.space.edges;
        if x < edges[0] || x > edges[self.space.panels()] {
            return 0.0;
        }
        let e = self.space.panel(x);
        let mut at = vec![0.0; self.space.order()];
        legendre::values(self.space.local(e, x), &mut at);
        self.series(e).zip(&at).map(|(a, p)| a * p).sum()
    }

    /// The mass of panel e left of its point t in [-1, 1], by `int P_i = (P_{i+1} - P_{i-1})/(2i+1)`, P_{-1} = -1.
    fn part(&self, e: usize, t: f64) -> f64 {
        let mut at = vec![0.0; self.space.order() + 1];
        legendre::values(t, &mut at);
        let half = 0.5 * self.space.width(e);
        let antiderivative = |i: usize| {
            let before = if i == 0 { -1.0 } else { at[i - 1] };
            (at[i + 1] - before) / (2.0 * i as f64 + 1.0)
        };
        half * self.series(e).enumerate().map(|(i, a)| a * antiderivative(i)).sum::<f64>()
    }

    fn cdf(&self, x: f64) -> f64 {
        let last = self.space.panels();
        match x {
            _ if x <= self.space.edges[0] => 0.0,
            _ if x >= self.space.edges[last] => self.below[last],
            _ => {
                let e = self.space.panel(x);
                self.below[e] + self.part(e, self.space.local(e, x))
            }
        }
    }

    fn sf(&self, x: f64) -> f64 {
        let last = self.space.panels();
        match x {
            _ if x <= self.space.edges[0] => self.above[0],
            _ if x >= self.space.edges[last] => 0.0,
            _ => {
                let e = self.space.panel(x);
                self.above[e] - self.part(e, self.space.local(e, x))
            }
        }
    }

    /// `int f rho`, panel by panel.
    fn integral(&self, f: &mut dyn FnMut(&[f64], &mut [f64])) -> f64 {
        let (xs, weights) = self.nodes();
        let mut values = vec![0.0; xs.len()];
        f(&xs, &mut values);
        (0..xs.len()).map(|k| weights[k] * values[k] * self.value(xs[k])).sum()
    }

    /// Quadrature nodes and weights on all panels.
    fn nodes(&self) -> (Vec<f64>, Vec<f64>) {
        let rule = gauss_legendre(self.space.order() + 16);
        let (mut xs, mut weights) = (Vec::new(), Vec::new());
        for e in 0..self.space.panels() {
            let (mid, half) = (0.5 * (self.space.edges[e] + self.space.edges[e + 1]), 0.5 * self.space.width(e));
            xs.extend(rule.nodes.iter().map(|t| mid + half * t));
            weights.extend(rule.weights.iter().map(|w| half * w));
        }
        (xs, weights)
    }

    /// The L1 distance of two functions on the same panels.
    fn distance(&self, other: &Piecewise) -> f64 {
        let (xs, weights) = other.nodes();
        xs.iter().zip(&weights).map(|(x, w)| w * (self.value(*x) - other.value(*x)).abs()).sum()
    }

    /// The largest density near either end.
    fn edge(&self) -> f64 {
        let (lo, hi) = (self.space.edges[0], self.space.edges[self.space.panels()]);
        let near = |k: usize| (lo + (hi - lo) * 1e-3 * k as f64, hi - (hi - lo) * 1e-3 * k as f64);
        (0..8).map(near).fold(0.0, |m: f64, (a, b)| m.max(self.value(a).abs()).max(self.value(b).abs()))
    }

    /// The largest value of the highest two terms on a panel: what the next terms would look like.
    fn top(&self, e: usize) -> f64 {
        self.series(e).skip(self.space.degree - 1).map(f64::abs).sum()
    }

    /// A bound of half the L1 norm of the highest terms.
    fn spectrum(&self) -> f64 {
        0.5 * (0..self.space.panels()).map(|e| self.top(e) * self.space.width(e)).sum::<f64>()
    }
}

impl Propagate for Panels1 {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.block(&Block { kernel: kernel.clone(), repeat: 1 }, s)
    }

    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.run(&Program { blocks: vec![block.clone()] }, s)
    }

    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        let mut blocks = self.taken.clone();
        for block in program.blocks.iter().filter(|b| b.repeat > 0) {
            if block.kernel.noise == 0.0 {
                return Err(refuse(
                    "noise in every step before the last one with noise; panels have no map of a step without",
                ));
            }
            match blocks.last_mut() {
                Some(last) if last.kernel == block.kernel => last.repeat += block.repeat,
                _ => blocks.push(block.clone()),
            }
        }
        if blocks.is_empty() {
            return Ok(());
        }
        self.resolve(&blocks, s)?;
        self.taken = blocks;
        Ok(())
    }
}

impl Density1 for Panels1 {
    fn density(&self, xs: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(xs).for_each(|(o, x)| *o = self.law.value(*x));
    }

    fn cdf(&self, x: f64) -> f64 {
        self.law.cdf(x)
    }

    fn sf(&self, x: f64) -> f64 {
        self.law.sf(x)
    }

    fn support(&self) -> (f64, f64) {
        (self.law.space.edges[0], self.law.space.edges[self.law.space.panels()])
    }

    /// All panel edges: quadrature between them is on polynomials.
    fn kinks(&self) -> Vec<f64> {
        self.law.space.edges.clone()
    }

    fn scale(&self) -> f64 {
        (0..self.law.space.panels()).map(|e| self.law.space.width(e)).fold(0.0, f64::max)
    }

    fn mean(&self) -> f64 {
        Panels1::mean(self)
    }

    fn variance(&self) -> f64 {
        Panels1::variance(self)
    }

    fn tail_variance(&self) -> (f64, f64) {
        self.tails
    }

    fn noise(&self) -> f64 {
        (0..self.law.space.panels()).map(|e| self.law.top(e)).fold(1e-16, f64::max)
    }

    fn ledger(&self) -> Ledger {
        if self.taken.is_empty() {
            return Ledger::new();
        }
        let (a, b, panels, degree) = self.resolution();
        let length = b - a;
        Ledger::new()
            .open(
                Source::Discretisation,
                self.difference,
                format!("half the L1 distance to a lower polynomial degree; {panels} panels, degree {degree}"),
            )
            .open(
                Source::BoxExit,
                self.lost + self.law.edge() * length,
                format!("mass lost through the ends of [{a:.4}, {b:.4}] if all steps lost what the last one did"),
            )
            .open(
                Source::Spectrum,
                self.law.spectrum(),
                "size of the highest polynomials kept; those beyond are not bounded",
            )
            .open(
                Source::Rounding,
                (self.law.below[panels] - 1.0).abs(),
                "distance of the total mass from 1; rounding of the matrix products is not bounded otherwise",
            )
    }
}
