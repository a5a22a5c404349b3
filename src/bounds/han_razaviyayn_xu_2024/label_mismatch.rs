//! HRX-16a, 16b and 16c: what it costs to learn from the labels of f_* instead of those of f_H.

use super::REFERENCE;
use super::guarantee;
use super::taught::{LEARNED, STOPS, about, computed, descended, on};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{Descent, Lesson, gram};
use nalgebra::DMatrix;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch.md")]
pub static LABEL_MISMATCH: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/label-mismatch",
    labels: &["HRX-16a"],
    title: "on the training set the label mismatch is at most the error of the approximation",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mismatch-train", measured: at_inputs },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound: |at| of_size(at, |delta, _| delta),
    profile: None,
    exponents: &[],
    draw: draws::lessons::kernel,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch_norm.md")]
pub static LABEL_MISMATCH_NORM: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/label-mismatch-norm",
    labels: &["HRX-16b"],
    title: "in the kernel's norm the label mismatch grows at most like the square root of time",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch_norm.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mismatch-norm-squared", measured: in_norm },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound: |at| of_size(at, |delta, elapsed| elapsed * delta * delta),
    profile: None,
    exponents: &[guarantee("mismatch-norm-squared", "steps", (1, 1))],
    draw: draws::lessons::kernel,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch_elsewhere.md")]
pub static LABEL_MISMATCH_ELSEWHERE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/label-mismatch-elsewhere",
    labels: &["HRX-16c"],
    title: "at any point the label mismatch grows at most like the square root of time",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_mismatch_elsewhere.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mismatch-largest", measured: at_test },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound: |at| of_size(at, |delta, elapsed| elapsed.sqrt() * delta),
    profile: None,
    exponents: &[guarantee("mismatch-largest", "steps", (1, 2))],
    draw: draws::lessons::kernel,
};

/// Both descents with their number of steps: on the labels X_0, and on f_H with the same noise.
fn both(at: &Instance) -> Result<(&Lesson, u64, [Descent<'_>; 2]), String> {
    let (lesson, steps) = descended(at)?;
    let train = lesson.train();
    let of_element = lesson.element().1 + train.noise();
    Ok((lesson, steps, [on(lesson, &train.clean)?, on(lesson, &of_element)?]))
}

fn at_inputs(at: &Instance) -> Result<Measured, String> {
    let (_, steps, descents) = both(at)?;
    let [y, of_element] = descents.map(|descent| descent.at_inputs(steps));
    Ok(computed((&y - &of_element).norm(), 0.1 * (y.norm() + of_element.norm())))
}

fn in_norm(at: &Instance) -> Result<Measured, String> {
    let (lesson, steps, descents) = both(at)?;
    let [y, of_element] = descents.map(|descent| descent.coefficients(steps));
    let apart = &y - &of_element;
    let gram = gram(&lesson.train().inputs);
    let square = (apart.transpose() * &gram * &apart).trace();
    let gross = (y.transpose() * &gram * &y).trace();
    Ok(computed(square, square + 0.1 * (square * gross.max(0.0)).sqrt()))
}

fn at_test(at: &Instance) -> Result<Measured, String> {
    let (lesson, steps, descents) = both(at)?;
    let [y, of_element] = descents.map(|descent| descent.increments(lesson.features(), &[steps]).swap_remove(0));
    let inputs = &lesson.test().inputs;
    let relative = |values: &DMatrix<f64>| {
        // kappa(z, z) = |z|^2/2.
        let each = values.row_iter().zip(inputs.column_iter()).map(|(f, z)| f.norm() * 2f64.sqrt() / z.norm());
        each.fold(0.0, f64::max)
    };
    Ok(computed(relative(&(&y - &of_element)), 0.1 * relative(&y)))
}

/// A bound made of `|(f_* - f_H)(Z)|` and the elapsed time `eta k`.
fn of_size(at: &Instance, value: fn(f64, f64) -> f64) -> Result<Bound, String> {
    let (lesson, steps) = descended(at)?;
    let delta = (&lesson.train().regression - lesson.element().1).norm();
    let elapsed = lesson.step() * steps as f64;
    let terms = vec![("|f_* - f_H|", about(delta)), ("eta k", about(elapsed))];
    Ok(Bound { value: about(value(delta, elapsed)), terms })
}
