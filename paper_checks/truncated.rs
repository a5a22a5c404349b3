//! Langevin steps with the truncated score at a noise level of OU: what PMM-8 speaks of.

use crate::support::*;
use nalgebra::DVector;
use scorebound::bounds::{Instance, Theorem};
use scorebound::laws::{Settings, Start};
use scorebound::processes::Process;
use scorebound::samplers;
use scorebound::scores::{Damaged, ErrorShape, Size, Truncation, Within, calibrate};
use scorebound::targets::{Data, Density, Points, Target};
use scorebound::verdicts::judge;
use std::sync::Arc;

/// Atoms on the line.
pub fn line_of(weights: &[f64], places: &[f64]) -> Data {
    let atoms = places.iter().map(|&x| DVector::from_element(1, x)).collect();
    Data::Points(Points::new(weights.to_vec(), atoms).unwrap())
}

/// A situation under construction: 10 steps of size 0.01 from the target itself unless told otherwise.
#[derive(Clone)]
pub struct Truncated {
    pub data: Data,
    pub time: f64,
    pub centre: f64,
    pub bound: f64,
    pub within: Within,
    pub error: (Arc<dyn ErrorShape>, Size),
    pub start: Option<Density>,
    pub run: (f64, u64),
    pub truncated: bool,
    pub noise: f64,
}

impl Truncated {
    /// Truncated about 0, in every coordinate by itself.
    pub fn new(data: Data, time: f64, bound: f64, error: Arc<dyn ErrorShape>, amplitude: f64) -> Self {
        let (error, within) = ((error, Size::Amplitude(amplitude)), Within::EachCoordinate);
        let (start, run) = (None, (0.01, 10));
        Self { data, time, centre: 0.0, bound, within, error, start, run, truncated: true, noise: 1.0 }
    }

    pub fn instance(&self) -> Instance {
        let level = Process::Ou.level(self.time);
        let target: Arc<dyn Target> = Arc::new(self.data.clone());
        let field: Damaged = calibrate(Arc::clone(&target), self.error.0.clone(), self.error.1, &[level]).unwrap();
        let centre = DVector::from_element(self.data.dim(), self.centre);
        let truncation = Truncation::new(self.data.clone(), (level, level), centre, self.bound, self.within).unwrap();
        let mut program = samplers::lmc(self.run.0, self.run.1, level);
        program.blocks[0].kernel.noise *= self.noise;
        let program = if self.truncated { program.truncated_first() } else { program };
        let start = self.start.clone().unwrap_or_else(|| self.data.noised(level).unwrap());
        let field = Arc::new(field.with_truncation(truncation));
        Instance::new(target, level, Start::Density(start), field, program, Settings::default())
    }

    pub fn then(&self, theorem: &'static Theorem) -> Claim {
        Claim { theorem, judgement: judge(theorem, &self.instance()) }
    }

    /// Holds the bound for this situation, divided by `factor`, against what is measured of another.
    pub fn against(&self, other: &Truncated, factor: f64, theorem: &'static Theorem) -> Claim {
        held(&self.instance(), &other.instance(), factor, theorem)
    }

    /// a R/q for atoms within R of 0.
    pub fn least(&self, radius: f64) -> f64 {
        let u = (-2.0 * self.time).exp();
        u.sqrt() * radius / (1.0 - u)
    }
}

/// `(1/r) ln int p e^{r e~^2}` on the line for atoms, by the trapezoid rule, everything written out: the score by Bayes' rule,
/// the error, the projection.
pub fn by_trapezoid(weights: &[f64], places: &[f64], t: f64, bound: f64, r: f64, e: impl Fn(f64) -> f64) -> f64 {
    let (a, q) = ((-t).exp(), 1.0 - (-2.0 * t).exp());
    let n = 400_001;
    let reach = places.iter().fold(0.0, |x: f64, y| x.max(a * y.abs())) + 12.0 * q.sqrt();
    let step = 2.0 * reach / f64::from(n - 1);
    let integrand = |x: f64| {
        let part = |i: usize| weights[i] * (-(x - a * places[i]).powi(2) / (2.0 * q)).exp();
        let p: f64 = (0..places.len()).map(part).sum();
        if p == 0.0 {
            return 0.0;
        }
        let v = a / q * (0..places.len()).map(|i| part(i) * places[i]).sum::<f64>() / p;
        let cut = (v + e(x)).clamp(-bound, bound) - v;
        p / (std::f64::consts::TAU * q).sqrt() * (r * cut * cut).exp_m1()
    };
    (0..n).map(|k| integrand(-reach + step * f64::from(k))).sum::<f64>().mul_add(step, 0.0).ln_1p() / r
}
