//! Two-sided bounds of the constants of a law on the line by integrals (LLT-21: Muckenhoupt, Barthe and Roberto).

use super::panels::Panels;
use super::side::Side;
use crate::numerics::Interval;
use crate::targets::Line;

/// Suprema over both sides of m, `T` the mass beyond x and `I = |int_m^x 1/p|`.
///
/// The upper ends hold for any m; the lower ends need that at most one half of the mass is beyond it on either side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integrals {
    /// `B = sup T I`, over the whole line.
    pub poincare: Interval,
    /// `sup T ln(1 + 1/(2 T)) I`, from below.
    pub lsi_lower: f64,
    /// `sup T ln(1 + e^2/T) I` over eight standard deviations around every component, from above: what lies beyond is left
    /// out.
    pub lsi_upper: f64,
}

/// `C_P <= 4 B`, B the larger of `sup_x P(X > x) int_m^x 1/p` to the right of m and its mirror image.
pub(super) fn upper(line: &Line, nodes: &[f64]) -> Option<Side> {
    let value = (Interval::point(integrals(line, nodes)?.poincare.hi()) * 4.0).hi();
    value.is_finite().then(|| Side::proved(value, "LLT-21: four times Muckenhoupt's constant"))
}

/// The integrals of a law; `None` where its cells would be too many or its tails are not resolved.
pub(super) fn of(line: &Line) -> Option<Integrals> {
    integrals(line, &Panels::of(line)?.nodes)
}

fn integrals(line: &Line, nodes: &[f64]) -> Option<Integrals> {
    let m = median(line, *nodes.first()?, *nodes.last()?);
    let beyond = |m: f64, nodes: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
        std::iter::once(m).chain(nodes.filter(|&x| x > m)).collect()
    };
    let right = half(line, &beyond(m, &mut nodes.iter().copied()))?;
    let left = half(&line.mirrored(), &beyond(-m, &mut nodes.iter().rev().map(|x| -x)))?;
    Some(Integrals {
        poincare: right.poincare.max(left.poincare),
        lsi_lower: right.lsi_lower.max(left.lsi_lower),
        lsi_upper: right.lsi_upper.max(left.lsi_upper),
    })
}

/// The median, up to rounding.
fn median(line: &Line, mut a: f64, mut b: f64) -> f64 {
    for _ in 0..80 {
        let x = 0.5 * (a + b);
        let point = Interval::point(x);
        if line.cdf(point).mid() < line.sf(point).mid() { a = x } else { b = x }
    }
    0.5 * (a + b)
}

/// The mass beyond m may exceed one half by this much; what that costs is taken off the lower ends.
const OFF_CENTRE: f64 = 1e-12;

/// The suprema to the right of m, the first node.
///
/// `int 1/p` over a cell is the midpoint rule and its remainder. From its value at the inner end, `G(T) I` grows at a rate of
/// at most `G(T)/p - p G'(T) I` with T and I at the inner end and p at its least, G being concave. Beyond the last node,
/// where `-(ln p)' >= s`, both `P(X > x)/p(x)` and `p(x) int_R^x 1/p` are at most `1/s`.
fn half(line: &Line, nodes: &[f64]) -> Option<Integrals> {
    let e2 = Interval::point(2.0).exp();
    let (mut above, mut below) = (Interval::ZERO, Interval::ZERO);
    let (mut largest, mut least, mut lsi_upper, mut lsi_lower) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let mut inner = line.sf(Interval::point(*nodes.first()?));
    if inner.hi() > 0.5 * (1.0 + OFF_CENTRE) {
        return None;
    }
    for cell in nodes.windows(2) {
        let whole = Interval::new(cell[0], cell[1]);
        let width = Interval::point(cell[1]) - cell[0];
        let density = line.density(whole);
        let (slope, bend) = line.score_and_curvature(whole);
        let centre = Interval::point(whole.mid());
        // (1/p)'' = ((ln p)'^2 - (ln p)'')/p; the centre is off by a rounding at most, which the first order pays for.
        let off = Interval::around(0.0, f64::EPSILON * cell[1].abs().max(cell[0].abs()));
        let remainder = (slope.sqr() + bend) * width.powi(3) / 24.0 - slope * width * off;
        let inverse = width / line.density(centre) + remainder / density;
        let mass = Interval::point(inner.hi());
        let p = Interval::point(density.lo());
        // Of G(T) = T, and of G(T) = T ln(1 + e^2/T).
        let logarithm = (e2 / mass).ln_1p();
        for (g, slope, best) in
            [(mass, Interval::ONE, &mut largest), (mass * logarithm, logarithm - e2 / (mass + e2), &mut lsi_upper)]
        {
            let growth = (g / p - p * slope * above).hi().max(0.0);
            *best = best.max((g * above + width * growth).hi());
        }
        above += Interval::point(inverse.hi());
        below += Interval::point(inverse.lo().max(0.0));
        let outer = line.sf(Interval::point(cell[1]));
        if outer.lo() > 0.0 {
            let mass = Interval::point(outer.lo());
            let taken_off = 1.0 - 4.0 * OFF_CENTRE;
            least = least.max((mass * below.lo() * taken_off).lo());
            lsi_lower = lsi_lower.max((mass * (0.5 / mass).ln_1p() * below.lo() * taken_off).lo());
        }
        inner = outer;
    }
    let last = Interval::point(*nodes.last()?);
    let slope = (0..line.components())
        .map(|i| ((last - line.means[i]) * line.precisions[i]).lo())
        .fold(f64::INFINITY, f64::min);
    if slope <= 0.0 {
        return None;
    }
    let beyond = line.sf(last) * above.hi() + 1.0 / Interval::point(slope).sqr();
    Some(Integrals { poincare: Interval::new(least, largest.max(beyond.hi())), lsi_lower, lsi_upper })
}
