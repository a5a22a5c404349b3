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
