//! Lower bounds of divergences by data processing: the two laws projected onto a line and cut into bins.
//!
//! ```text
//! D(q, p) >= D(q o T^-1, p o T^-1),    T = the bin in which u.x lies
//! ```
//! Masses of bins are differences of normal distribution functions at enclosed parameters, so that nothing has to be said about
//! the rounding of a projection. As a sum of non-negative terms each divergence of the bins is bounded term by term.

use super::parts::{Parts, Seen};
use crate::numerics::Interval;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Edges of bins around every component, in standard deviations.
const REACH: f64 = 9.0;
/// Edges per standard deviation, while choosing among lines and on the chosen ones.
const COARSE: f64 = 1.0;
const FINE: f64 = 12.0;
/// Up to this dimension every coordinate is a candidate, and up to it covariances are taken apart.
const MODERATE: usize = 32;
/// The most lines that are tried.
const MOST_LINES: usize = 160;

/// Lower bounds of the f-divergences of one pair.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lower {
    pub(super) tv: f64,
    pub(super) kl: f64,
    pub(super) kl_reverse: f64,
    pub(super) chi: f64,
    pub(super) hellinger: f64,
}

impl Lower {
    fn values(self) -> [f64; 5] {
        [self.tv, self.kl, self.kl_reverse, self.chi, self.hellinger]
    }

    fn or(self, other: Self) -> Self {
        Self {
            tv: self.tv.max(other.tv),
            kl: self.kl.max(other.kl),
            kl_reverse: self.kl_reverse.max(other.kl_reverse),
            chi: self.chi.max(other.chi),
            hellinger: self.hellinger.max(other.hellinger),
        }
    }
}

/// The best lower bounds over the lines tried.
///
/// # Promise
/// None of the bounds is above its divergence.
pub(super) fn lower_bounds(q: &Parts, p: &Parts) -> Lower {
    let mut tried: Vec<(DVector<f64>, Lower)> = lines(q, p)
        .into_iter()
        .map(|u| {
            let bound = binned(&q.along(&u), &p.along(&u), COARSE);
            (u, bound)
        })
        .collect();
    let best = |tried: &[(DVector<f64>, Lower)], which: usize| {
        tried.iter().max_by(|a, b| a.1.values()[which].total_cmp(&b.1.values()[which])).map(|t| t.0.clone())
    };
    // The best line of all, turned towards the others.
    for which in [0, 4] {
        for turn in [0.6, 0.3, 0.15] {
            let Some(centre) = best(&tried, which) else { break };
            let others: Vec<DVector<f64>> = tried.iter().take(2 * MODERATE).map(|t| t.0.clone()).collect();
            for sign in [-1.0, 1.0] {
                for other in &others {
                    if let Some(u) = unit(&centre + other * (sign * turn)) {
                        let bound = binned(&q.along(&u), &p.along(&u), COARSE);
                        tried.push((u, bound));
                    }
                }
            }
        }
    }
    let chosen = (0..5).filter_map(|which| best(&tried, which));
    chosen.fold(Lower::default(), |so_far, u| so_far.or(binned(&q.along(&u), &p.along(&u), FINE)))
}

/// A vector of length about 1; `None` for none at all.
pub(super) fn unit(v: DVector<f64>) -> Option<DVector<f64>> {
    let norm = v.norm();
    (norm > 0.0 && norm.is_finite()).then(|| v / norm)
}

/// The lines worth trying: through means, along eigenvectors of differences of covariances, along coordinates.
pub(super) fn lines(q: &Parts, p: &Parts) -> Vec<DVector<f64>> {
    let d = q.dim();
    let mut found: Vec<DVector<f64>> = Vec::new();
    let all: Vec<_> = q.components.iter().chain(&p.components).collect();
    let mean = |parts: &Parts| -> DVector<f64> {
        let weights = parts.plain_weights();
        weights.iter().zip(&parts.components).fold(DVector::zeros(d), |sum, (w, c)| sum + &c.mean * *w)
    };
    let moved = mean(q) - mean(p);
    found.extend(unit(moved.clone()));
    if d <= MODERATE {
        let cov = |parts: &Parts| -> DMatrix<f64> {
            let centre = mean(parts);
            let weights = parts.plain_weights();
            weights.iter().zip(&parts.components).fold(DMatrix::zeros(d, d), |sum, (w, c)| {
                let shift = &c.mean - &centre;
                sum + (c.cov_matrix() + &shift * shift.transpose()) * *w
            })
        };
        let (a, b) = (cov(q), cov(p));
        // Fisher's direction, and the eigenvectors of S_p^-1 S_q in whitened coordinates.
        if let Some(factor) = b.clone().cholesky() {
            found.extend(unit(factor.solve(&moved)));
            let l = factor.l();
            if let Some(half) = l.solve_lower_triangular(&a)
                && let Some(e) = l.solve_lower_triangular(&half.transpose())
            {
                let vectors = SymmetricEigen::new((&e + e.transpose()) * 0.5).eigenvectors;
                let back = l.transpose().solve_upper_triangular(&vectors);
                found.extend(back.iter().flat_map(|m| m.column_iter().map(|c| c.into_owned())).filter_map(unit));
            }
        }
        for i in 0..q.len().min(8) {
            for j in 0..p.len().min(8) {
                let difference = q.components[i].cov_matrix() - p.components[j].cov_matrix();
                if difference.iter().any(|x| *x != 0.0) {
                    let vectors = SymmetricEigen::new(difference).eigenvectors;
                    found.extend(vectors.column_iter().map(|c| c.into_owned()).filter_map(unit));
                }
            }
        }
        found.extend((0..d).map(|i| DVector::from_fn(d, |j, _| f64::from(u8::from(i == j)))));
    }
    for (i, a) in all.iter().enumerate() {
        found.extend(all[..i].iter().filter_map(|b| unit(&a.mean - &b.mean)));
    }
    let mut kept: Vec<DVector<f64>> = Vec::new();
    for u in found {
        if kept.len() < MOST_LINES && kept.iter().all(|v| u.dot(v).abs() < 1.0 - 1e-12) {
            kept.push(u);
        }
    }
    kept
}

/// Lower bounds from the bins of one line.
fn binned(q: &[Seen], p: &[Seen], per_deviation: f64) -> Lower {
    let count = (REACH * per_deviation) as i32;
    let mut edges: Vec<f64> = q
        .iter()
        .chain(p)
        .flat_map(|c| {
            let (m, s) = (c.mean.mid(), c.variance.mid().max(0.0).sqrt());
            (-count..=count).map(move |k| m + s * f64::from(k) / per_deviation)
        })
        .filter(|e| e.is_finite())
        .collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let (q, p) = (masses(q, &edges), masses(p, &edges));
    let (mut up, mut down) = (Interval::ZERO, Interval::ZERO);
    let mut total = [Interval::ZERO; 4];
    for (&a, &b) in q.iter().zip(&p) {
        // The nearest masses the two enclosures allow.
        let (a, b) = match () {
            () if a.lo() > b.hi() => (Interval::point(a.lo()), Interval::point(b.hi())),
            () if a.hi() < b.lo() => (Interval::point(a.hi()), Interval::point(b.lo())),
            () => continue,
        };
        let gap = a - b;
        if gap.lo() > 0.0 {
            up += gap
        } else {
            down -= gap
        }
        for (sum, term) in total.iter_mut().zip([
            excess(a, b),
            excess(b, a),
            if b.lo() > 0.0 { gap.sqr() / b } else { Interval::ZERO },
            (a.sqrt() - b.sqrt()).sqr() * 0.5,
        ]) {
            *sum += Interval::point(term.lo().max(0.0));
        }
    }
    let [kl, kl_reverse, chi, hellinger] = total.map(|t| if t.lo().is_finite() { t.lo() } else { f64::MAX });
    Lower { tv: up.lo().max(down.lo()).clamp(0.0, 1.0), kl, kl_reverse, chi, hellinger: hellinger.clamp(0.0, 1.0) }
}

/// `a ln(a/b) - a + b`, which is not negative; 0 where the logarithm says nothing.
fn excess(a: Interval, b: Interval) -> Interval {
    if a.lo() <= 0.0 {
        return b;
    }
    if b.lo() <= 0.0 {
        return Interval::ZERO;
    }
    a * (a / b).ln() - (a - b)
}

/// The masses of the bins between consecutive edges and beyond the outermost two.
fn masses(law: &[Seen], edges: &[f64]) -> Vec<Interval> {
    let mut bins = vec![Interval::ZERO; edges.len() + 1];
    for c in law {
        let sd = c.variance.max(Interval::ZERO).sqrt();
        if sd.lo() <= 0.0 {
            return vec![Interval::new(0.0, 1.0); edges.len() + 1];
        }
        // From the tail in which differences do not cancel.
        let tail = |e: f64, side: f64| (((Interval::point(e) - c.mean) / sd) * side).normal_cdf();
        let centre = c.mean.mid();
        let mut last: Option<(f64, Interval, Interval)> = None;
        for (k, &e) in edges.iter().enumerate() {
            let (below, above) = (tail(e, 1.0), tail(e, -1.0));
            let mass = match last {
                None => below,
                Some((from, _, before)) if from >= centre => before - above,
                Some((_, before, _)) => below - before,
            };
            bins[k] += mass.max(Interval::ZERO) * c.weight;
            last = Some((e, below, above));
        }
        bins[edges.len()] += last.map_or(Interval::ONE, |l| l.2) * c.weight;
    }
    bins
}
