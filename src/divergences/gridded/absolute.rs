//! `int |f|` of a smooth function that is known at the nodes of a tensor grid.
//!
//! On a cell f is taken for the polynomial of degree 7 in either coordinate through the 8 x 8 nodes around it. Away from the
//! curve f = 0 its integral is a sum with fixed weights. On the curve the inner integral is split at the zeros of the
//! polynomial, and the outer one, which is smooth up to where the curve enters the cell or turns, is refined by halving.

use crate::laws::Axes;
use crate::numerics::{Rule, gauss_legendre};
use std::sync::LazyLock;

/// Nodes of a stencil.
const STENCIL: usize = 8;
/// Nodes of a stencil before the first one of its cell.
const BEFORE: usize = STENCIL / 2 - 1;
/// Where |f| is below this part of its largest value its sign is noise.
const NEGLIGIBLE: f64 = 1e-14;
/// Pieces into which an inner interval is cut to look for zeros.
const LOOKS: usize = 8;
/// What may be missed on one cell, relative to the largest |f| on its stencil, and how often it is halved for that.
const MISSED: f64 = 1e-11;
const MOST_HALVINGS: u32 = 12;

static RULE: LazyLock<Rule> = LazyLock::new(|| gauss_legendre(8));
/// Monomial coefficients of the Lagrange polynomials of the nodes -3, ..., 4: row i belongs to node i - 3.
static LAGRANGE: LazyLock<[[f64; STENCIL]; STENCIL]> = LazyLock::new(|| std::array::from_fn(lagrange));
/// `int_0^1` of them.
static WEIGHTS: LazyLock<[f64; STENCIL]> = LazyLock::new(|| std::array::from_fn(|i| antiderivative(&LAGRANGE[i], 1.0)));

/// `prod_{k != i} (x - x_k)/(x_i - x_k)` with `x_k = k - 3`, in ascending powers.
fn lagrange(i: usize) -> [f64; STENCIL] {
    let mut coefficients = [0.0; STENCIL];
    coefficients[0] = 1.0;
    for k in (0..STENCIL).filter(|&k| k != i) {
        let (at, apart) = (k as f64 - BEFORE as f64, i as f64 - k as f64);
        for n in (0..STENCIL).rev() {
            let below = if n > 0 { coefficients[n - 1] } else { 0.0 };
            coefficients[n] = (below - at * coefficients[n]) / apart;
        }
    }
    coefficients
}

/// `c_0 + c_1 x + ...`.
fn at(c: &[f64; STENCIL], x: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The antiderivative that vanishes at 0.
fn antiderivative(c: &[f64; STENCIL], x: f64) -> f64 {
    (0..STENCIL).rev().fold(0.0, |sum, n| sum * x + c[n] / (n as f64 + 1.0)) * x
}

/// `int_0^1 |c_0 + c_1 x + ...| dx`.
fn absolute_on_unit(c: &[f64; STENCIL]) -> f64 {
    let (mut sum, mut from) = (0.0, 0.0);
    let mut left = (0.0, at(c, 0.0));
    for k in 1..=LOOKS {
        let x = k as f64 / LOOKS as f64;
        let right = (x, at(c, x));
        if (left.1 > 0.0) != (right.1 > 0.0) {
            let here = antiderivative(c, zero(c, left, right));
            sum += (here - from).abs();
            from = here;
        }
        left = right;
    }
    sum + (antiderivative(c, 1.0) - from).abs()
}

/// A zero between two points with values of different signs: the secant rule, kept inside by bisection.
fn zero(c: &[f64; STENCIL], mut a: (f64, f64), mut b: (f64, f64)) -> f64 {
    for k in 0..60 {
        let secant = a.0 - a.1 * (b.0 - a.0) / (b.1 - a.1);
        let x = if k % 3 == 2 || !(a.0 < secant && secant < b.0) { 0.5 * (a.0 + b.0) } else { secant };
        let value = at(c, x);
        if value == 0.0 || b.0 - a.0 < 1e-15 {
            return x;
        }
        if (value > 0.0) == (a.1 > 0.0) { a = (x, value) } else { b = (x, value) }
    }
    0.5 * (a.0 + b.0)
}

/// The values around a cell, the inner coordinate being the first index.
type Stencil = [[f64; STENCIL]; STENCIL];

/// The inner polynomial at the outer coordinate v.
fn inner(values: &Stencil, v: f64) -> [f64; STENCIL] {
    let across: [f64; STENCIL] = std::array::from_fn(|b| at(&LAGRANGE[b], v));
    let mut c = [0.0; STENCIL];
    for (row, basis) in values.iter().zip(LAGRANGE.iter()) {
        let value: f64 = row.iter().zip(&across).map(|(f, l)| f * l).sum();
        c.iter_mut().zip(basis).for_each(|(c, l)| *c += value * l);
    }
    c
}

/// `int |f|` over `[0, 1] x [a, b]`.
fn over(values: &Stencil, a: f64, b: f64) -> f64 {
    let (centre, half) = (0.5 * (a + b), 0.5 * (b - a));
    let nodes = RULE.nodes.iter().zip(&RULE.weights);
    nodes.map(|(t, w)| w * half * absolute_on_unit(&inner(values, centre + half * t))).sum()
}

fn refined(values: &Stencil, (a, b): (f64, f64), whole: f64, missed: f64, halvings: u32) -> f64 {
    let middle = 0.5 * (a + b);
    let (left, right) = (over(values, a, middle), over(values, middle, b));
    if (left + right - whole).abs() <= missed || halvings == 0 {
        return left + right;
    }
    refined(values, (a, middle), left, missed, halvings - 1) + refined(values, (middle, b), right, missed, halvings - 1)
}

/// On the cell in the middle of a stencil, in units of its area.
fn on_cell(values: &Stencil) -> f64 {
    let along = |f: &dyn Fn(usize, usize) -> f64| (f(4, 3) + f(4, 4) - f(3, 3) - f(3, 4)).abs();
    let turned: Stencil = std::array::from_fn(|a| std::array::from_fn(|b| values[b][a]));
    // The inner integral runs along the steeper coordinate.
    let values = if along(&|a, b| values[a][b]) >= along(&|a, b| values[b][a]) { values } else { &turned };
    let largest = values.iter().flatten().fold(0.0, |m: f64, f| m.max(f.abs()));
    refined(values, (0.0, 1.0), over(values, 0.0, 1.0), MISSED * largest, MOST_HALVINGS)
}

/// `int |f|` from the values at the nodes, row by row; near the edges of the grid f is taken to be negligible.
pub(super) fn integral(f: &[f64], axes: &Axes) -> f64 {
    let [rows, columns] = axes.nodes();
    let largest = f.iter().fold(0.0, |m: f64, f| m.max(f.abs()));
    let value = |i: usize, j: usize| f[i * columns + j];
    let mut sum = 0.0;
    for i in 0..rows - 1 {
        for j in 0..columns - 1 {
            let edge = i.min(j) < BEFORE || i + BEFORE + 1 >= rows || j + BEFORE + 1 >= columns;
            let near = |n: usize| (0..n * n).map(move |k| (k / n, k % n));
            let corners = || near(2).map(|(a, b)| value(i + a, j + b));
            if edge || corners().all(|f| f.abs() <= NEGLIGIBLE * largest) {
                sum += 0.25 * corners().map(f64::abs).sum::<f64>();
                continue;
            }
            let around = || near(4).map(|(a, b)| value(i + a - 1, j + b - 1));
            let stencil: Stencil =
                std::array::from_fn(|a| std::array::from_fn(|b| value(i + a - BEFORE, j + b - BEFORE)));
            sum += if around().all(|f| f > 0.0) || around().all(|f| f < 0.0) {
                let row = |row: &[f64; STENCIL]| row.iter().zip(WEIGHTS.iter()).map(|(f, w)| f * w).sum::<f64>();
                stencil.iter().zip(WEIGHTS.iter()).map(|(r, w)| row(r) * w).sum::<f64>().abs()
            } else {
                on_cell(&stencil)
            };
        }
    }
    sum * axes.cell()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `int |x^2 + y^2 - 1| e^{-(x^2 + y^2)/2} = 2 pi int |2 t - 1| e^{-t} dt = 2 pi (4 e^{-1/2} - 1)`, the circle being cut in every
    /// way by the cells; and a difference of two Gaussians.
    #[test]
    fn absolute_values_converge_quickly() {
        let ring = |x: f64, y: f64| (x * x + y * y - 1.0) * (-0.5 * (x * x + y * y)).exp();
        let truth = std::f64::consts::TAU * (4.0 * (-0.5_f64).exp() - 1.0);
        let shifted =
            |x: f64, y: f64| (-0.5 * ((x - 0.3).powi(2) + y * y)).exp() - (-0.5 * ((x + 0.2).powi(2) + y * y)).exp();
        let normal = 2.0 * libm::erf(0.25 / 2.0_f64.sqrt());
        let check = |f: &dyn Fn(f64, f64) -> f64, truth: f64| {
            let error = |spacing: f64| {
                let axes = Axes::new(&[(-9.1, 9.0), (-9.0, 9.3)], spacing);
                let points = axes.points(0..axes.nodes()[0]);
                let (xs, ys) = points.split_at(axes.count());
                let values: Vec<f64> = xs.iter().zip(ys).map(|(x, y)| f(*x, *y)).collect();
                (integral(&values, &axes) - truth).abs()
            };
            let (coarse, fine) = (error(0.2), error(0.1));
            assert!(coarse < 5e-6 && fine < 2e-8, "{coarse:e} {fine:e}");
        };
        check(&ring, truth);
        check(&shifted, std::f64::consts::TAU * normal);
    }
}
