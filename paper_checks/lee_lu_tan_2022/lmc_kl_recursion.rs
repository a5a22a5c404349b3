//! LLT-3a. See `lmc_kl_recursion.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{LMC_KL, LMC_KL_RECURSION};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, variance, h, n) in [(1, 2.0, 0.05, 7), (3, 0.5, 0.01, 100), (20, 1.0, 1e-3, 3000)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.5, variance)).run(lmc(h, n));
        let claim = at.then(&LMC_KL_RECURSION);
        let (smoothness, lsi, dim) = (1.0 / variance, variance, d as f64);
        let (lambda, u) = (claim.term("lambda"), h * smoothness);
        let rho = 2.0 / lsi * (1.0 - 1.0 / (4.0 * lambda) - 2.0 * lambda * u * u / (1.0 - 2.0 * u * u));
        let inc = lambda * smoothness * smoothness * dim * h * h * (1.0 + 4.0 * u / 3.0) / (1.0 - 2.0 * u * u);
        let mut kl = dim * 0.25 / (2.0 * variance);
        for _ in 0..n {
            kl = (-rho * h).exp() * kl + inc;
        }
        assert_close(claim.bound(), kl);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=24, 8.0), x in 0.001..1.0f64, time in 0.1..12.0f64, shift in -1.0..1.0f64) {
        let (smoothness, lsi) = constants(&p);
        let h = x / (4.0 * smoothness);
        let start = normal(scorebound::targets::Target::dim(&p), shift, 0.2);
        let at = given(&p).start(start).run(lmc(h, steps(time * lsi, h)));
        let claim = at.then(&LMC_KL_RECURSION);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
        // The closed form is a weakening of this one: it follows at lambda = 1.
        prop_assert!(claim.bound().hi() <= at.then(&LMC_KL).bound().hi() * (1.0 + 1e-9));
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let p = normal(2, 0.0, 1.0);
    let good = given(&p).start(normal(2, 1.0, 1.0)).run(lmc(0.1, 10));
    assert!(good.then(&LMC_KL_RECURSION).holds(), "{}", good.then(&LMC_KL_RECURSION));
    let noisy = good.clone().run(noisier(&lmc(0.1, 10), 1.5)).then(&LMC_KL_RECURSION);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().error(constant(2), 0.1).then(&LMC_KL_RECURSION).failed(), Some("the score is exact"));
    assert_eq!(good.clone().run(lmc(0.71, 10)).then(&LMC_KL_RECURSION).failed(), Some("2 (hL)^2 < 1"));
    let steep = good.clone().run(lmc(0.5, 10)).then(&LMC_KL_RECURSION);
    assert_eq!(steep.failed(), Some("rho > 0 for some lambda > 1/4"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).then(&LMC_KL_RECURSION);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let far = given(&far_modes()).run(lmc(1e-14, 3)).then(&LMC_KL_RECURSION);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    assert_eq!(good.clone().start_at_atoms().then(&LMC_KL_RECURSION).failed(), Some("KL(q_0 | p) < inf"));
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.5)).run(lmc(1e-3, 20_000));
    assert!(good.then(&LMC_KL_RECURSION).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.5), &LMC_KL_RECURSION);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, &LMC_KL_RECURSION).is_violated());
}

/// The guarantee has exponent 1 in the accuracy; on N(0, 1) the largest step at stationarity goes like acc^{1/2}.
#[test]
fn rate() {
    let found = measure(
        &[1e-7, 1e-6, 1e-5, 1e-4],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-5, 0.3),
        |accuracy, h| {
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::Kl).map(|kl| kl.value / accuracy)
        },
    );
    let exponent = LMC_KL_RECURSION.exponents.iter().find(|e| e.of == "step" && e.in_ == "accuracy").unwrap();
    let outcome = found.compare(f64::from(exponent.power.0), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value - 0.5).abs() < 0.03, "{found:?}");
}
