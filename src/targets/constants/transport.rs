//! The numbers `T_ij` with `(E_i f - E_j f)^2 <= T_ij E_p |grad f|^2` (LLT-19).

use super::cholesky::Factor;
use super::decomposition::symmetric;
use super::metric::{Metric, difference, norm_sqr};
use super::panels::Panels;
use crate::numerics::{Interval, Jet};
use crate::targets::{Covariance, Gaussian, Line};

/// Up to this many components the integral is computed for every pair, beyond that for neighbours only.
const ALL_PAIRS: usize = 8;

/// Upper bounds of `T_ij = int (F_i - F_j)^2/p` for pairs of components on the line; infinite for pairs left out, which a
/// path over neighbours makes good.
///
/// Beyond the panels `(S_i - S_j)^2/p <= S_i^2/(w_i p_i) + S_j^2/(w_j p_j)`, and with Mills' bound `S <= p sigma^2/(x - mu)`
/// twice, each integral is at most `sigma^2 S(R)/(w z^2)`, `z = (R - mu)/sigma`.
pub(super) fn on_the_line(line: &Line, panels: &Panels) -> Vec<Vec<f64>> {
    let k = line.components();
    let cdf = |upper: bool| -> Vec<Vec<[Jet; 2]>> {
        let of = |i: usize| panels.map(|x| line.component_cdf_jet(i, x, upper));
        (0..k).map(of).collect()
    };
    let (lower_parts, upper_parts) = (cdf(false), cdf(true));
    let inverse = panels.map(|x| line.inverse_density_jet(x));
    let (a, b) = panels.ends();
    let tail = |i: usize| {
        let at = |end: f64, mass: Interval| {
            let z2 = (end - line.means[i]).sqr() * line.precisions[i];
            line.variances[i] * mass / (line.weights[i] * z2)
        };
        at(a, line.component_cdf(i, Interval::point(a))) + at(b, line.component_sf(i, Interval::point(b)))
    };
    let tails: Vec<Interval> = (0..k).map(tail).collect();
    let rank = |i: usize| (0..k).filter(|&j| (line.means[j].mid(), j) < (line.means[i].mid(), i)).count();
    let ranks: Vec<usize> = (0..k).map(rank).collect();
    symmetric(k, |i, j| {
        if k > ALL_PAIRS && ranks[i].abs_diff(ranks[j]) > 1 {
            return f64::INFINITY;
        }
        let middle = 0.5 * (line.means[i].mid() + line.means[j].mid());
        let integral = panels.integrate(|cell, side| {
            let parts = if panels.is_left_of(cell, middle) { &lower_parts } else { &upper_parts };
            (&parts[i][cell][side] - &parts[j][cell][side]).sqr() * &inverse[cell][side]
        });
        (integral + tails[i] + tails[j]).hi()
    })
}

/// Components in the order of their means at distances of at least `sqrt T` between neighbours, T by [`by_chi2`].
pub(super) fn positions(line: &Line) -> Vec<f64> {
    let k = line.components();
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&i, &j| line.means[i].mid().total_cmp(&line.means[j].mid()));
    let mut positions = vec![0.0; k];
    for pair in order.windows(2) {
        let (i, j) = (pair[0], pair[1]);
        let price = |q: usize, p: usize| {
            let exponent = ln_chi2(line.means[q] - line.means[p], line.variances[q], line.variances[p]);
            exponent.map_or(f64::INFINITY, |x| (x.exp_m1() * line.variances[p] / line.weights[p]).hi())
        };
        let step = Interval::point(price(i, j).min(price(j, i)).max(0.0)).sqrt();
        positions[j] = (Interval::point(positions[i]) + step).hi();
    }
    positions
}

/// Upper bounds of `T_ij <= (|mu_i - mu_j|^2/D^2) T_1` for components with one common covariance in R^d, where
/// `T_1 = int (Phi(x) - Phi(x - D))^2/(w_i phi(x) + w_j phi(x - D))`, D the whitened distance.
pub(super) fn common_covariance(weights: [Interval; 2], distance_sqr: Interval, whitened_sqr: Interval) -> f64 {
    if whitened_sqr.hi() == 0.0 {
        return 0.0;
    }
    let line =
        Line::new(weights.to_vec(), vec![Interval::ZERO, whitened_sqr.sqrt()], vec![Interval::ONE, Interval::ONE]);
    let Some(panels) = Panels::of(&line) else { return f64::INFINITY };
    // The line's weights are normalised, those of the integral are not.
    let t = Interval::point(on_the_line(&line, &panels)[1][0]) / (weights[0] + weights[1]);
    (t * distance_sqr / whitened_sqr).hi()
}

/// `T_ij <= chi2(p_i || p_j) C_j/w_j`, either way round, or through a Gaussian r between the two:
/// `sqrt T_ij <= sqrt(chi2(r || p_i) C_i/w_i) + sqrt(chi2(r || p_j) C_j/w_j)`.
pub(super) fn by_chi2(first: (Interval, &Gaussian, &Metric), second: (Interval, &Gaussian, &Metric)) -> f64 {
    let price = |(w, _, metric): (Interval, &Gaussian, &Metric)| metric.eigenvalues().1 / w;
    let to = |q: &Gaussian, p: (Interval, &Gaussian, &Metric)| chi2(q, p.1) * price(p);
    let mut best = to(first.1, second).hi().min(to(second.1, first).hi());
    if let Some(between) = bridge(first.1, second.1) {
        let path = (to(&between, first).sqrt() + to(&between, second).sqrt()).sqr();
        best = best.min(path.hi());
    }
    best
}

/// The Gaussian with twice the parallel sum of the covariances (it is below twice either of them) and the mean weighted by
/// precision. Rounding does no harm: any Gaussian is a valid bridge.
fn bridge(a: &Gaussian, b: &Gaussian) -> Option<Gaussian> {
    let dense = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    if !dense(a) && !dense(b) {
        let d = a.dim();
        let variances = (0..d).map(|i| 2.0 / (1.0 / a.variance(i) + 1.0 / b.variance(i)));
        let mean = (0..d).map(|i| {
            let (p, q) = (1.0 / a.variance(i), 1.0 / b.variance(i));
            (p * a.mean[i] + q * b.mean[i]) / (p + q)
        });
        let mean = nalgebra::DVector::from_iterator(d, mean);
        return Gaussian::new(mean, Covariance::Diagonal(nalgebra::DVector::from_iterator(d, variances))).ok();
    }
    let (p, q) = (a.cov_matrix().try_inverse()?, b.cov_matrix().try_inverse()?);
    let parallel = (&p + &q).try_inverse()?;
    let mean = &parallel * (&p * &a.mean + &q * &b.mean);
    let cov = &parallel + parallel.transpose();
    Gaussian::new(mean, Covariance::Dense(cov)).ok()
}

/// `chi2(q || p)` of two Gaussians from above and below; `[_, +inf]` unless `2 Sigma_p - Sigma_q` is proved positive
/// definite (LLT-0).
///
/// ```text
/// 1 + chi2 = det(S_p) / sqrt(det S_q det(2 S_p - S_q)) exp( (m_q - m_p)^T (2 S_p - S_q)^-1 (m_q - m_p) )
/// ```
pub(super) fn chi2(q: &Gaussian, p: &Gaussian) -> Interval {
    let shift = difference(q.mean.as_slice(), p.mean.as_slice());
    let unbounded = Interval::new(0.0, f64::INFINITY);
    let dense = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    let exponent = if dense(q) || dense(p) {
        let (sq, sp) = (q.cov_matrix(), p.cov_matrix());
        let of = |entry: &dyn Fn(usize, usize) -> Interval| Factor::new(q.dim(), entry);
        let Some(fq) = of(&|i, j| Interval::point(sq[(i, j)])) else { return unbounded };
        let Some(fp) = of(&|i, j| Interval::point(sp[(i, j)])) else { return unbounded };
        let Some(gap) = of(&|i, j| Interval::point(2.0 * sp[(i, j)]) - sq[(i, j)]) else { return unbounded };
        fp.ln_det() - (fq.ln_det() + gap.ln_det()) * 0.5 + norm_sqr(&gap.whiten(&shift))
    } else {
        let mut sum = Interval::ZERO;
        for (i, m) in shift.iter().enumerate() {
            let (vq, vp) = (Interval::point(q.variance(i)), Interval::point(p.variance(i)));
            let Some(own) = ln_chi2(*m, vq, vp) else { return unbounded };
            sum += own;
        }
        sum
    };
    exponent.exp_m1().clamp(0.0, f64::INFINITY)
}

/// `ln(1 + chi2(N(m, vq) || N(0, vp)))`; `None` when it is not known to be finite.
fn ln_chi2(m: Interval, vq: Interval, vp: Interval) -> Option<Interval> {
    let gap = vp * 2.0 - vq;
    (gap.lo() > 0.0).then(|| m.sqr() / gap - (vq / vp * (2.0 - vq / vp)).ln() * 0.5)
}
