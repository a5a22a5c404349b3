//! Constants of mixtures from how much their components overlap (PMM-4d, 4e).
//!
//! ```text
//! C_LS <= K p/(p - 1) + C_P (1 + ln M/(2 (p - 1))),     M = sum w_i w_j int P_i^{1+p} P_j^{-p},     p > 1
//! ```
//! K the largest variance of a component in any direction, C_P any bound of the Poincare constant. Every p gives a bound; a
//! good one is searched for.

use crate::numerics::Interval;
use crate::targets::{Covariance, Gaussian, Line, Mixture};

/// More components than this are not compared pair by pair.
const MOST: usize = 64;

/// The search for p: the range of `p - 1`, points of a coarse grid, and refinements of it.
const POWERS: (f64, f64) = (1e-2, 1e4);
const COARSE: i32 = 16;
const REFINEMENTS: usize = 5;

/// `g` of two components is kept above this: it is a difference, in which what parameters carry of rounding grows by its inverse.
const CANCELS: f64 = 0.05;

/// What that rounding can do to the bounds, relatively: twenty times a level's, for the alpha there are.
const MARGIN: f64 = 1e-10;

/// What the certificates say.
pub(super) const OVERLAP: &str = "PMM-4e: how much the components overlap";

/// What the overlaps say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixing {
    /// The best p found.
    pub power: f64,
    /// `ln M` there.
    pub ln_moment: Interval,
    /// An upper bound of C_LS.
    pub lsi: f64,
    /// An upper bound of C_P.
    pub poincare: f64,
}

/// The bound for the best p below `limit`, given K, C_P and `ln M` as a function of p; `None` where none is finite.
pub(super) fn best(k: Interval, poincare: f64, limit: f64, ln_moment: impl Fn(f64) -> Interval) -> Option<Mixing> {
    if !poincare.is_finite() {
        return None;
    }
    let at = |rest: f64| {
        let (power, rest) = (1.0 + rest, Interval::point(1.0 + rest) - 1.0);
        let log = ln_moment(power);
        let lsi = (k * power / rest + Interval::point(poincare) * (1.0 + log.max(Interval::ZERO) / (rest * 2.0))).hi();
        Mixing { power, ln_moment: log, lsi, poincare }
    };
    // Between the ends of a logarithmic range, around the best point so far.
    let (mut lo, mut hi) = (POWERS.0.ln(), POWERS.1.min(0.999 * (limit - 1.0)).ln());
    if hi.is_nan() || hi <= lo {
        return None;
    }
    let mut found: Option<Mixing> = None;
    let mut points = COARSE;
    for _ in 0..=REFINEMENTS {
        let step = (hi - lo) / f64::from(points);
        let places: Vec<f64> = (0..=points).map(|i| lo + step * f64::from(i)).collect();
        let tried = places.iter().map(|&x| (x, at(x.exp())));
        let (x, least) = tried.min_by(|a, b| a.1.lsi.total_cmp(&b.1.lsi))?;
        if found.is_none_or(|found| least.lsi < found.lsi) {
            found = Some(least);
        }
        (lo, hi, points) = ((x - step).max(lo), (x + step).min(hi), 4);
    }
    found.filter(|found| found.lsi.is_finite())
}

/// Components as the coordinates, each with mean and variance, of independent Gaussians.
pub(super) type Coordinates = Vec<(Interval, Interval)>;

/// Why PMM-4e is known to say nothing of a mixture.
pub(super) fn obstacle(m: &Mixture) -> Option<&'static str> {
    if m.components.iter().any(is_dense) {
        return Some("a component has a full covariance");
    }
    let wider = |a: &Gaussian, b: &Gaussian| {
        (0..a.dim()).any(|i| (Interval::from(a.variance(i)) / Interval::from(b.variance(i))).lo() >= 2.0)
    };
    // (1 + p)/v_i - p/v_j is positive for no p > 1.
    let some = m.components.iter().take(MOST).any(|a| m.components.iter().take(MOST).any(|b| wider(a, b)));
    some.then_some(
        "a component has twice the variance of another in one coordinate, so that M is infinite for every p > 1",
    )
}

fn is_dense(g: &Gaussian) -> bool {
    matches!(g.cov, Covariance::Dense(_))
}

/// Components of a mixture with diagonal covariances, not necessarily equal (PMM-4e).
pub(super) fn unequal(m: &Mixture) -> Option<Mixing> {
    if m.components.iter().any(is_dense) {
        return None;
    }
    let of = |g: &Gaussian| (0..g.dim()).map(|i| (g.mean[i].into(), g.variance(i).into())).collect();
    overlap(&m.shares(), &m.components.iter().map(of).collect::<Vec<Coordinates>>())
}

/// Components on the line.
pub(super) fn on_the_line(line: &Line) -> Option<Mixing> {
    let of = |(&m, &v): (&Interval, &Interval)| vec![(m, v)];
    overlap(&line.weights, &line.means.iter().zip(&line.variances).map(of).collect::<Vec<Coordinates>>())
}

/// ```text
/// C_P = K min{ 1 + (1/2) max_j sum_i w_i chi2(P_i | P_j),  1/(1 - sum_ij w_i w_j chi2_ij) }
/// ```
/// the second only where its sum is below 1.
fn overlap(shares: &[Interval], components: &[Coordinates]) -> Option<Mixing> {
    let n = components.len();
    if n > MOST {
        return None;
    }
    let k = components.iter().flatten().map(|c| c.1).fold(Interval::ZERO, Interval::max);
    // int P_i^a P_j^{1-a}.
    let power = |a: Interval, i: usize, j: usize| match i == j {
        true => Interval::ONE,
        false => ln_power(a, &components[i], &components[j]).exp(),
    };
    let chi2 = |i: usize, j: usize| power(Interval::point(2.0), i, j) - 1.0;
    let of = |j: usize| (0..n).map(|i| shares[i] * chi2(i, j)).sum::<Interval>();
    let columns: Vec<Interval> = (0..n).map(of).collect();
    let largest = columns.iter().copied().fold(Interval::ZERO, Interval::max);
    let mean: Interval = shares.iter().zip(&columns).map(|(&w, &x)| w * x).sum();
    let by_pairs = (k * (1.0 + largest * 0.5)).hi();
    let by_mean = if mean.hi() < 1.0 { (k / (1.0 - mean)).hi() } else { f64::INFINITY };
    // P_i^{1+p} P_j^{-p} is integrable in every coordinate only if p (v_i/v_j - 1) < 1.
    let ratio = |i: usize, j: usize| {
        let pairs = components[i].iter().zip(&components[j]);
        pairs.map(|(a, b)| if a.1 == b.1 { 1.0 } else { (a.1 / b.1).hi() }).fold(1.0, f64::max)
    };
    let widest = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| ratio(i, j)).fold(1.0, f64::max);
    let ln_moment = |p: f64| {
        let a = Interval::point(p) + 1.0;
        let row = |i: usize| (0..n).map(|j| shares[j] * power(a, i, j)).sum::<Interval>();
        (0..n).map(|i| shares[i] * row(i)).sum::<Interval>().ln()
    };
    let found = best(k, by_pairs.min(by_mean), 1.0 / (widest - 1.0), ln_moment)?;
    let outward = |c: f64| (Interval::point(c) * (1.0 + MARGIN)).hi();
    Some(Mixing { lsi: outward(found.lsi), poincare: outward(found.poincare), ..found })
}

/// `ln int P_i^a P_j^{1-a}` for a > 1; `[0, +inf]` where it is not known to be finite, or nearly infinite.
///
/// ```text
/// sum over coordinates of  -(1/2) ((a - 1) ln r + ln g) + a (a - 1) m^2/(2 v_j g),     r = v_i/v_j,  g = a + (1 - a) r > 0
/// ```
fn ln_power(a: Interval, i: &Coordinates, j: &Coordinates) -> Interval {
    let mut sum = Interval::ZERO;
    for (&(mi, vi), &(mj, vj)) in i.iter().zip(j) {
        let (gap, rest) = ((mi - mj).sqr(), a - 1.0);
        if vi == vj {
            sum += a * rest * gap / (vi * 2.0);
            continue;
        }
        let r = vi / vj;
        let g = a - rest * r;
        if g.lo() <= CANCELS {
            return Interval::new(0.0, f64::INFINITY);
        }
        sum += a * rest * gap / (vj * g * 2.0) - (rest * r.ln() + g.ln()) * 0.5;
    }
    sum.clamp(0.0, f64::INFINITY)
}
