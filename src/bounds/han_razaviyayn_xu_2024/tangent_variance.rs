//! HRX-11: how far the tangent kernel of a network is from its limit, on average.

use super::REFERENCE;
use super::guarantee;
use super::tangent_coupling::{NETWORK, width};
use super::taught::{LEARNED, about, computed, lesson};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{Lesson, gram, kernel_variance};
use nalgebra::DMatrix;
use std::f64::consts::{FRAC_PI_2, TAU};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_variance.md")]
pub static TANGENT_VARIANCE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/tangent-variance",
    labels: &["HRX-11"],
    title: "the mean squared distance of a network's tangent kernel from its limit",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_variance.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "tangent-variance", measured: enumerated },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[LEARNED, NETWORK, IN_THE_PLANE],
    bound,
    profile: None,
    exponents: &[guarantee("tangent-variance", "width", (-1, 1))],
    draw: draws::lessons::in_the_plane,
};

/// All that a neuron can see of its inputs is an angle.
const IN_THE_PLANE: Hypothesis = Hypothesis {
    says: "inputs have two coordinates: x on the line and the time, without the constant",
    holds: |at| match lesson(at).map(|lesson| lesson.train().inputs.nrows()) {
        Ok(2) => Holds::Yes,
        Ok(p) => Holds::No(format!("they have {p}")),
        Err(why) => Holds::No(why),
    },
};

/// The most entries of kernels that are added up.
const MOST: f64 = 1e10;

/// `E|K - H|_F^2` of a single neuron: between two neighbours of the 2n angles at which it starts or ceases to be active at an input,
/// it sees the same inputs, and its angle is uniform.
fn of_one_neuron(lesson: &Lesson) -> Result<f64, String> {
    let inputs = &lesson.train().inputs;
    let n = inputs.ncols();
    if 2.0 * (n as f64).powi(3) > MOST {
        return Err(format!("{n} inputs are too many for an enumeration"));
    }
    let (products, limit) = (inputs.tr_mul(inputs), gram(inputs));
    let angles: Vec<f64> = inputs.column_iter().map(|z| z[1].atan2(z[0])).collect();
    let mut ends: Vec<f64> =
        angles.iter().flat_map(|angle| [angle - FRAC_PI_2, angle + FRAC_PI_2]).map(|x| x.rem_euclid(TAU)).collect();
    ends.sort_by(f64::total_cmp);
    let first = *ends.first().ok_or("there is no input")?;
    ends.push(first + TAU);
    let arc = |ends: &[f64]| {
        let middle = 0.5 * (ends[0] + ends[1]);
        let active: Vec<f64> = angles.iter().map(|angle| f64::from(u8::from((middle - angle).cos() > 0.0))).collect();
        let square = DMatrix::from_fn(n, n, |a, b| products[(a, b)] * active[a] * active[b] - limit[(a, b)]);
        (ends[1] - ends[0]) / TAU * square.norm_squared()
    };
    Ok(ends.windows(2).map(arc).sum())
}

/// Of the mean over independent neurons.
fn enumerated(at: &Instance) -> Result<Measured, String> {
    let lesson = lesson(at)?;
    let (width, start) = width(lesson)?;
    let found = of_one_neuron(lesson)? / start.independent(width) as f64;
    Ok(computed(found, found))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let lesson = lesson(at)?;
    let ((width, start), inputs) = (width(lesson)?, &lesson.train().inputs);
    let variance = kernel_variance(inputs, &gram(inputs), lesson.task().data.dim(), width, start);
    let variance = variance.map_err(|why| why.to_string())?;
    let neurons = start.independent(width) as f64;
    let terms = vec![("V", about(variance * neurons)), ("independent neurons", neurons.into())];
    Ok(Bound { value: about(variance), terms })
}
