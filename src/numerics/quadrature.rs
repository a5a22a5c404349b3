//! Gauss-Legendre rules in plain double precision.

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
