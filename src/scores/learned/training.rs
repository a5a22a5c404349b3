//! Full-batch gradient descent of a network, or of its linearisation.

use super::network::Network;
use super::passes::{Real, Tiles, backward, forward, neurons};
use nalgebra::DMatrix;

#[cfg(test)]
mod tests;

/// A residual this many times the larger of the first one and the labels counts as divergence.
pub const DIVERGED: f64 = 1e3;

/// The precision of the passes over neurons and points. Weights, residuals and sums of more than 512 neurons are `f64` in
/// both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// `f32`: errors of 1e-6 to 1e-5 of the size of the outputs.
    Single,
    /// `f64`.
    Double,
}

/// What is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// The network.
    Network,
    /// Its linearisation at the start, `f_0(z) + <grad f_0(z), W - W(0)>`: gradient descent with the empirical tangent
    /// kernel at W(0), for any number of points.
    Linearised,
}

/// How to descend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingSettings {
    /// eta, of the sum loss `1/2 sum_j |f(z_j) - y_j|^2`.
    pub step: f64,
    /// Of the passes.
    pub precision: Precision,
    /// What is trained.
    pub regime: Regime,
}

/// Why training did not reach its end.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// Inputs, labels and network of different shapes.
    #[error("{what}: {found} where the network and the inputs say {expected}")]
    Shape {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: usize,
        /// What it should be.
        expected: usize,
    },
    /// A step that is not positive.
    #[error("a step of gradient descent is positive and finite, not {step}")]
    Step {
        /// eta.
        step: f64,
    },
    /// Checkpoints that go back.
    #[error("checkpoint {to} lies before step {at}: they are in ascending order")]
    Backwards {
        /// The step reached.
        at: u64,
        /// The one asked for.
        to: u64,
    },
    /// The residual grew beyond [`DIVERGED`] times its size or was not a number.
    #[error(
        "gradient descent diverged: after {steps} steps of {step:e} the residual is {residual:e}, from {first:e}; \
         steps below 2/(largest eigenvalue of the tangent kernel) converge"
    )]
    Diverged {
        /// k.
        steps: u64,
        /// eta.
        step: f64,
        /// The Frobenius norm of f - y.
        residual: f64,
        /// The same at the start.
        first: f64,
    },
}

/// Inputs and signs in the precision of the passes.
struct Data<T> {
    inputs: Tiles<T>,
    signs: Vec<T>,
    gates: Option<Vec<T>>,
}

impl<T: Real> Data<T> {
    fn new(start: &Network, inputs: &DMatrix<f64>, regime: Regime) -> Self {
        let gates = (regime == Regime::Linearised).then(|| neurons(start.weights()));
        Self { inputs: Tiles::of_columns(inputs), signs: neurons(start.signs()), gates }
    }

    fn predict(&self, network: &Network) -> DMatrix<f64> {
        let weights = neurons(network.weights());
        forward(&self.inputs, &weights, self.gates.as_deref(), &self.signs, network.outputs()) * network.scale()
    }

    fn descend(&self, network: &mut Network, residual: &DMatrix<f64>, step: f64) {
        let residual = Tiles::of_rows(residual);
        let direction = match &self.gates {
            Some(gates) => backward(&self.inputs, &residual, gates, &self.signs),
            None => backward(&self.inputs, &residual, &neurons(network.weights()), &self.signs),
        };
        network.descend(step * network.scale(), &direction);
    }
}

enum Passes {
    Single(Data<f32>),
    Double(Data<f64>),
}

/// Gradient descent under way:
///
/// ```text
/// W(k+1) = W(k) - eta grad 1/2 sum_j |f_k(z_j) - y_j|^2.
/// ```
///
/// # Promise
/// Weights and residuals are the same bits for any number of threads.
pub struct Training {
    start: Network,
    network: Network,
    labels: DMatrix<f64>,
    settings: TrainingSettings,
    passes: Passes,
    steps: u64,
    residual: DMatrix<f64>,
    norm: f64,
    first: f64,
    sum: f64,
    /// `sqrt(n d) max_j |z_j|`.
    reach: f64,
}

impl Training {
    /// At step 0. `inputs`: p x n, one column per point; `labels`: n x d.
    ///
    /// # Errors
    /// If the shapes do not fit, the step is not positive, or the labels or the first predictions are not finite.
    pub fn new(
        start: Network,
        inputs: &DMatrix<f64>,
        labels: DMatrix<f64>,
        settings: TrainingSettings,
    ) -> Result<Self, TrainingError> {
        let shapes = [
            ("rows of the inputs", inputs.nrows(), start.inputs()),
            ("rows of the labels", labels.nrows(), inputs.ncols()),
            ("columns of the labels", labels.ncols(), start.outputs()),
        ];
        for (what, found, expected) in shapes {
            if found != expected {
                return Err(TrainingError::Shape { what, found, expected });
            }
        }
        if !(settings.step > 0.0 && settings.step.is_finite()) {
            return Err(TrainingError::Step { step: settings.step });
        }
        let passes = match settings.precision {
            Precision::Single => Passes::Single(Data::new(&start, inputs, settings.regime)),
            Precision::Double => Passes::Double(Data::new(&start, inputs, settings.regime)),
        };
        let longest = inputs.column_iter().map(|z| z.norm()).fold(0.0, f64::max);
        let mut descent = Self {
            network: start.clone(),
            start,
            settings,
            passes,
            steps: 0,
            residual: DMatrix::zeros(labels.nrows(), labels.ncols()),
            norm: 0.0,
            first: 0.0,
            sum: 0.0,
            reach: (labels.len() as f64).sqrt() * longest,
            labels,
        };
        descent.measure();
        descent.first = descent.norm;
        descent.check()?;
        Ok(descent)
    }

    /// The residual of the present weights.
    fn measure(&mut self) {
        let predictions = match &self.passes {
            Passes::Single(data) => data.predict(&self.network),
            Passes::Double(data) => data.predict(&self.network),
        };
        self.residual = predictions - &self.labels;
        self.norm = self.residual.norm();
    }

    fn check(&self) -> Result<(), TrainingError> {
        let limit = DIVERGED * self.first.max(self.labels.norm());
        if self.norm.is_finite() && self.norm <= limit {
            return Ok(());
        }
        let (steps, step) = (self.steps, self.settings.step);
        Err(TrainingError::Diverged { steps, step, residual: self.norm, first: self.first })
    }

    /// One step.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`].
    pub fn advance(&mut self) -> Result<(), TrainingError> {
        match &self.passes {
            Passes::Single(data) => data.descend(&mut self.network, &self.residual, self.settings.step),
            Passes::Double(data) => data.descend(&mut self.network, &self.residual, self.settings.step),
        }
        self.sum += self.norm;
        self.steps += 1;
        self.measure();
        self.check()
    }

    /// All steps up to number `steps`; `progress` hears the step and the norm of the residual after each.
    ///
    /// # Errors
    /// [`TrainingError::Diverged`], or [`TrainingError::Backwards`] if that step is past.
    pub fn advance_to(&mut self, steps: u64, progress: &mut dyn FnMut(u64, f64)) -> Result<(), TrainingError> {
        if steps < self.steps {
            return Err(TrainingError::Backwards { at: self.steps, to: steps });
        }
        while self.steps < steps {
            self.advance()?;
            progress(self.steps, self.norm);
        }
        Ok(())
    }

    /// k.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// W(0).
    #[must_use]
    pub fn start(&self) -> &Network {
        &self.start
    }

    /// W(k).
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// `f_k(z_j) - y_j`, n x d.
    #[must_use]
    pub fn residual(&self) -> &DMatrix<f64> {
        &self.residual
    }

    /// `|f_k(Z) - y|_F`.
    #[must_use]
    pub fn residual_norm(&self) -> f64 {
        self.norm
    }

    /// `sum_{i<k} |f_i(Z) - y|_F`.
    #[must_use]
    pub fn residual_sum(&self) -> f64 {
        self.sum
    }

    /// `sqrt(m) max_r |w_r(k) - w_r(0)|`.
    #[must_use]
    pub fn displacement(&self) -> f64 {
        let moved = self.network.weights() - self.start.weights();
        moved.column_iter().map(|w| w.norm()).fold(0.0, f64::max) / self.start.scale()
    }

    /// HRX-14b: `eta sqrt(n d) max_j |z_j| sum_{i<k} |f_i(Z) - y|_F`, not below [`Self::displacement`].
    #[must_use]
    pub fn displacement_bound(&self) -> f64 {
        self.settings.step * self.reach * self.sum
    }

    /// The trained function at the columns of `inputs` (p x M): M x d, in `f64` for either precision of the training.
    ///
    /// # Panics
    /// If the inputs do not have p rows.
    #[must_use]
    pub fn eval(&self, inputs: &DMatrix<f64>) -> DMatrix<f64> {
        match self.settings.regime {
            Regime::Network => self.network.eval(inputs),
            Regime::Linearised => self.network.eval_linearised(&self.start, inputs),
        }
    }
}
