//! What a program or an error is, in the words of the theorems.

use super::Instance;
use super::lee_lu_tan_2022::{Kick, SecondMode};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::samplers::{Drift, Program};
use crate::targets::{Covariance, Density, Gaussian};

/// A program that is Langevin Monte Carlo: `steps` times `x <- x + h s(x) + sqrt(2h) xi` at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Lmc {
    /// h.
    pub step: f64,
    /// N.
    pub steps: u64,
    /// Runs of steps with a common switch: (the error is off, number of steps), first step first.
    pub runs: Vec<(bool, u64)>,
}

impl Lmc {
    /// In how many steps the error is off.
    #[must_use]
    pub fn clean_steps(&self) -> u64 {
        self.runs.iter().filter(|(clean, _)| *clean).map(|(_, n)| n).sum()
    }
}

/// Reads a program as Langevin Monte Carlo at `level`.
///
/// # Errors
/// What makes it something else.
pub fn as_lmc(program: &Program, level: NoiseLevel) -> Result<Lmc, String> {
    let mut found: Option<Lmc> = None;
    for block in &program.blocks {
        let Drift::Score { a_minus_one, b: step, at } = block.kernel.drift else {
            return Err("a step is no Langevin step".into());
        };
        if a_minus_one != 0.0 {
            return Err(format!("a step multiplies x by {}", 1.0 + a_minus_one));
        }
        let noise = (2.0 * step).sqrt();
        // The kernel's square root and ours may differ by rounding.
        if !(step > 0.0 && (block.kernel.noise - noise).abs() <= 4.0 * f64::EPSILON * noise) {
            return Err(format!("a step of size {step:e} adds noise {:e}, not sqrt(2h)", block.kernel.noise));
        }
        if at.truncated {
            return Err("the score is truncated, and its error is another one than that of the score".into());
        }
        if at.level != level {
            return Err("a step asks for the score at another noise level than the target's".into());
        }
        match &mut found {
            None => found = Some(Lmc { step, steps: block.repeat, runs: vec![(at.clean, block.repeat)] }),
            Some(lmc) if lmc.step != step => {
                return Err(format!("the step changes from {:e} to {step:e}", lmc.step));
            }
            Some(lmc) => {
                lmc.steps += block.repeat;
                lmc.runs.push((at.clean, block.repeat));
            }
        }
    }
    found.ok_or_else(|| "the program has no steps".into())
}

/// A law as `N(0, variance I)`, or what it is instead.
fn centred_isotropic(law: &Gaussian) -> Result<f64, String> {
    if law.mean.iter().any(|&m| m != 0.0) {
        return Err("its mean is not 0".into());
    }
    match &law.cov {
        Covariance::Isotropic(v) => Ok(*v),
        Covariance::Diagonal(v) if v.iter().all(|x| *x == v[0]) => Ok(v[0]),
        Covariance::Dense(c) if c.is_identity(0.0) => Ok(1.0),
        Covariance::Dense(c) if c.nrows() == 1 => Ok(c[(0, 0)]),
        _ => Err("its covariance is not a multiple of the identity".into()),
    }
}

/// The variance of a law that is `N(0, v I)`.
///
/// # Errors
/// What it is instead.
pub fn centred_variance(law: &Density) -> Result<f64, String> {
    match law {
        Density::Gaussian(gaussian) => centred_isotropic(gaussian),
        Density::Product(product) => {
            let mut all = product.factors.iter().map(|(factor, _)| centred_variance(factor));
            let first = all.next().ok_or("it has no factors")??;
            if all.all(|v| v == Ok(first)) { Ok(first) } else { Err("its factors differ".into()) }
        }
        // A mixture of one component is a Gaussian: a single point under noise is.
        Density::Mixture(_) => {
            law.as_gaussian().map_or_else(|| Err("it is a mixture".into()), |gaussian| centred_isotropic(&gaussian))
        }
    }
}

/// The error as the smooth counterexample of LLT-7a: a logistic step of height m and width 1/m, seen in every step.
///
/// # Errors
/// What it is instead.
pub fn as_second_mode(at: &Instance) -> Result<SecondMode, String> {
    let shape = at.error_shape().ok_or("the score is exact")?;
    let step = shape.across_hyperplane().ok_or("the error is not a step across a hyperplane")?;
    let height = at.amplitude();
    if step.edge <= 0.0 {
        return Err("the error jumps (edge = 0)".into());
    }
    let product = height * step.edge;
    // Amplitude and edge are both rounded numbers: m and 1/m agree to a few units in the last place.
    if (product - 1.0).abs() > 1e-14 {
        return Err(format!("amplitude times edge is {product}, not 1"));
    }
    // The statement is about one diffusion: the score is the mixture's in every step.
    let lmc = at.lmc()?;
    let clean = lmc.clean_steps();
    if clean > 0 {
        return Err(format!("the error is switched off in {clean} of {} steps", lmc.steps));
    }
    Ok(SecondMode::with_threshold(Interval::point(height), Interval::point(step.threshold)))
}

/// The error as the kick of LLT-7b: `A 1{v.x > R}`.
///
/// # Errors
/// What it is instead.
pub fn as_kick(at: &Instance) -> Result<Kick, String> {
    let shape = at.error_shape().ok_or("the score is exact")?;
    let step = shape.across_hyperplane().ok_or("the error is not a step across a hyperplane")?;
    if step.edge != 0.0 {
        return Err("the error is smooth (edge > 0)".into());
    }
    let height = at.amplitude();
    if height <= 0.0 {
        return Err(format!("its amplitude is {height:e}"));
    }
    Ok(Kick { height: height.into(), threshold: step.threshold.into() })
}
