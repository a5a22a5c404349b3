//! Where to cut the errors along a walk off: one multiplier, the same at all levels or growing with what the chain still forgets.

use super::stages::{Stage, start_chi2};
use super::{Care, Cut, Leg, PathError, Walked, Way, chi2_walk, kl_bound, tv_from};
use crate::bounds::{Bound, Instance};
use crate::numerics::Interval;

/// How the threshold `t_k` of a stage depends on the multiplier m.
#[derive(Clone, Copy)]
enum Profile {
    /// `t_k = m`.
    Flat,
    /// `t_k = min(m e^{S_k/2}, 1/sqrt(48 C_k))`, `e^{-S_k}` being what the later legs leave of chi-squared: an error that will be
    /// forgotten may be larger, as long as the leg itself still contracts.
    Forgotten,
}

/// The best walk found, and what it amounts to.
pub(super) struct CutWalk {
    walked: Walked,
    /// TV to p of the chain whose errors were cut off.
    end: Interval,
    /// m.
    multiplier: f64,
}

/// The walk of the instance with errors cut off where that makes the bound of TV small.
///
/// # Errors
/// When the start has no enclosed chi-squared, or LLT-5a does not apply to some leg.
pub(super) fn cut_walk(at: &Instance, stages: &[Stage]) -> Result<CutWalk, String> {
    let start = start_chi2(at)?;
    let still = still_to_forget(stages);
    let cuts = |profile: Profile, m: f64| -> Vec<(Leg, Cut)> {
        let each = stages.iter().zip(&still);
        each.map(|(stage, s)| (stage.leg, stage.cut(at, profile.threshold(m, *s, &stage.leg)))).collect()
    };
    let value = |profile: Profile, m: f64| {
        let walked = chi2_walk(&cuts(profile, m), start, Care::Quick);
        walked.map_or(f64::INFINITY, |w| tv_from(w.chi2, Some(w.chi2.ln_1p())).hi() + w.bad_sets().hi())
    };
    let (profile, multiplier) = best(stages, &value);
    let legs = cuts(profile, multiplier);
    let walked = chi2_walk(&legs, start, Care::Best)
        .map_err(|k| format!("no parameters of LLT-5a make r positive in leg {k}"))?;
    let end = tv_from(walked.chi2, Some(kl_at_end(&walked, legs.last())));
    Ok(CutWalk { walked, end, multiplier })
}

impl Profile {
    fn threshold(self, m: f64, still: f64, leg: &Leg) -> f64 {
        match self {
            Profile::Flat => m,
            Profile::Forgotten => (m * (0.5 * still).exp()).min(1.0 / (48.0 * leg.setting.lsi.hi()).sqrt()),
        }
    }
}

/// `S_k`: after each stage, the time still to come in units of 2C (of C in Langevin steps).
fn still_to_forget(stages: &[Stage]) -> Vec<f64> {
    let mut still = 0.0;
    let mut all: Vec<f64> = stages
        .iter()
        .rev()
        .map(|stage| {
            let pace = stage.leg.setting.pace().mid();
            let after = still;
            still += match stage.leg.way {
                Way::Predicts => 0.5 * pace,
                Way::Corrects(steps) => steps as f64 * pace,
            };
            after
        })
        .collect();
    all.reverse();
    all
}

/// The best profile and multiplier: on a geometric grid between the smallest epsilon and what a step of LLT-5a bears, refined
/// by halving.
fn best(stages: &[Stage], value: &dyn Fn(Profile, f64) -> f64) -> (Profile, f64) {
    let seen = || stages.iter().filter(|stage| stage.sup > 0.0);
    let least = seen().map(|stage| stage.epsilon).filter(|e| *e > 0.0).fold(f64::INFINITY, f64::min);
    if least == f64::INFINITY {
        return (Profile::Flat, 0.0);
    }
    let most = seen().map(|stage| stage.epsilon).fold(0.0, f64::max);
    let bears = stages.iter().map(|stage| 1.0 / stage.leg.setting.lsi.hi().sqrt()).fold(0.0, f64::max);
    let ratio = (bears.max(10.0 * most) / least).ln() / f64::from(GRID);
    let grid = (0..=GRID).map(|i| least * (ratio * f64::from(i)).exp());
    // The supremum of a bounded error: nothing is cut off.
    let whole = Some(seen().map(|stage| stage.sup).fold(0.0, f64::max)).filter(|sup| sup.is_finite());
    let tried = grid.chain(whole).flat_map(|m| [(Profile::Flat, m), (Profile::Forgotten, m)]);
    let rated = |(profile, m)| (value(profile, m), (profile, m));
    let better = |a: (f64, (Profile, f64)), b: (f64, (Profile, f64))| if b.0 < a.0 { b } else { a };
    let mut best = tried.map(rated).fold((f64::INFINITY, (Profile::Flat, least)), better);
    for k in 1..=REFINEMENTS {
        let (profile, m) = best.1;
        let factor = (ratio * 0.5f64.powi(k)).exp();
        best = [m / factor, m * factor].map(|m| rated((profile, m))).into_iter().fold(best, better);
    }
    best.1
}

/// How many multipliers are tried first, and how often the best one is refined.
const GRID: u32 = 12;
const REFINEMENTS: i32 = 4;

/// KL of the chain whose errors were cut off: `ln(1 + chi2)`, or LLT-4a along the last leg when that is one of Langevin steps.
fn kl_at_end(walked: &Walked, last: Option<&(Leg, Cut)>) -> Interval {
    let from_chi2 = walked.chi2.ln_1p();
    match last {
        Some((Leg { way: Way::Corrects(steps), setting }, cut)) => {
            let path = PathError::uniform(*steps, cut.tau2);
            let by_steps = kl_bound(setting, walked.before_last.ln_1p(), &path);
            by_steps.map_or(from_chi2, |(terms, _)| from_chi2.min(terms.total()))
        }
        _ => from_chi2,
    }
}

impl CutWalk {
    /// `TV(q_N, p) <= end + bad sets`. The first five terms add up to it: the end is shared out in proportion to the parts of
    /// chi-squared.
    pub fn bound(&self) -> Bound {
        let Walked { chi2, parts, predictor_bad_sets, corrector_bad_sets, .. } = self.walked;
        let share = |part: Interval| match (chi2.hi() > 0.0, chi2.lo() > 0.0 && chi2.hi().is_finite()) {
            (false, _) => Interval::ZERO,
            (true, true) => self.end * (part / chi2).clamp(0.0, 1.0),
            // Which part of an overflow comes from where is not known.
            (true, false) => Interval::new(0.0, self.end.hi()),
        };
        Bound {
            value: self.end + self.walked.bad_sets(),
            terms: vec![
                ("start", share(parts[0])),
                ("score-error", share(parts[1])),
                ("discretisation", share(parts[2])),
                ("predictor-bad-sets", predictor_bad_sets),
                ("corrector-bad-sets", corrector_bad_sets),
                ("end", self.end),
                ("chi2-end", chi2),
                ("threshold", self.multiplier.into()),
            ],
        }
    }
}
