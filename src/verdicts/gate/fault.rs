//! Faults that people ask a gate to see.

use super::known::Known;
use super::line_law::{Cut, LineLaw};
use super::view::Map;
use crate::samplers::{Block, Drift, Kernel, Program};
use crate::targets::{Covariance, Density, Gaussian, Mixture, Product};
use std::fmt;
use std::str::FromStr;

/// What is wrong with a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// All variances are larger (or smaller) by this part.
    Variance(f64),
    /// The mean is off by this part of a standard deviation, in every coordinate.
    Mean(f64),
    /// The weight of the first mode is larger (or smaller) by this much, at the cost (or to the gain) of the others.
    ModeWeight(f64),
    /// No coordinate is farther than so many standard deviations from its mean.
    TailCut(f64),
    /// The noise of every step is multiplied by this.
    Noise(f64),
    /// Every step asks for the score at the level of the step before it.
    OffByOne,
    /// The last step is not taken.
    MissingLastStep,
    /// Every step is so many times as long.
    Step(f64),
    /// Positions are kept in single precision, whose rounding adds to the noise of every step.
    SinglePrecision,
}

/// The names, with a value of each.
pub const FAULTS: [(&str, &str); 9] = [
    ("variance=1%", "all variances larger by a part"),
    ("mean=0.01", "the mean off by a part of a standard deviation, in every coordinate"),
    ("mode-weight=2%", "the weight of the first mode larger by so much"),
    ("tail-cut=3.5", "no coordinate farther than so many standard deviations from its mean"),
    ("noise=sqrt2", "the noise of every step multiplied"),
    ("off-by-one", "every step asks for the score at the level of the step before it"),
    ("missing-last-step", "the last step is not taken"),
    ("step=2", "every step so many times as long"),
    ("f32", "positions in single precision after every step"),
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Variance(part) => write!(f, "variance={}%", 100.0 * part),
            Fault::Mean(part) => write!(f, "mean={part}"),
            Fault::ModeWeight(part) => write!(f, "mode-weight={}%", 100.0 * part),
            Fault::TailCut(sds) => write!(f, "tail-cut={sds}"),
            Fault::Noise(factor) => write!(f, "noise={factor}"),
            Fault::OffByOne => write!(f, "off-by-one"),
            Fault::MissingLastStep => write!(f, "missing-last-step"),
            Fault::Step(factor) => write!(f, "step={factor}"),
            Fault::SinglePrecision => write!(f, "f32"),
        }
    }
}

/// A number, with `%`, `sqrt` and signs.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = if let Some(rest) = text.strip_suffix('%') {
        rest.trim().parse::<f64>().ok()? / 100.0
    } else if let Some(rest) = text.strip_prefix("1/sqrt") {
        1.0 / rest.trim_matches(['(', ')']).parse::<f64>().ok()?.sqrt()
    } else if let Some(rest) = text.strip_prefix("sqrt") {
        rest.trim_matches(['(', ')']).parse::<f64>().ok()?.sqrt()
    } else {
        text.parse::<f64>().ok()?
    };
    value.is_finite().then_some(value)
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let expected = || {
            let all: Vec<&str> = FAULTS.iter().map(|(name, _)| *name).collect();
            format!("no fault `{text}`; there are {}", all.join(", "))
        };
        let value = value.map(|value| number(value).ok_or_else(|| format!("`{value}` is no number; {}", expected())));
        let value = value.transpose()?;
        let within = |value: Option<f64>, ok: &dyn Fn(f64) -> bool, range: &str| match value {
            Some(value) if ok(value) => Ok(value),
            Some(value) => Err(format!("{name}={value} is out of range: {range}")),
            None => Err(format!("`{name}` needs a value; {}", expected())),
        };
        match name {
            "variance" => {
                Ok(Fault::Variance(within(value, &|v| v > -1.0 && v != 0.0 && v < 1e6, "above -100 %, and not 0")?))
            }
            "mean" => Ok(Fault::Mean(within(value, &|v| v != 0.0, "not 0")?)),
            "mode-weight" => Ok(Fault::ModeWeight(within(
                value,
                &|v| v != 0.0 && v.abs() < 1.0,
                "between -100 % and 100 %, and not 0",
            )?)),
            "tail-cut" => Ok(Fault::TailCut(within(value, &|v| v > 0.0, "above 0")?)),
            "noise" => Ok(Fault::Noise(within(value, &|v| v > 0.0 && v != 1.0, "above 0, and not 1")?)),
            "step" => Ok(Fault::Step(within(value, &|v| v > 0.0 && v != 1.0, "above 0, and not 1")?)),
            "off-by-one" | "missing-last-step" | "f32" if value.is_some() => Err(format!("`{name}` takes no value")),
            "off-by-one" => Ok(Fault::OffByOne),
            "missing-last-step" => Ok(Fault::MissingLastStep),
            "f32" => Ok(Fault::SinglePrecision),
            _ => Err(expected()),
        }
    }
}

impl Fault {
    /// Whether it is one of a program and needs a sampler to be one.
    #[must_use]
    pub fn is_of_program(self) -> bool {
        use Fault::{MissingLastStep, Noise, OffByOne, SinglePrecision, Step};
        matches!(self, Noise(_) | OffByOne | MissingLastStep | Step(_) | SinglePrecision)
    }

    /// The law a sampler of `law` with this fault draws from.
    ///
    /// # Errors
    /// What the law lacks, or that the fault is one of a program.
    pub fn of_law(self, law: &Density) -> Result<FaultyLaw, String> {
        match self {
            Fault::Variance(part) => stretched(law, 1.0 + part, 0.0).map(FaultyLaw::Density),
            Fault::Mean(part) => stretched(law, 1.0, part).map(FaultyLaw::Density),
            Fault::ModeWeight(part) => reweighted(law, part).map(FaultyLaw::Density),
            Fault::TailCut(sds) => Ok(FaultyLaw::Cut(law.clone(), sds)),
            _ => Err(format!("`{self}` is a fault of a program: name a spec with a sampler by `--law`")),
        }
    }

    /// The program with this fault.
    ///
    /// # Errors
    /// What the program lacks, or that the fault is one of a law.
    pub fn of_program(self, program: &Program) -> Result<Program, String> {
        let mut steps: Vec<Block> = program.blocks.iter().filter(|block| block.repeat > 0).cloned().collect();
        if steps.is_empty() {
            return Err("the sampler takes no step".into());
        }
        let each =
            |steps: &mut Vec<Block>, change: &dyn Fn(&mut Kernel)| steps.iter_mut().for_each(|b| change(&mut b.kernel));
        match self {
            Fault::Noise(factor) => each(&mut steps, &|kernel| kernel.noise *= factor),
            Fault::Step(factor) => each(&mut steps, &|kernel| {
                kernel.noise *= factor.sqrt();
                kernel.drift = match kernel.drift {
                    Drift::Score { a_minus_one, b, at } => {
                        Drift::Score { a_minus_one: factor * a_minus_one, b: factor * b, at }
                    }
                    Drift::Heun { growth, h, from, to } => Drift::Heun { growth, h: factor * h, from, to },
                    Drift::Scale { a_minus_one } => Drift::Scale { a_minus_one: factor * a_minus_one },
                };
            }),
            Fault::MissingLastStep => {
                if let Some(last) = steps.last_mut() {
                    last.repeat -= 1;
                }
            }
            Fault::OffByOne => {
                let before: Vec<Drift> = steps.iter().map(|block| block.kernel.drift.clone()).collect();
                if before.windows(2).all(|pair| pair[0].scores().map(|s| s.level).eq(pair[1].scores().map(|s| s.level)))
                {
                    return Err("the sampler asks for the score at one level only".into());
                }
                for (block, earlier) in steps[1..].iter_mut().zip(&before) {
                    if let (Drift::Score { at, .. }, Drift::Score { at: earlier, .. }) =
                        (&mut block.kernel.drift, earlier)
                    {
                        at.level = earlier.level;
                    }
                }
            }
            Fault::SinglePrecision => each(&mut steps, &|kernel| {
                // Rounding of numbers of size 1 to 2: uniform on a step of 2^-23.
                let rounding = libm::exp2(-23.0) / 12f64.sqrt();
                kernel.noise = kernel.noise.hypot(rounding);
            }),
            _ => return Err(format!("`{self}` is a fault of a law, not of a program")),
        }
        Ok(Program { blocks: steps })
    }
}

/// The law of draws with a fault.
pub enum FaultyLaw {
    /// In closed form.
    Density(Density),
    /// Every coordinate within so many standard deviations of its mean: the laws of coordinates are known where they are independent of the
    /// condition on the others, that is as if each was cut by itself.
    Cut(Density, f64),
}

impl Known for FaultyLaw {
    fn dim(&self) -> usize {
        match self {
            FaultyLaw::Density(law) | FaultyLaw::Cut(law, _) => law.dim(),
        }
    }

    fn along(&self, map: &Map) -> Option<Box<dyn LineLaw>> {
        match (self, map) {
            (FaultyLaw::Density(law), _) => law.along(map),
            (FaultyLaw::Cut(law, sds), Map::Coordinate(_) | Map::Pooled(_)) => {
                let own = law.along(map)?;
                let coordinate = match map {
                    Map::Coordinate(i) => *i,
                    Map::Pooled(list) => *list.first()?,
                    _ => return None,
                };
                let block = law.runs().into_iter().find(|run| run.first <= coordinate && coordinate < run.end())?;
                // Coordinates that are coupled are cut together.
                if block.dim > 1 {
                    return None;
                }
                let one = law.block(block.first, 1);
                let (mean, sd) = (one.mean()[0], one.cov()[(0, 0)].sqrt());
                Some(Box::new(Cut { law: own, range: (mean - sds * sd, mean + sds * sd) }))
            }
            _ => None,
        }
    }
}

/// `m + sqrt(factor) (X - m) + shift sd`, coordinate by coordinate: m and sd of the whole law.
fn stretched(law: &Density, factor: f64, shift: f64) -> Result<Density, String> {
    let moved = |g: &Gaussian, middle: &nalgebra::DVector<f64>, sds: &nalgebra::DVector<f64>| {
        let mean = middle + (&g.mean - middle) * factor.sqrt() + sds * shift;
        let cov = match &g.cov {
            Covariance::Isotropic(v) => Covariance::Isotropic(v * factor),
            Covariance::Diagonal(v) => Covariance::Diagonal(v * factor),
            Covariance::Dense(cov) => Covariance::Dense(cov * factor),
        };
        Gaussian::new(mean, cov).map_err(|e| e.to_string())
    };
    let sds = |law: &Density| law.cov().diagonal().map(f64::sqrt);
    Ok(match law {
        Density::Gaussian(g) => {
            let sds = nalgebra::DVector::from_iterator(g.dim(), (0..g.dim()).map(|i| g.variance(i).sqrt()));
            Density::Gaussian(moved(g, &g.mean, &sds)?)
        }
        Density::Mixture(m) => {
            let (middle, sds) = (m.mean(), sds(law));
            let components = m.components.iter().map(|g| moved(g, &middle, &sds)).collect::<Result<_, _>>()?;
            Density::Mixture(Mixture::new(m.weights.clone(), components).map_err(|e| e.to_string())?)
        }
        Density::Product(p) => {
            let factors = p.factors.iter().map(|(f, n)| Ok((stretched(f, factor, shift)?, *n)));
            Density::Product(Product::new(factors.collect::<Result<_, String>>()?).map_err(|e| e.to_string())?)
        }
    })
}

/// The first weight larger by `part`, the others smaller in proportion.
fn reweighted(law: &Density, part: f64) -> Result<Density, String> {
    let lacks = || "the law has no modes: `mode-weight` needs a mixture".to_string();
    Ok(match law {
        Density::Gaussian(_) => return Err(lacks()),
        Density::Mixture(m) if m.components.len() < 2 => return Err(lacks()),
        Density::Mixture(m) => {
            let total: f64 = m.weights.iter().sum();
            let first = m.weights[0] / total;
            if !(first + part > 0.0 && first + part < 1.0) {
                return Err(format!("the weight of the first mode is {first}: {part} more leaves none for the others"));
            }
            let scale = (1.0 - first - part) / (1.0 - first);
            let weights = m.weights.iter().enumerate();
            let weights = weights.map(|(k, w)| if k == 0 { first + part } else { w / total * scale }).collect();
            Density::Mixture(Mixture::new(weights, m.components.clone()).map_err(|e| e.to_string())?)
        }
        Density::Product(p) => {
            let mut factors = p.factors.clone();
            let mixture = factors.iter_mut().find(|(f, _)| matches!(f, Density::Mixture(m) if m.components.len() > 1));
            let (factor, _) = mixture.ok_or_else(lacks)?;
            *factor = reweighted(factor, part)?;
            Density::Product(Product::new(factors).map_err(|e| e.to_string())?)
        }
    })
}
