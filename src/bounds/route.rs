//! A program read as a way through noise levels: predictor steps from one level to the next, Langevin steps at a level.

use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::samplers::{Drift, Kernel, Program, Scheme};

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
    /// At a level.
    Correct(Correct),
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
    /// The level at which it ends: that of the instance.
    pub last: NoiseLevel,
}

impl Route {
    /// Reads a program that is to end at `last`.
    ///
    /// # Errors
    /// What makes it something else.
    pub fn read(program: &Program, last: NoiseLevel) -> Result<Self, String> {
        let levels: Vec<NoiseLevel> = program.blocks.iter().map(|block| block.kernel.drift.at().level).collect();
        let first = *levels.first().ok_or("the program has no steps")?;
        let family = Family::of(levels.iter().copied().chain([last]));
        let next = levels[1..].iter().chain([&last]);
        let mut moves: Vec<Move> = Vec::with_capacity(levels.len());
        for ((block, &from), &to) in program.blocks.iter().zip(&levels).zip(next) {
            match (langevin(&block.kernel), moves.last_mut()) {
                (Some(step), Some(Move::Correct(before)))
                    if (before.level, before.step, before.clean) == (from, step, block.kernel.drift.at().clean) =>
                {
                    before.steps += block.repeat;
                }
                (Some(step), _) => {
                    let clean = block.kernel.drift.at().clean;
                    moves.push(Move::Correct(Correct { level: from, step, steps: block.repeat, clean }));
                }
                (None, _) if block.repeat != 1 => {
                    return Err("a step that is not a Langevin step is repeated at one level".into());
                }
                (None, _) => moves.push(Move::Predict(predict(family, &block.kernel, from, to)?)),
            }
        }
        Ok(Self { family, moves, first, last })
    }

    /// The predictor steps.
    pub fn predictors(&self) -> impl DoubleEndedIterator<Item = &Predict> {
        self.moves.iter().filter_map(|step| match step {
            Move::Predict(p) => Some(p),
            Move::Correct(_) => None,
        })
    }

    /// The runs of Langevin steps.
    pub fn correctors(&self) -> impl DoubleEndedIterator<Item = &Correct> {
        self.moves.iter().filter_map(|step| match step {
            Move::Predict(_) => None,
            Move::Correct(c) => Some(c),
        })
    }

    /// The distinct levels it passes through, first to last, the one it ends at included.
    #[must_use]
    pub fn levels(&self) -> Vec<NoiseLevel> {
        let at = |step: &Move| match step {
            Move::Predict(p) => p.from,
            Move::Correct(c) => c.level,
        };
        let mut levels: Vec<NoiseLevel> = self.moves.iter().map(at).chain([self.last]).collect();
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
            Some(c) => Err(format!("it takes {} Langevin steps at sigma = {:e}", c.steps, c.level.sigma)),
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

/// `x (1 +- relative)`.
fn loosened(x: Interval, relative: f64) -> Interval {
    x.widen(relative * x.magnitude())
}

/// h of a Langevin kernel.
fn langevin(kernel: &Kernel) -> Option<f64> {
    let Drift::Score { a_minus_one, b, .. } = kernel.drift;
    (a_minus_one == 0.0 && b > 0.0 && near(kernel.noise, (2.0 * b).sqrt(), kernel.rounding)).then_some(b)
}

/// Whether two numbers agree up to rounding.
fn near(a: f64, b: f64, rounding: f64) -> bool {
    (a - b).abs() <= (8.0 * f64::EPSILON + rounding) * b.abs()
}

/// A kernel as a step from a level to the next.
fn predict(family: Family, kernel: &Kernel, from: NoiseLevel, to: NoiseLevel) -> Result<Predict, String> {
    let Drift::Score { a_minus_one, b, at } = kernel.drift;
    let says = |what: &str| format!("the step at sigma = {:e} {what}", from.sigma);
    let time = |level: NoiseLevel| family.time(level).ok_or_else(|| says("leaves the noise levels of one process"));
    let elapsed = time(from)? - time(to)?;
    if elapsed.hi() <= 0.0 {
        return Err(says("is no Langevin step and does not lead to a less noisy level"));
    }
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
    let fits = |&&(scheme, h): &&(Scheme, f64)| {
        let (factor, noise) = match (family, scheme) {
            (Family::Ve, _) => (b, 2.0 * h),
            (Family::Ou, Scheme::EulerMaruyama) => (2.0 * h, 2.0 * h),
            (Family::Ou, Scheme::Exponential) => (2.0 * libm::expm1(h), libm::expm1(2.0 * h)),
            (Family::Ou, Scheme::ExponentialMinus) => (-2.0 * libm::expm1(-h), -libm::expm1(-2.0 * h)),
        };
        let length = loosened(Interval::point(h), ROUNDING + kernel.rounding);
        h.is_finite() && h > 0.0 && same(b, factor) && same(kernel.noise, noise.sqrt()) && length.overlaps(elapsed)
    };
    let found = candidates.iter().find(fits);
    let h = found.map_or(elapsed, |&(_, h)| loosened(Interval::point(h), ROUNDING + kernel.rounding));
    Ok(Predict { from, to, h, scheme: found.map(|f| f.0), kernel: kernel.clone(), clean: at.clean })
}
