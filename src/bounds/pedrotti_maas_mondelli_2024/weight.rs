//! Integrals over one step of what grows or decays while the noise level of OU changes.

use crate::numerics::{Interval, Jet, integrate};

/// `w(r) = e^{rate r} base(r)^{-p}`, `base(r) = zero + slope (e^{-2r} - 1)`, p = 1/2 or 1; r is the OU time from the less noisy
/// end of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// rate.
    pub rate: Interval,
    /// The base at r = 0.
    pub zero: Interval,
    /// slope.
    pub slope: Interval,
    /// Whether p = 1/2; else p = 1.
    pub root: bool,
}

/// Up to this relative width an integral is asked for.
const RELATIVE: f64 = 1e-13;

impl Weight {
    fn base(&self, r: Interval) -> Interval {
        self.zero + self.slope * (r * -2.0).exp_m1()
    }

    /// w(r); `+inf` where the base is not known to be positive.
    #[must_use]
    pub fn at(&self, r: Interval) -> Interval {
        let base = self.base(r);
        if base.lo() <= 0.0 {
            return Interval::INFINITY;
        }
        (self.rate * r).exp() / if self.root { base.sqrt() } else { base }
    }

    /// `int_0^h w(r) f(r) dr` for f given by its Taylor series; `+inf` where the base is not known to be positive.
    ///
    /// # Promise
    /// Contains the integral.
    #[must_use]
    pub fn integral(&self, h: Interval, f: &dyn Fn(&Jet) -> Jet) -> Interval {
        // The base is monotone: positive at both ends, it is positive between.
        if self.zero.lo() <= 0.0 || self.base(Interval::point(h.hi())).lo() <= 0.0 {
            return Interval::INFINITY;
        }
        let integrand = |r: &Jet| {
            let base = r.scale(-2.0).exp_m1().scale(self.slope).shift(self.zero);
            let grown = r.scale(self.rate).exp();
            let weight = if self.root { grown / base.sqrt() } else { grown / base };
            weight * f(r)
        };
        let over = |a: f64, b: f64| integrand(&Jet::variable(Interval::new(a, b))).value() * (b - a);
        let size = over(0.0, h.hi()).magnitude();
        let tolerance = if size.is_finite() { RELATIVE * size } else { f64::MIN_POSITIVE };
        integrate(&integrand, 0.0, h.lo(), tolerance) + over(h.lo(), h.hi()).hull(Interval::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against closed forms: the base alone, the rate alone, and both for p = 1 with rate -2.
    #[test]
    fn integrals_are_those_of_the_closed_forms() {
        let one = |_: &Jet| Jet::constant(1.0);
        let h = Interval::around(0.7, 1e-15);
        let of = |rate: f64, slope: f64, root: bool| {
            Weight { rate: rate.into(), zero: 2.0.into(), slope: slope.into(), root }.integral(h, &one)
        };
        let near = |found: Interval, value: f64| {
            assert!(found.widen(1e-12).contains(value) && found.width() < 1e-11, "{found} {value}");
        };
        near(of(1.5, 0.0, true), ((1.05_f64).exp() - 1.0) / 1.5 / 2f64.sqrt());
        // d ln base = -2 slope e^{-2r}/base dr.
        let base = |slope: f64| 2.0 + slope * ((-1.4_f64).exp() - 1.0);
        near(of(-2.0, 0.9, false), -(base(0.9) / 2.0).ln() / 1.8);
        near(of(-2.0, -0.9, true), -(base(-0.9).sqrt() - 2f64.sqrt()) / -0.9);
        assert_eq!(of(0.0, 3.0, false), Interval::INFINITY);
    }
}
