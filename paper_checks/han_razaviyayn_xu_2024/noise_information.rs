//! HRX-6a. See `noise_information.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::NOISE_INFORMATION;
use scorebound::processes::NoiseLevel;
use scorebound::targets::Data;

#[test]
fn restated_independently() {
    // `noise_2pt` and `fisher_2pt` of the reference values.
    for (t, noise) in [(0.1, 0.05079005388074477), (0.3, 0.3869405732086844), (2.0, 0.9816804058386807)] {
        let claim = at_time(two(), t).then(&NOISE_INFORMATION);
        assert!(claim.holds(), "{claim}");
        assert_close_to(claim.measured(), noise, 1e-11);
        assert_close(claim.bound(), noise);
    }
    let claim = at_time(two(), 0.3).then(&NOISE_INFORMATION);
    let (u, h) = ((-0.6_f64).exp(), -(-0.6_f64).exp_m1());
    assert!((claim.term("I") / 1.1732071148061956 - 1.0).abs() < 1e-12, "{claim}");
    assert_close_to(claim.bound(), h * h / u * (1.0 / h - 1.1732071148061956), 1e-11);
    // Coordinates add; one atom hides nothing and is in d all the same.
    let blocks = Data::product(vec![(two(), 7), (points(&[1.0], &[3.0]), 2)]).unwrap();
    assert_close_to(at_time(blocks, 0.3).then(&NOISE_INFORMATION).measured(), 7.0 * 0.3869405732086844, 1e-11);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(
        weight in 0.05..0.95f64, distance in 0.1..3.0f64, snr in 0.05..8.0f64, alpha in 0.05..1.0f64, copies in 1..40u64,
    ) {
        let level = NoiseLevel { alpha, sigma: alpha * distance / snr.sqrt() };
        let pair = points(&[weight, 1.0 - weight], &[-distance, distance]);
        for data in [pair.clone(), Data::product(vec![(pair, copies), (atoms(), 2)]).unwrap()] {
            let claim = at_level(data, level).then(&NOISE_INFORMATION);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(at_time(atoms(), 0.5).then(&NOISE_INFORMATION).holds());
    let noise = "the level has alpha > 0 and sigma > 0";
    for level in [NoiseLevel::DATA, NoiseLevel { alpha: 0.0, sigma: 1.0 }] {
        assert_eq!(at_level(two(), level).then(&NOISE_INFORMATION).failed(), Some(noise));
    }
    let atoms = "the data have independent coordinates, each with finitely many atoms";
    assert_eq!(at_time(Data::Density(two_modes()), 0.5).then(&NOISE_INFORMATION).failed(), Some(atoms));
}

/// The law at another level, and eight digits.
#[test]
fn can_be_violated() {
    let good = at_time(atoms(), 0.4);
    assert!(good.then(&NOISE_INFORMATION).holds());
    assert!(good.with_bound_over(1.0 + 1e-8, &NOISE_INFORMATION).is_violated());
    assert!(good.against(&at_time(atoms(), 0.4 + 1e-7), 1.0, &NOISE_INFORMATION).is_violated());
    assert!(good.against(&at_time(three_points(), 0.4), 1.0, &NOISE_INFORMATION).is_violated());
}

/// Under much noise `V - sigma^2` is `gamma V^2`, V being the variance of the data.
#[test]
fn rate() {
    let found: Vec<(f64, f64)> = [1e-4, 3e-4, 1e-3, 3e-3]
        .map(|snr: f64| {
            let claim = at_level(two(), NoiseLevel { alpha: 1.0, sigma: snr.sqrt().recip() }).then(&NOISE_INFORMATION);
            // The other side is too wide there to decide.
            assert!(!claim.is_violated(), "{claim}");
            (snr, 1.0 - claim.measured().mid())
        })
        .to_vec();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) - 1.0).abs() < 5e-3, "{found:?}");
    }
    assert!((found[0].1 / 1e-4 - 1.0).abs() < 1e-3, "{found:?}");
}
