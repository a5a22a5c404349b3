//! Chi-squared along p_tau: predictor steps of VE (LLT-13) and runs of Langevin steps (LLT-5a) in any order.

use super::{Chi2Parameters, Chi2Step, Setting, best_chi2_parameters, chi2_step, excess_mass_sum};
use crate::bounds::general::{Geometric, count, geometric_series};
use crate::numerics::Interval;

/// One predictor step `y <- y + 2h s(y) + sqrt(2h) xi` in chi-squared, for an error with `sup |e| <= t`, given `t^2` (LLT-13).
///
/// ```text
/// chi2_{k+1} <= e^{gamma - h/(2C)} chi2_k + e^gamma - 1,     gamma = 12.1 t^2 h + 58.2 L^2 d h^2
/// ```
/// L and C are those of every level of the step, and `h <= 1/(400 L^2 C)`.
#[must_use]
pub fn chi2_predictor_step(s: &Setting, tau2: Interval) -> Chi2Step {
    let from_error = Interval::point(121.0) / 10.0 * tau2 * s.step;
    let gamma = from_error + Interval::point(582.0) / 10.0 * s.dim * s.u().sqr();
    Chi2Step { r: Interval::point(0.5), gamma, from_error, pace: 0.5 * s.pace() }
}

/// What a leg of a walk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One predictor step.
    Predicts,
    /// So many Langevin steps at one level.
    Corrects(u64),
}

/// One leg of a walk: what it does, the constants that hold while it lasts, and its step h.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// What it does.
    pub way: Way,
    /// d, L, C and h.
    pub setting: Setting,
}

/// Where a leg's error is cut off: `t^2`, and `delta >= p_tau(|e| > t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// `t^2`.
    pub tau2: Interval,
    /// delta.
    pub delta: Interval,
}

impl Cut {
    /// Nothing is cut off, the error being at most this much everywhere.
    #[must_use]
    pub fn nothing(sup: f64) -> Self {
        Self { tau2: Interval::point(sup).sqr(), delta: Interval::ZERO }
    }
}

/// How carefully the free parameters of a walk are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Those of the closed form LLT-5b where they will do: for searching.
    Quick,
    /// The best ones found.
    Best,
}

/// What a walk arrives with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walked {
    /// Chi-squared of the chain whose errors were cut off, at the end.
    pub chi2: Interval,
    /// The same before the last leg.
    pub before_last: Interval,
    /// Its parts, which add up to it: what is left of the start, what the errors made, what the steps' lengths made.
    pub parts: [Interval; 3],
    /// The chance of meeting a bad set in a predictor step.
    pub predictor_bad_sets: Interval,
    /// The chance of meeting one in a Langevin step.
    pub corrector_bad_sets: Interval,
    /// The sum of all gamma, and the errors' share of it.
    pub gamma: [Interval; 2],
}

impl Walked {
    /// The chance of meeting any bad set.
    #[must_use]
    pub fn bad_sets(&self) -> Interval {
        self.predictor_bad_sets + self.corrector_bad_sets
    }
}

/// The walk through `legs`, each with its cut, from `chi2(q_0 | p_T) <= start`.
///
/// ```text
/// D_{k+1}^2 = e^{gamma_k - r_k h_k/C_k} D_k^2 + e^{gamma_k} - 1,     bad sets: sum_k f(delta_k; D_k)
/// ```
///
/// # Errors
/// The number of the first leg whose Langevin steps are too long for LLT-5a.
pub fn chi2_walk(legs: &[(Leg, Cut)], start: Interval, care: Care) -> Result<Walked, usize> {
    let zero = Interval::ZERO;
    let mut walked = Walked {
        chi2: start,
        before_last: start,
        parts: [start, zero, zero],
        predictor_bad_sets: zero,
        corrector_bad_sets: zero,
        gamma: [zero, zero],
    };
    for (k, (leg, cut)) in legs.iter().enumerate() {
        walked.go(leg, cut, care).ok_or(k)?;
    }
    Ok(walked)
}

impl Walked {
    /// One leg further; `None` where LLT-5a does not apply.
    fn go(&mut self, leg: &Leg, cut: &Cut, care: Care) -> Option<()> {
        let (step, steps) = match leg.way {
            Way::Predicts => (chi2_predictor_step(&leg.setting, cut.tau2), 1),
            Way::Corrects(steps) => (langevin_step(leg, cut, self.chi2, steps, care)?, steps),
        };
        let chain = step.from(self.chi2);
        let (n, pieces) = (count(steps), if care == Care::Best { 4096 } else { 64 });
        let met = excess_mass_sum(cut.delta, &chain, steps, pieces);
        match leg.way {
            Way::Predicts => self.predictor_bad_sets += met,
            Way::Corrects(_) => self.corrector_bad_sets += met,
        }
        (self.before_last, self.chi2) = (self.chi2, chain.after(n));
        let [share, rest] = shares(&step);
        let (left, made) = (remaining(&chain, n), chain.increment * geometric_series(chain.decay, n));
        let [start, error, length] = self.parts;
        self.parts = [left * start, left * error + share * made, left * length + rest * made];
        self.gamma = [self.gamma[0] + n * step.gamma, self.gamma[1] + n * step.from_error];
        Some(())
    }
}

/// What n steps leave of chi-squared.
fn remaining(chain: &Geometric, n: Interval) -> Interval {
    (-(n * chain.decay)).exp()
}

/// The error's and the step length's share of gamma.
fn shares(step: &Chi2Step) -> [Interval; 2] {
    if step.gamma == Interval::ZERO {
        return [Interval::ZERO; 2];
    }
    let share = (step.from_error / step.gamma).clamp(0.0, 1.0);
    [share, (1.0 - share).clamp(0.0, 1.0)]
}

/// LLT-5a at this leg.
fn langevin_step(leg: &Leg, cut: &Cut, chi2: Interval, steps: u64, care: Care) -> Option<Chi2Step> {
    let quick = || chi2_step(&leg.setting, cut.tau2, Chi2Parameters::CLOSED_FORM);
    let best = || {
        let with = best_chi2_parameters(&leg.setting, cut.tau2, chi2, steps)?;
        chi2_step(&leg.setting, cut.tau2, with)
    };
    match care {
        Care::Quick => quick().or_else(best),
        Care::Best => best(),
    }
}
