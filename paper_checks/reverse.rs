//! Reverse SDEs for the checks of LLT-12 to 15, and their path-KL by other routes than the library's.

use crate::support::*;
use nalgebra::DVector;
use scorebound::bounds::{Instance, Theorem};
use scorebound::divergences::Divergence;
use scorebound::laws::{Settings, Start};
use scorebound::numerics::gauss_legendre;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{Program, Scheme, lmc, reverse_sde};
use scorebound::scores::errors::Fourier;
use scorebound::scores::{Damaged, ErrorShape};
use scorebound::targets::{Density, Points, Target};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, judge, rate as measure};
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

/// LLT-12a to c and VE against other routes: `mixture` holds the path-KL of three steps from 1.3 to 0.1 on [`two_modes`] with the error of
/// [`wave`] and without, `int E|s_k(Y_k) - S_tau(Y)|^2` by quadrature in time (24 Gauss nodes a step) and over (Y_k, Y) (trapezoidal rule
/// in both), in Python; both halvings agree to 1e-12. `noised` is what the process makes of a mean and a variance in time 1.5.
pub fn restates_the_path(
    way: impl Fn(f64, f64, u64) -> Reverse,
    theorem: &'static Theorem,
    mixture: [f64; 2],
    noised: impl Fn(f64, f64) -> (f64, f64),
) {
    let by = way(1.3, 0.1, 3);
    let (shape, c) = wave();
    for (at, reference) in [by.warm(&two_modes()).error(shape, c), by.warm(&two_modes())].into_iter().zip(mixture) {
        assert_close_to(at.then(theorem).bound(), reference, 1e-10);
    }
    // Gaussians, one step or many, exact score or e = c x/5.
    for (by, m, v, c) in
        [(way(2.0, 0.05, 1), 0.7, 0.3, 0.4), (way(1.0, 0.0, 7), -0.4, 2.5, 0.0), (way(3.0, 0.01, 200), 1.0, 0.5, 1.5)]
    {
        let claim = by.warm(&normal(1, m, v)).error(affine(1, 0.2), c).then(theorem);
        let by_hand = gaussian_path_kl(&by, (m, v), 0.2 * c);
        let apart = (claim.bound().mid() - by_hand).abs();
        assert!(apart < 1e-10 * by_hand && claim.bound().width() < 1e-10 * by_hand, "{claim} {by_hand}");
    }
    // From the prior the KL of the start comes on top.
    let (by, p) = (way(1.5, 0.1, 5), normal(2, 0.3, 0.4));
    let (warm, cold) = (by.warm(&p).then(theorem), by.on(&p).then(theorem));
    let (m, v) = noised(0.3, 0.4);
    let ratio = v / by.prior();
    assert_close(cold.bound() - warm.bound(), ratio - 1.0 - f64::ln(ratio) + m * m / by.prior());
}

/// What OU makes of a mean and a variance in time 1.5.
pub fn shrunk(m: f64, v: f64) -> (f64, f64) {
    (m * (-1.5_f64).exp(), 1.0 + (v - 1.0) * (-3.0_f64).exp())
}

/// The statement holds on a Gaussian, from the prior and from the target, for a constant and an affine error, and the KL on the grid
/// (`chain`, LLT-12d) is no larger than that of the paths.
pub fn holds_along(
    by: &Reverse,
    p: &Density,
    c: f64,
    (theorem, chain): (&'static Theorem, &'static Theorem),
) -> Result<(), String> {
    let d = Target::dim(p);
    for shape in [constant(d), affine(d, -0.2)] {
        for at in [by.on(p), by.warm(p)].map(|at| at.error(Arc::clone(&shape), c)) {
            let (claim, chain) = (at.then(theorem), at.then(chain).bound());
            if !claim.holds() || chain.lo() > claim.bound().hi() {
                return Err(format!("{claim}, on the grid {chain}"));
            }
        }
    }
    Ok(())
}

/// The three ways to be no such sampler: more noise, Langevin steps at the end, another way down.
pub fn is_no_other_sampler(by: &Reverse, theorem: &'static Theorem, others: &[Program], says: &'static str) {
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.1);
    for program in [noisier(&by.program(), 1.2), corrected(by)].iter().chain(others) {
        assert_eq!(good.clone().run(program.clone()).then(theorem).failed(), Some(says));
    }
}

/// More noise than the sampler adds, held against the honest bound, violates it; so does the bound over a million.
pub fn is_violated_by_noise(good: &Given, by: &Reverse, theorem: &'static Theorem) {
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), theorem).is_violated());
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The admissible size of the error goes like the root of the accuracy, as guaranteed.
pub fn admits_the_root_of_the_accuracy(on: &Given, theorem: &'static Theorem) {
    let found = measure(
        &[0.3, 1.0, 3.0, 10.0],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-2, 1e3),
        |accuracy, c| {
            let at = on.clone().error(constant(1), c).instance();
            at.divergence(Divergence::KlReverse).map(|kl| kl.value / accuracy)
        },
    );
    let exponent = theorem.exponents.iter().find(|e| e.of == "epsilon" && e.in_ == "accuracy").unwrap();
    let stated = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(stated, Better::Larger, 0.01).word(), "matches", "{found:?}");
}
