//! Langevin Monte Carlo with an L2(p)-accurate score: the bounds LLT-6a and LLT-6b, and the prescription that follows.

use super::Setting;
use super::chi2_step::{Chi2Parameters, best_chi2_parameters, chi2_step};
use super::excess::excess_mass_sum;
use super::kl_step::{PathError, kl_bound};
use crate::bounds::general::count;
use crate::numerics::Interval;

/// The smallest of the ways from KL or chi-squared to TV (LLT-0).
///
/// ```text
/// min { sqrt(chi2)/2, sqrt(KL/2), sqrt(1 - e^{-KL}) }
/// ```
#[must_use]
pub fn tv_from(chi2: Interval, kl: Option<Interval>) -> Interval {
    let from_chi2 = chi2.sqrt() / 2.0;
    match kl {
        None => from_chi2,
        Some(kl) => from_chi2.min(tv_from_kl(kl)),
    }
}

/// `min { sqrt(KL/2), sqrt(1 - e^{-KL}) }` (Pinsker; Bretagnolle-Huber).
#[must_use]
pub fn tv_from_kl(kl: Interval) -> Interval {
    (kl / 2.0).sqrt().min((-(-kl).exp_m1()).sqrt())
}

/// What LLT-6a and 6b need of the run besides the [`Setting`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// An upper bound of `K_chi^2 >= chi2(q_0 | p)` is its upper end.
    pub chi2_start: Interval,
    /// `KL(q_0 | p)`; `ln(1 + K_chi^2)` will do.
    pub kl_start: Interval,
    /// N.
    pub steps: u64,
}

/// LLT-6a at one constant threshold: its two terms and what they were made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L2Terms {
    /// `E_N`, the distance of the repaired chain from p.
    pub end: Interval,
    /// `sum_k f(delta; D_k)`, the chance of ever meeting the bad set.
    pub bad_sets: Interval,
    /// The threshold tau.
    pub tau: f64,
    /// `delta >= p(|e| > tau)`.
    pub delta: Interval,
    /// `D_N^2`.
    pub chi2_end: Interval,
    /// c, a and beta of LLT-5a.
    pub chi2: Chi2Parameters,
    /// lambda and beta of LLT-4a, when some make `rho > 0`.
    pub kl: Option<[f64; 2]>,
}

impl L2Terms {
    /// The bound of `TV(q_N, p)`.
    #[must_use]
    pub fn total(&self) -> Interval {
        self.end + self.bad_sets
    }
}

/// LLT-6a with all thresholds equal to `tau` and all `delta_k` to `delta`, at given parameters of LLT-5a.
///
/// `None` when `r <= 0` or `6 u^2 >= 1`. The KL part of `E_N` is dropped when no parameters make `rho > 0`.
#[must_use]
pub fn l2_score_at(s: &Setting, run: &Run, tau: f64, delta: Interval, with: Chi2Parameters) -> Option<L2Terms> {
    let tau2 = Interval::point(tau).sqr();
    let chain = chi2_step(s, tau2, with)?.from(run.chi2_start);
    let chi2_end = chain.after(count(run.steps));
    let kl = kl_bound(s, run.kl_start, &PathError::uniform(run.steps, tau2));
    let bad_sets = excess_mass_sum(delta, &chain, run.steps, 4096);
    let end = tv_from(chi2_end, kl.map(|(terms, _)| terms.total()));
    Some(L2Terms { end, bad_sets, tau, delta, chi2_end, chi2: with, kl: kl.map(|(_, parameters)| parameters) })
}

/// A quick upper estimate of LLT-6a at `tau`, for choosing `tau`; plus infinity where it does not apply.
fn l2_score_estimate(s: &Setting, run: &Run, tau: f64, delta: Interval) -> f64 {
    let tau2 = Interval::point(tau).sqr();
    let Some(with) = best_chi2_parameters(s, tau2, run.chi2_start, run.steps) else { return f64::INFINITY };
    let Some(step) = chi2_step(s, tau2, with) else { return f64::INFINITY };
    let chain = step.from(run.chi2_start);
    let bad_sets = excess_mass_sum(delta, &chain, run.steps, 64);
    tv_from(chain.after(count(run.steps)), None).hi() + bad_sets.hi()
}

/// The best threshold found among `candidates` (ascending) and refined between them; `None` when there are none.
pub(super) fn best_threshold(candidates: &[f64], estimate: impl Fn(f64) -> f64) -> Option<f64> {
    let values: Vec<f64> = candidates.iter().map(|&tau| estimate(tau)).collect();
    let best = (0..candidates.len()).min_by(|&i, &j| values[i].total_cmp(&values[j]))?;
    let mut tau = candidates[best];
    let mut least = values[best];
    // Refine between the neighbours by halving steps of ln tau.
    if tau > 0.0 {
        let mut scale = candidates.get(best + 1).map_or(1.0, |next| (next / tau).ln()) / 2.0;
        while scale > 0.01 {
            for factor in [(-scale).exp(), scale.exp()] {
                let value = estimate(tau * factor);
                if value < least {
                    (tau, least) = (tau * factor, value);
                }
            }
            scale *= 0.5;
        }
    }
    Some(tau)
}

/// LLT-6a with the best constant threshold found among `candidates` and refined between them.
///
/// `delta(tau)` must be at least `p(|e| > tau)`; `epsilon^2/tau^2` will do (LLT-2).
/// `None` when LLT-5a does not apply at any threshold.
#[must_use]
pub fn l2_score(s: &Setting, run: &Run, candidates: &[f64], delta: &dyn Fn(f64) -> Interval) -> Option<L2Terms> {
    let tau = best_threshold(candidates, |tau| l2_score_estimate(s, run, tau, delta(tau)))?;
    let with = best_chi2_parameters(s, Interval::point(tau).sqr(), run.chi2_start, run.steps)?;
    l2_score_at(s, run, tau, delta(tau), with)
}

/// The five terms of LLT-6b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedTerms {
    /// T1, mixing.
    pub mixing: Interval,
    /// T2, discretisation.
    pub discretisation: Interval,
    /// T3, the error on the good set.
    pub good_set: Interval,
    /// T4, the bad set near stationarity.
    pub bad_set: Interval,
    /// T5, the bad set while the start is forgotten.
    pub bad_start: Interval,
}

impl ClosedTerms {
    /// `sqrt(T1 + T2 + T3) + T4 + T5`.
    #[must_use]
    pub fn total(&self) -> Interval {
        (self.mixing + self.discretisation + self.good_set).sqrt() + self.bad_set + self.bad_start
    }
}

/// LLT-6b at a threshold tau.
///
/// ```text
/// T1 = e^{-N h/(2C)} K^2/4        T2 = (23/4) d L^2 C h      T3 = (8.1/4) C tau^2
/// T4 = (epsilon/tau) N sqrt(1 + b^2),  b^2 = 23 d L^2 C h + 8.1 C tau^2
/// T5 = (epsilon/tau) K (1 + 4 C/h)
/// ```
#[must_use]
pub fn l2_score_closed(s: &Setting, run: &Run, epsilon: Interval, tau: f64) -> ClosedTerms {
    let tau = Interval::point(tau);
    let steps = count(run.steps);
    let ratio = if epsilon == Interval::ZERO { Interval::ZERO } else { epsilon / tau };
    let eight_one = Interval::point(81.0) / 10.0;
    let good = eight_one * s.lsi * tau.sqr();
    let discretisation = 23.0 * s.bias();
    ClosedTerms {
        mixing: (-(steps * s.pace() / 2.0)).exp() * run.chi2_start / 4.0,
        discretisation: discretisation / 4.0,
        good_set: good / 4.0,
        bad_set: ratio * steps * (1.0 + discretisation + good).sqrt(),
        bad_start: ratio * run.chi2_start.sqrt() * (1.0 + 4.0 / s.pace()),
    }
}

/// LLT-6b at its numerically best threshold `tau^2 <= 1/(16.1 C)`; tau = 0 for an exact score.
#[must_use]
pub fn l2_score_closed_best(s: &Setting, run: &Run, epsilon: Interval) -> (f64, ClosedTerms) {
    if epsilon == Interval::ZERO {
        return (0.0, l2_score_closed(s, run, epsilon, 0.0));
    }
    let largest = (10.0 / (161.0 * s.lsi)).sqrt().lo() * (1.0 - 1e-12);
    let value = |x: &[f64]| l2_score_closed(s, run, epsilon, largest * x[0].exp()).total().hi();
    let best = crate::bounds::general::minimise(&[(-70.0, 0.0)], 140, value);
    let tau = (largest * best[0].exp()).min(largest);
    (tau, l2_score_closed(s, run, epsilon, tau))
}

/// What to run to be within `eps_tv + eps_chi/2` of p in TV (LLT-6 prescription).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prescription {
    /// h.
    pub step: f64,
    /// N.
    pub steps: u64,
    /// The threshold used in the proof.
    pub tau: f64,
    /// The largest admissible `(E_p |e|^2)^{1/2}`.
    pub epsilon: f64,
}

/// The accuracies and the instance a prescription is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// d.
    pub dim: f64,
    /// L.
    pub smoothness: f64,
    /// C.
    pub lsi: f64,
    /// `K_chi >= chi(q_0 | p)`.
    pub k_chi: f64,
    /// In (0, 1].
    pub eps_tv: f64,
    /// In (0, 1].
    pub eps_chi: f64,
}

/// The prescription of LLT-6: step, steps, threshold and admissible score error.
///
/// ```text
/// h   = eps_chi^2/(132 d L^2 C)             N = max(1, ceil((2C/h) ln(3 K^2/eps_chi^2)))
/// tau = eps_chi/sqrt(24.3 C)                epsilon = eps_tv tau/(N sqrt(1 + eps_chi^2) + K (1 + 4C/h))
/// ```
///
/// # Promise
/// Every number is rounded to the side on which the theorem still holds (h, tau, epsilon down, N up). Then
/// `TV(q_N, p) <= eps_tv + eps_chi/2`.
///
/// # Errors
/// A sentence naming the parameter that is out of range, or a number of steps beyond 2^53.
pub fn prescription(goal: &Goal) -> Result<Prescription, String> {
    let Scale { step, slowness, lsi, k_chi, eps_tv, eps_chi } = goal.scale()?;
    let needed = 2.0 * slowness * (3.0 * k_chi.sqr() / eps_chi.sqr()).ln();
    let steps = if goal.k_chi == 0.0 { 1 } else { whole(needed)?.max(1) };
    let tau = eps_chi / (Interval::point(243.0) / 10.0 * lsi).sqrt();
    let work = count(steps) * (1.0 + eps_chi.sqr()).sqrt() + k_chi * (1.0 + 4.0 * slowness);
    Ok(Prescription { step, steps, tau: tau.lo(), epsilon: (eps_tv * tau.lo() / work).lo() })
}

/// A goal as intervals, with the step that it prescribes.
pub(super) struct Scale {
    /// `h = eps_chi^2/(132 d L^2 C)`, rounded down.
    pub step: f64,
    /// `C/h`.
    pub slowness: Interval,
    pub lsi: Interval,
    pub k_chi: Interval,
    pub eps_tv: Interval,
    pub eps_chi: Interval,
}

/// The least whole number of steps that is surely not below `needed`.
///
/// # Errors
/// Beyond 2^53.
pub(super) fn whole(needed: Interval) -> Result<u64, String> {
    let steps = needed.hi().ceil();
    if steps <= 2f64.powi(53) {
        return Ok(steps as u64);
    }
    Err(format!("the prescription needs about {steps:e} steps, beyond what a run can count"))
}

impl Goal {
    /// The goal as intervals, once it is in range.
    ///
    /// # Errors
    /// A sentence naming the parameter that is out of range.
    pub(super) fn scale(&self) -> Result<Scale, String> {
        let positive = [("d", self.dim), ("L", self.smoothness), ("C", self.lsi)];
        for (name, x) in positive {
            if !(x > 0.0 && x.is_finite()) {
                return Err(format!("the prescription needs 0 < {name} < inf, found {x}"));
            }
        }
        for (name, x) in [("eps_TV", self.eps_tv), ("eps_chi", self.eps_chi)] {
            if !(x > 0.0 && x <= 1.0) {
                return Err(format!("the prescription needs 0 < {name} <= 1, found {x}"));
            }
        }
        if !(self.k_chi >= 0.0 && self.k_chi.is_finite()) {
            return Err(format!("the prescription needs 0 <= K_chi < inf, found {}", self.k_chi));
        }
        let [dim, smoothness, lsi] = [self.dim, self.smoothness, self.lsi].map(Interval::point);
        let [k_chi, eps_tv, eps_chi] = [self.k_chi, self.eps_tv, self.eps_chi].map(Interval::point);
        let step = (eps_chi.sqr() / (132.0 * dim * smoothness.sqr() * lsi)).lo();
        if step <= 0.0 {
            return Err("the prescribed step underflows".into());
        }
        Ok(Scale { step, slowness: lsi / step, lsi, k_chi, eps_tv, eps_chi })
    }
}
