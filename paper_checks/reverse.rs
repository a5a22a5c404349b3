//! Reverse SDEs for the checks of LLT-12 to 15, and their path-KL by other routes than the library's.

use crate::support::{Claim, Given, constant, given, normal, three_dimensional};
use nalgebra::DVector;
use scorebound::bounds::{Instance, Theorem};
use scorebound::laws::{Settings, Start};
use scorebound::numerics::gauss_legendre;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{Program, Scheme, lmc, reverse_sde};
use scorebound::scores::errors::Fourier;
use scorebound::scores::{Damaged, ErrorShape};
use scorebound::targets::{Density, Points, Target};
use scorebound::verdicts::judge;
use std::sync::Arc;

/// A reverse SDE in equal steps.
#[derive(Clone)]
pub struct Reverse {
    pub process: Process,
    pub scheme: Scheme,
    pub horizon: f64,
    pub early: f64,
    pub steps: u64,
}

/// OU from `horizon` to `early` in equal steps.
pub fn ou(scheme: Scheme, horizon: f64, early: f64, steps: u64) -> Reverse {
    Reverse { process: Process::Ou, scheme, horizon, early, steps }
}

/// VE likewise.
pub fn ve(horizon: f64, early: f64, steps: u64) -> Reverse {
    Reverse { process: Process::Ve, scheme: Scheme::EulerMaruyama, horizon, early, steps }
}

impl Reverse {
    pub fn grid(&self) -> TimeGrid {
        TimeGrid::uniform(self.horizon, self.early, self.steps).unwrap()
    }

    pub fn program(&self) -> Program {
        reverse_sde(&self.process, self.scheme, &self.grid())
    }

    pub fn first(&self) -> NoiseLevel {
        self.process.level(self.horizon)
    }

    pub fn last(&self) -> NoiseLevel {
        self.process.level(self.early)
    }

    /// The variance of the prior.
    pub fn prior(&self) -> f64 {
        if self.process.has_unit_prior() { 1.0 } else { self.first().variance() }
    }

    /// On a target, from the prior.
    pub fn on(&self, target: &Density) -> Given {
        let prior = normal(Target::dim(target), 0.0, self.prior());
        given(target).along(self.program(), self.last()).start(prior)
    }

    /// On a target, from the target at the first level.
    pub fn warm(&self, target: &Density) -> Given {
        self.on(target).start(target.noised(self.first()).unwrap())
    }
}

/// 0.25 cos(2 x + 0.3), the error of the reference values.
pub fn wave() -> (Arc<dyn ErrorShape>, f64) {
    (Arc::new(Fourier { dim: 1, frequency: 2.0, phase: 0.3 }), 0.25)
}

/// `sum_k int E|s_k(Y_k) - S_tau(Y_tau)|^2 dtau` (relative scores for REL, half the position added for EM) for N(m, v) on the line
/// and the error `slope x`, by Gauss-Legendre quadrature over the time: the mean of the square of a linear function of two Gaussian variables.
pub fn gaussian_path_kl(by: &Reverse, (m, v): (f64, f64), slope: f64) -> f64 {
    let exploding = by.process == Process::Ve;
    let at = |tau: f64| {
        let a = if exploding { 1.0 } else { (-tau).exp() };
        let noise = if exploding { 2.0 * tau } else { -(-2.0 * tau).exp_m1() };
        (a * m, a * a * v + noise)
    };
    let extra = match by.scheme {
        _ if exploding => 0.0,
        Scheme::Exponential => 0.0,
        Scheme::ExponentialMinus => 1.0,
        Scheme::EulerMaruyama => 0.5,
    };
    let rule = gauss_legendre(64);
    let times = by.grid().times().to_vec();
    let mut total = 0.0;
    for pair in times.windows(2) {
        let h = pair[0] - pair[1];
        let (mk, vk) = at(pair[0]);
        for (node, weight) in rule.nodes.iter().zip(&rule.weights) {
            let delta = 0.5 * h * (node + 1.0);
            let (mt, vt) = at(pair[0] - delta);
            let cov = if exploding { vt } else { (-delta).exp() * vt };
            let (a, b, c) = (slope - 1.0 / vk + extra, 1.0 / vt - extra, mk / vk - mt / vt);
            let square = a * a * vk + b * b * vt + 2.0 * a * b * cov + (a * mk + b * mt + c).powi(2);
            total += 0.5 * h * weight * square;
        }
    }
    total
}

/// Discrete data at the end of a reverse SDE that goes all the way down.
pub fn without_density(by: &Reverse, theorem: &'static Theorem) -> Claim {
    let points = Points::new(vec![0.5, 0.5], [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap();
    let target: Arc<dyn Target> = Arc::new(points);
    let by = Reverse { early: 0.0, ..by.clone() };
    let field = Arc::new(Damaged::exact(Arc::clone(&target)));
    let start = Start::Density(normal(1, 0.0, by.prior()));
    let at = Instance::new(target, by.last(), start, field, by.program(), Settings::default());
    Claim { theorem, judgement: judge(theorem, &at) }
}

/// The hypotheses that all of LLT-12 share, dropped one by one.
pub fn drops_what_is_shared(by: &Reverse, theorem: &'static Theorem) {
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    assert_eq!(without_density(by, theorem).failed(), Some("delta > 0, or p has a density"));
    let unknown = by.on(&three_dimensional()).then(theorem);
    assert!(unknown.leaves_open("E|x|^2 < inf; H and J of p are known at every level"), "{unknown}");
    let huge = good.clone().error(constant(1), 1e200).then(theorem);
    assert!(huge.leaves_open("E_{p_k} |e_k|^2 < inf at every level"), "{huge}");
    if theorem.hypotheses.iter().any(|h| h.says == "KL(p_T | q_0) < inf") {
        assert_eq!(good.start_at_atoms().then(theorem).failed(), Some("KL(p_T | q_0) < inf"));
    }
}

/// The same way with two Langevin steps at its end.
pub fn corrected(by: &Reverse) -> Program {
    let mut program = by.program();
    program.blocks.extend(lmc(0.01, 2, by.last()).blocks);
    program
}
