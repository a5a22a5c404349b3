//! How far two independent copies of a law are apart: `E exp(c |X - X'|^2)` in closed form (PMM-4d), and the sub-Gaussian norm.

use super::exponential_moment::{of_gaussian, weighted};
use super::{Covariance, Data, Density, Gaussian, Mixture, Points};
use crate::numerics::{Interval, IntervalSum};
use nalgebra::DVector;

/// More components than this are not paired.
const MOST: usize = 100;

/// Relative accuracy of the sub-Gaussian norm.
const NORM: f64 = 1e-12;

/// The law of `X - X'`.
#[derive(Clone, Debug)]
pub struct Difference(Shape);

#[derive(Clone, Debug)]
enum Shape {
    /// Pairs of components: shares, and the differences.
    Pairs(Vec<Interval>, Vec<Part>),
    /// Independent blocks with copies.
    Blocks(Vec<(Difference, u64)>),
}

#[derive(Clone, Debug)]
enum Part {
    /// A Gaussian.
    Gaussian(Gaussian),
    /// An atom, by its squared length.
    Atom(Interval),
}

impl Data {
    /// The law of the difference of two independent copies; `None` for more than a hundred components, and for ones cut to a box.
    #[must_use]
    pub fn difference(&self) -> Option<Difference> {
        match self {
            Data::Density(p) => of_density(p),
            Data::Points(p) => of_points(p),
            Data::Box(_) => None,
            Data::Product(factors) => of_blocks(factors, Data::difference),
        }
    }

    /// `inf{K : E exp(|X|^2/K^2) <= 2}`, the sub-Gaussian norm.
    ///
    /// # Promise
    /// Contains the norm.
    #[must_use]
    pub fn sub_gaussian_norm(&self) -> Interval {
        let two = Interval::point(2.0).ln();
        let log = |k: f64| self.ln_exponential_moment(1.0 / Interval::point(k).sqr());
        // By Jensen's inequality K^2 >= E |X|^2/ln 2.
        let least = (self.second_moment() / two).sqrt();
        if least.hi() == 0.0 {
            return Interval::ZERO;
        }
        let start = least.lo().max(f64::MIN_POSITIVE.sqrt());
        let (mut above, mut steps) = (2.0 * start, 0);
        while log(above).hi() > two.lo() {
            above *= 2.0;
            steps += 1;
            if steps > 200 {
                return Interval::new(least.lo(), f64::INFINITY);
            }
        }
        // From either side as far as the answer is known.
        let search = |mut known: f64, mut other: f64, is_known: &dyn Fn(f64) -> bool| {
            while (known - other).abs() > NORM * other.abs().max(known.abs()) {
                let middle = 0.5 * (known + other);
                if is_known(middle) { known = middle } else { other = middle }
            }
            known
        };
        let hi = search(above, start, &|k| log(k).hi() <= two.lo());
        let lo = search(start, hi, &|k| log(k).lo() > two.hi());
        Interval::new(if lo == start { least.lo() } else { lo }, hi)
    }
}

impl Difference {
    /// `ln E exp(c |X - X'|^2)` for c >= 0, enclosed; `+inf` where the expectation is infinite.
    ///
    /// # Promise
    /// The value for every c of the interval lies in the result.
    #[must_use]
    pub fn ln_moment(&self, c: Interval) -> Interval {
        let c = Interval::new(c.lo().max(0.0), c.hi().max(0.0));
        match &self.0 {
            _ if c == Interval::ZERO => Interval::ZERO,
            Shape::Blocks(blocks) => blocks.iter().map(|(block, n)| block.ln_moment(c) * *n as f64).sum(),
            Shape::Pairs(shares, parts) => {
                let log = |part: &Part| match part {
                    Part::Gaussian(g) => of_gaussian(g, &vec![0.0; g.dim()], c),
                    Part::Atom(square) => c * *square,
                };
                weighted(shares, parts.iter().map(log))
            }
        }
    }
}

fn of_blocks<T>(factors: &[(T, u64)], of: impl Fn(&T) -> Option<Difference>) -> Option<Difference> {
    let blocks = factors.iter().map(|(factor, n)| Some((of(factor)?, *n)));
    Some(Difference(Shape::Blocks(blocks.collect::<Option<_>>()?)))
}

fn of_density(p: &Density) -> Option<Difference> {
    match p {
        Density::Gaussian(g) => pairs(&[Interval::ONE], |_, _| between(g, g).map(Part::Gaussian)),
        Density::Mixture(Mixture { components, .. }) if components.len() > MOST => None,
        Density::Mixture(m) => {
            pairs(&m.shares(), |i, j| between(&m.components[i], &m.components[j]).map(Part::Gaussian))
        }
        Density::Product(p) => of_blocks(&p.factors, of_density),
    }
}

fn of_points(p: &Points) -> Option<Difference> {
    if p.points.len() > MOST {
        return None;
    }
    let square = |a: &DVector<f64>, b: &DVector<f64>| {
        a.iter().zip(b.iter()).map(|(&a, &b)| (Interval::point(a) - b).sqr()).collect::<IntervalSum>().value()
    };
    pairs(&p.shares(), |i, j| Some(Part::Atom(square(&p.points[i], &p.points[j]))))
}

/// Every unordered pair once.
fn pairs(shares: &[Interval], part: impl Fn(usize, usize) -> Option<Part>) -> Option<Difference> {
    let (mut weights, mut parts) = (Vec::new(), Vec::new());
    for i in 0..shares.len() {
        for j in 0..=i {
            let both = shares[i] * shares[j];
            weights.push(if i == j { both } else { both * 2.0 });
            parts.push(part(i, j)?);
        }
    }
    Some(Difference(Shape::Pairs(weights, parts)))
}

/// `N(a - b, A + B)`, each entry with a rounding.
fn between(a: &Gaussian, b: &Gaussian) -> Option<Gaussian> {
    let d = a.dim();
    let dense = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    let cov = if dense(a) || dense(b) {
        Covariance::Dense(a.cov_matrix() + b.cov_matrix())
    } else {
        Covariance::Diagonal(DVector::from_fn(d, |i, _| a.variance(i) + b.variance(i)))
    };
    // Means that carry a rounding of their own may nearly cancel: no relative rounding of the difference covers that.
    let given = a.rounding() == 0.0 && b.rounding() == 0.0;
    given.then(|| Gaussian::new(&a.mean - &b.mean, cov).ok().map(|g| g.rounded(f64::EPSILON)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(places: &[f64]) -> Data {
        let n = places.len();
        let points = places.iter().map(|&x| DVector::from_element(1, x)).collect();
        Data::Points(Points::new(vec![1.0 / n as f64; n], points).unwrap())
    }

    #[test]
    fn differences_by_hand() {
        let c = Interval::point(0.05);
        let close = |found: Interval, expected: f64| {
            assert!(found.widen(1e-14).contains(expected) && found.width() < 1e-13, "{found} {expected}");
        };
        let normal = |m: f64, v: f64| Gaussian::scalar(m, v).unwrap();
        let gaussian = Data::Density(Density::Gaussian(normal(1.0, 3.0)));
        close(gaussian.difference().unwrap().ln_moment(c), -0.5 * (1.0 - 0.2 * 3.0_f64).ln());
        let coin = atoms(&[-1.0, 1.0]);
        close(coin.difference().unwrap().ln_moment(c), (0.5 + 0.5 * 0.2_f64.exp()).ln());
        let mixture =
            Data::Density(Density::Mixture(Mixture::scalar(&[0.25, 0.75], &[0.0, 2.0], &[1.0, 2.0]).unwrap()));
        let of = |m: f64, v: f64| (1.0 - 0.1 * v).powf(-0.5) * (0.05 * m * m / (1.0 - 0.1 * v)).exp();
        let expected = 0.0625 * of(0.0, 2.0) + 0.5625 * of(0.0, 4.0) + 0.375 * of(2.0, 3.0);
        close(mixture.difference().unwrap().ln_moment(c), expected.ln());
        let both = Data::product(vec![(coin, 3), (gaussian.clone(), 1)]).unwrap();
        let sum = 3.0 * (0.5 + 0.5 * 0.2_f64.exp()).ln() - 0.5 * (1.0 - 0.6_f64).ln();
        close(both.difference().unwrap().ln_moment(c), sum);
        // 4 c v >= 1.
        assert_eq!(gaussian.difference().unwrap().ln_moment(Interval::point(0.1)).lo(), f64::INFINITY);
    }

    /// A coin on `+-r` has K^2 = r^2/ln 2; N(0, v I_d): `(1 - 2 v/K^2)^{-d/2} = 2`.
    #[test]
    fn norms_by_hand() {
        let near = |found: Interval, expected: f64| {
            assert!(
                found.widen(1e-14 * expected).contains(expected) && found.width() < 1e-10 * expected,
                "{found} {expected}"
            );
        };
        near(atoms(&[-3.0, 3.0]).sub_gaussian_norm(), 3.0 / 2.0_f64.ln().sqrt());
        for (d, v) in [(1_usize, 2.0), (100, 0.5)] {
            let law = Data::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(d), v).unwrap()));
            near(law.sub_gaussian_norm(), (2.0 * v / (1.0 - 2.0_f64.powf(-2.0 / d as f64))).sqrt());
        }
        assert_eq!(atoms(&[0.0]).sub_gaussian_norm(), Interval::ZERO);
    }
}
