//! An instance as a walk along p_tau: its moves with their constants and errors, and the hypotheses of LLT-13, 13b and 16.

use super::{Cut, Leg, Setting, Way, chebyshev, chi2_contraction};
use crate::bounds::hypotheses::{finite_constant, finite_value};
use crate::bounds::{Family, Holds, Hypothesis, Instance, Move, Route};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::samplers::Scheme;
use crate::targets::Constant;

/// A move of the chain with all that the walk needs to know of it.
pub(super) struct Stage {
    /// The leg, with constants that hold at every level of it.
    pub leg: Leg,
    /// Constants that are below the suprema over the levels of the leg.
    least: Setting,
    /// Where the score is taken.
    pub level: NoiseLevel,
    /// The least noisy level of the leg.
    to: NoiseLevel,
    /// `sup |e|`, 0 where the error is off.
    pub sup: f64,
    /// `(E |e|^2)^{1/2}` under the law at the level, 0 where the error is off.
    pub epsilon: f64,
}

/// The stages of the instance's program.
///
/// # Errors
/// What makes it no walk along the levels of VE.
pub(super) fn stages(at: &Instance) -> Result<Vec<Stage>, String> {
    let route = at.route()?;
    connected(route)?;
    route.moves.iter().map(|step| stage(at, step)).collect()
}

fn stage(at: &Instance, step: &Move) -> Result<Stage, String> {
    let dim = Interval::point(at.dim() as f64);
    let proved = |c: &Constant| if c.lower.evidence.is_proved() { c.value.lo() } else { 0.0 };
    let (level, to, clean, leg, least) = match step {
        Move::Predict(p) => {
            let (end, start) = (at.constants_at(p.to), at.constants_at(p.from));
            let smoothness = on_the_way(Interval::point(end.lipschitz.value.hi()), p.h);
            let lsi = Interval::point((end.lsi.value.hi() + 2.0 * p.h).hi());
            let setting = Setting { dim, smoothness, lsi, step: p.h };
            let larger = |a: f64, b: f64| Interval::point(a.max(b));
            let least = Setting {
                smoothness: larger(proved(&end.lipschitz), proved(&start.lipschitz)),
                lsi: larger(proved(&end.lsi), proved(&start.lsi)),
                ..setting
            };
            (p.from, p.to, p.clean, Leg { way: Way::Predicts, setting }, least)
        }
        Move::Correct(c) => {
            let here = at.constants_at(c.level);
            let with = |smoothness: f64, lsi: f64| Setting::new(at.dim() as f64, smoothness, lsi, c.step);
            let setting = with(here.lipschitz.value.hi(), here.lsi.value.hi());
            let least = with(proved(&here.lipschitz), proved(&here.lsi));
            (c.level, c.level, c.clean, Leg { way: Way::Corrects(c.steps), setting }, least)
        }
        Move::Flow(f) => return Err(format!("the step at sigma = {:.4e} adds no noise", f.from.sigma)),
    };
    let (sup, epsilon) = if clean { (0.0, 0.0) } else { (at.error_sup_at(level), at.epsilon_at(level).hi()) };
    Ok(Stage { leg, least, level, to, sup, epsilon: if sup == 0.0 { 0.0 } else { epsilon } })
}

/// L of every level from one with constant `smoothness` up to `2h` more noise variance: `L/(1 - 2hL)`, infinite where that is not
/// positive.
fn on_the_way(smoothness: Interval, h: Interval) -> Interval {
    let room = 1.0 - 2.0 * h * smoothness;
    if room.lo() > 0.0 { Interval::point((smoothness / room).hi()) } else { Interval::INFINITY }
}

impl Stage {
    /// The error cut off at t, with the smaller of the exact mass beyond it and Chebyshev's.
    pub fn cut(&self, at: &Instance, t: f64) -> Cut {
        if t >= self.sup {
            return Cut::nothing(self.sup);
        }
        let crude = chebyshev(Interval::new(0.0, self.epsilon), t.into());
        let exact = at.exceedance_at(self.level, t).unwrap_or(crude);
        Cut { tau2: Interval::point(t).sqr(), delta: Interval::point(exact.hi().min(crude.hi())) }
    }

    /// How it is called in messages.
    fn name(&self) -> String {
        match self.leg.way {
            Way::Predicts => format!("the step from sigma = {:e}", self.level.sigma),
            Way::Corrects(_) => format!("the Langevin steps at sigma = {:e}", self.level.sigma),
        }
    }
}

/// Whether every move begins at the level at which the one before ended, the last one ends at that of p, and all levels are VE's.
fn connected(route: &Route) -> Result<(), String> {
    if route.family != Family::Ve {
        return Err("its levels shrink the data: they are not VE's".into());
    }
    let begins = route.moves.iter().skip(1).map(Move::begins);
    for (step, next) in route.moves.iter().zip(begins.chain([route.last])) {
        if let Move::Correct(c) = step
            && c.level != next
        {
            return Err(format!("it jumps from sigma = {:e} to {:e}", c.level.sigma, next.sigma));
        }
    }
    Ok(())
}

/// Whether all predictor steps are those of VE.
fn ve_steps(route: &Route) -> Result<(), String> {
    connected(route)?;
    match route.scheme()? {
        Scheme::EulerMaruyama => Ok(()),
        other => Err(format!("its steps are `{other}`")),
    }
}

/// The sampler is the plain VE predictor.
pub(super) const VE_PREDICTOR: Hypothesis = Hypothesis {
    says: "the sampler is the VE predictor y + 2h s(y) + sqrt(2h) xi, down to the level of p",
    holds: |at| {
        let reads = |route: &Route| ve_steps(route).and_then(|()| route.only_predicts());
        at.route().and_then(reads).map_or_else(Holds::No, |()| Holds::Yes)
    },
};

/// The sampler is a VE predictor with Langevin steps.
pub(super) const VE_PREDICTOR_CORRECTOR: Hypothesis = Hypothesis {
    says: "the sampler is the VE predictor with Langevin steps at levels it passes, down to the level of p",
    holds: |at| {
        let reads = |route: &Route| {
            ve_steps(route)?;
            route.correctors().next().map(|_| ()).ok_or_else(|| "it takes no Langevin step (LLT-13b)".to_string())
        };
        at.route().and_then(reads).map_or_else(Holds::No, |()| Holds::Yes)
    },
};

/// L is finite at every level.
pub(super) const SMOOTH_ALONG: Hypothesis = Hypothesis {
    says: "every p_tau on the way is L-smooth",
    holds: |at| {
        every(at, |stage| {
            finite_constant(&format!("L at sigma = {:e}", stage.to.sigma), &at.constants_at(stage.to).lipschitz)
        })
    },
};

/// C is finite at every level.
pub(super) const LSI_ALONG: Hypothesis = Hypothesis {
    says: "every p_tau on the way satisfies LSI(C)",
    holds: |at| {
        every(at, |stage| {
            finite_constant(&format!("C_LS at sigma = {:e}", stage.to.sigma), &at.constants_at(stage.to).lsi)
        })
    },
};

/// `chi2(q_0 | p_T)` is finite.
pub(super) const START_ALONG: Hypothesis = Hypothesis {
    says: "chi2(q_0 | p_T) < inf",
    holds: |at| {
        at.route().map_or_else(Holds::No, |route| {
            finite_value(at.start_to(route.first, Divergence::ChiSquared), "chi2(q_0 | p_T)")
        })
    },
};

/// Predictor steps are short.
pub(super) const SHORT_PREDICTORS: Hypothesis = Hypothesis {
    says: "h_k <= 1/(400 L_k^2 C_k) in every predictor step",
    holds: |at| {
        every(at, |stage| match stage.leg.way {
            Way::Corrects(_) => Holds::Yes,
            Way::Predicts => within(stage, "400 h L^2 C", 1.0, |s| 400.0 * s.v()),
        })
    },
};

/// Langevin steps are short.
pub(super) const SHORT_CORRECTORS: Hypothesis = Hypothesis {
    says: "6 (hL)^2 < 1 and r > 0 for some c, a, beta in every Langevin step",
    holds: |at| {
        every(at, |stage| match stage.leg.way {
            Way::Predicts => Holds::Yes,
            // Below 1, and not at most 1.
            Way::Corrects(_) => within(stage, "30 (hL)^2 + 8 h L^2 C", 1f64.next_down(), chi2_contraction),
        })
    },
};

/// Errors are bounded at every level.
pub(super) const BOUNDED_ALONG: Hypothesis = Hypothesis {
    says: "sup |e_k| <= t_k < inf in every step",
    holds: |at| {
        every(at, |stage| match stage.sup.is_finite() {
            true => Holds::Yes,
            false if at.has_affine_error() => Holds::No(format!("the error is unbounded in {}", stage.name())),
            false => Holds::unknown("no finite bound of |e| is known in double precision", "a smaller error"),
        })
    },
};

/// Errors are square integrable at every level.
pub(super) const SQUARE_INTEGRABLE_ALONG: Hypothesis = Hypothesis {
    says: "E_{p_tau} |e_k|^2 <= epsilon_k^2 < inf in every step",
    holds: |at| {
        every(at, |stage| match stage.epsilon {
            0.0 => Holds::Yes,
            epsilon if epsilon.is_finite() => at.error_sizes([stage.level]),
            _ => Holds::unknown("no finite bound of epsilon is known", "an enclosure of epsilon"),
        })
    },
};

/// Whether a size is within its limit at the stage: known to be at the upper ends of the constants, and not to be at the lower.
fn within(stage: &Stage, says: &str, limit: f64, size: impl Fn(&Setting) -> Interval) -> Holds {
    let (upper, least) = (size(&stage.leg.setting), size(&stage.least));
    if upper.hi() <= limit {
        return Holds::Yes;
    }
    let found = format!("{says} is between {:.6e} and {:.6e} in {}", least.lo(), upper.hi(), stage.name());
    if least.lo() > limit { Holds::No(found) } else { Holds::unknown(found, "narrower enclosures of L and C_LS") }
}

/// Whether something holds in every stage: the first failure, else the first doubt of each kind.
fn every(at: &Instance, check: impl Fn(&Stage) -> Holds) -> Holds {
    let stages = match stages(at) {
        Ok(stages) => stages,
        Err(why) => return Holds::No(why),
    };
    let (mut open, mut numerical) = (None, None);
    for stage in &stages {
        match check(stage) {
            Holds::Yes => {}
            Holds::No(found) => return Holds::No(found),
            unknown @ Holds::Unknown { .. } => {
                open.get_or_insert(unknown);
            }
            numerically @ Holds::Numerically(_) => {
                numerical.get_or_insert(numerically);
            }
        }
    }
    open.or(numerical).unwrap_or(Holds::Yes)
}

/// `chi2(q_0 | p_T)`, enclosed.
pub(super) fn start_chi2(at: &Instance) -> Result<Interval, String> {
    Ok(at.start_to(at.route()?.first, Divergence::ChiSquared)?.value)
}
