//! Tail bounds for sums of independent bounded variables that hold for every number of them.

use crate::numerics::Interval;

/// How many independent things were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// So many independent draws.
    Draws(u64),
    /// So many groups of draws, all of one size and independent of each other. Within a group anything may hold; every single draw has the
    /// law in question.
    Groups(u64),
}

impl Units {
    /// Their number.
    #[must_use]
    pub fn count(self) -> u64 {
        match self {
            Units::Draws(n) | Units::Groups(n) => n,
        }
    }
}

/// How special functions in double precision are widened, relatively.
const ROUNDING: f64 = 1e-9;

/// A bound of `P(sup |F_n - F| >= deviation)`.
///
/// ```text
/// n draws:    2 exp(-2 n D^2)                                              Dvoretzky, Kiefer and Wolfowitz 1956, Massart 1990
/// n groups:   (a + s)/(a - s) exp(-s D^2),  a = 2n,  s^2 = a^2 - 2a/D^2     (1 where D^2 <= 2/a)
/// ```
///
/// Groups: F_n is the mean, over places in a group, of the distribution functions of the draws at one place of every group, to each of
/// which the first line applies. So `E exp(s D_t^2) <= 1 + int_0^inf s e^(su) 2 e^(-2nu) du = (a + s)/(a - s)` for s < a, the same holds for
/// the mean of the D_t since `exp(s x^2)` is convex, and Markov's inequality at the best s gives the second line.
#[must_use]
pub fn kolmogorov(units: Units, deviation: f64) -> f64 {
    let square = deviation * deviation;
    let bound = match units {
        Units::Draws(n) => 2.0 * libm::exp(-2.0 * n as f64 * square),
        Units::Groups(n) => {
            let a = 2.0 * n as f64;
            if a * square <= 2.0 {
                1.0
            } else {
                let s = (a * a - 2.0 * a / square).sqrt();
                // (a - s)(a + s) = 2a/D^2: nothing cancels.
                (a + s).powi(2) * square / (2.0 * a) * libm::exp(-s * square)
            }
        }
    };
    (bound * (1.0 + ROUNDING)).min(1.0)
}

/// The least deviation whose [`kolmogorov`] bound is at most `level`; infinite for no draws.
#[must_use]
pub fn kolmogorov_threshold(units: Units, level: f64) -> f64 {
    if units.count() == 0 {
        return f64::INFINITY;
    }
    let (mut lo, mut hi) = (0.0, 1.0);
    while kolmogorov(units, hi) > level {
        hi *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (lo + hi);
        if kolmogorov(units, middle) > level {
            lo = middle
        } else {
            hi = middle
        }
        if hi - lo <= 1e-14 * hi {
            break;
        }
    }
    hi
}

/// `f ln(f/p) + (1 - f) ln((1 - f)/(1 - p))`, the exponent of Chernoff's bound of a proportion. Nats.
#[must_use]
pub fn binary_divergence(f: f64, p: f64) -> f64 {
    // f ln(f/p) - f + p, whose sum over both parts is the same: nothing cancels.
    let part = |f: f64, p: f64| if f == 0.0 { p } else { f * ((p - f) / f - libm::log1p((p - f) / f)) };
    part(f, p) + part(1.0 - f, 1.0 - p)
}

/// A bound of the probability that a proportion is at least as far from what its chance allows: `successes` of `n` draws, each a success
/// with a chance in `chance`. Two-sided: twice the smaller tail.
///
/// Draws: the exact binomial tails (Clopper and Pearson 1934). Groups: `exp(-n kl(f, p))` for the proportion f over all (Hoeffding 1963,
/// whose moment generating function bounds that of the mean over a group too, by convexity).
#[must_use]
pub fn proportion(units: Units, proportion: f64, chance: Interval) -> f64 {
    let (lo, hi) = (chance.lo().clamp(0.0, 1.0), chance.hi().clamp(0.0, 1.0));
    if lo <= proportion && proportion <= hi {
        return 1.0;
    }
    let (above, p) = if proportion > hi { (true, hi) } else { (false, lo) };
    let tail = match units {
        Units::Draws(n) => {
            let k = (proportion * n as f64).round();
            if above { binomial_at_least(k, n as f64, p) } else { binomial_at_least(n as f64 - k, n as f64, 1.0 - p) }
        }
        Units::Groups(n) => mean_of_bounded(n, proportion, p),
    };
    (2.0 * tail * (1.0 + ROUNDING)).min(1.0)
}

/// The chances with which a proportion as far out as this has a probability above `level`: an interval that misses the true chance in at
/// most a share `level` of cases (Clopper and Pearson 1934).
#[must_use]
pub fn chances(units: Units, found: f64, level: f64) -> Interval {
    chances_where(found, &|p| proportion(units, found, Interval::point(p)) > level)
}

/// The interval of chances around `found` for which something holds, which it does from its ends on inwards.
pub(super) fn chances_where(found: f64, holds: &dyn Fn(f64) -> bool) -> Interval {
    let end = |far: f64| {
        if holds(far) {
            return far;
        }
        let (mut inside, mut outside) = (found, far);
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            if holds(middle) { inside = middle } else { outside = middle }
        }
        outside
    };
    Interval::new(end(0.0), end(1.0))
}

/// `exp(-n kl(f, p))`: a bound of the probability that the mean of n independent variables in [0, 1], of means at most (at least) p, is at
/// least (at most) f. One-sided.
#[must_use]
pub fn mean_of_bounded(n: u64, f: f64, p: f64) -> f64 {
    libm::exp(-(n as f64) * binary_divergence(f, p)).min(1.0)
}

/// `P(Bin(n, p) >= k) = I_p(k, n - k + 1)`, at most Chernoff's bound where k is beyond n p.
pub(super) fn binomial_at_least(k: f64, n: f64, p: f64) -> f64 {
    if k <= 0.0 {
        return 1.0;
    }
    if p <= 0.0 {
        return 0.0;
    }
    let chernoff = if k / n > p { libm::exp(-n * binary_divergence(k / n, p)) } else { 1.0 };
    // Logarithms of factorials of n, of size n ln n, are rounded before they cancel.
    let rounding = ROUNDING + 8.0 * f64::EPSILON * n * libm::log(n + 2.0);
    match statrs::function::beta::checked_beta_reg(k, n - k + 1.0, p) {
        // Far out only the bound is trusted.
        Ok(exact) if chernoff > 1e-250 => (exact * (1.0 + rounding)).min(chernoff),
        _ => chernoff,
    }
}

/// A function with finitely many values, whose law is known: `values[b]` with chance `masses[b]`, up to `error`; the law of the draws may be
/// `slack` away from that in total variation.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    /// g_b.
    pub values: &'a [f64],
    /// p_b.
    pub masses: &'a [f64],
    /// How far the masses may be off, summed over all: they need not sum to 1 exactly.
    pub error: f64,
    /// How far in total variation the law of the draws may be from the known one.
    pub slack: f64,
}

impl Steps<'_> {
    /// E g under the masses.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.values.iter().zip(self.masses).map(|(g, p)| g * p).sum()
    }

    /// Var g under the masses.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.values.iter().zip(self.masses).map(|(g, p)| p * (g - mean) * (g - mean)).sum()
    }

    fn ends(&self) -> (f64, f64) {
        let least = self.values.iter().copied().fold(f64::INFINITY, f64::min);
        (least, self.values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    }

    /// `ln M(lambda)`, its slope and its bend, M being at least `E exp(lambda g)` under every law within the slack:
    /// `sum p_b e^(lambda g_b) + error e^(lambda max) + slack (e^(lambda max) - e^(lambda min))` for lambda > 0, mirrored for lambda < 0.
    fn ln_moment(&self, lambda: f64) -> (f64, f64, f64) {
        let (least, most) = self.ends();
        let (near, far) = if lambda > 0.0 { (least, most) } else { (most, least) };
        // Relative to the largest term.
        let at = |g: f64| libm::exp(lambda * (g - far));
        let mut sum = self.error + self.slack * (1.0 - at(near));
        let mut slope = self.error * far + self.slack * (far - near * at(near));
        let mut square = self.error * far * far + self.slack * (far * far - near * near * at(near));
        for (&g, p) in self.values.iter().zip(self.masses) {
            let term = p * at(g);
            sum += term;
            slope += term * g;
            square += term * g * g;
        }
        let slope = slope / sum;
        (libm::log(sum) + lambda * far, slope, square / sum - slope * slope)
    }

    /// The largest size of lambda that is looked at.
    fn farthest(&self) -> f64 {
        let (least, most) = self.ends();
        600.0 / (most - least)
    }

    /// Where a function of lambda that rises with its size passes a value, up to rounding; the end of the range if it never does. `f`: its value
    /// and its slope in the size of lambda; `guess`: a size to begin with. Newton's steps, or halvings where these leave what is left.
    fn passes(&self, sign: f64, value: f64, guess: f64, f: &dyn Fn(f64) -> (f64, f64)) -> f64 {
        let most = self.farthest();
        let (mut lo, mut hi) = (0.0, most);
        let least = 1e-9 * guess.min(most);
        let mut size = if guess > 0.0 { guess.min(most) } else { 0.5 * most };
        for _ in 0..100 {
            let (found, slope) = f(sign * size);
            if found < value {
                lo = size
            } else {
                hi = size
            }
            let next = size + (value - found) / slope;
            if (next - size).abs() <= 1e-9 * size && next <= most || hi - lo <= 1e-9 * hi || hi <= least {
                break;
            }
            size = match () {
                () if lo < next && next < hi => next,
                () if hi == most => (2.0 * size).min(0.5 * (size + most)),
                () => 0.5 * (lo + hi),
            };
        }
        sign * size
    }

    /// `I(s) = sup_lambda lambda s - ln M(lambda)`, lambda of the sign of s - E g: the mean of n independent values is beyond s with probability at
    /// most `exp(-n I(s))` (Chernoff 1952). Every lambda gives a bound; the search only looks for a good one.
    #[must_use]
    pub fn exponent(&self, s: f64) -> f64 {
        let (mean, (least, most)) = (self.mean(), self.ends());
        if s == mean || most <= least {
            return 0.0;
        }
        if s > most || s < least {
            return f64::INFINITY;
        }
        let sign = if s > mean { 1.0 } else { -1.0 };
        let slopes = |lambda: f64| {
            let (_, slope, bend) = self.ln_moment(lambda);
            (sign * slope, bend)
        };
        let lambda = self.passes(sign, sign * s, (s - mean).abs() / self.variance(), &slopes);
        (lambda * s - self.ln_moment(lambda).0).max(0.0)
    }

    /// A bound of the probability that the mean of g is as far out as `s`, two-sided: `2 exp(-n I(s))`. Groups: the moment generating function
    /// of a mean over a group is at most that of one draw (convexity).
    #[must_use]
    pub fn p_bound(&self, units: Units, s: f64) -> f64 {
        (2.0 * libm::exp(-(units.count() as f64) * self.exponent(s)) * (1.0 + ROUNDING)).min(1.0)
    }

    /// The point beyond E g on the side of `sign` from where on the exponent is at least `exponent`; `None` when it is not within the range
    /// of g.
    #[must_use]
    pub fn quantile(&self, exponent: f64, sign: f64) -> Option<f64> {
        let (least, most) = self.ends();
        let own = |lambda: f64| {
            let (ln, slope, bend) = self.ln_moment(lambda);
            (lambda * slope - ln, lambda.abs() * bend)
        };
        if most <= least || own(sign * self.farthest()).0 < exponent {
            return None;
        }
        let lambda = self.passes(sign, exponent, (2.0 * exponent / self.variance()).sqrt(), &own);
        // The tangent at this lambda reaches the exponent here, and so does the exponent itself, which is no less.
        Some((exponent + self.ln_moment(lambda).0) / lambda)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first two with mpmath, 30 digits.
    #[test]
    fn binomial_tails_are_those_of_the_incomplete_beta_function() {
        let close = |found: f64, want: f64| assert!(found >= want && found < want * (1.0 + 1e-6), "{found:e} {want:e}");
        close(binomial_at_least(25.0, 1000.0, 0.01), 4.202920844836743e-5);
        close(binomial_at_least(40.0, 1e7, 1e-6), 7.341313591933718e-13);
        // Below the mean Chernoff's bound is one of the other tail.
        assert_eq!(binomial_at_least(1.0, 10_000.0, 0.01), 1.0);
        assert!(binomial_at_least(90.0, 10_000.0, 0.01) > 0.8);
        close(
            binomial_at_least(9.0, 12.0, 0.3),
            (9..=12).map(|k| choose(12, k) * 0.3f64.powi(k) * 0.7f64.powi(12 - k)).sum(),
        );
    }

    fn choose(n: i32, k: i32) -> f64 {
        (1..=k).fold(1.0, |c, i| c * f64::from(n - k + i) / f64::from(i))
    }

    #[test]
    fn thresholds_invert_bounds() {
        for units in [Units::Draws(1000), Units::Groups(1000)] {
            for level in [0.01, 1e-6, 1e-12] {
                let threshold = kolmogorov_threshold(units, level);
                assert!(kolmogorov(units, threshold) <= level && kolmogorov(units, threshold * (1.0 - 1e-9)) > level);
            }
        }
        let closed = (libm::log(2e6) / 2000.0).sqrt();
        assert!((kolmogorov_threshold(Units::Draws(1000), 1e-6) / closed - 1.0).abs() < 1e-9);
        assert!(kolmogorov_threshold(Units::Groups(1000), 1e-6) < 1.2 * closed);
    }

    #[test]
    fn the_exponent_of_a_fair_coin_is_a_binary_divergence() {
        let coin = Steps { values: &[0.0, 1.0], masses: &[0.5, 0.5], error: 0.0, slack: 0.0 };
        for s in [0.6, 0.9, 0.2] {
            assert!((coin.exponent(s) - binary_divergence(s, 0.5)).abs() < 1e-9, "{s}");
        }
        // Slack moves the mean.
        let loose = Steps { slack: 0.1, ..coin };
        assert!(loose.exponent(0.6) < 1e-12 && (loose.exponent(0.7) - binary_divergence(0.7, 0.6)).abs() < 1e-9);
        assert!(coin.exponent(1.1).is_infinite());
        // A mass below that of the coin, and off by what is missing: no exponent is above that of the coin (at 0.2 they are the same, but for rounding).
        let rounded = Steps { masses: &[0.499, 0.5], error: 0.001, ..coin };
        for s in [0.501, 0.6, 0.2] {
            assert!(
                rounded.exponent(s) <= coin.exponent(s) + 1e-14 && rounded.exponent(s) > coin.exponent(s) - 0.01,
                "{s}"
            );
        }
    }

    #[test]
    fn divergences_of_near_proportions_keep_their_digits() {
        let (p, d) = (0.3, 1e-7);
        let want = d * d / (2.0 * p * (1.0 - p));
        assert!((binary_divergence(p + d, p) / want - 1.0).abs() < 1e-5);
        assert_eq!(binary_divergence(0.0, 0.25), -libm::log1p(-0.25));
    }
}
