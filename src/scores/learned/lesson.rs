//! A lesson: samples of the data, what is learned from them, and every error of it against the exact regression function
//! (HRX-15).

use super::{
    Anchors, Complexity, Descent, Design, Estimate, EstimateError, KernelFunction, Laziness, MOST_STEPS, Model,
    Network, Precision, Regime, Sample, Spectrum, Start, Training, TrainingSettings, candidates, cross_gram, gram,
    oracle,
};
use crate::numerics::{Interval, Ledger, Mean, Measured, Source};
use crate::targets::BoundedData;
use nalgebra::{DMatrix, DVector};
use std::sync::OnceLock;
use thiserror::Error;

mod asked;
mod facts;
mod rule;
mod sphere;
#[cfg(test)]
mod tests;

pub use asked::Asked;
pub use facts::{Along, Slope};

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

/// Which ridge fit on the anchors f_H is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ridge {
    /// That of this ridge.
    Of(f64),
    /// The one of largest ridge whose norm in the kernel's space is this.
    OfNorm(f64),
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
    /// M, points at which errors are measured, whatever the design's measure of times: uniform on its interval for the regression
    /// function, spread evenly in their logarithms for the score.
    pub test: usize,
    /// Anchors of the element f_H of the kernel's space.
    pub anchors: usize,
    /// Which fit on them it is.
    pub ridge: Ridge,
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
    /// No fit on the anchors is as long as f_H is to be.
    #[error("no ridge fit on {anchors} anchors has a norm of {norm} in the kernel's space: the longest is shorter")]
    Shorter {
        /// |f_H|_H as it is to be.
        norm: f64,
        /// N.
        anchors: usize,
    },
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

/// Points at which functions are compared.
struct Compared {
    sample: Sample,
    /// kappa between the points and eigenvectors, M x n.
    features: DMatrix<f64>,
    /// f_H there, M x d.
    element: DMatrix<f64>,
}

impl Compared {
    fn new(sample: Sample, (train, spectrum): (&Sample, &Spectrum), element: &KernelFunction) -> Self {
        let features = spectrum.features(&cross_gram(&sample.inputs, &train.inputs));
        Self { element: element.values(&sample.inputs), features, sample }
    }
}

/// A lesson, with all that several questions about it share.
pub struct Lesson {
    task: Task,
    train: Sample,
    /// At times uniform on the design's interval.
    test: Compared,
    /// At times spread evenly in their logarithms.
    spread: OnceLock<Compared>,
    spectrum: Spectrum,
    anchors: Anchors,
    /// That of the fit f_H.
    ridge: f64,
    /// f_H.
    element: KernelFunction,
    /// f_H at the training inputs.
    element_at_train: DMatrix<f64>,
    /// eta.
    step: f64,
    stopping: Option<u64>,
    steps: OnceLock<Result<u64, LessonError>>,
    learned: OnceLock<Result<Learned, LessonError>>,
    /// What was learned, at the points of either norm.
    values: [OnceLock<Result<Values, LessonError>>; 2],
    /// The linearised network after the same steps.
    linearised: OnceLock<Result<Training, LessonError>>,
    /// The largest slopes of f_*.
    slopes: OnceLock<Result<facts::Slopes, LessonError>>,
}

/// What came out.
struct Learned {
    steps: u64,
    model: Model,
    /// The training of a network.
    run: Option<Training>,
    laziness: Option<Laziness>,
}

/// What came out, at some points.
struct Values {
    /// M x d, before the projection.
    learned: DMatrix<f64>,
    /// Kernel descent on the same labels from the same start.
    kernel: DMatrix<f64>,
}

/// The squared distances of two functions at some points.
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
        let fit = Anchors::new(anchors.inputs, &anchors.regression).map_err(|e| kernel(&e))?;
        let ridge = match task.ridge {
            Ridge::Of(ridge) => ridge,
            Ridge::OfNorm(norm) => {
                fit.ridge_of_norm(norm).ok_or(LessonError::Shorter { norm, anchors: task.anchors })?
            }
        };
        let element = fit.fit(ridge);
        let element_at_train = element.values(&train.inputs);
        let test = Compared::new(test, (&train, &spectrum), &element);
        let step = spectrum.monotone_step();
        let complexity = Complexity::of(&spectrum);
        let lesson = Self {
            task,
            train,
            test,
            spread: OnceLock::new(),
            spectrum,
            anchors: fit,
            ridge,
            element,
            element_at_train,
            step,
            stopping: None,
            steps: OnceLock::new(),
            learned: OnceLock::new(),
            values: Default::default(),
            linearised: OnceLock::new(),
            slopes: OnceLock::new(),
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

    /// The test set of times uniform on the design's interval.
    #[must_use]
    pub fn test(&self) -> &Sample {
        &self.test.sample
    }

    /// The points at which errors in a norm are estimated: for the score their times are spread evenly in their logarithms, since
    /// of uniform ones a few would decide.
    fn compared(&self, norm: Norm) -> &Compared {
        let draw = || {
            let Task { data, design, test, draw: (seed, repetition), .. } = &self.task;
            let sample = design.draw_in_logarithm(data, *test, (*seed, "lesson-spread", *repetition));
            Compared::new(sample, (&self.train, &self.spectrum), &self.element)
        };
        match norm {
            Norm::Regression => &self.test,
            Norm::Score => self.spread.get_or_init(draw),
        }
    }

    /// The eigen-system of the Gram matrix of the training inputs.
    #[must_use]
    pub fn spectrum(&self) -> &Spectrum {
        &self.spectrum
    }

    /// `kappa(z, Z) U` at the test inputs, M x n.
    #[must_use]
    pub fn features(&self) -> &DMatrix<f64> {
        &self.test.features
    }

    /// f_H, with its values at the training and at the test inputs.
    #[must_use]
    pub fn element(&self) -> (&KernelFunction, &DMatrix<f64>, &DMatrix<f64>) {
        (&self.element, &self.element_at_train, &self.test.element)
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

    /// Kernel descent on labels, at the points of a norm.
    fn descended(&self, labels: &DMatrix<f64>, steps: u64, norm: Norm) -> Result<DMatrix<f64>, LessonError> {
        Ok(self.descent(labels)?.increments(&self.compared(norm).features, &[steps]).swap_remove(0))
    }

    /// The weight of each test point in a squared norm, whose mean over the points is the norm squared.
    ///
    /// # Errors
    /// For the score where all times are the same.
    pub fn weights(&self, norm: Norm) -> Result<DVector<f64>, LessonError> {
        self.is_a_norm(norm)?;
        let design = &self.task.design;
        let length = design.horizon() - design.early();
        let weight = |t: &f64| match norm {
            Norm::Regression => 1.0,
            Norm::Score => length * design.level(*t).gain().powi(2),
        };
        Ok(DVector::from_iterator(self.test().len(), self.test().times.iter().map(weight)))
    }

    /// The same for the points at which errors in the norm are estimated.
    fn own_weights(&self, norm: Norm) -> Result<DVector<f64>, LessonError> {
        self.is_a_norm(norm)?;
        let (design, sample) = (&self.task.design, &self.compared(norm).sample);
        let length = (design.horizon() / design.early()).ln();
        let weight = |t: &f64| match norm {
            Norm::Regression => 1.0,
            Norm::Score => length * t * design.level(*t).gain().powi(2),
        };
        Ok(DVector::from_iterator(sample.len(), sample.times.iter().map(weight)))
    }

    /// That the norm is not the score's where all times are the same.
    fn is_a_norm(&self, norm: Norm) -> Result<(), LessonError> {
        if norm == Norm::Score && self.task.design.is_single_time() {
            return Err(LessonError::SingleTime);
        }
        Ok(())
    }

    /// The number of steps at which kernel descent on the labels X_0 is nearest f_* in a norm, as its test points tell, among numbers spaced
    /// evenly in their logarithms up to a million, and its error there.
    ///
    /// # Errors
    /// When descent does not converge, the best number of steps is not below a million, or there is no such norm.
    pub fn oracle(&self, norm: Norm) -> Result<(u64, f64), LessonError> {
        let roots = self.own_weights(norm)?.map(f64::sqrt);
        let scaled = |m: &DMatrix<f64>| {
            let mut m = m.clone();
            m.row_iter_mut().zip(roots.iter()).for_each(|(mut row, root)| row *= *root);
            m
        };
        let steps = candidates();
        let (descent, at) = (self.descent(&self.train.clean)?, self.compared(norm));
        let errors = descent.mean_square_errors(&scaled(&at.features), &scaled(&at.sample.regression), &steps);
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
        let Learner::Network { regime, .. } = self.task.learner else {
            let coefficients = self.descent(&self.train.clean)?.coefficients(steps);
            let model = Model::Kernel { inputs: self.train.inputs.clone(), coefficients };
            return Ok(Learned { steps, model, run: None, laziness: None });
        };
        let run = self.trained(regime, steps)?;
        let laziness = Laziness::of(run.start(), run.network(), &self.test().inputs);
        let model = Model::Network { inner: run.network().weights().clone(), outer: run.network().signs().clone() };
        Ok(Learned { steps, model, run: Some(run), laziness: Some(laziness) })
    }

    /// What came out, at the points of a norm.
    fn values(&self, norm: Norm) -> Result<&Values, LessonError> {
        let make = || {
            let (Learned { steps, run, .. }, labels) = (self.learned()?, &self.train.clean);
            let Some(run) = run else {
                let kernel = self.descended(labels, *steps, norm)?;
                return Ok(Values { learned: kernel.clone(), kernel });
            };
            let first = run.start().eval(&self.train.inputs);
            let from = Descent::started_at(&self.spectrum, self.step, labels, &first);
            let from = from.map_err(|e| LessonError::Kernel(e.to_string()))?;
            let Compared { sample, features, .. } = self.compared(norm);
            let kernel = from.increments(features, &[*steps]).swap_remove(0) + run.start().eval(&sample.inputs);
            Ok(Values { learned: run.eval(&sample.inputs), kernel })
        };
        let place = match norm {
            Norm::Regression => &self.values[0],
            Norm::Score => &self.values[1],
        };
        place.get_or_init(make).as_ref().map_err(Clone::clone)
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

    /// The linearised network after the steps that were made, at the points of a norm.
    fn linearised(&self, norm: Norm) -> Result<DMatrix<f64>, LessonError> {
        if let Learner::Network { regime: Regime::Linearised, .. } = self.task.learner {
            return Ok(self.values(norm)?.learned.clone());
        }
        let run = self.linearised.get_or_init(|| self.trained(Regime::Linearised, self.learned()?.steps));
        Ok(run.as_ref().map_err(Clone::clone)?.eval(&self.compared(norm).sample.inputs))
    }

    /// What was learned, projected onto the ball of the data, at the points of a norm.
    fn projected(&self, norm: Norm) -> Result<DMatrix<f64>, LessonError> {
        let mut projected = self.values(norm)?.learned.transpose();
        projected.column_iter_mut().for_each(|mut f| self.task.data.project(f.as_mut_slice()));
        Ok(projected.transpose())
    }

    /// The squared distance of a part at each test point.
    ///
    /// # Errors
    /// When nothing was learned and the part needs it.
    pub fn squares(&self, part: Part) -> Result<DVector<f64>, LessonError> {
        self.squares_at(part, Norm::Regression)
    }

    /// The squared distance of a part at each of the points of a norm.
    fn squares_at(&self, part: Part, norm: Norm) -> Result<DVector<f64>, LessonError> {
        let Compared { sample: Sample { regression: target, .. }, element, .. } = self.compared(norm);
        if self.task.learner == Learner::Exact && part == Part::Total {
            return Ok(DVector::zeros(target.nrows()));
        }
        let values = || self.values(norm);
        let noise = || &self.train.clean - &self.train.regression;
        let after = |labels: &DMatrix<f64>| self.descended(labels, self.learned()?.steps, norm);
        let on_labels = || after(&self.train.clean);
        let on_element = || after(&(&self.element_at_train + noise()));
        let on_target = || after(&self.train.regression);
        Ok(match part {
            Part::Coupling => squares(&values()?.learned, &values()?.kernel),
            Part::KernelCoupling => squares(&self.linearised(norm)?, &values()?.kernel),
            Part::KinkCoupling => squares(&values()?.learned, &self.linearised(norm)?),
            Part::Start => squares(&values()?.kernel, &on_labels()?),
            Part::MismatchTarget => squares(&on_labels()?, &on_element()?),
            Part::EarlyStopping => squares(&on_element()?, element),
            Part::Approximation => squares(element, target),
            Part::MismatchNoise => squares(&on_labels()?, &on_target()?),
            Part::Bias => squares(&on_target()?, target),
            Part::Total => squares(&self.projected(norm)?, target),
        })
    }

    /// The squared distance of a part at each of the points of a norm with their weights: their mean estimates the norm squared.
    fn weighted(&self, part: Part, norm: Norm) -> Result<DVector<f64>, LessonError> {
        Ok(self.squares_at(part, norm)?.component_mul(&self.own_weights(norm)?))
    }

    /// The norm of a part, with two standard errors over its test points as an open term.
    ///
    /// # Errors
    /// When nothing was learned, or there is no such norm.
    pub fn error(&self, part: Part, norm: Norm) -> Result<Measured, LessonError> {
        Ok(root_mean(&self.weighted(part, norm)?))
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
        Ok(self.learned()?.run.as_ref().map(Training::displacement_bound))
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

/// Two standard errors over some points; where few of them make the mean that is said, since two errors then cover less.
fn two_errors(squares: &Mean) -> String {
    format!("two standard errors over {} points, worth {:.0} of equal size", squares.count, squares.effective())
}

fn at_least_0(measured: Measured) -> Measured {
    Measured { value: measured.value.max(Interval::ZERO), ..measured }
}

/// The mean of squares, with two standard errors as an open term.
fn mean(squares: impl IntoIterator<Item = f64>) -> Measured {
    let squares = Mean::of(squares);
    let ledger = Ledger::new().open(Source::Sampling, squares.two_errors(), two_errors(&squares));
    at_least_0(Measured::with_ledger(Interval::point(squares.value), ledger))
}

/// The root of the mean of squares, with two standard errors of it as an open term: to first order those of the mean over twice
/// the root.
#[must_use]
pub fn root_mean(squares: &DVector<f64>) -> Measured {
    let squares = Mean::of(squares.iter().copied());
    let root = squares.value.sqrt();
    let error = if root > 0.0 { squares.standard_error() / root } else { 0.0 };
    let ledger = Ledger::new().open(Source::Sampling, error, two_errors(&squares));
    at_least_0(Measured::with_ledger(Interval::point(root), ledger))
}

impl Lesson {
    /// The standard deviation and the norm that the stopping rule uses, per coordinate.
    fn noise_and_norm(&self) -> (f64, f64) {
        (self.train.rms_deviation(), self.element.norm() / (self.task.data.dim() as f64).sqrt())
    }
}
