//! HRX-18a and 18b: the mean error of early stopping, with explicit constants.

use super::REFERENCE;
use super::guarantee;
use super::taught::{LEARNED, STOPS, about, computed, descended, lesson};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{Complexity, Lesson, MOST_STEPS, RiskAtInputs, bound_at_stopping, candidates, oracle};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/early_stopping.md")]
pub static EARLY_STOPPING: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/early-stopping",
    labels: &["HRX-18a"],
    title: "the mean squared error of kernel descent at the inputs, after any number of steps",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/early_stopping.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mean-squared-error-train", measured: risk },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound,
    profile: None,
    exponents: &[guarantee("bias", "steps", (-1, 1))],
    draw: draws::lessons::kernel,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/early_stopping_rule.md")]
pub static EARLY_STOPPING_RULE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/early-stopping-rule",
    labels: &["HRX-18b"],
    title: "the mean squared error up to the stopping time of the critical radius",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/early_stopping_rule.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mean-squared-error-train", measured: risk },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, IN_TIME],
    bound: at_the_rule,
    profile: None,
    exponents: &[guarantee("mean-squared-error-train", "steps", (-1, 1))],
    draw: draws::lessons::stopped,
};

/// The rule has not stopped it before.
const IN_TIME: Hypothesis = Hypothesis {
    says: "it stops at T^ or before, where labels are noisy and f_H is not 0",
    holds: |at| match (descended(at), lesson(at).map(Lesson::stopping_time)) {
        (Err(why), _) | (_, Err(why)) => Holds::No(why),
        (_, Ok(None)) => Holds::No("the rule never stops".into()),
        (Ok((_, steps)), Ok(Some(last))) if steps > last => Holds::No(format!("it stops after {steps}, T^ = {last}")),
        _ => Holds::Yes,
    },
};

/// The mean error at the inputs of descent on `f_H + noise`, from the exact conditional variances.
fn risks(lesson: &Lesson) -> Result<RiskAtInputs<'_>, String> {
    let (_, values, _) = lesson.element();
    let risks = RiskAtInputs::new(lesson.spectrum(), lesson.step(), values, &lesson.train().variances);
    risks.map_err(|why| why.to_string())
}

/// `E_noise |f_t - f_H|_n^2`.
fn risk(at: &Instance) -> Result<Measured, String> {
    let (lesson, steps) = descended(at)?;
    let found = risks(lesson)?.after(steps).total();
    Ok(computed(found, found))
}

/// The elapsed time `eta_t = eta n t` in units of K/n, and the largest conditional standard deviation of a label.
fn elapsed_and_noise(lesson: &Lesson, steps: u64) -> (f64, f64) {
    let largest = lesson.train().traces().into_iter().fold(0.0, f64::max);
    (lesson.elapsed(steps), largest.sqrt())
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (lesson, steps) = descended(at)?;
    let (elapsed, noise) = elapsed_and_noise(lesson, steps);
    let norm = lesson.element().0.norm();
    let found = Complexity::of(lesson.spectrum()).explicit_bound(elapsed, norm, noise);
    let terms = vec![
        ("bias", about(found.bias)),
        ("variance", about(found.variance)),
        ("eta", about(elapsed)),
        ("rho", about(norm)),
        ("sigma", about(noise)),
    ];
    Ok(Bound { value: about(found.total()), terms })
}

fn at_the_rule(at: &Instance) -> Result<Bound, String> {
    let (lesson, steps) = descended(at)?;
    let (elapsed, noise) = elapsed_and_noise(lesson, steps);
    let norm = lesson.element().0.norm();
    // The rule works with the root mean square over coordinates and labels.
    let rule = (lesson.train().variances.mean() * lesson.task().data.dim() as f64).sqrt();
    let risks = risks(lesson)?;
    let best = oracle(&candidates(), |steps| risks.after(steps).total());
    let recalled = lesson.recalled_bound(steps);
    let mut terms = vec![
        ("eta", about(elapsed)),
        ("rho", about(norm)),
        ("sigma", about(noise)),
        ("sigma of the rule", about(rule)),
        ("recalled 4 rho^2/(e eta)", about(recalled.before)),
        ("recalled 12 rho^2 epsilon^2", about(recalled.at_stop)),
    ];
    let inside = best.filter(|(steps, _)| *steps < MOST_STEPS);
    terms.extend(inside.map(|(_, error)| ("least over t", about(error))));
    Ok(Bound { value: about(bound_at_stopping(elapsed, norm, rule, noise)), terms })
}
