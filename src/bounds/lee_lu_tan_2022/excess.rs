//! How much mass a law can put on a set that is small for another law: the functions of LLT-1, 1b, 1c and 2.

use crate::bounds::general::{Geometric, count};
use crate::numerics::Interval;

/// The largest `q(B)` given `p(B) <= delta` and `chi2(q | p) <= chi^2` (LLT-1).
///
/// ```text
/// f(delta; D) = delta + D sqrt(delta (1 - delta))  if delta < 1/(1 + D^2), else 1
///             = min(1, delta + D sqrt(delta (1 - delta)))
/// ```
/// The two forms agree: `delta >= 1/(1+D^2)` is `D >= sqrt((1-delta)/delta)`, and then the sum is at least 1.
///
/// # Promise
/// Contains the value for every `delta` and `D` in the intervals; it increases in both.
#[must_use]
pub fn excess_mass(delta: Interval, chi: Interval) -> Interval {
    let at = |delta: f64, chi: f64| {
        if delta >= 1.0 || chi == f64::INFINITY && delta > 0.0 {
            return Interval::ONE;
        }
        if delta <= 0.0 {
            return Interval::ZERO;
        }
        let delta = Interval::point(delta);
        let value = delta + chi * (delta * (1.0 - delta)).sqrt();
        if value.lo() >= 1.0 || (delta * (1.0 + Interval::point(chi).sqr())).lo() >= 1.0 {
            Interval::ONE
        } else {
            value.clamp(0.0, 1.0)
        }
    };
    Interval::new(at(delta.lo(), chi.lo()).lo(), at(delta.hi(), chi.hi()).hi())
}

/// The form in which the sum is published: `sqrt(D^2 + 1) sqrt(delta)` (LLT-1, last expression). Never smaller than
/// [`excess_mass`].
#[must_use]
pub fn excess_mass_published(delta: Interval, chi: Interval) -> Interval {
    ((chi.sqr() + 1.0) * delta).sqrt()
}

/// `sum_{k < n} f(delta; D_k)` with `D_k^2` a geometric recursion (LLT-6a), for any n.
///
/// # Promise
/// Contains the sum. Where some term is clipped at 1 the lower end is at least 1.
#[must_use]
pub fn excess_mass_sum(delta: Interval, chi2: &Geometric, n: u64, pieces: u32) -> Interval {
    if n == 0 || delta == Interval::ZERO {
        return Interval::ZERO;
    }
    if delta.lo() >= 1.0 {
        return count(n);
    }
    let delta = delta.clamp(0.0, 1.0);
    let free = count(n) * delta + chi2.sum_of_roots(n, pieces) * (delta * (1.0 - delta)).sqrt();
    // The recursion is monotone: its largest value is at one of the two ends.
    let ends = [chi2.after(Interval::ZERO).sqrt(), chi2.after(count(n - 1)).sqrt()];
    let unclipped = ends.iter().all(|&chi| (delta * (1.0 + chi.sqr())).hi() < 1.0);
    if unclipped {
        return free;
    }
    let largest = ends.iter().map(|&chi| excess_mass(delta, chi).lo()).fold(0.0, f64::max);
    let lower = if delta.hi() > delta.lo() { largest } else { largest.max(free.lo().min(1.0)) };
    Interval::new(lower.min(free.hi()), free.hi().min(count(n).hi()))
}

/// `kl(x | delta)`, the relative entropy of a coin of bias x against one of bias delta; nats.
#[must_use]
pub fn coin_entropy(x: f64, delta: f64) -> Interval {
    let (x, delta) = (Interval::point(x), Interval::point(delta));
    let heads = if x == Interval::ZERO { Interval::ZERO } else { x * (x / delta).ln() };
    let tails = 1.0 - x;
    let tails = if tails == Interval::ZERO { Interval::ZERO } else { tails * (-((x - delta) / (1.0 - delta))).ln_1p() };
    heads + tails
}

/// The largest `q(B)` given `p(B) <= delta` and `KL(q | p) <= kl` (LLT-1c): `sup {x : kl(x | delta) <= kl}`.
///
/// # Promise
/// Contains the value for every `delta` in `[0, 1]` and `kl >= 0` in the intervals; it increases in both.
#[must_use]
pub fn excess_mass_kl(delta: Interval, kl: Interval) -> Interval {
    let lower = coin_inverse(delta.lo(), kl.lo()).lo();
    let upper = coin_inverse(delta.hi(), kl.hi()).hi();
    Interval::new(lower, upper)
}

fn coin_inverse(delta: f64, kl: f64) -> Interval {
    if delta <= 0.0 {
        return Interval::ZERO;
    }
    if delta >= 1.0 || -Interval::point(delta).ln().lo() < kl {
        return Interval::ONE;
    }
    // Bisection for the last x that is certainly inside and the first that is certainly outside.
    let edge = |inside: &dyn Fn(f64) -> bool| {
        let (mut a, mut b) = (delta, 1.0);
        loop {
            let middle = 0.5 * (a + b);
            if middle <= a || middle >= b {
                return (a, b);
            }
            if inside(middle) {
                a = middle;
            } else {
                b = middle;
            }
        }
    };
    let (lower, _) = edge(&|x| coin_entropy(x, delta).hi() <= kl);
    let (_, upper) = edge(&|x| coin_entropy(x, delta).lo() <= kl);
    Interval::new(lower, upper)
}

/// The closed form that shows the dependence: `(kl + ln 2) / ln(1 + 1/delta)` (LLT-1c, Donsker-Varadhan).
#[must_use]
pub fn excess_mass_kl_closed(delta: Interval, kl: Interval) -> Interval {
    (kl + Interval::LN_2) / (1.0 / delta).ln_1p()
}

/// `p(|e| > tau) <= epsilon^2 / tau^2` (LLT-2), clipped at 1.
#[must_use]
pub fn chebyshev(epsilon: Interval, tau: Interval) -> Interval {
    (epsilon / tau).sqr().clamp(0.0, 1.0)
}
