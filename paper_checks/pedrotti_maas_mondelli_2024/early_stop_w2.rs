//! PMM-3a. See `early_stop_w2.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::EARLY_STOP_W2;
use scorebound::processes::Process;
use scorebound::targets::Data;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn by_hand(second: f64, d: f64, t: f64) -> f64 {
    ((-t).exp_m1().powi(2) * second - (-2.0 * t).exp_m1() * d).sqrt()
}

#[test]
fn restated_independently() {
    for t in [1e-4_f64, 0.01, 0.3] {
        for (data, second, d) in [(three_points(), 4.0, 1.0), (Data::Density(normal(3, 1.0, 2.0)), 9.0, 3.0)] {
            let claim = at_time(data, t).then(&EARLY_STOP_W2);
            assert_close(claim.bound(), by_hand(second, d, t));
            // Far atoms under little noise attain the bound up to what no number shows.
            assert!(!claim.is_violated() && (claim.holds() || d == 1.0), "{claim}");
        }
        // The left-hand sides: a point mass attains the bound, a Gaussian is closer.
        let point = at_time(points(&[1.0], &[2.0]), t);
        assert_close(EARLY_STOP_W2.about.measured(&point.instance()).unwrap().value, by_hand(4.0, 1.0, t));
        let claim = at_time(Data::Density(normal(3, 1.0, 2.0)), t).then(&EARLY_STOP_W2);
        let (shift, u) = (-(-t).exp_m1(), (-2.0 * t).exp());
        let spread = (2.0 * u + 1.0 - u).sqrt() - 2.0_f64.sqrt();
        assert_close_to(claim.measured(), (3.0 * (shift * shift + spread * spread)).sqrt(), 1e-8);
    }
    // Where the output is compared with the data, the level of the last score counts.
    let reversed = reversed_from(three_points(), 1.0, 0.1).then(&EARLY_STOP_W2);
    assert_close(reversed.bound(), by_hand(4.0, 1.0, 0.1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 20.0), log in -5.0..-1.0f64, t in 0.1..1.0f64, half in 0.05..0.3f64) {
        let two = points(&[0.2, 0.8], &[-half, half]);
        let blocks = Data::product(vec![(two.clone(), 7), (Data::Density(p.clone()), 1)]).unwrap();
        let (early, late) = (10f64.powf(log), t);
        for (data, t) in [(Data::Density(p), early), (Data::Density(two_modes()), early), (blocks, late), (two, late)] {
            let claim = at_time(data, t).then(&EARLY_STOP_W2);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(at_time(Data::Density(two_modes()), 0.1).then(&EARLY_STOP_W2).holds());
    let level = "the sampler stops at a level of OU with sigma > 0";
    assert_eq!(at_level(three_points(), Process::Ve.level(0.1)).then(&EARLY_STOP_W2).failed(), Some(level));
    assert_eq!(given(&two_modes()).then(&EARLY_STOP_W2).failed(), Some(level));
    // `E|X|^2 < inf` holds for every law that can be written down here.
}

#[test]
fn can_be_violated() {
    let point = at_time(points(&[1.0], &[2.0]), 0.1);
    assert!(point.with_bound_over(1.0 + 1e-9, &EARLY_STOP_W2).is_violated());
    assert!(point.with_bound_over(1.0 - 1e-9, &EARLY_STOP_W2).holds());
    let good = at_time(points(&[0.5, 0.5], &[-0.2, 0.2]), 0.1);
    assert!(good.then(&EARLY_STOP_W2).holds());
    assert!(good.against(&at_time(points(&[0.5, 0.5], &[-0.2, 0.2]), 0.3), 1.0, &EARLY_STOP_W2).is_violated());
}

/// `delta ~ accuracy^2/d` for atoms, as guaranteed; Gaussians allow `accuracy/d^{1/2}`.
#[test]
fn rate() {
    let stated = |in_: &str| {
        let power = EARLY_STOP_W2.exponents.iter().find(|e| e.in_ == in_).unwrap().power;
        f64::from(power.0) / f64::from(power.1)
    };
    let atoms = |d: f64| Data::product(vec![(points(&[0.5, 0.5], &[-1.0, 1.0]), d as u64)]).unwrap();
    let normals = |d: f64| Data::Density(normal(d as usize, 1.0, 2.0));
    type Family<'a> = &'a (dyn Fn(f64) -> Data + Sync);
    let cases: [(Family<'_>, [f64; 2], &str); 2] =
        [(&atoms, [2.0, -1.0], "matches"), (&normals, [1.0, -0.5], "beaten")];
    for (data, expected, word) in cases {
        let w2 =
            |d: f64, delta: f64| EARLY_STOP_W2.about.measured(&at_time(data(d), delta).instance()).map(|w2| w2.value);
        let search = |_: f64| Search::real(1e-13, 0.5);
        let scaled = |accuracy: f64, delta: f64| w2(1.0, delta).map(|w2| w2 / accuracy);
        let found = measure(&[1e-4, 1e-3, 1e-2], Asymptote::Small, Condition::AtMost(1.0), search, scaled);
        assert_eq!(found.compare(stated("accuracy"), Better::Larger, 0.03).word(), word, "{found:?}");
        assert!((found.fit.unwrap().value - expected[0]).abs() < 0.02, "{found:?}");
        let search = |_: f64| Search::real(1e-13, 0.5);
        let found = measure(&[64.0, 256.0, 1024.0], Asymptote::Large, Condition::AtMost(0.1), search, w2);
        assert_eq!(found.compare(stated("dim"), Better::Larger, 0.03).word(), word, "{found:?}");
        assert!((found.fit.unwrap().value - expected[1]).abs() < 0.02, "{found:?}");
    }
}
