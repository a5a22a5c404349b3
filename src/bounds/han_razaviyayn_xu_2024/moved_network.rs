//! HRX-14b and 14c: how far training moves the neurons of a network, and what their kinks add to its linearisation.

use super::REFERENCE;
use super::tangent_coupling::{NETWORK, width};
use super::taught::{ENDS, LEARNED, RELATIVE, STOPS, about, computed, descended, lesson};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{Laziness, Learner, Precision};
use nalgebra::DVector;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/displacement.md")]
pub static DISPLACEMENT: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/displacement",
    labels: &["HRX-14b"],
    title: "no neuron moves farther than its residuals carry it",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/displacement.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "displacement", measured: displacement },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, NETWORK, ENDS, PRECISE],
    bound: carried,
    profile: None,
    exponents: &[],
    draw: draws::lessons::network,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kink_remainder.md")]
pub static KINK_REMAINDER: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/kink-remainder",
    labels: &["HRX-14c"],
    title: "a network differs from its linearisation by the neurons that can have changed sign",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kink_remainder.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kink-remainder", measured: remainder },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, NETWORK, ENDS],
    bound: kinks,
    profile: None,
    exponents: &[],
    draw: draws::lessons::network,
};

/// Rounding does not move the neurons.
const PRECISE: Hypothesis = Hypothesis {
    says: "training is in double precision",
    holds: |at| match lesson(at).map(|lesson| lesson.task().learner) {
        Err(why) => Holds::No(why),
        Ok(Learner::Network { precision: Precision::Single, .. }) => Holds::No("it is in single precision".into()),
        Ok(_) => Holds::Yes,
    },
};

fn laziness(at: &Instance) -> Result<&Laziness, String> {
    let found = lesson(at)?.laziness().map_err(|why| why.to_string())?;
    found.ok_or_else(|| "the kernel itself learns".into())
}

/// `sqrt(m) max_r |w_r(k) - w_r(0)|`.
fn displacement(at: &Instance) -> Result<Measured, String> {
    let (found, (lesson, steps)) = (laziness(at)?.displacement, descended(at)?);
    let (width, inputs) = (width(lesson)?.0 as f64, lesson.train().inputs.nrows() as f64);
    // It is rounded up by that factor. Every step rounds weights, which are N(0, I) and below 10, to half a unit.
    let factor = 1.0 + (width + 3.0 * inputs + 10.0) * f64::EPSILON;
    let steps = 10.0 * (inputs * width).sqrt() * steps as f64 * f64::EPSILON;
    Ok(computed(found, found + (found * (factor - 1.0) + steps) / RELATIVE))
}

fn carried(at: &Instance) -> Result<Bound, String> {
    let (lesson, steps) = descended(at)?;
    let found = lesson.displacement_bound().map_err(|why| why.to_string())?;
    let value = about(found.ok_or("the kernel itself learns")?);
    Ok(Bound { value, terms: vec![("eta k", about(lesson.step() * steps as f64))] })
}

fn root_mean_square(values: &DVector<f64>) -> f64 {
    (values.norm_squared() / values.len() as f64).sqrt()
}

/// The root mean square over the test points of the largest remainder at an output.
fn remainder(at: &Instance) -> Result<Measured, String> {
    let rows = &laziness(at)?.remainder;
    let found = root_mean_square(&DVector::from_iterator(rows.nrows(), rows.row_iter().map(|row| row.amax())));
    Ok(computed(found, found))
}

fn kinks(at: &Instance) -> Result<Bound, String> {
    let found = laziness(at)?;
    let terms = vec![
        ("flipped", about(root_mean_square(&found.flipped))),
        ("typical (heuristic)", about(root_mean_square(&found.typical))),
        ("flips", about(found.flips)),
        ("lazy", f64::from(u8::from(found.is_lazy())).into()),
    ];
    Ok(Bound { value: about(root_mean_square(&found.bound)), terms })
}
