//! Divergences between densities on the line that are known only by their values: checked, not certified.

use crate::divergences::{Divergence, NoEngine};
use crate::laws::Density1;
use crate::numerics::{Interval, Ledger, Measured, Source};

/// Gauss-Legendre nodes per panel.
const NODES: usize = 16;
/// Panels per length scale of the rougher law.
const PANELS_PER_SCALE: f64 = 1.0;
/// The most panels.
const MAX_PANELS: usize = 4000;
/// Density values are used where they exceed their noise by this factor.
const CLEAR: f64 = 30.0;

/// Two densities sampled on panels.
pub(super) struct Sampled {
    pub(super) x: Vec<f64>,
    pub(super) weight: Vec<f64>,
    pub(super) q: Vec<f64>,
    pub(super) p: Vec<f64>,
    /// The panel edges.
    pub(super) edges: Vec<f64>,
}

/// Positive nodes and weights of the 16-point Gauss-Legendre rule on [-1, 1].
pub(super) fn gauss_legendre() -> Vec<(f64, f64)> {
    // Newton's iteration on the Legendre polynomial from Chebyshev-like first guesses.
    (0..NODES)
        .map(|k| {
            let mut x = (std::f64::consts::PI * (k as f64 + 0.75) / (NODES as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut a, mut b) = (1.0, x);
                for j in 2..=NODES {
                    let j = j as f64;
                    (a, b) = (b, ((2.0 * j - 1.0) * x * b - (j - 1.0) * a) / j);
                }
                slope = NODES as f64 * (x * b - a) / (x * x - 1.0);
                let step = b / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

impl Sampled {
    /// On panels no wider than the finer of the two length scales divided by `refine`, with kinks at panel edges.
    pub(super) fn new(q: &dyn Density1, p: &dyn Density1, refine: f64) -> Self {
        let (a, b) = (q.support(), p.support());
        let (lo, hi) = (a.0.min(b.0), a.1.max(b.1));
        let scale = q.scale().min(p.scale());
        let mut knots = vec![lo, hi, a.0, a.1, b.0, b.1];
        knots.extend(q.kinks());
        knots.extend(p.kinks());
        knots.retain(|k| (lo..=hi).contains(k));
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        let width = (scale / (PANELS_PER_SCALE * refine)).max((hi - lo) / MAX_PANELS as f64);
        let mut edges = Vec::new();
        for pair in knots.windows(2) {
            let count = ((pair[1] - pair[0]) / width).ceil().max(1.0) as usize;
            edges.extend((0..count).map(|k| pair[0] + (pair[1] - pair[0]) * k as f64 / count as f64));
        }
        edges.push(hi);
        let rule = gauss_legendre();
        let (mut x, mut weight) = (Vec::new(), Vec::new());
        for pair in edges.windows(2) {
            let (centre, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
            for &(node, w) in rule.iter().rev() {
                x.push(centre + half * node);
                weight.push(half * w);
            }
        }
        let values = |d: &dyn Density1| {
            let mut out = vec![0.0; x.len()];
            d.density(&x, &mut out);
            out
        };
        let (q, p) = (values(q), values(p));
        Self { x, weight, q, p, edges }
    }

    /// `sum weight g(q, p)`.
    fn sum(&self, g: impl Fn(f64, f64) -> f64) -> f64 {
        (0..self.x.len()).map(|i| self.weight[i] * g(self.q[i], self.p[i])).sum()
    }
}

/// D(q, p) for every divergence but W2.
pub(super) fn between(divergence: Divergence, q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    let laws = q.ledger().and(&p.ledger());
    match divergence {
        Divergence::Tv => Ok(total_variation(q, p, laws)),
        Divergence::Kl => Ok(smooth(q, p, &laws, Functional::Kl)),
        Divergence::KlReverse => Ok(smooth(p, q, &laws, Functional::Kl)),
        Divergence::HellingerSquared => Ok(smooth(q, p, &laws, Functional::Hellinger).clamped(0.0, 1.0)),
        Divergence::ChiSquared => Ok(chi_squared(q, p, &laws)),
        Divergence::Renyi2 => {
            let chi = chi_squared(q, p, &laws);
            Ok(Measured { value: chi.value.ln_1p(), ..chi })
        }
        Divergence::W2 => Err(NoEngine { divergence: "w2", why: "W2 has its own engine".to_string() }),
    }
}

/// Half the sum of |differences of F_q - F_p| between the sign changes of q - p: the cdfs are accurate where the quadrature
/// of an absolute value is not.
fn total_variation(q: &dyn Density1, p: &dyn Density1, laws: Ledger) -> Measured {
    let grid = Sampled::new(q, p, 2.0);
    let noise = q.noise() + p.noise();
    let peak = grid.q.iter().chain(&grid.p).fold(0.0, |a: f64, v| a.max(*v));
    let gap = |x: f64| {
        let (mut a, mut b) = ([0.0], [0.0]);
        q.density(&[x], &mut a);
        p.density(&[x], &mut b);
        a[0] - b[0]
    };
    let clear = |i: usize| (grid.q[i] - grid.p[i]).abs() > CLEAR * noise && grid.q[i].max(grid.p[i]) > 1e-15 * peak;
    let mut roots = Vec::new();
    let mut last: Option<usize> = None;
    for i in (0..grid.x.len()).filter(|&i| clear(i)) {
        if let Some(j) = last
            && (grid.q[j] - grid.p[j] > 0.0) != (grid.q[i] - grid.p[i] > 0.0)
        {
            roots.push(bisect(&gap, grid.x[j], grid.x[i]));
        }
        last = Some(i);
    }
    // F_q - F_p from the nearer side, so that neither tail cancels.
    let middle = 0.5 * (q.mean() + p.mean());
    let difference = |x: f64| if x < middle { q.cdf(x) - p.cdf(x) } else { p.sf(x) - q.sf(x) };
    let mut previous = 0.0;
    let mut sum = 0.0;
    for root in &roots {
        let here = difference(*root);
        sum += (here - previous).abs();
        previous = here;
    }
    sum += previous.abs();
    let ledger = laws.open(
        Source::Rounding,
        4e-16 * (roots.len() as f64 + 2.0),
        "rounding of the distribution functions at the sign changes",
    );
    Measured::with_ledger(Interval::point(0.5 * sum), ledger).clamped(0.0, 1.0)
}

/// A sign change of f between a and b, to machine precision.
fn bisect(f: &dyn Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let positive = f(a) > 0.0;
    for _ in 0..200 {
        let m = 0.5 * (a + b);
        if !(a < m && m < b) {
            break;
        }
        if (f(m) > 0.0) == positive {
            a = m;
        } else {
            b = m;
        }
    }
    0.5 * (a + b)
}

/// Which integral of a pair of densities.
#[derive(Clone, Copy, PartialEq)]
enum Functional {
    Kl,
    Hellinger,
    Chi,
}

impl Functional {
    /// The integrand, non-negative and quadratic in q - p where the two are close.
    fn integrand(self, q: f64, p: f64) -> f64 {
        let d = (q - p) / p;
        match self {
            // p [(1 + d) ln(1 + d) - d]; the series below |d| = 1e-2 has an error of d^9.
            Functional::Kl if d.abs() < 1e-2 => {
                let series = (2..=9).rev().fold(0.0, |s, k| {
                    let k = f64::from(k);
                    let sign = if k as i32 % 2 == 0 { 1.0 } else { -1.0 };
                    s * d + sign / (k * (k - 1.0))
                });
                p * series * d * d
            }
            Functional::Kl => q * (q / p).ln() - (q - p),
            Functional::Hellinger => {
                let r = (q - p) / (q.sqrt() + p.sqrt());
                0.5 * r * r
            }
            Functional::Chi => p * d * d,
        }
    }

    /// |derivative in q|: how much an error of q counts.
    fn sensitivity(self, q: f64, p: f64) -> f64 {
        match self {
            Functional::Kl => (q / p).ln().abs(),
            Functional::Hellinger => 0.5 * (1.0 - (p / q).sqrt()).abs(),
            Functional::Chi => 2.0 * (q / p - 1.0).abs(),
        }
    }
}

/// The part of the line on which both values exceed their noise, from the peak outwards.
fn clear_range(grid: &Sampled, noise: (f64, f64)) -> (usize, usize) {
    let clear =
        |i: usize| grid.q[i] > CLEAR * noise.0 && grid.p[i] > CLEAR * noise.1 && grid.q[i] > 0.0 && grid.p[i] > 0.0;
    let first = (0..grid.x.len()).find(|&i| clear(i)).unwrap_or(0);
    let last = (0..grid.x.len()).rev().find(|&i| clear(i)).unwrap_or(0);
    (first, last)
}

/// An integral over the range in which both densities are clear of noise, at two resolutions, plus an estimate of the rest.
fn smooth(q: &dyn Density1, p: &dyn Density1, laws: &Ledger, functional: Functional) -> Measured {
    let noise = (q.noise(), p.noise());
    let at = |refine: f64| {
        let grid = Sampled::new(q, p, refine);
        let (first, last) = clear_range(&grid, noise);
        let inside: f64 = (first..=last)
            .filter(|&i| grid.q[i] > noise.0 && grid.p[i] > noise.1 && grid.p[i] > 0.0 && grid.q[i] > 0.0)
            .map(|i| grid.weight[i] * functional.integrand(grid.q[i], grid.p[i]))
            .sum();
        (inside, grid, first, last)
    };
    let (coarse, ..) = at(1.0);
    let (fine, grid, first, last) = at(2.0);
    let ends = [(first, -1.0), (last, 1.0)].map(|(i, side)| Tail::beyond(q, p, &grid, i, side, functional));
    let tail: f64 = ends.iter().map(|t| t.integral).sum();
    // An error of q in total variation counts through the largest derivative where q has mass worth speaking of.
    let peak = grid.q.iter().fold(0.0, |a: f64, v| a.max(*v));
    let sensitivity = (first..=last)
        .filter(|&i| grid.q[i] > 1e-9 * peak && grid.p[i] > 0.0)
        .map(|i| functional.sensitivity(grid.q[i], grid.p[i]))
        .fold(0.0, f64::max);
    let span = grid.sum(|_, _| 1.0);
    let from_noise = (first..=last)
        .filter(|&i| grid.q[i] > 0.0 && grid.p[i] > 0.0)
        .map(|i| grid.weight[i] * functional.sensitivity(grid.q[i], grid.p[i]) * (noise.0 + noise.1))
        .sum::<f64>()
        / (span / grid.edges.len() as f64).max(1.0).sqrt();
    let ledger = laws
        .clone()
        .scaled(2.0 * sensitivity)
        .open(Source::Discretisation, (fine - coarse).abs(), "two panel widths of a Gauss-Legendre quadrature")
        .open(Source::Truncation, tail, "tails beyond the noise of the densities, extrapolated as Gaussian")
        .open(Source::Rounding, from_noise.min(1e-3) + 1e-15 * fine.abs(), "noise of the density values");
    Measured::with_ledger(Interval::point(fine + tail), ledger).clamped(0.0, f64::INFINITY)
}

/// What lies beyond the last clear point on one side.
struct Tail {
    integral: f64,
}

impl Tail {
    /// Extrapolates ln q and ln p from node i outwards as Gaussian tails with the laws' tail variances.
    fn beyond(q: &dyn Density1, p: &dyn Density1, grid: &Sampled, i: usize, side: f64, functional: Functional) -> Self {
        let pick = |t: (f64, f64)| if side < 0.0 { t.0 } else { t.1 };
        let (vq, vp) = (pick(q.tail_variance()).max(1e-300), pick(p.tail_variance()).max(1e-300));
        let (q0, p0) = (grid.q[i], grid.p[i]);
        if !(q0 > 0.0 && p0 > 0.0) {
            return Self { integral: 0.0 };
        }
        // Log-slopes outwards at the point, from two clear neighbours inwards.
        let inward = |k: usize| if side < 0.0 { (i + k).min(grid.x.len() - 1) } else { i.saturating_sub(k) };
        let j = inward(8);
        let gap = (grid.x[i] - grid.x[j]).abs().max(1e-300);
        let slope = |a: f64, b: f64, v: f64| ((a / b).ln() / gap - 0.5 * gap / v).min(-1e-12);
        let (sq, sp) = (slope(q0, grid.q[j].max(q0), vq), slope(p0, grid.p[j].max(p0), vp));
        // Trapezoid in steps of a tenth of the slower decay length, out to sixty decay lengths.
        let length = 1.0 / sq.abs().min(sp.abs()).max(0.1 / vq.max(vp).sqrt());
        let value = |y: f64| {
            let (lq, lp) = (q0.ln() + sq * y - y * y / (2.0 * vq), p0.ln() + sp * y - y * y / (2.0 * vp));
            match functional {
                Functional::Chi => (2.0 * lq - lp).exp() + lp.exp(),
                Functional::Kl => lq.exp() * (lq - lp).abs() + lq.exp().max(lp.exp()),
                Functional::Hellinger => 0.5 * (lq.exp() + lp.exp()),
            }
        };
        let h = 0.1 * length;
        Self { integral: (0..600).map(|k| value(h * f64::from(k)) * h).sum() }
    }
}

/// chi^2, infinite when the tail of q is wider than twice that of p; undecided within one part in 10^9 of that.
fn chi_squared(q: &dyn Density1, p: &dyn Density1, laws: &Ledger) -> Measured {
    let (a, b) = (q.tail_variance(), p.tail_variance());
    let worst = (a.0 / b.0).max(a.1 / b.1);
    if worst > 2.0 * (1.0 + 1e-9) {
        let ledger = laws.clone().open(Source::Truncation, 0.0, "the tail variances of the output law are not proved");
        return Measured { value: Interval::INFINITY, evidence: ledger.evidence(), ledger };
    }
    let finite = smooth(q, p, laws, Functional::Chi);
    if worst > 2.0 * (1.0 - 1e-9) {
        let value = Interval::new(finite.value.lo(), f64::INFINITY);
        return Measured { value, ..finite };
    }
    finite
}
