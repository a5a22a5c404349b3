//! LLT-6c: the bound of LLT-6a with thresholds that fall along the chain.

use super::Setting;
use super::chi2_step::{Chi2Parameters, best_chi2_parameters, chi2_step};
use super::excess::excess_mass_sum;
use super::kl_step::{PathError, kl_bound};
use super::l2_score::{Goal, Prescription, Run, Scale, best_threshold, tv_from, whole};
use crate::bounds::general::count;
use crate::numerics::Interval;

/// Steps with one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// Number of steps.
    pub steps: u64,
    /// The threshold tau.
    pub tau: f64,
    /// `delta >= p(|e| > tau)`.
    pub delta: Interval,
    /// `sum f(delta; D_k)` over the steps.
    pub bad_sets: Interval,
    /// `D^2` after the last step.
    pub chi2_end: Interval,
    /// c, a and beta of LLT-5a.
    pub chi2: Chi2Parameters,
}

/// LLT-6c: its terms and what they were made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleTerms {
    /// `E_N`, the distance of the repaired chain from p.
    pub end: Interval,
    /// The phases in the order of the chain, one at least.
    pub phases: Vec<Phase>,
    /// lambda and beta of LLT-4a, when some make `rho > 0`.
    pub kl: Option<[f64; 2]>,
}

impl ScheduleTerms {
    /// The phase in which the chain ends.
    #[must_use]
    pub fn last(&self) -> &Phase {
        self.phases.last().expect("a schedule has one phase at least")
    }

    /// The chance of ever meeting a bad set while the threshold falls: all phases but the last.
    #[must_use]
    pub fn bad_sets_falling(&self) -> Interval {
        self.phases[..self.phases.len() - 1].iter().map(|phase| phase.bad_sets).sum()
    }

    /// The bound of `TV(q_N, p)`.
    #[must_use]
    pub fn total(&self) -> Interval {
        self.end + self.bad_sets_falling() + self.last().bad_sets
    }
}

/// The threshold of the first phase.
///
/// ```text
/// (24.3 C)^{-1/2}
/// ```
#[must_use]
pub fn first_threshold(s: &Setting) -> f64 {
    (10.0 / (243.0 * s.lsi)).sqrt().lo()
}

/// The number of steps after which the threshold is halved: `e^{-M h/(2C)} <= 1/8`.
///
/// ```text
/// M = ceil(2 C ln 8 / h)
/// ```
#[must_use]
pub fn phase_steps(s: &Setting) -> u64 {
    (6.0 * Interval::LN_2 / s.pace()).hi().ceil() as u64
}

/// The thresholds that fall from [`first_threshold`] down to `last`, none above `sup`: `(steps, tau)`, first step first, each
/// threshold once.
///
/// ```text
/// tau_k = min(sup, max(last, 2^{-floor(k/M)} (24.3 C)^{-1/2}))
/// ```
#[must_use]
pub fn falling_thresholds(s: &Setting, steps: u64, sup: f64, last: f64) -> Vec<(u64, f64)> {
    let length = phase_steps(s);
    let (mut left, mut falling) = (steps, first_threshold(s));
    let mut all: Vec<(u64, f64)> = Vec::new();
    let mut add = |steps: u64, tau: f64| match all.last_mut() {
        Some(last) if last.1 == tau => last.0 += steps,
        _ => all.push((steps, tau)),
    };
    while left > length && falling.min(sup) > last {
        add(length, falling.min(sup));
        left -= length;
        falling /= 2.0;
    }
    add(left, falling.max(last).min(sup));
    all
}

/// What the phases of one run share.
struct Chain<'a> {
    s: &'a Setting,
    run: &'a Run,
    sup: f64,
    delta: &'a dyn Fn(f64) -> Interval,
}

impl Chain<'_> {
    /// The phase that follows those `before`, at its numerically best parameters of LLT-5a.
    fn next(&self, before: &[Phase], (steps, tau): (u64, f64), pieces: u32) -> Option<Phase> {
        let start = before.last().map_or(self.run.chi2_start, |phase| phase.chi2_end);
        let tau2 = Interval::point(tau).sqr();
        let chi2 = best_chi2_parameters(self.s, tau2, start, steps)?;
        let recursion = chi2_step(self.s, tau2, chi2)?.from(start);
        let delta = (self.delta)(tau);
        let bad_sets = excess_mass_sum(delta, &recursion, steps, pieces);
        Some(Phase { steps, tau, delta, bad_sets, chi2_end: recursion.after(count(steps)), chi2 })
    }

    fn phases(&self, last: f64, pieces: u32) -> Option<Vec<Phase>> {
        let mut phases = Vec::new();
        for run in falling_thresholds(self.s, self.run.steps, self.sup, last) {
            phases.push(self.next(&phases, run, pieces)?);
        }
        Some(phases)
    }
}

/// LLT-6c down to the threshold `last`, for an error with `sup |e| <= sup` (`+inf` will do).
///
/// `delta(tau)` must be at least `p(|e| > tau)`; `epsilon^2/tau^2` will do (LLT-2).
/// `None` when LLT-5a does not apply. The KL part of `E_N` is dropped when no parameters make `rho > 0`.
#[must_use]
pub fn l2_score_schedule_at(
    s: &Setting,
    run: &Run,
    sup: f64,
    last: f64,
    delta: &dyn Fn(f64) -> Interval,
) -> Option<ScheduleTerms> {
    let phases = Chain { s, run, sup, delta }.phases(last, 4096)?;
    let runs = phases.iter().map(|phase| (phase.steps, Interval::point(phase.tau).sqr())).collect();
    let kl = kl_bound(s, run.kl_start, &PathError { runs, proved: true });
    let end = tv_from(phases.last()?.chi2_end, kl.map(|(terms, _)| terms.total()));
    Some(ScheduleTerms { end, phases, kl: kl.map(|(_, parameters)| parameters) })
}

/// LLT-6c with the best last threshold found among `candidates` and refined between them.
///
/// `None` when LLT-5a does not apply.
#[must_use]
pub fn l2_score_schedule(
    s: &Setting,
    run: &Run,
    sup: f64,
    candidates: &[f64],
    delta: &dyn Fn(f64) -> Interval,
) -> Option<ScheduleTerms> {
    let chain = Chain { s, run, sup, delta };
    // Schedules differ in their last phase only: those before it are made once, down to the least candidate.
    let least = candidates.iter().copied().fold(f64::INFINITY, f64::min);
    let falling = chain.phases(least, 64)?;
    let estimate = |last: f64| {
        let runs = falling_thresholds(s, run.steps, sup, last.max(least));
        let before = &falling[..runs.len() - 1];
        let Some(end) = chain.next(before, runs[before.len()], 64) else { return f64::INFINITY };
        let bad_sets: f64 = before.iter().chain([&end]).map(|phase| phase.bad_sets.hi()).sum();
        tv_from(end.chi2_end, None).hi() + bad_sets
    };
    l2_score_schedule_at(s, run, sup, best_threshold(candidates, estimate)?, delta)
}

/// The prescription of LLT-6c: step, steps, last threshold and admissible score error.
///
/// ```text
/// h   = eps_chi^2/(132 d L^2 C)        J = ceil(log2(1/eps_chi))        n = ceil((2C/h) ln(12 (1 + K^2)))
/// N   = J M + n                        tau = eps_chi/sqrt(24.3 C)
/// epsilon = 0.99 eps_tv (24.3 C)^{-1/2}/(M (3.42 K + 2.14 J) + (1 + 4C/h) sqrt(K^2 + 4.07) + 0.713 n)
/// ```
///
/// # Promise
/// As for [`super::prescription`]: `TV(q_N, p) <= eps_tv + eps_chi/2`.
///
/// # Errors
/// A sentence naming the parameter that is out of range, or a number of steps beyond 2^53.
pub fn schedule_prescription(goal: &Goal) -> Result<Prescription, String> {
    let Scale { step, slowness, lsi, k_chi, eps_tv, eps_chi } = goal.scale()?;
    let part = |numerator: f64, denominator: f64| Interval::point(numerator) / denominator;
    let halves = whole(-eps_chi.ln() / Interval::LN_2)?;
    let phase = whole(6.0 * Interval::LN_2 * slowness)?;
    let last = whole(2.0 * slowness * (12.0 * (1.0 + k_chi.sqr())).ln())?;
    let steps = whole(count(halves) * count(phase) + count(last))?;
    let first = (10.0 / (243.0 * lsi)).sqrt();
    let falling = count(phase) * (part(342.0, 100.0) * k_chi + part(214.0, 100.0) * count(halves));
    let late = (1.0 + 4.0 * slowness) * (k_chi.sqr() + part(407.0, 100.0)).sqrt() + part(713.0, 1000.0) * count(last);
    let epsilon = (part(99.0, 100.0) * eps_tv * first / (falling + late)).lo();
    Ok(Prescription { step, steps, tau: (eps_chi * first).lo(), epsilon })
}
