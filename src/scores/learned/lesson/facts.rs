//! What is exactly known of the regression function that a lesson is about: its noise, its information and its slopes.

use super::{Compared, Lesson, LessonError, Norm, Task, mean};
use crate::numerics::Measured;
use crate::scores::learned::TimeMeasure;
use crate::targets::{BoundedData, Lipschitz};

/// Along what the regression function moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Along {
    /// x: the operator norm of `d f_*/dx`.
    Space,
    /// t: the norm of `d f_*/dt`.
    Time,
}

/// How its largest slope is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slope {
    /// The largest one at the points whose times are spread in their logarithms: from below.
    Found,
    /// The bound by the diameter of the support.
    Sharp,
    /// The bound by its radius alone.
    Crude,
}

/// The largest slopes at some points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slopes {
    space: f64,
    time: f64,
    /// The largest `|d f_*/dx|` over its own bound `a diam^2/4` at the same time.
    pub share: f64,
    /// The largest `|x|`.
    reach: f64,
}

/// The most multiplications that go into eigenvalues of posterior covariances.
const MOST: f64 = 2e10;
/// The most atoms of a law on the line whose noise is integrated.
const MOST_ATOMS: usize = 1000;

impl Lesson {
    /// The mean irreducible noise over the design, the least loss that can be had: by quadrature on the line, else over as many
    /// points as there are test points, with two standard errors.
    pub(super) fn mean_noise(&self) -> Measured {
        let many = matches!(&self.task.data, BoundedData::Points(p) if p.points.len() > MOST_ATOMS);
        let known = if many { None } else { self.task.design.mean_noise_on_line(&self.task.data) };
        known.unwrap_or_else(|| self.sampled_noise())
    }

    /// Uniform in the signal-to-noise ratio hardly any time is late, where the noise is: there the points of the score stand in, with the
    /// weights `|gamma'(t)| t ln(T/T0)/(gamma(T0) - gamma(T))`.
    pub(super) fn sampled_noise(&self) -> Measured {
        let Task { data, design, test, draw: (seed, repetition), .. } = &self.task;
        let (most, least) = design.snr_range();
        if design.measure() == TimeMeasure::UniformTime || most <= least {
            return mean(design.draw(data, *test, (*seed, "lesson-noise", *repetition)).traces());
        }
        let Compared { sample, .. } = self.compared(Norm::Score);
        let length = (design.horizon() / design.early()).ln();
        let weight = |t: f64| design.process().level_rate(t).snr(design.level(t)).abs() * t * length / (most - least);
        mean(sample.traces().into_iter().zip(&sample.times).map(|(trace, &t)| weight(t) * trace))
    }

    /// The largest slopes at the points of the score.
    pub(super) fn slopes(&self) -> Result<Slopes, LessonError> {
        self.slopes.get_or_init(|| self.steepest()).clone()
    }

    fn steepest(&self) -> Result<Slopes, LessonError> {
        let (data, design) = (&self.task.data, &self.task.design);
        let Compared { sample, .. } = self.compared(Norm::Score);
        let d = data.dim() as f64;
        if sample.len() as f64 * d.powi(3) > MOST {
            let why = format!("slopes at {} points in {d} dimensions are too many: lower `test`", sample.len());
            return Err(LessonError::Kernel(why));
        }
        let mut most = Slopes { space: 0.0, time: 0.0, share: 0.0, reach: 0.0 };
        for (&t, row) in sample.times.iter().zip(sample.noised.row_iter()) {
            let (level, x) = (design.level(t), row.iter().copied().collect::<Vec<f64>>());
            let at = data.posterior(level, &x);
            let space = at.slope_in_space(level).symmetric_eigenvalues().max();
            let bound = data.lipschitz_in_space(level).sharp;
            most.space = most.space.max(space);
            most.share = most.share.max(if bound > 0.0 { space / bound } else { 0.0 });
            most.time = most.time.max(at.slope_in_time(level, design.process().level_rate(t), &x).norm());
            most.reach = most.reach.max(row.norm());
        }
        Ok(most)
    }

    /// The largest slope, or a bound of it from T_0 on; in time on the ball that holds the points at which it is looked for. What
    /// the bounds depend on falls with time.
    pub(super) fn slope(&self, along: Along, slope: Slope) -> Result<f64, LessonError> {
        let (data, design) = (&self.task.data, &self.task.design);
        let level = design.level(design.early());
        let chosen = |bounds: Lipschitz, found: f64| match slope {
            Slope::Found => found,
            Slope::Sharp => bounds.sharp,
            Slope::Crude => bounds.crude,
        };
        Ok(match (along, slope) {
            (Along::Space, Slope::Sharp | Slope::Crude) => chosen(data.lipschitz_in_space(level), 0.0),
            (Along::Space, Slope::Found) => self.slopes()?.space,
            (Along::Time, _) => {
                let found = self.slopes()?;
                let rate = design.process().level_rate(design.early());
                chosen(data.lipschitz_in_time(level, rate, found.reach), found.time)
            }
        })
    }
}
