//! A lesson: samples of the data, what is learned from them, and every error of it against the exact regression function
//! (HRX-15).

use super::{
    Anchors, Complexity, Descent, Design, Estimate, EstimateError, KernelFunction, Laziness, MOST_STEPS, Model,
    Network, Precision, Regime, Sample, Spectrum, Start, Training, TrainingSettings, candidates, cross_gram, gram,
    oracle,
};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::BoundedData;
use nalgebra::{DMatrix, DVector};
use std::sync::OnceLock;
use thiserror::Error;

mod asked;
mod rule;
mod sphere;
#[cfg(test)]
mod tests;

pub use asked::Asked;

/// What learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Learner {
    /// Gradient descent in the space of the limit kernel, in closed form.
    Kernel,
    /// Nothing: the exact regression function stands in its place, which shows what is left of an error with it.
    Exact,
    /// The two-layer network of this width, or its linearisation at the start.
    Network {
        /// m.
        width: usize,
        /// How its neurons are drawn.
        start: Start,
        /// In which arithmetic it is trained.
        precision: Precision,
        /// Whether the network itself or its linearisation is trained.
        regime: Regime,
    },
}

/// When gradient descent stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// After this many steps.
    Steps(u64),
    /// At T^, the last step before the localised complexity passes its threshold (HRX-17), times a factor.
    CriticalRadius(f64),
    /// Where kernel descent is nearest the regression function on the test set, times a factor.
    RegressionOracle(f64),
    /// Where its score is nearest the exact one on the test set, times a factor.
    ScoreOracle(f64),
}

/// What is to be learned, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The data.
    pub data: BoundedData,
    /// How training times are drawn.
    pub design: Design,
    /// n.
    pub samples: usize,
    /// M, points at which errors are measured: times uniform on the design's interval, whatever its measure.
    pub test: usize,
    /// Anchors of the element f_H of the kernel's space, and the ridge of its fit.
    pub anchors: usize,
    /// See `anchors`.
    pub ridge: f64,
    /// What learns.
    pub learner: Learner,
    /// When it stops.
    pub stop: Stop,
    /// The seed of all draws, and the number of this repetition.
    pub draw: (u64, u64),
}

/// Why a lesson came to nothing.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum LessonError {
    /// A matrix has no eigen-system, or a step does not converge.
    #[error("{0}")]
    Kernel(String),
    /// A network could not be made or trained.
    #[error("{0}")]
    Training(String),
    /// Nothing is learned, so that it has no parts.
    #[error(
        "nothing is learned with learner = \"exact\": the score is the exact one, `total` and all that follows from it are 0"
    )]
    Exact,
    /// The rule of the critical radius stops before the first step.
    #[error("the critical radius stops before the first step: {samples} samples are too few for this noise")]
    NoStep {
        /// n.
        samples: usize,
    },
    /// The rule of the critical radius never stops.
    #[error(
        "without noise in the labels, or for the function 0, the rule of the critical radius never stops: name `steps`"
    )]
    NoStop,
    /// The norm of the score is an integral over times, and there is one time only.
    #[error(
        "all training times are the same, and the errors of the score are integrals over times: ask for those of the regression function"
    )]
    SingleTime,
    /// The error falls up to the last number of steps that is looked at.
    #[error(
        "the error on the test set still falls after {MOST_STEPS} steps, so no best number of them is known: name `steps`"
    )]
    StillFalling,
    /// The estimate does not fit together.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
}

/// The distances of HRX-15 between functions of the input, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Between what is learned and kernel descent on the same labels from the same start.
    Coupling,
    /// The part of kernels in the coupling: between the linearised network and kernel descent, on the same labels from the same start.
    KernelCoupling,
    /// The part of kinks in the coupling: between what is learned and the linearised network.
    KinkCoupling,
    /// Between kernel descent from the network's start and from 0; 0 for an antisymmetric network and for the kernel.
    Start,
    /// M1, between kernel descent on the labels X_0 and on the labels f_H + noise.
    MismatchTarget,
    /// Between kernel descent on the labels f_H + noise and f_H.
    EarlyStopping,
    /// Between f_H and f_*.
    Approximation,
    /// M2, between kernel descent on the labels X_0 and on the labels f_*.
    MismatchNoise,
    /// Between kernel descent on the labels f_* and f_*.
    Bias,
    /// Between what is learned, projected onto the ball of the data, and f_*.
    Total,
}

impl Part {
    /// All of them: those of the first form with the two parts of the coupling, those of the second that are not in it, and the
    /// whole.
    pub const ALL: [Part; 10] = [
        Part::Coupling,
        Part::KernelCoupling,
        Part::KinkCoupling,
        Part::Start,
        Part::MismatchTarget,
        Part::EarlyStopping,
        Part::Approximation,
        Part::MismatchNoise,
        Part::Bias,
        Part::Total,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Coupling => "coupling",
            Part::KernelCoupling => "coupling-kernel",
            Part::KinkCoupling => "coupling-kink",
            Part::Start => "start",
            Part::MismatchTarget => "mismatch-target",
            Part::EarlyStopping => "early-stopping",
            Part::Approximation => "approximation",
            Part::MismatchNoise => "mismatch-noise",
            Part::Bias => "bias",
            Part::Total => "total",
        }
    }
}

/// In which norm errors are measured: L2 over t uniform on `[T_0, T]` and `X_t ~ p_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Norm {
    /// Of the regression function, `(mean over t of E|f|^2)^{1/2}`.
    Regression,
    /// Of the score it makes, `(int_{T_0}^T a(t)^2 E|f|^2 dt)^{1/2}` with `a = alpha/sigma^2`.
    Score,
}

/// A lesson, with all that several questions about it share.
pub struct Lesson {
    task: Task,
    train: Sample,
    test: Sample,
    spectrum: Spectrum,
    /// kappa between test points and eigenvectors, M x n.
    features: DMatrix<f64>,
    anchors: Anchors,
    /// f_H.
    element: KernelFunction,
    element_at: (DMatrix<f64>, DMatrix<f64>),
    /// eta.
    step: f64,
    stopping: Option<u64>,
    steps: OnceLock<Result<u64, LessonError>>,
    learned: OnceLock<Result<Learned, LessonError>>,
    /// The linearised network after the same steps, at the test points.
    linearised: OnceLock<Result<DMatrix<f64>, LessonError>>,
}

/// What came out.
struct Learned {
    steps: u64,
    /// At the test points, M x d, before the projection.
    values: DMatrix<f64>,
    /// Kernel descent on the same labels from the same start, at the test points.
    kernel: DMatrix<f64>,
    model: Model,
    laziness: Option<Laziness>,
    /// HRX-14b.
    displacement_bound: Option<f64>,
}

/// The squared distances of two functions at the test points.
fn squares(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DVector<f64> {
    DVector::from_iterator(a.nrows(), (a - b).row_iter().map(|row| row.norm_squared()))
}

impl Lesson {
    /// Draws the samples and does what all questions share: the eigen-system of the Gram matrix and f_H.
    ///
    /// # Errors
    /// When a matrix has no eigen-system.
    pub fn new(task: Task) -> Result<Self, LessonError> {
        let (seed, repetition) = task.draw;
        let kernel = |e: &dyn std::fmt::Display| LessonError::Kernel(e.to_string());
        let train = task.design.draw(&task.data, task.samples, (seed, "lesson-train", repetition));
        let uniform = task.design.uniform_in_time();
        let test = uniform.draw(&task.data, task.test, (seed, "lesson-test", repetition));
        let anchors = uniform.draw(&task.data, task.anchors, (seed, "lesson-anchors", repetition));
        let spectrum = Spectrum::of(&gram(&train.inputs)).map_err(|e| kernel(&e))?;
        let features = spectrum.features(&cross_gram(&test.inputs, &train.inputs));
        let fit = Anchors::new(anchors.inputs, &anchors.regression).map_err(|e| kernel(&e))?;
        let element = fit.fit(task.ridge);
        let element_at = (element.values(&train.inputs), element.values(&test.inputs));
        let step = spectrum.monotone_step();
        let complexity = Complexity::of(&spectrum);
        let lesson = Self {
            task,
            train,
            test,
            spectrum,
            features,
            anchors: fit,
            element,
            element_at,
            step,
            stopping: None,
            steps: OnceLock::new(),
            learned: OnceLock::new(),
            linearised: OnceLock::new(),
        };
        let (noise, norm) = lesson.noise_and_norm();
        let stopping = complexity.stopping_time(step * lesson.train.len() as f64, noise / norm);
        Ok(Self { stopping, ..lesson })
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The training set.
    #[must_use]
    pub fn train(&self) -> &Sample {
        &self.train
    }

    /// The test set.
    #[must_use]
    pub fn test(&self) -> &Sample {
        &self.test
    }

    /// The eigen-system of the Gram matrix of the training inputs.
    #[must_use]
    pub fn spectrum(&self) -> &Spectrum {
        &self.spectrum
    }

    /// `kappa(z, Z) U` at the test inputs, M x n.
    #[must_use]
    pub fn features(&self) -> &DMatrix<f64> {
        &self.features
    }

    /// f_H, with its values at the training and at the test inputs.
    #[must_use]
    pub fn element(&self) -> (&KernelFunction, &DMatrix<f64>, &DMatrix<f64>) {
        (&self.element, &self.element_at.0, &self.element_at.1)
    }

    /// eta = 1/lambda_1.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// T^ with the root mean square of the posterior's standard deviation over the training set and `|f_H|_H/sqrt(d)`: 0 where the
    /// rule allows no step, `None` where it never stops.
    #[must_use]
    pub fn stopping_time(&self) -> Option<u64> {
        self.stopping
    }

    fn descent(&self, labels: &DMatrix<f64>) -> Result<Descent<'_>, LessonError> {
        Descent::new(&self.spectrum, self.step, labels).map_err(|e| LessonError::Kernel(e.to_string()))
    }

    /// Kernel descent on labels, at the test points.
    fn at_test(&self, labels: &DMatrix<f64>, steps: u64) -> Result<DMatrix<f64>, LessonError> {
        Ok(self.descent(labels)?.increments(&self.features, &[steps]).swap_remove(0))
    }

    /// The weight of each test point in a squared norm, whose mean over the points is the norm squared.
    ///
    /// # Errors
    /// For the score where all times are the same.
    pub fn weights(&self, norm: Norm) -> Result<DVector<f64>, LessonError> {
        let design = &self.task.design;
        if norm == Norm::Score && design.is_single_time() {
            return Err(LessonError::SingleTime);
        }
        let length = design.horizon() - design.early();
        let weight = |t: &f64| match norm {
            Norm::Regression => 1.0,
            Norm::Score => length * design.level(*t).gain().powi(2),
        };
        Ok(DVector::from_iterator(self.test.len(), self.test.times.iter().map(weight)))
    }

    /// The number of steps at which kernel descent on the labels X_0 is nearest f_* on the test set, among numbers spaced
    /// evenly in their logarithms up to a million, and its error there.
    ///
    /// # Errors
    /// When descent does not converge, the best number of steps is not below a million, or there is no such norm.
    pub fn oracle(&self, norm: Norm) -> Result<(u64, f64), LessonError> {
        let roots = self.weights(norm)?.map(f64::sqrt);
        let scaled = |m: &DMatrix<f64>| {
            let mut m = m.clone();
            m.row_iter_mut().zip(roots.iter()).for_each(|(mut row, root)| row *= *root);
            m
        };
        let steps = candidates();
        let descent = self.descent(&self.train.clean)?;
        let errors = descent.mean_square_errors(&scaled(&self.features), &scaled(&self.test.regression), &steps);
        let at = |k: u64| errors[steps.partition_point(|&other| other < k)];
        match oracle(&steps, at) {
            None => Err(LessonError::NoStep { samples: self.train.len() }),
            Some((k, _)) if k == MOST_STEPS => Err(LessonError::StillFalling),
            Some((k, error)) => Ok((k, error.sqrt())),
        }
    }

    /// The number of steps that are made.
    ///
    /// # Errors
    /// When the rule stops before the first.
    pub fn steps(&self) -> Result<u64, LessonError> {
        self.steps.get_or_init(|| self.choose_steps()).clone()
    }

    fn choose_steps(&self) -> Result<u64, LessonError> {
        if self.task.learner == Learner::Exact {
            return Err(LessonError::Exact);
        }
        let times = |k: u64, factor: f64| ((k as f64 * factor).round() as u64).max(1);
        Ok(match self.task.stop {
            Stop::Steps(k) => k,
            Stop::CriticalRadius(factor) => {
                let none = LessonError::NoStep { samples: self.train.len() };
                times(Some(self.stopping.ok_or(LessonError::NoStop)?).filter(|k| *k > 0).ok_or(none)?, factor)
            }
            Stop::RegressionOracle(factor) => times(self.oracle(Norm::Regression)?.0, factor),
            Stop::ScoreOracle(factor) => times(self.oracle(Norm::Score)?.0, factor),
        })
    }

    fn learned(&self) -> Result<&Learned, LessonError> {
        self.learned.get_or_init(|| self.learn()).as_ref().map_err(Clone::clone)
    }

    fn learn(&self) -> Result<Learned, LessonError> {
        let steps = self.steps()?;
        let labels = &self.train.clean;
        let Learner::Network { regime, .. } = self.task.learner else {
            let descent = self.descent(labels)?;
            let values = descent.increments(&self.features, &[steps]).swap_remove(0);
            let model = Model::Kernel { inputs: self.train.inputs.clone(), coefficients: descent.coefficients(steps) };
            return Ok(Learned {
                steps,
                kernel: values.clone(),
                values,
                model,
                laziness: None,
                displacement_bound: None,
            });
        };
        let run = self.trained(regime, steps)?;
        let first = run.start().eval(&self.train.inputs);
        let from = Descent::started_at(&self.spectrum, self.step, labels, &first);
        let from = from.map_err(|e| LessonError::Kernel(e.to_string()))?;
        let kernel = from.increments(&self.features, &[steps]).swap_remove(0) + run.start().eval(&self.test.inputs);
        let laziness = Laziness::of(run.start(), run.network(), &self.test.inputs);
        let model = Model::Network { inner: run.network().weights().clone(), outer: run.network().signs().clone() };
        let (values, reach) = (run.eval(&self.test.inputs), run.displacement_bound());
        Ok(Learned { steps, values, kernel, model, laziness: Some(laziness), displacement_bound: Some(reach) })
    }

    /// The network, or its linearisation, after some steps on the labels.
    fn trained(&self, regime: Regime, steps: u64) -> Result<Training, LessonError> {
        let failed = |e: &dyn std::fmt::Display| LessonError::Training(e.to_string());
        let Learner::Network { width, start, precision, .. } = self.task.learner else {
            return Err(LessonError::Training("a kernel is no network: take learner = \"network\"".into()));
        };
        let (seed, repetition) = self.task.draw;
        let (p, d) = (self.train.inputs.nrows(), self.train.clean.ncols());
        let network = Network::draw(p, d, width, start, seed, repetition).map_err(|e| failed(&e))?;
        let settings = TrainingSettings { step: self.step, precision, regime };
        let labels = self.train.clean.clone();
        let mut run = Training::new(network, &self.train.inputs, labels, settings).map_err(|e| failed(&e))?;
        run.advance_to(steps, &mut |_, _| {}).map_err(|e| failed(&e))?;
        Ok(run)
    }

    /// The linearised network after the steps that were made, at the test points.
    fn linearised(&self) -> Result<&DMatrix<f64>, LessonError> {
        let make = || match self.task.learner {
            Learner::Network { regime: Regime::Linearised, .. } => Ok(self.learned()?.values.clone()),
            _ => Ok(self.trained(Regime::Linearised, self.learned()?.steps)?.eval(&self.test.inputs)),
        };
        self.linearised.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// The squared distance of a part at each test point.
    ///
    /// # Errors
    /// When nothing was learned.
    pub fn squares(&self, part: Part) -> Result<DVector<f64>, LessonError> {
        if self.task.learner == Learner::Exact && part == Part::Total {
            return Ok(DVector::zeros(self.test.len()));
        }
        let learned = self.learned()?;
        let steps = learned.steps;
        let target = &self.test.regression;
        let noise = || &self.train.clean - &self.train.regression;
        let on_labels = || self.at_test(&self.train.clean, steps);
        let on_element = || self.at_test(&(&self.element_at.0 + noise()), steps);
        let on_target = || self.at_test(&self.train.regression, steps);
        Ok(match part {
            Part::Coupling => squares(&learned.values, &learned.kernel),
            Part::KernelCoupling => squares(self.linearised()?, &learned.kernel),
            Part::KinkCoupling => squares(&learned.values, self.linearised()?),
            Part::Start => squares(&learned.kernel, &on_labels()?),
            Part::MismatchTarget => squares(&on_labels()?, &on_element()?),
            Part::EarlyStopping => squares(&on_element()?, &self.element_at.1),
            Part::Approximation => squares(&self.element_at.1, target),
            Part::MismatchNoise => squares(&on_labels()?, &on_target()?),
            Part::Bias => squares(&on_target()?, target),
            Part::Total => {
                let mut projected = learned.values.transpose();
                projected.column_iter_mut().for_each(|mut f| self.task.data.project(f.as_mut_slice()));
                squares(&projected.transpose(), target)
            }
        })
    }

    /// The norm of a part over the test set, with two standard errors as an open term.
    ///
    /// # Errors
    /// When nothing was learned, or there is no such norm.
    pub fn error(&self, part: Part, norm: Norm) -> Result<Measured, LessonError> {
        let weighted = self.squares(part)?.component_mul(&self.weights(norm)?);
        Ok(root_mean(&weighted))
    }

    /// The norm of a part over the test set itself: no estimate of anything else.
    ///
    /// # Errors
    /// When nothing was learned, or there is no such norm.
    pub fn distance(&self, part: Part, norm: Norm) -> Result<f64, LessonError> {
        Ok(self.squares(part)?.component_mul(&self.weights(norm)?).mean().sqrt())
    }

    /// The number of steps that were made.
    ///
    /// # Errors
    /// When nothing was learned.
    pub fn steps_made(&self) -> Result<u64, LessonError> {
        Ok(self.learned()?.steps)
    }

    /// How far the network has moved from where its linearisation is; `None` for the kernel.
    ///
    /// # Errors
    /// When nothing was learned.
    pub fn laziness(&self) -> Result<Option<&Laziness>, LessonError> {
        Ok(self.learned()?.laziness.as_ref())
    }

    /// What no neuron can have been displaced by more than, in units of `m^{-1/2}` (HRX-14b); `None` for the kernel.
    ///
    /// # Errors
    /// When nothing was learned.
    pub fn displacement_bound(&self) -> Result<Option<f64>, LessonError> {
        Ok(self.learned()?.displacement_bound)
    }

    /// What was learned, as what makes a score.
    ///
    /// # Errors
    /// When nothing was learned; of a linearised network, which is none that a file holds.
    pub fn estimate(&self) -> Result<Estimate, LessonError> {
        if let Learner::Network { regime: Regime::Linearised, .. } = self.task.learner {
            return Err(LessonError::Training(
                "a linearised network makes no score: take \"network\" or \"kernel\"".into(),
            ));
        }
        let design = &self.task.design;
        let times = (design.early(), design.horizon());
        Ok(Estimate::new(self.learned()?.model.clone(), times, design.bias(), self.task.data.radius())?)
    }
}

/// The mean of squares, with two standard errors as an open term.
fn mean(squares: &DVector<f64>) -> Measured {
    let error = 2.0 * (squares.variance() / (squares.len() as f64 - 1.0)).sqrt();
    let ledger = Ledger::new().open(Source::Sampling, error, two_errors(squares.len()));
    at_least_0(Measured::with_ledger(Interval::point(squares.mean()), ledger))
}

fn two_errors(points: usize) -> String {
    format!("two standard errors over {points} test points")
}

fn at_least_0(measured: Measured) -> Measured {
    Measured { value: measured.value.max(Interval::ZERO), ..measured }
}

/// The root of the mean of squares, with two standard errors of it as an open term: to first order those of the mean over twice
/// the root.
#[must_use]
pub fn root_mean(squares: &DVector<f64>) -> Measured {
    let degrees = squares.len() as f64 - 1.0;
    let mean = squares.mean();
    let root = mean.sqrt();
    let error = if root > 0.0 { (squares.variance() / degrees).sqrt() / root } else { 0.0 };
    let ledger = Ledger::new().open(Source::Sampling, error, two_errors(squares.len()));
    at_least_0(Measured::with_ledger(Interval::point(root), ledger))
}

impl Lesson {
    /// The standard deviation and the norm that the stopping rule uses, per coordinate.
    fn noise_and_norm(&self) -> (f64, f64) {
        (self.train.variances.mean().sqrt(), self.element.norm() / (self.task.data.dim() as f64).sqrt())
    }
}
