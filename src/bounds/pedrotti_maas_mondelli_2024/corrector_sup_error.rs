//! PMM-5: inexact Langevin in KL, the error bounded everywhere.

use super::corrector::{lsi, start_kl, sup_epsilon, time};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{BOUNDED_ERROR, LMC, LSI, START_KL};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws, kl_diffusion};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_sup_error.md")]
pub static CORRECTOR_SUP_ERROR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/corrector-sup-error",
    labels: &["PMM-5"],
    title: "the Langevin corrector in KL, with a bounded error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_sup_error.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-diffusion", measured: kl_diffusion },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, LSI, BOUNDED_ERROR, START_KL],
    bound,
    profile: None,
    exponents: &[guarantee("sup-epsilon", "accuracy", (1, 2)), guarantee("sup-epsilon", "lsi", (-1, 2))],
    draw: draws::corrector_sup_error,
};

/// The two bounds of PMM-5 after a time T, for `|e| <= epsilon`:
///
/// ```text
/// ((sqrt K_0 - a)_+ e^{-T/C} + a)^2,   a = epsilon sqrt(C/2)
/// e^{-T/C} K_0 + (C/2) (1 - e^{-T/C}) epsilon^2
/// ```
#[must_use]
pub fn sup_error_kl(start: Interval, lsi: Interval, time: Interval, epsilon: Interval) -> [Interval; 2] {
    let pace = time / lsi;
    let floor = epsilon * (lsi * 0.5).sqrt();
    let above = (start.sqrt() - floor).max(Interval::ZERO);
    let root = ((-pace).exp() * above + floor).sqr();
    let linear = (-pace).exp() * start - (-pace).exp_m1() * floor.sqr();
    [root, linear]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (start, lsi, time, epsilon) = (start_kl(at)?, lsi(at), time(at)?, sup_epsilon(at));
    let [root, linear] = sup_error_kl(start, lsi, time, epsilon);
    let left = (-(time / lsi)).exp();
    Ok(Bound {
        value: root.min(linear),
        terms: vec![
            ("mixing", left * start),
            ("score-error", (1.0 - left) * lsi * epsilon.sqr() * 0.5),
            ("root", root),
            ("linear", linear),
            ("floor", lsi * epsilon.sqr() * 0.5),
        ],
    })
}
