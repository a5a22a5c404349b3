//! Quantities along a chain: the mean square of the error and chi-squared, step by step where the engine can.

use super::Instance;
use super::general::{Geometric, count};
use super::lee_lu_tan_2022::{PathError, best_chi2_parameters, chi2_step, excess_mass, excess_mass_sum};
use super::mean_square::{mean_square_upper, under_gaussian};
use crate::divergences::Divergence;
use crate::laws::{DenseGaussian, Law, plan};
use crate::numerics::Interval;
use crate::samplers::{Block, Kernel, Program};

/// Up to this many steps a chain is followed step by step.
pub const FOLLOWED: u64 = 1024;

/// A law on its way through a program.
pub struct Walk<'a> {
    /// The instance it belongs to.
    at: &'a Instance,
    /// Where it is now.
    pub law: Law,
}

impl<'a> Walk<'a> {
    /// The start, in the representation of the engine that can carry it through `program`.
    ///
    /// # Errors
    /// The refusals of all engines.
    pub fn new(at: &'a Instance, program: &Program) -> Result<Self, String> {
        let refusals =
            |all: Vec<crate::laws::Unsupported>| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let planned = plan(&at.start, program, at.score(), &at.settings).map_err(refusals)?;
        Ok(Self { at, law: planned.start })
    }

    /// Through a whole program.
    ///
    /// # Errors
    /// Why the engine stopped.
    pub fn run(&mut self, program: &Program) -> Result<(), String> {
        let _ = (program, self.at.score());
        todo!()
    }

    /// Through `repeat` equal steps.
    ///
    /// # Errors
    /// Why the engine stopped.
    pub fn steps(&mut self, kernel: &Kernel, repeat: u64) -> Result<(), String> {
        let block = Block { kernel: kernel.clone(), repeat };
        let _ = (block, self.at.score());
        todo!()
    }
}

/// `E_{q_k}|e|^2` along `program` (the instance's own, or its error-free twin), 0 in the steps in which the instance's
/// chain sees no error.
///
/// Exact for a constant error (the supremum), step by step for up to [`FOLLOWED`] steps where the law's engine allows, in
/// strides for longer affine chains of Gaussian laws, `sup |e|^2` otherwise.
///
/// # Errors
/// When the error is unbounded and the chain cannot be followed.
pub fn path_error(at: &Instance, program: &Program) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let sup = Interval::point(at.error_sup()).sqr();
    if sup == Interval::ZERO {
        return Ok(PathError::uniform(lmc.steps, Interval::ZERO));
    }
    let uniform = || {
        let runs = lmc.runs.iter().map(|&(clean, n)| (n, if clean { Interval::ZERO } else { sup })).collect();
        PathError { runs }
    };
    if is_constant(at) {
        return Ok(uniform());
    }
    let followed = if lmc.steps <= FOLLOWED {
        followed_error(at, program, sup.hi())
    } else {
        strided_error(at, program, sup.hi())
    };
    match followed {
        Ok(path) => Ok(path),
        Err(_) if sup.is_finite() => Ok(uniform()),
        Err(why) => Err(format!("the error is unbounded and E_(q_k)|e|^2 is not known along the chain: {why}")),
    }
}

/// Whether e(x) does not depend on x, in which case its supremum is its value.
fn is_constant(at: &Instance) -> bool {
    let error = at.field.error.as_ref();
    error.and_then(|e| e.shape.affine()).is_some_and(|map| map.matrix.iter().all(|&x| x == 0.0))
}

fn followed_error(at: &Instance, program: &Program, sup: f64) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let error = at.field.error.as_ref().ok_or("the score is exact")?;
    let scale = Interval::point(at.amplitude()).sqr();
    let mut walk = Walk::new(at, program)?;
    let mut runs = Vec::new();
    for (block, &(clean, _)) in program.blocks.iter().zip(&lmc.runs) {
        if clean {
            runs.push((block.repeat, Interval::ZERO));
            walk.steps(&block.kernel, block.repeat)?;
            continue;
        }
        for _ in 0..block.repeat {
            let upper = (scale * mean_square_upper(error.shape.as_ref(), &walk.law)?).hi().min(sup);
            runs.push((1, Interval::point(upper)));
            walk.steps(&block.kernel, 1)?;
        }
    }
    Ok(PathError { runs })
}

/// How far, relative to its smallest standard deviation and per dimension, a Gaussian law may move within one stride.
const STRIDE: f64 = 0.02;

/// The same for long affine chains of Gaussian laws: strides within which the law hardly moves, each with one bound for
/// all of its laws.
///
/// Consecutive means and covariances differ by `M^j dm` and `M^j dS M^jT`, so j steps move them by at most
/// `j max(1, |M|)^{2j}` times the first step of the stride.
fn strided_error(at: &Instance, program: &Program, sup: f64) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let error = at.field.error.as_ref().ok_or("the score is exact")?;
    let scale = Interval::point(at.amplitude()).sqr();
    let mut walk = Walk::new(at, program)?;
    let mut runs = Vec::new();
    for (block, &(clean, _)) in program.blocks.iter().zip(&lmc.runs) {
        if clean {
            runs.push((block.repeat, Interval::ZERO));
            walk.steps(&block.kernel, block.repeat)?;
            continue;
        }
        let norm = drift_norm(at, &block.kernel).ok_or("one step is not an affine map")?;
        let mut left = block.repeat;
        while left > 0 {
            let here = gaussian(&walk.law)?;
            walk.steps(&block.kernel, 1)?;
            let next = gaussian(&walk.law)?;
            let mean_move = (&next.mean - &here.mean).norm() + here.mean_error + next.mean_error;
            let cov_move = (&next.cov - &here.cov).norm() + here.cov_error + next.cov_error;
            let smallest = here.cov.symmetric_eigenvalues().min().max(0.0);
            let room = STRIDE / here.mean.len() as f64;
            let longest = (room * smallest.sqrt() / mean_move).min(room * smallest / cov_move);
            let stride = if longest >= left as f64 { left } else { (longest as u64).clamp(1, left) };
            // The laws of the stride are those 0, ..., stride - 1 steps from here.
            let growth = if norm <= 1.0 { 1.0 } else { norm.powf(2.0 * stride as f64) * (1.0 + 1e-9) };
            let reach = (stride - 1) as f64 * growth;
            let upper = under_gaussian(error.shape.as_ref(), &here, reach * mean_move, reach * cov_move)?;
            runs.push((stride, Interval::point((scale * upper).hi().min(sup))));
            walk.steps(&block.kernel, stride - 1)?;
            left -= stride;
        }
    }
    Ok(PathError { runs })
}

fn gaussian(law: &Law) -> Result<DenseGaussian, String> {
    match law {
        Law::Gaussian(law) => Ok(law.to_dense()),
        _ => Err("the chain is too long to follow one by one, and its laws are not Gaussian".into()),
    }
}

/// An upper bound of the norm of the drift's linear part, if the drift is affine.
fn drift_norm(at: &Instance, kernel: &Kernel) -> Option<f64> {
    let map = kernel.drift.affine_displacement(at.score())?;
    let d = map.matrix.nrows();
    let norm = (nalgebra::DMatrix::identity(d, d) + &map.matrix).singular_values().max();
    Some(norm + map.matrix_error + 8.0 * d as f64 * f64::EPSILON * norm)
}

/// Bounds of `chi2(q_k | p)` along a chain, k = 0, ..., N.
#[derive(Clone, Debug, PartialEq)]
pub enum ChiPath {
    /// Computed at every step: N + 1 values of chi (not squared).
    Steps(Vec<Interval>),
    /// The recursion of LLT-5a over N steps.
    Recursion(Geometric, u64),
}

impl ChiPath {
    /// Whether all of them are finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        match self {
            ChiPath::Steps(all) => all.iter().all(|chi| chi.hi().is_finite()),
            ChiPath::Recursion(recursion, _) => recursion.start.hi().is_finite(),
        }
    }

    /// `D_N`.
    #[must_use]
    pub fn last(&self) -> Interval {
        match self {
            ChiPath::Steps(all) => all.last().copied().unwrap_or(Interval::INFINITY),
            ChiPath::Recursion(recursion, n) => recursion.after(count(*n)).sqrt(),
        }
    }

    /// `sum_{k < N} f(delta; D_k)`, over the steps that `runs` marks as not clean.
    #[must_use]
    pub fn excess(&self, delta: Interval, runs: &[(bool, u64)]) -> Interval {
        match self {
            ChiPath::Steps(all) => {
                let switches = runs.iter().flat_map(|&(clean, n)| (0..n).map(move |_| clean));
                let seen = all.iter().zip(switches).filter(|(_, clean)| !clean);
                seen.map(|(chi, _)| excess_mass(delta, *chi)).sum()
            }
            ChiPath::Recursion(recursion, n) => excess_mass_sum(delta, recursion, *n, 4096),
        }
    }
}

/// `chi2(q_k^0 | p)` along the error-free chain: computed at every step for up to [`FOLLOWED`] steps, by LLT-5a beyond.
///
/// # Errors
/// When neither is possible, with both reasons.
pub fn chi_path(at: &Instance) -> Result<ChiPath, String> {
    let followed = followed_chi(at);
    let why = match followed {
        Ok(path) => return Ok(ChiPath::Steps(path)),
        Err(why) => why,
    };
    let setting = at.setting()?;
    let start = at.between(super::Pair::StartTarget, Divergence::ChiSquared)?.value;
    let steps = at.steps()?;
    best_chi2_parameters(&setting, Interval::ZERO, start, steps)
        .and_then(|with| chi2_step(&setting, Interval::ZERO, with))
        .map(|step| ChiPath::Recursion(step.from(start), steps))
        .ok_or_else(|| format!("{why}, and LLT-5a does not apply to this step"))
}

fn followed_chi(at: &Instance) -> Result<Vec<Interval>, String> {
    let steps = at.steps()?;
    if steps > FOLLOWED {
        return Err(format!("{steps} steps are too many to follow one by one"));
    }
    let program = at.clean_program();
    let target = Law::Closed(at.density()?);
    let mut walk = Walk::new(at, &program)?;
    let chi = |law: &Law| at.divergence_of(law, &target, Divergence::ChiSquared).map(|m| m.value.sqrt());
    let mut path = vec![chi(&at.start_law())?];
    for block in &program.blocks {
        for _ in 0..block.repeat {
            walk.steps(&block.kernel, 1)?;
            path.push(chi(&walk.law)?);
        }
    }
    Ok(path)
}
