//! One number of every draw, and how many draws fall between which values of it.

use super::known::Known;
use super::line_law::{LineLaw, Share, quantile};
use crate::numerics::Interval;
use crate::targets::{Covariance, Gaussian};
use nalgebra::DMatrix;
use std::sync::Arc;

/// How a number is made of a draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Map {
    /// Coordinate i.
    Coordinate(usize),
    /// All of these coordinates, independent and of one law: so many numbers of every draw.
    Pooled(Vec<usize>),
    /// `v . x`.
    Direction(Vec<f64>),
    /// `|W (x - mean)|^2`.
    Radius {
        /// The mean.
        mean: Vec<f64>,
        /// W.
        whitening: Whitening,
    },
}

/// A matrix W with `W cov W^T = I`.
#[derive(Clone, Debug, PartialEq)]
pub enum Whitening {
    /// `diag(1/sd)`.
    Diagonal(Vec<f64>),
    /// The inverse of this lower triangular factor of cov.
    Factor(DMatrix<f64>),
}

impl Whitening {
    /// For the covariance of a law.
    #[must_use]
    pub fn of(law: &Gaussian) -> Option<Self> {
        match &law.cov {
            Covariance::Dense(cov) => Some(Self::Factor(cov.clone().cholesky()?.l())),
            _ => Some(Self::Diagonal((0..law.dim()).map(|i| 1.0 / law.variance(i).sqrt()).collect())),
        }
    }

    /// The variances of the coordinates of W X, where W cov W^T is diagonal as a multiple of the identity would be.
    pub(super) fn scales(&self, law: &Gaussian) -> Option<Vec<f64>> {
        match self {
            Self::Diagonal(inverse) => match &law.cov {
                Covariance::Dense(_) => None,
                _ => Some(inverse.iter().enumerate().map(|(i, w)| w * w * law.variance(i)).collect()),
            },
            Self::Factor(factor) => {
                let cov = law.cov_matrix();
                let own = factor * factor.transpose();
                // A multiple of the covariance it whitens, or unknown.
                let ratio = cov[(0, 0)] / own[(0, 0)];
                let same = cov.iter().zip(own.iter()).all(|(a, b)| (a - ratio * b).abs() <= 1e-12 * cov.amax());
                same.then(|| vec![ratio; law.dim()])
            }
        }
    }

    /// `|W (x - mean)|^2` for each of n draws.
    fn squares(&self, mean: &[f64], xs: &[f64], n: usize, out: &mut [f64]) {
        out.fill(0.0);
        match self {
            Self::Diagonal(inverse) => {
                for (i, (w, m)) in inverse.iter().zip(mean).enumerate() {
                    for (o, x) in out.iter_mut().zip(&xs[i * n..(i + 1) * n]) {
                        *o += (w * (x - m)).powi(2);
                    }
                }
            }
            Self::Factor(factor) => {
                let d = mean.len();
                let mut z = vec![0.0; d];
                for (j, o) in out.iter_mut().enumerate() {
                    for i in 0..d {
                        let known: f64 = (0..i).map(|k| factor[(i, k)] * z[k]).sum();
                        z[i] = (xs[i * n + j] - mean[i] - known) / factor[(i, i)];
                    }
                    *o = z.iter().map(|z| z * z).sum();
                }
            }
        }
    }
}

impl Map {
    /// How many numbers it makes of one draw.
    #[must_use]
    pub fn per_draw(&self) -> usize {
        match self {
            Map::Pooled(coordinates) => coordinates.len(),
            _ => 1,
        }
    }

    /// Hands the numbers of n draws (`xs`: d x n, component-major) to `each`, as one or more slices.
    pub fn values(&self, xs: &[f64], n: usize, each: &mut dyn FnMut(&[f64])) {
        match self {
            Map::Coordinate(i) => each(&xs[i * n..(i + 1) * n]),
            Map::Pooled(coordinates) => coordinates.iter().for_each(|i| each(&xs[i * n..(i + 1) * n])),
            Map::Direction(v) => {
                let mut out = vec![0.0; n];
                for (i, v) in v.iter().enumerate().filter(|(_, v)| **v != 0.0) {
                    out.iter_mut().zip(&xs[i * n..(i + 1) * n]).for_each(|(o, x)| *o += v * x);
                }
                each(&out);
            }
            Map::Radius { mean, whitening } => {
                let mut out = vec![0.0; n];
                whitening.squares(mean, xs, n, &mut out);
                each(&out);
            }
        }
    }

    /// How far a computed number may be from the one meant, relative to the reach of the law; 0 where nothing is computed.
    fn rounding(&self) -> f64 {
        match self {
            Map::Coordinate(_) | Map::Pooled(_) => 0.0,
            Map::Direction(v) => 2.0 * v.len() as f64 * f64::EPSILON,
            // In the law itself.
            Map::Radius { .. } => 0.0,
        }
    }
}

/// The law of a number, in bins `(e_k, e_(k+1)]`.
#[derive(Debug)]
pub struct Bins {
    /// The edges, ascending.
    pub edges: Vec<f64>,
    /// P(X <= e_k).
    pub at_most: Vec<Interval>,
    /// P(X > e_k).
    pub above: Vec<Interval>,
    /// The masses of the bins: one more than edges.
    pub masses: Vec<f64>,
    /// How far, in total variation over the bins, the masses may be off.
    pub mass_error: f64,
    /// A number in each bin; the outermost edges in the outermost ones.
    pub places: Vec<f64>,
}

/// A number with its law.
#[derive(Clone, Debug)]
pub struct View {
    /// What people call it.
    pub name: String,
    /// How it is made.
    pub map: Map,
    /// Its law.
    pub bins: Arc<Bins>,
}

/// Bins of equal mass in the middle, and halvings of it towards both ends.
const MIDDLE: usize = 2048;
const HALVINGS: i32 = 32;
/// Of the edges in the middle every so many are quantiles; the others lie evenly between them.
const EXACT: usize = 16;

impl View {
    /// The number that `map` makes of draws from `law`; `None` where its law is not known.
    #[must_use]
    pub fn new(name: String, map: Map, law: &dyn Known) -> Option<Self> {
        let own = law.along(&map)?;
        let bins = Bins::new(edges(own.as_ref()), map.rounding(), own.as_ref());
        Some(Self { name, map, bins: Arc::new(bins) })
    }

    /// The law of the same number under another law of the draws, in the same bins.
    #[must_use]
    pub fn under(&self, law: &dyn Known) -> Option<Bins> {
        let own = law.along(&self.map)?;
        Some(Bins::new(self.bins.edges.clone(), self.map.rounding(), own.as_ref()))
    }

    /// Adds the numbers of n draws to counts of the bins.
    pub fn count(&self, xs: &[f64], n: usize, counts: &mut [u64]) {
        self.map.values(xs, n, &mut |values| {
            for &x in values {
                counts[self.bins.edges.partition_point(|&e| e < x)] += 1;
            }
        });
    }
}

impl Bins {
    /// The law in bins between these edges, for numbers that are rounded by `rounding` of the reach of the law.
    fn new(edges: Vec<f64>, rounding: f64, law: &dyn LineLaw) -> Self {
        let (lo, hi) = law.reach();
        let around = |x: f64, side: &dyn Fn(f64) -> Interval| {
            let shift = rounding * (hi - lo + lo.abs().max(hi.abs()) + x.abs());
            if shift == 0.0 { side(x) } else { side(x - shift).hull(side(x + shift)) }
        };
        let at_most: Vec<Interval> = edges.iter().map(|&x| around(x, &|x| law.at_most(x))).collect();
        let above: Vec<Interval> = edges.iter().map(|&x| around(x, &|x| law.above(x))).collect();
        let last = edges.len() - 1;
        let mass = |b: usize| match b {
            0 => at_most[0],
            b if b > last => above[last],
            b if at_most[b].mid() < 0.5 => at_most[b] - at_most[b - 1],
            b => above[b - 1] - above[b],
        };
        let bins: Vec<Interval> = (0..=edges.len()).map(|b| mass(b).clamp(0.0, 1.0)).collect();
        let place = |b: usize| match b {
            0 => edges[0],
            b if b > last => edges[last],
            b => 0.5 * (edges[b - 1] + edges[b]),
        };
        Self {
            places: (0..=edges.len()).map(place).collect(),
            masses: bins.iter().map(|m| m.mid()).collect(),
            mass_error: bins.iter().map(|m| 0.5 * m.width()).sum(),
            edges,
            at_most,
            above,
        }
    }
}

impl Bins {
    /// The largest difference of the counted distribution function from the known one at an edge, the edge, and whether there are too many draws at
    /// or below it.
    #[must_use]
    pub fn farthest(&self, counts: &[u64]) -> (f64, f64, bool) {
        let n: u64 = counts.iter().sum();
        let (mut sum, mut worst) = (0u64, (0.0, self.edges[0], true));
        for ((edge, known), count) in self.edges.iter().zip(&self.at_most).zip(counts) {
            sum += count;
            let found = sum as f64 / n as f64;
            let away = (found - known.hi()).max(known.lo() - found);
            if away > worst.0 {
                worst = (away, *edge, found > known.hi());
            }
        }
        worst
    }
}

/// Where a law is cut.
fn edges(law: &dyn LineLaw) -> Vec<f64> {
    let mut edges = Vec::new();
    let atoms = law.atoms();
    if atoms.is_empty() {
        for k in 1..=HALVINGS {
            let share = libm::exp2(-f64::from(k)) / MIDDLE as f64;
            edges.push(quantile(law, Share::Below(share)));
            edges.push(quantile(law, Share::Above(share)));
        }
        let exact: Vec<f64> = (0..=MIDDLE / EXACT)
            .map(|k| {
                let share = ((k * EXACT) as f64 / MIDDLE as f64).clamp(1.0 / MIDDLE as f64, 1.0 - 1.0 / MIDDLE as f64);
                if share < 0.5 { quantile(law, Share::Below(share)) } else { quantile(law, Share::Above(1.0 - share)) }
            })
            .collect();
        for pair in exact.windows(2) {
            edges.extend((0..=EXACT).map(|k| pair[0] + (pair[1] - pair[0]) * k as f64 / EXACT as f64));
        }
    } else {
        // Around each atom, as wide as single precision may move it.
        for x in atoms {
            let width = 1e-6 * x.abs().max(1e-6);
            edges.extend([x - width, x + width]);
        }
    }
    edges.retain(|x| x.is_finite());
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}
