//! LLT-3b. See `lmc_kl.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LMC_KL;
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, variance, h, n) in [(1, 2.0, 0.05, 7), (3, 0.5, 0.01, 100), (20, 1.0, 1e-4, 30_000)] {
        let claim = given(&normal(d, 0.0, variance)).start(normal(d, 0.5, variance)).run(lmc(h, n)).then(&LMC_KL);
        let (smoothness, lsi) = (1.0 / variance, variance);
        let kl_start = d as f64 * 0.25 / (2.0 * variance);
        let by_hand = (-(n as f64) * h / lsi).exp() * kl_start + 1.5 * d as f64 * smoothness.powi(2) * lsi * h;
        assert_close(claim.bound(), by_hand);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=24, 8.0), x in 0.001..1.0f64, time in 0.1..12.0f64, shift in -1.0..1.0f64) {
        let (smoothness, lsi) = constants(&p);
        let h = x / (4.0 * smoothness);
        let start = normal(scorebound::targets::Target::dim(&p), shift, 0.2);
        let claim = given(&p).start(start).run(lmc(h, steps(time * lsi, h))).then(&LMC_KL);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let p = normal(2, 0.0, 1.0);
    let good = given(&p).start(normal(2, 1.0, 1.0)).run(lmc(0.1, 10));
    assert!(good.then(&LMC_KL).holds(), "{}", good.then(&LMC_KL));
    let noisy = good.clone().run(noisier(&lmc(0.1, 10), 1.5)).then(&LMC_KL);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().error(constant(2), 0.1).then(&LMC_KL).failed(), Some("the score is exact"));
    assert_eq!(good.clone().run(lmc(0.2501, 10)).then(&LMC_KL).failed(), Some("h <= 1/(4 L)"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).then(&LMC_KL);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let far = given(&far_modes()).run(lmc(1e-14, 3)).then(&LMC_KL);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
    assert_eq!(good.clone().start_at_atoms().then(&LMC_KL).failed(), Some("KL(q_0 | p) < inf"));
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.5)).run(lmc(1e-3, 20_000));
    assert!(good.then(&LMC_KL).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.5), &LMC_KL);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, &LMC_KL).is_violated());
}

/// The guarantee h = acc/(3 d L^2 C) has exponent -1 in d; on N(0, I_d) the largest step at stationarity goes like d^{-1/2}.
#[test]
fn rate() {
    let found = measure(
        &[64.0, 256.0, 1024.0, 4096.0],
        Asymptote::Large,
        Condition::AtMost(0.01),
        |_| Search::real(1e-5, 0.25),
        |d, h| {
            // One coordinate stands for all: KL adds up.
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::Kl).map(|kl| kl.value * d)
        },
    );
    let stated = LMC_KL.exponents.iter().find(|e| e.of == "step" && e.in_ == "dim").unwrap().power;
    let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 0.5).abs() < 0.03, "{found:?}");
}
