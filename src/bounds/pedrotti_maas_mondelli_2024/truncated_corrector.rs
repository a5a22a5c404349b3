//! PMM-8: the truncated corrector in KL, from an L2 error alone.

use super::REFERENCE;
use super::truncated::{BOUNDED_SUPPORT, SEPARATE, TRUNCATED, WIDE_ENOUGH, bounded_lsi, ln_growth, parts};
use crate::bounds::general::count;
use crate::bounds::hypotheses::{SQUARE_INTEGRABLE, START_KL};
use crate::bounds::{Bound, Claim, Exponent, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::samplers::{Drift, Program};

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_corrector.md")]
pub static TRUNCATED_CORRECTOR: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/truncated-corrector",
    labels: &["PMM-8"],
    title: "the corrector with a truncated score in KL, from an L2 error alone",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_corrector.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "kl-diffusion", measured: kl_of_diffusion },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[TRUNCATED, BOUNDED_SUPPORT, WIDE_ENOUGH, SEPARATE, SQUARE_INTEGRABLE, START_KL],
    bound,
    profile: None,
    exponents: &[Exponent { of: "kl-diffusion", in_: "epsilon", power: (2, 1), claim: Claim::Guarantee }],
    draw: draws::truncated_corrector,
};

/// The same chain with half the step and twice the steps.
fn halved(program: &Program) -> Program {
    let mut program = program.clone();
    for block in &mut program.blocks {
        if let Drift::Score { b, .. } = &mut block.kernel.drift {
            *b *= 0.5;
        }
        block.kernel.noise *= std::f64::consts::FRAC_1_SQRT_2;
        block.repeat *= 2;
    }
    program
}

/// `KL(q_T, p)` of the diffusion: the chain at h/2, with twice its distance from the one at h as an open term, which is twice
/// what a first-order error leaves.
fn kl_of_diffusion(at: &Instance) -> Result<Measured, String> {
    let coarse = at.divergence(Divergence::Kl)?;
    let fine = at.with_program(halved(&at.program)).divergence(Divergence::Kl)?;
    let gap = 2.0 * (fine.value - coarse.value).magnitude();
    let why = "twice the distance of the chains at h and h/2; a proved O(h) bound would close it";
    let ledger = Ledger::new().and(&fine.ledger).open(Source::Discretisation, gap, why);
    Ok(Measured::enclosed(fine.value.widen(gap), ledger).clamped(0.0, f64::INFINITY))
}

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
