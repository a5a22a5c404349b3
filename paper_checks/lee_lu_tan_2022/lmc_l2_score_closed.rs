//! LLT-6b and the prescription. See `lmc_l2_score_closed.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::Claim as Stated;
use scorebound::bounds::lee_lu_tan_2022::{Goal, LMC_L2_SCORE_CLOSED, prescription};
use scorebound::divergences::Divergence;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, h, n, epsilon) in [(1, 5e-3, 300, 1e-6), (3, 1e-3, 30_000, 1e-8), (20, 1e-3, 100_000, 1e-12)] {
        let at = given(&normal(d, 0.0, 1.0)).start(normal(d, 0.2, 1.0)).run(lmc(h, n));
        let claim = at.epsilon(constant(d), epsilon).then(&LMC_L2_SCORE_CLOSED);
        let (dim, tau, steps) = (d as f64, claim.term("tau"), n as f64);
        let k2 = (dim * 0.04).exp_m1();
        let b2 = 23.0 * dim * h + 8.1 * tau * tau;
        let t1 = 0.25 * (-steps * h / 2.0).exp() * k2;
        let t4 = epsilon / tau * steps * (1.0 + b2).sqrt();
        let t5 = epsilon / tau * k2.sqrt() * (1.0 + 4.0 / h);
        assert_close(claim.bound(), (t1 + 5.75 * dim * h + 2.025 * tau * tau).sqrt() + t4 + t5);
        assert!(tau * tau <= 1.0 / 16.1);
    }
    // The prescription, by hand, at d = 10, L = 2, C = 3, K = 1.
    let goal = Goal { dim: 10.0, smoothness: 2.0, lsi: 3.0, k_chi: 1.0, eps_tv: 0.1, eps_chi: 0.1 };
    let p = prescription(&goal).unwrap();
    let h: f64 = 0.01 / (132.0 * 10.0 * 4.0 * 3.0);
    let n = (6.0 / h * 300f64.ln()).ceil();
    let tau = 0.1 / 72.9f64.sqrt();
    let epsilon = 0.1 * tau / (n * 1.01f64.sqrt() + 1.0 + 12.0 / h);
    for (found, by_hand) in [(p.step, h), (p.steps as f64, n), (p.tau, tau), (p.epsilon, epsilon)] {
        assert_close(Interval::point(found), by_hand);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 4.0), tv in 0.01..1.0f64, chi in 0.1..1.0f64, x in 0.3..1.0f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        // A start displaced in the first coordinate by a standard deviation times x.
        let goal = Goal { dim: d as f64, smoothness, lsi, k_chi: (x * x).exp_m1().sqrt(), eps_tv: tv, eps_chi: chi };
        let run = prescription(&goal).unwrap();
        let claim = given(&p).run(lmc(run.step, run.steps)).epsilon(affine(d, -0.2), run.epsilon).then(&LMC_L2_SCORE_CLOSED);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
        prop_assert!(claim.bound().hi() <= tv + chi / 2.0, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_L2_SCORE_CLOSED;
    let good =
        given(&normal(2, 0.0, 1.0)).start(normal(2, 0.3, 1.0)).run(lmc(2e-3, 4000)).epsilon(affine(2, -0.2), 1e-9);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.005, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().start(normal(2, 0.0, 2.0)).then(theorem).failed(), Some("chi2(q_0 | p) < inf"));
    assert_eq!(good.clone().run(lmc(0.0076, 10)).then(theorem).failed(), Some("h <= 1/(132 L^2 C)"));
    let many = given(&normal(10, 0.0, 1.0)).run(lmc(0.005, 10)).then(theorem);
    assert_eq!(many.failed(), Some("h <= 1/(46 d L^2 C)"));
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
    let theorem = &LMC_L2_SCORE_CLOSED;
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.3, 1.0)).run(lmc(1e-4, 300_000)).epsilon(constant(1), 1e-12);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let claim = good.sabotaged(noisier(&lmc(1e-4, 300_000), 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The exponents that the prescription proves, solved for in the prescription itself; and a truth that beats them.
#[test]
fn rate() {
    let base = Goal { dim: 4.0, smoothness: 2.0, lsi: 3.0, k_chi: 1.0, eps_tv: 0.01, eps_chi: 0.001 };
    let change = |in_: &str, x: f64| match in_ {
        "dim" => Goal { dim: 4.0 * x, ..base },
        "smoothness" => Goal { smoothness: 2.0 * x, ..base },
        "lsi" => Goal { lsi: 3.0 * x, ..base },
        "accuracy-tv" => Goal { eps_tv: 0.01 * x, ..base },
        "accuracy-chi" => Goal { eps_chi: 0.001 * x, ..base },
        other => panic!("no parameter {other}"),
    };
    for exponent in LMC_L2_SCORE_CLOSED.exponents.iter().filter(|e| e.claim == Stated::Guarantee) {
        let small = exponent.in_.starts_with("accuracy");
        let values = if small { [1.0, 0.5, 0.25, 0.125] } else { [1.0, 2.0, 4.0, 8.0] };
        let found = measure(
            &values,
            if small { Asymptote::Small } else { Asymptote::Large },
            Condition::AtMost(1.0),
            |_| Search::real(1e-40, 1.0),
            |x, threshold| {
                let p = prescription(&change(exponent.in_, x))?;
                Ok(Interval::point(threshold / if exponent.of == "step" { p.step } else { p.epsilon }))
            },
        );
        let stated = f64::from(exponent.power.0) / f64::from(exponent.power.1);
        // The logarithm in N moves the exponent of epsilon in eps_chi by about 2/ln(3/eps_chi^2).
        let tolerance = if (exponent.of, exponent.in_) == ("epsilon", "accuracy-chi") { 0.15 } else { 0.01 };
        assert_eq!(found.compare(stated, Better::Larger, tolerance).word(), "matches", "{exponent:?} {found:?}");
    }
    // The truth for a constant error on N(0, C): epsilon goes like C^{-1/2}, not C^{-5/2}.
    let truth = measure(
        &[1.0, 2.0, 4.0, 8.0],
        Asymptote::Large,
        Condition::AtMost(0.1),
        |_| Search::real(1e-4, 1.0),
        |lsi, epsilon| {
            let h = 1e-4 * lsi;
            let at = given(&normal(1, 0.0, lsi)).run(lmc(h, steps(30.0 * lsi, h))).epsilon(constant(1), epsilon);
            at.instance().divergence(Divergence::Tv).map(|tv| tv.value)
        },
    );
    assert_eq!(truth.compare(-2.5, Better::Larger, 0.05).word(), "beaten", "{truth:?}");
}
