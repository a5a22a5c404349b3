//! PMM-8: the truncated corrector in KL, from an L2 error alone.

use super::REFERENCE;
use super::truncated::{BOUNDED_SUPPORT, SEPARATE, TRUNCATED, WIDE_ENOUGH, bounded_lsi, ln_growth, parts};
use crate::bounds::general::count;
use crate::bounds::hypotheses::{SQUARE_INTEGRABLE, START_KL};
use crate::bounds::{Bound, Claim, Exponent, Instance, Pair, Quantity, Relation, Theorem, draws, kl_diffusion};
use crate::divergences::Divergence;
use crate::numerics::Interval;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_corrector.md")]
pub static TRUNCATED_CORRECTOR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/truncated-corrector",
    labels: &["PMM-8"],
    title: "the corrector with a truncated score in KL, from an L2 error alone",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_corrector.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-diffusion", measured: kl_diffusion },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[TRUNCATED, BOUNDED_SUPPORT, WIDE_ENOUGH, SEPARATE, SQUARE_INTEGRABLE, START_KL],
    bound,
    profile: None,
    exponents: &[Exponent { of: "kl-diffusion", in_: "epsilon", power: (2, 1), claim: Claim::Guarantee }],
    draw: draws::truncated_corrector,
};

/// `e^{-T/(2C)} K_0 + ln(1 + eps^2 (e^{4 C B^2} - 1)/(4 B^2))`, the last term summed over what is truncated by itself.
fn bound(at: &Instance) -> Result<Bound, String> {
    let (lmc, t) = at.truncated_lmc()?;
    let time = count(lmc.steps) * lmc.step;
    let constant = Interval::point(bounded_lsi(t).hi());
    let start = at.between(Pair::StartTarget, Divergence::Kl)?.value;
    let left = (-time / constant / 2.0).exp() * start;
    let bias: Interval =
        parts(at)?.iter().map(|p| ln_growth(p.square, t.bound(), constant, None) * p.copies as f64).sum();
    Ok(Bound {
        value: left + bias,
        terms: vec![
            ("start", left),
            ("error", bias),
            ("epsilon", at.epsilon()),
            ("C", constant),
            ("T", time),
            ("kl-start", start),
        ],
    })
}
