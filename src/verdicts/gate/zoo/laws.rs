//! What samplers of the zoo draw from, computed by other means than drawing.

use super::line_laws::Alone;
use crate::laws::{Law, Settings, Start, carry, plan};
use crate::samplers::Program;
use crate::scores::Damaged;
use crate::targets::{Covariance, Density, Gaussian, Mixture, Points};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// N(mean, variance I) on R^dim.
pub fn isotropic(dim: usize, mean: f64, variance: f64) -> Result<Density, String> {
    let law = Gaussian::isotropic(DVector::from_element(dim, mean), variance).map_err(|e| e.to_string())?;
    Ok(Density::Gaussian(law))
}

/// N(mean, cov).
pub fn gaussian(mean: &[f64], cov: DMatrix<f64>) -> Result<Density, String> {
    let law = Gaussian::new(DVector::from_column_slice(mean), Covariance::Dense(cov)).map_err(|e| e.to_string())?;
    Ok(Density::Gaussian(law))
}

/// Normal modes on the line: weight, mean, variance of each.
pub fn modes(parts: &[(f64, f64, f64)]) -> Result<Density, String> {
    let components = parts.iter().map(|&(_, mean, variance)| Gaussian::scalar(mean, variance));
    let components = components.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let law = Mixture::new(parts.iter().map(|part| part.0).collect(), components).map_err(|e| e.to_string())?;
    Ok(Density::Mixture(law))
}

/// The integers 0, 1, ... with these weights.
pub fn integers(weights: &[f64]) -> Result<Points, String> {
    let total: f64 = weights.iter().sum();
    let points = (0..weights.len()).map(|k| DVector::from_element(1, k as f64)).collect();
    Points::new(weights.iter().map(|w| w / total).collect(), points).map_err(|e| e.to_string())
}

/// Mean and variance of a number that is moved by steps `x <- slope x + shift + noise xi`.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    pub mean: f64,
    pub variance: f64,
}

impl Moments {
    /// After one step.
    pub fn step(self, slope: f64, shift: f64, noise: f64) -> Self {
        Self { mean: slope * self.mean + shift, variance: slope * slope * self.variance + noise * noise }
    }

    /// Independent copies of it.
    pub fn copies(self, dim: usize) -> Result<Density, String> {
        isotropic(dim, self.mean, self.variance)
    }
}

/// The law of a finite chain after so many steps; `row`: the chances of the next state.
pub fn after(start: &[f64], steps: usize, row: impl Fn(usize) -> Vec<f64>) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = (0..start.len()).map(row).collect();
    (0..steps).fold(start.to_vec(), |law, _| {
        (0..law.len()).map(|j| law.iter().zip(&rows).map(|(p, row)| p * row[j]).sum()).collect()
    })
}

/// Atoms at these places.
pub fn atoms(places: impl Iterator<Item = f64>, weights: &[f64]) -> Alone {
    Alone::atoms(places.zip(weights).map(|(at, w)| (*w, at)).collect())
}

/// The law of the output of a program with the exact score of `target`, by the engine that can carry it.
pub fn output(target: &Density, start: &Density, program: &Program) -> Result<Law, String> {
    let (score, settings) = (Damaged::exact(Arc::new(target.clone())), Settings::default());
    let plan = plan(&Start::Density(start.clone()), program, &score, &settings)
        .map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let carried = carry(plan.start, program, &score, &settings).map_err(|e| e.to_string())?;
    match carried.refused.first() {
        Some(why) => Err(why.to_string()),
        None => Ok(carried.law),
    }
}
