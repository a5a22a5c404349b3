//! PMM-2a-kl. See `kl_to_prior_contracts.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::KL_TO_PRIOR_CONTRACTS;
use scorebound::processes::Process;
use scorebound::targets::Data;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// `KL(N(m, v) | N(0, 1))`.
fn kl(m: f64, v: f64) -> f64 {
    0.5 * (m * m + v - 1.0 - v.ln())
}

#[test]
fn restated_independently() {
    for (t, m, v) in [(0.3, 0.5, 2.0), (1.0, 2.0, 0.25), (3.0, 0.0, 9.0)] {
        let claim = at_time(Data::Density(normal(4, m, v)), t).then(&KL_TO_PRIOR_CONTRACTS);
        let u = (-2.0 * t).exp();
        assert_close(claim.bound(), 4.0 * u * kl(m, v));
        assert_close(claim.measured(), 4.0 * kl(m * (-t).exp(), u * v + 1.0 - u));
        assert!(claim.holds(), "{claim}");
    }
    let sampled = reversed_from(Data::Density(normal(2, 1.0, 2.0)), 1.0, 0.1).then(&KL_TO_PRIOR_CONTRACTS);
    assert_close(sampled.bound(), 2.0 * (-2.0_f64).exp() * kl(1.0, 2.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 20.0), t in 0.02..8.0f64) {
        for p in [p, two_modes(), copies(&two_modes(), 9)] {
            let claim = at_time(Data::Density(p), t).then(&KL_TO_PRIOR_CONTRACTS);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = at_time(Data::Density(two_modes()), 1.0);
    assert!(good.then(&KL_TO_PRIOR_CONTRACTS).holds());
    let ve = at_level(Data::Density(two_modes()), Process::Ve.level(1.0)).then(&KL_TO_PRIOR_CONTRACTS);
    assert_eq!(ve.failed(), Some("the first level is one of OU with sigma > 0"));
    let wider = good.start(normal(1, 0.0, 1.1)).then(&KL_TO_PRIOR_CONTRACTS);
    assert_eq!(wider.failed(), Some("q_0 = N(0, I)"));
    assert_eq!(at_time(atoms(), 1.0).then(&KL_TO_PRIOR_CONTRACTS).failed(), Some("KL(p | N(0, I)) < inf"));
}

#[test]
fn can_be_violated() {
    // N(m, I) attains the bound.
    let shifted = at_time(Data::Density(normal(3, 2.0, 1.0)), 0.7);
    assert!(shifted.with_bound_over(1.0 + 1e-9, &KL_TO_PRIOR_CONTRACTS).is_violated());
    assert!(shifted.with_bound_over(1.0 - 1e-9, &KL_TO_PRIOR_CONTRACTS).holds());
    let good = at_time(Data::Density(two_modes()), 1.5);
    assert!(good.then(&KL_TO_PRIOR_CONTRACTS).holds());
    let earlier = at_time(Data::Density(two_modes()), 0.2);
    assert!(good.against(&earlier, 1.0, &KL_TO_PRIOR_CONTRACTS).is_violated());
}

/// `e^T ~ accuracy^{-1/2}` where the mean is off; data of mean 0 are closer, -1/4.
#[test]
fn rate() {
    let stated = KL_TO_PRIOR_CONTRACTS.exponents[0].power;
    for (mean, expected, word) in [(1.0, -0.5, "matches"), (0.0, -0.25, "beaten")] {
        let found = measure(
            &[1e-8, 1e-7, 1e-6, 1e-5],
            Asymptote::Small,
            Condition::AtMost(1.0),
            |_| Search::real(1.1, 1e6),
            |accuracy, growth: f64| {
                let at = at_time(Data::Density(normal(1, mean, 3.0)), growth.ln()).instance();
                KL_TO_PRIOR_CONTRACTS.about.measured(&at).map(|kl| kl.value / accuracy)
            },
        );
        let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Smaller, 0.02);
        assert_eq!(outcome.word(), word, "{found:?}");
        assert!((found.fit.unwrap().value - expected).abs() < 0.02, "{found:?}");
    }
}
