//! LLT-2: the bad set of a score error.

use super::{REFERENCE, chebyshev, guarantee};
use crate::bounds::hypotheses::SQUARE_INTEGRABLE;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Measured};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/chebyshev.md")]
pub static CHEBYSHEV: Theorem = Theorem {
    id: "lee-lu-tan-2022/chebyshev",
    labels: &["LLT-2"],
    title: "a small mean-square error exceeds a threshold on a small set only",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/chebyshev.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "probability", measured: mass },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[TAKEN, SQUARE_INTEGRABLE, WITH_ERROR],
    bound,
    profile: None,
    exponents: &[guarantee("threshold", "mass", (-1, 2)), guarantee("threshold", "epsilon", (1, 1))],
    draw: draws::any_error,
};

/// The statement speaks of the error at the level of the instance.
const TAKEN: Hypothesis =
    Hypothesis { says: "the sampler takes a score at the level of p", holds: Instance::takes_score };

/// The statement is empty without an error.
const WITH_ERROR: Hypothesis = Hypothesis {
    says: "the error is not 0",
    holds: |at| match at.epsilon() {
        epsilon if epsilon.lo() > 0.0 => Holds::Yes,
        _ if at.is_exact() => Holds::No("epsilon = 0".into()),
        epsilon => {
            Holds::unknown(format!("epsilon is between 0 and {:e}", epsilon.hi()), "a positive lower bound of it")
        }
    },
};

/// The tau at which the statement is judged: `sqrt(epsilon sup|e|)`, or `2 epsilon` for an unbounded error.
fn threshold(at: &Instance) -> f64 {
    let (epsilon, sup) = (at.epsilon().hi(), at.error_sup());
    if sup.is_finite() { (epsilon * sup).sqrt() } else { 2.0 * epsilon }
}

/// `p(|e| > tau)`; of an error whose size is not proved, all that is known of it is known from that size.
fn mass(at: &Instance) -> Result<Measured, String> {
    let found = Measured::exact(at.exceedance(threshold(at))?);
    Ok(match at.epsilon_evidence_at(at.level).filter(|evidence| !evidence.is_proved()) {
        Some(evidence) => Measured { evidence, ..found },
        None => found,
    })
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let tau = Interval::point(threshold(at));
    Ok(Bound { value: chebyshev(at.epsilon(), tau), terms: vec![("epsilon", at.epsilon()), ("tau", tau)] })
}
