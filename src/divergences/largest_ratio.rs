//! The largest ratio of two densities, `sup dq/dp`: under the Langevin diffusion of p it never grows.

use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Density, Gaussian, common_runs};

/// The most components a block of either law may have.
const MAX_COMPONENTS: usize = 64;

/// `ln sup dq/dp`, an upper bound; `+inf` where the ratio is unbounded or nothing is known.
///
/// ```text
/// ln(p/q) = ln sum_i w_i p_i/q >= sum_i pi_i [ln(w_i/pi_i) + ln(p_i/q)]     for every probability pi (Jensen)
/// ```
/// For Gaussian `p_i` and q the right-hand side is a quadratic polynomial, bounded below in closed form; pi is the weights
/// themselves and each component alone. A mixture q has at most the mean of the ratios of its components; independent blocks
/// multiply.
///
/// # Promise
/// `dq/dp <= e^x` everywhere for the number x returned, the rounding of laws at a noise level included.
#[must_use]
pub fn ln_largest_ratio(q: &Density, p: &Density) -> f64 {
    let runs = common_runs(&[&q.runs(), &p.runs()]);
    let block = |first: usize, dim: usize| of_block(&q.block(first, dim), &p.block(first, dim));
    runs.iter().map(|run| block(run.first, run.dim) * run.copies as f64).collect::<IntervalSum>().value().hi()
}

fn of_block(q: &Density, p: &Density) -> Interval {
    if q == p {
        return Interval::ZERO;
    }
    let (Some(above), Some(below)) = (q.components(MAX_COMPONENTS), p.components(MAX_COMPONENTS)) else {
        return Interval::INFINITY;
    };
    let logs: Vec<Interval> = above.iter().map(|(_, g)| of_gaussian(g, &below)).collect();
    let top = Interval::point(logs.iter().copied().fold(Interval::point(f64::NEG_INFINITY), Interval::max).hi());
    if !top.is_finite() {
        return Interval::INFINITY;
    }
    let parts = above.iter().zip(&logs).map(|((w, _), &l)| *w * (l - top).exp());
    top + parts.collect::<IntervalSum>().value().ln()
}

fn of_gaussian(q: &Gaussian, p: &[(Interval, Gaussian)]) -> Interval {
    let dense = |g: &Gaussian| g.dim() > 1 && matches!(g.cov, Covariance::Dense(_));
    if dense(q) || p.iter().any(|(_, g)| dense(g)) {
        return Interval::INFINITY;
    }
    let all: Vec<(Interval, &Gaussian)> = p.iter().map(|(w, g)| (*w, g)).collect();
    let alone = p.iter().map(|(w, g)| -(w.ln() + least(q, &[(Interval::ONE, g)])));
    alone.fold(-least(q, &all), Interval::min)
}

/// `min_x sum_i pi_i ln(p_i/q)`, enclosed from below; minus infinity where it is not bounded.
///
/// In each coordinate, with z counted from the mean m of q, its variance v and `(m_i, v_i)` those of the `p_i`, it is
/// ```text
/// a z^2 + b z + c,   a = (1/v - E 1/v_i)/2,   b = E (m_i - m)/v_i,   c = (1/2) ln v - E[(1/2) ln v_i + (m_i - m)^2/(2 v_i)]
/// ```
fn least(q: &Gaussian, p: &[(Interval, &Gaussian)]) -> Interval {
    let mut sum = IntervalSum::new();
    for k in 0..q.dim() {
        let (m, v) = (q.mean_enclosed(k), q.variance_enclosed(k));
        let mean = |of: &dyn Fn(Interval, Interval) -> Interval| -> Interval {
            p.iter().map(|(w, g)| *w * of(g.mean_enclosed(k) - m, g.variance_enclosed(k))).sum()
        };
        let a = 1.0 / v - mean(&|_, w| 1.0 / w);
        if a.lo() <= 0.0 {
            return Interval::point(f64::NEG_INFINITY);
        }
        let b = mean(&|shift, w| shift / w);
        sum.add(v.ln() * 0.5 - mean(&|shift, w| w.ln() * 0.5 + shift.sqr() / w * 0.5) - b.sqr() / a * 0.5);
    }
    sum.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Process;
    use crate::targets::{Mixture, Points, Product, Target};
    use nalgebra::DVector;

    fn line(mean: f64, variance: f64) -> Density {
        Density::Gaussian(Gaussian::scalar(mean, variance).unwrap())
    }

    /// `sup q/p` seen on a fine grid.
    fn seen(q: &Density, p: &Density) -> f64 {
        let xs: Vec<f64> = (0..=40_000).map(|k| -20.0 + 1e-3 * f64::from(k)).collect();
        let (mut a, mut b) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        q.ln_density(&xs, &mut a);
        p.ln_density(&xs, &mut b);
        a.iter().zip(&b).map(|(a, b)| a - b).fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn gaussians_attain_it() {
        for (q, p) in [(line(0.3, 0.5), line(-0.2, 1.3)), (line(0.0, 0.99), line(0.0, 1.0))] {
            let (bound, found) = (ln_largest_ratio(&q, &p), seen(&q, &p));
            assert!((found - 1e-14..found + 1e-6).contains(&bound), "{bound} {found}");
        }
        assert_eq!(ln_largest_ratio(&line(0.0, 1.1), &line(0.0, 1.0)), f64::INFINITY);
        assert_eq!(ln_largest_ratio(&line(0.1, 1.0), &line(0.0, 1.0)), f64::INFINITY);
        assert_eq!(ln_largest_ratio(&line(0.1, 1.0), &line(0.1, 1.0)), 0.0);
    }

    /// `B_warmD_3pt_T1` of the reference values: the start `N(a EX, q)` and three atoms at OU time 1, narrowed by 1e-12.
    #[test]
    fn the_warm_start_has_the_ratio_of_its_page() {
        let level = Process::Ou.level(1.0);
        let three = [-2.0, 0.5, 3.0].map(|x| DVector::from_element(1, x)).to_vec();
        let p = Points::new(vec![0.3, 0.4, 0.3], three).unwrap().density(level).unwrap();
        let warm = line(level.alpha * 0.5, level.sigma * level.sigma * (1.0 - 1e-12));
        let found = ln_largest_ratio(&warm, &p).exp();
        assert!((found - 1.341_073_724_649_524_8).abs() < 1e-11, "{found}");
        assert!(seen(&warm, &p).exp() <= found);
    }

    #[test]
    fn mixtures_and_products_are_bounded() {
        let p = Density::Mixture(Mixture::scalar(&[0.3, 0.7], &[-1.0, 1.5], &[0.8, 1.2]).unwrap());
        let q = Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-0.5, 1.0], &[0.4, 0.3]).unwrap());
        for start in [line(0.2, 0.6), line(1.4, 0.5), q] {
            let (bound, found) = (ln_largest_ratio(&start, &p), seen(&start, &p));
            assert!(found <= bound && bound < found + 1.2, "{bound} {found}");
        }
        let both = |a: &Density, b: &Density, n: u64| {
            Density::Product(Product::new(vec![(a.clone(), 1), (b.clone(), n)]).unwrap())
        };
        let (a, b) = (ln_largest_ratio(&line(0.2, 0.6), &p), ln_largest_ratio(&line(0.0, 0.5), &line(0.0, 1.0)));
        let all = ln_largest_ratio(&both(&line(0.2, 0.6), &line(0.0, 0.5), 4), &both(&p, &line(0.0, 1.0), 4));
        assert!((all - a - 4.0 * b).abs() < 1e-12, "{all} {a} {b}");
    }
}
