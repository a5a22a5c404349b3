//! PMM-4d. See `lsi_mixing_tails.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::LSI_MIXING_TAILS;
use scorebound::targets::Data;

/// The bound for `E_c`, the best of many p.
fn by_hand(moment: impl Fn(f64) -> f64, u: f64, q: f64) -> f64 {
    let chi = moment(u / q) - 1.0;
    let at = |p: f64| {
        q * (p / (p - 1.0) + (1.0 + moment(p * (1.0 + p) * u / (2.0 * q)).ln() / (2.0 * (p - 1.0))) / (1.0 - chi))
    };
    let all = (1..60_000).map(|k| at(1.0 + 0.002 * f64::from(k)));
    all.filter(|y| y.is_finite()).fold(f64::INFINITY, f64::min)
}

#[test]
fn restated_independently() {
    // Two atoms at distance D: `E_c = (1 + e^{c D^2})/2`.
    for (half, t) in [(1.0_f64, 1.5_f64), (3.0, 2.5)] {
        let claim = at_time(points(&[0.5, 0.5], &[-half, half]), t).then(&LSI_MIXING_TAILS);
        let (u, q) = ((-2.0 * t).exp(), -(-2.0 * t).exp_m1());
        let expected = by_hand(|c| 0.5 + 0.5 * (4.0 * c * half * half).exp(), u, q);
        assert!((claim.bound().mid() / expected - 1.0).abs() < 1e-4 && claim.holds(), "{expected} {claim}");
    }
    // N(m, v): `E_c = (1 - 4 c v)^{-1/2}`, whatever m; the coordinates are independent.
    for (d, v, t) in [(1, 9.0_f64, 3.0_f64), (5, 2.0, 2.0)] {
        let claim = at_time(Data::Density(normal(d, 1.0, v)), t).then(&LSI_MIXING_TAILS);
        let (u, q) = ((-2.0 * t).exp(), -(-2.0 * t).exp_m1());
        let expected = by_hand(|c| (1.0 - 4.0 * c * v).powf(-0.5), u, q);
        assert!((claim.bound().mid() / expected - 1.0).abs() < 1e-4 && claim.holds(), "{expected} {claim}");
    }
    // Not worse than the value of the reference file at p = 4.
    let claim = at_time(Data::Density(normal(1, 0.0, 9.0)), 3.0).then(&LSI_MIXING_TAILS);
    assert!(claim.bound().hi() <= 2.574_246_919_280_79, "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 8.0), t in 0.9..6.0f64, w in 0.05..0.95f64, radius in 0.05..0.8f64) {
        let two = points(&[w, 1.0 - w], &[-radius, radius]);
        let both = Data::product(vec![(two.clone(), 5), (Data::Density(p.clone()), 1)]).unwrap();
        for data in [Data::Density(p), two, both, Data::Density(pair(w, [-radius, radius], [0.3, 0.5]))] {
            let claim = at_time(data, t + 0.5).then(&LSI_MIXING_TAILS);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let noise = "p is the law of alpha X + sigma xi, sigma > 0";
    assert_eq!(at_time(Data::Density(two_modes()), 0.0).then(&LSI_MIXING_TAILS).failed(), Some(noise));
    let tails = "E exp(alpha^2 |X - X'|^2/sigma^2) < 2, and M < inf for some p > 1";
    assert!(at_time(three_points(), 2.5).then(&LSI_MIXING_TAILS).holds());
    assert_eq!(at_time(three_points(), 0.5).then(&LSI_MIXING_TAILS).failed(), Some(tails));
    assert_eq!(at_time(Data::Density(normal(1, 0.0, 9.0)), 0.5).then(&LSI_MIXING_TAILS).failed(), Some(tails));
}

#[test]
fn can_be_violated() {
    let good = at_time(three_points(), 2.5);
    assert!(good.then(&LSI_MIXING_TAILS).holds());
    assert!(good.with_bound_over(1e3, &LSI_MIXING_TAILS).is_violated());
    // The bound at this level is wrong for far atoms near the data.
    let far = at_time(points(&[0.5, 0.5], &[-3.0, 3.0]), 0.5);
    assert!(good.against(&far, 1.0, &LSI_MIXING_TAILS).is_violated());
}

/// As the noise grows the bound tends to twice the truth.
#[test]
fn rate() {
    let loss = |t: f64| {
        let claim = at_time(three_points(), t).then(&LSI_MIXING_TAILS);
        claim.bound().mid() / claim.measured().mid()
    };
    assert!(loss(9.0) > 2.0 && loss(9.0) < 2.02, "{}", loss(9.0));
    assert!(loss(4.0) > loss(6.0) && loss(6.0) > loss(9.0));
}
