//! HRX-7: what the error of a regression can do to the law of a path.

use super::REFERENCE;
use super::taught::{ENDS, LEARNED, OVER_TIMES, STOPS, about, computed, lesson};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::processes::Process;
use crate::scores::learned::{Norm, Part};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/amplification.md")]
pub static AMPLIFICATION: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/amplification",
    labels: &["HRX-7"],
    title: "the path-KL of a learned score is at most its squared error times the length of time and a(T_0)^2",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/amplification.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "learned-path-kl", measured },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, OVER_TIMES, STOPS, ENDS, ORNSTEIN_UHLENBECK],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::lessons::any,
};

/// g = 2.
const ORNSTEIN_UHLENBECK: Hypothesis = Hypothesis {
    says: "the process of the design is Ornstein-Uhlenbeck",
    holds: |at| match lesson(at).map(|lesson| lesson.task().design.process()) {
        Err(why) => Holds::No(why),
        Ok(Process::Ou) => Holds::Yes,
        Ok(_) => Holds::No("it is another".into()),
    },
};

fn square(at: &Instance, norm: Norm) -> Result<f64, String> {
    lesson(at)?.distance(Part::Total, norm).map(|size| size * size).map_err(|why| why.to_string())
}

/// `int_{T_0}^T a^2 |f_k - f_*|^2 dt` over the test set: g = 2.
fn measured(at: &Instance) -> Result<Measured, String> {
    let found = square(at, Norm::Score)?;
    Ok(computed(found, found))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let design = lesson(at)?.task().design.uniform_in_time();
    let (factor, error) = (design.path_kl_factor(), square(at, Norm::Regression)?);
    Ok(Bound { value: about(factor * error), terms: vec![("factor", about(factor)), ("mean square", about(error))] })
}
