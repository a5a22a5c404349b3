//! What is known of a law: the laws of numbers made from its draws.

use super::line_law::{Atoms, Bells, Carried, ChiSquare, LineLaw, Stretched, UpTo};
use super::view::{Map, Whitening};
use crate::laws::{GaussianLaw, Law};
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Density, Gaussian, Line, Points};

/// Products are multiplied out up to so many components.
const MOST_COMPONENTS: usize = 4096;

/// A law on R^d of which the laws of some numbers are known exactly.
pub trait Known: Send + Sync {
    /// d.
    fn dim(&self) -> usize;
    /// The law of the number that `map` makes of a draw; `None` where it is not known.
    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>>;
    /// Whether two numbers of a draw are independent: how far, in total variation, their law is from one under which they are. `None` where
    /// they are not, or where other tests look at them together.
    fn apart(&self, _a: &Map, _b: &Map) -> Option<f64> {
        None
    }
}

/// `sum v_i m_i` and `v^T cov v`, enclosed.
fn projected(law: &Gaussian, v: &[f64]) -> (Interval, Interval) {
    let mean: IntervalSum = v.iter().enumerate().map(|(i, &v)| law.mean_enclosed(i) * v).collect();
    let square = |v: f64| Interval::point(v).sqr();
    let variance: IntervalSum = match &law.cov {
        Covariance::Dense(cov) => {
            let pairs = (0..v.len()).flat_map(|i| (0..v.len()).map(move |j| (i, j)));
            pairs.map(|(i, j)| law.enclosed(cov[(i, j)]) * v[i] * v[j]).collect()
        }
        _ => v.iter().enumerate().map(|(i, &v)| law.variance_enclosed(i) * square(v)).collect(),
    };
    (mean.value(), variance.value())
}

fn on_line(parts: &[(Interval, Gaussian)], v: &[f64]) -> Option<Box<dyn LineLaw>> {
    let laws: Vec<(Interval, Interval)> = parts.iter().map(|(_, g)| projected(g, v)).collect();
    if laws.iter().any(|(_, variance)| variance.lo() <= 0.0) {
        return None;
    }
    let weights = parts.iter().map(|(w, _)| *w).collect();
    Some(Box::new(Line::new(weights, laws.iter().map(|l| l.0).collect(), laws.iter().map(|l| l.1).collect())))
}

/// The unit vector along coordinate i.
fn unit(dim: usize, i: usize) -> Vec<f64> {
    (0..dim).map(|j| if i == j { 1.0 } else { 0.0 }).collect()
}

/// `|W (X - m)|^2` for Gaussian X: known where W (X - m) is isotropic and centred.
fn radius(law: &Gaussian, mean: &[f64], whitening: &Whitening) -> Option<Box<dyn LineLaw>> {
    if law.mean.iter().zip(mean).any(|(a, b)| a != b) {
        return None;
    }
    let scales = whitening.scales(law)?;
    let (least, most) = scales.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &s| (a.min(s), b.max(s)));
    if most - least > 1e-11 * most {
        return None;
    }
    let law = Box::new(ChiSquare { dim: scales.len() });
    Some(if (most - 1.0).abs() < 1e-11 { law } else { Box::new(Stretched { law, centre: 0.0, factor: most }) })
}

impl Known for Density {
    fn dim(&self) -> usize {
        Density::dim(self)
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        match map {
            Map::Coordinate(i) => {
                let block = self.runs().into_iter().find(|run| run.first <= *i && *i < run.end())?;
                let within = (i - block.first) % block.dim;
                let first = block.first + (i - block.first) / block.dim * block.dim;
                let law = self.block(first, block.dim);
                on_line(&law.components(MOST_COMPONENTS)?, &unit(block.dim, within))
            }
            Map::Pooled(coordinates) => self.along(&Map::Coordinate(*coordinates.first()?)),
            Map::Direction(v) => match self.as_gaussian() {
                Some(law) => on_line(&[(Interval::ONE, law.into_owned())], v),
                None => on_line(&self.components(MOST_COMPONENTS)?, v),
            },
            Map::Radius { mean, whitening } => radius(self.as_gaussian()?.as_ref(), mean, whitening),
        }
    }
}

impl Known for Points {
    fn dim(&self) -> usize {
        Points::dim(self)
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        match map {
            Map::Coordinate(i) => {
                let atoms = self.shares().into_iter().zip(&self.points).map(|(w, x)| (w, x[*i]));
                Some(Box::new(Atoms(atoms.collect())))
            }
            // The places of atoms along another direction are rounded.
            _ => None,
        }
    }
}

/// The directions along which a law has independent coordinates, in the frame that it is known in.
#[must_use]
pub fn axes(law: &Law) -> Vec<Vec<f64>> {
    match law {
        Law::Split { frame, .. } => frame.basis.column_iter().map(|axis| axis.iter().copied().collect()).collect(),
        Law::Approximate { law, .. } => axes(law),
        _ => Vec::new(),
    }
}

impl Known for Law {
    fn dim(&self) -> usize {
        Law::dim(self)
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        match (self, map) {
            (Law::Closed(p), _) => p.along(map),
            (Law::Points(p), _) => p.along(map),
            (Law::Approximate { law, ledger }, _) => Some(Box::new(UpTo(law.along(map)?, ledger.total()))),
            (Law::Gaussian(law), Map::Coordinate(i)) => gaussian_along(law, &unit(law.dim(), *i)),
            (Law::Gaussian(law), Map::Direction(v)) => gaussian_along(law, v),
            (Law::Product(factors), Map::Coordinate(i)) => {
                let mut first = 0;
                for (factor, copies) in factors {
                    let (dim, copies) = (factor.dim(), usize::try_from(*copies).ok()?);
                    if *i < first + dim * copies {
                        return factor.along(&Map::Coordinate((i - first) % dim));
                    }
                    first += dim * copies;
                }
                None
            }
            (Law::Grid2(law), Map::Direction(v)) => Some(Box::new(Bells::new(law.along(v)?))),
            (Law::Grid2(_), Map::Coordinate(i)) => self.along(&Map::Direction(unit(2, *i))),
            (Law::Split { frame, .. }, Map::Coordinate(i)) => {
                // Where the coordinates of the frame are those of R^d in another order.
                let axis = (0..frame.dim()).find(|&j| frame.basis[(*i, j)] == 1.0)?;
                self.along(&Map::Direction(frame.basis.column(axis).iter().copied().collect()))
            }
            (Law::Split { frame, core, rest, defect }, Map::Direction(v)) => {
                let axis = (0..frame.dim()).find(|&j| frame.basis.column(j).iter().eq(v))?;
                let law = match axis.checked_sub(frame.core) {
                    None => core.along(&Map::Coordinate(axis)),
                    Some(axis) => rest.along(&Map::Coordinate(axis)),
                };
                // Pinsker: `relative` is sqrt(2 KL).
                Some(Box::new(UpTo(law?, 0.5 * defect.relative)))
            }
            (_, Map::Pooled(coordinates)) => self.along(&Map::Coordinate(*coordinates.first()?)),
            (_, Map::Coordinate(0)) if self.dim() == 1 => on_the_line(self),
            _ => None,
        }
    }

    fn apart(&self, a: &Map, b: &Map) -> Option<f64> {
        match (self, a, b) {
            (Law::Product(factors), Map::Coordinate(i), Map::Coordinate(j)) => {
                (block(factors, *i)? != block(factors, *j)?).then_some(0.0)
            }
            (Law::Split { frame, defect, .. }, Map::Direction(v), Map::Direction(w)) => {
                let in_core = |v: &[f64]| {
                    (0..frame.dim()).position(|j| frame.basis.column(j).iter().eq(v)).map(|j| j < frame.core)
                };
                (in_core(v)? != in_core(w)?).then_some(0.5 * defect.relative)
            }
            (Law::Approximate { law, ledger }, ..) => Some(law.apart(a, b)? + ledger.total()),
            _ => None,
        }
    }
}

/// Of a product, the factor and the copy to which coordinate i belongs.
fn block(factors: &[(Law, u64)], i: usize) -> Option<(usize, usize)> {
    let mut first = 0;
    for (k, (factor, copies)) in factors.iter().enumerate() {
        let length = factor.dim() * usize::try_from(*copies).ok()?;
        if i < first + length {
            return Some((k, (i - first) / factor.dim()));
        }
        first += length;
    }
    None
}

/// A density on the line that an engine carries.
fn on_the_line(law: &Law) -> Option<Box<dyn LineLaw>> {
    match law {
        Law::Grid1(law) => Some(Box::new(Carried(law.clone()))),
        Law::Panels1(law) => Some(Box::new(Carried(law.clone()))),
        Law::Pushed1(law) => Some(Box::new(Carried(law.clone()))),
        _ => None,
    }
}

fn gaussian_along(law: &GaussianLaw, v: &[f64]) -> Option<Box<dyn LineLaw>> {
    let norm: f64 = v.iter().map(|v| v * v).sum::<f64>().sqrt() * (1.0 + 1e-12);
    let (mean, cov) = (law.mean(), law.cov());
    let at: IntervalSum = v.iter().zip(mean.iter()).map(|(&v, &m)| Interval::point(v) * m).collect();
    let pairs = (0..v.len()).flat_map(|i| (0..v.len()).map(move |j| (i, j)));
    let spread: IntervalSum =
        pairs.filter(|(i, j)| cov[(*i, *j)] != 0.0).map(|(i, j)| Interval::point(v[i]) * v[j] * cov[(i, j)]).collect();
    let (at, spread) = (at.value().widen(law.mean_error() * norm), spread.value().widen(law.cov_error() * norm * norm));
    (spread.lo() > 0.0).then(|| Box::new(Line::new(vec![Interval::ONE], vec![at], vec![spread])) as Box<dyn LineLaw>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::{Grid2, Propagate};
    use crate::samplers::{Drift, Kernel};
    use crate::scores::{Damaged, Size, calibrate, errors::Fourier};
    use crate::targets::{Frame, Mixture};
    use nalgebra::DVector;
    use std::sync::Arc;

    fn mixture(factor: f64, more: f64) -> Density {
        let mode = |x: f64, y: f64, v: f64| {
            Gaussian::isotropic(DVector::from_vec(vec![factor * x, factor * y]), factor * factor * v + more).unwrap()
        };
        let modes = vec![mode(-1.5, 0.0, 0.6), mode(1.0, 1.2, 0.8), mode(0.8, -1.4, 0.5)];
        Density::Mixture(Mixture::new(vec![0.3, 0.4, 0.3], modes).unwrap())
    }

    fn field() -> Damaged {
        let shape = Arc::new(Fourier { dim: 2, frequency: 1.0, phase: 0.0 });
        calibrate(Arc::new(mixture(1.0, 0.0)), shape, Size::Amplitude(0.1), &[]).unwrap()
    }

    /// `x -> a x + c z` leaves a mixture one: along a line the grids have its distribution function, within what they say.
    #[test]
    fn laws_in_the_plane_have_their_marginals() {
        let (a, c) = (0.8, 0.5);
        let mut law = Grid2::new(&mixture(1.0, 0.0)).unwrap();
        let kernel = Kernel { drift: Drift::Scale { a_minus_one: a - 1.0 }, noise: c, rounding: 0.0 };
        law.step(&kernel, &field()).unwrap();
        let (law, exact) = (Law::Grid2(law), mixture(a, c * c));
        for map in [Map::Coordinate(0), Map::Coordinate(1), Map::Direction(vec![0.6, -0.8])] {
            let (found, want) = (law.along(&map).unwrap(), exact.along(&map).unwrap());
            for k in -40..=40 {
                let x = 0.1 * f64::from(k);
                for (found, want) in [(found.at_most(x), want.at_most(x)), (found.above(x), want.above(x))] {
                    assert!(
                        found.lo() <= want.hi() && want.lo() <= found.hi() && found.width() < 1e-5,
                        "{map:?} {x}: {found:?} {want:?}"
                    );
                }
                // What is put together moves the law by far less than its bound.
                assert!((found.at_most(x).mid() - want.at_most(x).mid()).abs() < 1e-8, "{map:?} {x}");
            }
        }
    }

    /// A law in a frame is known along the axes of the frame, and along coordinates where these are axes.
    #[test]
    fn laws_in_frames_are_known_along_their_axes() {
        let normal = |v: f64| Box::new(Law::Closed(Density::Gaussian(Gaussian::scalar(0.5, v).unwrap())));
        let split = |frame: Frame| {
            let defect = crate::targets::Defect { relative: 1e-9, distance: 0.0, stretch: 0.0, estimated: false };
            Law::Split { frame, core: normal(2.0), rest: normal(3.0), defect }
        };
        let tilted = split(Frame::along(&DVector::from_vec(vec![3.0, 4.0])).unwrap());
        assert!(tilted.along(&Map::Coordinate(0)).is_none() && tilted.along(&Map::Direction(vec![1.0, 0.0])).is_none());
        let variances = [2.0, 3.0];
        for (axis, variance) in axes(&tilted).into_iter().zip(variances) {
            let found = tilted.along(&Map::Direction(axis)).unwrap().at_most(2.0);
            let want = Gaussian::scalar(0.5, variance).unwrap();
            let want = Density::Gaussian(want).along(&Map::Coordinate(0)).unwrap().at_most(2.0);
            assert!((found.mid() - want.mid()).abs() < 1e-12 && found.width() > 0.9e-9, "{found:?}");
        }
        let straight = split(Frame::along(&DVector::from_vec(vec![0.0, 1.0])).unwrap());
        let found = straight.along(&Map::Coordinate(1)).unwrap().above(0.5);
        assert!((found.mid() - 0.5).abs() < 1e-12, "{found:?}");
    }
}
