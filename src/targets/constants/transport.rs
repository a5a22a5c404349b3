//! The numbers `T_ij` with `(E_i f - E_j f)^2 <= T_ij E_p |grad f|^2` (LLT-19).

use super::cholesky::Factor;
use super::decomposition::symmetric;
use super::metric::{Metric, difference, norm_sqr};
use crate::numerics::{Interval, Jet, integrate_over};
use crate::targets::{Covariance, Gaussian, Line};

/// Standard deviations after which the tails of a transport integral are bounded instead of integrated.
const CUT: f64 = 9.0;

/// Relative accuracy asked of the integrals.
const RELATIVE: f64 = 1e-13;

/// Upper bounds of `T_ij = int (F_i - F_j)^2/p` for all pairs of components on the line.
pub(super) fn on_the_line(line: &Line) -> Vec<Vec<f64>> {
    symmetric(line.components(), |i, j| pair_on_the_line(line, i, j))
}

/// `int (F_i - F_j)^2/p` from above. Right of the cut `(S_i - S_j)^2/p <= S_i^2/(w_i p_i) + S_j^2/(w_j p_j)`, and with
/// Mills' bound `S <= p sigma^2/(x - mu)` twice, each integral is at most `sigma^2 S(R)/(w z^2)`, `z = (R - mu)/sigma`.
fn pair_on_the_line(line: &Line, i: usize, j: usize) -> f64 {
    let ends = |k: usize, side: f64| (line.means[k] + line.variances[k].sqrt() * (side * CUT)).mid();
    let (a, b) = (ends(i, -1.0).min(ends(j, -1.0)), ends(i, 1.0).max(ends(j, 1.0)));
    let middle = 0.5 * (line.means[i].mid() + line.means[j].mid());
    let mut tails = Interval::ZERO;
    for k in [i, j] {
        for (end, mass) in
            [(a, line.component_cdf(k, Interval::point(a))), (b, line.component_sf(k, Interval::point(b)))]
        {
            let z2 = (end - line.means[k]).sqr() / line.variances[k];
            tails += line.variances[k] * mass / (line.weights[k] * z2);
        }
    }
    let integrand = |upper: bool| {
        move |x: &Jet| {
            let gap = line.component_cdf_jet(i, x, upper) - line.component_cdf_jet(j, x, upper);
            gap.sqr() / line.density_jet(x)
        }
    };
    // A coarse sum finds the scale of the tolerance.
    let plain = |x: f64| {
        let x = Interval::point(x);
        let gap = if x.lo() < middle {
            line.component_cdf(i, x) - line.component_cdf(j, x)
        } else {
            line.component_sf(i, x) - line.component_sf(j, x)
        };
        (gap.sqr() / line.density(x)).mid()
    };
    let cells = 512;
    let width = (b - a) / f64::from(cells);
    let scale = (0..cells).map(|c| plain(a + (f64::from(c) + 0.5) * width) * width).sum::<f64>();
    let middle = middle.clamp(a, b);
    let pieces = |from: f64, to: f64| -> Vec<f64> {
        let n = 12;
        (0..=n).map(|c| if c == n { to } else { from + (to - from) * f64::from(c) / f64::from(n) }).collect()
    };
    if scale.is_nan() || scale > 1e290 {
        return f64::INFINITY;
    }
    let tolerance = RELATIVE * scale;
    let left = integrate_over(&integrand(false), &pieces(a, middle), tolerance);
    let right = integrate_over(&integrand(true), &pieces(middle, b), tolerance);
    (left + right + tails).hi()
}

/// Upper bounds of `T_ij <= (|mu_i - mu_j|^2/D^2) T_1` for components with one common covariance in R^d, where
/// `T_1 = int (Phi(x) - Phi(x - D))^2/(w_i phi(x) + w_j phi(x - D))`, D the whitened distance.
pub(super) fn common_covariance(weights: [Interval; 2], distance_sqr: Interval, whitened_sqr: Interval) -> f64 {
    if whitened_sqr.hi() == 0.0 {
        return 0.0;
    }
    let line =
        Line::new(weights.to_vec(), vec![Interval::ZERO, whitened_sqr.sqrt()], vec![Interval::ONE, Interval::ONE]);
    // The line's weights are normalised, those of the integral are not.
    let t = Interval::point(pair_on_the_line(&line, 0, 1)) / (weights[0] + weights[1]);
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
            let gap = vp * 2.0 - vq;
            if gap.lo() <= 0.0 {
                return unbounded;
            }
            sum += m.sqr() / gap - (vq / vp * (2.0 - vq / vp)).ln() * 0.5;
        }
        sum
    };
    exponent.exp_m1().clamp(0.0, f64::INFINITY)
}
