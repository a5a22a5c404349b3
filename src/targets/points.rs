//! Discrete data.

use super::mixture::shares;
use super::target::{check_dim, check_finite, check_weights};
use super::{Defect, Density, Frame, Gaussian, Mixture, Run, TargetError};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use nalgebra::DVector;

/// Atoms spread by unit noise: independence and frames are those of the atoms.
const UNIT: NoiseLevel = NoiseLevel { alpha: 1.0, sigma: 1.0 };

/// `sum_i weights[i] delta(points[i])`; has a density at noise levels with sigma > 0 only.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// w_i, positive, summing to 1.
    pub weights: Vec<f64>,
    /// The atoms, all of one dimension.
    pub points: Vec<DVector<f64>>,
}

impl Points {
    /// `sum_i weights[i] delta(points[i])`.
    ///
    /// # Errors
    /// As [`Mixture::new`].
    pub fn new(weights: Vec<f64>, points: Vec<DVector<f64>>) -> Result<Self, TargetError> {
        check_dim("weights", weights.len(), points.len())?;
        check_weights(&weights)?;
        for (i, x) in points.iter().enumerate() {
            check_dim(&format!("points[{i}]"), x.len(), points[0].len())?;
            check_finite(&format!("points[{i}]"), x.as_slice())?;
        }
        Ok(Self { weights, points })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.points[0].len()
    }

    /// The weights as enclosures that sum to 1: the given ones divided by their sum.
    #[must_use]
    pub fn shares(&self) -> Vec<Interval> {
        shares(&self.weights)
    }

    /// The same law with one atom for each distinct point, in ascending order.
    #[must_use]
    pub fn merged(&self) -> Self {
        let order = |x: &DVector<f64>, y: &DVector<f64>| {
            // The two zeros are one number.
            let each = x.iter().zip(y.iter()).map(|(a, b)| (a + 0.0).total_cmp(&(b + 0.0)));
            each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        let mut atoms: Vec<(f64, &DVector<f64>)> = self.weights.iter().copied().zip(&self.points).collect();
        atoms.sort_by(|a, b| order(a.1, b.1));
        let mut merged = Self { weights: Vec::new(), points: Vec::new() };
        for (w, x) in atoms {
            match merged.weights.last_mut() {
                Some(weight) if merged.points.last() == Some(x) => *weight += w,
                _ => {
                    merged.weights.push(w);
                    merged.points.push(x.clone());
                }
            }
        }
        merged
    }

    /// The finest runs of independent consecutive coordinates: one on which all atoms agree is constant, hence independent
    /// of the others; what lies between the first and the last on which they do not is one block.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let origin = &self.points[0];
        let agree = |i: &usize| self.points.iter().all(|x| x[*i] == origin[*i]);
        let first = (0..d).find(|i| !agree(i)).unwrap_or(d);
        let end = (0..d).rfind(|i| !agree(i)).map_or(d, |last| last + 1);
        let mut runs: Vec<Run> = Vec::new();
        for i in (0..first).chain(end..d) {
            match runs.last_mut() {
                Some(run) if run.end() == i && origin[i] == origin[run.first] => run.copies += 1,
                _ => runs.push(Run { first: i, dim: 1, copies: 1 }),
            }
        }
        if first < end {
            let at = runs.partition_point(|run| run.first < first);
            runs.insert(at, Run { first, dim: end - first, copies: 1 });
        }
        runs
    }

    /// The marginal on the coordinates `first .. first + dim`.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        let points = self.points.iter().map(|x| x.rows(first, dim).into_owned()).collect();
        Self { weights: self.weights.clone(), points }.simplest()
    }

    /// One atom where all coincide.
    fn simplest(self) -> Self {
        match self.points.iter().all(|x| *x == self.points[0]) {
            true => Self { weights: vec![1.0], points: self.points[..1].to_vec() },
            false => self,
        }
    }

    /// The frame whose core is the span of the differences of the atoms; `None` when that is everything, or nothing.
    #[must_use]
    pub fn core_frame(&self) -> Option<Frame> {
        Density::Mixture(self.noised(UNIT)?).core_frame()
    }

    /// The law of y = Q^T x as (core, rest), when all atoms agree on the rest up to the defect, which is that of the atoms
    /// noised by a unit.
    #[must_use]
    pub fn in_frame(&self, frame: &Frame) -> Option<(Self, Self, Defect)> {
        let defect = Density::Mixture(self.noised(UNIT)?).in_frame(frame)?.defect;
        let (core, rest) = self.points.iter().map(|x| frame.coordinates(x)).unzip();
        let law = |points| Self { weights: self.weights.clone(), points };
        let rest: Vec<DVector<f64>> = rest;
        let one = Self { weights: vec![1.0], points: rest[..1].to_vec() };
        Some((law(core).simplest(), one, defect))
    }

    /// The law of `alpha x + sigma xi`: an isotropic mixture, or `None` at sigma = 0.
    #[must_use]
    pub fn noised(&self, level: NoiseLevel) -> Option<Mixture> {
        let components =
            self.points.iter().map(|x| Gaussian::about(x.clone(), level)).collect::<Result<_, TargetError>>().ok()?;
        Some(Mixture { weights: self.weights.clone(), components })
    }
}
