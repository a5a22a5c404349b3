//! LLT-5a. See `lmc_chi2_recursion.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{LMC_CHI2, LMC_CHI2_RECURSION};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, variance, h, n, c) in [(1, 2.0, 1e-3, 70, 0.1), (3, 0.5, 1e-3, 1000, 0.01), (8, 1.0, 1e-4, 3000, 0.05)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.3, variance)).run(lmc(h, n));
        let claim = at.error(constant(d), c).then(&LMC_CHI2_RECURSION);
        let (smoothness, lsi, dim, tau2) = (1.0 / variance, variance, d as f64, c * c);
        let (young, a, beta) = (claim.term("c"), claim.term("a"), claim.term("beta"));
        let (b1, b2, u) = (1.0 + beta, 1.0 + 1.0 / beta, h * smoothness);
        let rest = 1.0 - 6.0 * u * u;
        let hl2 = h * smoothness * smoothness;
        let r = 2.0 - 1.0 / (2.0 * young) - 2.0 * young * b1 * (24.0 * u * u + 4.0 * hl2 * lsi / a) / rest;
        let noise = hl2 * dim * (1.0 / (1.0 - 2.0 * a)).ln() / a;
        let drift = 2.0 * u * u * (2.0 * dim * smoothness + tau2);
        let gamma = 2.0 * young * h * (b2 * tau2 + b1 * (drift + noise) / rest);
        let mut chi2 = (dim * 0.09 / variance).exp_m1();
        for _ in 0..n {
            chi2 = (gamma - r * h / lsi).exp() * chi2 + gamma.exp_m1();
        }
        assert_close(claim.bound(), chi2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 4.0), x in 0.01..1.0f64, time in 0.1..8.0f64, t in 0.0..1.0f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (smoothness * smoothness * lsi * (46.0 * d as f64).max(132.0)) * (1.0 - 1e-12);
        let at = given(&p).start(normal(d, 0.2, 0.2)).run(lmc(h, steps(time * lsi, h)));
        let at = at.error(constant(d), t * (1.0 / (16.1 * lsi)).sqrt() * (1.0 - 1e-12));
        let claim = at.then(&LMC_CHI2_RECURSION);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
        prop_assert!(claim.bound().hi() <= at.then(&LMC_CHI2).bound().hi() * (1.0 + 1e-9));
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_CHI2_RECURSION;
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.5, 1.0)).run(lmc(0.005, 100)).error(constant(2), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.005, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().error(affine(2, -0.2), 0.1).then(theorem).failed(), Some("sup |e| < inf"));
    assert_eq!(good.clone().start(normal(2, 0.0, 2.0)).then(theorem).failed(), Some("chi2(q_0 | p) < inf"));
    let long = good.clone().run(lmc(0.3, 10)).then(theorem);
    assert_eq!(long.failed(), Some("6 (hL)^2 < 1 and r > 0 for some c, a, beta"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).error(constant(2), 0.1).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let far = given(&far_modes()).run(lmc(1e-30, 3)).error(constant(1), 0.1).then(theorem);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
}

#[test]
fn can_be_violated() {
    let theorem = &LMC_CHI2_RECURSION;
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.7)).run(lmc(1e-3, 20_000)).error(constant(1), 0.05);
    assert!(good.then(theorem).holds());
    // Variance 1.32^2 = 1.74: chi-squared is finite, and far from 0.
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.32), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The guarantee has exponent -1 in d; on N(0, I_d) the largest step at stationarity goes like d^{-1/2}.
#[test]
fn rate() {
    let found = measure(
        &[64.0, 256.0, 1024.0, 4096.0],
        Asymptote::Large,
        Condition::AtMost(0.01_f64.ln_1p()),
        |_| Search::real(1e-5, 0.25),
        |d, h| {
            // ln(1 + chi2) adds up over coordinates.
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::ChiSquared).map(|chi2| chi2.value.ln_1p() * d)
        },
    );
    let exponent = LMC_CHI2_RECURSION.exponents.iter().find(|e| e.of == "step" && e.in_ == "dim").unwrap();
    let outcome = found.compare(f64::from(exponent.power.0), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 0.5).abs() < 0.03, "{found:?}");
}
