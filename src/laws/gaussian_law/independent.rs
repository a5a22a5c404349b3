//! Independent Gaussian coordinates in closed geometric sums, entirely in intervals.

use crate::numerics::Interval;
use crate::scores::Affine;

/// Independent normal coordinates, mean and variance of each enclosed.
#[derive(Clone, Debug, PartialEq)]
pub struct IndependentGaussian {
    /// E X_i.
    pub mean: Vec<Interval>,
    /// Var X_i (0 is allowed for a point).
    pub variance: Vec<Interval>,
}

impl IndependentGaussian {
    /// N steps of `x <- x + b x + c + noise xi` in each coordinate.
    ///
    /// ```text
    /// m_N = m + G_N(b) (b m + c),    v_N = v + G_N(b(2 + b)) (b(2 + b) v + noise^2),    G_N(b) = sum_{k<N} (1 + b)^k
    /// ```
    ///
    /// # Promise
    /// The new enclosures contain the parameters of the new law when the old ones, the map and the noise do.
    pub(super) fn apply(&mut self, displacement: &Affine, noise_variance: Interval, repeat: u64) {
        for (i, (mean, variance)) in self.mean.iter_mut().zip(&mut self.variance).enumerate() {
            let b = Interval::around(displacement.matrix[(i, i)], displacement.matrix_error);
            let c = Interval::around(displacement.offset[i], displacement.offset_error);
            *mean = iterate(*mean, b, c, repeat);
            *variance = iterate(*variance, squared_minus_one(b), noise_variance, repeat).max(Interval::ZERO);
        }
    }

    /// Time T of `dX = (b X + c) dt + sqrt(diffusivity) dB` in each coordinate.
    ///
    /// ```text
    /// m_T = m + T phi(bT) (b m + c),    v_T = v + T phi(2bT) (2b v + diffusivity),    phi(z) = (e^z - 1)/z
    /// ```
    ///
    /// # Promise
    /// As [`IndependentGaussian::apply`].
    pub(super) fn diffuse(&mut self, drift: &Affine, diffusivity: Interval, time: Interval) {
        for (i, (mean, variance)) in self.mean.iter_mut().zip(&mut self.variance).enumerate() {
            let b = Interval::around(drift.matrix[(i, i)], drift.matrix_error);
            let c = Interval::around(drift.offset[i], drift.offset_error);
            *mean = flow(*mean, b, c, time);
            *variance = flow(*variance, b * 2.0, diffusivity, time).max(Interval::ZERO);
        }
    }
}

/// `y_T` for `y' = b y + c`, in the same way as [`iterate`]: `y + T phi(bT) (b y + c)` and `e^{bT} y + T phi(bT) c`.
fn flow(y: Interval, b: Interval, c: Interval, time: Interval) -> Interval {
    let middle = Interval::point(y.mid());
    let (left, sum) = ((b * time).exp(), time * mean_growth(b * time));
    let value = middle + sum * (b * middle + c);
    let value = value.intersect(left * middle + sum * c).unwrap_or(value);
    match (y - middle).magnitude() {
        0.0 => value,
        radius => value.widen((Interval::point(left.hi()) * radius).hi()),
    }
}

/// `phi(z) = (e^z - 1)/z`, which increases, with `phi(0) = 1`.
fn mean_growth(z: Interval) -> Interval {
    let at = |z: f64| if z == 0.0 { Interval::ONE } else { Interval::point(z).exp_m1() / z };
    Interval::new(at(z.lo()).lo(), at(z.hi()).hi())
}

/// N steps of `y <- y + b y + c`: from the midpoint, with the distance to the ends carried along by `|1 + b|^N`, so that
/// enclosures shrink where the map contracts. Several steps are also enclosed as `(1 + b)^N y + G_N(b) c`, which keeps the digits of
/// what is left where almost nothing is.
fn iterate(y: Interval, b: Interval, c: Interval, repeat: u64) -> Interval {
    let middle = Interval::point(y.mid());
    let sum = geometric(b, repeat);
    let mut from_middle = middle + sum * (b * middle + c);
    if repeat > 1 {
        let left = power(b, repeat) * middle + sum * c;
        from_middle = from_middle.intersect(left).unwrap_or(from_middle);
    }
    let radius = (y - middle).magnitude();
    if radius == 0.0 {
        return from_middle;
    }
    from_middle.widen((Interval::point(power(b, repeat).magnitude()) * radius).hi())
}

/// `(1 + b)^n`, n > 0.
fn power(b: Interval, n: u64) -> Interval {
    let exponent = exponent(n);
    let at = |b: f64| {
        if b > -1.0 {
            return (exponent * Interval::point(b).ln_1p()).exp();
        }
        if b == -1.0 {
            return Interval::ZERO;
        }
        // |1 + b| = 1 + (-2 - b).
        let size = (exponent * (Interval::point(-2.0) - b).ln_1p()).exp();
        if n % 2 == 1 { -size } else { size }
    };
    // Between -1 and either side the power is monotone.
    let ends = at(b.lo()).hull(at(b.hi()));
    if b.contains(-1.0) { ends.hull(Interval::ZERO) } else { ends }
}

/// n as an interval (exact below 2^53).
fn exponent(n: u64) -> Interval {
    let x = n as f64;
    if n < 1 << 53 { Interval::point(x) } else { Interval::new(x.next_down(), x.next_up()) }
}

/// `(1 + b)^2 - 1 = b (2 + b)`, monotone on either side of -1.
fn squared_minus_one(b: Interval) -> Interval {
    let at = |x: f64| Interval::point(x) * (Interval::point(x) + 2.0);
    let ends = at(b.lo()).hull(at(b.hi()));
    if b.contains(-1.0) { ends.hull(Interval::point(-1.0)) } else { ends.max(Interval::point(-1.0)) }
}

/// `(1 + b)^n - 1` without cancellation.
fn power_minus_one(b: f64, n: Interval, odd: bool) -> Interval {
    if b > -1.0 {
        return (n * Interval::point(b).ln_1p()).exp_m1();
    }
    if b == -1.0 {
        return Interval::point(-1.0);
    }
    // |1 + b| = -(1 + b) = 1 + (-2 - b).
    let size = (n * (Interval::point(-2.0) - b).ln_1p()).exp();
    if odd { -size - 1.0 } else { size - 1.0 }
}

/// `sum_{k<n} (1 + b)^k = ((1 + b)^n - 1)/b`, which increases with b where `1 + b >= 0`.
fn geometric(b: Interval, n: u64) -> Interval {
    if n == 1 {
        return Interval::ONE;
    }
    let exponent = exponent(n);
    let at = |b: f64| {
        if b == 0.0 { exponent } else { power_minus_one(b, exponent, n % 2 == 1) / b }
    };
    if b.lo() >= -1.0 {
        return Interval::new(at(b.lo()).lo(), at(b.hi()).hi());
    }
    // Alternating signs: (1 + b)^n is bounded by its values at the ends and 0, divided by the whole of b.
    let (at_lo, at_hi) = (power_minus_one(b.lo(), exponent, n % 2 == 1), power_minus_one(b.hi(), exponent, n % 2 == 1));
    let mut power = at_lo.hull(at_hi);
    if b.hi() >= -1.0 {
        power = power.hull(Interval::point(-1.0));
    }
    power / b
}
