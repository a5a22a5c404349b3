//! What bounds on early stopping say of one draw of labels: their ratios to the squared error that is made (HRX-17).

use super::{Lesson, LessonError};
use crate::scores::learned::{Complexity, MOST_STEPS, RecalledBound, candidates, oracle, recalled_bound, remaining};
use nalgebra::{DMatrix, DVector};

/// `|f_k - f_H|_n^2` at the inputs for kernel descent on the labels `f_H + noise`, for any k.
///
/// ```text
/// f_k - f_H = noise - U (I - eta Lambda)^k U^T (f_H + noise)   at the inputs
/// ```
struct TrainErrors<'a> {
    lesson: &'a Lesson,
    /// `U^T noise` and `U^T (f_H + noise)`.
    coordinates: (DMatrix<f64>, DMatrix<f64>),
}

impl TrainErrors<'_> {
    fn after(&self, steps: u64) -> f64 {
        let (noise, labels) = &self.coordinates;
        let values = self.lesson.spectrum.values();
        let left = DVector::from_fn(values.len(), |l, _| remaining(self.lesson.step, values[l], steps));
        let row = |l: usize| (noise.row(l) - labels.row(l) * left[l]).norm_squared();
        (0..values.len()).map(row).sum::<f64>() / values.len() as f64
    }
}

impl Lesson {
    fn train_errors(&self) -> TrainErrors<'_> {
        let noise = self.train.noise();
        let labels = &self.element_at_train + &noise;
        TrainErrors {
            lesson: self,
            coordinates: (self.spectrum.coordinates(&noise), self.spectrum.coordinates(&labels)),
        }
    }

    /// `eta_k = eta n k`, the elapsed time of k steps in units of K/n.
    #[must_use]
    pub fn elapsed(&self, steps: u64) -> f64 {
        self.step * self.train.len() as f64 * steps as f64
    }

    /// The forms of Raskutti, Wainwright and Yu for f_H as remembered, after k steps: its norm for `rho`, the rms posterior standard
    /// deviation for `sigma`. Summed over coordinates.
    #[must_use]
    pub fn recalled_bound(&self, steps: u64) -> RecalledBound {
        let (noise, norm) = self.noise_and_norm();
        let radius = Complexity::of(&self.spectrum).critical_radius(noise / norm);
        recalled_bound(self.elapsed(steps), radius, self.element.norm())
    }

    /// The number of steps that are made, at least one.
    fn some_steps(&self) -> Result<u64, LessonError> {
        let none = || LessonError::Kernel("no step is made: no form bounds the error before the first".into());
        Some(self.steps()?).filter(|k| *k > 0).ok_or_else(none)
    }

    /// `|f_k - f_H|_n^2` after the steps that are made.
    pub(super) fn train_error_squared(&self) -> Result<f64, LessonError> {
        Ok(self.train_errors().after(self.steps()?))
    }

    /// A number over `|f_k - f_H|_n^2`.
    fn over_error(&self, bound: f64, steps: u64) -> Result<f64, LessonError> {
        let none = || LessonError::Kernel("there is no error that a bound could be held against".into());
        Some(self.train_errors().after(steps)).filter(|error| *error > 0.0).map(|error| bound / error).ok_or_else(none)
    }

    /// `4 rho^2/(e eta_k)` over the squared error after the steps that are made.
    pub(super) fn rwy_ratio(&self) -> Result<f64, LessonError> {
        let steps = self.some_steps()?;
        match self.stopping {
            Some(last) if steps > last => Err(LessonError::Kernel(format!(
                "{steps} steps are more than T^ = {last}, up to which the form of Raskutti, Wainwright and Yu is stated"
            ))),
            _ => self.over_error(self.recalled_bound(steps).before, steps),
        }
    }

    /// `12 rho^2 epsilon^2` over the squared error at T^, however many steps are made.
    pub(super) fn rwy_ratio_at_stop(&self) -> Result<f64, LessonError> {
        let none = LessonError::NoStep { samples: self.train.len() };
        let steps = Some(self.stopping.ok_or(LessonError::NoStop)?).filter(|k| *k > 0).ok_or(none)?;
        self.over_error(self.recalled_bound(steps).at_stop, steps)
    }

    /// The bound of HRX-18a over the squared error after the steps that are made.
    pub(super) fn explicit_ratio(&self) -> Result<f64, LessonError> {
        let steps = self.some_steps()?;
        let noise = self.train.traces().into_iter().fold(0.0, f64::max).sqrt();
        let bound = Complexity::of(&self.spectrum).explicit_bound(self.elapsed(steps), self.element.norm(), noise);
        self.over_error(bound.total(), steps)
    }

    /// The least squared error of the same descent over its steps, over that after the steps that are made.
    pub(super) fn oracle_ratio(&self) -> Result<f64, LessonError> {
        let errors = self.train_errors();
        match oracle(&candidates(), |steps| errors.after(steps)) {
            None => Err(LessonError::NoStep { samples: self.train.len() }),
            Some((MOST_STEPS, _)) => Err(LessonError::StillFalling),
            Some((_, least)) => self.over_error(least, self.steps()?),
        }
    }
}
