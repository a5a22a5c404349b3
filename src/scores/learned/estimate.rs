//! A learned estimate of the clean data given noisy data: what makes a learned score, and its file.

use super::kernel::cross_gram;
use crate::processes::NoiseLevel;
use crate::targets::onto_ball;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What stands at the top of a file.
pub const FORMAT: &str = "scorebound-learned-score-1";

/// What is between the learned function and its inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// `f(z) = sum_j coefficients_j kappa(z, inputs_j)`: `inputs` p x n, `coefficients` n x d.
    Kernel {
        /// The training inputs.
        inputs: DMatrix<f64>,
        /// A row for each of them.
        coefficients: DMatrix<f64>,
    },
    /// `f(z) = m^{-1/2} sum_r outer_r max(0, inner_r . z)`: `inner` p x m, `outer` d x m.
    Network {
        /// The trained weights.
        inner: DMatrix<f64>,
        /// The fixed signs.
        outer: DMatrix<f64>,
    },
}

/// An estimate of `f_*(t, x) = E[X_0 | X_t = x]` for `X_t = e^{-t} X_0 + (1 - e^{-2t})^{1/2} xi`, with its values projected onto
/// the ball of the data:
///
/// ```text
/// f(t, x) = P_D F(x, t - T_0[, 1]),   P_D the projection onto |f| <= D
/// ```
///
/// Any other noise level `(alpha, sigma)` is brought to this form: the same signal-to-noise ratio is that of the time
/// `t = ln(1 + sigma^2/alpha^2)/2`, and x is scaled by `e^{-t}/alpha`.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    model: Model,
    /// d.
    dim: usize,
    /// T_0 and T: the times it was learned for.
    times: (f64, f64),
    /// Whether inputs have a coordinate that is 1.
    bias: bool,
    /// D.
    radius: f64,
}

/// Why an estimate is none.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum EstimateError {
    /// The text is no such file.
    #[error("it is no learned score: {0}")]
    Malformed(String),
    /// Its parts do not fit together, or are not finite.
    #[error("{0}")]
    Parts(String),
}

/// The file: rows of numbers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Saved {
    format: String,
    early_stop: f64,
    horizon: f64,
    bias: bool,
    radius: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<SavedKernel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<SavedNetwork>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedKernel {
    inputs: Vec<Vec<f64>>,
    coefficients: Vec<Vec<f64>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedNetwork {
    inner: Vec<Vec<f64>>,
    outer: Vec<Vec<f64>>,
}

/// The columns of a matrix as lists.
fn columns(m: &DMatrix<f64>) -> Vec<Vec<f64>> {
    m.column_iter().map(|c| c.iter().copied().collect()).collect()
}

/// A matrix from lists that are its columns.
fn from_columns(what: &str, lists: &[Vec<f64>]) -> Result<DMatrix<f64>, EstimateError> {
    let rows = lists.first().map_or(0, Vec::len);
    let flaw = |why: String| Err(EstimateError::Parts(format!("`{what}` {why}")));
    if rows == 0 {
        return flaw("is empty".into());
    }
    if let Some(i) = lists.iter().position(|list| list.len() != rows) {
        return flaw(format!("has {} numbers in list {i}, and {rows} in list 0", lists[i].len()));
    }
    if let Some(i) = lists.iter().position(|list| list.iter().any(|x| !x.is_finite())) {
        return flaw(format!("has a number in list {i} that is not finite"));
    }
    Ok(DMatrix::from_fn(rows, lists.len(), |i, j| lists[j][i]))
}

impl Estimate {
    /// An estimate made of these parts; d and p are those of the model.
    ///
    /// # Errors
    /// When the parts do not fit together.
    pub fn new(model: Model, times: (f64, f64), bias: bool, radius: f64) -> Result<Self, EstimateError> {
        let (p, d, fits) = match &model {
            Model::Kernel { inputs, coefficients } => {
                (inputs.nrows(), coefficients.ncols(), inputs.ncols() == coefficients.nrows())
            }
            Model::Network { inner, outer } => (inner.nrows(), outer.nrows(), inner.ncols() == outer.ncols()),
        };
        let flaw = |why: String| Err(EstimateError::Parts(why));
        if !fits {
            return flaw("its two tables do not have the same number of rows".into());
        }
        if p != d + 1 + usize::from(bias) {
            let bias = if bias { " and 1" } else { "" };
            return flaw(format!(
                "inputs have {p} coordinates, but the data have {d}, with the time{bias} beside them"
            ));
        }
        if !(times.0 > 0.0 && times.1 >= times.0 && times.1.is_finite()) {
            return flaw(format!("its times from {} to {} are no interval above 0", times.0, times.1));
        }
        if !(radius > 0.0 && radius.is_finite()) {
            return flaw(format!("its radius {radius} is not a positive number"));
        }
        Ok(Self { model, dim: d, times, bias, radius })
    }

    /// Reads what [`Estimate::text`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, EstimateError> {
        let saved: Saved = serde_json::from_str(text).map_err(|e| EstimateError::Malformed(e.to_string()))?;
        if saved.format != FORMAT {
            return Err(EstimateError::Malformed(format!("its format is \"{}\", not \"{FORMAT}\"", saved.format)));
        }
        let model = match (saved.kernel, saved.network) {
            (Some(kernel), None) => Model::Kernel {
                inputs: from_columns("kernel.inputs", &kernel.inputs)?,
                coefficients: from_columns("kernel.coefficients", &kernel.coefficients)?.transpose(),
            },
            (None, Some(network)) => Model::Network {
                inner: from_columns("network.inner", &network.inner)?,
                outer: from_columns("network.outer", &network.outer)?,
            },
            _ => return Err(EstimateError::Malformed("it must have one of `kernel` and `network`".into())),
        };
        Self::new(model, (saved.early_stop, saved.horizon), saved.bias, saved.radius)
    }

    /// The estimate as JSON: `format`, `early-stop` T_0, `horizon` T, `bias`, `radius` D, and either `kernel` with `inputs` (one
    /// list z_j per training sample) and `coefficients` (one list of d numbers per sample), or `network` with `inner` (one list
    /// w_r per neuron) and `outer` (one list of d numbers per neuron). Numbers are those that were computed, to the last bit.
    #[must_use]
    pub fn text(&self) -> String {
        let (kernel, network) = match &self.model {
            Model::Kernel { inputs, coefficients } => {
                (Some(SavedKernel { inputs: columns(inputs), coefficients: columns(&coefficients.transpose()) }), None)
            }
            Model::Network { inner, outer } => {
                (None, Some(SavedNetwork { inner: columns(inner), outer: columns(outer) }))
            }
        };
        let saved = Saved {
            format: FORMAT.into(),
            early_stop: self.times.0,
            horizon: self.times.1,
            bias: self.bias,
            radius: self.radius,
            kernel,
            network,
        };
        serde_json::to_string(&saved).expect("finite numbers and names are JSON") + "\n"
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// T_0 and T.
    #[must_use]
    pub fn times(&self) -> (f64, f64) {
        self.times
    }

    /// D.
    #[must_use]
    pub fn radius(&self) -> f64 {
        self.radius
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The time of the Ornstein-Uhlenbeck process with the signal-to-noise ratio of a level, and the factor of its points.
    #[must_use]
    pub fn place(level: NoiseLevel) -> (f64, f64) {
        let time = 0.5 * (level.sigma / level.alpha).powi(2).ln_1p();
        (time, (-time).exp() / level.alpha)
    }

    /// The inputs of the n points of `xs` (d x n, component-major) at a level, p x n: x beside `t - T_0` and, with a bias, 1.
    fn inputs(&self, level: NoiseLevel, xs: &[f64]) -> DMatrix<f64> {
        let (d, n) = (self.dim, xs.len() / self.dim);
        let (time, factor) = Self::place(level);
        DMatrix::from_fn(d + 1 + usize::from(self.bias), n, |i, j| match i {
            i if i < d => factor * xs[i * n + j],
            i if i == d => time - self.times.0,
            _ => 1.0,
        })
    }

    /// F before the projection at the columns of `inputs`: a row for each.
    fn raw(&self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        match &self.model {
            Model::Kernel { inputs: known, coefficients } => {
                let mut out = DMatrix::zeros(inputs.ncols(), self.dim);
                let mut first = 0;
                while first < inputs.ncols() {
                    let count = CHUNK.min(inputs.ncols() - first);
                    let gram = cross_gram(&inputs.columns(first, count).into_owned(), known);
                    out.rows_mut(first, count).copy_from(&(gram * coefficients));
                    first += count;
                }
                out
            }
            Model::Network { inner, outer } => {
                let scale = 1.0 / (inner.ncols() as f64).sqrt();
                let mut out = DMatrix::zeros(inputs.ncols(), self.dim);
                for (j, z) in inputs.column_iter().enumerate() {
                    for (w, a) in inner.column_iter().zip(outer.column_iter()) {
                        let pre = w.dot(&z);
                        if pre > 0.0 {
                            a.iter().enumerate().for_each(|(i, a)| out[(j, i)] += a * pre);
                        }
                    }
                }
                out * scale
            }
        }
    }

    /// f at the n points of `xs` (d x n, component-major), written to `out` (d x n).
    pub fn eval(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        let n = xs.len() / self.dim;
        let values = self.raw(&self.inputs(level, xs));
        let mut point = vec![0.0; self.dim];
        for (j, value) in values.row_iter().enumerate() {
            point.iter_mut().zip(value.iter()).for_each(|(x, v)| *x = *v);
            onto_ball(&mut point, self.radius);
            point.iter().enumerate().for_each(|(i, v)| out[i * n + j] = *v);
        }
    }

    /// `df/dx` at points of the line, away from kinks; the caller guarantees d = 1.
    #[must_use]
    pub fn slope(&self, level: NoiseLevel, xs: &[f64]) -> Vec<f64> {
        let inputs = self.inputs(level, xs);
        let values = self.raw(&inputs);
        let factor = Self::place(level).1;
        let one = |(z, value): (&[f64], &f64)| {
            if value.abs() > self.radius { 0.0 } else { factor * self.raw_slope(z) }
        };
        inputs.as_slice().chunks(inputs.nrows()).zip(values.iter()).map(one).collect()
    }

    /// `dF/dx` at an input of the line.
    fn raw_slope(&self, z: &[f64]) -> f64 {
        match &self.model {
            Model::Kernel { inputs, coefficients } => {
                let slopes = inputs.column_iter().zip(coefficients.iter());
                slopes.map(|(other, c)| c * kappa_slope(z, other.as_slice())).sum()
            }
            Model::Network { inner, outer } => {
                let active = inner.column_iter().zip(outer.iter());
                let slopes = active.map(|(w, a)| {
                    let pre: f64 = w.iter().zip(z).map(|(w, z)| w * z).sum();
                    if pre > 0.0 { a * w[0] } else { 0.0 }
                });
                slopes.sum::<f64>() / (inner.ncols() as f64).sqrt()
            }
        }
    }

    /// The points of the line where f has a kink: those of the neurons, and where the projection begins to bind between the
    /// ends `within`; ascending. The caller guarantees d = 1.
    #[must_use]
    pub fn kinks(&self, level: NoiseLevel, within: (f64, f64)) -> Vec<f64> {
        let mut kinks = self.neurons(level);
        kinks.extend(self.cuts(level, within));
        kinks.sort_by(f64::total_cmp);
        kinks.dedup();
        kinks
    }

    /// The kinks of the neurons on the line, ascending.
    fn neurons(&self, level: NoiseLevel) -> Vec<f64> {
        let Model::Network { inner, .. } = &self.model else { return Vec::new() };
        let (time, factor) = Self::place(level);
        let rest = |w: &[f64]| w[1] * (time - self.times.0) + if self.bias { w[2] } else { 0.0 };
        let all = inner.as_slice().chunks(inner.nrows()).map(|w| -rest(w) / w[0] / factor);
        let mut kinks: Vec<f64> = all.filter(|x| x.is_finite()).collect();
        kinks.sort_by(f64::total_cmp);
        kinks.dedup();
        kinks
    }

    /// Where a kernel estimate may bend within a short length on the line: at the training inputs of about the same time, whose
    /// sections have their kinks that near. The caller guarantees d = 1.
    #[must_use]
    pub fn bends(&self, level: NoiseLevel) -> Vec<f64> {
        let Model::Kernel { inputs, .. } = &self.model else { return Vec::new() };
        let (time, factor) = Self::place(level);
        let near = |z: &&[f64]| (z[1] - (time - self.times.0)).abs() < NEAR;
        inputs.as_slice().chunks(inputs.nrows()).filter(near).map(|z| z[0] / factor).collect()
    }

    /// Where the projection begins to bind, |F| passing D, on the line between the ends `within`, ascending: exactly for a network,
    /// which is straight between the kinks of its neurons; on a close look for a kernel estimate. The caller guarantees d = 1.
    #[must_use]
    pub fn cuts(&self, level: NoiseLevel, within: (f64, f64)) -> Vec<f64> {
        let kinks = self.neurons(level);
        let excess = |xs: &[f64]| -> Vec<f64> {
            self.raw(&self.inputs(level, xs)).iter().map(|value| value.abs() - self.radius).collect()
        };
        // Between the kinks of a network F is straight; a kernel estimate is looked at closely.
        let spaced = |k: usize| within.0 + (within.1 - within.0) * k as f64 / LOOKED_AT as f64;
        let mut places: Vec<f64> = match &self.model {
            Model::Network { .. } => {
                let inside = kinks.iter().copied().filter(|x| (within.0..=within.1).contains(x));
                std::iter::once(within.0).chain(inside).chain([within.1]).collect()
            }
            Model::Kernel { .. } => (0..=LOOKED_AT).map(spaced).collect(),
        };
        places.dedup();
        let values = excess(&places);
        let mut cuts = Vec::new();
        for (ends, values) in places.windows(2).zip(values.windows(2)) {
            if (values[0] > 0.0) != (values[1] > 0.0) {
                let (mut lo, mut hi) = (ends[0], ends[1]);
                for _ in 0..HALVINGS {
                    let middle = 0.5 * (lo + hi);
                    if (excess(&[middle])[0] > 0.0) == (values[0] > 0.0) { lo = middle } else { hi = middle }
                }
                cuts.push(hi);
            }
        }
        cuts
    }

    /// An upper bound of the Lipschitz constant of `x -> f(level, x)`: the projection adds nothing, a kernel section has the
    /// constant `|z_j| (1/2 + 1/(2 pi))`, and a network that of its weights, `m^{-1/2} sum_r |outer_r| |w_r|`.
    #[must_use]
    pub fn lipschitz(&self, level: NoiseLevel) -> f64 {
        let sum: f64 = match &self.model {
            Model::Kernel { inputs, coefficients } => {
                let each = inputs.column_iter().zip(coefficients.row_iter());
                let half = 0.5 + 0.5 / std::f64::consts::PI;
                each.map(|(z, c)| z.norm() * c.norm() * half).sum()
            }
            Model::Network { inner, outer } => {
                let each = inner.column_iter().zip(outer.column_iter());
                let sum: f64 = each.map(|(w, a)| w.rows(0, self.dim).norm() * a.norm()).sum();
                sum / (inner.ncols() as f64).sqrt()
            }
        };
        sum * Self::place(level).1 * (1.0 + 1e-9)
    }
}

/// Times this near make a bend that is short.
const NEAR: f64 = 0.1;

/// Points at which kernel sections are evaluated together.
const CHUNK: usize = 256;

/// Points at which a kernel estimate is looked at for where the projection begins to bind.
const LOOKED_AT: usize = 2000;

/// Halvings by which such a point is found.
const HALVINGS: usize = 60;

/// `d kappa(z, z')/dz_1`: `(z'_1 (pi - theta) + |z'| cos(theta) e_1)/(2 pi)`, e the unit vector of the part of z' across z.
fn kappa_slope(z: &[f64], other: &[f64]) -> f64 {
    let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (a, b) = (norm(z), norm(other));
    if a == 0.0 || b == 0.0 {
        return 0.0;
    }
    let apart: f64 = z.iter().zip(other).map(|(x, y)| (x / a - y / b).powi(2)).sum::<f64>().sqrt();
    let together: f64 = z.iter().zip(other).map(|(x, y)| (x / a + y / b).powi(2)).sum::<f64>().sqrt();
    let theta = 2.0 * apart.atan2(together);
    let cos = 1.0 - 0.5 * apart * apart;
    // The part of z'/|z'| across z/|z| is z'/|z'| - cos z/|z| = (z'/|z'| - z/|z|) + (apart^2/2) z/|z|.
    let across = |i: usize| (other[i] / b - z[i] / a) + 0.5 * apart * apart * z[i] / a;
    let size = (0..z.len()).map(|i| across(i).powi(2)).sum::<f64>().sqrt();
    let lean = if size > 0.0 { b * cos * across(0) / size } else { 0.0 };
    (other[0] * (std::f64::consts::PI - theta) + lean) / (2.0 * std::f64::consts::PI)
}
