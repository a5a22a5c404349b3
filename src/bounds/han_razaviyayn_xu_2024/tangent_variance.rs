//! HRX-11: how far the tangent kernel of a network is from its limit, on average.

use super::REFERENCE;
use super::guarantee;
use super::tangent_coupling::{NETWORK, width};
use super::taught::{LEARNED, about, computed, lesson};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{Lesson, gram, kernel_variance};
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
    hypotheses: &[LEARNED, NETWORK],
    bound,
    profile: None,
    exponents: &[guarantee("tangent-variance", "width", (-1, 1))],
    draw: draws::lessons::finite_width,
};

/// The angle of z' in the plane of z and z', z pointing along the first axis.
fn angle_between(z: &[f64], other: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let square = dot(z, z);
    let along = dot(z, other) / square;
    let across = z.iter().zip(other).map(|(x, y)| (y - along * x).powi(2)).sum::<f64>().sqrt();
    across.atan2(along * square.sqrt())
}

/// The mean of a function of whether a neuron is active at z and at z': it sees of them what it sees of the plane they span, where its
/// direction is uniform, and between two neighbours of the four angles at which it starts or ceases to be active at one of them it is
/// active at the same ones.
fn over_arcs(angle: f64, of: impl Fn([f64; 2]) -> f64) -> f64 {
    let angles = [0.0, angle];
    let mut ends = angles.map(|angle| [angle - FRAC_PI_2, angle + FRAC_PI_2].map(|end| end.rem_euclid(TAU))).concat();
    ends.sort_by(f64::total_cmp);
    ends.push(ends[0] + TAU);
    let arc = |ends: &[f64]| {
        let middle = 0.5 * (ends[0] + ends[1]);
        let active = angles.map(|angle| f64::from(u8::from((middle - angle).cos() > 0.0)));
        (ends[1] - ends[0]) / TAU * of(active)
    };
    ends.windows(2).map(arc).sum()
}

/// `E|K - I (x) H|_F^2` of a single neuron, entry by entry: at one output `G 1 1' - H`, at two `G 1 1'` with a sign.
fn of_one_neuron(lesson: &Lesson) -> f64 {
    let (inputs, outputs) = (&lesson.train().inputs, lesson.task().data.dim() as f64);
    let (products, limit) = (inputs.tr_mul(inputs), gram(inputs));
    let rows: Vec<&[f64]> = inputs.as_slice().chunks(inputs.nrows()).collect();
    let entry = |a: usize, b: usize| {
        let (product, limit) = (products[(a, b)], limit[(a, b)]);
        // At an input that is 0 there is no angle, and nothing to add.
        if products[(a, a)] == 0.0 || products[(b, b)] == 0.0 {
            return 0.0;
        }
        over_arcs(angle_between(rows[a], rows[b]), |[first, second]| {
            let seen = product * first * second;
            outputs * (seen - limit).powi(2) + outputs * (outputs - 1.0) * seen.powi(2)
        })
    };
    let n = rows.len();
    (0..n).map(|a| entry(a, a) + 2.0 * (0..a).map(|b| entry(a, b)).sum::<f64>()).sum()
}

/// Of the mean over independent neurons.
fn enumerated(at: &Instance) -> Result<Measured, String> {
    let lesson = lesson(at)?;
    let (width, start) = width(lesson)?;
    let found = of_one_neuron(lesson) / start.independent(width) as f64;
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
