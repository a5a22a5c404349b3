//! The tails of the norm of a shifted Gaussian vector.

use super::{Interval, IntervalSum};

/// The series is given up where its mean number of terms, or d, is more.
const MOST: f64 = 1e6;
/// Where the rest of the series is cut off.
const NEGLIGIBLE: f64 = 1e-30;

/// `P(|m + xi| > r)` for `xi ~ N(0, I_d)`, `|m|` and r being given.
///
/// ```text
/// d = 1:   Phi(-r - m) + Phi(m - r)
/// d >= 2:  sum_j e^-l l^j/j! Q(d/2 + j, r^2/2),    l = |m|^2/2
/// Q(s + 1, x) = Q(s, x) + x^s e^-x/Gamma(s + 1),   Q(1/2, x) = erfc(sqrt x),   Q(1, x) = e^-x
/// ```
///
/// `None` where `|m|^2/2` or d is more than a million: the series takes about twice as many terms as the larger of them.
///
/// # Promise
/// The probability for every `|m|` and r of the arguments, both at least 0, lies in the interval.
#[must_use]
pub fn noncentral_tail(dim: usize, shift: Interval, radius: Interval) -> Option<Interval> {
    if dim == 1 {
        return Some((-radius - shift).normal_cdf() + (shift - radius).normal_cdf());
    }
    let (mean, x) = (shift.sqr() * 0.5, radius.sqr() * 0.5);
    if x.lo() <= 0.0 {
        return Some(Interval::new(0.0, 1.0));
    }
    if mean.hi() > MOST || dim as f64 > MOST {
        return None;
    }
    let mut gamma = UpperGamma::start(dim % 2 == 1, x);
    (0..(dim - 1) / 2).for_each(|_| gamma.step());
    if mean.hi() == 0.0 {
        return Some(gamma.value().clamp(0.0, 1.0));
    }
    // ln(e^-l l^j/j!).
    let (ln_mean, mut ln_weight) = (mean.ln(), -mean);
    let mut sum = IntervalSum::new();
    let mut j = 0.0;
    loop {
        let weight = ln_weight.exp();
        sum.add(weight * gamma.value().clamp(0.0, 1.0));
        j += 1.0;
        ln_weight += ln_mean - Interval::point(j).ln();
        gamma.step();
        // From here on each weight is at most half of the one before.
        if j > 2.0 * mean.hi() && weight.hi() < NEGLIGIBLE {
            sum.add(Interval::new(0.0, 2.0 * ln_weight.exp().hi()));
            return Some(sum.value().clamp(0.0, 1.0));
        }
    }
}

/// `Q(s, x)` for s = 1/2, 3/2, ... or s = 1, 2, ...
struct UpperGamma {
    s: f64,
    ln_x: Interval,
    sum: IntervalSum,
    /// `ln(x^s e^-x/Gamma(s + 1))`.
    ln_term: Interval,
}

impl UpperGamma {
    fn start(odd: bool, x: Interval) -> Self {
        let ln_x = x.ln();
        // Gamma(3/2) = sqrt(pi)/2 and Gamma(2) = 1.
        let (s, first, ln_term) = match odd {
            true => {
                let ln_gamma = Interval::LN_SQRT_TAU - Interval::point(2.0).ln() * 1.5;
                (0.5, x.sqrt().erfc(), ln_x * 0.5 - x - ln_gamma)
            }
            false => (1.0, (-x).exp(), ln_x - x),
        };
        let mut sum = IntervalSum::new();
        sum.add(first);
        Self { s, ln_x, sum, ln_term }
    }

    fn step(&mut self) {
        self.sum.add(self.ln_term.exp());
        self.s += 1.0;
        self.ln_term += self.ln_x - Interval::point(self.s).ln();
    }

    fn value(&self) -> Interval {
        self.sum.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(dim: usize, shift: f64, radius: f64) -> Interval {
        noncentral_tail(dim, shift.into(), radius.into()).unwrap()
    }

    /// In one dimension two normal tails, at the origin chi-squared; in three dimensions the density of the norm is
    /// `(r/m) (phi(r - m) - phi(r + m))`, whose integral is in closed form.
    #[test]
    fn closed_forms() {
        let phi = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let upper = |x: f64| 0.5 * libm::erfc(x / std::f64::consts::SQRT_2);
        for (m, r) in [(0.5, 2.0), (3.0, 4.5), (0.1, 0.2), (12.0, 11.0), (30.0, 33.0)] {
            let three = (phi(r - m) - phi(r + m)) / m + upper(r - m) + upper(r + m);
            let found = at(3, m, r);
            assert!((found.mid() / three - 1.0).abs() < 1e-11 && found.width() < 1e-10 * three, "{found:?} {three}");
            assert!(found.widen(1e-12 * three).contains(three), "{found:?} {three}");
            let one = upper(r - m) + upper(r + m);
            assert!((at(1, m, r).mid() / one - 1.0).abs() < 1e-12);
        }
        for r in [0.3, 1.0, 4.0] {
            let x: f64 = 0.5 * r * r;
            assert!(at(2, 0.0, r).widen(1e-16).contains((-x).exp()));
            assert!(at(4, 0.0, r).widen(1e-15).contains((-x).exp() * (1.0 + x)));
            assert!(at(6, 0.0, r).widen(1e-15).contains((-x).exp() * (1.0 + x + 0.5 * x * x)));
        }
    }

    /// A shift along one axis of the plane, by an integral over the other.
    #[test]
    fn the_plane_by_quadrature() {
        let phi = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let upper = |x: f64| 0.5 * libm::erfc(x / std::f64::consts::SQRT_2);
        for (m, r) in [(1.0, 2.0), (4.0, 5.5), (2.0, 0.5)] {
            // y = r sin a inside, everything outside.
            let n = 4000;
            let mut inside = 0.0;
            for k in 0..n {
                let a = std::f64::consts::PI * ((k as f64 + 0.5) / n as f64 - 0.5);
                let (y, half) = (r * a.sin(), r * a.cos());
                let chord = 1.0 - upper(half - m) - upper(half + m);
                inside += phi(y) * chord * half * std::f64::consts::PI / n as f64;
            }
            assert!((at(2, m, r).mid() - (1.0 - inside)).abs() < 1e-7, "{} {}", at(2, m, r), 1.0 - inside);
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(at(2, 1.0, 0.0), Interval::new(0.0, 1.0));
        assert!(noncentral_tail(2, 1e4.into(), 1e4.into()).is_none());
        // Many dimensions: the norm is near its mean square.
        let d = 1000;
        assert!(at(d, 20.0, 1400f64.sqrt()).mid() > 0.45 && at(d, 20.0, 1400f64.sqrt()).mid() < 0.55);
    }
}
