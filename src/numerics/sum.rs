//! Long sums of intervals without the widening of one rounding per term.

use super::Interval;

/// A running sum of numbers kept as an unevaluated pair: the rounding errors are summed, exactly rounded outward, beside
/// the rounded sum.
#[derive(Clone, Copy, Debug)]
struct Compensated {
    sum: f64,
    errors: Interval,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let s = self.sum + x;
        let part = s - self.sum;
        let error = (self.sum - (s - part)) + (x - part);
        if s.is_finite() {
            self.errors += Interval::point(error);
            self.sum = s;
        } else {
            // Two-sum means nothing beyond the finite numbers; plain outward rounding still does.
            self.errors += Interval::point(self.sum) + Interval::point(x);
            self.sum = 0.0;
        }
    }

    fn value(self) -> Interval {
        Interval::point(self.sum) + self.errors
    }
}

/// Between these sizes the rounding error of a product is a number: its last bits do not underflow.
const EXACT: (f64, f64) = (1e-280, 1e300);

/// A running sum of intervals whose width is that of its terms, not that of its roundings.
#[derive(Clone, Copy, Debug)]
pub struct IntervalSum {
    lo: Compensated,
    hi: Compensated,
}

impl Default for IntervalSum {
    fn default() -> Self {
        let zero = Compensated { sum: 0.0, errors: Interval::ZERO };
        Self { lo: zero, hi: zero }
    }
}

impl IntervalSum {
    /// The empty sum.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one term.
    pub fn add(&mut self, term: Interval) {
        self.lo.add(term.lo());
        self.hi.add(term.hi());
    }

    /// Adds `a b`, unrounded wherever two numbers can hold it.
    pub fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        if product.abs() > EXACT.0 && product.abs() < EXACT.1 {
            let rest = Interval::point(libm::fma(a, b, -product));
            self.add(Interval::point(product));
            self.add(rest);
        } else {
            self.add(Interval::point(a) * b);
        }
    }

    /// The sum so far.
    ///
    /// # Promise
    /// Contains every sum of points of the terms.
    #[must_use]
    pub fn value(self) -> Interval {
        Interval::new(self.lo.value().lo(), self.hi.value().hi())
    }
}

impl FromIterator<Interval> for IntervalSum {
    fn from_iter<I: IntoIterator<Item = Interval>>(terms: I) -> Self {
        let mut sum = Self::new();
        terms.into_iter().for_each(|term| sum.add(term));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(1 + 2^-30)^2 - 1 - 2^-29 = 2^-60` and products that under- or overflow.
    #[test]
    fn products_enter_unrounded() {
        let (a, tiny) = (1.0 + 2.0_f64.powi(-30), 2.0_f64.powi(-600));
        let mut sum = IntervalSum::new();
        sum.add_product(a, a);
        sum.add_product(-1.0, 1.0);
        sum.add_product(-2.0, 2.0_f64.powi(-30));
        let value = sum.value();
        assert!(value.contains(2.0_f64.powi(-60)) && value.width() <= 2.0_f64.powi(-110), "{value:?}");
        sum.add_product(tiny, tiny);
        assert!(sum.value().contains(2.0_f64.powi(-60)));
        sum.add_product(1e200, 1e200);
        assert_eq!(sum.value().hi(), f64::INFINITY);
    }

    #[test]
    fn a_long_sum_stays_as_narrow_as_one_rounding() {
        // sum_{k=1}^{n} k/1024 is a dyadic number; each term perturbed by a power of two far below the sum.
        let n = 100_000_u32;
        let tiny = 2.0_f64.powi(-60);
        let sum: IntervalSum = (1..=n).map(|k| Interval::point(f64::from(k) / 1024.0 + tiny)).collect();
        let plain = f64::from(n) * (f64::from(n) + 1.0) / 2048.0;
        assert!(sum.value().contains(plain) && sum.value().width() <= 2.0 * plain * f64::EPSILON);
        let alternating: IntervalSum =
            (0..n).map(|k| Interval::point(if k % 2 == 0 { 1e17 } else { -1e17 + 16.0 })).collect();
        assert_eq!(alternating.value(), Interval::point(8.0 * f64::from(n)));
    }

    #[test]
    fn infinities_are_kept() {
        let sum: IntervalSum = [Interval::ONE, Interval::INFINITY, Interval::ONE].into_iter().collect();
        assert_eq!(sum.value().hi(), f64::INFINITY);
    }
}
