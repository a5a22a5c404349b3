//! W2 on the line by the monotone map between quantiles: checked.

use super::checked::gauss_legendre;
use crate::divergences::NoEngine;
use crate::laws::Density1;
use crate::numerics::{Interval, Ledger, Measured, Source};

/// Panels in the standardised variable at the coarser of two resolutions.
const PANELS: usize = 160;
/// `W2^2 = int (T(x) - x)^2 p(x) dx` with `F_q(T(x)) = F_p(x)`, over panels of p's own quantiles.
pub(super) fn w2(q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    let (coarse, fine) = (squared(q, p, PANELS), squared(q, p, 2 * PANELS));
    if !fine.is_finite() {
        return Err(NoEngine { divergence: "w2", why: "a quantile could not be found".to_string() });
    }
    let value = fine.max(0.0).sqrt();
    let from_square = |e: f64| if value > 0.0 { e / (2.0 * value) } else { e.sqrt() };
    // An error in total variation moves that much mass by at most the spread of the laws.
    let spread = 4.0 * q.variance().max(p.variance());
    let ledger = q
        .ledger()
        .and(&p.ledger())
        .scaled(from_square(spread).min(1.0 / f64::MIN_POSITIVE))
        .open(Source::Discretisation, from_square((fine - coarse).abs()), "two panel widths of the quantile coupling")
        .open(Source::Rounding, 4e-16 * (value + spread.sqrt()), "rounding of quantiles");
    let ledger = if ledger.evidence().is_proved() { Ledger::new() } else { ledger };
    Ok(Measured::with_ledger(Interval::point(value), ledger).clamped(0.0, f64::INFINITY))
}

/// The integral on panels over both supports, cut where p or q changes.
fn squared(q: &dyn Density1, p: &dyn Density1, panels: usize) -> f64 {
    let rule = gauss_legendre();
    let (lo, hi) = p.support();
    let width = ((hi - lo) / panels as f64).min(0.5 * p.scale().max(q.scale()));
    let mut knots: Vec<f64> = vec![lo, hi];
    knots.extend(p.kinks());
    // Where q is thin its quantile function is steep: the preimages of q's own panels are panel edges too.
    let (a, b) = q.support();
    let across = (panels / 2).max(2);
    knots.extend((1..across).map(|k| inverse(p, q, a + (b - a) * k as f64 / across as f64)));
    knots.retain(|k| (lo..=hi).contains(k));
    knots.sort_by(f64::total_cmp);
    let mut total = 0.0;
    for pair in knots.windows(2) {
        let length = pair[1] - pair[0];
        if length <= 1e-14 * (hi - lo) {
            continue;
        }
        let count = (length / width).ceil().max(1.0) as usize;
        for k in 0..count {
            let (x0, x1) =
                (pair[0] + length * k as f64 / count as f64, pair[0] + length * (k + 1) as f64 / count as f64);
            let (centre, half) = (0.5 * (x0 + x1), 0.5 * (x1 - x0));
            for &(node, w) in &rule {
                let x = centre + half * node;
                let mut value = [0.0];
                p.density(&[x], &mut value);
                if value[0] <= 1e-19 {
                    continue;
                }
                let t = inverse(q, p, x);
                total += half * w * value[0] * (t - x) * (t - x);
            }
        }
    }
    total
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
