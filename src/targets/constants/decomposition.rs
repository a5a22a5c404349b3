//! Constants of a mixture from those of its components (LLT-19).

use super::side::Side;
use crate::numerics::Interval;

/// `A = ln(1/w - 1)/(1 - 2w)` for the smallest weight, by its series near w = 1/2.
///
/// ```text
/// A = 2 (1 + x^2/3 + x^4/5 + ...),     x = 1 - 2w
/// ```
pub(super) fn log_ratio_factor(smallest: Interval) -> Interval {
    let x = 1.0 - smallest * 2.0;
    if x.magnitude() > 0.1 {
        return (1.0 / smallest - 1.0).ln() / x;
    }
    let square = x.sqr();
    let mut power = Interval::ONE;
    let mut sum = Interval::ZERO;
    for k in 0..8 {
        sum += power / f64::from(2 * k + 1);
        power *= square;
    }
    // The terms left out: at most x^16/17 (1 + x^2 + ...).
    let rest = (power / 17.0 / (1.0 - square)).hi();
    (sum + Interval::new(0.0, rest)) * 2.0
}

/// All pairs `i > j` of k things.
pub(super) fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(|i| (0..i).map(move |j| (i, j)))
}

/// A symmetric table with zeros on the diagonal.
pub(super) fn symmetric(k: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let mut table = vec![vec![0.0; k]; k];
    for (i, j) in pairs(k) {
        let value = entry(i, j);
        table[i][j] = value;
        table[j][i] = value;
    }
    table
}

/// The two bounds of LLT-19 as upper ends of (C_LS, C_P), given each component's constant and upper bounds of T_ij.
///
/// ```text
/// C_P <= max C_i + sum_{i<j} w_i w_j T_ij
/// C_LS <= max C_i (1 + (1 - w_i) A/2) + (A/2) sum_{i<j} w_i w_j T_ij
/// ```
/// T may be replaced by any chain: `|E_i f - E_j f| <= sum over the steps`, so `sqrt T_ij` is a length and is taken along
/// the shortest path.
pub(super) fn sides(weights: &[Interval], constants: &[f64], mut transport: Vec<Vec<f64>>) -> (Side, Side) {
    shorten(&mut transport);
    let mut sum = Interval::ZERO;
    for (i, j) in pairs(weights.len()) {
        sum += weights[i] * weights[j] * Interval::point(transport[i][j]);
    }
    from_sum(weights, constants, sum)
}

/// The same for components on a line of lengths, `sqrt T_ij = |s_i - s_j|`: the sum over pairs is the variance of s.
pub(super) fn along(weights: &[Interval], constants: &[f64], positions: &[f64]) -> (Side, Side) {
    let each = || weights.iter().zip(positions);
    let centre = each().map(|(&w, &s)| w * s).sum::<Interval>().mid();
    // The second moment about any point is at least the variance.
    let sum = each().map(|(&w, &s)| w * (Interval::point(s) - centre).sqr()).sum();
    from_sum(weights, constants, sum)
}

/// The bounds for `sum = sum_{i<j} w_i w_j T_ij`.
fn from_sum(weights: &[Interval], constants: &[f64], sum: Interval) -> (Side, Side) {
    let k = weights.len();
    let smallest = weights.iter().copied().reduce(Interval::min).unwrap_or(Interval::ONE);
    let half = log_ratio_factor(smallest) * 0.5;
    let (mut own, mut largest) = (0.0_f64, 0.0_f64);
    for (&w, &c) in weights.iter().zip(constants) {
        own = own.max((c * (1.0 + (1.0 - w) * half)).hi());
        largest = largest.max(c);
    }
    let label = format!("LLT-19: {k} components");
    let lsi = Side::proved((own + half * sum).hi(), label.clone());
    (lsi, Side::proved((largest + sum).hi(), label))
}

/// More components than this are not worth the cubic time of shortest paths.
const PATHS: usize = 64;

/// Replaces each T_ij by the square of the shortest path, the length of a step being sqrt T, rounded up.
fn shorten(transport: &mut [Vec<f64>]) {
    let k = transport.len();
    if k > PATHS {
        return;
    }
    for via in 0..k {
        for i in 0..k {
            for j in 0..k {
                if i == j || via == i || via == j {
                    continue;
                }
                let root = |t: f64| Interval::point(t).sqrt();
                let path = (root(transport[i][via]) + root(transport[via][j])).sqr().hi();
                transport[i][j] = transport[i][j].min(path);
            }
        }
    }
}
