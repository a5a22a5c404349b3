//! LLT-6a. See `lmc_l2_score.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{Goal, LMC_L2_SCORE, LMC_L2_SCORE_CLOSED, prescription};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, h, n, epsilon) in [(1, 5e-3, 300, 1e-6), (3, 1e-3, 3000, 1e-8), (2, 1e-3, 20_000, 1e-9)] {
        let at = given(&normal(d, 0.0, 1.0)).start(normal(d, 0.3, 1.0)).run(lmc(h, n));
        let claim = at.epsilon(fourier(d, 1.0), epsilon).then(&LMC_L2_SCORE);
        // LLT-6a at c = 1, a = 1/4, beta = 1 and the threshold that was chosen: never better than the minimised bound.
        let (dim, tau, delta) = (d as f64, claim.term("tau"), claim.term("delta"));
        let rest = 1.0 - 6.0 * h * h;
        let r = 1.5 - 4.0 * (24.0 * h * h + 16.0 * h) / rest;
        let drift = 2.0 * h * h * (2.0 * dim + tau * tau) + 4.0 * h * dim * 2f64.ln();
        let gamma = 2.0 * h * (2.0 * tau * tau + 2.0 * drift / rest);
        let mut chi2 = (dim * 0.09).exp_m1();
        let mut bad_sets = 0.0;
        for _ in 0..n {
            bad_sets += (delta + (chi2 * delta * (1.0 - delta)).sqrt()).min(1.0);
            chi2 = (gamma - r * h).exp() * chi2 + gamma.exp_m1();
        }
        let by_hand = chi2.sqrt() / 2.0 + bad_sets;
        assert!(claim.bound().hi() <= by_hand * (1.0 + 1e-9), "{claim} by hand {by_hand}");
        assert!(claim.bound().hi() >= 0.05 * by_hand, "{claim} by hand {by_hand}");
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
