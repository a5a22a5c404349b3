//! What lies beyond the nodes at which two laws are seen, for integrands that may grow there.

use crate::laws::Axes;

/// Nodes between the points of a ray at which a logarithm is looked at.
const APART: f64 = 4.0;
/// The part of its steepness that a logarithm must keep over that distance, and that it is then taken to keep beyond.
const KEPT: f64 = 0.5;

/// `int e^L` beyond the frontier of the set on which L is known, if L goes on falling along the rays from the centre as it does
/// where they leave the set, or half as steeply: `sum e^L d/|L'| (1 + 1/(r |L'|))` over the nodes on the frontier. `None` where it does
/// not fall, or falls much less steeply than shortly before.
pub(super) fn beyond(ln: &[f64], known: &[bool], axes: &Axes, centre: [f64; 2]) -> Option<f64> {
    let [rows, columns] = axes.nodes();
    let apart = axes.spacing()[0].max(axes.spacing()[1]);
    let is_known = |i: usize, j: usize| known[i * columns + j];
    let at = |x: [f64; 2]| -> Option<f64> {
        let place = |axis: usize| (x[axis] - axes.at(axis, 0)) / axes.spacing()[axis];
        let (u, v) = (place(0), place(1));
        let (i, j) = (u.floor() as usize, v.floor() as usize);
        if i + 1 >= rows || j + 1 >= columns {
            return None;
        }
        let (u, v) = (u - i as f64, v - j as f64);
        let corner = |a: usize, b: usize| is_known(i + a, j + b).then(|| ln[(i + a) * columns + j + b]);
        let (low, high) = ((corner(0, 0)?, corner(0, 1)?), (corner(1, 0)?, corner(1, 1)?));
        Some((1.0 - u) * ((1.0 - v) * low.0 + v * low.1) + u * ((1.0 - v) * high.0 + v * high.1))
    };
    let mut sum = 0.0;
    for i in 0..rows {
        for j in 0..columns {
            let inside = i > 0 && j > 0 && i + 1 < rows && j + 1 < columns;
            let surrounded =
                inside && is_known(i - 1, j) && is_known(i + 1, j) && is_known(i, j - 1) && is_known(i, j + 1);
            if !is_known(i, j) || surrounded {
                continue;
            }
            let x = [axes.at(0, i), axes.at(1, j)];
            let ray = [x[0] - centre[0], x[1] - centre[1]];
            let r = ray[0].hypot(ray[1]);
            // From just inside, where all four nodes around a point are known.
            let inwards = |k: f64| at([x[0] - ray[0] / r * k * apart, x[1] - ray[1] / r * k * apart]);
            let (outer, middle, inner) = (inwards(2.0)?, inwards(2.0 + APART)?, inwards(2.0 + 2.0 * APART)?);
            let (slope, before) = ((outer - middle) / (APART * apart), (middle - inner) / (APART * apart));
            if !(slope < 0.0 && slope <= KEPT * before) {
                return None;
            }
            let slope = KEPT * slope;
            sum += ln[i * columns + j].exp() * apart / -slope * (1.0 - 1.0 / (r * slope));
        }
    }
    Some(sum)
}
