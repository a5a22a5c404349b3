//! A density in the plane in closed form, at the nodes of a tensor grid.

use super::axes::{Axes, Rectangle, hull};
use crate::targets::Density;
use rayon::prelude::*;

/// Standard deviations of a Gaussian component that count; the mass outside is below 1e-21.
const REACH: f64 = 9.8;
/// The most Gaussian components of a law in closed form.
const MOST_COMPONENTS: usize = 4096;

/// A closed density in the plane with where it lives.
#[derive(Clone, Debug)]
pub struct Closed2 {
    density: Density,
    rectangle: Rectangle,
    scale: f64,
}

impl Closed2 {
    /// `None` when the density does not live in the plane, or is a product of too many components.
    #[must_use]
    pub fn new(density: &Density) -> Option<Self> {
        let components = density.components(MOST_COMPONENTS).filter(|_| density.dim() == 2)?;
        let mut rectangle = [(f64::INFINITY, f64::NEG_INFINITY); 2];
        let mut scale = f64::INFINITY;
        for (_, g) in &components {
            let side = |i: usize| {
                let reach = REACH * g.variance(i).sqrt();
                (g.mean[i] - reach, g.mean[i] + reach)
            };
            rectangle = hull(rectangle, [side(0), side(1)]);
            scale = scale.min(g.cov_matrix().symmetric_eigenvalues().min().max(0.0).sqrt());
        }
        Some(Self { density: density.clone(), rectangle, scale })
    }

    /// The rectangle outside of which its mass is negligible.
    #[must_use]
    pub fn rectangle(&self) -> Rectangle {
        self.rectangle
    }

    /// Its smallest standard deviation in any direction.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Its logarithm at the nodes, row by row.
    #[must_use]
    pub fn ln_density(&self, axes: &Axes) -> Vec<f64> {
        let columns = axes.nodes()[1];
        let mut out = vec![0.0; axes.count()];
        out.par_chunks_mut(columns).enumerate().for_each(|(i, row)| {
            self.density.ln_density(&axes.points(i..i + 1), row);
        });
        out
    }
}
