//! PMM-4c: how long the forward process must run until the log-Sobolev constant is about 1.

use super::noised::{START_LEVEL, data, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::lee_lu_tan_2022::{at_most, lower_bound};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

/// rho: the bound is `e^rho` times a variance.
const RHO: f64 = 0.5;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_horizon_rule.md")]
pub static LSI_HORIZON_RULE: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-horizon-rule",
    labels: &["PMM-4c"],
    title: "a horizon of ln R + O(1) makes the log-Sobolev constant at most e^(1/2)",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_horizon_rule.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "lsi-least",
        measured: |at| lower_bound(constants::lsi_least(&at.density_at(start_level(at)?.asked)?)?),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, BALL, LATE],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "radius", (1, 1)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::late_in_a_ball,
};

/// `T1 = (1/2) ln(1 + R^2/rho)`, after which `u R^2/q <= rho`.
#[must_use]
pub fn horizon_for(radius_sqr: Interval, rho: f64) -> Interval {
    (radius_sqr / rho).ln_1p() * 0.5
}

/// R^2 from above and the largest eigenvalue of `u S + q I`, the largest ones of independent factors.
fn ball(at: &Instance) -> Result<(Interval, Interval), String> {
    let level = start_level(at)?;
    let balls = constants::balls(&at.density_at(level.asked)?)?;
    // |S_t^{-1/2} a m|^2 >= u |m|^2/lambda_max(S_t).
    let radius_sqr =
        balls.iter().map(|ball| ball.radius_sqr * ball.variance / level.u).fold(Interval::ZERO, Interval::max);
    let variance = balls.iter().map(|ball| ball.variance).fold(Interval::ZERO, Interval::max);
    Ok((radius_sqr, variance))
}

/// What there being no ball means for a hypothesis.
fn without(at: &Instance, why: String) -> Holds {
    match start_level(at) {
        Ok(level) => at.without_closed_form(level.asked, why),
        Err(why) => Holds::No(why),
    }
}

const BALL: Hypothesis = Hypothesis {
    says: "X = M + N, M in a ball, N Gaussian and independent of M",
    holds: |at| ball(at).map_or_else(|why| without(at, why), |_| Holds::Yes),
};

const LATE: Hypothesis = Hypothesis {
    says: "T1 >= (1/2) ln(1 + 2 R^2)",
    holds: |at| match (ball(at), start_level(at)) {
        (_, Err(why)) => Holds::No(why),
        (Err(why), _) => without(at, why),
        (Ok((radius_sqr, _)), Ok(level)) => {
            let (needed, time) = (horizon_for(radius_sqr, RHO), level.time);
            // The radius of the ball is known from above; two means that are 2r apart lie in none of a smaller radius.
            let least = data(at).map_or(0.0, |data| horizon_for(data.half_diameter_sqr().into(), RHO).lo());
            if time.lo() >= needed.hi() {
                Holds::Yes
            } else if time.hi() < least {
                Holds::No(format!("T1 = {:.6}, needed at least {least:.6}", time.hi()))
            } else {
                Holds::unknown(format!("T1 = {:.6}, enough is {:.6}", time.mid(), needed.hi()), "a little more time")
            }
        }
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (radius_sqr, variance) = ball(at)?;
    let growth = Interval::point(RHO).exp();
    let needed = horizon_for(radius_sqr, RHO);
    let terms =
        vec![("T1", start_level(at)?.time), ("T1 needed", needed), ("R^2", radius_sqr), ("lambda-max", variance)];
    Ok(at_most((variance * growth).hi(), terms))
}
