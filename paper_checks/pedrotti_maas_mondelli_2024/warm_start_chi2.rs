//! PMM-2c-chi2. See `warm_start_chi2.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::WARM_START_CHI2;
use scorebound::processes::Process;
use scorebound::targets::Data;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// For the variance of the data, traced.
fn by_hand(variance: f64, t: f64) -> f64 {
    let log = 0.5 * variance / (2.0 * t).exp_m1();
    log.exp_m1()
}

#[test]
fn restated_independently() {
    for t in [0.3, 1.0, 5.0] {
        let blocks = Data::product(vec![(three_points(), 2), (Data::Density(normal(1, 3.0, 0.5)), 1)]).unwrap();
        for (data, variance) in [
            (three_points(), 3.75),
            (Data::Density(normal(3, 1.0, 2.0)), 6.0),
            (Data::Density(pair(0.3, [-2.0, 1.5], [0.25, 0.64])), 3.298 - 0.45 * 0.45),
            (blocks, 8.0),
        ] {
            let claim = warm_at_time(data, t).then(&WARM_START_CHI2);
            assert_close(claim.bound(), by_hand(variance, t));
            assert!(claim.holds(), "{claim}");
        }
    }
    // The left-hand side for N(m, v): two Gaussians of one mean, `a = q/(u v + q)`.
    let claim = warm_at_time(Data::Density(normal(3, 1.5, 4.0)), 0.8).then(&WARM_START_CHI2);
    let u = (-1.6_f64).exp();
    let a = (1.0 - u) / (4.0 * u + 1.0 - u);
    assert_close(claim.measured(), (a * (2.0 - a)).powf(-1.5) - 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 20.0), t in 0.1..8.0f64, shift in 0.1..3.0f64) {
        let blocks = Data::product(vec![(three_points(), 7), (Data::Density(p.clone()), 1)]).unwrap();
        for data in [Data::Density(p), blocks, points(&[0.2, 0.8], &[-shift, shift]), Data::Density(two_modes())] {
            let claim = warm_at_time(data, t).then(&WARM_START_CHI2);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = warm_at_time(three_points(), 1.0);
    assert!(good.then(&WARM_START_CHI2).holds());
    let ve = at_level(three_points(), Process::Ve.level(1.0)).then(&WARM_START_CHI2);
    assert_eq!(ve.failed(), Some("the first level is one of OU with sigma > 0"));
    let warm = "the start is N(alpha E X, sigma^2 I) of the first level";
    assert_eq!(at_time(three_points(), 1.0).then(&WARM_START_CHI2).failed(), Some(warm));
    let level = Process::Ou.level(1.0);
    let shifted = normal(1, 0.5 * level.alpha + 1e-6, level.variance());
    for other in [shifted, normal(1, 0.5 * level.alpha, 1.01 * level.variance()), two_modes()] {
        assert_eq!(good.clone().start(other).then(&WARM_START_CHI2).failed(), Some(warm));
    }
    assert_eq!(good.start_at_atoms().then(&WARM_START_CHI2).failed(), Some(warm));
    // `E|X|^2 < inf` holds for every law that can be written down here.
}

#[test]
fn can_be_violated() {
    let good = warm_at_time(three_points(), 1.5);
    assert!(good.then(&WARM_START_CHI2).holds());
    assert!(good.against(&warm_at_time(three_points(), 0.2), 1.0, &WARM_START_CHI2).is_violated());
    let slack = good.then(&WARM_START_CHI2);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(good.with_bound_over(1.01 * slack, &WARM_START_CHI2).is_violated(), "{slack}");
    // Two equal atoms with a rounded mean: nothing is to be seen, and nothing is said to be violated.
    let one = warm_at_time(points(&[0.3, 0.7], &[0.1, 0.1]), 1.0).then(&WARM_START_CHI2);
    assert!(!one.is_violated(), "{one}");
}

/// On Gaussians chi-squared is of the order `d (u/q)^2`: `e^T` goes like the power -1/4 of the accuracy and 1/4 of d, not 1/2.
#[test]
fn rate() {
    let at = |d: f64, growth: f64| {
        let at = warm_at_time(Data::Density(normal(d as usize, 1.0, 1.0)), growth.ln()).instance();
        WARM_START_CHI2.about.measured(&at).map(|x| x.value)
    };
    let stated = |in_: &str| {
        let power = WARM_START_CHI2.exponents.iter().find(|e| e.in_ == in_).unwrap().power;
        f64::from(power.0) / f64::from(power.1)
    };
    let search = |_: f64| Search::real(1.1, 1e6);
    let dims = [64.0, 256.0, 1024.0, 4096.0];
    let found = measure(&dims, Asymptote::Large, Condition::AtMost(1e-3), search, at);
    assert_eq!(found.compare(stated("dim"), Better::Smaller, 0.02).word(), "beaten", "{found:?}");
    assert!((found.fit.unwrap().value - 0.25).abs() < 0.02, "{found:?}");
    let search = |_: f64| Search::real(1.1, 1e6);
    let scaled = |accuracy: f64, growth: f64| at(1.0, growth).map(|x| x / accuracy);
    let found = measure(&[1e-8, 1e-7, 1e-6, 1e-5], Asymptote::Small, Condition::AtMost(1.0), search, scaled);
    assert_eq!(found.compare(stated("accuracy"), Better::Smaller, 0.02).word(), "beaten", "{found:?}");
    assert!((found.fit.unwrap().value + 0.25).abs() < 0.02, "{found:?}");
}
