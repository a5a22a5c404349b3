//! PMM-9b: inexact LMC in TV from a warm start, by Girsanov's theorem.

use super::corrector::{DENSITY_RATIO, HESSIAN_ENERGY, Warm, epsilon, hessian_energy, lsi, time};
use super::{REFERENCE, girsanov_tv, guarantee};
use crate::bounds::hypotheses::{LMC, LSI, SQUARE_INTEGRABLE};
use crate::bounds::{Bound, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_girsanov.md")]
pub static LMC_GIRSANOV: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lmc-girsanov",
    labels: &["PMM-9b"],
    title: "LMC in TV from a warm start, with an L2 error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_girsanov.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::Tv),
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, LSI, DENSITY_RATIO, SQUARE_INTEGRABLE, HESSIAN_ENERGY],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy-tv", (1, 1)), guarantee("step", "accuracy-tv", (2, 1))],
    draw: draws::lmc_girsanov,
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let warm = Warm::of(at)?;
    let (start, ratio, time) = (warm.kl(at)?, warm.ln_ratio.exp(), time(at)?);
    let energy = Interval::point(hessian_energy(at).0);
    let lag = (Interval::point(at.lmc()?.step) * energy).sqrt();
    let [mixing, score_error] = girsanov_tv(start, lsi(at), time, epsilon(at), ratio);
    let discretisation = girsanov_tv(start, lsi(at), time, lag, ratio)[1];
    Ok(Bound {
        value: mixing + score_error + discretisation + warm.moved,
        terms: vec![
            ("mixing", mixing),
            ("score-error", score_error),
            ("discretisation", discretisation),
            ("start-rounding", warm.moved),
            ("density-ratio", ratio),
            ("kl-start", start),
            ("G", energy),
        ],
    })
}
