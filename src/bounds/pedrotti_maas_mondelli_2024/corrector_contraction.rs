//! PMM-10a: inexact Langevin in W2, the score being one-sided Lipschitz.

use super::corrector::{ONE_SCORE, ONE_SIDED, START_W2, contraction, epsilon, time};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{LMC, SQUARE_INTEGRABLE};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws, w2_diffusion};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_contraction.md")]
pub static CORRECTOR_CONTRACTION: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/corrector-contraction",
    labels: &["PMM-10a"],
    title: "the Langevin corrector in W2, with an L2 error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_contraction.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-diffusion", measured: w2_diffusion },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, ONE_SCORE, ONE_SIDED, SQUARE_INTEGRABLE, START_W2],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy-w2", (1, 1)), guarantee("epsilon", "contraction", (1, 1))],
    draw: draws::corrector_contraction,
};

/// PMM-10a: `e^{-mT} W_0` and `epsilon (1 - e^{-mT})/m`, which is `epsilon T` for m = 0.
#[must_use]
pub fn contraction_w2(start: Interval, m: f64, time: Interval, epsilon: Interval) -> [Interval; 2] {
    let exponent = -(time * m);
    let length = if m == 0.0 { time } else { -exponent.exp_m1() / m };
    [exponent.exp() * start, epsilon * length]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (start, m) = (at.between(Pair::StartTarget, Divergence::W2)?.value, contraction(at)?);
    let [mixing, score_error] = contraction_w2(start, m, time(at)?, epsilon(at));
    Ok(Bound {
        value: mixing + score_error,
        terms: vec![("mixing", mixing), ("score-error", score_error), ("m", m.into()), ("w2-start", start)],
    })
}
