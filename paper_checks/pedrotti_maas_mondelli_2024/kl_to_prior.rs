//! PMM-2a. See `kl_to_prior.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::KL_TO_PRIOR;
use scorebound::processes::Process;
use scorebound::targets::Data;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// `E|X|^2` of a law on R^d at time T.
fn by_hand(second: f64, d: f64, t: f64) -> f64 {
    let u = (-2.0 * t).exp();
    0.5 * (u * second + d * (-u - (-u).ln_1p()))
}

#[test]
fn restated_independently() {
    for (t, relative) in [(0.3, 1e-9), (1.0, 1e-9), (6.0, 1e-7)] {
        for (data, second, d) in [
            (three_points(), 4.0, 1.0),
            (Data::Density(normal(3, 1.0, 2.0)), 9.0, 3.0),
            (Data::Density(pair(0.3, [-2.0, 1.5], [0.25, 0.64])), 1.2 + 1.575 + 0.075 + 0.448, 1.0),
        ] {
            let claim = at_time(data, t).then(&KL_TO_PRIOR);
            assert_close_to(claim.bound(), by_hand(second, d, t), relative);
            assert!(claim.holds() && claim.term("closed form") >= claim.bound().mid(), "{claim}");
        }
    }
    // The left-hand side for N(m, v): `KL(N(a m, u v + q) | N(0, 1))`.
    let claim = at_time(Data::Density(normal(1, 1.5, 4.0)), 0.8).then(&KL_TO_PRIOR);
    let u = (-1.6_f64).exp();
    let v = 4.0 * u + 1.0 - u;
    assert_close(claim.measured(), 0.5 * (u * 2.25 + v - 1.0 - v.ln()));
    // A sampler says what T is by its first score.
    let sampled = reversed_from(three_points(), 1.0, 0.1).then(&KL_TO_PRIOR);
    assert_close(sampled.bound(), by_hand(4.0, 1.0, 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 20.0), t in 0.02..8.0f64, shift in 0.1..3.0f64) {
        let blocks = Data::product(vec![(three_points(), 7), (Data::Density(p.clone()), 1)]).unwrap();
        for data in [Data::Density(p), blocks, points(&[0.2, 0.8], &[-shift, shift]), Data::Density(two_modes())] {
            let claim = at_time(data, t).then(&KL_TO_PRIOR);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = at_time(three_points(), 1.0);
    assert!(good.then(&KL_TO_PRIOR).holds());
    let level = "the first level is one of OU with sigma > 0";
    assert_eq!(at_level(three_points(), Process::Ve.level(1.0)).then(&KL_TO_PRIOR).failed(), Some(level));
    assert_eq!(at_time(Data::Density(two_modes()), 0.0).then(&KL_TO_PRIOR).failed(), Some(level));
    for other in [normal(1, 0.0, 1.1), normal(1, 0.1, 1.0), two_modes()] {
        assert_eq!(good.clone().start(other).then(&KL_TO_PRIOR).failed(), Some("q_0 = N(0, I)"));
    }
    assert_eq!(good.start_at_atoms().then(&KL_TO_PRIOR).failed(), Some("q_0 = N(0, I)"));
    // `E|X|^2 < inf` holds for every law that can be written down here.
}

#[test]
fn can_be_violated() {
    // A point mass attains the bound: nothing smaller is true.
    let point = at_time(points(&[1.0], &[2.0]), 0.5);
    assert!(point.with_bound_over(1.0 + 1e-9, &KL_TO_PRIOR).is_violated());
    assert!(point.with_bound_over(1.0 - 1e-9, &KL_TO_PRIOR).holds());
    // The law at an earlier time under the bound for a later one.
    let good = at_time(three_points(), 1.5);
    assert!(good.then(&KL_TO_PRIOR).holds());
    assert!(good.against(&at_time(three_points(), 0.3), 1.0, &KL_TO_PRIOR).is_violated());
}

/// `e^T ~ (d/accuracy)^{1/2}` for data of mean 1 in every coordinate, which is what the guarantee says.
#[test]
fn rate() {
    let kl = |d: f64, growth: f64| {
        let at = at_time(Data::Density(normal(d as usize, 1.0, 1.0)), growth.ln()).instance();
        KL_TO_PRIOR.about.measured(&at).map(|kl| kl.value)
    };
    let stated = |in_: &str| {
        let power = KL_TO_PRIOR.exponents.iter().find(|e| e.in_ == in_).unwrap().power;
        f64::from(power.0) / f64::from(power.1)
    };
    let search = |_: f64| Search::real(1.1, 1e6);
    let dims = [64.0, 256.0, 1024.0, 4096.0];
    let found = measure(&dims, Asymptote::Large, Condition::AtMost(0.1), search, kl);
    assert_eq!(found.compare(stated("dim"), Better::Smaller, 0.02).word(), "matches", "{found:?}");
    let search = |_: f64| Search::real(1.1, 1e6);
    let scaled = |accuracy: f64, growth: f64| kl(1.0, growth).map(|kl| kl / accuracy);
    let found = measure(&[1e-8, 1e-7, 1e-6, 1e-5], Asymptote::Small, Condition::AtMost(1.0), search, scaled);
    assert_eq!(found.compare(stated("accuracy"), Better::Smaller, 0.02).word(), "matches", "{found:?}");
}
