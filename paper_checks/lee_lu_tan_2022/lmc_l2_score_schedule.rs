//! LLT-6c. See `lmc_l2_score_schedule.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{
    Goal, LMC_L2_SCORE, LMC_L2_SCORE_SCHEDULE, Run, Setting, chebyshev, l2_score, l2_score_closed_best,
    l2_score_schedule, l2_score_schedule_at, phase_steps, schedule_prescription,
};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Rate, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, h, n, epsilon, phases) in [(1, 5e-3, 300, 1e-6, 1), (3, 1e-3, 20_000, 1e-8, 5), (2, 1e-3, 25_000, 1e-10, 7)]
    {
        let at = given(&normal(d, 0.0, 1.0)).start(normal(d, 0.3, 1.0)).run(lmc(h, n));
        let claim = at.epsilon(affine(d, -0.2), epsilon).then(&LMC_L2_SCORE_SCHEDULE);
        // The schedule down to the last threshold that was chosen, with the parameters of each phase; L = C = 1, so
        // u = hL^2C = h, M = ceil(2 ln 8 / h) and the first threshold is (24.3)^{-1/2}.
        let (dim, last) = (d as f64, claim.term("tau-last"));
        let (setting, kl) = (Setting::new(dim, 1.0, 1.0, h), dim * 0.045);
        let chi2_start = (dim * 0.09).exp_m1();
        let run = Run { chi2_start: chi2_start.into(), kl_start: kl.into(), steps: n };
        let delta = |tau: f64| chebyshev(epsilon.into(), tau.into());
        let made = l2_score_schedule_at(&setting, &run, f64::INFINITY, last, &delta).unwrap();
        assert_eq!(claim.term("phases"), made.phases.len() as f64);
        assert!(made.phases.len() <= phases, "{claim}");
        let halves = (2.0 * 8f64.ln() / h).ceil() as u64;
        assert_eq!(phase_steps(&setting), halves);
        let [lambda, kl_beta] = made.kl.unwrap();
        let (kb1, kb2, nu2) = (1.0 + kl_beta, 1.0 + 1.0 / kl_beta, 3.0 * h * h);
        let rho = 2.0 * (1.0 - 1.0 / (4.0 * lambda) - lambda * kb1 * nu2 / (1.0 - nu2));
        let (mut chi2, mut kl, mut sums) = (chi2_start, kl, [0.0, 0.0]);
        for k in 0..n {
            // The bound may end with another threshold in its last phase where the chain is too short to reach it.
            let j = ((k / halves) as usize).min(made.phases.len() - 1);
            let (phase, falling) = (&made.phases[j], 24.3f64.powf(-0.5) / 2f64.powi((k / halves) as i32));
            let tau = falling.max(last);
            assert!((tau / phase.tau - 1.0).abs() < 1e-9, "{k} {tau} {phase:?}");
            let (c, a, beta) = (phase.chi2.c, phase.chi2.a, phase.chi2.beta);
            let (b1, b2, rest) = (1.0 + beta, 1.0 + 1.0 / beta, 1.0 - 6.0 * h * h);
            let r = 2.0 - 1.0 / (2.0 * c) - 2.0 * c * b1 * (24.0 * h * h + 4.0 * h / a) / rest;
            let moved = 2.0 * h * h * (2.0 * dim + tau * tau) + h * dim * (1.0 / (1.0 - 2.0 * a)).ln() / a;
            let gamma = 2.0 * c * h * (b2 * tau * tau + b1 * moved / rest);
            let inc = lambda * kb1 * dim * h * h * (1.0 + 2.0 * h) / (1.0 - nu2)
                + lambda * tau * tau * h * (kb2 + kb1 * (nu2 / 3.0) / (1.0 - nu2));
            let delta = (epsilon / tau).powi(2);
            sums[usize::from(j == made.phases.len() - 1)] += (delta + (chi2 * delta * (1.0 - delta)).sqrt()).min(1.0);
            chi2 = (gamma - r * h).exp() * chi2 + gamma.exp_m1();
            kl = (-rho * h).exp() * kl + inc;
        }
        let end = (chi2.sqrt() / 2.0).min((kl / 2.0).sqrt()).min((-(-kl).exp_m1()).sqrt());
        assert_close_to(made.end, end, 1e-8);
        assert_close_to(made.bad_sets_falling(), sums[0], 1e-5);
        assert_close_to(made.last().bad_sets, sums[1], 1e-5);
        assert_close_to(made.total(), end + sums[0] + sums[1], 1e-5);
        // The registry's: the same where p(|e| > tau) is not known exactly, less where it is.
        let slack = 1e-9 * made.total().hi();
        assert!(claim.bound().hi() <= made.total().hi() + slack, "{claim}");
        if d > 1 {
            assert!(claim.bound().widen(slack).overlaps(made.total()), "{claim}");
        }
    }
    // The prescription, by hand, at d = 10, L = 2, C = 3, K = 1.
    let goal = Goal { dim: 10.0, smoothness: 2.0, lsi: 3.0, k_chi: 1.0, eps_tv: 0.1, eps_chi: 0.1 };
    let p = schedule_prescription(&goal).unwrap();
    let h: f64 = 0.01 / (132.0 * 10.0 * 4.0 * 3.0);
    let (m, n, first) = ((6.0 / h * 8f64.ln()).ceil(), (6.0 / h * 24f64.ln()).ceil(), 72.9f64.powf(-0.5));
    let work = m * (3.42 + 2.14 * 4.0) + (1.0 + 12.0 / h) * 5.07f64.sqrt() + 0.713 * n;
    let by_hand = [h, 4.0 * m + n, 0.1 * first, 0.99 * 0.1 * first / work];
    for (found, by_hand) in [p.step, p.steps as f64, p.tau, p.epsilon].into_iter().zip(by_hand) {
        assert_close(Interval::point(found), by_hand);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 4.0), x in 0.05..1.0f64, time in 0.5..25.0f64, log in -14.0..-3.0f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (132.0 * smoothness * smoothness * lsi);
        let at = given(&p).start(normal(d, 0.2, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.2)] {
            let claim = at.clone().epsilon(shape, 10f64.powf(log)).then(&LMC_L2_SCORE_SCHEDULE);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
        // As prescribed, for a start displaced in the first coordinate by half a standard deviation.
        let goal = Goal { dim: d as f64, smoothness, lsi, k_chi: 0.25f64.exp_m1().sqrt(), eps_tv: x, eps_chi: x };
        let run = schedule_prescription(&goal).unwrap();
        let claim = given(&p).run(lmc(run.step, run.steps)).epsilon(affine(d, -0.2), run.epsilon).then(&LMC_L2_SCORE_SCHEDULE);
        prop_assert!(claim.holds_or_vacuous() && claim.bound().hi() <= 1.5 * x, "{claim}");
        // The exact score has no bad set.
        let exact = at.then(&LMC_L2_SCORE_SCHEDULE);
        prop_assert!(exact.holds_or_vacuous() && exact.bound() == at.then(&LMC_L2_SCORE).bound(), "{exact}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_L2_SCORE_SCHEDULE;
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
    let theorem = &LMC_L2_SCORE_SCHEDULE;
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.3, 1.0)).run(lmc(1e-4, 300_000)).epsilon(constant(1), 1e-9);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let claim = good.sabotaged(noisier(&lmc(1e-4, 300_000), 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The exponent of the admissible error in the accuracy, eps_TV = eps_chi = x, with h, N as in the page and
/// delta = epsilon^2/tau^2: 4 for the published sum and for one threshold, 3 for the schedule, all up to logarithms.
#[test]
fn rate() {
    let (dim, k2): (f64, f64) = (4.0, 1.0);
    let values = [1e-3, 3e-4, 1e-4, 3e-5];
    let goal = |x: f64| Goal { dim, smoothness: 1.0, lsi: 1.0, k_chi: k2.sqrt(), eps_tv: x, eps_chi: x };
    let admissible = |bound: &(dyn Fn(&Setting, &Run, f64) -> Interval + Sync)| -> Rate {
        measure(
            &values,
            Asymptote::Small,
            Condition::AtMost(1.5),
            |_| Search { lo: 1e-30, hi: 1e-3, integer: false, relative: 1e-3 },
            |x, epsilon| {
                let setting = Setting::new(dim, 1.0, 1.0, x * x / (132.0 * dim));
                let steps = schedule_prescription(&goal(x))?.steps;
                let run = Run { chi2_start: k2.into(), kl_start: Interval::point(k2).ln_1p(), steps };
                Ok(bound(&setting, &run, epsilon) / x)
            },
        )
    };
    let ladder =
        |epsilon: f64| -> Vec<f64> { (0..=40).map(|i| epsilon * (1.0 / epsilon).powf(f64::from(i) / 40.0)).collect() };
    let published = admissible(&|s, run, epsilon| l2_score_closed_best(s, run, epsilon.into()).1.total());
    let constant = admissible(&|s, run, epsilon| {
        let delta = |tau: f64| chebyshev(epsilon.into(), tau.into());
        l2_score(s, run, &ladder(epsilon), &delta).unwrap().total()
    });
    let schedule = admissible(&|s, run, epsilon| {
        let delta = |tau: f64| chebyshev(epsilon.into(), tau.into());
        l2_score_schedule(s, run, f64::INFINITY, &ladder(epsilon), &delta).unwrap().total()
    });
    let slope = |rate: &Rate| rate.fit.unwrap().value;
    let found = [&published, &constant, &schedule].map(slope);
    let stated: f64 = ["accuracy-tv", "accuracy-chi"]
        .map(|in_| LMC_L2_SCORE_SCHEDULE.exponents.iter().find(|e| e.of == "epsilon" && e.in_ == in_).unwrap().power)
        .map(|(p, q)| f64::from(p) / f64::from(q))
        .iter()
        .sum();
    assert_eq!(schedule.compare(stated, Better::Larger, 0.15).word(), "matches", "{found:?} {schedule:?}");
    for one in [&published, &constant] {
        assert_eq!(one.compare(4.0, Better::Larger, 0.15).word(), "matches", "{found:?} {one:?}");
    }
    // What the prescription admits, the bound admits.
    for point in &schedule.points {
        assert!(schedule_prescription(&goal(point.value)).unwrap().epsilon < point.threshold.lo, "{point:?}");
    }
    // At the smallest accuracy the schedule admits far more.
    let at_end = |rate: &Rate| rate.points.last().unwrap().threshold.lo;
    assert!(
        at_end(&schedule) > 10.0 * at_end(&constant) && at_end(&constant) > at_end(&published),
        "{schedule:?} {constant:?} {published:?}"
    );
}
