//! Many Gaussians of one width: what one step makes of a density that is known at nodes.
//!
//! ```text
//! sum_k w_k N(t_k, c^2 I),     t_k = T(y_k),     w_k = rho(y_k) times the area of a cell
//! ```
//! is the trapezoid rule for `int N(x; T(y), c^2 I) rho(y) dy`. All terms are positive, so that values far out in the tails are as
//! accurate, relatively, as those in the middle.

use super::axes::{Axes, Rectangle};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use std::f64::consts::TAU;
use std::ops::Range;

/// The rows are shared among threads in this many stripes; the sums do not depend on it.
const STRIPES: usize = 16;

/// `sum_k w_k N(t_k, c^2 I)`.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    /// t_k, both coordinates.
    at: [Vec<f64>; 2],
    /// w_k.
    weight: Vec<f64>,
    /// How far from t_k the k-th Gaussian counts.
    reach: Vec<f64>,
    /// c.
    noise: f64,
}

impl Spread {
    /// A Gaussian counts where it is not below `cut` times the value of the largest at its centre.
    pub(super) fn new(at: [Vec<f64>; 2], weight: Vec<f64>, noise: f64, cut: f64) -> Self {
        let largest = weight.iter().copied().fold(0.0, f64::max);
        let reach = |w: &f64| noise * (2.0 * (w / (cut * largest)).ln().max(0.0)).sqrt();
        let reach = weight.iter().map(reach).collect();
        Self { at, weight, reach, noise }
    }

    /// Whether all places are finite and something is there.
    pub(super) fn is_finite(&self) -> bool {
        !self.weight.is_empty() && self.at.iter().flatten().chain(&self.weight).all(|x| x.is_finite())
    }

    /// c.
    pub(super) fn noise(&self) -> f64 {
        self.noise
    }

    /// t_k and w_k.
    pub(super) fn centres(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.at[0].iter().zip(&self.at[1]).zip(&self.weight).map(|((x, y), w)| (*x, *y, *w))
    }

    /// The total mass.
    pub(super) fn mass(&self) -> f64 {
        self.weight.iter().sum()
    }

    /// The rectangle in which the Gaussians count.
    pub(super) fn rectangle(&self) -> Rectangle {
        let side = |at: &Vec<f64>| {
            at.iter()
                .zip(&self.reach)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (t, r)| (a.min(t - r), b.max(t + r)))
        };
        [side(&self.at[0]), side(&self.at[1])]
    }

    /// The products that [`Spread::density`] takes on nodes with this cell.
    pub(super) fn work(&self, cell: f64) -> f64 {
        self.reach.iter().map(|r| 4.0 * r * r / cell + 1.0).sum()
    }

    /// E X.
    pub(super) fn mean(&self) -> DVector<f64> {
        let mass = self.mass();
        let mean = |at: &Vec<f64>| at.iter().zip(&self.weight).map(|(t, w)| t * w).sum::<f64>() / mass;
        DVector::from_vec(self.at.iter().map(mean).collect())
    }

    /// Cov X.
    pub(super) fn cov(&self) -> DMatrix<f64> {
        let (mean, mass) = (self.mean(), self.mass());
        let entry = |i: usize, j: usize| {
            let moments = self.weight.iter().enumerate();
            let sum: f64 = moments.map(|(k, w)| w * (self.at[i][k] - mean[i]) * (self.at[j][k] - mean[j])).sum();
            sum / mass + if i == j { self.noise * self.noise } else { 0.0 }
        };
        DMatrix::from_fn(2, 2, entry)
    }

    /// The density at the nodes. Every value is a sum in one fixed order, whatever the number of threads.
    pub(super) fn density(&self, axes: &Axes) -> Vec<f64> {
        let [rows, columns] = axes.nodes();
        let (starts, order) = self.by_row(axes);
        let farthest = self.reach.iter().copied().fold(0.0, f64::max);
        let rows_away = (farthest / axes.spacing()[0]).ceil() as usize + 1;
        let stripe = rows.div_ceil(STRIPES);
        let scale = 1.0 / (TAU * self.noise * self.noise);
        let mut out = vec![0.0; rows * columns];
        out.par_chunks_mut(stripe * columns).enumerate().for_each(|(k, part)| {
            let own = k * stripe..k * stripe + part.len() / columns;
            let near = starts[own.start.saturating_sub(rows_away)]..starts[(own.end + rows_away).min(rows)];
            let (mut down, mut across) = (vec![0.0; stripe], vec![0.0; columns]);
            for &source in &order[near] {
                let source = source as usize;
                let reach = self.reach[source];
                let (x, y) = (self.at[0][source], self.at[1][source]);
                let in_rows = clipped(axes.within(0, x, reach), &own);
                let in_columns = axes.within(1, y, reach);
                if in_rows.is_empty() || in_columns.is_empty() {
                    continue;
                }
                let (down, across) = (&mut down[..in_rows.len()], &mut across[..in_columns.len()]);
                bell(axes, 0, x, self.noise, in_rows.start, down);
                bell(axes, 1, y, self.noise, in_columns.start, across);
                let weight = self.weight[source] * scale;
                across.iter_mut().for_each(|v| *v *= weight);
                for (i, a) in in_rows.zip(down.iter()) {
                    let row = (i - own.start) * columns;
                    let row = &mut part[row + in_columns.start..row + in_columns.end];
                    row.iter_mut().zip(across.iter()).for_each(|(o, b)| *o += a * b);
                }
            }
        });
        out
    }

    /// The Gaussians in the order of their nearest rows, and where those of each row start.
    fn by_row(&self, axes: &Axes) -> (Vec<usize>, Vec<u32>) {
        let rows = axes.nodes()[0];
        let row = |t: &f64| axes.nearest(0, *t).clamp(0.0, (rows - 1) as f64) as usize;
        let mut starts = vec![0; rows + 1];
        self.at[0].iter().for_each(|t| starts[row(t) + 1] += 1);
        for i in 0..rows {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut order = vec![0; self.weight.len()];
        for (k, t) in self.at[0].iter().enumerate() {
            let place = &mut next[row(t)];
            order[*place] = k as u32;
            *place += 1;
        }
        (starts, order)
    }
}

/// What two ranges have in common.
fn clipped(a: Range<usize>, b: &Range<usize>) -> Range<usize> {
    let (from, to) = (a.start.max(b.start), a.end.min(b.end));
    from..to.max(from)
}

/// `e^{-(x_k - t)^2/(2 c^2)}` at the nodes from `first` on: from the node nearest to t outwards, each value being the one before
/// times a ratio that changes by a constant factor.
fn bell(axes: &Axes, axis: usize, t: f64, noise: f64, first: usize, out: &mut [f64]) {
    let (last, step) = (out.len() - 1, axes.spacing()[axis] / noise);
    let centre = (axes.nearest(axis, t) - first as f64).clamp(0.0, last as f64) as usize;
    let off = (axes.at(axis, first + centre) - t) / noise;
    let top = (-0.5 * off * off).exp();
    let factor = (-step * step).exp();
    out[centre] = top;
    let (mut value, mut ratio) = (top, (-step * (off + 0.5 * step)).exp());
    for o in &mut out[centre + 1..] {
        value *= ratio;
        ratio *= factor;
        *o = value;
    }
    let (mut value, mut ratio) = (top, (-step * (0.5 * step - off)).exp());
    for o in out[..centre].iter_mut().rev() {
        value *= ratio;
        ratio *= factor;
        *o = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_a_plain_sum_for_any_number_of_threads() {
        let at = [vec![0.1, -0.7, 1.3], vec![0.4, 0.2, -1.1]];
        let spread = Spread::new(at.clone(), vec![0.5, 1e-9, 0.3], 0.4, 1e-30);
        let axes = Axes::new(&[(-2.0, 2.5), (-3.0, 2.0)], 0.13);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| spread.density(&axes))
        };
        let found = run(1);
        assert_eq!(found, run(3));
        for (k, value) in found.iter().enumerate() {
            let (x, y) = (axes.at(0, k / axes.nodes()[1]), axes.at(1, k % axes.nodes()[1]));
            let one = |i: usize| {
                let d = (x - at[0][i]).powi(2) + (y - at[1][i]).powi(2);
                spread.weight[i] * (-d / 0.32).exp() / (TAU * 0.16)
            };
            let sum = (0..3).map(one).sum::<f64>();
            assert!((value - sum).abs() <= 1e-13 * sum + 1e-28, "{x} {y}: {value:e} {sum:e}");
        }
    }
}
