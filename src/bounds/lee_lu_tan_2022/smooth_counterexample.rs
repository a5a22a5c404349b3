//! LLT-7a: a smooth score with tiny L2 error and a wrong stationary law.

use super::{REFERENCE, SecondMode};
use crate::bounds::general::count;
use crate::bounds::hypotheses::{LMC, finite_constant};
use crate::bounds::{
    Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, as_second_mode, centred_variance, draws,
    tv_diffusion,
};
use crate::laws::Start;
use crate::numerics::Measured;
use crate::processes::NoiseLevel;
use crate::scores::errors::Window;
use crate::scores::{Damaged, Direction, ScoreError};
use crate::targets::{Constant, Density, Gaussian, Mixture, Target};
use std::sync::Arc;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/smooth_counterexample.md")]
pub static SMOOTH_COUNTEREXAMPLE: Theorem = Theorem {
    id: "lee-lu-tan-2022/smooth-counterexample",
    labels: &["LLT-7a"],
    title: "a smooth score with tiny L2 error and a wrong stationary law",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/smooth_counterexample.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "1 - tv-diffusion", measured: far_from_target },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LMC, STANDARD_NORMAL, STARTS_AT_TARGET, SECOND_MODE, POINCARE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::second_mode,
};

/// p = N(0, I); shared with LLT-7b and PMM-N.
pub(in crate::bounds) const STANDARD_NORMAL: Hypothesis = Hypothesis {
    says: "p = N(0, I)",
    holds: |at| match at.density().and_then(|p| centred_variance(&p)) {
        Ok(1.0) => Holds::Yes,
        Ok(variance) => Holds::No(format!("p = N(0, {variance} I)")),
        Err(why) => Holds::No(why),
    },
};

/// q_0 = p.
pub(in crate::bounds) const STARTS_AT_TARGET: Hypothesis = Hypothesis {
    says: "q_0 = p",
    holds: |at| match &at.start {
        Start::Density(start) => match centred_variance(start) {
            Ok(1.0) => Holds::Yes,
            Ok(variance) => Holds::No(format!("q_0 = N(0, {variance} I)")),
            Err(why) => Holds::No(why),
        },
        Start::Points(_) | Start::Box(_) | Start::Product(_) => Holds::No("q_0 has atoms, or jumps".into()),
    },
};

/// The error is that of a mixture score.
const SECOND_MODE: Hypothesis = Hypothesis {
    says: "s is the score of (1-w) N(0, I) + w N(m v, I): a logistic step of height m and width 1/m, in every step",
    holds: |at| as_second_mode(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// C_P(r) is finite, as it is for every mixture of two Gaussians; it may be known numerically only.
const POINCARE: Hypothesis = Hypothesis {
    says: "C_P(r) < inf",
    holds: |at| match as_second_mode(at).and_then(|example| poincare(&example)) {
        Err(why) => Holds::No(why),
        Ok(constant) => finite_constant("C_P(r)", &constant),
    },
};

/// The same situation along v: in all other directions the diffusion starts at N(0, I), sees the score of N(0, I) and stays,
/// so `TV(q_T, p)` is that of the coordinate along v.
fn along(at: &Instance) -> Result<Instance, String> {
    let error = at.field.error.as_ref().ok_or("the score is exact")?;
    let step = error
        .shape()
        .and_then(|shape| shape.across_hyperplane())
        .ok_or("the error is not a step across a hyperplane")?;
    let shape = Window { direction: Direction::axis(1, 0), lo: step.threshold, hi: None, edge: step.edge };
    let normal = Density::Gaussian(Gaussian::scalar(0.0, 1.0).map_err(|e| e.to_string())?);
    let target: Arc<dyn Target> = Arc::new(normal.clone());
    let error = ScoreError::new(Arc::new(shape), error.levels.clone());
    let field = Arc::new(Damaged { target: Arc::clone(&target), error: Some(error), truncation: None });
    Ok(Instance::new(target, at.level, Start::Density(normal), field, at.program.clone(), at.settings))
}

/// `1 - TV(q_T, p)` of the diffusion.
pub(in crate::bounds) fn far_from_target(at: &Instance) -> Result<Measured, String> {
    let near = tv_diffusion(&along(at)?)?;
    Ok(Measured { value: 1.0 - near.value, ..near }.clamped(0.0, 1.0))
}

/// The Poincare constant of r.
fn poincare(example: &SecondMode) -> Result<Constant, String> {
    let weight = example.weight().mid();
    let weights = [1.0 - weight, weight];
    let mixture = Mixture::scalar(&weights, &[0.0, example.distance.mid()], &[1.0, 1.0]).map_err(|e| e.to_string())?;
    Ok(mixture.constants(NoiseLevel::DATA).poincare)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (example, lmc) = (as_second_mode(at)?, at.lmc()?);
    let time = count(lmc.steps) * lmc.step;
    // A little is added for the rounding of the weight that the mixture is built with.
    let poincare = poincare(&example)?.value.hi() * (1.0 + 1e-9);
    let stationary = example.stationary_tv();
    let left = example.distance_to_stationary(time, poincare.into());
    Ok(Bound {
        value: 1.0 - stationary + left,
        terms: vec![
            ("tv-stationary", stationary),
            ("not-yet-there", left),
            ("poincare", poincare.into()),
            ("epsilon-upper", example.epsilon_upper()),
        ],
    })
}
