//! What the checks of the corrector share.

use crate::support::*;
use nalgebra::DVector;
use scorebound::bounds::{Instance, Theorem};
use scorebound::processes::{NoiseLevel, Process};
use scorebound::samplers::{self, Program};
use scorebound::scores::ErrorShape;
use scorebound::targets::{Data, Points, Target};
use std::sync::Arc;

/// A value of `reference/prediction_correction.json`.
pub fn reference(name: &str) -> f64 {
    let text = include_str!("reference/prediction_correction.json");
    let all: serde_json::Value = serde_json::from_str(text).unwrap();
    all["values"][name]["value"].as_str().unwrap_or_else(|| panic!("no value {name}")).parse().unwrap()
}

/// Langevin Monte Carlo at the OU time t, and the level.
pub fn at_time(t: f64, step: f64, steps: u64) -> (Program, NoiseLevel) {
    let level = Process::Ou.level(t);
    (samplers::lmc(step, steps, level), level)
}

/// The law of the reference values: 0.3, 0.4, 0.3 at -2, 1/2, 3.
pub fn three_atoms() -> Data {
    let atoms = [-2.0, 0.5, 3.0].map(|x| DVector::from_element(1, x)).to_vec();
    Data::Points(Points::new(vec![0.3, 0.4, 0.3], atoms).unwrap())
}

/// The three atoms at the OU time 1, with LMC from the warm start `N(a EX, q)`.
pub fn warm_three(step: f64, steps: u64) -> Given {
    let (program, level) = at_time(1.0, step, steps);
    let mean = level.alpha * three_atoms().density(NoiseLevel { alpha: 1.0, sigma: 1.0 }).unwrap().mean()[0];
    given_data(three_atoms()).start(normal(1, mean, level.variance())).along(program, level)
}

/// KL(N(m, v I) | N(0, w I)) in d dimensions.
pub fn kl(d: f64, m: f64, v: f64, w: f64) -> f64 {
    0.5 * d * (v / w - 1.0 - (v / w).ln() + m * m / w)
}

/// The instance of a situation on N(0, 1) with a constant error, for rates.
pub fn standard(start: (f64, f64), step: f64, time: f64, amplitude: f64) -> Instance {
    let at = given(&normal(1, 0.0, 1.0)).start(normal(1, start.0, start.1)).run(lmc(step, steps(time, step)));
    at.error(constant(1), amplitude).instance()
}

/// The statement holds at this situation; with more noise it is violated, and with its bound divided by 1e6.
pub fn can_be_violated(theorem: &'static Theorem, at: &Given, program: &Program) {
    assert!(at.then(theorem).holds(), "{}", at.then(theorem));
    let claim = at.sabotaged(noisier(program, 3.0), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(at.with_bound_over(1e6, theorem).is_violated());
}

/// What breaks the hypotheses that most of them share.
pub fn shared_hypotheses(theorem: &'static Theorem, good: &Given) {
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.1, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    let asks = |says: &str| theorem.hypotheses.iter().any(|h| h.says == says);
    if asks("p satisfies LSI(C)") {
        let far = given(&far_modes()).run(lmc(1e-14, 3)).error(constant(1), 0.1).then(theorem);
        assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    }
    if asks("KL(q_0 | p) < inf") {
        assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("KL(q_0 | p) < inf"));
    }
    if asks("E_p |e|^2 <= epsilon^2 < inf") {
        // Every shape is square integrable under every target; only an amplitude beyond the doubles is not.
        let large = good.clone().error(affine(2, -15.0), 1e307).then(theorem);
        assert!(large.leaves_open("E_p |e|^2 <= epsilon^2 < inf"), "{large}");
    }
    if asks("dq_0/dp <= D < inf") {
        let wide = good.clone().start(normal(2, 0.0, 1.5)).then(theorem);
        assert!(wide.leaves_open("dq_0/dp <= D < inf"), "{wide}");
        assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("dq_0/dp <= D < inf"));
    }
}

/// A wave on the line.
pub fn wave() -> Arc<dyn ErrorShape> {
    fourier(1, 1.5)
}
