//! PMM-6: inexact Langevin in KL, an exponential moment of the error being finite.

use super::corrector::{lsi, start_kl, time};
use super::mgf::{MOMENT, best_lambda, finite_moments, mgf_kl};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{LMC, LSI, START_KL};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws, kl_diffusion};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_mgf_error.md")]
pub static CORRECTOR_MGF_ERROR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/corrector-mgf-error",
    labels: &["PMM-6"],
    title: "the Langevin corrector in KL, with an error that has an exponential moment",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_mgf_error.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-diffusion", measured: kl_diffusion },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, LSI, MOMENT, START_KL],
    bound,
    profile: None,
    exponents: &[guarantee("mgf-epsilon", "accuracy", (1, 2)), guarantee("mgf-epsilon", "lsi", (-1, 2))],
    draw: draws::corrector_mgf_error,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let (start, lsi, time) = (start_kl(at)?, lsi(at), time(at)?);
    let moments = finite_moments(at)?;
    let search = |&moment| (best_lambda(start.hi(), lsi.hi(), time.hi(), moment), moment);
    let best = moments.iter().map(search).min_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let ((_, lambda), moment) = best.ok_or("no exponential moment is known to be finite")?;
    let [mixing, score_error] = mgf_kl(start, lsi, time, moment, lambda).ok_or("no lambda makes the rate positive")?;
    // lambda = 1/2, r = C: e^{-T/(2C)} K_0 + C epsr^2 (1 - e^{-T/(2C)}).
    let first = moments.first().filter(|m| m.r == lsi.hi());
    let plain = first.and_then(|&m| mgf_kl(start, lsi, time, m, 0.5)).map_or(Interval::INFINITY, |[a, b]| a + b);
    Ok(Bound {
        value: (mixing + score_error).min(plain),
        terms: vec![
            ("mixing", mixing),
            ("score-error", score_error),
            ("lambda", lambda.into()),
            ("r", moment.r.into()),
            ("epsr-squared", moment.square),
            ("plain", plain),
        ],
    })
}
