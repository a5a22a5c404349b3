//! What a network without bias can never learn (HRX-10).

use super::{Design, Sample};
use crate::numerics::{Interval, Ledger, Mean, Measured, Rule, Source, gauss_legendre};
use crate::targets::{BoundedData, Points};
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::f64::consts::FRAC_PI_2;

/// The joint law of the inputs `z = (x, tau)` of a network without bias, and the target, as functions on rays from the origin.
///
/// Every function such a network can represent is `F(z) = |z| phi(z/|z|)`, and the best one leaves
/// ```text
/// floor^2 = E|f|^2 - E_u[ |E[r f | u]|^2/E[r^2 | u] ],   r = |z|, u = z/r.
/// ```
/// Where the density is known no binning of directions is needed: the conditional moments are integrals along rays, done by quadrature.
pub struct RayLaw<'a> {
    /// The density of `z` in R^p.
    pub density: &'a (dyn Fn(&[f64]) -> f64 + Sync),
    /// The target at `z`, written to the last argument (`outputs` entries).
    pub target: &'a (dyn Fn(&[f64], &mut [f64]) + Sync),
    /// Its number of output coordinates.
    pub outputs: usize,
    /// The largest `r` that matters on the ray of a unit vector: where `tau` ends or the density is negligible.
    pub reach: &'a (dyn Fn(&[f64]) -> f64 + Sync),
}

/// Integrals along one ray against `density r^{p-1} dr`.
struct Ray {
    /// Of 1.
    mass: f64,
    /// Of `|f|^2`.
    square: f64,
    /// Of `|f|^2`, less what the best multiple of `r` in each coordinate explains.
    unexplained: f64,
    /// The largest `|f|^2` met.
    peak: f64,
}

/// The floor in the plane, from quadrature over all directions.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneFloor {
    /// `floor^2`. `checked`: the open terms are the change from half the panels, and the mass found missing times `sup |f|^2` as seen.
    pub squared: Measured,
    /// `E|f|^2`, to hold the floor against.
    pub second_moment: f64,
    /// The mass found: 1 unless the reach is too short or the density no density.
    pub mass: f64,
}

/// The floor from a sample of directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampledFloor {
    /// `floor^2`, the mean over the sampled directions of what remains along their rays.
    pub squared: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// `E|f|^2` from the same rays.
    pub second_moment: f64,
}

/// Panels of each ray, and of the directions in the plane, and standard deviations of noise beyond the data that rays reach.
const PANELS: usize = 32;
const REACHED: f64 = 9.0;

/// The floor of atoms noised at times uniform on the interval of a design, `z = (x, t - T_0)`, as a norm: by quadrature on the line, else
/// from the directions of a sample of such times, with two standard errors.
#[must_use]
pub fn homogeneity_floor(design: &Design, atoms: &Points, sample: &Sample) -> Measured {
    let (d, length) = (atoms.dim(), design.horizon() - design.early());
    let data = BoundedData::Points(atoms.clone());
    let density = |z: &[f64]| {
        let level = design.level((design.early() + z[d]).min(design.horizon()));
        let (alpha, h) = (level.alpha, level.variance());
        let square =
            |a: &nalgebra::DVector<f64>| z.iter().zip(a.iter()).map(|(x, a)| (x - alpha * a).powi(2)).sum::<f64>();
        let part = |(w, a): (&f64, &nalgebra::DVector<f64>)| w * (-0.5 * square(a) / h).exp();
        let sum: f64 = atoms.weights.iter().zip(&atoms.points).map(part).sum();
        sum / (std::f64::consts::TAU * h).powf(0.5 * d as f64) / length
    };
    let target = |z: &[f64], out: &mut [f64]| {
        let level = design.level((design.early() + z[d]).min(design.horizon()));
        out.copy_from_slice(data.posterior(level, &z[..d]).mean.as_slice());
    };
    let reach = |u: &[f64]| {
        let across = u[..d].iter().map(|x| x * x).sum::<f64>().sqrt();
        ((data.radius() + REACHED) / across).min(length / u[d].max(0.0))
    };
    let law = RayLaw { density: &density, target: &target, outputs: d, reach: &reach };
    if d == 1 {
        let squared = law.floor_in_plane(PANELS).squared;
        let root = squared.value.max(Interval::ZERO).sqrt();
        // |sqrt(a) - sqrt(b)| <= |a - b|/sqrt(a), and the root of |a - b| where a is 0.
        let ledger = match root.lo() {
            lo if lo > 0.0 => squared.ledger.scaled(1.0 / lo),
            _ => Ledger::new().open(Source::Discretisation, root.hi(), "the root of the error of the square"),
        };
        return Measured { value: root, evidence: squared.evidence, ledger };
    }
    let inputs = DMatrix::from_fn(d + 1, sample.len(), |i, j| match i {
        i if i < d => sample.noised[(j, i)],
        _ => sample.times[j] - design.early(),
    });
    let found = law.floor_from_directions(&inputs, PANELS);
    let root = found.squared.sqrt();
    let error = if root > 0.0 { found.standard_error / root } else { 0.0 };
    let why = format!("two standard errors over {} rays", sample.len());
    Measured::with_ledger(Interval::point(root), Ledger::new().open(Source::Sampling, error, why))
}

/// Nodes of the rule used on each panel.
const NODES: usize = 16;

impl RayLaw<'_> {
    fn ray(&self, direction: &[f64], rule: &Rule, panels: usize) -> Ray {
        let width = (self.reach)(direction) / panels as f64;
        let (mut z, mut f) = (vec![0.0; direction.len()], vec![0.0; self.outputs]);
        let (mut mass, mut square, mut second, mut peak) = (0.0, 0.0, 0.0, 0.0_f64);
        let mut mixed = vec![0.0; self.outputs];
        for panel in 0..panels {
            for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
                let r = (panel as f64 + 0.5 * (1.0 + node)) * width;
                z.iter_mut().zip(direction).for_each(|(z, u)| *z = r * u);
                let here = 0.5 * width * weight * (self.density)(&z) * r.powi(direction.len() as i32 - 1);
                if here > 0.0 {
                    (self.target)(&z, &mut f);
                    mass += here;
                    second += here * r * r;
                    let size = f.iter().map(|f| f * f).sum::<f64>();
                    square += here * size;
                    peak = peak.max(size);
                    mixed.iter_mut().zip(&f).for_each(|(mixed, f)| *mixed += here * r * f);
                }
            }
        }
        let explained = if second > 0.0 { mixed.iter().map(|m| m * m).sum::<f64>() / second } else { 0.0 };
        // Not negative by the inequality of Cauchy and Schwarz.
        Ray { mass, square, unexplained: (square - explained).max(0.0), peak }
    }

    /// The floor for one-dimensional data, `z = (x, tau)` with `tau >= 0`: quadrature over the half circle of directions and along each ray,
    /// with `panels` panels of 16 nodes each way.
    #[must_use]
    pub fn floor_in_plane(&self, panels: usize) -> PlaneFloor {
        let rule = gauss_legendre(NODES);
        let over_directions = |panels: usize| -> Ray {
            let width = 2.0 * FRAC_PI_2 / panels as f64;
            let angles = (0..panels * NODES).into_par_iter().map(|i| {
                let angle = (((i / NODES) as f64) + 0.5 * (1.0 + rule.nodes[i % NODES])) * width - FRAC_PI_2;
                let ray = self.ray(&[angle.sin(), angle.cos()], &rule, panels);
                let weight = 0.5 * width * rule.weights[i % NODES];
                Ray {
                    mass: ray.mass * weight,
                    square: ray.square * weight,
                    unexplained: ray.unexplained * weight,
                    peak: ray.peak,
                }
            });
            total(&angles.collect::<Vec<Ray>>())
        };
        let (fine, coarse) = (over_directions(panels.max(2)), over_directions(panels.max(2) / 2));
        let missing = (1.0 - fine.mass).abs() * fine.peak;
        let ledger = Ledger::new()
            .open(Source::Discretisation, (fine.unexplained - coarse.unexplained).abs(), "half the panels each way")
            .open(Source::Truncation, missing, "mass beyond the reach of the rays");
        let squared = Measured::with_ledger(Interval::point(fine.unexplained), ledger).clamped(0.0, f64::INFINITY);
        PlaneFloor { squared, second_moment: fine.square, mass: fine.mass }
    }

    /// The floor in any dimension from a sample of the law of the inputs (`p x M`), of which only the directions are used: along each ray the
    /// moments are integrals by quadrature with `panels` panels of 16 nodes. Unbiased, up to that quadrature.
    #[must_use]
    pub fn floor_from_directions(&self, inputs: &DMatrix<f64>, panels: usize) -> SampledFloor {
        let rule = gauss_legendre(NODES);
        let one = |j: usize| {
            let z = inputs.column(j);
            let direction: Vec<f64> = z.iter().map(|x| x / z.norm()).collect();
            let ray = self.ray(&direction, &rule, panels.max(1));
            Ray { mass: 1.0, square: ray.square / ray.mass, unexplained: ray.unexplained / ray.mass, peak: ray.peak }
        };
        let rays: Vec<Ray> = (0..inputs.ncols()).into_par_iter().map(one).collect();
        let squared = Mean::of(rays.iter().map(|ray| ray.unexplained));
        let second_moment = Mean::of(rays.iter().map(|ray| ray.square)).value;
        SampledFloor { squared: squared.value, standard_error: squared.standard_error(), second_moment }
    }
}

fn total(rays: &[Ray]) -> Ray {
    let zero = Ray { mass: 0.0, square: 0.0, unexplained: 0.0, peak: 0.0 };
    rays.iter().fold(zero, |a, b| Ray {
        mass: a.mass + b.mass,
        square: a.square + b.square,
        unexplained: a.unexplained + b.unexplained,
        peak: a.peak.max(b.peak),
    })
}
