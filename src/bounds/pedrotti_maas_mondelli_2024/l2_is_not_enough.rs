//! PMM-N: a tiny L2 error that a long corrector does not survive.

use super::{REFERENCE, chi2_of_start, poincare_upper};
use crate::bounds::general::count;
use crate::bounds::hypotheses::LMC;
use crate::bounds::lee_lu_tan_2022::{STANDARD_NORMAL, STARTS_AT_TARGET, far_from_target};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, as_kick, draws};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/l2_is_not_enough.md")]
pub static L2_IS_NOT_ENOUGH: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/l2-is-not-enough",
    labels: &["PMM-N"],
    title: "a tiny L2 error carries a long corrector away unless its score is truncated",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/l2_is_not_enough.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "1 - tv-diffusion", measured: far_from_target },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, STANDARD_NORMAL, STARTS_AT_TARGET, KICK_THROUGHOUT],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::trap,
};

/// The error is a kick, on in every step.
const KICK_THROUGHOUT: Hypothesis = Hypothesis {
    says: "e = A 1{v.x > B} v with A > 0, in every step",
    holds: |at| match (as_kick(at), at.lmc()) {
        (Err(why), _) | (_, Err(why)) => Holds::No(why),
        (Ok(_), Ok(lmc)) if lmc.clean_steps() > 0 => {
            Holds::No(format!("the error is off in {} steps", lmc.clean_steps()))
        }
        (Ok(kick), Ok(_)) => poincare_upper(&kick).map_or_else(Holds::No, |_| Holds::Yes),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (kick, lmc) = (as_kick(at)?, at.lmc()?);
    let time = count(lmc.steps) * lmc.step;
    let poincare = Interval::point(poincare_upper(&kick)?);
    let (stationary, start) = (kick.stationary_tv(), chi2_of_start(&kick));
    let left = start.sqrt() * (-time / poincare).exp() * 0.5;
    Ok(Bound {
        value: 1.0 - stationary + left,
        terms: vec![
            ("tv-stationary", stationary),
            ("not-yet-there", left),
            ("epsilon", kick.epsilon()),
            ("poincare", poincare),
            ("chi2-start", start),
            ("time", time),
        ],
    })
}
