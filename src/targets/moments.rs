//! First and second moments of data, enclosed.

use super::{Data, Density, Gaussian};
use crate::numerics::{Interval, IntervalSum};
use nalgebra::DVector;

/// What is known of the mean and the spread of `alpha X - c`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `E |alpha X - c|^2`.
    pub second: Interval,
    /// `|alpha E X - c|^2`.
    pub mean_sqr: Interval,
}

impl Data {
    /// `E |X|^2`, enclosed.
    #[must_use]
    pub fn second_moment(&self) -> Interval {
        match self {
            Data::Density(p) => p.second_moment(),
            Data::Points(p) => {
                let square = |x: &DVector<f64>| x.iter().map(|&x| Interval::point(x).sqr()).collect::<IntervalSum>();
                p.shares().iter().zip(&p.points).map(|(&w, x)| w * square(x).value()).sum()
            }
            Data::Box(p) => p.second_moment(),
            Data::Product(factors) => factors.iter().map(|(f, n)| f.second_moment() * *n as f64).sum(),
        }
    }

    /// The moments of `alpha X - centre`, formed from differences to the centre: nothing cancels where the centre is the mean.
    ///
    /// # Promise
    /// The value for every alpha of the interval lies in the result.
    #[must_use]
    pub fn moments_about(&self, alpha: Interval, centre: &DVector<f64>) -> Moments {
        let (second, mean) = about(self, alpha, centre.as_slice());
        let mean_sqr = mean.iter().map(|m| m.sqr()).collect::<IntervalSum>().value();
        Moments { second, mean_sqr }
    }
}

/// More points than this are compared with the first only.
const PAIRS: usize = 400;

impl Data {
    /// A lower bound of R^2 for balls of radius R, one for each independent block, that hold its atoms or the means of its
    /// components: a quarter of the largest squared distance of two of them. Gaussians cut to a box are held by it as a whole.
    #[must_use]
    pub fn half_diameter_sqr(&self) -> f64 {
        let of = |centres: &[&DVector<f64>]| {
            let apart = |a: &DVector<f64>, b: &DVector<f64>| {
                let gap = a.iter().zip(b.iter()).map(|(&a, &b)| (Interval::point(a) - b).sqr());
                0.25 * gap.collect::<IntervalSum>().value().lo()
            };
            let from = if centres.len() <= PAIRS { centres } else { &centres[..1] };
            from.iter().flat_map(|a| centres.iter().map(move |b| apart(a, b))).fold(0.0, f64::max)
        };
        match self {
            Data::Density(Density::Gaussian(_)) => 0.0,
            Data::Density(Density::Mixture(m)) => of(&m.components.iter().map(|g| &g.mean).collect::<Vec<_>>()),
            Data::Density(Density::Product(p)) => {
                p.factors.iter().map(|(f, _)| Data::Density(f.clone()).half_diameter_sqr()).fold(0.0, f64::max)
            }
            Data::Points(p) => of(&p.points.iter().collect::<Vec<_>>()),
            Data::Box(p) => {
                let largest = p.runs().into_iter().map(|run| run.dim).max().unwrap_or(0);
                (Interval::point(p.half_width()).sqr() * largest as f64).lo()
            }
            Data::Product(factors) => factors.iter().map(|(f, _)| f.half_diameter_sqr()).fold(0.0, f64::max),
        }
    }
}

/// `E |alpha X - c|^2` and `alpha E X - c`.
fn about(data: &Data, alpha: Interval, c: &[f64]) -> (Interval, Vec<Interval>) {
    match data {
        Data::Density(p) => about_density(p, alpha, c),
        Data::Points(p) => {
            let atom = |x: &DVector<f64>| of_shift(x.iter().zip(c).map(|(&x, &c)| alpha * x - c).collect());
            weighted(&p.shares(), p.points.iter().map(atom))
        }
        Data::Box(p) => {
            let coordinate = |((mean, second), &c): ((Interval, Interval), &f64)| {
                let shift = alpha * mean - c;
                (alpha.sqr() * (second - mean.sqr()).max(Interval::ZERO) + shift.sqr(), shift)
            };
            let (squares, shifts): (Vec<_>, Vec<_>) = p.moments().into_iter().zip(c).map(coordinate).unzip();
            (squares.into_iter().collect::<IntervalSum>().value(), shifts)
        }
        Data::Product(factors) => of_blocks(factors, Data::dim, about, alpha, c),
    }
}

fn about_density(p: &Density, alpha: Interval, c: &[f64]) -> (Interval, Vec<Interval>) {
    match p {
        Density::Gaussian(g) => about_gaussian(g, alpha, c),
        Density::Mixture(m) => weighted(&m.shares(), m.components.iter().map(|g| about_gaussian(g, alpha, c))),
        Density::Product(p) => of_blocks(&p.factors, Density::dim, about_density, alpha, c),
    }
}

fn about_gaussian(g: &Gaussian, alpha: Interval, c: &[f64]) -> (Interval, Vec<Interval>) {
    let spread: IntervalSum = (0..g.dim()).map(|i| g.variance_enclosed(i)).collect();
    let (square, shift) = of_shift(c.iter().enumerate().map(|(i, &c)| alpha * g.mean_enclosed(i) - c).collect());
    (square + alpha.sqr() * spread.value(), shift)
}

fn of_shift(shift: Vec<Interval>) -> (Interval, Vec<Interval>) {
    (shift.iter().map(|x| x.sqr()).collect::<IntervalSum>().value(), shift)
}

fn weighted(shares: &[Interval], each: impl Iterator<Item = (Interval, Vec<Interval>)>) -> (Interval, Vec<Interval>) {
    let mut total = (Interval::ZERO, Vec::new());
    for (&w, (square, shift)) in shares.iter().zip(each) {
        total.0 += w * square;
        total.1.resize(shift.len(), Interval::ZERO);
        total.1.iter_mut().zip(shift).for_each(|(sum, x)| *sum += w * x);
    }
    total
}

fn of_blocks<T>(
    factors: &[(T, u64)],
    dim: impl Fn(&T) -> usize,
    of: impl Fn(&T, Interval, &[f64]) -> (Interval, Vec<Interval>),
    alpha: Interval,
    c: &[f64],
) -> (Interval, Vec<Interval>) {
    let (mut square, mut shift, mut at) = (IntervalSum::new(), Vec::with_capacity(c.len()), 0);
    for (factor, copies) in factors {
        let d = dim(factor);
        for _ in 0..*copies {
            let own = of(factor, alpha, &c[at..at + d]);
            square.add(own.0);
            shift.extend(own.1);
            at += d;
        }
    }
    (square.value(), shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{Mixture, Points, Product};

    #[test]
    fn moments_by_hand() {
        let points = Points::new(vec![0.3, 0.4, 0.3], [-2.0, 0.5, 3.0].map(|x| DVector::from_element(1, x)).to_vec());
        let three = Data::Points(points.unwrap());
        assert!(three.second_moment().contains(4.0) && three.second_moment().width() < 1e-14);
        let mean = three.mean();
        let centred = three.moments_about(Interval::ONE, &mean);
        assert!(centred.second.contains(3.75) && centred.mean_sqr.hi() < 1e-30, "{centred:?}");
        let mixture = Density::Mixture(Mixture::scalar(&[0.3, 0.7], &[-2.0, 1.5], &[0.25, 0.64]).unwrap());
        // E X = 0.45, E X^2 = 1.2 + 1.575 + 0.075 + 0.448.
        let moments =
            Data::Density(mixture.clone()).moments_about(Interval::point(2.0), &DVector::from_element(1, 1.0));
        assert!(moments.second.widen(1e-14).contains(4.0 * 3.298 - 4.0 * 0.45 + 1.0), "{moments:?}");
        assert!(moments.mean_sqr.widen(1e-15).contains(0.01), "{moments:?}");
        let both = Data::product(vec![(three, 2), (Data::Density(mixture), 3)]).unwrap();
        assert!(both.second_moment().widen(1e-13).contains(8.0 + 3.0 * 3.298));
        let about = both.moments_about(Interval::ONE, &DVector::zeros(5));
        assert!(
            about.second.overlaps(both.second_moment()) && about.mean_sqr.widen(1e-13).contains(0.5 + 3.0 * 0.2025)
        );
        let gaussian = Density::Gaussian(Gaussian::scalar(1.0, 2.0).unwrap());
        let product = Data::Density(Density::Product(Product::new(vec![(gaussian, 4)]).unwrap()));
        assert!(product.moments_about(Interval::point(0.5), &DVector::zeros(4)).second.contains(3.0));
    }
}
