//! LLT-4b. See `lmc_kl_inexact.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LMC_KL_INEXACT;
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, judge, rate as measure};

#[test]
fn restated_independently() {
    for (d, variance, h, n, c) in [(1, 2.0, 0.05, 7, 0.3), (3, 0.5, 0.01, 100, 0.01), (20, 1.0, 1e-4, 30_000, 0.1)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.5, variance)).run(lmc(h, n));
        let claim = at.error(constant(d), c).then(&LMC_KL_INEXACT);
        let (smoothness, lsi, dim) = (1.0 / variance, variance, d as f64);
        let start = dim * 0.25 / (2.0 * variance);
        let by_hand =
            (-(n as f64) * h / lsi).exp() * start + 3.0 * dim * smoothness * smoothness * lsi * h + 2.0 * lsi * c * c;
        assert_close(claim.bound(), by_hand);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), x in 0.01..1.0f64, time in 0.1..12.0f64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (6.0 * smoothness) * (1.0 - 1e-12);
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.2)] {
            let claim = at.clone().error(shape, c).then(&LMC_KL_INEXACT);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_KL_INEXACT;
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 1.0)).run(lmc(0.1, 10)).error(constant(2), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.1, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().run(lmc(0.167, 10)).then(theorem).failed(), Some("h <= 1/(6 L)"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).error(constant(2), 0.1).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let unbounded = given(&two_modes()).start(normal(1, 0.0, 1.0)).run(lmc(1e-3, 5000)).error(affine(1, 200.0), 1.0);
    assert!(unbounded.then(theorem).leaves_open("E_{q_k} |e|^2 <= tau^2 for k < N"), "{}", unbounded.then(theorem));
    let far = given(&far_modes()).run(lmc(1e-14, 3)).error(constant(1), 0.1).then(theorem);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("KL(q_0 | p) < inf"));
}

#[test]
fn can_be_violated() {
    let theorem = &LMC_KL_INEXACT;
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.5)).run(lmc(1e-3, 20_000)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The guarantee has exponent -2 in L; on N(0, 1/L) for a time in units of C the largest step goes like L^{-1}.
#[test]
fn rate() {
    let found = measure(
        &[8.0, 16.0, 32.0, 64.0],
        Asymptote::Large,
        Condition::AtMost(1e-4),
        |smoothness| Search::real(1e-4 / smoothness, 0.3 / smoothness),
        |smoothness, h| {
            // C = 1 throughout: a second coordinate of variance 1 carries it, L sits in the first.
            let p = diagonal(&[1.0 / smoothness, 1.0]);
            let at = given(&p).run(lmc(h, steps(40.0, h))).error(constant(2), 1e-6).instance();
            at.divergence(Divergence::Kl).map(|kl| kl.value)
        },
    );
    let exponent = LMC_KL_INEXACT.exponents.iter().find(|e| e.of == "step" && e.in_ == "smoothness").unwrap();
    let outcome = found.compare(f64::from(exponent.power.0), Better::Larger, 0.15);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 1.0).abs() < 0.1, "{found:?}");
}

/// The verdict does not depend on how many steps an engine can afford to follow one by one.
#[test]
fn an_affine_error_is_bounded_along_any_chain() {
    for steps in [200, 300, 2_000_000] {
        let at = given(&two_modes()).run(lmc(2e-4, steps)).epsilon(affine(1, 1.0), 1e-9);
        let judged = judge(&LMC_KL_INEXACT, &at.instance());
        assert!(judged.bound.is_some() && !judged.verdict.is_violated(), "{steps}: {judged}");
        assert!(steps > 300 || judged.holds_or_vacuous(), "{steps}: {judged}");
    }
}

/// The double below 1/6 is admissible, the one above is not, and the digits show it.
#[test]
fn the_step_is_compared_with_its_limit_exactly() {
    let at = |h: f64| given(&normal(1, 0.0, 1.0)).start(normal(1, 0.5, 1.3)).run(lmc(h, 50)).error(constant(1), 0.01);
    let below = 0.16666666666666666;
    assert!(at(below).then(&LMC_KL_INEXACT).holds(), "{}", at(below).then(&LMC_KL_INEXACT));
    let above = at(f64::next_up(below)).then(&LMC_KL_INEXACT);
    assert_eq!(above.failed(), Some("h <= 1/(6 L)"));
    assert!(above.to_string().contains("h L = 1.6666666666666669e-1, allowed 1/6"), "{above}");
}
