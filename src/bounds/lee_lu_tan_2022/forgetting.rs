//! LLT-17: how much of an error at one level survives on a Gaussian.

use super::REFERENCE;
use crate::bounds::{Bound, Family, Holds, Hypothesis, Instance, Move, Quantity, Relation, Theorem, draws};
use crate::laws::{GaussianLaw, Law};
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::samplers::Scheme;
use crate::targets::{Covariance, Density, Gaussian};

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/forgetting.md")]
pub static FORGETTING: Theorem = Theorem {
    id: "lee-lu-tan-2022/forgetting",
    labels: &["LLT-17"],
    title: "an error at one level on a Gaussian: how much of it survives predictor and corrector",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/forgetting.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mean-shift", measured: mean_shift },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[VE_LEVELS, DIAGONAL, CONSTANT_ERROR, ONE_LEVEL],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::one_level_error,
};

/// The sampler follows the levels of VE.
const VE_LEVELS: Hypothesis = Hypothesis {
    says: "the sampler takes VE predictor steps, and Langevin steps at levels it passes",
    holds: |at| way(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The target is a Gaussian with independent coordinates.
const DIAGONAL: Hypothesis = Hypothesis {
    says: "p = N(m, S) with S diagonal",
    holds: |at| variances_at(at, at.level).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The error does not depend on x.
const CONSTANT_ERROR: Hypothesis = Hypothesis {
    says: "e(x) = b u does not depend on x",
    holds: |at| match &at.field.error {
        _ if at.has_constant_error() => Holds::Yes,
        Some(_) => Holds::No("it depends on x".into()),
        None => Holds::No("the score is exact".into()),
    },
};

/// The error is seen once.
const ONE_LEVEL: Hypothesis = Hypothesis {
    says: "one predictor step sees the error, and no other step does",
    holds: |at| seen_once(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The moves, if they are VE predictor steps and Langevin steps.
fn way(at: &Instance) -> Result<&[Move], String> {
    let route = at.route()?;
    if route.family != Family::Ve {
        return Err("its levels shrink the data: they are not VE's".into());
    }
    match route.scheme()? {
        Scheme::EulerMaruyama => Ok(&route.moves),
        other => Err(format!("its steps are `{other}`")),
    }
}

/// The number of the move that sees the error.
fn seen_once(at: &Instance) -> Result<usize, String> {
    let sees = |step: &Move| match step {
        Move::Predict(p) => !p.clean && at.amplitude_at(p.from) != 0.0,
        Move::Correct(c) => !c.clean && at.amplitude_at(c.level) != 0.0,
        Move::Flow(f) => !f.clean && at.amplitude_at(f.from) != 0.0,
    };
    let moves = way(at)?;
    let mut seen = moves.iter().enumerate().filter(|(_, step)| sees(step));
    match (seen.next(), seen.next()) {
        (None, _) => Err("no step sees it".into()),
        (Some((k, Move::Predict(_))), None) => Ok(k),
        (Some((_, Move::Correct(_))), None) => Err("Langevin steps see it".into()),
        (Some((_, Move::Flow(_))), None) => Err("a step without noise sees it".into()),
        (Some(_), Some(_)) => Err("several steps see it".into()),
    }
}

/// The variances of the coordinates of p at a level.
fn variances_at(at: &Instance, level: NoiseLevel) -> Result<Vec<Interval>, String> {
    match at.density_at(level)? {
        Density::Gaussian(law) => diagonal(&law),
        Density::Mixture(_) => Err("it is a mixture".into()),
        Density::Product(_) => Err("it is given as a product".into()),
    }
}

fn diagonal(law: &Gaussian) -> Result<Vec<Interval>, String> {
    match &law.cov {
        Covariance::Isotropic(v) => Ok(vec![law.enclosed(*v); law.dim()]),
        Covariance::Diagonal(v) => Ok(v.iter().map(|v| law.enclosed(*v)).collect()),
        Covariance::Dense(_) => Err("its coordinates are correlated".into()),
    }
}

/// `|2 h_k b prod_{j > k} (1 - 2 h_j/(S + 2 tau_j)) prod (1 - h_c/(S + 2 tau_c))^{N_c}|`.
fn bound(at: &Instance) -> Result<Bound, String> {
    let (moves, k) = (way(at)?, seen_once(at)?);
    let Move::Predict(seen) = &moves[k] else { return Err("a Langevin step sees the error".into()) };
    let error = at.field.error.as_ref().and_then(|e| e.shape()?.affine()).ok_or("the error depends on x")?;
    let injected = 2.0 * seen.h * at.amplitude_at(seen.from);
    let direction = error.offset.iter().map(|&u| Interval::around(u, error.offset_error));
    let mut shift: Vec<Interval> = direction.map(|u| injected * u).collect();
    let first = norm(&shift);
    let (mut by_predictor, mut by_corrector) = (vec![Interval::ONE; shift.len()], vec![Interval::ONE; shift.len()]);
    for step in &moves[k + 1..] {
        match step {
            Move::Predict(p) => {
                for (left, v) in by_predictor.iter_mut().zip(variances_at(at, p.from)?) {
                    *left *= 1.0 - 2.0 * p.h / v;
                }
            }
            Move::Correct(c) => {
                let steps = i32::try_from(c.steps).map_err(|_| format!("{} Langevin steps are too many", c.steps))?;
                for (left, v) in by_corrector.iter_mut().zip(variances_at(at, c.level)?) {
                    *left *= (1.0 - c.step / v).powi(steps);
                }
            }
            Move::Flow(f) => return Err(format!("the step at sigma = {:.4e} adds no noise", f.from.sigma)),
        }
    }
    let predicted: Vec<Interval> = shift.iter().zip(&by_predictor).map(|(x, left)| *x * *left).collect();
    for (x, left) in shift.iter_mut().zip(by_predictor.iter().zip(&by_corrector)) {
        *x *= *left.0 * *left.1;
    }
    Ok(Bound { value: norm(&shift), terms: vec![("injected", first), ("predictor-only", norm(&predicted))] })
}

fn norm(x: &[Interval]) -> Interval {
    x.iter().map(|x| x.sqr()).sum::<Interval>().sqrt()
}

/// `|E q_N - E q_N^0|`.
fn mean_shift(at: &Instance) -> Result<Measured, String> {
    let (output, twin) = (means(at.output()?)?, means(at.twin()?)?);
    let apart: Vec<Interval> = output.iter().zip(&twin).map(|(a, b)| *a - *b).collect();
    Ok(Measured::exact(norm(&apart)))
}

/// The enclosed mean of a law made of Gaussian laws with independent coordinates.
fn means(law: &Law) -> Result<Vec<Interval>, String> {
    match law {
        Law::Gaussian(GaussianLaw::Independent(law)) => Ok(law.mean.clone()),
        Law::Product(factors) => {
            let mut all = Vec::with_capacity(law.dim());
            for (factor, copies) in factors {
                let own = means(factor)?;
                (0..*copies).for_each(|_| all.extend_from_slice(&own));
            }
            Ok(all)
        }
        _ => Err("the mean is enclosed for Gaussian laws with independent coordinates only".into()),
    }
}
