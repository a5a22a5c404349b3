//! What can be asked of a lesson.

use super::facts::{Along, Slope};
use super::{Lesson, LessonError, Norm, Part, at_least_0, mean, root_mean, squares};
use crate::numerics::{Interval, Ledger, Mean, Measured, Source};
use crate::scores::learned::{Complexity, Spectrum, TimeMeasure, candidates, gram, homogeneity_floor};
use crate::targets::BoundedData;
use nalgebra::DVector;

/// One in so many eigenvalues of the anchors' Gram matrix stands for one of the operator: the others are low.
const TRUSTED: usize = 4;
/// The relative rounding of posterior moments and of bounds made of a few of them.
const POSTERIOR: f64 = 1e-13;
/// Of fits through eigenvalues on spheres, which are sums of many terms.
const SPHERE: f64 = 1e-10;
/// Groups of anchors whose spectra tell how much the draw of the anchors matters, and the level of Student's interval of their mean.
const GROUPS: usize = 4;
const LEVEL: f64 = 0.95;

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
    /// The largest of these standard deviations.
    LargestNoise,
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
    /// The mean of `|f - X_0|^2` over the test set for what was learned, projected (HRX-4).
    Loss,
    /// The mean irreducible noise over the design: the loss of f_* itself (HRX-4).
    MeanNoise,
    /// What it can be by the mutual information, where times are uniform in the signal-to-noise ratio (HRX-7).
    NoiseBound,
    /// `I(X_0; X_T0)` on the line, nats (HRX-6).
    Information,
    /// What it can be, by entropy or second moment.
    InformationBound,
    /// `E |grad ln p_T0|^2` on the line (HRX-6).
    Fisher,
    /// The largest slope of f_* (HRX-5).
    Slope(Along, Slope),
    /// The largest share of the sharp bound that a slope in space reaches.
    SlopeShare,
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
    pub const ALL: [Asked; 65] = {
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
            Asked::LargestNoise,
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
            Asked::Loss,
            Asked::MeanNoise,
            Asked::NoiseBound,
            Asked::Information,
            Asked::InformationBound,
            Asked::Fisher,
            Asked::Slope(Along::Space, Slope::Found),
            Asked::Slope(Along::Space, Slope::Sharp),
            Asked::Slope(Along::Space, Slope::Crude),
            Asked::SlopeShare,
            Asked::Slope(Along::Time, Slope::Found),
            Asked::Slope(Along::Time, Slope::Sharp),
            Asked::Slope(Along::Time, Slope::Crude),
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
            Asked::LargestNoise => "label-noise-largest",
            Asked::Loss => "test-loss",
            Asked::MeanNoise => "noise",
            Asked::NoiseBound => "noise-bound",
            Asked::Information => "information",
            Asked::InformationBound => "information-bound",
            Asked::Fisher => "fisher",
            Asked::Slope(Along::Space, Slope::Found) => "lipschitz",
            Asked::Slope(Along::Space, Slope::Sharp) => "lipschitz-bound",
            Asked::Slope(Along::Space, Slope::Crude) => "lipschitz-bound-crude",
            Asked::SlopeShare => "lipschitz-share",
            Asked::Slope(Along::Time, Slope::Found) => "lipschitz-time",
            Asked::Slope(Along::Time, Slope::Sharp) => "lipschitz-time-bound",
            Asked::Slope(Along::Time, Slope::Crude) => "lipschitz-time-bound-crude",
            Asked::TrainError => "train-error-squared",
            Asked::RwyRatio => "rwy-ratio",
            Asked::RwyRatioAtStop => "rwy-ratio-at-stop",
            Asked::ExplicitRatio => "explicit-ratio",
            Asked::TrainOracleRatio => "train-oracle-ratio",
        }
    }

    /// Whether its width is nothing but the chance of test points, which every repetition draws anew: the spread over repetitions
    /// shows that chance already.
    #[must_use]
    pub fn is_sampled(self) -> bool {
        use Asked::{BestApproximation, Error, Loss, OracleError, PathKl, SquaredError, SquaredOracleError};
        matches!(
            self,
            Error(..) | OracleError(_) | PathKl | SquaredError | SquaredOracleError | BestApproximation | Loss
        )
    }
}

/// A number that is off by no more than its rounding, of about this relative size: nothing is estimated.
fn rounded(x: f64, relative: f64) -> Measured {
    let error = if x.is_finite() { x.abs() * relative } else { 0.0 };
    Measured::with_ledger(Interval::point(x), Ledger::new().open(Source::Rounding, error, "rounding, estimated"))
}

/// A number of steps, or of other things that are counted.
fn counted(n: f64) -> Measured {
    Measured::with_ledger(Interval::point(n), Ledger::new().open(Source::Rounding, 0.0, "counted"))
}

impl Lesson {
    /// The answer to a question.
    ///
    /// # Errors
    /// When nothing was learned, or what was asked for is not there.
    pub fn answer(&self, asked: Asked) -> Result<Measured, LessonError> {
        let (noise, norm) = self.noise_and_norm();
        let none = || LessonError::NoStop;
        let n = self.train.len() as f64;
        // Sums over the training set, and its largest eigenvalue: n units of rounding.
        let summed = |x: f64| rounded(x, n * f64::EPSILON);
        let on_the_line = |found: Option<Measured>| {
            let why =
                "known by quadrature on the line only: `information-bound` and `noise` are there in every dimension";
            found.ok_or_else(|| LessonError::Kernel(why.into()))
        };
        let flat = || LessonError::Kernel("fewer than two eigenvalues above 0 are there to tell their decay".into());
        let (data, design) = (&self.task.data, &self.task.design);
        Ok(match asked {
            Asked::Error(part, norm) => self.error(part, norm)?,
            Asked::Steps => counted(self.steps_made()? as f64),
            Asked::StoppingTime => counted(self.stopping.ok_or_else(none)? as f64),
            Asked::CriticalRadius => {
                let complexity = Complexity::of(&self.spectrum);
                let radius = complexity.critical_radius(noise / norm);
                rounded(radius.powi(2), complexity.rounding(radius))
            }
            Asked::StoppedTime => summed(self.elapsed(self.stopping.ok_or_else(none)?)),
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
            Asked::Noise => summed(noise),
            Asked::LargestNoise => rounded(self.train.largest_deviation(), POSTERIOR),
            Asked::ElementNorm => {
                // Eigenvalues are off by N units of rounding of the largest, and stand beside the ridge.
                let values = self.anchors.spectrum().values();
                let largest = values.first().copied().unwrap_or(0.0);
                rounded(self.element.norm(), values.len() as f64 * f64::EPSILON * (1.0 + largest / self.ridge))
            }
            Asked::Flips => {
                let of_network = || LessonError::Training("only a network has neurons whose signs change".into());
                rounded(self.laziness()?.ok_or_else(of_network)?.flips, f64::EPSILON)
            }
            Asked::PathKl => {
                // g = 2 for the Ornstein-Uhlenbeck process: KL = (1/2) int g a^2 E|f - f_*|^2 dt.
                mean(self.weighted(Part::Total, Norm::Score)?.iter().copied())
            }
            Asked::SquaredError => mean(self.squares(Part::Total)?.iter().copied()),
            Asked::SquaredOracleError => mean(self.oracle_squares(Norm::Regression)?.iter().copied()),
            Asked::ExtrapolatedRadius => self.extrapolation(|radius| radius.powi(2))?,
            Asked::ExtrapolatedTime => self.extrapolation(|radius| radius.powi(-2))?,
            Asked::LeastEigenvalue => {
                let values = self.spectrum.values();
                let (most, least) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
                // The backward error of the eigen-system, of the size of n units of rounding of the largest.
                let error = values.len() as f64 * f64::EPSILON * most;
                let ledger = Ledger::new().open(Source::Rounding, error, "rounding of the eigen-system");
                at_least_0(Measured::with_ledger(Interval::point(least), ledger))
            }
            Asked::SpectrumDecay => self.decay_of(&self.spectrum)?,
            Asked::DecayLimit => rounded(self.limit_decay()?, f64::EPSILON),
            Asked::SphereGramDecay => self.decay_of(&self.drawn_on_sphere()?)?,
            Asked::SphereDecay => {
                let (first, last) = self.told()?;
                rounded(self.on_sphere()?.decay(first, last).ok_or_else(flat)?, SPHERE)
            }
            Asked::SphereOrderDecay => {
                rounded(self.on_sphere()?.order_decay(self.train.len()).ok_or_else(flat)?, SPHERE)
            }
            Asked::SphereDegreeDecay => {
                rounded(self.on_sphere()?.degree_decay(self.train.len()).ok_or_else(flat)?, SPHERE)
            }
            Asked::BestApproximation => {
                let ridges: Vec<f64> = (-44..=8).map(|i| 10_f64.powf(0.25 * f64::from(i))).collect();
                let test = self.test();
                let best = self.anchors.curve(&ridges, &test.inputs, &test.regression).best();
                let why = format!("two standard errors over {} points", test.len());
                let ledger = Ledger::new().open(Source::Sampling, 2.0 * best.standard_error, why);
                at_least_0(Measured::with_ledger(Interval::point(best.error), ledger))
            }
            Asked::HomogeneityFloor => match data {
                _ if design.is_single_time() => {
                    return Err(LessonError::Kernel(
                        "the floor of homogeneous functions is known over times only".into(),
                    ));
                }
                BoundedData::Points(atoms) => homogeneity_floor(design, atoms, self.test()),
                BoundedData::Box(_) | BoundedData::Product(_) => {
                    return Err(LessonError::Kernel(
                        "the floor of homogeneous functions is known for atoms only".into(),
                    ));
                }
            },
            Asked::Elapsed => summed(self.elapsed(self.steps_made()?)),
            Asked::Loss => {
                let squares = squares(&self.projected(Norm::Regression)?, &self.test().clean);
                mean(squares.iter().copied())
            }
            Asked::MeanNoise => self.mean_noise(),
            Asked::NoiseBound => {
                let why = "the mutual information bounds the noise over times uniform in the signal-to-noise ratio: \
                           take measure = \"snr\"";
                let bound = design.most_mean_noise(data).ok_or_else(|| LessonError::Kernel(why.into()))?;
                rounded(bound, POSTERIOR)
            }
            Asked::Information => on_the_line(data.information_on_line(design.level(design.early())))?,
            Asked::InformationBound => rounded(data.most_information(design.level(design.early())), POSTERIOR),
            Asked::Fisher => on_the_line(data.fisher_on_line(design.level(design.early())))?,
            Asked::Slope(along, slope) => rounded(self.slope(along, slope)?, POSTERIOR),
            Asked::SlopeShare => rounded(self.slopes()?.share, POSTERIOR),
            Asked::TrainError => summed(self.train_error_squared()?),
            Asked::RwyRatio => summed(self.rwy_ratio()?),
            Asked::RwyRatioAtStop => summed(self.rwy_ratio_at_stop()?),
            Asked::ExplicitRatio => summed(self.explicit_ratio()?),
            Asked::TrainOracleRatio => summed(self.oracle_ratio()?),
        })
    }

    /// The squared distances of kernel descent at its best number of steps, weighted for the norm.
    fn oracle_squares(&self, norm: Norm) -> Result<DVector<f64>, LessonError> {
        let values = self.descended(&self.train.clean, self.oracle(norm)?.0, norm)?;
        Ok(squares(&values, &self.compared(norm).sample.regression).component_mul(&self.own_weights(norm)?))
    }

    /// The exponent of the decay of a spectrum, by least squares; how far the slopes over the two halves of the same range are
    /// apart is its uncertainty.
    fn decay_of(&self, spectrum: &Spectrum) -> Result<Measured, LessonError> {
        let (first, last) = self.told()?;
        let middle = ((first * last) as f64).sqrt() as usize;
        let flat = || LessonError::Kernel("fewer than two eigenvalues above 0 are there to tell their decay".into());
        let over = |first, last| spectrum.decay(first, last).ok_or_else(flat);
        let apart = over(first, middle.max(first + 1))? - over(middle, last)?;
        let ledger = Ledger::new().open(Source::Spectrum, apart, "the slopes over both halves of the range are apart");
        Ok(Measured::with_ledger(Interval::point(over(first, last)?), ledger))
    }

    /// A function of the critical radius at n samples of the anchors' spectrum with its power law behind it. Two errors are estimated:
    /// that of the draw of the anchors, by Student's interval of the mean of groups of them (the spectra of groups differ as much more as
    /// they are smaller), and that of where the power law takes over, by halving the eigenvalues that are kept.
    fn extrapolation(&self, of: impl Fn(f64) -> f64) -> Result<Measured, LessonError> {
        let refuse = |why: &str| Err(LessonError::Kernel(why.into()));
        if self.task.design.measure() != TimeMeasure::UniformTime {
            return refuse(
                "the spectrum is extrapolated from the anchors, whose times are uniform: take measure = \"uniform\"",
            );
        }
        let inputs = self.anchors.inputs();
        if inputs.ncols() < 2 * GROUPS {
            return refuse("so few anchors do not tell how much their draw matters");
        }
        let ((noise, norm), n) = (self.noise_and_norm(), self.train.len() as f64);
        let at = |complexity: Complexity| of(complexity.critical_radius(noise / norm));
        let group = |g: usize| -> Result<f64, LessonError> {
            let members: Vec<usize> = (g..inputs.ncols()).step_by(GROUPS).collect();
            let spectrum = Spectrum::of(&gram(&inputs.select_columns(&members)));
            let spectrum = spectrum.map_err(|why| LessonError::Kernel(why.to_string()))?;
            Ok(at(self.continued(&spectrum, TRUSTED, n)?))
        };
        let groups = Mean::of((0..GROUPS).map(group).collect::<Result<Vec<f64>, _>>()?);
        let found = at(self.extrapolated(n)?);
        let later = at(self.continued(self.anchors.spectrum(), 2 * TRUSTED, n)?);
        let ledger = Ledger::new()
            .open(
                Source::Sampling,
                groups.student(LEVEL),
                format!("Student's interval over {GROUPS} groups of anchors"),
            )
            .open(Source::Spectrum, found - later, "the power law from half as many eigenvalues on");
        Ok(at_least_0(Measured::with_ledger(Interval::point(found), ledger)))
    }

    /// The anchors' spectrum with its power law behind it, for some number of samples.
    pub(super) fn extrapolated(&self, samples: f64) -> Result<Complexity, LessonError> {
        self.continued(self.anchors.spectrum(), TRUSTED, samples)
    }

    /// One in so many eigenvalues of a spectrum with their power law behind them.
    fn continued(&self, spectrum: &Spectrum, one_in: usize, samples: f64) -> Result<Complexity, LessonError> {
        let kept = (spectrum.len() / one_in).max(1);
        Ok(Complexity::extrapolated(spectrum, kept, self.limit_decay()?, samples))
    }
}
