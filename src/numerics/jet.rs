//! Truncated Taylor series with interval coefficients: what a certified integral is made of.

use super::Interval;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The highest power kept. Even, so that the remainder term of an integral has one sign.
pub const ORDER: usize = 16;

/// The Taylor coefficients `f^(k)(x)/k!`, `k = 0 ..= ORDER`, enclosed over all x of the interval it was started from.
///
/// # Promise
/// If each argument encloses the coefficients of a function at every point of some interval, so does the result.
#[derive(Clone, Debug)]
pub struct Jet {
    c: [Interval; ORDER + 1],
}

impl Jet {
    /// The identity function over `x`: coefficients `x, 1, 0, …`.
    #[must_use]
    pub fn variable(x: Interval) -> Self {
        let mut c = [Interval::ZERO; ORDER + 1];
        c[0] = x;
        c[1] = Interval::ONE;
        Self { c }
    }

    /// A constant function.
    #[must_use]
    pub fn constant(value: impl Into<Interval>) -> Self {
        let mut c = [Interval::ZERO; ORDER + 1];
        c[0] = value.into();
        Self { c }
    }

    /// The series with these coefficients.
    ///
    /// # Promise
    /// Encloses f over the interval when `c[k]` encloses `f^(k)/k!` there.
    #[must_use]
    pub fn from_coefficients(c: [Interval; ORDER + 1]) -> Self {
        Self { c }
    }

    /// The enclosure of `f^(k)/k!`.
    #[must_use]
    pub fn coefficient(&self, k: usize) -> Interval {
        self.c[k]
    }

    /// The enclosure of the function's values.
    #[must_use]
    pub fn value(&self) -> Interval {
        self.c[0]
    }

    /// The index of the last coefficient that is not exactly 0.
    fn degree(&self) -> usize {
        self.c.iter().rposition(|&c| c != Interval::ZERO).unwrap_or(0)
    }

    /// f multiplied by a number.
    #[must_use]
    pub fn scale(&self, by: impl Into<Interval>) -> Self {
        let by = by.into();
        Self { c: self.c.map(|c| c * by) }
    }

    /// f plus a number.
    #[must_use]
    pub fn shift(&self, by: impl Into<Interval>) -> Self {
        let mut result = self.clone();
        result.c[0] += by.into();
        result
    }

    /// Both enclose the same series: so does the common part of each coefficient.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self { c: std::array::from_fn(|k| self.c[k].intersect(other.c[k]).unwrap_or(self.c[k])) }
    }

    /// `f^2`.
    #[must_use]
    pub fn sqr(&self) -> Self {
        let mut result = self * self;
        result.c[0] = self.c[0].sqr();
        result
    }

    /// The series of `g(f)` where `g' = (known series)`: `k r_k = sum_{i=1}^k i f_i d_{k-i}` with d the series of `g'(f)`,
    /// built up as its coefficients become known.
    fn chain(&self, first: Interval, mut derivative: impl FnMut(usize, &[Interval]) -> Interval) -> Self {
        let degree = self.degree();
        let mut c = [Interval::ZERO; ORDER + 1];
        c[0] = first;
        for k in 1..=ORDER {
            let mut sum = Interval::ZERO;
            for i in 1..=k.min(degree) {
                sum += self.c[i] * (i as f64) * derivative(k - i, &c);
            }
            c[k] = sum / (k as f64);
        }
        Self { c }
    }

    /// `e^f`.
    #[must_use]
    pub fn exp(&self) -> Self {
        self.chain(self.c[0].exp(), |j, so_far| so_far[j])
    }

    /// `e^f - 1`, accurate where f is small.
    #[must_use]
    pub fn exp_m1(&self) -> Self {
        let mut result = self.exp();
        result.c[0] = self.c[0].exp_m1();
        result
    }

    /// `e^f - 1 - f`, accurate where f is small.
    #[must_use]
    pub fn exp_excess(&self) -> Self {
        let derivative = self.exp_m1();
        self.chain(self.c[0].exp_excess(), |j, _| derivative.c[j])
    }

    /// `ln f` for f > 0.
    #[must_use]
    pub fn ln(&self) -> Self {
        self.logarithm(self.c[0].ln(), self.c[0])
    }

    /// `ln(1 + f)` for f > -1, accurate where f is small.
    #[must_use]
    pub fn ln_1p(&self) -> Self {
        self.logarithm(self.c[0].ln_1p(), self.c[0] + 1.0)
    }

    /// `l_k = (f_k - (1/k) sum_{i=1}^{k-1} i l_i f_{k-i}) / f_0`.
    fn logarithm(&self, first: Interval, base: Interval) -> Self {
        let mut c = [Interval::ZERO; ORDER + 1];
        c[0] = first;
        for k in 1..=ORDER {
            let sum: Interval = (1..k).map(|i| c[i] * (i as f64) * self.c[k - i]).sum();
            c[k] = (self.c[k] - sum / (k as f64)) / base;
        }
        Self { c }
    }

    /// The square root of f > 0.
    #[must_use]
    pub fn sqrt(&self) -> Self {
        let mut c = [Interval::ZERO; ORDER + 1];
        c[0] = self.c[0].sqrt();
        for k in 1..=ORDER {
            let sum: Interval = (1..k).map(|i| c[i] * c[k - i]).sum();
            c[k] = (self.c[k] - sum) / (c[0] * 2.0);
        }
        Self { c }
    }

    /// `1/f` for f without a zero.
    #[must_use]
    pub fn recip(&self) -> Self {
        &Jet::constant(1.0) / self
    }

    /// `(sin f, cos f)`.
    #[must_use]
    pub fn sin_cos(&self) -> (Self, Self) {
        let degree = self.degree();
        let (mut s, mut c) = ([Interval::ZERO; ORDER + 1], [Interval::ZERO; ORDER + 1]);
        s[0] = self.c[0].sin();
        c[0] = self.c[0].cos();
        for k in 1..=ORDER {
            let (mut for_sin, mut for_cos) = (Interval::ZERO, Interval::ZERO);
            for i in 1..=k.min(degree) {
                let slope = self.c[i] * (i as f64);
                for_sin += slope * c[k - i];
                for_cos -= slope * s[k - i];
            }
            s[k] = for_sin / (k as f64);
            c[k] = for_cos / (k as f64);
        }
        (Self { c: s }, Self { c })
    }

    /// `sin f`.
    #[must_use]
    pub fn sin(&self) -> Self {
        self.sin_cos().0
    }

    /// `cos f`.
    #[must_use]
    pub fn cos(&self) -> Self {
        self.sin_cos().1
    }

    /// The standard normal distribution function of f: the derivative is the density, enclosed as a series of its own.
    #[must_use]
    pub fn normal_cdf(&self) -> Self {
        let density = self.sqr().scale(-0.5).exp().scale(Interval::ONE / Interval::SQRT_TAU);
        self.chain(self.c[0].normal_cdf(), |j, _| density.c[j])
    }
}

impl Add for &Jet {
    type Output = Jet;
    fn add(self, other: &Jet) -> Jet {
        Jet { c: std::array::from_fn(|k| self.c[k] + other.c[k]) }
    }
}

impl Sub for &Jet {
    type Output = Jet;
    fn sub(self, other: &Jet) -> Jet {
        Jet { c: std::array::from_fn(|k| self.c[k] - other.c[k]) }
    }
}

impl Neg for &Jet {
    type Output = Jet;
    fn neg(self) -> Jet {
        Jet { c: self.c.map(|c| -c) }
    }
}

impl Mul for &Jet {
    type Output = Jet;
    fn mul(self, other: &Jet) -> Jet {
        let (da, db) = (self.degree(), other.degree());
        let mut c = [Interval::ZERO; ORDER + 1];
        for (i, &a) in self.c.iter().enumerate().take(da + 1) {
            for j in 0..=db.min(ORDER - i) {
                c[i + j] += a * other.c[j];
            }
        }
        Jet { c }
    }
}

impl Div for &Jet {
    type Output = Jet;
    fn div(self, other: &Jet) -> Jet {
        let degree = other.degree();
        let mut c = [Interval::ZERO; ORDER + 1];
        for k in 0..=ORDER {
            let mut rest = self.c[k];
            for i in 1..=k.min(degree) {
                rest -= c[k - i] * other.c[i];
            }
            c[k] = rest / other.c[0];
        }
        Jet { c }
    }
}

macro_rules! by_value {
    ($($op:ident $method:ident),*) => {$(
        impl $op for Jet {
            type Output = Jet;
            fn $method(self, other: Jet) -> Jet {
                $op::$method(&self, &other)
            }
        }
        impl $op<&Jet> for Jet {
            type Output = Jet;
            fn $method(self, other: &Jet) -> Jet {
                $op::$method(&self, other)
            }
        }
    )*};
}
by_value!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Jet {
    type Output = Jet;
    fn neg(self) -> Jet {
        -&self
    }
}
