//! Reverse-SDE samplers ("predictors").

use super::{Block, Drift, Kernel, Program};
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::scores::At;
use std::fmt;
use std::str::FromStr;

/// The relative rounding of a step's length, formed as a difference of times or an integral of rates, and of a function of it.
pub(super) const LENGTH_ROUNDING: f64 = 40.0 * f64::EPSILON;

/// How one step of the reverse SDE is discretised, the score being frozen at the noisier end of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// OU, VP: `y + h (y + 2 s) + sqrt(2h) xi`; VE: `y + 2h s + sqrt(2h) xi`.
    EulerMaruyama,
    /// OU, VP: `e^h y + 2 (e^h - 1) s + sqrt(e^{2h} - 1) xi`; VE: as Euler-Maruyama, whose drift has no linear part.
    Exponential,
    /// OU, VP: `e^-h y + 2 (1 - e^-h)(s + y) + sqrt(1 - e^{-2h}) xi`, the score relative to the standard Gaussian.
    ExponentialMinus,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Scheme; 3] = [Scheme::EulerMaruyama, Scheme::Exponential, Scheme::ExponentialMinus];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scheme::EulerMaruyama => "euler-maruyama",
            Scheme::Exponential => "exponential",
            Scheme::ExponentialMinus => "exponential-minus",
        }
    }

    /// The kernel of a step of length h (in OU time; for VE in process time) with the damaged score of `level`.
    #[must_use]
    pub fn kernel(self, process: &Process, h: f64, level: NoiseLevel) -> Kernel {
        let (a_minus_one, b, noise) = match (process, self) {
            (Process::Ve, _) => (0.0, 2.0 * h, (2.0 * h).sqrt()),
            (Process::Ou | Process::Vp(_), Scheme::EulerMaruyama) => (h, 2.0 * h, (2.0 * h).sqrt()),
            (Process::Ou | Process::Vp(_), Scheme::Exponential) => {
                let grown = libm::expm1(h);
                (grown, 2.0 * grown, libm::expm1(2.0 * h).sqrt())
            }
            (Process::Ou | Process::Vp(_), Scheme::ExponentialMinus) => {
                let shrunk = -libm::expm1(-h);
                (shrunk, 2.0 * shrunk, (-libm::expm1(-2.0 * h)).sqrt())
            }
        };
        let drift = Drift::Score { a_minus_one, b, at: At { level, clean: false, truncated: false } };
        // An exponential of h turns a relative error of h into one that is 1 + h times as large.
        Kernel { drift, noise, rounding: LENGTH_ROUNDING * (1.0 + h) }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scheme {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Scheme::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| format!("no scheme is called `{name}`"))
    }
}

/// The reverse SDE from the grid's first time down to its last, one kernel per step.
#[must_use]
pub fn reverse_sde(process: &Process, scheme: Scheme, grid: &TimeGrid) -> Program {
    let block = |(from, to, h): (f64, f64, f64)| Block {
        kernel: scheme.kernel(process, process.elapsed(to, h), process.level(from)),
        repeat: 1,
    };
    Program { blocks: grid.steps().map(block).collect() }
}
