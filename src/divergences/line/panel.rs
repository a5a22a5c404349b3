//! Panels of the line around which a mixture is analytic: bounds there, and the error of a Gauss rule.
//!
//! Where a function is analytic and at most m in modulus on the ellipse with foci at the panel's ends and semi-axes
//! `(r/2)(rho +- 1/rho)`, r the half-width, its Chebyshev coefficients are at most `2 m rho^{-k}`; the rule with n nodes is exact
//! below degree 2n, vanishes with the integral on odd ones, and misses the others by at most 2 + 2/(k^2 - 1), so the panel's
//! error is at most `r 2 m (2 + 2/(4n^2 - 1)) rho^{-2n} / (1 - rho^{-2})`. The modulus is bounded by complex interval
//! arithmetic over the rectangle around the ellipse.

use crate::numerics::{ComplexInterval, Interval};

/// Nodes of a panel.
pub(super) const NODES: usize = 16;
/// The ellipse: `rho`, and the semi-axes in half-widths.
const RHO: f64 = 4.0;
const SEMI_AXES: (f64, f64) = (2.125, 1.875);

/// A panel `[a, b]` with the rectangle around its ellipse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    /// A point near the middle.
    pub(super) centre: f64,
    /// The half-width, from above.
    pub(super) half: f64,
    /// The ellipse's rectangle, relative to the centre.
    pub(super) rectangle: ComplexInterval,
    ends: (Interval, Interval),
}

impl Panel {
    pub(super) fn new(a: f64, b: f64) -> Self {
        let centre = a + 0.5 * (b - a);
        let half = (Interval::point(b) - centre).hi().max((Interval::point(centre) - a).hi());
        let rectangle = ComplexInterval::new(
            Interval::around(0.0, (SEMI_AXES.0 * half).next_up()),
            Interval::around(0.0, (SEMI_AXES.1 * half).next_up()),
        );
        Self { centre, half, rectangle, ends: (Interval::point(a), Interval::point(b)) }
    }

    /// Half the width and the exact middle, as intervals.
    pub(super) fn measure(&self) -> (Interval, Interval) {
        let (a, b) = self.ends;
        ((b - a) * 0.5, (a + b) * 0.5)
    }

    /// All points of the panel, relative to the centre.
    pub(super) fn points(&self) -> Interval {
        (self.ends.0 - self.centre).hull(self.ends.1 - self.centre)
    }

    /// The error of the rule for a function of modulus at most `size` on the ellipse.
    pub(super) fn error(&self, size: Interval) -> Interval {
        let n = NODES as f64;
        let rule = 2.0 * (2.0 + 2.0 / (4.0 * n * n - 1.0)) * RHO.powi(-2 * NODES as i32) / (1.0 - RHO.powi(-2));
        size * self.half * rule * (1.0 + 1e-12)
    }
}

/// A quadratic `c_0 + c_1 z + c_2 z^2` in the distance z from a panel's centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quadratic(pub(super) [Interval; 3]);

impl Quadratic {
    /// `constant - (c + z - mean)^2/(2 variance)` about c.
    pub(super) fn exponent(constant: Interval, mean: Interval, variance: Interval, c: f64) -> Self {
        let z = Interval::point(c) - mean;
        Self([constant - z.sqr() / variance * 0.5, -(z / variance), -(Interval::ONE / variance) * 0.5])
    }

    pub(super) fn at(&self, z: ComplexInterval, square: ComplexInterval) -> ComplexInterval {
        ComplexInterval::real(self.0[0]) + z.scale(self.0[1]) + square.scale(self.0[2])
    }

    /// On the real line.
    pub(super) fn at_real(&self, z: Interval) -> Interval {
        self.0[0] + (self.0[1] + self.0[2] * z) * z
    }

    /// Its derivative.
    pub(super) fn slope(&self) -> Self {
        Self([self.0[1], self.0[2] * 2.0, Interval::ZERO])
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        Self([0, 1, 2].map(|k| self.0[k] - other.0[k]))
    }
}

/// The exponent that is largest at the centre.
pub(super) fn dominant(exponents: &[Quadratic]) -> Option<usize> {
    (0..exponents.len()).max_by(|&i, &j| exponents[i].0[0].mid().total_cmp(&exponents[j].0[0].mid()))
}

/// `ln p` on a rectangle: the dominant exponent there, `S = sum_i e^{l_i - l_j}`, and all terms of that sum.
pub(super) struct OnRectangle {
    pub(super) ln: ComplexInterval,
    pub(super) sum: ComplexInterval,
    pub(super) terms: Vec<ComplexInterval>,
    pub(super) top: usize,
}

/// `None` where p may have a zero.
pub(super) fn on_rectangle(
    exponents: &[Quadratic],
    z: ComplexInterval,
    square: ComplexInterval,
) -> Option<OnRectangle> {
    let top = dominant(exponents)?;
    let term = |i: usize| {
        if i == top { ComplexInterval::ONE } else { exponents[i].minus(&exponents[top]).at(z, square).exp() }
    };
    let terms: Vec<ComplexInterval> = (0..exponents.len()).map(term).collect();
    let others = (0..terms.len()).filter(|&i| i != top).fold(ComplexInterval::ZERO, |s, i| s + terms[i]);
    let sum = others + ComplexInterval::ONE;
    // The logarithm is the analytic branch as long as S stays in the right half-plane.
    (sum.re.lo() > 0.0 && sum.re.is_finite() && sum.im.is_finite()).then(|| OnRectangle {
        ln: exponents[top].at(z, square) + others.ln_1p(),
        sum,
        terms,
        top,
    })
}
