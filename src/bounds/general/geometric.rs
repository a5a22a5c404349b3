//! Recursions `x_{k+1} = e^{-decay} x_k + increment` in closed form, for any number of steps.

use crate::numerics::Interval;

/// Above this many steps sums along a recursion are enclosed piece by piece instead of added term by term.
const LOOP_LIMIT: u64 = 4096;

/// A number of steps as an interval (exact up to 2^53).
#[must_use]
pub fn count(n: u64) -> Interval {
    let x = n as f64;
    if n <= 1 << 53 { Interval::point(x) } else { Interval::new(x.next_down(), x.next_up()) }
}

/// `sum_{j < n} e^{-decay j}` for real `n >= 0`.
///
/// ```text
/// (1 - e^{-n decay}) / (1 - e^{-decay}),  n where decay = 0
/// ```
///
/// # Promise
/// Contains the value for every decay in the interval; the sum decreases in the decay, so the two ends decide.
#[must_use]
pub fn geometric_series(decay: Interval, n: Interval) -> Interval {
    let at = |x: f64| {
        if x == 0.0 {
            return n;
        }
        if x == f64::NEG_INFINITY {
            return Interval::INFINITY;
        }
        (-(n * x)).exp_m1() / Interval::point(-x).exp_m1()
    };
    Interval::new(at(decay.hi()).lo(), at(decay.lo()).hi())
}

/// `x_0 = start`, `x_{k+1} = e^{-decay} x_k + increment`, with `start, increment >= 0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometric {
    /// x_0.
    pub start: Interval,
    /// Minus the logarithm of the factor; a decay below 0 is growth.
    pub decay: Interval,
    /// What each step adds.
    pub increment: Interval,
}

impl Geometric {
    /// `x_n` for real `n >= 0` (the closed form interpolates between the steps).
    ///
    /// ```text
    /// e^{-n decay} start + increment (1 - e^{-n decay})/(1 - e^{-decay})
    /// ```
    #[must_use]
    pub fn after(&self, n: Interval) -> Interval {
        let factor = if n.hi() == 0.0 { Interval::ONE } else { (-(n * self.decay)).exp() };
        let added = if self.increment == Interval::ZERO {
            Interval::ZERO
        } else {
            self.increment * geometric_series(self.decay, n)
        };
        factor * self.start + added
    }

    /// `sum_{k < n} sqrt(x_k)`.
    ///
    /// Up to a few thousand steps the terms are added one by one. Beyond that the steps are cut into `pieces`. As a
    /// function of real k, `x_k = x_inf + b e^{-k decay}` has a convex root for b > 0 and a concave one for b < 0, so on
    /// each piece the chord and the tangent at the middle enclose the sum from the two sides.
    ///
    /// # Promise
    /// Contains the sum for all parameters in their intervals.
    #[must_use]
    pub fn sum_of_roots(&self, n: u64, pieces: u32) -> Interval {
        if n <= LOOP_LIMIT.min(u64::from(pieces) * 4) {
            return (0..n).map(|k| self.after(count(k)).sqrt()).sum();
        }
        if self.decay.lo() <= 0.0 {
            // The sequence is monotone, so every term lies between the first and the last.
            let hull = self.after(Interval::ZERO).hull(self.after(count(n - 1)));
            return count(n) * hull.sqrt();
        }
        let mut total = Interval::ZERO;
        let mut first = 0;
        for last in self.cuts(n, pieces) {
            total += self.piece(first, last);
            first = last;
        }
        total
    }

    /// Where to cut `0..n`: evenly while the sequence still moves, then one long piece. Ascending, ends with `n`.
    fn cuts(&self, n: u64, pieces: u32) -> Vec<u64> {
        let limit = self.increment.hi() / self.decay.lo();
        let spread = (self.start.hi() / limit).clamp(1.0, 1e300).ln();
        // After this many steps the moving part is below 1e-16 of the limit, or of the start when the limit is 0.
        let moving = ((40.0 + spread) / self.decay.lo()).min(n as f64);
        let mut cuts: Vec<u64> = (1..=pieces).map(|j| (moving * f64::from(j) / f64::from(pieces)) as u64).collect();
        cuts.push(n);
        cuts.retain(|&k| 0 < k && k <= n);
        cuts.dedup();
        cuts
    }

    /// The sum of the roots over `first..last`, from the chord and the tangent at the middle.
    fn piece(&self, first: u64, last: u64) -> Interval {
        let terms = count(last - first);
        let (one, half) = (Interval::ONE, Interval::point(0.5));
        let root = |n: Interval| self.after(n).sqrt();
        let chord = (root(count(first)) * (terms + one) + root(count(last)) * (terms - one)) * half;
        let middle = (count(first) + count(last) - one) * half;
        chord.hull(root(middle) * terms)
    }
}
