//! PMM-10b: inexact LMC in W2, the score being Lipschitz.

use super::corrector::{
    HESSIAN_ENERGY, ONE_SCORE, ONE_SIDED, START_W2, contraction, epsilon, generator_size, hessian_energy,
};
use super::{REFERENCE, guarantee};
use crate::bounds::hypotheses::{LMC, SQUARE_INTEGRABLE, finite_constant};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Pair, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::scores::ScoreError;

/// At most so many steps are iterated.
const MOST_STEPS: u64 = 1 << 21;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_contraction.md")]
pub static LMC_CONTRACTION: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lmc-contraction",
    labels: &["PMM-10b"],
    title: "LMC in W2, with an L2 error",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lmc_contraction.md"),
    reference: REFERENCE,
    about: Quantity::Divergence(Pair::OutputTarget, Divergence::W2),
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LMC, ONE_SCORE, LIPSCHITZ, ONE_SIDED, SQUARE_INTEGRABLE, HESSIAN_ENERGY, START_W2],
    bound,
    profile: None,
    exponents: &[guarantee("epsilon", "accuracy-w2", (1, 1)), guarantee("step", "accuracy-w2", (1, 1))],
    draw: draws::lmc_contraction,
};

/// s is Lipschitz.
const LIPSCHITZ: Hypothesis = Hypothesis {
    says: "s is Lipschitz",
    holds: |at| {
        let jumps = |error: &ScoreError| !error.all_shapes(|shape| shape.lipschitz().is_finite());
        match &at.field.error {
            Some(error) if !at.is_exact() && jumps(error) => Holds::No("the error jumps".into()),
            _ if at.smoothness().is_finite() && !lipschitz(at).is_finite() => Holds::unknown(
                "no finite bound of its Lipschitz constant is known in double precision",
                "a smaller error",
            ),
            _ => finite_constant("L", &at.constants().lipschitz),
        }
    },
};

/// Lambda, from above.
fn lipschitz(at: &Instance) -> f64 {
    if at.is_exact() { at.smoothness() } else { at.score_lipschitz_at(at.level) }
}

/// What PMM-10b depends on besides the start and the number of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct W2Step {
    /// h.
    pub step: f64,
    /// m, from below.
    pub contraction: f64,
    /// Lambda, from above.
    pub lipschitz: f64,
    /// epsilon.
    pub epsilon: Interval,
    /// G, from above.
    pub energy: f64,
    /// Lg, from above.
    pub generator: f64,
}

impl W2Step {
    /// `rho = sqrt(1 - 2hm + h^2 Lambda^2)`.
    #[must_use]
    pub fn rho(&self) -> Interval {
        let h = Interval::point(self.step);
        (1.0 - 2.0 * h * self.contraction + (h * self.lipschitz).sqr()).max(Interval::ZERO).sqrt()
    }

    /// `b = min{h^2 Lg/2, (2/3) h^{3/2} sqrt G}`.
    #[must_use]
    pub fn drift(&self) -> Interval {
        let h = Interval::point(self.step);
        (h.sqr() * self.generator * 0.5).min(h * (h * self.energy).sqrt() * 2.0 / 3.0)
    }

    /// `(8/9) h^3 G`.
    #[must_use]
    pub fn spread(&self) -> Interval {
        Interval::point(self.step).powi(3) * self.energy * 8.0 / 9.0
    }

    /// `W_N` from `W_{k+1}^2 = (rho W_k + h epsilon + b)^2 + (8/9) h^3 G`.
    ///
    /// # Errors
    /// After more steps than are iterated, unless it settles before.
    pub fn after(&self, start: Interval, steps: u64) -> Result<Interval, String> {
        let (rho, spread) = (self.rho(), self.spread());
        let shift = self.epsilon * self.step + self.drift();
        let mut w = start;
        for _ in 0..steps.min(MOST_STEPS) {
            let next = ((rho * w + shift).sqr() + spread).sqrt();
            // Once it repeats it repeats for ever.
            if next == w {
                return Ok(w);
            }
            w = next;
        }
        match steps > MOST_STEPS {
            true => Err(format!("{steps} steps are too many to iterate the bound")),
            false => Ok(w),
        }
    }
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let start = at.between(Pair::StartTarget, Divergence::W2)?.value;
    let step = W2Step {
        step: at.lmc()?.step,
        contraction: contraction(at)?,
        lipschitz: lipschitz(at),
        epsilon: epsilon(at),
        energy: hessian_energy(at).0,
        generator: generator_size(at),
    };
    Ok(Bound {
        value: step.after(start, at.steps()?)?,
        terms: vec![
            ("rho", step.rho()),
            ("h-epsilon", step.epsilon * step.step),
            ("b", step.drift()),
            ("spread", step.spread()),
            ("m", step.contraction.into()),
            ("lambda", step.lipschitz.into()),
            ("G", step.energy.into()),
            ("Lg", step.generator.into()),
            ("w2-start", start),
        ],
    })
}
