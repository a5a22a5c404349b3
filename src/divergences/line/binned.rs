//! Factors on the line cut into bins, for the bracket of products with few factors.

use super::log_ratio::Pair;
use crate::divergences::{Bin, Binned, LogDensity};
use crate::laws::Density1;
use crate::numerics::Interval;
use crate::targets::{Line, Mixture1};

/// Bins of each factor.
const BINS: usize = 120_000;
/// The standard deviations around every mean that are cut into bins: 2e-23 of the mass lies outside.
const SIGMAS: f64 = 10.0;
/// A density value must exceed its noise by this factor for its bin to be used.
const CLEAR: f64 = 30.0;

impl LogDensity for Line {
    fn at(&self, x: Interval) -> (Interval, Interval) {
        (self.ln_density(x), self.score(x))
    }

    fn over(&self, x: Interval) -> (Interval, Interval) {
        let (score, curvature) = self.score_and_curvature(x);
        (score, -curvature)
    }
}

/// Two mixtures: every bin enclosed.
pub fn closed(q: &Mixture1, p: &Mixture1) -> Binned {
    let pair = Pair::new(q, p);
    let (lo, hi) = pair.reach_of(SIGMAS);
    let outside = pair.p.cdf(lo) + pair.p.sf(hi);
    Binned::new(&Line::from(p), &Line::from(q), (lo, hi), BINS, outside.hi())
}

/// Two densities known by their values: masses by Simpson's rule, log-ratios from three points of each bin. Not enclosed; the
/// laws' own ledgers are open anyway.
pub fn sampled(q: &dyn Density1, p: &dyn Density1) -> Binned {
    let (a, b) = (q.support(), p.support());
    let (lo, hi) = (a.0.min(b.0), a.1.max(b.1));
    let mut knots = vec![lo, hi];
    knots.extend(q.kinks().into_iter().chain(p.kinks()).filter(|k| lo < *k && *k < hi));
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    let mut bins = Vec::new();
    let mut used = 0.0;
    let (noise_q, noise_p) = (CLEAR * q.noise(), CLEAR * p.noise());
    for piece in knots.windows(2) {
        let count = (((piece[1] - piece[0]) / (hi - lo) * BINS as f64).ceil() as usize).max(8);
        let xs: Vec<f64> =
            (0..=2 * count).map(|k| piece[0] + (piece[1] - piece[0]) * k as f64 / (2 * count) as f64).collect();
        let (mut fq, mut fp) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        q.density(&xs, &mut fq);
        p.density(&xs, &mut fp);
        let clear = |k: usize| fq[k] > noise_q && fp[k] > noise_p && fq[k] > 0.0 && fp[k] > 0.0;
        for k in (0..2 * count).step_by(2).filter(|&k| (k..=k + 2).all(clear)) {
            let width = xs[k + 2] - xs[k];
            let mass = |f: &[f64]| width * (f[k] + 4.0 * f[k + 1] + f[k + 2]) / 6.0;
            let ratio = |j: usize| Interval::point((fq[j] / fp[j]).ln());
            used += mass(&fp);
            bins.push(Bin {
                p: Interval::point(mass(&fp)),
                q: Interval::point(mass(&fq)),
                log_ratio: ratio(k).hull(ratio(k + 1)).hull(ratio(k + 2)),
            });
        }
    }
    Binned { bins, p_outside: (1.0 - used).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergences::{Divergence, between_gaussian_products, lattice_for, tv_bracket};
    use crate::laws::GaussianLaw;
    use crate::targets::Gaussian;

    fn one(m: f64, v: f64) -> Mixture1 {
        Mixture1 { weights: vec![1.0], means: vec![m], variances: vec![v] }
    }

    #[test]
    fn the_bins_hold_all_the_mass() {
        let two = Mixture1 { weights: vec![0.3, 0.7], means: vec![-1.0, 1.0], variances: vec![0.5, 1.2] };
        for (q, p) in [(one(0.1, 1.2), one(0.0, 1.0)), (two, one(0.0, 1.0))] {
            let binned = closed(&q, &p);
            let mass = |of: &dyn Fn(&Bin) -> Interval| binned.bins.iter().map(of).sum::<Interval>();
            let (under_p, under_q) = (mass(&|b| b.p), mass(&|b| b.q));
            for sum in [under_p, under_q] {
                assert!(sum.widen(binned.p_outside).contains(1.0) && sum.width() < 1e-9, "{sum}");
            }
        }
    }

    /// Products of N(0.1, 1.2) against N(0, 1): the Gaussian engine knows their total variation to all digits.
    #[test]
    fn the_bracket_holds_the_gaussian_value() {
        for copies in [1_u64, 3, 8] {
            let (q, p) = (one(0.1, 1.2), one(0.0, 1.0));
            let law = |m: f64, v: f64| GaussianLaw::exact(&Gaussian::scalar(m, v).unwrap());
            let (a, b) = (law(0.1, 1.2), law(0.0, 1.0));
            let exact = between_gaussian_products(Divergence::Tv, &[(&a, &b, copies)]).unwrap().value;
            let binned = closed(&q, &p);
            let (spacing, length) = lattice_for(&[(&binned, copies)]);
            let bracket = tv_bracket(&[(&binned, copies)], spacing, length);
            assert!(bracket.lo() <= exact.lo() && exact.hi() <= bracket.hi(), "{copies}: {bracket} misses {exact}");
            assert!(bracket.width() < 1e-7, "{copies}: {bracket}");
        }
    }
}
