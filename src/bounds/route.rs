//! A program read as a way through noise levels: steps of the reverse SDE or of the probability flow from one level to the
//! next, Langevin steps at a level.

use crate::numerics::Interval;
use crate::processes::{NoiseLevel, Process};
use crate::samplers::{Block, Drift, FlowScheme, Kernel, Program, Scheme};

/// How far a number of a kernel or a level that was formed from others may be from what is meant, relatively.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Which forward process the levels belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `alpha^2 + sigma^2 = 1`: OU, and VP in the time of OU.
    Ou,
    /// `alpha = 1`.
    Ve,
}

impl Family {
    /// The process that these levels belong to, if they belong to one.
    #[must_use]
    pub fn of(levels: impl IntoIterator<Item = NoiseLevel>) -> Self {
        if levels.into_iter().any(|level| level.alpha != 1.0) { Family::Ou } else { Family::Ve }
    }

    /// The process time of a level, enclosed: `sigma^2/2` for VE; `-ln alpha = -ln(1 - sigma^2)/2` for OU, from whichever of the
    /// two has more digits. `None` when the level is not one of this process.
    #[must_use]
    pub fn time(self, level: NoiseLevel) -> Option<Interval> {
        let variance = Interval::point(level.sigma).sqr();
        match self {
            Family::Ve => (level.alpha == 1.0).then(|| loosened(variance * 0.5, ROUNDING)),
            Family::Ou => {
                let total = (Interval::point(level.alpha).sqr() + variance).mid();
                if (total - 1.0).abs() > ROUNDING {
                    return None;
                }
                let time = match variance.hi() < 0.5 {
                    true => -(-variance).ln_1p() * 0.5,
                    false => -Interval::point(level.alpha).ln(),
                };
                // d tau = d alpha/alpha = d sigma^2/(2 (1 - sigma^2)): a rounding of sigma^2 is at most twice as large in tau.
                let absolute = if variance.hi() < 0.5 { 0.0 } else { ROUNDING };
                Some(loosened(time, 2.0 * ROUNDING).widen(absolute))
            }
        }
    }
}

/// One predictor step `y <- A y + B s(y) + sqrt(v) xi`, the score frozen at the noisier level.
#[derive(Clone, Debug, PartialEq)]
pub struct Predict {
    /// The noisier level, at which the score is taken.
    pub from: NoiseLevel,
    /// The level it arrives at.
    pub to: NoiseLevel,
    /// The time between the two (for OU and VP, OU time), enclosed.
    pub h: Interval,
    /// How it is discretised: one of the three schemes (VE has only Euler-Maruyama); `None` for any other kernel.
    pub scheme: Option<Scheme>,
    /// The kernel itself.
    pub kernel: Kernel,
    /// Whether the error is off.
    pub clean: bool,
}

/// One step of the probability flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The noisier level.
    pub from: NoiseLevel,
    /// The level it arrives at.
    pub to: NoiseLevel,
    /// The time between the two (for OU and VP, OU time), enclosed.
    pub h: Interval,
    /// How it is discretised; on VE the exponential scheme is Euler's. `None` for any other map.
    pub scheme: Option<FlowScheme>,
    /// The kernel itself.
    pub kernel: Kernel,
    /// Whether the error is off in every score it asks for.
    pub clean: bool,
}

/// Langevin steps `y <- y + h s(y) + sqrt(2h) xi` at one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correct {
    /// The level.
    pub level: NoiseLevel,
    /// h.
    pub step: f64,
    /// How many.
    pub steps: u64,
    /// Whether the error is off.
    pub clean: bool,
}

/// A move of a chain through noise levels.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// From a level to the next.
    Predict(Predict),
    /// From a level to the next, without noise.
    Flow(Flow),
    /// At a level.
    Correct(Correct),
}

impl Move {
    /// The level at which it begins.
    #[must_use]
    pub fn begins(&self) -> NoiseLevel {
        match self {
            Move::Predict(p) => p.from,
            Move::Flow(f) => f.from,
            Move::Correct(c) => c.level,
        }
    }
}

/// A program as a way through noise levels.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The forward process.
    pub family: Family,
    /// What it does, in order.
    pub moves: Vec<Move>,
    /// The level at which the first score is taken.
    pub first: NoiseLevel,
    /// The level at which it ends.
    pub last: NoiseLevel,
    /// a - 1 where the output is multiplied by a.
    pub rescale: Option<f64>,
    /// Whether its Langevin steps at the first level ask for the truncated score.
    pub truncated: bool,
}

impl Route {
    /// Reads a program that is to end at `last`, or else where its last step leads.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn read(program: &Program, last: Option<NoiseLevel>) -> Result<Self, String> {
        let (blocks, rescale) = match program.blocks.split_last() {
            Some((
                Block { kernel: Kernel { drift: Drift::Scale { a_minus_one }, noise: 0.0, .. }, repeat: 1 },
                before,
            )) => (before, Some(*a_minus_one)),
            _ => (&program.blocks[..], None),
        };
        let first_score = |block: &Block| block.kernel.drift.scores().next().map(|at| at.level);
        let levels: Vec<NoiseLevel> =
            blocks.iter().map(first_score).collect::<Option<_>>().ok_or("a step on the way asks for no score")?;
        let first = *levels.first().ok_or("the program has no steps")?;
        let family = Family::of(levels.iter().copied().chain(last));
        let next = levels[1..].iter().copied().map(Some).chain([last]);
        let (mut moves, mut end): (Vec<Move>, NoiseLevel) = (Vec::with_capacity(levels.len()), first);
        for ((block, &from), to) in blocks.iter().zip(&levels).zip(next) {
            let to = to.map_or_else(|| arrival(family, &block.kernel, from, moves.last()), Ok)?;
            end = to;
            let clean = block.kernel.drift.is_clean();
            match (langevin(&block.kernel), moves.last_mut()) {
                (Some(step), Some(Move::Correct(before)))
                    if (before.level, before.step, before.clean) == (from, step, clean) =>
                {
                    before.steps += block.repeat;
                }
                (Some(step), _) => {
                    moves.push(Move::Correct(Correct { level: from, step, steps: block.repeat, clean }));
                }
                (None, _) if block.repeat != 1 => {
                    return Err("a step that is not a Langevin step is repeated at one level".into());
                }
                (None, _) if block.kernel.is_deterministic() => {
                    moves.push(Move::Flow(flow(family, &block.kernel, from, to)?));
                }
                (None, _) => moves.push(Move::Predict(predict(family, &block.kernel, from, to)?)),
            }
        }
        let truncated = program.blocks.iter().any(|b| b.kernel.drift.scores().any(|at| at.truncated));
        Ok(Self { family, moves, first, last: end, rescale, truncated })
    }

    /// The way, if every step takes the score as it is given.
    ///
    /// # Errors
    /// What it is instead.
    pub fn with_given_score(self) -> Result<Self, String> {
        match self.truncated {
            true => {
                Err("the corrector's score is truncated, and its error is another one than that of the score".into())
            }
            false => Ok(self),
        }
    }

    /// The way, if every step adds noise and the output stays as it is.
    ///
    /// # Errors
    /// What happens instead.
    pub fn with_noise_only(self) -> Result<Self, String> {
        if let Some(flow) = self.flows().next() {
            return Err(format!("the step at sigma = {:.4e} adds no noise", flow.from.sigma));
        }
        match self.rescale {
            Some(a_minus_one) => Err(format!("the output is multiplied by {}", 1.0 + a_minus_one)),
            None => Ok(self),
        }
    }

    /// The steps of the probability flow.
    pub fn flows(&self) -> impl DoubleEndedIterator<Item = &Flow> {
        self.moves.iter().filter_map(|step| match step {
            Move::Flow(f) => Some(f),
            Move::Predict(_) | Move::Correct(_) => None,
        })
    }

    /// The predictor steps.
    pub fn predictors(&self) -> impl DoubleEndedIterator<Item = &Predict> {
        self.moves.iter().filter_map(|step| match step {
            Move::Predict(p) => Some(p),
            Move::Flow(_) | Move::Correct(_) => None,
        })
    }

    /// The runs of Langevin steps.
    pub fn correctors(&self) -> impl DoubleEndedIterator<Item = &Correct> {
        self.moves.iter().filter_map(|step| match step {
            Move::Predict(_) | Move::Flow(_) => None,
            Move::Correct(c) => Some(c),
        })
    }

    /// The distinct levels it passes through, first to last, the one it ends at included.
    #[must_use]
    pub fn levels(&self) -> Vec<NoiseLevel> {
        let mut levels: Vec<NoiseLevel> = self.moves.iter().map(Move::begins).chain([self.last]).collect();
        levels.dedup();
        levels
    }

    /// Whether all that happens is predictor steps, each going on where the one before arrived.
    ///
    /// # Errors
    /// What happens instead.
    pub fn only_predicts(&self) -> Result<(), String> {
        match self.correctors().next() {
            None => Ok(()),
            Some(c) => Err(format!("it takes {} Langevin steps {}", c.steps, place(c.level))),
        }
    }

    /// The scheme that all predictor steps share.
    ///
    /// # Errors
    /// What they are instead.
    pub fn scheme(&self) -> Result<Scheme, String> {
        let mut found = None;
        for p in self.predictors() {
            let scheme = p.scheme.ok_or_else(|| {
                let early = match p.to == self.last && p.to.is_data() {
                    true => "; a sampler that stops early is compared with the target there by `against = \"early-stopped\"`",
                    false => "",
                };
                let (from, to) = (p.from.sigma, p.to.sigma);
                format!("no scheme takes the step from sigma = {from:.4e} to the next level, sigma = {to:.4e}{early}")
            })?;
            if found.is_some_and(|before| before != scheme) {
                return Err("its steps are of several schemes".into());
            }
            found = Some(scheme);
        }
        found.ok_or_else(|| "it takes no predictor step".into())
    }
}

/// Where a level is, to three digits: an instance at one level calls it that of its data, whatever its noise is.
fn place(level: NoiseLevel) -> String {
    if level.is_data() {
        return "at the target of its score itself".into();
    }
    let digits = format!("{:.2e}", level.sigma);
    format!("at sigma = {}", digits.parse().unwrap_or(level.sigma))
}

/// `x (1 +- relative)`.
fn loosened(x: Interval, relative: f64) -> Interval {
    x.widen(relative * x.magnitude())
}

/// h of a Langevin kernel.
fn langevin(kernel: &Kernel) -> Option<f64> {
    let Drift::Score { a_minus_one, b, .. } = kernel.drift else { return None };
    (a_minus_one == 0.0 && b > 0.0 && near(kernel.noise, (2.0 * b).sqrt(), kernel.rounding)).then_some(b)
}

/// Whether two numbers agree up to rounding.
fn near(a: f64, b: f64, rounding: f64) -> bool {
    (a - b).abs() <= (8.0 * f64::EPSILON + rounding) * b.abs()
}

/// The schemes of the reverse SDE that a kernel may be a step of, and the length it then has.
fn stochastic(family: Family, kernel: &Kernel) -> Option<(Scheme, f64)> {
    let Drift::Score { a_minus_one, b, .. } = kernel.drift else { return None };
    let same = |x: f64, y: f64| near(x, y, kernel.rounding);
    let candidates: &[(Scheme, f64)] = match family {
        Family::Ve if a_minus_one == 0.0 => &[(Scheme::EulerMaruyama, 0.5 * b)],
        Family::Ve => &[],
        Family::Ou => &[
            (Scheme::EulerMaruyama, a_minus_one),
            (Scheme::Exponential, libm::log1p(a_minus_one)),
            (Scheme::ExponentialMinus, -libm::log1p(-a_minus_one)),
        ],
    };
    let fits = |&(scheme, h): &(Scheme, f64)| {
        let (factor, noise) = match (family, scheme) {
            (Family::Ve, _) => (b, 2.0 * h),
            (Family::Ou, Scheme::EulerMaruyama) => (2.0 * h, 2.0 * h),
            (Family::Ou, Scheme::Exponential) => (2.0 * libm::expm1(h), libm::expm1(2.0 * h)),
            (Family::Ou, Scheme::ExponentialMinus) => (-2.0 * libm::expm1(-h), -libm::expm1(-2.0 * h)),
        };
        h.is_finite() && h > 0.0 && same(b, factor) && same(kernel.noise, noise.sqrt())
    };
    candidates.iter().copied().find(fits)
}

/// The scheme of the probability flow that a kernel without noise may be a step of, and the length it then has; for OU, Euler's
/// and the exponential step are the same map at different lengths, of which `elapsed` chooses.
fn deterministic(family: Family, kernel: &Kernel, elapsed: Option<Interval>) -> Option<(FlowScheme, f64)> {
    let fits = |h: f64| h.is_finite() && h > 0.0 && elapsed.is_none_or(|e| length(h, kernel).overlaps(e));
    match (family, &kernel.drift) {
        (Family::Ou, &Drift::Heun { growth: 1.0, h, .. }) | (Family::Ve, &Drift::Heun { growth: 0.0, h, .. }) => {
            fits(h).then_some((FlowScheme::Heun, h))
        }
        (Family::Ve, &Drift::Score { a_minus_one: 0.0, b, .. }) => fits(b).then_some((FlowScheme::Euler, b)),
        (Family::Ou, &Drift::Score { a_minus_one, b, .. }) if near(a_minus_one, b, kernel.rounding) => {
            let candidates = [(FlowScheme::Exponential, libm::log1p(b)), (FlowScheme::Euler, b)];
            candidates.into_iter().find(|&(_, h)| fits(h))
        }
        _ => None,
    }
}

/// The length of a step, enclosed.
fn length(h: f64, kernel: &Kernel) -> Interval {
    loosened(Interval::point(h), ROUNDING + kernel.rounding)
}

/// The time that passes between two levels.
fn elapsed(family: Family, from: NoiseLevel, to: NoiseLevel) -> Result<Interval, String> {
    let says = |what: &str| format!("the step at sigma = {:e} {what}", from.sigma);
    let time = |level: NoiseLevel| family.time(level).ok_or_else(|| says("leaves the noise levels of one process"));
    let elapsed = time(from)? - time(to)?;
    match elapsed.hi() <= 0.0 {
        true => Err(says("is no Langevin step and does not lead to a less noisy level")),
        false => Ok(elapsed),
    }
}

/// A kernel with noise as a step from a level to the next.
fn predict(family: Family, kernel: &Kernel, from: NoiseLevel, to: NoiseLevel) -> Result<Predict, String> {
    let elapsed = elapsed(family, from, to)?;
    let found = stochastic(family, kernel).filter(|&(_, h)| length(h, kernel).overlaps(elapsed));
    let h = found.map_or(elapsed, |(_, h)| length(h, kernel));
    let clean = kernel.drift.is_clean();
    Ok(Predict { from, to, h, scheme: found.map(|f| f.0), kernel: kernel.clone(), clean })
}

/// A kernel without noise as a step from a level to the next.
fn flow(family: Family, kernel: &Kernel, from: NoiseLevel, to: NoiseLevel) -> Result<Flow, String> {
    let elapsed = elapsed(family, from, to)?;
    let leads = |scheme: FlowScheme| {
        scheme != FlowScheme::Heun || kernel.drift.scores().last().is_some_and(|at| at.level == to)
    };
    let found = deterministic(family, kernel, Some(elapsed)).filter(|&(scheme, _)| leads(scheme));
    let h = found.map_or(elapsed, |(_, h)| length(h, kernel));
    let clean = kernel.drift.is_clean();
    Ok(Flow { from, to, h, scheme: found.map(|f| f.0), kernel: kernel.clone(), clean })
}

/// The level that a last step arrives at: that of a Langevin step itself, else the one as much less noisy as the step is long.
///
/// Euler's step and the exponential step of the flow differ in their lengths only: the step before says which it is, and
/// without one it is the exponential step.
fn arrival(family: Family, kernel: &Kernel, from: NoiseLevel, before: Option<&Move>) -> Result<NoiseLevel, String> {
    if langevin(kernel).is_some() {
        return Ok(from);
    }
    if let Drift::Heun { to, .. } = kernel.drift {
        return Ok(to.level);
    }
    let says = |what: &str| format!("the last step, at sigma = {:e}, {what}", from.sigma);
    let euler = matches!(before, Some(Move::Flow(Flow { scheme: Some(FlowScheme::Euler), .. })));
    let known = match (kernel.is_deterministic(), &kernel.drift) {
        (true, &Drift::Score { b, .. }) if euler => Some(b),
        (true, _) => deterministic(family, kernel, None).map(|(_, h)| h),
        (false, _) => stochastic(family, kernel).map(|(_, h)| h),
    };
    let h = known.ok_or_else(|| says("is one of no scheme"))?;
    let before = family.time(from).ok_or_else(|| says("is at no level of the process"))?;
    let left = (before - h).mid();
    // A time that is 0 up to rounding is 0.
    let left = if left.abs() <= 2.0 * ROUNDING * before.magnitude() { 0.0 } else { left };
    let process = match family {
        Family::Ou => Process::Ou,
        Family::Ve => Process::Ve,
    };
    if left >= 0.0 { Ok(process.level(left)) } else { Err(says("leads beyond the data")) }
}
