//! W2 between atoms and a mixture on the line, every error bounded; for other densities it is checked.
//!
//! The monotone coupling carries the stretch of p between two quantiles to an atom:
//!
//! ```text
//! W2^2 = sum_i int_{t_{i-1}}^{t_i} (x - x_i)^2 p(x) dx,     F_p(t_i) = w_1 + ... + w_i,     x_1 < x_2 < ...
//! ```
//! Each integral is a truncated second moment of Gaussians, and grows with its stretch: quantiles enclosed between two numbers
//! give it from both sides.

use super::log_ratio::Prepared;
use super::wasserstein;
use crate::divergences::NoEngine;
use crate::laws::Density1;
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::{Mixture1, Points};

/// Bisections after which a quantile is known to the last digits, or lies where p has no mass.
const BISECTIONS: usize = 120;

/// Standard deviations of every component between which quantiles are looked for.
const REACH: f64 = 40.0;

/// W2 of atoms on the line and a mixture.
///
/// # Promise
/// Contains the distance.
pub(in crate::divergences) fn w2(atoms: &Points, p: &Mixture1) -> Measured {
    let p = Prepared::new(p);
    let distinct = distinct(atoms);
    let cuts = cuts(&p, &distinct);
    let stretch = |i: usize, from: f64, to: f64| second_moment(&p, distinct[i].0, from, to);
    let (mut least, mut most) = (Interval::ZERO, Interval::ZERO);
    for i in 0..distinct.len() {
        let (from, to) = (cuts[i], cuts[i + 1]);
        most += stretch(i, from.lo(), to.hi());
        if from.hi() < to.lo() {
            least += stretch(i, from.hi(), to.lo());
        }
    }
    let value = Interval::new(least.lo().max(0.0), most.hi()).sqrt();
    let why = "rounding of truncated moments and quantiles";
    Measured::enclosed(value, Ledger::new().bounded(Source::Rounding, value.width(), why))
}

/// The same for any density: checked.
///
/// # Errors
/// When its quantiles cannot be resolved.
pub(in crate::divergences) fn w2_checked(atoms: &Points, p: &dyn Density1) -> Result<Measured, NoEngine> {
    let atoms: Vec<(f64, f64)> = distinct(atoms).into_iter().map(|(x, w)| (x, w.mid())).collect();
    wasserstein::w2_to_atoms(&atoms, p)
}

/// The atoms from left to right; several at one place are one.
fn distinct(atoms: &Points) -> Vec<(f64, Interval)> {
    let mut sorted: Vec<(f64, Interval)> = atoms.points.iter().map(|x| x[0]).zip(atoms.shares()).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut distinct: Vec<(f64, Interval)> = Vec::with_capacity(sorted.len());
    for (x, w) in sorted {
        match distinct.last_mut() {
            Some((last, weight)) if *last == x => *weight += w,
            _ => distinct.push((x, w)),
        }
    }
    distinct
}

/// The ends of the stretches: the quantiles, and infinity on either side.
fn cuts(p: &Prepared, atoms: &[(f64, Interval)]) -> Vec<Interval> {
    let mut found = vec![Interval::point(f64::NEG_INFINITY)];
    for i in 1..atoms.len() {
        let below: Interval = atoms[..i].iter().map(|a| a.1).sum();
        let above: Interval = atoms[i..].iter().map(|a| a.1).sum();
        found.push(quantile(p, below, above));
    }
    found.push(Interval::point(f64::INFINITY));
    found
}

/// The t with `F_p(t) = below = 1 - above`, from the tail that is lighter.
fn quantile(p: &Prepared, below: Interval, above: Interval) -> Interval {
    let lower = below.mid() < 0.5;
    // The sign of `F_p(t) - below`, where it is known.
    let is_left = |t: f64| if lower { p.cdf(t).hi() < below.lo() } else { p.sf(t).lo() > above.hi() };
    let is_right = |t: f64| if lower { p.cdf(t).lo() > below.hi() } else { p.sf(t).hi() < above.lo() };
    let m = &p.mixture;
    let ends = |sign: f64| m.means.iter().zip(&m.variances).map(move |(m, v)| m + sign * REACH * v.sqrt());
    let (a, b) = (ends(-1.0).fold(f64::INFINITY, f64::min), ends(1.0).fold(f64::NEG_INFINITY, f64::max));
    // The last place that is known to be left of the quantile, and the first that is known to be right of it.
    let search = |mut inside: f64, mut outside: f64, is_inside: &dyn Fn(f64) -> bool| {
        if !is_inside(inside) {
            return None;
        }
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (inside + outside);
            if middle == inside || middle == outside {
                break;
            }
            if is_inside(middle) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        Some(inside)
    };
    let left = search(a, b, &is_left).unwrap_or(f64::NEG_INFINITY);
    let right = search(b, a, &is_right).unwrap_or(f64::INFINITY);
    Interval::new(left, right)
}

/// `int_from^to (x - c)^2 p(x) dx`.
fn second_moment(p: &Prepared, c: f64, from: f64, to: f64) -> Interval {
    let m = &p.mixture;
    (0..p.len())
        .map(|i| {
            let (mean, sd) = (Interval::point(m.means[i]), Interval::point(m.variances[i]).sqrt());
            let at = |t: f64| (Interval::point(t) - mean) / sd;
            let (shift, part) = (mean - c, Truncated::new(from, to, &at));
            let square = sd.sqr() * part.second + sd * shift * part.first * 2.0 + shift.sqr() * part.mass;
            p.weight(i) * square.max(Interval::ZERO)
        })
        .sum()
}

/// `int z^k phi(z) dz` between two standardised ends, k = 0, 1, 2.
struct Truncated {
    mass: Interval,
    first: Interval,
    second: Interval,
}

impl Truncated {
    fn new(from: f64, to: f64, at: &dyn Fn(f64) -> Interval) -> Self {
        // z, phi(z) and z phi(z) at an end, 0 at infinity.
        let end = |t: f64| match t.is_finite() {
            true => {
                let z = at(t);
                let phi = z.normal_pdf();
                (Some(z), phi, z * phi)
            }
            false => (None, Interval::ZERO, Interval::ZERO),
        };
        let ((a, phi_a, moment_a), (b, phi_b, moment_b)) = (end(from), end(to));
        let below = |z: Option<Interval>, at_infinity: Interval| z.map_or(at_infinity, Interval::normal_cdf);
        // From the side on which the masses do not cancel.
        let upper = a.is_some_and(|a| a.mid() > 0.0);
        let mass = if upper {
            below(a.map(|z| -z), Interval::ONE) - below(b.map(|z| -z), Interval::ZERO)
        } else {
            below(b, Interval::ONE) - below(a, Interval::ZERO)
        };
        let mass = mass.clamp(0.0, 1.0);
        Self { mass, first: phi_a - phi_b, second: (mass + moment_a - moment_b).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergences::Divergence;
    use crate::laws::Law;
    use crate::targets::{Data, Density, Gaussian, Mixture};
    use nalgebra::DVector;

    fn atoms(weights: &[f64], places: &[f64]) -> Points {
        Points::new(weights.to_vec(), places.iter().map(|&x| DVector::from_element(1, x)).collect()).unwrap()
    }

    fn mixture(weights: &[f64], means: &[f64], variances: &[f64]) -> Mixture1 {
        Mixture1 { weights: weights.to_vec(), means: means.to_vec(), variances: variances.to_vec() }
    }

    /// One atom: `E (X - x)^2`; two at the conditional means of the halves of N(0, 1): `1 - 2/pi`.
    #[test]
    fn closed_forms() {
        let found = w2(&atoms(&[1.0], &[2.0]), &mixture(&[0.5, 0.5], &[0.0, 1.0], &[1.0, 4.0])).value.sqr();
        assert!(found.contains(0.5 * 5.0 + 0.5 * 5.0) && found.width() < 1e-13, "{found}");
        let half = (2.0 / std::f64::consts::PI).sqrt();
        let found = w2(&atoms(&[0.25, 0.5, 0.25], &[half, -half, half]), &mixture(&[1.0], &[0.0], &[1.0])).value.sqr();
        assert!(found.widen(1e-15).contains(1.0 - half * half) && found.width() < 1e-13, "{found}");
    }

    /// Atoms spread by little: the distance is that of the noise, but for a rounding of the weights, which may carry mass from one
    /// mode to the next.
    #[test]
    fn little_noise_is_seen_to_its_digits() {
        for sd in [1e-1, 1e-3, 1e-6] {
            let (weights, places) = ([0.3, 0.4, 0.3], [-2.0, 0.5, 3.0]);
            let found = w2(&atoms(&weights, &places), &mixture(&weights, &places, &[sd * sd; 3])).value;
            assert!(found.widen(1e-15 * sd).contains(sd), "{sd}: {found}");
            assert!(found.width() < 1e-12 * sd + 1e-14 / sd, "{sd}: {found} {:e}", found.width());
        }
    }

    /// Against a quadrature of the quantile function, and beside narrow Gaussians in place of atoms.
    #[test]
    fn a_mixture_is_carried_to_atoms() {
        let p = mixture(&[0.4, 0.6], &[-1.0, 1.5], &[0.7, 0.3]);
        let (weights, places) = ([0.2, 0.5, 0.3], [-1.5, 0.3, 2.0]);
        let found = w2(&atoms(&weights, &places), &p).value;
        let narrow = mixture(&weights, &places, &[1e-10; 3]);
        let near = crate::divergences::line::between_closed(Divergence::W2, &narrow, &p).value;
        // Each atom is within 1e-5 of its Gaussian.
        assert!((found.mid() - near.mid()).abs() <= 1e-5 && found.width() < 1e-12, "{found} {near}");
    }

    /// The same from distribution functions, as for laws that engines carry.
    #[test]
    fn the_distribution_function_is_enough() {
        let p = mixture(&[0.4, 0.6], &[-1.0, 1.5], &[0.7, 0.3]);
        for (weights, places) in [
            (vec![0.2, 0.5, 0.3], vec![-1.5, 0.3, 2.0]),
            (vec![1.0], vec![7.0]),
            (vec![0.5, 0.1, 0.4], vec![2.0, -4.0, 2.0]),
            (vec![0.4, 0.6], vec![-1.0, 1.5]),
        ] {
            let (proved, checked) =
                (w2(&atoms(&weights, &places), &p), w2_checked(&atoms(&weights, &places), &p).unwrap());
            assert!(proved.value.overlaps(checked.value) && checked.value.width() < 1e-9, "{proved} {checked}");
            assert_eq!(checked.evidence, crate::numerics::Evidence::Checked);
        }
    }

    /// Through the dispatch: independent blocks add, also with a Gaussian beside them.
    #[test]
    fn blocks_of_atoms_add() {
        let points = atoms(&[0.3, 0.7], &[-1.0, 2.0]);
        let normal = |v: f64| Density::Gaussian(Gaussian::scalar(0.5, v).unwrap());
        let data = Data::product(vec![(Data::Points(points.clone()), 3), (Data::Density(normal(2.0)), 1)]).unwrap();
        let noise = crate::processes::NoiseLevel { alpha: 0.8, sigma: 0.6 };
        let noised = data.noised(noise).unwrap();
        let found = Divergence::W2.between(&Law::closed(&data).unwrap(), &Law::Closed(noised.clone())).unwrap();
        let one = points.noised(noise).map(Density::Mixture).unwrap();
        let each = Divergence::W2.between(&Law::Points(points), &Law::Closed(one)).unwrap();
        let rest = 0.1_f64.powi(2) + ((0.64 * 2.0 + 0.36_f64).sqrt() - 2.0_f64.sqrt()).powi(2);
        let expected = (3.0 * each.value.mid().powi(2) + rest).sqrt();
        assert!((found.value.mid() - expected).abs() < 1e-12 && found.evidence.is_proved(), "{found} {expected}");
        let back = Divergence::W2.between(&Law::Closed(noised), &Law::closed(&data).unwrap()).unwrap();
        assert!(back.value.overlaps(found.value), "{back} {found}");
        // In the plane there is no such engine, and that is said.
        let plane =
            Points::new(vec![0.5, 0.5], vec![DVector::from_vec(vec![0.0, 1.0]), DVector::from_vec(vec![1.0, 0.0])]);
        let normal = Density::Mixture(
            Mixture::new(vec![1.0], vec![Gaussian::isotropic(DVector::zeros(2), 1.0).unwrap()]).unwrap(),
        );
        assert!(Divergence::W2.between(&Law::Points(plane.unwrap()), &Law::Closed(normal)).is_err());
    }
}
