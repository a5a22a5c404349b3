//! LLT-6a. See `lmc_l2_score.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{Goal, LMC_L2_SCORE, LMC_L2_SCORE_CLOSED, prescription};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, h, n, epsilon, relative) in
        [(1, 5e-3, 300, 1e-6, 1e-9), (3, 1e-3, 3000, 1e-8, 1e-9), (2, 1e-3, 20_000, 1e-9, 1e-6)]
    {
        let at = given(&normal(d, 0.0, 1.0)).start(normal(d, 0.3, 1.0)).run(lmc(h, n));
        let claim = at.epsilon(fourier(d, 1.0), epsilon).then(&LMC_L2_SCORE);
        // LLT-6a, step by step, at the threshold and the parameters that were chosen; L = C = 1, so u = hL^2C = h.
        let (dim, tau, delta) = (d as f64, claim.term("tau"), claim.term("delta"));
        let (c, a, beta) = (claim.term("c"), claim.term("a"), claim.term("beta"));
        let (b1, b2, rest) = (1.0 + beta, 1.0 + 1.0 / beta, 1.0 - 6.0 * h * h);
        let r = 2.0 - 1.0 / (2.0 * c) - 2.0 * c * b1 * (24.0 * h * h + 4.0 * h / a) / rest;
        let moved = 2.0 * h * h * (2.0 * dim + tau * tau) + h * dim * (1.0 / (1.0 - 2.0 * a)).ln() / a;
        let gamma = 2.0 * c * h * (b2 * tau * tau + b1 * moved / rest);
        // The same for KL (LLT-4a with every error equal to tau). KL_0 = |m|^2/2 is below ln(1 + chi2_0).
        let (lambda, beta) = (claim.term("lambda"), claim.term("kl-beta"));
        let (b1, b2, nu2) = (1.0 + beta, 1.0 + 1.0 / beta, 3.0 * h * h);
        let rho = 2.0 * (1.0 - 1.0 / (4.0 * lambda) - lambda * b1 * nu2 / (1.0 - nu2));
        let inc = lambda * b1 * dim * h * h * (1.0 + 2.0 * h) / (1.0 - nu2)
            + lambda * tau * tau * h * (b2 + b1 * (nu2 / 3.0) / (1.0 - nu2));
        let (mut chi2, mut kl, mut bad_sets) = ((dim * 0.09).exp_m1(), dim * 0.045, 0.0);
        for _ in 0..n {
            bad_sets += (delta + (chi2 * delta * (1.0 - delta)).sqrt()).min(1.0);
            chi2 = (gamma - r * h).exp() * chi2 + gamma.exp_m1();
            kl = (-rho * h).exp() * kl + inc;
        }
        let end = (chi2.sqrt() / 2.0).min((kl / 2.0).sqrt()).min((-(-kl).exp_m1()).sqrt());
        assert_close_to(claim.bound(), end + bad_sets, relative);
        assert!(delta <= (epsilon / tau).powi(2) * (1.0 + 1e-9), "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 4.0), x in 0.05..1.0f64, time in 0.5..15.0f64, log in -14.0..-3.0f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (132.0 * smoothness * smoothness * lsi);
        let at = given(&p).start(normal(d, 0.2, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.2)] {
            let claim = at.clone().epsilon(shape, 10f64.powf(log)).then(&LMC_L2_SCORE);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_L2_SCORE;
    let good =
        given(&normal(2, 0.0, 1.0)).start(normal(2, 0.3, 1.0)).run(lmc(2e-3, 4000)).epsilon(affine(2, -0.2), 1e-9);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.005, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().start(normal(2, 0.0, 2.0)).then(theorem).failed(), Some("chi2(q_0 | p) < inf"));
    let long = good.clone().run(lmc(0.3, 10)).then(theorem);
    assert_eq!(long.failed(), Some("6 (hL)^2 < 1 and r > 0 for some c, a, beta"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.001, 3)).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let far = given(&far_modes()).run(lmc(1e-30, 3)).then(theorem);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    // Every shape is square integrable under every target; only an amplitude beyond the doubles is not.
    let large = good.clone().error(affine(2, -100.0), 1e307).then(theorem);
    assert!(large.leaves_open("E_p |e|^2 <= epsilon^2 < inf"), "{large}");
}

#[test]
fn can_be_violated() {
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.3, 1.0)).run(lmc(1e-4, 200_000)).epsilon(constant(1), 1e-9);
    assert!(good.then(&LMC_L2_SCORE).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-4, 200_000), 1.5), &LMC_L2_SCORE);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, &LMC_L2_SCORE).is_violated());
}

/// The prescription proves h ~ eps_chi^2/d; with h and N as prescribed, the recursion needs less: it is never worse than the
/// closed form, and the step that the truth allows goes like d^{-1/2}.
#[test]
fn rate() {
    for d in [1, 4, 16, 64] {
        let goal = Goal { dim: d as f64, smoothness: 1.0, lsi: 1.0, k_chi: 1.0, eps_tv: 0.1, eps_chi: 0.5 };
        let p = prescription(&goal).unwrap();
        let at = given(&normal(d, 0.0, 1.0)).run(lmc(p.step, p.steps)).epsilon(constant(d), p.epsilon);
        let (recursion, closed) = (at.then(&LMC_L2_SCORE), at.then(&LMC_L2_SCORE_CLOSED));
        assert!(
            recursion.bound().hi() <= closed.bound().hi() && recursion.holds() && closed.holds(),
            "{recursion}\n{closed}"
        );
        assert!(closed.bound().hi() <= 0.1 + 0.25, "{closed}");
    }
    let found = measure(
        &[64.0, 128.0, 256.0, 512.0],
        Asymptote::Large,
        Condition::AtMost(0.05),
        |_| Search { lo: 1e-4, hi: 0.25, integer: false, relative: 1e-4 },
        |d, h| {
            let at = given(&normal(d as usize, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::Tv).map(|tv| tv.value)
        },
    );
    let stated = LMC_L2_SCORE.exponents.iter().find(|e| e.of == "step" && e.in_ == "dim").unwrap().power.0;
    let outcome = found.compare(f64::from(stated), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 0.5).abs() < 0.05, "{found:?}");
}
