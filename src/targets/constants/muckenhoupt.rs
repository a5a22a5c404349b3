//! An upper bound of the Poincare constant on the line (LLT-21, Muckenhoupt).

use super::side::Side;
use crate::numerics::Interval;
use crate::targets::Line;

/// `C_P <= 4 B`, B the larger of `sup_x P(X > x) int_m^x 1/p` to the right of m and its mirror image.
///
/// Any m will do for the upper bound; a node near the median is taken. On a cell the mass is taken at its inner end and
/// the integral at its outer end; beyond the last node, where `-(ln p)'` is at least s and grows,
/// `P(X > x) int_R^x 1/p <= 1/s^2`.
pub(super) fn upper(line: &Line, nodes: &[f64]) -> Option<Side> {
    let middle = nodes.partition_point(|&x| line.cdf(Interval::point(x)).mid() < 0.5);
    let right = half(line, nodes.get(middle..)?)?;
    let mirrored: Vec<f64> = nodes.get(..=middle)?.iter().rev().map(|x| -x).collect();
    let left = half(&line.mirrored(), &mirrored)?;
    let value = (Interval::point(right.max(left)) * 4.0).hi();
    value.is_finite().then(|| Side::proved(value, "LLT-21: four times Muckenhoupt's constant"))
}

/// `sup P(X > x) int_m^x 1/p` from above, m the first node.
fn half(line: &Line, nodes: &[f64]) -> Option<f64> {
    let mut integral = Interval::ZERO;
    let mut largest = 0.0_f64;
    for cell in nodes.windows(2) {
        let width = Interval::point(cell[1]) - cell[0];
        integral += width / line.density(Interval::new(cell[0], cell[1]));
        largest = largest.max((line.sf(Interval::point(cell[0])) * integral.hi()).hi());
    }
    let last = Interval::point(*nodes.last()?);
    let (slope, bend) = (-line.score(last), super::smoothness::convex_beyond(line, last.lo())?);
    if slope.lo() <= 0.0 || bend <= 0.0 {
        return None;
    }
    let beyond = line.sf(last) * integral.hi() + 1.0 / slope.sqr();
    Some(largest.max(beyond.hi()))
}
