//! Lower bounds of L in R^d: the Hessian of ln p at a few places (LLT-20).

use super::metric::{Metric, difference, norm_sqr};
use super::side::Side;
use crate::numerics::{Interval, IntervalSum};
use crate::targets::Gaussian;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Beyond this dimension, or this many components, no place is looked at.
const MOST: (usize, usize) = (64, 12);

/// Halvings in the search for the place where two components balance.
const HALVINGS: usize = 30;

/// Places scanned to either side of a mean, and how many standard deviations of the widest component they cover.
const PLACES: i32 = 150;
const SCANNED: f64 = 9.0;

/// The golden section of 1.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// One component: its weight, law and metric.
pub(super) type Part<'a> = (Interval, &'a Gaussian, &'a Metric);

/// `L >= |v^T Hess ln p(x) v|/|v|^2` for x the means and, between each two of them, the middle and the place where the two
/// components balance; v is the direction in which the Hessian there is largest, found in plain floating point.
pub(super) fn lower(parts: &[Part<'_>]) -> Option<Side> {
    let d = parts.first()?.1.dim();
    if d > MOST.0 || parts.len() > MOST.1 {
        return None;
    }
    let precisions: Vec<DMatrix<f64>> =
        parts.iter().map(|(_, g, _)| g.cov_matrix().try_inverse()).collect::<Option<_>>()?;
    let best = places(parts).iter().map(|x| at(parts, &precisions, x)).fold(0.0, f64::max);
    Some(Side::proved(best, "LLT-20: the Hessian of ln p at one place"))
}

/// The same for places on the lines through two means, far beyond both, the best of them refined; for concentric components
/// along the diagonal.
pub(super) fn search(parts: &[Part<'_>]) -> Option<f64> {
    let d = parts.first()?.1.dim();
    let precisions: Vec<DMatrix<f64>> =
        parts.iter().map(|(_, g, _)| g.cov_matrix().try_inverse()).collect::<Option<_>>()?;
    let mut best = lower(parts)?.value;
    for (i, j) in super::decomposition::pairs(parts.len()) {
        let (a, b) = (&parts[i].1.mean, &parts[j].1.mean);
        let apart = a.metric_distance(b);
        let v = if apart > 0.0 { (b - a) / apart } else { DVector::from_element(d, 1.0 / (d as f64).sqrt()) };
        let widest = parts.iter().map(|(_, _, metric)| metric.eigenvalues().1.hi()).fold(0.0, f64::max).sqrt();
        let reach = SCANNED * widest + apart;
        let value = |t: f64| at(parts, &precisions, &(a + &v * t));
        let grid = |k: i32| reach * f64::from(k) / f64::from(PLACES);
        let place = (-PLACES..=PLACES).map(grid).map(|t| (value(t), t)).max_by(|x, y| x.0.total_cmp(&y.0))?;
        // Golden section between the neighbours of the best place.
        let (mut lo, mut hi) = (place.1 - grid(1), place.1 + grid(1));
        best = best.max(place.0);
        for _ in 0..HALVINGS {
            let (x, y) = (hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo));
            let (at_x, at_y) = (value(x), value(y));
            best = best.max(at_x).max(at_y);
            if at_x > at_y { hi = y } else { lo = x }
        }
    }
    Some(best)
}

/// The means, the middles between them, and where two components balance.
fn places(parts: &[Part<'_>]) -> Vec<DVector<f64>> {
    let mean = |i: usize| &parts[i].1.mean;
    let mut found: Vec<DVector<f64>> = (0..parts.len()).map(|i| mean(i).clone()).collect();
    for (i, j) in super::decomposition::pairs(parts.len()) {
        let on = |t: f64| mean(i) * (1.0 - t) + mean(j) * t;
        let ahead = |t: f64| ln_density(&parts[i], &on(t)).mid() > ln_density(&parts[j], &on(t)).mid();
        let (mut a, mut b) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let t = 0.5 * (a + b);
            if ahead(t) { a = t } else { b = t }
        }
        found.extend([on(0.5), on(a)]);
    }
    found
}

/// The logarithm of the weighted density of one component, up to a constant common to all.
fn ln_density((weight, g, metric): &Part<'_>, x: &DVector<f64>) -> Interval {
    weight.ln() - (metric.ln_det() + metric.length_sqr(&difference(x.as_slice(), g.mean.as_slice()))) * 0.5
}

/// The bound at x:
///
/// ```text
/// -Hess ln p = sum_i g_i Sigma_i^-1 - Cov_g(s_i),     s_i = Sigma_i^-1 (x - mu_i),     g_i the responsibilities
/// ```
fn at(parts: &[Part<'_>], precisions: &[DMatrix<f64>], x: &DVector<f64>) -> f64 {
    let d = x.len();
    let (shares, slopes) = germ(parts, x);
    let plain: Vec<DVector<f64>> =
        slopes.iter().map(|s| DVector::from_iterator(d, s.iter().map(|y| y.mid()))).collect();
    let each = || shares.iter().map(|g| g.mid()).zip(&plain);
    let centre = each().fold(DVector::zeros(d), |sum, (g, s)| sum + s * g);
    let mut hessian = DMatrix::zeros(d, d);
    for ((g, s), precision) in each().zip(precisions) {
        let gap = s - &centre;
        hessian += (precision - &gap * gap.transpose()) * g;
    }
    if hessian.iter().any(|x| !x.is_finite()) {
        return 0.0;
    }
    let eigen = SymmetricEigen::new(hessian);
    let steepest = eigen.eigenvalues.iamax();
    let v: Vec<f64> = eigen.eigenvectors.column(steepest).iter().copied().collect();
    let quotient = bend_along(parts, x, &v);
    quotient.lo().max(-quotient.hi()).max(0.0)
}

/// `-v^T Hess ln p(x) v/|v|^2`, enclosed.
pub(super) fn bend_along(parts: &[Part<'_>], x: &DVector<f64>, v: &[f64]) -> Interval {
    let (shares, slopes) = germ(parts, x);
    let v: Vec<Interval> = v.iter().map(|&y| Interval::point(y)).collect();
    let dot = |y: &[Interval]| y.iter().zip(&v).map(|(&a, &b)| a * b).collect::<IntervalSum>().value();
    let own: Interval = shares.iter().zip(parts).map(|(&g, (_, _, metric))| g * dot(&metric.solve(&v))).sum();
    // The variance about a number near the mean, less the square of what that misses.
    let along: Vec<Interval> = slopes.iter().map(|s| dot(s)).collect();
    let near = shares.iter().zip(&along).map(|(&g, &a)| g * a).sum::<Interval>().mid();
    let moment = |n: i32| shares.iter().zip(&along).map(|(&g, &a)| g * (a - near).powi(n)).sum::<Interval>();
    (own - (moment(2) - moment(1).sqr())) / norm_sqr(&v)
}

/// The responsibilities of the components at x, and the slopes of their potentials.
fn germ(parts: &[Part<'_>], x: &DVector<f64>) -> (Vec<Interval>, Vec<Vec<Interval>>) {
    let ln: Vec<Interval> = parts.iter().map(|part| ln_density(part, x)).collect();
    let share = |i: usize| 1.0 / ln.iter().map(|&other| (other - ln[i]).exp()).sum::<Interval>();
    let shares: Vec<Interval> = (0..parts.len()).map(share).collect();
    let slopes =
        parts.iter().map(|(_, g, metric)| metric.solve(&difference(x.as_slice(), g.mean.as_slice()))).collect();
    (shares, slopes)
}
