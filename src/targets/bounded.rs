//! Data of bounded support: what a learned score is trained on.

use super::{BoxMixture, Data, MAX_DENSE, Points, TargetError};
use crate::numerics::{Interval, IntervalSum};
use crate::processes::NoiseLevel;
use nalgebra::DVector;
use rand::RngExt;

/// More atoms than this are not compared pair by pair.
const MOST_PAIRED: usize = 4000;

/// The law of X_0 with |X_0| <= D, whose posterior at every noise level is in closed form.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundedData {
    /// Atoms.
    Points(Points),
    /// Gaussian components cut to a cube.
    Box(BoxMixture),
    /// Independent blocks in order with their numbers of copies.
    Product(Vec<(BoundedData, u64)>),
}

impl BoundedData {
    /// The law of data that have bounded support.
    ///
    /// # Errors
    /// A law with a density on all of space, or a product with one or with more than 2000 coordinates.
    pub fn of(data: &Data) -> Result<Self, TargetError> {
        match data {
            Data::Points(p) => Ok(BoundedData::Points(p.clone())),
            Data::Box(p) => Ok(BoundedData::Box(p.clone())),
            Data::Density(_) => Err(TargetError::parameter(
                "target",
                "a law, or a factor of one, with a density on all of space is not bounded",
            )),
            Data::Product(_) if data.dim() > MAX_DENSE => {
                let why =
                    format!("has {} coordinates, and posterior covariances are formed for {MAX_DENSE}", data.dim());
                Err(TargetError::parameter("target", why))
            }
            Data::Product(factors) => {
                let each = factors.iter().map(|(f, copies)| Ok((BoundedData::of(f)?, *copies)));
                each.collect::<Result<_, TargetError>>().map(BoundedData::Product)
            }
        }
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            BoundedData::Points(p) => p.dim(),
            BoundedData::Box(p) => p.dim(),
            BoundedData::Product(factors) => factors.iter().map(|(f, copies)| f.dim() * *copies as usize).sum(),
        }
    }

    /// The blocks of a product, copy by copy; the law itself where it is none.
    pub(super) fn blocks(&self) -> Vec<&BoundedData> {
        match self {
            BoundedData::Points(_) | BoundedData::Box(_) => vec![self],
            BoundedData::Product(factors) => {
                factors.iter().flat_map(|(f, n)| (0..*n).flat_map(|_| f.blocks())).collect()
            }
        }
    }

    /// The sum over the factors of a product, with their copies.
    fn total(factors: &[(BoundedData, u64)], of: impl Fn(&BoundedData) -> f64) -> f64 {
        factors.iter().map(|(f, copies)| of(f) * *copies as f64).sum()
    }

    /// D, the largest |x| of the support, rounded up.
    #[must_use]
    pub fn radius(&self) -> f64 {
        let largest = match self {
            BoundedData::Points(p) => p.points.iter().map(|x| x.norm_squared()).fold(0.0, f64::max),
            BoundedData::Box(p) => p.half_width() * p.half_width() * self.dim() as f64,
            BoundedData::Product(factors) => Self::total(factors, |f| f.radius().powi(2)),
        };
        self.up(largest.sqrt())
    }

    /// The largest distance of two points of the support, rounded up; for more than 4000 atoms twice the radius of a ball about their
    /// mean, which may be larger by a factor of up to 2.
    #[must_use]
    pub fn diameter(&self) -> f64 {
        let apart =
            |a: &DVector<f64>, b: &DVector<f64>| a.iter().zip(b.iter()).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let largest = match self {
            BoundedData::Points(Points { points, .. }) if points.len() > MOST_PAIRED => {
                let centre = self.mean();
                4.0 * points.iter().map(|x| apart(x, &centre)).fold(0.0, f64::max)
            }
            BoundedData::Points(Points { points, .. }) => {
                let from = |i: usize| points[i + 1..].iter().map(move |y| apart(y, &points[i]));
                (0..points.len()).flat_map(from).fold(0.0, f64::max)
            }
            BoundedData::Box(p) => 4.0 * p.half_width() * p.half_width() * self.dim() as f64,
            BoundedData::Product(factors) => Self::total(factors, |f| f.diameter().powi(2)),
        };
        self.up(largest.sqrt())
    }

    /// A length made of a sum of d squares, larger by more than its rounding.
    fn up(&self, length: f64) -> f64 {
        length * (1.0 + (self.dim() as f64 + 8.0) * f64::EPSILON)
    }

    /// E X_0.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        match self {
            BoundedData::Points(p) => {
                p.weights.iter().zip(&p.points).fold(DVector::zeros(p.dim()), |mean, (w, x)| mean + x * *w)
            }
            BoundedData::Box(p) => p.mean(),
            BoundedData::Product(_) => {
                let means =
                    self.blocks().into_iter().flat_map(|block| block.mean().iter().copied().collect::<Vec<_>>());
                DVector::from_vec(means.collect())
            }
        }
    }

    /// `E |X_0|^2`, enclosed.
    #[must_use]
    pub fn second_moment(&self) -> Interval {
        match self {
            BoundedData::Points(p) => {
                let square = |x: &DVector<f64>| x.iter().map(|&x| Interval::point(x).sqr()).collect::<IntervalSum>();
                p.shares().iter().zip(&p.points).map(|(&w, x)| w * square(x).value()).sum()
            }
            BoundedData::Box(p) => p.second_moment(),
            BoundedData::Product(factors) => factors.iter().map(|(f, n)| f.second_moment() * *n as f64).sum(),
        }
    }

    /// `-sum_i w_i ln w_i` over the distinct atoms, enclosed; `None` for a law without atoms.
    #[must_use]
    pub fn entropy(&self) -> Option<Interval> {
        match self {
            BoundedData::Points(p) => {
                let shares = p.merged().shares();
                Some(shares.into_iter().map(|w| -(w * w.ln())).sum::<Interval>().max(Interval::ZERO))
            }
            BoundedData::Box(_) => None,
            BoundedData::Product(factors) => factors.iter().map(|(f, n)| Some(f.entropy()? * *n as f64)).sum(),
        }
    }

    /// One exact draw of X_0, written to `out` (d).
    pub fn draw(&self, rng: &mut dyn rand::Rng, out: &mut [f64]) {
        let mut uniform = || -> f64 { rng.random() };
        match self {
            BoundedData::Points(p) => {
                let atom = &p.points[pick(&p.weights, uniform())];
                out.copy_from_slice(atom.as_slice());
            }
            BoundedData::Box(p) => {
                let component = pick(p.weights(), uniform());
                p.draw(component, uniform, out);
            }
            BoundedData::Product(_) => {
                let mut rest = out;
                for block in self.blocks() {
                    let (own, after) = rest.split_at_mut(block.dim());
                    block.draw(rng, own);
                    rest = after;
                }
            }
        }
    }

    /// The projection of x onto the ball |x| <= D, which leaves every E[X_0 | X_t] where it is and lengthens no distance.
    pub fn project(&self, x: &mut [f64]) {
        onto_ball(x, self.radius());
    }
}

/// What the probability that noised data leave the ball of radius R is at most, for data within `radius` = D of the origin of R^d,
/// enclosed; above 1 nowhere:
///
/// ```text
/// P(|X_t| > R) <= exp(-(R - alpha D - sqrt(h d))_+^2/(2 h)),    h = sigma^2 > 0
/// ```
#[must_use]
pub fn tail_of_bounded(dim: usize, radius: f64, level: NoiseLevel, reach: f64) -> Interval {
    let h = Interval::point(level.sigma).sqr();
    let inside = Interval::point(level.alpha) * radius + (h * dim as f64).sqrt();
    let beyond = (Interval::point(reach) - inside).max(Interval::ZERO);
    (-(beyond.sqr() / (h * 2.0))).exp()
}

/// The index that a uniform u chooses among weights.
fn pick(weights: &[f64], mut u: f64) -> usize {
    let last = weights.len() - 1;
    let chosen = weights[..last].iter().position(|w| {
        u -= w;
        u < 0.0
    });
    chosen.unwrap_or(last)
}

#[cfg(test)]
mod tests;

/// The projection of x onto the ball of this radius about 0, also where the square of |x| overflows.
pub fn onto_ball(x: &mut [f64], radius: f64) {
    let largest = x.iter().fold(0.0_f64, |top, x| top.max(x.abs()));
    let norm = x.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt();
    if largest > 0.0 && largest * norm > radius {
        x.iter_mut().for_each(|x| *x = *x / largest * (radius / norm));
    }
}
