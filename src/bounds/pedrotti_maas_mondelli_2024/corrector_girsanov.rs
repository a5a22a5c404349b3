//! PMM-9a: inexact Langevin in TV from a warm start, by Girsanov's theorem.

use super::corrector::{DENSITY_RATIO, Warm, epsilon, lsi, time};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{LMC, LSI, SQUARE_INTEGRABLE};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws, tv_diffusion};
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_girsanov.md")]
pub static CORRECTOR_GIRSANOV: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/corrector-girsanov",
    labels: &["PMM-9a"],
    title: "the Langevin corrector in TV from a warm start, with an L2 error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/corrector_girsanov.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "tv-diffusion", measured: tv_diffusion },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, LSI, DENSITY_RATIO, SQUARE_INTEGRABLE],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy-tv", (1, 1))],
    draw: draws::corrector_girsanov,
};

/// PMM-9: `sqrt(K_0/2) e^{-T/C}` and `epsilon sqrt(D T/8)`.
#[must_use]
pub fn girsanov_tv(
    start: Interval,
    lsi: Interval,
    time: Interval,
    epsilon: Interval,
    density_ratio: Interval,
) -> [Interval; 2] {
    [(start * 0.5).sqrt() * (-(time / lsi)).exp(), epsilon * (density_ratio * time / 8.0).sqrt()]
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let warm = Warm::of(at)?;
    let (start, ratio) = (warm.kl(at)?, warm.ln_ratio.exp());
    let [mixing, score_error] = girsanov_tv(start, lsi(at), time(at)?, epsilon(at), ratio);
    Ok(Bound {
        value: mixing + score_error + warm.moved,
        terms: vec![
            ("mixing", mixing),
            ("score-error", score_error),
            ("start-rounding", warm.moved),
            ("density-ratio", ratio),
            ("kl-start", start),
        ],
    })
}
