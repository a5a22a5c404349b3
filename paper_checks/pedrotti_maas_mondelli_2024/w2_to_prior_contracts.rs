//! PMM-2a-w2. See `w2_to_prior_contracts.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::W2_TO_PRIOR_CONTRACTS;
use scorebound::processes::Process;
use scorebound::targets::Data;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (t, m, v) in [(0.3_f64, 0.5_f64, 2.0_f64), (1.0, 2.0, 0.25), (3.0, 0.0, 9.0)] {
        let claim = at_time(Data::Density(normal(4, m, v)), t).then(&W2_TO_PRIOR_CONTRACTS);
        let (a, u) = ((-t).exp(), (-2.0 * t).exp());
        assert_close(claim.bound(), 2.0 * a * m.hypot(v.sqrt() - 1.0));
        assert_close(claim.measured(), 2.0 * (a * m).hypot((u * v + 1.0 - u).sqrt() - 1.0));
        assert!(claim.holds(), "{claim}");
    }
    // A fair coin: `E (|Z| - 1)^2 = 2 - 2 sqrt(2/pi)`.
    let claim = at_time(points(&[0.5, 0.5], &[-1.0, 1.0]), 0.5).then(&W2_TO_PRIOR_CONTRACTS);
    assert_close(claim.bound(), (-0.5_f64).exp() * (2.0 - 2.0 * (2.0 / std::f64::consts::PI).sqrt()).sqrt());
    assert!(claim.holds(), "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 20.0), t in 0.02..8.0f64) {
        let blocks = Data::product(vec![(three_points(), 7), (Data::Density(p.clone()), 1)]).unwrap();
        for data in [Data::Density(p), blocks, three_points(), Data::Density(two_modes())] {
            let claim = at_time(data, t).then(&W2_TO_PRIOR_CONTRACTS);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = at_time(Data::Density(two_modes()), 1.0);
    assert!(good.then(&W2_TO_PRIOR_CONTRACTS).holds());
    let ve = at_level(Data::Density(two_modes()), Process::Ve.level(1.0)).then(&W2_TO_PRIOR_CONTRACTS);
    assert_eq!(ve.failed(), Some("the first level is one of OU with sigma > 0"));
    let wider = good.start(normal(1, 0.0, 1.1)).then(&W2_TO_PRIOR_CONTRACTS);
    assert_eq!(wider.failed(), Some("q_0 = N(0, I)"));
    // `E|X|^2 < inf` holds for every law that can be written down here.
}

#[test]
fn can_be_violated() {
    // N(m, I) attains the bound.
    let shifted = at_time(Data::Density(normal(3, 2.0, 1.0)), 0.7);
    assert!(shifted.with_bound_over(1.0 + 1e-9, &W2_TO_PRIOR_CONTRACTS).is_violated());
    assert!(shifted.with_bound_over(1.0 - 1e-9, &W2_TO_PRIOR_CONTRACTS).holds());
    let good = at_time(three_points(), 1.5);
    assert!(good.then(&W2_TO_PRIOR_CONTRACTS).holds());
    assert!(good.against(&at_time(three_points(), 0.2), 1.0, &W2_TO_PRIOR_CONTRACTS).is_violated());
}

/// `e^T ~ 1/accuracy` where the mean is off; data of mean 0 are closer, -1/2.
#[test]
fn rate() {
    let stated = W2_TO_PRIOR_CONTRACTS.exponents[0].power;
    for (mean, expected, word) in [(1.0, -1.0, "matches"), (0.0, -0.5, "beaten")] {
        let found = measure(
            &[1e-6, 1e-5, 1e-4, 1e-3],
            Asymptote::Small,
            Condition::AtMost(1.0),
            |_| Search::real(1.1, 1e8),
            |accuracy, growth: f64| {
                let at = at_time(Data::Density(normal(1, mean, 3.0)), growth.ln()).instance();
                W2_TO_PRIOR_CONTRACTS.about.measured(&at).map(|w2| w2.value / accuracy)
            },
        );
        let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Smaller, 0.02);
        assert_eq!(outcome.word(), word, "{found:?}");
        assert!((found.fit.unwrap().value - expected).abs() < 0.02, "{found:?}");
    }
}
