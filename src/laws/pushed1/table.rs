//! A map of the line and its slope as polynomials on panels, taken apart into branches on which it is monotone.

use super::flow::Flow;
use super::refuse;
use crate::laws::Unsupported;
use crate::laws::density1::Density1;
use std::f64::consts::PI;

/// Coefficients of a panel's polynomials.
const TERMS: usize = 17;
/// The widest panels to begin with, as a part of the support.
const FIRST: f64 = 32.0;
/// Panels outside the support grow by this factor to begin with, and are halved this often at most: no mass is there.
const OUTER_GROWTH: f64 = 2.0;
const OUTER_HALVINGS: u32 = 4;
/// The last two coefficients of a resolved polynomial, relative to the largest of the slope and to the size of the image.
const RESOLVED: [f64; 2] = [5e-14, 2e-15];
/// The most panels.
const MAX_PANELS: usize = 6000;
/// A panel is not halved below this many units in the last place.
const NARROW: f64 = 256.0;
/// Where in a panel its polynomials are compared with the map.
const CHECKED: [f64; 3] = [-0.83, 0.11, 0.67];
/// Where the slopes far out are taken, in widths of the table.
const FAR: f64 = 1e8;
/// Steps of the search for a preimage in a panel.
const NEWTON: usize = 60;

/// T and T' on one panel, as Chebyshev series in t = -1 .. 1.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub(super) from: f64,
    pub(super) to: f64,
    at: [f64; TERMS],
    slope: [f64; TERMS],
    /// Whether it is as narrow as it gets and yet not resolved: T is a straight line on it.
    rough: bool,
}

impl Panel {
    fn local(&self, x: f64) -> f64 {
        ((x - self.from) - (self.to - x)) / (self.to - self.from)
    }

    fn point(&self, t: f64) -> f64 {
        0.5 * ((1.0 - t) * self.from + (1.0 + t) * self.to)
    }

    /// T and T' at a point of the panel.
    pub(super) fn carry(&self, x: f64) -> (f64, f64) {
        self.value(self.local(x))
    }

    /// |T'| in the middle.
    pub(super) fn steepness(&self) -> f64 {
        self.value(0.0).1.abs()
    }

    /// T and T' at the local point t.
    fn value(&self, t: f64) -> (f64, f64) {
        (clenshaw(&self.at, t), clenshaw(&self.slope, t))
    }

    /// The local point with T = y between t = -1 and 1, where T is monotone.
    fn solve(&self, y: f64, (ya, yb): (f64, f64)) -> f64 {
        let rising = yb > ya;
        let half = 0.5 * (self.to - self.from);
        let (mut lo, mut hi) = (-1.0, 1.0);
        let mut t = if ya == yb { 0.0 } else { (-1.0 + 2.0 * (y - ya) / (yb - ya)).clamp(-1.0, 1.0) };
        for _ in 0..NEWTON {
            let (at, slope) = self.value(t);
            let gap = at - y;
            if (gap > 0.0) == rising {
                hi = t;
            } else {
                lo = t;
            }
            let newton = t - gap / (slope * half);
            let next = if newton >= lo && newton <= hi { newton } else { 0.5 * (lo + hi) };
            if (next - t).abs() <= f64::EPSILON {
                return next;
            }
            t = next;
        }
        t
    }
}

/// A Chebyshev series at t.
fn clenshaw(c: &[f64; TERMS], t: f64) -> f64 {
    let (mut b1, mut b2) = (0.0, 0.0);
    for &a in c[1..].iter().rev() {
        (b1, b2) = (2.0 * t * b1 - b2 + a, b1);
    }
    t * b1 - b2 + c[0]
}

/// The nodes of a panel.
fn node(k: usize) -> f64 {
    -(PI * (k as f64 + 0.5) / TERMS as f64).cos()
}

/// The series through values at the nodes.
fn series(values: &[f64], cosines: &[[f64; TERMS]; TERMS]) -> [f64; TERMS] {
    std::array::from_fn(|j| {
        let sum: f64 = values.iter().zip(&cosines[j]).map(|(v, c)| v * c).sum();
        sum * if j == 0 { 1.0 } else { 2.0 } / TERMS as f64
    })
}

/// `T_j(node k)`.
fn cosines() -> [[f64; TERMS]; TERMS] {
    std::array::from_fn(|j| {
        std::array::from_fn(|k| (PI * j as f64 * (TERMS as f64 - k as f64 - 0.5) / TERMS as f64).cos())
    })
}

/// A stretch of panels on which the map is continuous and monotone.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// The first panel, and the one after the last.
    first: usize,
    end: usize,
    /// The images of the panel edges, monotone.
    images: Vec<f64>,
    pub(super) rising: bool,
    /// Whether it ends on the left and on the right where the slope vanishes.
    pub(super) folds: [bool; 2],
    /// Whether it reaches out to infinity on the left and on the right.
    outer: [bool; 2],
}

/// A point that is carried somewhere, with the slope of the map there.
#[derive(Clone, Copy, Debug)]
pub(in crate::laws) struct Preimage {
    pub(in crate::laws) x: f64,
    pub(in crate::laws) slope: f64,
}

/// Straight lines beyond the table: `T = at + slope (x - from)`.
#[derive(Clone, Copy, Debug)]
struct End {
    from: f64,
    at: f64,
    slope: f64,
}

/// The map.
#[derive(Clone, Debug)]
pub(in crate::laws) struct Table {
    pub(super) panels: Vec<Panel>,
    pub(super) branches: Vec<Branch>,
    ends: [End; 2],
    /// What the law of T(X) may be off by in total variation, estimated: by the polynomials, and by rounding.
    pub(super) errors: [f64; 2],
}

impl Table {
    /// Resolves the map where `base` lives, and out to `reach`, and estimates the errors of the law that is carried.
    ///
    /// # Errors
    /// When a step overflows, or the map turns too often.
    pub(super) fn new(flow: &Flow, base: &dyn Density1, reach: (f64, f64)) -> Result<Self, Unsupported> {
        // Between the ends of the base's features it varies on one length: no panel hides a narrow mode off its centre.
        let features = base.features().into_iter().flat_map(|(from, to, _)| [from, to]);
        let corners: Vec<f64> = base.kinks().into_iter().chain(features).collect();
        let mut table = Self::over(flow, base.support(), reach, &corners)?;
        table.errors = table.check(flow, base)?;
        Ok(table)
    }

    /// Resolves the map on a `support`, less carefully out to `reach`, with panels that end at `kinks`.
    ///
    /// # Errors
    /// As [`Table::new`].
    pub(in crate::laws) fn over(
        flow: &Flow,
        support: (f64, f64),
        reach: (f64, f64),
        kinks: &[f64],
    ) -> Result<Self, Unsupported> {
        let (lo, hi) = (reach.0.min(support.0), reach.1.max(support.1));
        let breaks = flow.breaks(lo, hi)?;
        // A kink beside a break is the break: a panel between the two would belong to neither side.
        let beside = |kink: &f64| breaks.iter().any(|b| (kink - b).abs() <= 4.0 * f64::EPSILON * b.abs().max(1.0));
        let corners: Vec<f64> = kinks.iter().filter(|kink| !beside(kink)).chain(&breaks).copied().collect();
        let panels = folded(flow, resolved(flow, starting(support, (lo, hi), corners), support)?, support)?;
        let ends = ends(flow, &panels)?;
        let branches = branches(&panels, &breaks);
        Ok(Self { panels, branches, ends, errors: [0.0; 2] })
    }

    /// The points that are carried to `ys` with the slopes there, where the map is one to one; `None` where it folds or tears.
    pub(in crate::laws) fn inverse(&self, ys: &[f64]) -> Option<Vec<Preimage>> {
        let [branch] = &self.branches[..] else { return None };
        ys.iter().map(|&y| self.preimage(branch, y)).collect()
    }

    /// The images of the ends of a branch, infinite where it has none.
    pub(super) fn image(&self, branch: &Branch) -> (f64, f64) {
        let end = |side: usize, value: f64| match branch.outer[side] {
            false => value,
            true if (side == 1) == branch.rising => f64::INFINITY,
            true => f64::NEG_INFINITY,
        };
        (end(0, branch.images[0]), end(1, branch.images[branch.images.len() - 1]))
    }

    /// The stretch of the line a branch is on.
    pub(super) fn stretch(&self, branch: &Branch) -> (f64, f64) {
        let from = if branch.outer[0] { f64::NEG_INFINITY } else { self.panels[branch.first].from };
        (from, if branch.outer[1] { f64::INFINITY } else { self.panels[branch.end - 1].to })
    }

    /// The panels of a branch with the images of their ends.
    pub(super) fn panels_of<'a>(&'a self, branch: &'a Branch) -> impl Iterator<Item = (&'a Panel, (f64, f64))> {
        let images = branch.images.windows(2).map(|pair| (pair[0], pair[1]));
        self.panels[branch.first..branch.end].iter().zip(images)
    }

    /// The point of a branch that is carried to y, if there is one.
    pub(super) fn preimage(&self, branch: &Branch, y: f64) -> Option<Preimage> {
        let images = &branch.images;
        let last = images.len() - 1;
        let before = |edge: f64| if branch.rising { edge < y } else { edge > y };
        let k = images.partition_point(|&edge| before(edge));
        if k == 0 && images[0] != y {
            return branch.outer[0].then(|| self.ends[0].preimage(y));
        }
        if k > last {
            return branch.outer[1].then(|| self.ends[1].preimage(y));
        }
        let k = k.max(1) - 1;
        let panel = &self.panels[branch.first + k];
        let t = panel.solve(y, (images[k], images[k + 1]));
        Some(Preimage { x: panel.point(t), slope: panel.value(t).1 })
    }

    /// T and T' at x.
    pub(super) fn value(&self, x: f64) -> (f64, f64) {
        let last = self.panels.len() - 1;
        for (end, outside) in self.ends.iter().zip([x < self.panels[0].from, x > self.panels[last].to]) {
            if outside {
                return (end.at + end.slope * (x - end.from), end.slope);
            }
        }
        let k = self.panels.partition_point(|panel| panel.to < x).min(last);
        self.panels[k].carry(x)
    }

    /// T' far out, on the left and on the right.
    pub(super) fn far_slopes(&self) -> [f64; 2] {
        self.ends.map(|end| end.slope)
    }

    /// The largest value that a density takes on panels that are not resolved: what it is there is not known.
    pub(super) fn rough_density(&self, base: &dyn Density1) -> f64 {
        let (lo, hi) = base.support();
        let rough = self.panels.iter().filter(|panel| panel.rough && panel.to > lo && panel.from < hi);
        let (xs, slopes): (Vec<f64>, Vec<f64>) = rough.map(|panel| (panel.point(0.0), panel.value(0.0).1)).unzip();
        let mut density = vec![0.0; xs.len()];
        base.density(&xs, &mut density);
        density.iter().zip(slopes).map(|(d, slope)| d / slope.abs().max(f64::MIN_POSITIVE)).fold(0.0, f64::max)
    }

    /// The polynomials against the map between their nodes, and the rounding of the map, both as errors of the density:
    /// ```text
    /// TV ~ (1/2) int |(ln rho)'| |dT/T'| + |dT'/T'| rho dx.
    /// ```
    fn check(&self, flow: &Flow, base: &dyn Density1) -> Result<[f64; 2], Unsupported> {
        let (lo, hi) = base.support();
        let inside: Vec<&Panel> = self.panels.iter().filter(|p| p.to > lo && p.from < hi && !p.rough).collect();
        let xs: Vec<f64> = inside.iter().flat_map(|p| CHECKED.map(|t| p.point(t))).collect();
        let carried = flow.carry(&xs)?;
        let mut density = vec![0.0; xs.len()];
        base.density(&xs, &mut density);
        let units = 4.0 * f64::EPSILON * flow.steps() as f64;
        let (mut errors, scales) = ([0.0; 2], Scales::new(base));
        for (i, x) in xs.iter().enumerate() {
            let panel = inside[i / CHECKED.len()];
            let (at, slope) = panel.carry(*x);
            let mass = density[i].abs() * (panel.to - panel.from) / CHECKED.len() as f64;
            let (true_slope, length) = (carried.slope[i].abs().max(f64::MIN_POSITIVE), scales.at(*x));
            let moved = (at - carried.at[i]).abs() / true_slope / length;
            // Near a fold the slope vanishes, and no relative error says anything: the mass beside it does.
            errors[0] += 0.5 * mass * (moved + (slope - carried.slope[i]).abs() / true_slope).min(1.0);
            errors[1] += 0.5 * mass * (carried.error[i] / true_slope / length + units).min(1.0);
        }
        errors[0] += self.panels.iter().filter(|p| p.rough).map(|p| base.cdf(p.to) - base.cdf(p.from)).sum::<f64>();
        Ok(errors)
    }
}

impl End {
    fn preimage(&self, y: f64) -> Preimage {
        Preimage { x: self.from + (y - self.at) / self.slope, slope: self.slope }
    }
}

/// The lengths on which a density varies.
pub(super) struct Scales {
    features: Vec<(f64, f64, f64)>,
    sd: f64,
}

impl Scales {
    pub(super) fn new(base: &dyn Density1) -> Self {
        Self { features: base.features(), sd: base.variance().sqrt() }
    }

    /// The finest one at x.
    pub(super) fn at(&self, x: f64) -> f64 {
        let covering = self.features.iter().filter(|f| f.0 <= x && x <= f.1);
        covering.map(|f| f.2).fold(self.sd, f64::min)
    }
}

/// Stretches to begin with.
fn starting((a, b): (f64, f64), (lo, hi): (f64, f64), mut corners: Vec<f64>) -> Vec<(f64, f64)> {
    let widest = (b - a) / FIRST;
    corners.extend([a, b]);
    for (from, to, sign) in [(b, hi, 1.0), (a, lo, -1.0)] {
        let (mut x, mut width) = (from, widest);
        while (to - x) * sign > 0.0 {
            corners.push(x);
            x += sign * width;
            width *= OUTER_GROWTH;
        }
        corners.push(to);
    }
    corners.sort_by(f64::total_cmp);
    corners.dedup();
    let mut stretches = Vec::new();
    for pair in corners.windows(2) {
        let inside = a <= pair[0] && pair[1] <= b;
        let count = if inside { ((pair[1] - pair[0]) / widest).ceil().max(1.0) as usize } else { 1 };
        let edge =
            |k: usize| if k == count { pair[1] } else { pair[0] + (pair[1] - pair[0]) * k as f64 / count as f64 };
        stretches.extend((0..count).map(|k| (edge(k), edge(k + 1))));
    }
    stretches
}

/// Panels on these stretches, halved until the polynomials of each resolve the map.
fn resolved(flow: &Flow, stretches: Vec<(f64, f64)>, support: (f64, f64)) -> Result<Vec<Panel>, Unsupported> {
    let cosines = cosines();
    let mut open: Vec<(f64, f64, u32)> = stretches.into_iter().map(|(a, b)| (a, b, 0)).collect();
    let mut done: Vec<Panel> = Vec::new();
    while !open.is_empty() {
        // The ends go along to tell what hides beside the outermost nodes.
        let points = |&(a, b, _): &(f64, f64, u32)| {
            let nodes = (0..TERMS).map(move |k| a + 0.5 * (b - a) * (1.0 + node(k)));
            [a.next_up()].into_iter().chain(nodes).chain([b.next_down()])
        };
        let xs: Vec<f64> = open.iter().flat_map(points).collect();
        let (carried, blind) = flow.carry_groups(&xs, TERMS + 2)?;
        let mut next = Vec::new();
        for (i, (from, to, halvings)) in open.into_iter().enumerate() {
            let here = i * (TERMS + 2) + 1..(i + 1) * (TERMS + 2) - 1;
            let (at, slope) = (&carried.at[here.clone()], &carried.slope[here.clone()]);
            let mut panel = Panel { from, to, at: series(at, &cosines), slope: series(slope, &cosines), rough: false };
            let noise = carried.error[here].iter().fold(0.0, |a: f64, e| a.max(*e));
            let outside = to <= support.0 || from >= support.1;
            let resolved = panel.is_resolved(at, slope, noise, f64::EPSILON * flow.steps() as f64);
            if resolved && (outside || !blind[i]) {
                done.push(panel);
            } else if outside && halvings >= OUTER_HALVINGS {
                panel.straighten(at);
                done.push(panel);
            } else if to - from > NARROW * f64::EPSILON * from.abs().max(to.abs()).max(f64::MIN_POSITIVE) {
                let middle = from + 0.5 * (to - from);
                next.extend([(from, middle, halvings + 1), (middle, to, halvings + 1)]);
            } else {
                if !resolved {
                    panel.straighten(at);
                }
                done.push(panel);
            }
        }
        if done.len() + next.len() > MAX_PANELS {
            return Err(refuse("a map that turns less often: thousands of polynomials do not resolve this one"));
        }
        open = next;
    }
    done.sort_by(|p, q| p.from.total_cmp(&q.from));
    Ok(done)
}

impl Panel {
    /// Whether the series have died out, down to the rounding of their values: T is off by `noise` and by the rounding of the
    /// nodes, T' relatively by `units` and by what its own slope makes of the same.
    fn is_resolved(&self, at: &[f64], slope: &[f64], noise: f64, units: f64) -> bool {
        let largest = |v: &[f64]| v.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
        let tail = |c: &[f64; TERMS]| c[TERMS - 1].abs().max(c[TERMS - 2].abs());
        let steepest = largest(slope);
        let noise = noise + steepest * 0.5 * f64::EPSILON * self.from.abs().max(self.to.abs());
        let (least, most) = slope.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(*s), b.max(*s)));
        let bend = (most - least) / (self.to - self.from) * noise / steepest.max(f64::MIN_POSITIVE);
        tail(&self.slope) <= (RESOLVED[0].max(units) * steepest).max(bend)
            && tail(&self.at) <= (RESOLVED[1] * largest(at)).max(noise)
    }

    /// The straight line between the outermost values.
    fn straighten(&mut self, at: &[f64]) {
        let (first, last) = (at[0], at[TERMS - 1]);
        let mut line = [0.0; TERMS];
        (line[0], line[1]) = (0.5 * (first + last), 0.5 * (last - first));
        let mut slope = [0.0; TERMS];
        slope[0] = (last - first) / (self.to - self.from);
        (self.at, self.slope, self.rough) = (line, slope, true);
    }

    /// The places inside where the slope changes its sign.
    fn turns(&self) -> Vec<f64> {
        let count = 4 * TERMS;
        let at = |k: usize| -(PI * (k as f64 + 0.5) / count as f64).cos();
        let slope = |t: f64| clenshaw(&self.slope, t);
        let mut turns = Vec::new();
        for k in 0..count - 1 {
            let (mut a, mut b) = (at(k), at(k + 1));
            let positive = slope(a) > 0.0;
            if (slope(b) > 0.0) == positive {
                continue;
            }
            for _ in 0..NEWTON {
                let m = 0.5 * (a + b);
                if (slope(m) > 0.0) == positive {
                    a = m;
                } else {
                    b = m;
                }
            }
            turns.push(self.point(0.5 * (a + b)));
        }
        turns.retain(|x| self.from < *x && *x < self.to);
        turns
    }
}

/// Panels cut where the slope changes its sign inside them.
fn folded(flow: &Flow, panels: Vec<Panel>, support: (f64, f64)) -> Result<Vec<Panel>, Unsupported> {
    let mut kept = Vec::new();
    for panel in panels {
        let turns = panel.turns();
        if turns.is_empty() {
            kept.push(panel);
            continue;
        }
        let edges: Vec<f64> = [panel.from].into_iter().chain(turns).chain([panel.to]).collect();
        let pieces = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
        kept.extend(resolved(flow, pieces, support)?);
    }
    Ok(kept)
}

/// The straight lines that the map follows beyond the panels.
fn ends(flow: &Flow, panels: &[Panel]) -> Result<[End; 2], Unsupported> {
    let (first, last) = (&panels[0], &panels[panels.len() - 1]);
    let far = FAR * (last.to - first.from);
    let carried = flow.carry(&[first.from - 2.0 * far, first.from - far, last.to + far, last.to + 2.0 * far])?;
    let end = |panel: &Panel, t: f64, secant: f64| {
        let (at, own) = panel.value(t);
        // A slope of the other sign would fold the map where no mass is.
        let slope = if secant * own > 0.0 { secant } else { own };
        End { from: panel.point(t), at, slope }
    };
    let secant = |i: usize| (carried.at[i + 1] - carried.at[i]) / far;
    Ok([end(first, -1.0, secant(0)), end(last, 1.0, secant(2))])
}

/// Runs of panels of one direction, cut at the jumps of the map.
fn branches(panels: &[Panel], breaks: &[f64]) -> Vec<Branch> {
    let rising = |panel: &Panel| panel.value(0.0).1 > 0.0;
    let mut branches: Vec<Branch> = Vec::new();
    let mut first = 0;
    for end in 1..=panels.len() {
        let up = rising(&panels[first]);
        let torn = panels.get(end).is_none_or(|panel| breaks.contains(&panel.from));
        if !torn && rising(&panels[end]) == up {
            continue;
        }
        let own = &panels[first..end];
        let mut images: Vec<f64> = vec![own[0].value(-1.0).0];
        for panel in own {
            let (to, before) = (panel.value(1.0).0, images[images.len() - 1]);
            images.push(if up { to.max(before) } else { to.min(before) });
        }
        let turned = |k: usize| k > 0 && k < panels.len() && !breaks.contains(&panels[k].from);
        branches.push(Branch {
            first,
            end,
            images,
            rising: up,
            folds: [turned(first), turned(end)],
            outer: [first == 0, end == panels.len()],
        });
        first = end;
    }
    branches
}
