//! The two-layer ReLU network with fixed outer signs (HRX-9).

use super::passes::{Tiles, backward, forward, neurons};
use crate::numerics::stream;
use nalgebra::DMatrix;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

#[cfg(test)]
pub(super) mod tests;

/// How the neurons of a network are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// m/2 independent neurons, each followed by its copy with the opposite signs: the network is 0 everywhere, exactly.
    Antisymmetric,
    /// m independent neurons: the network is a random function of variance |z|^2/2, whatever the width.
    Independent,
}

impl Start {
    /// Of `width` neurons, how many are independent: m/2 or m.
    #[must_use]
    pub fn independent(self, width: usize) -> usize {
        match self {
            Self::Antisymmetric => width / 2,
            Self::Independent => width,
        }
    }
}

/// Why there is no such network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A network without neurons, inputs or outputs.
    #[error("a network needs at least one input, one output and one neuron; it has {inputs}, {outputs} and {width}")]
    Empty {
        /// p.
        inputs: usize,
        /// d.
        outputs: usize,
        /// m.
        width: usize,
    },
    /// Pairs of neurons from an odd width.
    #[error("an antisymmetric network consists of pairs of neurons: the width {width} is odd")]
    Odd {
        /// m.
        width: usize,
    },
    /// Weights and signs of different numbers of neurons.
    #[error("there are weights of {weights} neurons and signs of {signs}")]
    Neurons {
        /// Columns of the weights.
        weights: usize,
        /// Columns of the signs.
        signs: usize,
    },
    /// A weight that is not finite or a sign that is not 1 or -1.
    #[error("neuron {neuron} has a {what} of {value}")]
    Value {
        /// r, counted from 0.
        neuron: usize,
        /// `weight` or `sign`.
        what: &'static str,
        /// What was found.
        value: String,
    },
}

/// The network
///
/// ```text
/// f^i(z) = m^{-1/2} sum_r a_r^i max(w_r.z, 0),   i = 1..d,
/// ```
///
/// with signs `a_r^i = +-1` that are never trained. The derivative of the ReLU at 0 is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    weights: DMatrix<f64>,
    signs: DMatrix<f64>,
}

impl Network {
    /// The network of given weights (p x m, one column per neuron) and signs (d x m).
    ///
    /// # Errors
    /// If a side is empty, the numbers of neurons differ, a weight is not finite or a sign is not 1 or -1.
    pub fn new(weights: DMatrix<f64>, signs: DMatrix<f64>) -> Result<Self, NetworkError> {
        let (p, d, m) = (weights.nrows(), signs.nrows(), weights.ncols());
        if p == 0 || d == 0 || m == 0 {
            return Err(NetworkError::Empty { inputs: p, outputs: d, width: m });
        }
        if signs.ncols() != m {
            return Err(NetworkError::Neurons { weights: m, signs: signs.ncols() });
        }
        let wrong = |what, n: usize, value: f64| NetworkError::Value { neuron: n, what, value: value.to_string() };
        if let Some(n) = weights.iter().position(|w| !w.is_finite()) {
            return Err(wrong("weight", n / p, weights[n]));
        }
        if let Some(n) = signs.iter().position(|a| a.abs() != 1.0) {
            return Err(wrong("sign", n / d, signs[n]));
        }
        Ok(Self { weights, signs })
    }

    /// A random network of `inputs` p, `outputs` d and `width` m: w_r ~ N(0, I_p), signs uniform, from the stream `network`
    /// number `index` of `seed`. Neurons are drawn one after the other: a wider network of the same stream contains the
    /// narrower one.
    ///
    /// # Errors
    /// If a side is empty, or the width of an antisymmetric network odd.
    pub fn draw(
        inputs: usize,
        outputs: usize,
        width: usize,
        start: Start,
        seed: u64,
        index: u64,
    ) -> Result<Self, NetworkError> {
        if start == Start::Antisymmetric && width % 2 == 1 {
            return Err(NetworkError::Odd { width });
        }
        let mut rng = stream(seed, "network", index);
        let (mut weights, mut signs) = (DMatrix::zeros(inputs, width), DMatrix::zeros(outputs, width));
        let copies = if start == Start::Antisymmetric { 2 } else { 1 };
        for r in (0..width).step_by(copies) {
            for c in 0..inputs {
                weights[(c, r)] = StandardNormal.sample(&mut rng);
            }
            for i in 0..outputs {
                signs[(i, r)] = if rng.random() { 1.0 } else { -1.0 };
            }
            for copy in r + 1..r + copies {
                for c in 0..inputs {
                    weights[(c, copy)] = weights[(c, r)];
                }
                for i in 0..outputs {
                    signs[(i, copy)] = -signs[(i, r)];
                }
            }
        }
        Self::new(weights, signs)
    }

    /// p.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weights.nrows()
    }

    /// d.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.signs.nrows()
    }

    /// m.
    #[must_use]
    pub fn width(&self) -> usize {
        self.weights.ncols()
    }

    /// W: p x m, column r is w_r.
    #[must_use]
    pub fn weights(&self) -> &DMatrix<f64> {
        &self.weights
    }

    /// a: d x m, +1 or -1.
    #[must_use]
    pub fn signs(&self) -> &DMatrix<f64> {
        &self.signs
    }

    /// `m^{-1/2}`.
    pub(super) fn scale(&self) -> f64 {
        1.0 / (self.width() as f64).sqrt()
    }

    /// Moves the weights by `-length` times a direction given neuron after neuron.
    pub(super) fn descend(&mut self, length: f64, direction: &[f64]) {
        self.weights.iter_mut().zip(direction).for_each(|(w, g)| *w -= length * g);
    }

    /// f at the columns of `inputs` (p x n): n x d.
    ///
    /// # Panics
    /// If the inputs do not have p rows.
    #[must_use]
    pub fn eval(&self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        self.gated_by(None, inputs)
    }

    /// The linearised network `f^lin(z) = f_0(z) + <grad f_0(z), W - W(0)> = m^{-1/2} sum_r a_r 1{w_r(0).z > 0} w_r.z` of the
    /// weights of `self` around `start`, at the columns of `inputs` (p x n): n x d.
    ///
    /// # Panics
    /// If the inputs do not have p rows, or `start` has another shape.
    #[must_use]
    pub fn eval_linearised(&self, start: &Self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        assert_eq!(start.weights.shape(), self.weights.shape(), "a network is linearised around one of its own shape");
        self.gated_by(Some(start), inputs)
    }

    fn gated_by(&self, gates: Option<&Self>, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        assert_eq!(inputs.nrows(), self.inputs(), "inputs have one row per input of the network");
        let gates = gates.map(|start| neurons::<f64>(&start.weights));
        let (weights, signs) = (neurons(&self.weights), neurons(&self.signs));
        forward(&Tiles::of_columns(inputs), &weights, gates.as_deref(), &signs, self.outputs()) * self.scale()
    }

    /// The gradient of `<residual, f(inputs)>` in the weights, p x m: with `residual = f - y` (n x d) that of
    /// `1/2 sum_j |f(z_j) - y_j|^2`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[must_use]
    pub fn gradient(&self, inputs: &DMatrix<f64>, residual: &DMatrix<f64>) -> DMatrix<f64> {
        assert_eq!(inputs.nrows(), self.inputs(), "inputs have one row per input of the network");
        assert_eq!(residual.shape(), (inputs.ncols(), self.outputs()), "residuals are points by outputs");
        let (weights, signs) = (neurons::<f64>(&self.weights), neurons(&self.signs));
        let all = backward(&Tiles::of_columns(inputs), &Tiles::of_rows(residual), &weights, &signs);
        DMatrix::from_column_slice(self.inputs(), self.width(), &all[..self.weights.len()]) * self.scale()
    }
}
