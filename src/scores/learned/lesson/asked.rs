//! What can be asked of a lesson.

use super::{Lesson, LessonError, Norm, Part, at_least_0, mean, root_mean, squares, two_errors};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::learned::{Complexity, TimeMeasure, candidates, homogeneity_floor};
use crate::targets::BoundedData;
use nalgebra::DVector;

/// One in so many eigenvalues of the anchors' Gram matrix stands for one of the operator: the others are low.
const TRUSTED: usize = 4;

/// What can be asked of a lesson, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The norm of a part of the error.
    Error(Part, Norm),
    /// The number of steps that were made.
    Steps,
    /// T^.
    StoppingTime,
    /// The square of the critical radius, `epsilon^2`.
    CriticalRadius,
    /// `eta_T^ = eta n T^`.
    StoppedTime,
    /// The number of steps at which kernel descent is best.
    Oracle(Norm),
    /// The error of kernel descent there.
    OracleError(Norm),
    /// The root mean square of the posterior's standard deviation at the training inputs, per coordinate.
    Noise,
    /// `|f_H|_H`.
    ElementNorm,
    /// The share of neurons and test points whose sign has changed.
    Flips,
    /// KL between the paths of the reverse diffusions with the exact and with the learned score, in nats (HRX-6c).
    PathKl,
    /// The square of the norm of the whole error.
    SquaredError,
    /// The square of the error of kernel descent at its best number of steps for the regression function.
    SquaredOracleError,
    /// The square of the critical radius at n samples of a spectrum that stands for the kernel's operator: that of the anchors' Gram
    /// matrix, continued by its power law.
    ExtrapolatedRadius,
    /// One over that, what `eta_T^` is then up to one step.
    ExtrapolatedTime,
    /// The smallest eigenvalue of the Gram matrix.
    LeastEigenvalue,
    /// The exponent of the decay of the eigenvalues of the Gram matrix, from number n/64 to number n/8.
    SpectrumDecay,
    /// What [`Asked::SpectrumDecay`] tends to as n grows, p/(p - 1).
    DecayLimit,
    /// The same exponent of the Gram matrix of n inputs that are uniform on the unit sphere of R^p.
    SphereGramDecay,
    /// The same exponent, over the same eigenvalues, of the kernel's operator on that sphere: exact.
    SphereDecay,
    /// The local exponent of the operator's eigenvalues in order, at the degree of eigenvalue number n: it tends to p/(p - 1).
    SphereOrderDecay,
    /// The local exponent of the operator's eigenvalues by degree, at that degree: it tends to p.
    SphereDegreeDecay,
    /// The distance from f_* of the ridge fit on the anchors whose ridge is best for the test set.
    BestApproximation,
    /// The least distance from f_* of a function that is homogeneous of degree 1 in the inputs without the constant 1 (HRX-10).
    HomogeneityFloor,
    /// `eta n k`, the elapsed time of the steps that were made.
    Elapsed,
    /// `|f_k - f_H|_n^2` at the training inputs, for kernel descent on the labels f_H + noise.
    TrainError,
    /// `4 rho^2/(e eta_k)` over that, for k up to T^ (HRX-17).
    RwyRatio,
    /// `12 rho^2 epsilon^2` over that at T^ (HRX-17).
    RwyRatioAtStop,
    /// The bound of HRX-18a over that.
    ExplicitRatio,
    /// The least of that over the numbers of steps, over that.
    TrainOracleRatio,
}

impl Asked {
    /// All of them.
    pub const ALL: [Asked; 51] = {
        use Norm::{Regression, Score};
        [
            Asked::Error(Part::Coupling, Regression),
            Asked::Error(Part::KernelCoupling, Regression),
            Asked::Error(Part::KinkCoupling, Regression),
            Asked::Error(Part::Start, Regression),
            Asked::Error(Part::MismatchTarget, Regression),
            Asked::Error(Part::EarlyStopping, Regression),
            Asked::Error(Part::Approximation, Regression),
            Asked::Error(Part::MismatchNoise, Regression),
            Asked::Error(Part::Bias, Regression),
            Asked::Error(Part::Total, Regression),
            Asked::Error(Part::Coupling, Score),
            Asked::Error(Part::KernelCoupling, Score),
            Asked::Error(Part::KinkCoupling, Score),
            Asked::Error(Part::Start, Score),
            Asked::Error(Part::MismatchTarget, Score),
            Asked::Error(Part::EarlyStopping, Score),
            Asked::Error(Part::Approximation, Score),
            Asked::Error(Part::MismatchNoise, Score),
            Asked::Error(Part::Bias, Score),
            Asked::Error(Part::Total, Score),
            Asked::Steps,
            Asked::StoppingTime,
            Asked::CriticalRadius,
            Asked::StoppedTime,
            Asked::Oracle(Regression),
            Asked::Oracle(Score),
            Asked::OracleError(Regression),
            Asked::OracleError(Score),
            Asked::Noise,
            Asked::ElementNorm,
            Asked::Flips,
            Asked::PathKl,
            Asked::SquaredError,
            Asked::SquaredOracleError,
            Asked::ExtrapolatedRadius,
            Asked::ExtrapolatedTime,
            Asked::LeastEigenvalue,
            Asked::SpectrumDecay,
            Asked::DecayLimit,
            Asked::SphereGramDecay,
            Asked::SphereDecay,
            Asked::SphereOrderDecay,
            Asked::SphereDegreeDecay,
            Asked::BestApproximation,
            Asked::HomogeneityFloor,
            Asked::Elapsed,
            Asked::TrainError,
            Asked::RwyRatio,
            Asked::RwyRatioAtStop,
            Asked::ExplicitRatio,
            Asked::TrainOracleRatio,
        ]
    };

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Asked::Error(part, Norm::Regression) => part.name(),
            Asked::Error(part, Norm::Score) => match part {
                Part::Coupling => "coupling-score",
                Part::KernelCoupling => "coupling-kernel-score",
                Part::KinkCoupling => "coupling-kink-score",
                Part::Start => "start-score",
                Part::MismatchTarget => "mismatch-target-score",
                Part::EarlyStopping => "early-stopping-score",
                Part::Approximation => "approximation-score",
                Part::MismatchNoise => "mismatch-noise-score",
                Part::Bias => "bias-score",
                Part::Total => "total-score",
            },
            Asked::Steps => "steps",
            Asked::StoppingTime => "stopping-time",
            Asked::CriticalRadius => "critical-radius-squared",
            Asked::StoppedTime => "stopped-time",
            Asked::Oracle(Norm::Regression) => "regression-oracle",
            Asked::Oracle(Norm::Score) => "score-oracle",
            Asked::OracleError(Norm::Regression) => "regression-oracle-error",
            Asked::OracleError(Norm::Score) => "score-oracle-error",
            Asked::Noise => "label-noise",
            Asked::ElementNorm => "element-norm",
            Asked::Flips => "flips",
            Asked::PathKl => "path-kl",
            Asked::SquaredError => "total-squared",
            Asked::SquaredOracleError => "regression-oracle-error-squared",
            Asked::ExtrapolatedRadius => "extrapolated-radius-squared",
            Asked::ExtrapolatedTime => "extrapolated-time",
            Asked::LeastEigenvalue => "least-eigenvalue",
            Asked::SpectrumDecay => "spectrum-decay",
            Asked::DecayLimit => "decay-limit",
            Asked::SphereGramDecay => "sphere-gram-decay",
            Asked::SphereDecay => "sphere-decay",
            Asked::SphereOrderDecay => "sphere-order-decay",
            Asked::SphereDegreeDecay => "sphere-degree-decay",
            Asked::BestApproximation => "best-approximation",
            Asked::HomogeneityFloor => "homogeneity-floor",
            Asked::Elapsed => "elapsed-time",
            Asked::TrainError => "train-error-squared",
            Asked::RwyRatio => "rwy-ratio",
            Asked::RwyRatioAtStop => "rwy-ratio-at-stop",
            Asked::ExplicitRatio => "explicit-ratio",
            Asked::TrainOracleRatio => "train-oracle-ratio",
        }
    }
}

impl Lesson {
    /// The answer to a question.
    ///
    /// # Errors
    /// When nothing was learned, or what was asked for is not there.
    pub fn answer(&self, asked: Asked) -> Result<Measured, LessonError> {
        let plain = |x: f64| {
            Measured::with_ledger(Interval::point(x), Ledger::new().open(Source::Rounding, 0.0, "plain arithmetic"))
        };
        let (noise, norm) = self.noise_and_norm();
        let none = || LessonError::NoStop;
        let flat = || LessonError::Kernel("fewer than two eigenvalues above 0 are there to tell their decay".into());
        Ok(match asked {
            Asked::Error(part, norm) => self.error(part, norm)?,
            Asked::Steps => plain(self.steps_made()? as f64),
            Asked::StoppingTime => plain(self.stopping.ok_or_else(none)? as f64),
            Asked::CriticalRadius => plain(Complexity::of(&self.spectrum).critical_radius(noise / norm).powi(2)),
            Asked::StoppedTime => plain(self.elapsed(self.stopping.ok_or_else(none)?)),
            Asked::Oracle(norm) => {
                let (steps, found) = (candidates(), self.oracle(norm)?.0);
                let place = steps.partition_point(|&other| other < found);
                let apart = |k: Option<&u64>| k.map_or(0, |k| k.abs_diff(found));
                let gap = apart(steps.get(place + 1)).max(apart(place.checked_sub(1).and_then(|k| steps.get(k))));
                let why = "the distance to the next number of steps that was looked at";
                let ledger = Ledger::new().open(Source::Discretisation, gap.saturating_sub(1) as f64, why);
                at_least_0(Measured::with_ledger(Interval::point(found as f64), ledger))
            }
            Asked::OracleError(norm) => root_mean(&self.oracle_squares(norm)?),
            Asked::Noise => plain(noise),
            Asked::ElementNorm => plain(self.element.norm()),
            Asked::Flips => {
                let of_network = || LessonError::Training("only a network has neurons whose signs change".into());
                plain(self.laziness()?.ok_or_else(of_network)?.flips)
            }
            Asked::PathKl => {
                // g = 2 for the Ornstein-Uhlenbeck process: KL = (1/2) int g a^2 E|f - f_*|^2 dt.
                mean(&self.squares(Part::Total)?.component_mul(&self.weights(Norm::Score)?))
            }
            Asked::SquaredError => mean(&self.squares(Part::Total)?),
            Asked::SquaredOracleError => mean(&self.oracle_squares(Norm::Regression)?),
            Asked::ExtrapolatedRadius => plain(self.extrapolated_radius()?.powi(2)),
            Asked::ExtrapolatedTime => plain(self.extrapolated_radius()?.powi(-2)),
            Asked::LeastEigenvalue => {
                let values = self.spectrum.values();
                let (most, least) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
                // The backward error of the eigen-system, of the size of n units of rounding of the largest.
                let error = values.len() as f64 * f64::EPSILON * most;
                let ledger = Ledger::new().open(Source::Rounding, error, "rounding of the eigen-system");
                at_least_0(Measured::with_ledger(Interval::point(least), ledger))
            }
            Asked::SpectrumDecay => {
                let (first, last) = self.told()?;
                plain(self.spectrum.decay(first, last).ok_or_else(flat)?)
            }
            Asked::DecayLimit => plain(self.limit_decay()?),
            Asked::SphereGramDecay => {
                let (first, last) = self.told()?;
                plain(self.drawn_on_sphere()?.decay(first, last).ok_or_else(flat)?)
            }
            Asked::SphereDecay => {
                let (first, last) = self.told()?;
                plain(self.on_sphere()?.decay(first, last).ok_or_else(flat)?)
            }
            Asked::SphereOrderDecay => plain(self.on_sphere()?.order_decay(self.train.len()).ok_or_else(flat)?),
            Asked::SphereDegreeDecay => plain(self.on_sphere()?.degree_decay(self.train.len()).ok_or_else(flat)?),
            Asked::BestApproximation => {
                let ridges: Vec<f64> = (-44..=8).map(|i| 10_f64.powf(0.25 * f64::from(i))).collect();
                let best = self.anchors.curve(&ridges, &self.test.inputs, &self.test.regression).best();
                let ledger =
                    Ledger::new().open(Source::Sampling, 2.0 * best.standard_error, two_errors(self.test.len()));
                at_least_0(Measured::with_ledger(Interval::point(best.error), ledger))
            }
            Asked::HomogeneityFloor => match &self.task.data {
                _ if self.task.design.is_single_time() => {
                    return Err(LessonError::Kernel(
                        "the floor of homogeneous functions is known over times only".into(),
                    ));
                }
                BoundedData::Points(atoms) => homogeneity_floor(&self.task.design, atoms, &self.test),
                BoundedData::Box(_) | BoundedData::Product(_) => {
                    return Err(LessonError::Kernel(
                        "the floor of homogeneous functions is known for atoms only".into(),
                    ));
                }
            },
            Asked::Elapsed => plain(self.elapsed(self.steps_made()?)),
            Asked::TrainError => plain(self.train_error_squared()?),
            Asked::RwyRatio => plain(self.rwy_ratio()?),
            Asked::RwyRatioAtStop => plain(self.rwy_ratio_at_stop()?),
            Asked::ExplicitRatio => plain(self.explicit_ratio()?),
            Asked::TrainOracleRatio => plain(self.oracle_ratio()?),
        })
    }

    /// The squared distances of kernel descent at its best number of steps, weighted for the norm.
    fn oracle_squares(&self, norm: Norm) -> Result<DVector<f64>, LessonError> {
        let values = self.at_test(&self.train.clean, self.oracle(norm)?.0)?;
        Ok(squares(&values, &self.test.regression).component_mul(&self.weights(norm)?))
    }

    /// The critical radius at n samples of the anchors' spectrum with its power law behind it.
    fn extrapolated_radius(&self) -> Result<f64, LessonError> {
        if self.task.design.measure() != TimeMeasure::UniformTime {
            let why =
                "the spectrum is extrapolated from the anchors, whose times are uniform: take measure = \"uniform\"";
            return Err(LessonError::Kernel(why.into()));
        }
        let (noise, norm) = self.noise_and_norm();
        Ok(self.extrapolated(self.train.len() as f64)?.critical_radius(noise / norm))
    }

    /// The anchors' spectrum with its power law behind it, for some number of samples.
    pub(super) fn extrapolated(&self, samples: f64) -> Result<Complexity, LessonError> {
        let spectrum = self.anchors.spectrum();
        Ok(Complexity::extrapolated(spectrum, (spectrum.len() / TRUSTED).max(1), self.limit_decay()?, samples))
    }
}
