//! What the statements about learned scores share: the lesson of an instance, and numbers of it in plain arithmetic.

use crate::bounds::{Holds, Hypothesis, Instance};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::learned::{Descent, Lesson};
use nalgebra::DMatrix;

/// What plain sums and products over a lesson are allowed to be off, relative to the largest number in them.
pub(super) const RELATIVE: f64 = 1e-12;

/// What the score of the instance was learned from.
pub(super) fn lesson(at: &Instance) -> Result<&Lesson, String> {
    at.lesson.as_deref().ok_or_else(|| "no score is learned from samples here".into())
}

/// The lesson and the number of steps of its descent, at least one.
pub(super) fn descended(at: &Instance) -> Result<(&Lesson, u64), String> {
    let lesson = lesson(at)?;
    match lesson.steps().map_err(|why| why.to_string())? {
        0 => Err("no step is made".into()),
        steps => Ok((lesson, steps)),
    }
}

/// There is a training set.
pub(super) const LEARNED: Hypothesis = Hypothesis {
    says: "the score is learned on the spot",
    holds: |at| lesson(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// Gradient descent moves, and comes to an end.
pub(super) const STOPS: Hypothesis = Hypothesis {
    says: "training stops, after at least one step",
    holds: |at| descended(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// An integral over times is one.
pub(super) const OVER_TIMES: Hypothesis = Hypothesis {
    says: "the training times fill an interval, T_0 < T",
    holds: |at| match lesson(at).map(|lesson| lesson.task().design.is_single_time()) {
        Err(why) => Holds::No(why),
        Ok(true) => Holds::No("all training times are the same".into()),
        Ok(false) => Holds::Yes,
    },
};

/// There is something that was learned.
pub(super) const ENDS: Hypothesis = Hypothesis {
    says: "training does not diverge",
    holds: |at| {
        let made = lesson(at).and_then(|lesson| lesson.steps_made().map_err(|why| why.to_string()));
        made.map_or_else(Holds::No, |_| Holds::Yes)
    },
};

/// Kernel descent of the lesson's step size on labels, from 0.
pub(super) fn on<'a>(lesson: &'a Lesson, labels: &DMatrix<f64>) -> Result<Descent<'a>, String> {
    Descent::new(lesson.spectrum(), lesson.step(), labels).map_err(|why| why.to_string())
}

/// A number computed from others of the size of `scale`.
pub(super) fn computed(x: f64, scale: f64) -> Measured {
    let ledger = Ledger::new().open(Source::Rounding, RELATIVE * scale, "plain arithmetic");
    let found = Measured::with_ledger(Interval::point(x), ledger);
    Measured { value: found.value.max(Interval::ZERO), ..found }
}

/// A number of a bound, with the same allowance.
pub(super) fn about(x: f64) -> Interval {
    Interval::around(x, RELATIVE * x.abs())
}
