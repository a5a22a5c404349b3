//! One weighted Gaussian in the plane, in coordinates that make its quadratic form a sum of two squares.
//!
//! ```text
//! w N(x, y) = e^{c - (u^2 + v^2)/2},    u = (x - m_1)/s_1,    v = (y - m_2 - b (x - m_1))/s_2,
//! s_1^2 = S_11,   b = S_12/S_11,   s_2^2 = S_22 - S_12 b,     c = ln w - ln(2 pi s_1 s_2)
//! ```

use crate::numerics::Interval;

/// A rectangle `[x] x [y]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Cell {
    pub(super) fn over_x(&self) -> Interval {
        Interval::new(self.x.0, self.x.1)
    }

    pub(super) fn over_y(&self) -> Interval {
        Interval::new(self.y.0, self.y.1)
    }

    /// The area.
    pub(super) fn area(&self) -> Interval {
        (Interval::point(self.x.1) - self.x.0) * (Interval::point(self.y.1) - self.y.0)
    }

    /// The two halves along an axis; `None` when floating-point numbers end there.
    pub(super) fn halves(&self, along_x: bool) -> Option<[Self; 2]> {
        let cut = |(a, b): (f64, f64)| {
            let middle = a + 0.5 * (b - a);
            (a < middle && middle < b).then_some(middle)
        };
        Some(if along_x {
            let c = cut(self.x)?;
            [Self { x: (self.x.0, c), ..*self }, Self { x: (c, self.x.1), ..*self }]
        } else {
            let c = cut(self.y)?;
            [Self { y: (self.y.0, c), ..*self }, Self { y: (c, self.y.1), ..*self }]
        })
    }
}

/// One component, prepared.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) weight: Interval,
    pub(super) mean: [Interval; 2],
    /// S_11, S_12, S_22.
    pub(super) cov: [Interval; 3],
    /// `1/s_1` and `1/s_2`.
    inverse: [Interval; 2],
    slope: Interval,
    /// c.
    pub(super) constant: Interval,
}

impl Component {
    /// `None` when the covariance is not known to be positive definite.
    pub(super) fn new(weight: Interval, mean: [Interval; 2], cov: [Interval; 3]) -> Option<Self> {
        let slope = cov[1] / cov[0];
        let rest = cov[2] - cov[1] * slope;
        if !(cov[0].lo() > 0.0 && rest.lo() > 0.0 && rest.is_finite() && weight.lo() > 0.0) {
            return None;
        }
        let (s, t) = (cov[0].sqrt(), rest.sqrt());
        let constant = weight.ln() - Interval::LN_SQRT_TAU * 2.0 - s.ln() - t.ln();
        Some(Self { weight, mean, cov, inverse: [1.0 / s, 1.0 / t], slope, constant })
    }

    /// (u, v).
    pub(super) fn whitened(&self, x: Interval, y: Interval) -> (Interval, Interval) {
        let dx = x - self.mean[0];
        (dx * self.inverse[0], (y - self.mean[1] - self.slope * dx) * self.inverse[1])
    }

    /// `ln(w N)`.
    pub(super) fn ln(&self, x: Interval, y: Interval) -> Interval {
        let (u, v) = self.whitened(x, y);
        self.constant - (u.sqr() + v.sqr()) * 0.5
    }

    /// The gradient of `(u^2 + v^2)/2`, from (u, v).
    pub(super) fn slope_of_form(&self, (u, v): (Interval, Interval)) -> (Interval, Interval) {
        let dy = v * self.inverse[1];
        (u * self.inverse[0] - self.slope * dy, dy)
    }

    /// The diagonal of `S^-1`.
    pub(super) fn precision(&self) -> (Interval, Interval) {
        let b = self.inverse[1].sqr();
        (self.inverse[0].sqr() + self.slope.sqr() * b, b)
    }

    /// Bounds of |u| and |v| for displacements of at most h along x and k along y.
    pub(super) fn lengths(&self, h: f64, k: f64) -> (Interval, Interval) {
        (self.inverse[0] * h, (self.slope.abs() * h + k) * self.inverse[1])
    }
}
