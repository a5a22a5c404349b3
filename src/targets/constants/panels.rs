//! Cells of the line with the density's Taylor series on each, shared by the integrals over one law.

use crate::numerics::{Interval, IntervalSum, Jet, panel_centre, panel_integral};
use crate::targets::Line;

/// Standard deviations of every component that the cells cover.
const REACH: f64 = 8.0;

/// Distance of two nodes, in units of the law's local length scale.
const SPACING: f64 = 0.03;

/// Nodes per cell: of the integrals' 13 digits and their time, the first counts for two components, the second for more.
const STRIDES: [usize; 2] = [4, 8];

/// More nodes than this are not worth their time.
const MAX_NODES: usize = 30_000;

/// Nodes that resolve every component and every valley between two, some of them the ends of cells.
pub(super) struct Panels {
    /// Ascending; the cells' ends among them.
    pub nodes: Vec<f64>,
    stride: usize,
    knots: Vec<f64>,
    /// The variable and the density, each at a cell's centre and over the whole cell.
    series: Vec<[(Jet, Jet); 2]>,
}

impl Panels {
    /// The cells of a law; `None` when there would be too many.
    pub fn of(line: &Line) -> Option<Self> {
        let nodes = nodes(line)?;
        let stride = STRIDES[usize::from(line.components() > 2)];
        let knots: Vec<f64> = picks(nodes.len(), stride).map(|k| nodes[k]).collect();
        let series = knots
            .windows(2)
            .map(|w| {
                [panel_centre(w[0], w[1]), Interval::new(w[0], w[1])].map(|x| {
                    let x = Jet::variable(x);
                    let density = line.density_jet(&x);
                    (x, density)
                })
            })
            .collect();
        Some(Self { nodes, stride, knots, series })
    }

    /// The first and the last knot.
    pub fn ends(&self) -> (f64, f64) {
        (self.knots[0], self.knots[self.knots.len() - 1])
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.series.len()
    }

    /// The indices of the knots among the nodes.
    pub fn picked(&self) -> impl Iterator<Item = usize> {
        picks(self.nodes.len(), self.stride)
    }

    /// Whether the cell lies left of x, by its centre.
    pub fn is_left_of(&self, cell: usize, x: f64) -> bool {
        panel_centre(self.knots[cell], self.knots[cell + 1]).hi() < x
    }

    /// A function on every cell, as series at the centre and over the cell.
    pub fn map(&self, f: impl Fn(&Jet) -> Jet) -> Vec<[Jet; 2]> {
        self.series.iter().map(|[centre, whole]| [f(&centre.0), f(&whole.0)]).collect()
    }

    /// The variable on a cell (side 0: its centre, 1: the whole).
    pub fn x(&self, cell: usize, side: usize) -> &Jet {
        &self.series[cell][side].0
    }

    /// The density on a cell (side 0: its centre, 1: the whole).
    pub fn density(&self, cell: usize, side: usize) -> &Jet {
        &self.series[cell][side].1
    }

    /// The integral over all cells of a function given by its series `f(cell, side)`.
    pub fn integrate(&self, f: impl Fn(usize, usize) -> Jet) -> Interval {
        let cell = |k: usize| panel_integral(&f(k, 0), &f(k, 1), self.knots[k], self.knots[k + 1]);
        (0..self.series.len()).map(cell).collect::<IntervalSum>().value()
    }
}

/// Every `stride`-th of n indices, and the last.
fn picks(n: usize, stride: usize) -> impl Iterator<Item = usize> {
    (0..n - 1).step_by(stride).chain([n - 1])
}

/// Steps proportional to the distance from the narrowest component at hand and to the curvature of ln p.
fn nodes(line: &Line) -> Option<Vec<f64>> {
    let (a, b) = line.reach(REACH);
    let (means, sds): (Vec<f64>, Vec<f64>) =
        line.means.iter().zip(&line.variances).map(|(m, v)| (m.mid(), v.mid().sqrt())).unzip();
    let mut found = vec![a];
    let mut x = a;
    while x < b {
        let near = |i: usize| sds[i].max((x - means[i]).abs() / REACH - sds[i]);
        let scale = (0..means.len()).map(near).fold(f64::INFINITY, f64::min);
        let bend = line.curvature(Interval::point(x)).magnitude();
        let next = (x + SPACING * scale.min(1.0 / bend.sqrt())).min(b);
        if found.len() >= MAX_NODES || !next.is_finite() || next <= x {
            return None;
        }
        x = next;
        found.push(x);
    }
    Some(found)
}
