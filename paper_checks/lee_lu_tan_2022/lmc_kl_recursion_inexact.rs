//! LLT-4a. See `lmc_kl_recursion_inexact.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{LMC_KL_INEXACT, LMC_KL_RECURSION_INEXACT};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// The recursion of the statement, step by step.
fn by_hand([d, smoothness, lsi, h]: [f64; 4], kl: f64, errors: &[f64], (lambda, beta): (f64, f64)) -> f64 {
    let (n, u) = (3.0, h * smoothness);
    let (b1, b2) = (1.0 + beta, 1.0 + 1.0 / beta);
    let nu2 = n * u * u;
    let rho = 2.0 / lsi * (1.0 - 1.0 / (4.0 * lambda) - lambda * b1 * nu2 / (1.0 - nu2));
    errors.iter().fold(kl, |kl, error2| {
        let inc = lambda * b1 * smoothness * smoothness * d * h * h * (1.0 + 2.0 * n * u / 3.0) / (1.0 - nu2)
            + lambda * error2 * h * (b2 + b1 * (nu2 / 3.0) / (1.0 - nu2));
        (-rho * h).exp() * kl + inc
    })
}

#[test]
fn restated_independently() {
    for (d, variance, h, n, c) in [(1, 2.0, 0.05, 7, 0.3), (3, 0.5, 0.01, 100, 0.01), (8, 1.0, 1e-3, 3000, 0.1)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.5, variance)).run(lmc(h, n));
        let claim = at.error(constant(d), c).then(&LMC_KL_RECURSION_INEXACT);
        let (lambda, beta) = (claim.term("lambda"), claim.term("beta"));
        let start = d as f64 * 0.25 / (2.0 * variance);
        let errors = vec![c * c; n as usize];
        assert_close(claim.bound(), by_hand([d as f64, 1.0 / variance, variance, h], start, &errors, (lambda, beta)));
    }
    // An affine error e = -c x/5 along a Gaussian chain: E_{q_k}|e|^2 = (c/5)^2 (m_k^2 + v_k).
    let (h, c) = (0.02, 0.3);
    let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 1.0, 0.5)).run(lmc(h, 50)).error(affine(1, -0.2), c);
    let claim = at.then(&LMC_KL_RECURSION_INEXACT);
    let (mut m, mut v) = (1.0, 0.5);
    let a = 1.0 - h * (1.0 + c / 5.0);
    let errors: Vec<f64> = (0..50)
        .map(|_| {
            let error2 = (c / 5.0).powi(2) * (m * m + v);
            (m, v) = (a * m, a * a * v + 2.0 * h);
            error2
        })
        .collect();
    let start = 0.5 * (0.5 - 1.0 - 0.5_f64.ln() + 1.0);
    assert_close(
        claim.bound(),
        by_hand([1.0, 1.0, 1.0, h], start, &errors, (claim.term("lambda"), claim.term("beta"))),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), x in 0.01..1.0f64, time in 0.1..12.0f64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (6.0 * smoothness);
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.2)] {
            let at = at.clone().error(shape, c);
            let claim = at.then(&LMC_KL_RECURSION_INEXACT);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
            prop_assert!(claim.bound().hi() <= at.then(&LMC_KL_INEXACT).bound().hi() * (1.0 + 1e-9));
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_KL_RECURSION_INEXACT;
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 1.0)).run(lmc(0.05, 10)).error(constant(2), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().run(lmc(0.58, 10)).then(theorem).failed(), Some("3 (hL)^2 < 1"));
    let steep = good.clone().run(lmc(0.5, 10)).then(theorem);
    assert_eq!(steep.failed(), Some("rho > 0 for some lambda > 1/4, beta > 0"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).error(constant(2), 0.1).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    // An unbounded error along a chain that is not Gaussian, too long to follow, and runs away.
    let unbounded = given(&two_modes()).start(normal(1, 0.0, 1.0)).run(lmc(1e-3, 5000)).error(affine(1, 200.0), 1.0);
    assert!(unbounded.then(theorem).leaves_open("E_{q_k} |e|^2 <= tau^2 for k < N"), "{}", unbounded.then(theorem));
    let far = given(&far_modes()).run(lmc(1e-14, 3)).error(constant(1), 0.1).then(theorem);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("KL(q_0 | p) < inf"));
}

#[test]
fn can_be_violated() {
    let theorem = &LMC_KL_RECURSION_INEXACT;
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.5)).run(lmc(1e-3, 20_000)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The error term is sharp: for a constant error on N(0, C) the admissible amplitude goes like (acc/C)^{1/2}, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1.0, 2.0, 4.0, 8.0],
        Asymptote::Large,
        Condition::AtMost(1e-3),
        |_| Search::real(1e-4, 1.0),
        |lsi, amplitude| {
            let h = 1e-5 * lsi;
            let at = given(&normal(1, 0.0, lsi)).run(lmc(h, steps(30.0 * lsi, h))).error(constant(1), amplitude);
            at.instance().divergence(Divergence::Kl).map(|kl| kl.value)
        },
    );
    let exponent =
        LMC_KL_RECURSION_INEXACT.exponents.iter().find(|e| e.of == "path-epsilon" && e.in_ == "lsi").unwrap();
    let stated = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(stated, Better::Larger, 0.02).word(), "matches", "{found:?}");
}
