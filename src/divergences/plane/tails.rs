//! What lies outside a rectangle.

use super::component::{Cell, Component};
use super::law::{PlaneLaw, hull};
use crate::numerics::Interval;

/// The mass of N_i outside the rectangle, from its four half planes.
fn outside(c: &Component, cell: &Cell) -> Interval {
    let beyond = |mean: Interval, variance: Interval, (lo, hi): (f64, f64)| {
        let s = variance.sqrt();
        ((Interval::point(lo) - mean) / s).normal_cdf() + ((mean - hi) / s).normal_cdf()
    };
    let sum = beyond(c.mean[0], c.cov[0], cell.x) + beyond(c.mean[1], c.cov[2], cell.y);
    sum.min(Interval::ONE)
}

/// A bound of the mass outside the rectangle.
pub(super) fn mass(law: &PlaneLaw, cell: &Cell) -> Interval {
    law.components.iter().map(|c| outside(c, cell) * c.weight).sum()
}

/// S^-1 as (11, 12, 22), and det S.
fn inverse([a, b, c]: [Interval; 3]) -> ([Interval; 3], Interval) {
    let det = a * (c - b * (b / a));
    ([c / det, -b / det, a / det], det)
}

/// `d^T M d` for M = (11, 12, 22).
fn form(m: [Interval; 3], [x, y]: [Interval; 2]) -> Interval {
    m[0] * x.sqr() + m[1] * x * y * 2.0 + m[2] * y.sqr()
}

/// A bound of `int |ln r| dq` outside the rectangle: with any component j of r,
/// ```text
/// |ln r| <= max_k |ln sup N_k| + |c_j| + Q_j/2,     Q_j(x) <= 2 Q_j(m_i) + 2 tr(S_j^-1 S_i) |z|^2
/// ```
/// under each component i of q, z being standard normal; then Cauchy and Schwarz with `E |z|^4 = 8`.
pub(super) fn logarithm(q: &PlaneLaw, r: &PlaneLaw, cell: &Cell) -> Interval {
    let peak = |c: &Component| (c.constant - c.weight.ln()).abs();
    let highest = r.components.iter().map(peak).fold(Interval::ZERO, Interval::max);
    let by = |j: &Component| -> Interval {
        let (precision, _) = inverse(j.cov);
        q.components
            .iter()
            .map(|i| {
                let centre = form(precision, [i.mean[0] - j.mean[0], i.mean[1] - j.mean[1]]).abs();
                let trace = (precision[0] * i.cov[0] + precision[1] * i.cov[1] * 2.0 + precision[2] * i.cov[2]).abs();
                let fourth = centre.sqr() * 8.0 + trace.sqr() * 64.0;
                let out = outside(i, cell);
                i.weight * ((highest + j.constant.abs()) * out + (out * fourth).sqrt() * 0.5)
            })
            .sum()
    };
    r.components.iter().map(by).min_by(|a, b| a.hi().total_cmp(&b.hi())).unwrap_or(Interval::INFINITY)
}

/// Gaussians above the integrand of `int q^2/p`: as `q^2 <= sum_i w_i N_i^2` and `p >= w_j N_j`,
/// ```text
/// q^2/p <= sum_i (w_i/w_j) N_i^2/N_j = sum_i e^{c_i} N(mean, A^-1),    A = 2 S_i^-1 - S_j^-1
/// ```
/// with the best j for every i.
pub(super) struct Dominating {
    shares: Vec<Share>,
}

struct Share {
    ln_mass: Interval,
    shape: Component,
}

impl Dominating {
    /// `None` when for some i no j makes A positive definite.
    pub(super) fn new(q: &PlaneLaw, p: &PlaneLaw) -> Option<Self> {
        let against = |i: &Component| {
            let shares = p.components.iter().filter_map(|j| Share::new(i, j));
            shares.min_by(|a, b| a.ln_mass.hi().total_cmp(&b.ln_mass.hi()))
        };
        Some(Self { shares: q.components.iter().map(against).collect::<Option<Vec<_>>>()? })
    }

    /// A bound of `ln int q^2/p`.
    pub(super) fn ln_mass(&self) -> f64 {
        let top = self.shares.iter().map(|s| s.ln_mass.hi()).fold(f64::NEG_INFINITY, f64::max);
        let sum: Interval = self.shares.iter().map(|s| (s.ln_mass - top).exp()).sum();
        (sum.ln() + top).hi()
    }

    /// The rectangle that holds that many standard deviations of all of them as well.
    pub(super) fn reach(&self, with: Cell, sigmas: f64) -> Cell {
        self.shares.iter().fold(with, |cell, s| {
            let own = PlaneLaw { components: vec![s.shape.clone()] };
            hull(cell, own.reach(sigmas))
        })
    }

    /// A bound of `e^-scale int q^2/p` outside the rectangle.
    pub(super) fn outside(&self, cell: &Cell, scale: f64) -> Interval {
        self.shares.iter().map(|s| (s.ln_mass - scale).exp() * outside(&s.shape, cell)).sum()
    }
}

impl Share {
    fn new(i: &Component, j: &Component) -> Option<Self> {
        let ((si, det_i), (sj, det_j)) = (inverse(i.cov), inverse(j.cov));
        let a: [Interval; 3] = std::array::from_fn(|k| si[k] * 2.0 - sj[k]);
        if !(a[0].lo() > 0.0 && (a[2] - a[1] * (a[1] / a[0])).lo() > 0.0) {
            return None;
        }
        let (cov, det_a) = inverse(a);
        let d = [i.mean[0] - j.mean[0], i.mean[1] - j.mean[1]];
        let b = [(si[0] * d[0] + si[1] * d[1]) * 2.0, (si[1] * d[0] + si[2] * d[1]) * 2.0];
        let exponent = form(cov, b) - form(si, d) * 2.0;
        let ln_mass = i.weight.ln() - j.weight.ln() + (det_j.ln() - det_i.ln() * 2.0 - det_a.ln() + exponent) * 0.5;
        let mean = [j.mean[0] + cov[0] * b[0] + cov[1] * b[1], j.mean[1] + cov[1] * b[0] + cov[2] * b[1]];
        Some(Self { ln_mass, shape: Component::new(Interval::ONE, mean, cov)? })
    }
}
