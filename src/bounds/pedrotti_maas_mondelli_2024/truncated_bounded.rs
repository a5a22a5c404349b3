//! PMM-8a: truncation turns an L2 error into an exponential one, for bounded supports.

use super::REFERENCE;
use super::truncated::{
    BOUNDED_SUPPORT, SEPARATE, TRUNCATED, WIDE_ENOUGH, bounded_lsi, ln_growth, measured, parts, truncation,
};
use crate::bounds::hypotheses::SQUARE_INTEGRABLE;
use crate::bounds::{Bound, Claim, Exponent, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_bounded.md")]
pub static TRUNCATED_BOUNDED: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/truncated-bounded",
    labels: &["PMM-8a"],
    title: "truncation makes an L2 error exponentially integrable (bounded support)",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_bounded.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "exponential-error",
        measured: |at| measured(at, bounded_lsi(truncation(at)?).mid()),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[TRUNCATED, BOUNDED_SUPPORT, WIDE_ENOUGH, SEPARATE, SQUARE_INTEGRABLE],
    bound,
    profile: None,
    exponents: &[Exponent { of: "exponential-error", in_: "epsilon", power: (2, 1), claim: Claim::Guarantee }],
    draw: draws::truncated_bounded,
};

/// `eps_r(e~)^2 <= (1/r) ln(1 + eps^2 (e^{4 r B^2} - 1)/(4 B^2))`.
#[must_use]
pub fn truncated_error_bounded(square: Interval, bound: f64, r: f64) -> Interval {
    ln_growth(square, bound, r.into(), None) / r
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let t = truncation(at)?;
    let r = bounded_lsi(t).mid();
    let one = |part: &super::truncated::Part| truncated_error_bounded(part.square, t.bound(), r) * part.copies as f64;
    Ok(Bound {
        value: parts(at)?.iter().map(one).sum(),
        terms: vec![
            ("epsilon", at.epsilon()),
            ("r", r.into()),
            ("bound", t.bound().into()),
            ("least-bound", t.least_bound()),
            ("4rB^2", Interval::point(t.bound()).sqr() * 4.0 * r),
        ],
    })
}
