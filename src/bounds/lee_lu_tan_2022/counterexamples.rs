//! Closed forms for the two counterexamples: tiny L2 error, wrong stationary law (LLT-7a, LLT-7b).

use crate::bounds::general::count;
use crate::numerics::{Interval, Jet, integrate};

/// LLT-7a: p = N(0, I), and the score of `(1-w) N(0, I) + w N(m e_1, I)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondMode {
    /// m > 0, the distance of the false mode.
    pub distance: Interval,
    /// `ln(w/(1-w))`.
    pub ln_odds: Interval,
}

impl SecondMode {
    /// The example with a false mode of weight w at distance m.
    #[must_use]
    pub fn new(distance: f64, weight: f64) -> Self {
        let weight = Interval::point(weight);
        Self { distance: distance.into(), ln_odds: (weight / (1.0 - weight)).ln() }
    }

    /// The example whose error is `m / (1 + e^{-m (x_1 - threshold)})`.
    #[must_use]
    pub fn with_threshold(distance: Interval, threshold: Interval) -> Self {
        Self { distance, ln_odds: distance * (distance / 2.0 - threshold) }
    }

    /// `theta = m/2 - ln(o)/m`, where the error passes half its height.
    #[must_use]
    pub fn threshold(&self) -> Interval {
        self.distance / 2.0 - self.ln_odds / self.distance
    }

    /// w.
    #[must_use]
    pub fn weight(&self) -> Interval {
        1.0 / (1.0 + (-self.ln_odds).exp())
    }

    /// `o = w/(1-w)`.
    #[must_use]
    pub fn odds(&self) -> Interval {
        self.ln_odds.exp()
    }

    /// `epsilon <= m sqrt(Phi(-theta) + o^2 e^{m^2} Phi(theta - 2m))`.
    #[must_use]
    pub fn epsilon_upper(&self) -> Interval {
        let (m, theta) = (self.distance, self.threshold());
        let growth = (2.0 * self.ln_odds + m.sqr()).exp();
        m * ((-theta).normal_cdf() + growth * (theta - 2.0 * m).normal_cdf()).sqrt()
    }

    /// `TV(r, p) = w (2 Phi(m/2) - 1)`, exactly.
    #[must_use]
    pub fn stationary_tv(&self) -> Interval {
        self.weight() * (self.distance / Interval::point(8.0).sqrt()).erf()
    }

    /// `Lip(s) = max(1, m^2/4 - 1)`, exactly.
    #[must_use]
    pub fn lipschitz(&self) -> Interval {
        (self.distance.sqr() / 4.0 - 1.0).max(Interval::ONE)
    }

    /// How far the diffusion started at p can still be from r at time T: `sqrt(o) e^{-T/C_P(r)}/2`.
    #[must_use]
    pub fn distance_to_stationary(&self, time: Interval, poincare: Interval) -> Interval {
        (self.ln_odds / 2.0 - time / poincare).exp() / 2.0
    }
}

/// LLT-7b: p = N(0, 1) and a kick `e = A 1{x > R}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kick {
    /// A > 0.
    pub height: Interval,
    /// R.
    pub threshold: Interval,
}

impl Kick {
    /// `epsilon = A sqrt(Phi(-R))`.
    #[must_use]
    pub fn epsilon(&self) -> Interval {
        self.height * (-self.threshold).normal_cdf().sqrt()
    }

    /// `Z = Phi(R) + e^{A^2/2 - A R} Phi(A - R)`, the mass of the stationary law relative to p.
    #[must_use]
    pub fn normalisation(&self) -> Interval {
        self.threshold.normal_cdf() + self.tilt() * (self.height - self.threshold).normal_cdf()
    }

    fn tilt(&self) -> Interval {
        (self.height * (self.height / 2.0 - self.threshold)).exp()
    }

    /// `x* = R + ln(Z)/A`, where the stationary density crosses that of p.
    #[must_use]
    pub fn crossing(&self) -> Interval {
        self.threshold + self.normalisation().ln() / self.height
    }

    /// `TV_stat = Phi(x*) - [Phi(R) + e^{A^2/2 - A R} (Phi(x* - A) - Phi(R - A))]/Z`.
    #[must_use]
    pub fn stationary_tv(&self) -> Interval {
        let (a, r, x) = (self.height, self.threshold, self.crossing());
        let inside = r.normal_cdf() + self.tilt() * ((x - a).normal_cdf() - (r - a).normal_cdf());
        (x.normal_cdf() - inside / self.normalisation()).clamp(0.0, 1.0)
    }

    /// `E_0 [T_R] = int_0^R Phi(y)/phi(y) dy`, the mean time at which the diffusion of p started at 0 first reaches R.
    ///
    /// # Promise
    /// Contains the value (a certified integral; 0 for R <= 0).
    #[must_use]
    pub fn mean_escape_time(&self) -> Interval {
        let integral = |end: f64| {
            let mills = |y: &Jet| &y.normal_cdf() * &y.sqr().scale(0.5).exp();
            // The integrand grows at most like its value at the end, which sets the scale of the tolerance.
            let scale = (0.5 * end * end).exp().min(f64::MAX);
            if end <= 0.0 { Interval::ZERO } else { integrate(&mills, 0.0, end, 1e-15 * scale) * Interval::SQRT_TAU }
        };
        Interval::new(integral(self.threshold.lo()).lo(), integral(self.threshold.hi()).hi())
    }

    /// Variance after k steps of size h of the exact-score chain on N(0,1) started with variance v:
    /// `v_inf + (1-h)^{2k} (v - v_inf)`, `v_inf = 1/(1 - h/2)`.
    #[must_use]
    pub fn chain_variance(step: Interval, start: Interval, k: u64) -> Interval {
        let limit = 1.0 / (1.0 - step / 2.0);
        // (1-h)^{2k} = ((1-h)^2)^k, also for h > 1.
        let left = if k == 0 { Interval::ONE } else { (count(k) * (1.0 - step).sqr().ln()).exp() };
        limit * (1.0 - left) + left * start
    }

    /// `sum_{first <= k < last} Phi(-R/sqrt(v_k))`, the chance that the exact-score chain started at N(0, start) is ever
    /// beyond R in these steps.
    ///
    /// The variances are monotone in k (their departures from the limit shrink by `(1-h)^2`, which is
    /// non-negative for every h), so long sums are enclosed piece by piece between the values at the ends.
    #[must_use]
    pub fn felt_by(&self, step: f64, start: f64, first: u64, last: u64) -> Interval {
        let (step, start) = (Interval::point(step), Interval::point(start));
        let chance = |k: u64| (-(self.threshold / Self::chain_variance(step, start, k).sqrt())).normal_cdf();
        if last - first <= 20_000 {
            return (first..last).map(chance).sum();
        }
        // Pieces that grow geometrically: the variance moves on the scale of k itself, then no more.
        let mut total = Interval::ZERO;
        let mut from = first;
        while from < last {
            let length = ((from - first) / 2000).max(1);
            let to = (from + length).min(last);
            total += count(to - from) * chance(from).hull(chance(to - 1));
            from = to;
        }
        total
    }
}
