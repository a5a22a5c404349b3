//! Quantities along a chain: the mean square of the error and chi-squared, step by step where the engine can.

use super::Instance;
use super::general::{Geometric, count};
use super::lee_lu_tan_2022::{PathError, best_chi2_parameters, chi2_step, excess_mass, excess_mass_sum};
use super::mean_square::mean_square;
use super::moments::affine_error;
use super::stride::strided_error;
use crate::divergences::Divergence;
use crate::laws::{Law, Propagate, plan};
use crate::numerics::Interval;
use crate::samplers::{Block, Kernel, Program};

/// Up to this many steps a chain is followed step by step.
pub const FOLLOWED: u64 = 1024;

/// The same where a step costs a convolution on a grid.
pub const FOLLOWED_ON_GRIDS: u64 = 256;

/// A law on its way through a program.
pub struct Walk<'a> {
    /// The instance it belongs to.
    at: &'a Instance,
    /// Where it is now.
    pub law: Law,
    /// For Gaussian laws: the law before the current run of equal kernels, the kernel, and how often it was applied.
    since: Option<(Law, Kernel, u64)>,
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
        Ok(Self { at, law: planned.start, since: None })
    }

    /// Through a whole program.
    ///
    /// # Errors
    /// Why the engine stopped.
    pub fn run(&mut self, program: &Program) -> Result<(), String> {
        self.law.run(program, self.at.score()).map_err(|e| e.to_string())
    }

    /// Through `repeat` equal steps.
    ///
    /// Gaussian laws are carried from the beginning of the run of equal kernels each time: N steps at once round less than
    /// N steps one by one, and cost only the logarithm of N.
    ///
    /// # Errors
    /// Why the engine stopped.
    pub fn steps(&mut self, kernel: &Kernel, repeat: u64) -> Result<(), String> {
        let mut taken = repeat;
        if is_gaussian(&self.law) {
            match self.since.take() {
                Some((from, same, before)) if same == *kernel => {
                    taken += before;
                    self.law = from.clone();
                    self.since = Some((from, same, taken));
                }
                _ => self.since = Some((self.law.clone(), kernel.clone(), repeat)),
            }
        }
        let block = Block { kernel: kernel.clone(), repeat: taken };
        self.law.block(&block, self.at.score()).map_err(|e| e.to_string())
    }
}

/// Whether every factor of a law is Gaussian.
pub(super) fn is_gaussian(law: &Law) -> bool {
    match law {
        Law::Gaussian(_) => true,
        Law::Product(factors) => factors.iter().all(|(factor, _)| is_gaussian(factor)),
        Law::Split { core, rest, .. } => is_gaussian(core) && is_gaussian(rest),
        Law::Closed(_)
        | Law::Points(_)
        | Law::Grid1(_)
        | Law::Grid2(_)
        | Law::Panels1(_)
        | Law::Pushed1(_)
        | Law::Particles(_)
        | Law::Approximate { .. } => false,
    }
}

/// `E_{q_k}|e|^2` along `program` (the instance's own, or its error-free twin), 0 in the steps in which the instance's
/// chain sees no error.
///
/// Exact for a constant error (the supremum), step by step for up to [`FOLLOWED`] steps where the law's engine allows, in
/// strides for longer affine chains of Gaussian laws; otherwise `sup |e|^2`, or a recursion of second moments for an affine
/// error.
///
/// # Errors
/// When the error is unbounded, the chain cannot be followed, and its moments are not bounded.
pub fn path_error(at: &Instance, program: &Program) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let sup = Interval::point(at.error_sup()).sqr();
    if sup == Interval::ZERO {
        return Ok(PathError::uniform(lmc.steps, Interval::ZERO));
    }
    let uniform = || {
        let runs = lmc.runs.iter().map(|&(clean, n)| (n, if clean { Interval::ZERO } else { sup })).collect();
        PathError { runs, proved: true }
    };
    if at.has_constant_error() {
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
        Err(why) => affine_error(at, program).map_err(|moments| {
            format!("the error is unbounded and E_(q_k)|e|^2 is not known along the chain: {why}, and {moments}")
        }),
    }
}

fn followed_error(at: &Instance, program: &Program, sup: f64) -> Result<PathError, String> {
    let lmc = at.lmc()?;
    let shape = at.error_shape().ok_or("the score is exact")?;
    let scale = Interval::point(at.amplitude()).sqr();
    let mut walk = Walk::new(at, program)?;
    if !is_gaussian(&walk.law) && lmc.steps > FOLLOWED_ON_GRIDS {
        return Err(format!("{} steps are too many to follow one by one on a grid", lmc.steps));
    }
    let (mut runs, mut proved) = (Vec::new(), true);
    for (block, &(clean, _)) in program.blocks.iter().zip(&lmc.runs) {
        if clean {
            runs.push((block.repeat, Interval::ZERO));
            walk.steps(&block.kernel, block.repeat)?;
            continue;
        }
        for _ in 0..block.repeat {
            let here = mean_square(shape.as_ref(), &walk.law)?;
            proved &= here.proved;
            runs.push((1, (scale * here.value).min(sup.into())));
            walk.steps(&block.kernel, 1)?;
        }
    }
    Ok(PathError { runs, proved })
}

/// Bounds of `chi2(q_k | p)` along a chain, k = 0, ..., N.
#[derive(Clone, Debug, PartialEq)]
pub struct ChiPath {
    values: ChiValues,
    /// What they rest on that is not proved, if anything.
    pub doubt: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum ChiValues {
    /// Computed at every step: N + 1 values of chi (not squared).
    Steps(Vec<Interval>),
    /// The recursion of LLT-5a over N steps.
    Recursion(Geometric, u64),
}

impl ChiPath {
    /// Whether all of them are finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        match &self.values {
            ChiValues::Steps(all) => all.iter().all(|chi| chi.hi().is_finite()),
            ChiValues::Recursion(recursion, _) => recursion.start.hi().is_finite(),
        }
    }

    /// Whether some of them is infinite.
    #[must_use]
    pub fn is_infinite(&self) -> bool {
        match &self.values {
            ChiValues::Steps(all) => all.iter().any(|chi| chi.lo() == f64::INFINITY),
            ChiValues::Recursion(recursion, _) => recursion.start.lo() == f64::INFINITY,
        }
    }

    /// `D_N`.
    #[must_use]
    pub fn last(&self) -> Interval {
        match &self.values {
            ChiValues::Steps(all) => all.last().copied().unwrap_or(Interval::INFINITY),
            ChiValues::Recursion(recursion, n) => recursion.after(count(*n)).sqrt(),
        }
    }

    /// `sum_{k < N} f(delta; D_k)`, over the steps that `runs` marks as not clean.
    #[must_use]
    pub fn excess(&self, delta: Interval, runs: &[(bool, u64)]) -> Interval {
        match &self.values {
            ChiValues::Steps(all) => {
                let switches = runs.iter().flat_map(|&(clean, n)| (0..n).map(move |_| clean));
                let seen = all.iter().zip(switches).filter(|(_, clean)| !clean);
                seen.map(|(chi, _)| excess_mass(delta, *chi)).sum()
            }
            ChiValues::Recursion(recursion, n) => excess_mass_sum(delta, recursion, *n, 4096),
        }
    }
}

/// `chi2(q_k^0 | p)` along the error-free chain: computed at every step for up to [`FOLLOWED`] steps, by LLT-5a beyond.
///
/// # Errors
/// When neither is possible, with both reasons.
pub fn chi_path(at: &Instance) -> Result<ChiPath, String> {
    let why = match followed_chi(at) {
        Ok(path) => return Ok(path),
        Err(why) => why,
    };
    let setting = at.setting()?;
    let start = at.between(super::Pair::StartTarget, Divergence::ChiSquared)?.value;
    let steps = at.steps()?;
    let constants = [("L", &at.constants().lipschitz), ("C_LS", &at.constants().lsi)];
    let open: Vec<String> = constants
        .iter()
        .filter(|(_, constant)| !constant.upper.evidence.is_proved())
        .map(|(name, constant)| format!("{name} <= {:.6} ({})", constant.value.hi(), constant.upper.statement))
        .collect();
    best_chi2_parameters(&setting, Interval::ZERO, start, steps)
        .and_then(|with| chi2_step(&setting, Interval::ZERO, with))
        .map(|step| ChiPath {
            values: ChiValues::Recursion(step.from(start), steps),
            doubt: (!open.is_empty()).then(|| open.join(", ")),
        })
        .ok_or_else(|| format!("{why}, and LLT-5a does not apply to this step"))
}

fn followed_chi(at: &Instance) -> Result<ChiPath, String> {
    let steps = at.steps()?;
    if steps > FOLLOWED {
        return Err(format!("{steps} steps are too many to follow one by one"));
    }
    let program = at.program.clean();
    let mut walk = Walk::new(at, &program)?;
    let mut doubt = None;
    let mut chi = |law: &Law| {
        let found = at.to_target(law, Divergence::ChiSquared)?;
        if !found.evidence.is_proved() {
            doubt = Some(format!("chi2 along the chain ({})", found.evidence));
        }
        Ok::<Interval, String>(found.value.sqrt())
    };
    let mut path = vec![chi(&at.start_law()?)?];
    for block in &program.blocks {
        for _ in 0..block.repeat {
            walk.steps(&block.kernel, 1)?;
            path.push(chi(&walk.law)?);
        }
    }
    Ok(ChiPath { values: ChiValues::Steps(path), doubt })
}
