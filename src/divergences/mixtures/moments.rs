//! W2 between mixtures: Gelbrich's bound and projections from below, a coupling of the components from above.
//!
//! ```text
//! max(W2(N(m_q, S_q), N(m_p, S_p)), W2 of u.x/|u|)  <=  W2(q, p),      W2(q, p)^2  <=  sum w_ij W2(Q_i, P_j)^2
//! ```

use super::coupling::Couplings;
use super::parts::{Parts, Seen, cov_entry};
use super::shadow::{lines, unit};
use crate::divergences::{Divergence, gaussian, line};
use crate::laws::{DenseGaussian, GaussianLaw};
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source};
use crate::targets::Mixture1;
use nalgebra::{DMatrix, DVector};

/// A line is taken when its rough distance exceeds what the moments give by this factor.
const WORTH: f64 = 1.01;
/// A rough distance below this part of the upper bound is none.
const NOTHING: f64 = 1e-3;
/// Beyond this dimension covariances of mixtures are not formed.
const MOST_DIMENSIONS: usize = 500;

/// W2(q, p).
///
/// # Promise
/// Contains the distance.
pub(super) fn w2(q: &Parts, p: &Parts) -> Measured {
    let upper = coupled(q, p);
    let by_moments = gelbrich(q, p);
    let lower = by_moments.max(projected(q, p, by_moments, upper)).min(upper);
    let value = Interval::new(lower, upper);
    let why = "gap between moments and projections, from below, and a coupling of the components, from above";
    Measured::enclosed(value, Ledger::new().bounded(Source::Discretisation, value.width(), why))
}

/// An upper bound from one coupling: an approximate one, shrunk until no weight is exceeded; the rest is coupled somehow.
fn coupled(q: &Parts, p: &Parts) -> f64 {
    let couplings = Couplings::new(q, p);
    let table = couplings.table(Divergence::W2);
    let cost: Vec<Vec<Interval>> = table.iter().map(|row| row.iter().map(|d| d.sqr()).collect()).collect();
    let plan = couplings.cheapest(&cost);
    let mut shrink = Interval::ONE;
    for (row, &weight) in plan.iter().zip(&q.weights) {
        shrink = shrink.min(share(weight, row.iter().map(|&x| Interval::point(x)).sum()));
    }
    for (j, &weight) in p.weights.iter().enumerate() {
        shrink = shrink.min(share(weight, plan.iter().map(|row| Interval::point(row[j])).sum()));
    }
    let shrink = Interval::point(shrink.lo());
    let (mut sum, mut mass, mut most) = (Interval::ZERO, Interval::ZERO, 0.0_f64);
    for (row, costs) in plan.iter().zip(&cost) {
        for (&x, c) in row.iter().zip(costs) {
            most = most.max(c.hi());
            mass += shrink * x;
            if x > 0.0 {
                sum += shrink * x * c.hi();
            }
        }
    }
    let rest = (1.0 - mass).max(Interval::ZERO).hi();
    (sum + Interval::point(rest) * most).sqrt().hi()
}

fn share(weight: Interval, sum: Interval) -> Interval {
    if sum.hi() > 0.0 { weight / sum } else { Interval::ONE }
}

/// W2 of the Gaussians with the moments of the two laws.
fn gelbrich(q: &Parts, p: &Parts) -> f64 {
    if q.dim() > MOST_DIMENSIONS {
        return 0.0;
    }
    gaussian::between(Divergence::W2, &moments(q), &moments(p)).map_or(0.0, |m| m.value.lo().max(0.0))
}

/// The Gaussian with the mean and covariance of a mixture, both with their errors.
fn moments(parts: &Parts) -> GaussianLaw {
    let d = parts.dim();
    let weighted = |f: &dyn Fn(usize) -> Interval| {
        (0..parts.len()).map(|k| parts.weights[k] * f(k)).collect::<IntervalSum>().value()
    };
    let mean: Vec<Interval> = (0..d).map(|i| weighted(&|k| parts.components[k].mean_enclosed(i))).collect();
    let mut cov = vec![vec![Interval::ZERO; d]; d];
    for i in 0..d {
        for j in 0..=i {
            let entry = weighted(&|k| {
                let g = &parts.components[k];
                cov_entry(g, i, j) + (g.mean_enclosed(i) - mean[i]) * (g.mean_enclosed(j) - mean[j])
            });
            (cov[i][j], cov[j][i]) = (entry, entry);
        }
    }
    let error = |entries: &mut dyn Iterator<Item = &Interval>| {
        entries.map(|x| Interval::point(x.width()).sqr()).sum::<Interval>().sqrt().hi()
    };
    GaussianLaw::Dense(DenseGaussian {
        mean_error: error(&mut mean.iter()),
        cov_error: error(&mut cov.iter().flatten()),
        mean: DVector::from_iterator(d, mean.iter().map(|x| x.mid())),
        cov: DMatrix::from_fn(d, d, |i, j| cov[i][j].mid()),
    })
}

/// The distance on the line on which it seems largest: projections onto a line are 1-Lipschitz. Nothing is computed when that
/// promises little beyond what is known.
fn projected(q: &Parts, p: &Parts, known: f64, upper: f64) -> f64 {
    let rough = |u: DVector<f64>| (quantiles_apart(&q.along(&u), &p.along(&u)), u);
    let mut candidates: Vec<(f64, DVector<f64>)> = lines(q, p).into_iter().map(rough).collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let [(_, u), (_, v), ..] = &candidates[..] {
        let turned: Vec<_> = [-0.4, -0.2, 0.2, 0.4].iter().filter_map(|t| unit(u + v * *t)).map(rough).collect();
        candidates.extend(turned);
    }
    match candidates.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((far, u)) if far > (WORTH * known).max(NOTHING * upper) => on_line(&q.along(&u), &p.along(&u), &u),
        _ => 0.0,
    }
}

/// A rough W2 on the line, from 39 quantiles.
fn quantiles_apart(q: &[Seen], p: &[Seen]) -> f64 {
    let plain = |law: &[Seen]| Mixture1 {
        weights: law.iter().map(|c| c.weight.mid()).collect(),
        means: law.iter().map(|c| c.mean.mid()).collect(),
        variances: law.iter().map(|c| c.variance.mid()).collect(),
    };
    let (q, p) = (plain(q), plain(p));
    let quantile = |law: &Mixture1, level: f64| {
        let reach = |sign: f64| law.means.iter().zip(&law.variances).map(move |(m, v)| m + sign * 9.0 * v.sqrt());
        let (mut lo, mut hi) =
            (reach(-1.0).fold(f64::INFINITY, f64::min), reach(1.0).fold(f64::NEG_INFINITY, f64::max));
        for _ in 0..30 {
            let middle = 0.5 * (lo + hi);
            if law.cdf(middle) < level { lo = middle } else { hi = middle }
        }
        lo
    };
    let square = |k: i32| (quantile(&q, f64::from(k) / 40.0) - quantile(&p, f64::from(k) / 40.0)).powi(2);
    ((1..40).map(square).sum::<f64>() / 39.0).sqrt()
}

/// A lower bound of W2 from the projections onto one line.
///
/// The line engine takes plain numbers; each component is moved to them, which costs at most
/// `max_i sqrt(dm_i^2 + dsd_i^2)` on either side, and so are the weights.
fn on_line(q: &[Seen], p: &[Seen], u: &DVector<f64>) -> f64 {
    let plain = |law: &[Seen]| -> Option<(Mixture1, Interval)> {
        let mut mixture = Mixture1 { weights: Vec::new(), means: Vec::new(), variances: Vec::new() };
        let mut moved = Interval::ZERO;
        for c in law {
            if c.variance.lo() <= 0.0 {
                return None;
            }
            let (m, v) = (c.mean.mid(), c.variance.mid());
            let spread = c.variance.sqrt() - Interval::point(v).sqrt();
            moved = moved.max(((c.mean - m).sqr() + spread.sqr()).sqrt());
            mixture.weights.push(c.weight.mid());
            mixture.means.push(m);
            mixture.variances.push(v);
        }
        // Moving a mass e costs the square at most 2 e (E|x|^2 + E|y|^2) under the normalised components, wherever it goes.
        let sum: Interval = mixture.weights.iter().map(|&w| Interval::point(w)).sum();
        let stray: Interval =
            law.iter().zip(&mixture.weights).map(|(c, &w)| (Interval::point(w) / sum - c.weight).abs()).sum();
        let centre = mixture.means[0];
        let widest = law.iter().map(|c| ((c.mean - centre).sqr() + c.variance).hi()).fold(0.0, f64::max);
        Some((mixture, Interval::point(moved.hi()) + (stray * widest * 4.0).sqrt().hi()))
    };
    let (Some((a, from)), Some((b, to))) = (plain(q), plain(p)) else { return 0.0 };
    let length = u.iter().map(|&x| Interval::point(x).sqr()).collect::<IntervalSum>().value().sqrt();
    let found = line::between_closed(Divergence::W2, &a, &b).value;
    ((Interval::point(found.lo()) - from - to) / length).lo().max(0.0)
}
