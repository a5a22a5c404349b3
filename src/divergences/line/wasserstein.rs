//! W2 on the line by the monotone map between quantiles: checked.

use super::checked::NODES;
use crate::divergences::NoEngine;
use crate::laws::Density1;
use crate::numerics::{Interval, Measured, Rule, Source, gauss_legendre};

/// The first panels, over p's support.
const PANELS: usize = 60;
/// How many panels may be halved.
const HALVINGS: usize = 400;
/// Panels are halved, worst first, until they agree with their halves to this part of the total.
const AGREE: f64 = 1e-15;

/// `W2^2 = int (T(x) - x)^2 p(x) dx` with `F_q(T(x)) = F_p(x)`, by adaptive Gauss-Legendre quadrature.
pub(super) fn w2(q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    let coupling = Coupling { q, p, rule: gauss_legendre(NODES) };
    let (square, disagreement) = coupling.squared();
    if !square.is_finite() {
        return Err(NoEngine { divergence: "w2", why: "a quantile could not be found".to_string() });
    }
    let value = square.max(0.0).sqrt();
    let from_square = |e: f64| if value > 0.0 { (e / (2.0 * value)).min(e.sqrt()) } else { e.sqrt() };
    // An error in total variation moves that much mass by at most the spread of the laws.
    let spread = 4.0 * q.variance().max(p.variance());
    let ledger = q
        .ledger()
        .and(&p.ledger())
        .scaled(from_square(spread))
        .open(Source::Discretisation, from_square(disagreement), "panels of the quantile coupling against their halves")
        .open(Source::Rounding, 4e-16 * (value + spread.sqrt()), "rounding of quantiles");
    Ok(Measured::with_ledger(Interval::point(value), ledger).clamped(0.0, f64::INFINITY))
}

/// The monotone coupling of two laws.
struct Coupling<'a> {
    q: &'a dyn Density1,
    p: &'a dyn Density1,
    rule: Rule,
}

impl Coupling<'_> {
    /// `int_a^b (T(x) - x)^2 p(x) dx` by one rule.
    fn panel(&self, a: f64, b: f64) -> f64 {
        let (centre, half) = (0.5 * (a + b), 0.5 * (b - a));
        let xs: Vec<f64> = self.rule.nodes.iter().map(|node| centre + half * node).collect();
        let mut density = vec![0.0; xs.len()];
        self.p.density(&xs, &mut density);
        let term = |((x, d), w): ((&f64, &f64), &f64)| {
            if *d <= 1e-19 {
                return 0.0;
            }
            let move_by = inverse(self.q, self.p, *x) - x;
            half * w * d * move_by * move_by
        };
        xs.iter().zip(&density).zip(&self.rule.weights).map(term).sum()
    }

    /// A panel split once: the ends, the two halves, and how far they are from the whole.
    fn halved(&self, a: f64, b: f64, whole: f64) -> Halved {
        let m = 0.5 * (a + b);
        let halves = [self.panel(a, m), self.panel(m, b)];
        Halved { ends: [a, m, b], halves, gap: (halves[0] + halves[1] - whole).abs() }
    }

    /// The integral with the sum of the last disagreements.
    fn squared(&self) -> (f64, f64) {
        let (lo, hi) = self.p.support();
        let mut knots: Vec<f64> = (0..=PANELS).map(|k| lo + (hi - lo) * k as f64 / PANELS as f64).collect();
        knots.extend(self.p.kinks().into_iter().filter(|k| lo < *k && *k < hi));
        knots.sort_by(f64::total_cmp);
        let mut panels: Vec<Halved> =
            knots.windows(2).map(|k| self.halved(k[0], k[1], self.panel(k[0], k[1]))).collect();
        for _ in 0..HALVINGS {
            let total: f64 = panels.iter().map(|p| p.halves[0] + p.halves[1]).sum();
            let Some(worst) = (0..panels.len()).max_by(|&i, &j| panels[i].gap.total_cmp(&panels[j].gap)) else { break };
            if panels[worst].gap <= AGREE * total {
                break;
            }
            let Halved { ends: [a, m, b], halves: [left, right], .. } = panels.swap_remove(worst);
            if !(a < m && m < b) {
                break;
            }
            panels.push(self.halved(a, m, left));
            panels.push(self.halved(m, b, right));
        }
        let total = panels.iter().map(|p| p.halves[0] + p.halves[1]).sum();
        (total, panels.iter().map(|p| p.gap).sum())
    }
}

/// A panel with its two halves.
struct Halved {
    ends: [f64; 3],
    halves: [f64; 2],
    gap: f64,
}

/// t with F_q(t) = F_p(x), by bisection and Newton from the side on which neither tail cancels.
fn inverse(q: &dyn Density1, p: &dyn Density1, x: f64) -> f64 {
    let left = p.cdf(x);
    let lower = left < 0.5;
    let goal = if lower { left } else { p.sf(x) };
    let excess = |t: f64| if lower { q.cdf(t) - goal } else { goal - q.sf(t) };
    let (mut a, mut b) = q.support();
    let mut t = (x + q.mean() - p.mean()).clamp(a, b);
    for _ in 0..80 {
        let e = excess(t);
        if e > 0.0 {
            b = t;
        } else {
            a = t;
        }
        let mut slope = [0.0];
        q.density(&[t], &mut slope);
        let newton = t - e / slope[0];
        let next = if newton > a && newton < b { newton } else { 0.5 * (a + b) };
        if (next - t).abs() <= 1e-16 * (1.0 + t.abs()) {
            return next;
        }
        t = next;
    }
    t
}
