//! Gauss-Legendre rules, in plain double precision and enclosed.

use super::Interval;
use std::f64::consts::PI;

/// Nodes (ascending, in (-1, 1)) and weights of a quadrature rule on [-1, 1].
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The nodes.
    pub nodes: Vec<f64>,
    /// The weights; they sum to 2.
    pub weights: Vec<f64>,
}

/// The Gauss-Legendre rule with `n >= 1` nodes, exact for polynomials of degree 2n - 1, by Newton's method on P_n.
#[must_use]
pub fn gauss_legendre(n: usize) -> Rule {
    let n = n.max(1);
    let mut rule = Rule { nodes: vec![0.0; n], weights: vec![0.0; n] };
    for i in 0..n.div_ceil(2) {
        let mut x = ((i as f64 + 0.75) / (n as f64 + 0.5) * PI).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (value, previous) = legendre_pair(n, x);
            slope = n as f64 * (previous - x * value) / (1.0 - x * x);
            let step = value / slope;
            x -= step;
            if step.abs() <= f64::EPSILON {
                break;
            }
        }
        if 2 * i + 1 == n {
            x = 0.0;
        }
        let weight = 2.0 / ((1.0 - x * x) * slope * slope);
        (rule.nodes[i], rule.nodes[n - 1 - i]) = (-x, x);
        (rule.weights[i], rule.weights[n - 1 - i]) = (weight, weight);
    }
    rule
}

/// The positive nodes of the rule with 16 nodes and their weights, the doubles nearest to 40-digit values.
const GAUSS_16: [(f64, f64); 8] = [
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
];

/// The Gauss-Legendre rule with 16 nodes, every node and weight enclosed: `(node, weight)`, nodes ascending.
///
/// # Promise
/// The exact rule's nodes and weights lie in the intervals, each three neighbouring doubles wide.
#[must_use]
pub fn enclosed_gauss_16() -> [(Interval, Interval); 16] {
    let around = |x: f64| Interval::new(x.next_down(), x.next_up());
    std::array::from_fn(|i| {
        let (node, weight) = if i < 8 { GAUSS_16[i] } else { GAUSS_16[15 - i] };
        (around(if i < 8 { -node } else { node }), around(weight))
    })
}

/// An integral in plain double precision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Its value.
    pub value: f64,
    /// What halving every panel changed, summed: an estimate of the error without the rounding.
    pub change: f64,
}

/// How often a panel may be halved.
const MAX_DEPTH: u32 = 40;

/// `int f` between the first and the last of the ascending `knots`, panel by panel with 16 nodes; a panel is halved until that
/// changes less than `relative` times the integral of |f| (as all panels see it before they are halved).
///
/// f writes its values at the points of its first argument to its second; it should be smooth between the knots.
pub fn integrate_plain(f: &mut dyn FnMut(&[f64], &mut [f64]), knots: &[f64], relative: f64) -> Estimate {
    let (mut nodes, mut values) = ([0.0; 16], [0.0; 16]);
    let mut panel = |a: f64, b: f64| -> (f64, f64) {
        let (centre, half) = (0.5 * (a + b), 0.5 * (b - a));
        for (k, &(x, _)) in GAUSS_16.iter().enumerate() {
            (nodes[k], nodes[15 - k]) = (centre - half * x, centre + half * x);
        }
        f(&nodes, &mut values);
        GAUSS_16.iter().enumerate().fold((0.0, 0.0), |(sum, size), (k, &(_, w))| {
            let (left, right) = (values[k], values[15 - k]);
            (sum + half * w * (left + right), size + half * w * (left.abs() + right.abs()))
        })
    };
    let mut size = 0.0;
    let mut stack: Vec<(f64, f64, f64, u32)> = Vec::new();
    for ends in knots.windows(2).rev() {
        let (value, own) = panel(ends[0], ends[1]);
        size += own;
        stack.push((ends[0], ends[1], value, 0));
    }
    let mut found = Estimate { value: 0.0, change: 0.0 };
    while let Some((a, b, coarse, depth)) = stack.pop() {
        let middle = 0.5 * (a + b);
        let (left, right) = (panel(a, middle).0, panel(middle, b).0);
        let change = (left + right - coarse).abs();
        if change > relative * size && depth < MAX_DEPTH {
            stack.push((middle, b, right, depth + 1));
            stack.push((a, middle, left, depth + 1));
        } else {
            found.value += left + right;
            found.change += change;
        }
    }
    found
}

/// (P_n(x), P_{n-1}(x)) by the three-term recurrence.
fn legendre_pair(n: usize, x: f64) -> (f64, f64) {
    let (mut previous, mut current) = (0.0, 1.0);
    for k in 1..=n {
        let k = k as f64;
        (previous, current) = (current, ((2.0 * k - 1.0) * x * current - (k - 1.0) * previous) / k);
    }
    (current, previous)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen nodes and weights are fixed by exactness up to degree 31.
    #[test]
    fn the_enclosed_rule_is_the_plain_one_and_exact() {
        let (enclosed, plain) = (enclosed_gauss_16(), gauss_legendre(16));
        for (i, (node, weight)) in enclosed.into_iter().enumerate() {
            assert!((node.mid() - plain.nodes[i]).abs() < 1e-15 && (weight.mid() - plain.weights[i]).abs() < 1e-14);
        }
        for degree in 0..32 {
            let sum: Interval = enclosed.iter().map(|(x, w)| *w * x.powi(degree)).sum();
            let exact = if degree % 2 == 0 { Interval::point(2.0) / f64::from(degree + 1) } else { Interval::ZERO };
            assert!(sum.encloses(exact) && sum.width() < 3e-14, "degree {degree}: {sum}");
        }
    }

    /// Smooth, peaked and kinked integrands; a kink at a knot costs nothing.
    #[test]
    fn plain_integrals_know_their_error() {
        let integral = |f: &dyn Fn(f64) -> f64, knots: &[f64]| {
            let mut calls = 0;
            let mut each = |xs: &[f64], out: &mut [f64]| {
                calls += 1;
                out.iter_mut().zip(xs).for_each(|(o, x)| *o = f(*x));
            };
            let found = integrate_plain(&mut each, knots, 1e-14);
            (found, calls)
        };
        let (found, calls) = integral(&|x| x.exp(), &[0.0, 1.0]);
        assert!((found.value - (1f64.exp() - 1.0)).abs() < 1e-15 && found.change < 1e-14 && calls == 3);
        let (found, _) = integral(&|x| 1.0 / (1e-6 + x * x), &[-1.0, 0.3, 2.0]);
        let exact = 1e3 * (1e3f64.atan() + 2e3f64.atan());
        assert!((found.value / exact - 1.0).abs() < 1e-12 && found.change < 1e-10, "{found:?} {exact}");
        let (found, calls) = integral(&|x| x.abs(), &[-1.0, 0.0, 2.0]);
        assert!((found.value - 2.5).abs() < 1e-15 && calls == 6);
        let (found, _) = integral(&|x| x.abs(), &[-1.0, 2.0]);
        assert!((found.value - 2.5).abs() < 1e-12);
        let (found, _) = integral(&|x| f64::from(x > 0.1), &[-1.0, 2.0]);
        assert!((found.value - 1.9).abs() <= found.change.max(1e-10), "{found:?}");
    }

    #[test]
    fn integrates_polynomials_exactly() {
        for n in [1, 2, 5, 20, 41] {
            let rule = gauss_legendre(n);
            for degree in 0..2 * n {
                let sum: f64 = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * x.powi(degree as i32)).sum();
                let exact = if degree % 2 == 0 { 2.0 / (degree as f64 + 1.0) } else { 0.0 };
                assert!((sum - exact).abs() < 4e-15, "n = {n}, degree {degree}: {sum} against {exact}");
            }
        }
    }
}
