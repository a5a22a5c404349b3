//! PMM-15c: prediction-correction by the reverse SDE in total variation, for bounded data, with all constants.

use super::corrected::at_the_horizon;
use super::corrector::hessian_energy;
use super::descent::Descent;
use super::exact_example::CORRECTED;
use super::noised::{WARM, data, start_level, warm_rounding};
use super::reverse_hypotheses::{AT_STOP, SDE, SMOOTHED};
use super::reverse_path::{KNOWN, path, terms};
use super::{REFERENCE, guarantee, horizon_for};
use crate::bounds::general::count;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::targets::constants::support_radius_sqr;

/// rho: `u R^2/q` is at most this at the horizon.
const RHO: f64 = 0.5;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv_bounded.md")]
pub static ASSEMBLED_TV_BOUNDED: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/assembled-tv-bounded",
    labels: &["PMM-15c"],
    title: "prediction-correction by the reverse SDE in TV for bounded data, from an L2 error alone",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/assembled_tv_bounded.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[SDE, CORRECTED, AT_STOP, BOUNDED, LATE, WARM, SMOOTHED, KNOWN, ERROR],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy", (1, 1)), guarantee("step", "accuracy", (2, 1))],
    draw: draws::flow::corrected_bounded,
};

/// R^2 of the data.
fn radius_sqr(at: &Instance) -> Result<Interval, String> {
    support_radius_sqr(&data(at)?)
}

const BOUNDED: Hypothesis =
    Hypothesis { says: "|X - c| <= R < inf", holds: |at| radius_sqr(at).map_or_else(Holds::No, |_| Holds::Yes) };

const LATE: Hypothesis = Hypothesis {
    says: "T1 >= (1/2) ln(1 + 2 R^2)",
    holds: |at| match (radius_sqr(at), start_level(at)) {
        (Err(why), _) | (_, Err(why)) => Holds::No(why),
        (Ok(radius_sqr), Ok(level)) => {
            let (needed, time) = (horizon_for(radius_sqr, RHO), level.time);
            if time.lo() >= needed.hi() {
                Holds::Yes
            } else if time.hi() < needed.lo() {
                Holds::No(format!("T1 = {:.6}, needed at least {:.6}", time.hi(), needed.lo()))
            } else {
                Holds::unknown(format!("T1 = {:.6}, enough is {:.6}", time.mid(), needed.hi()), "a little more time")
            }
        }
    },
};

const ERROR: Hypothesis = Hypothesis {
    says: "E_{p_t} |e_t|^2 <= epsilon^2 < inf at T1 and at every level of the path",
    holds: |at| match epsilon(at) {
        Err(why) => Holds::unknown(why, "the size of the error at every level"),
        Ok(epsilon) if epsilon.is_finite() => {
            let correctors = Descent::of(at).map(|d| d.correctors).unwrap_or_default();
            at.error_sizes(correctors.into_iter().filter(|c| !c.clean).map(|c| c.level))
        }
        Ok(_) => Holds::unknown("no finite bound of the error is known at some level", "a smaller error"),
    },
};

/// The largest `(E_{p_t} |e_t|^2)^{1/2}` of the levels at which the score is taken.
fn epsilon(at: &Instance) -> Result<Interval, String> {
    let descent = Descent::of(at)?;
    let seen = descent.correctors.iter().filter(|c| !c.clean).map(|c| at.epsilon_at(c.level));
    let along = path(at)?.0.steps.into_iter().map(|step| step.epsilon_squared.sqrt());
    Ok(seen.chain(along).fold(Interval::ZERO, Interval::max))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let descent = Descent::of(at)?;
    let (step, steps) = descent.corrector().ok_or("it takes no Langevin step")?;
    let time = count(steps) * step;
    let q = start_level(at)?.q;
    let constant = Interval::point((q * Interval::point(RHO).exp()).hi());
    // -1/q <= grad g <= -(1 - rho)/q.
    let most = Interval::point(at.dim() as f64) / q.sqr();
    let energy = match hessian_energy(&at_the_horizon(at)?) {
        (found, Holds::Yes) => Interval::point(found).min(most),
        _ => most,
    };
    let epsilon = Interval::point(epsilon(at)?.hi());
    let path = terms(at)?;
    // K_0 <= ln D = u V/(2 q) <= rho/2, as V <= R^2.
    let ln_ratio = Interval::point(RHO) * 0.5;
    let spread = (ln_ratio.exp() * time / 8.0).sqrt();
    let mixing = (ln_ratio * 0.5).sqrt() * (-(time / constant)).exp();
    let (error, lag) = (epsilon * spread, (Interval::point(step) * energy).sqrt() * spread);
    let (error_along, frozen) = (epsilon * (descent.length() * 0.5).sqrt(), (path.discretisation * 0.5).sqrt());
    let moved = warm_rounding(at)?;
    let terms = vec![
        ("mixing", mixing),
        ("corrector: error", error),
        ("corrector: discretisation", lag),
        ("reverse: error", error_along),
        ("sqrt(Disc/2)", frozen),
        ("start-rounding", moved),
        ("C", constant),
        ("G", energy),
        ("epsilon", epsilon),
        ("T2", time),
    ];
    Ok(Bound { value: mixing + error + lag + error_along + frozen + moved, terms })
}
