//! HRX-6b. See `mutual_information.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::MUTUAL_INFORMATION;
use scorebound::processes::{NoiseLevel, Process};
use scorebound::targets::Data;

/// `I = gamma - E ln cosh(gamma + sqrt(gamma) Z)` for equal atoms at -1 and 1, by the trapezoid rule.
fn by_hand(snr: f64) -> f64 {
    let ln_cosh = |x: f64| x.abs() + (-2.0 * x.abs()).exp().ln_1p() - std::f64::consts::LN_2;
    let step = 1e-3;
    let mean: f64 = (-12_000..=12_000)
        .map(|k| {
            let z = f64::from(k) * step;
            (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt() * step * ln_cosh(snr + snr.sqrt() * z)
        })
        .sum();
    snr - mean
}

fn snr_at(t: f64) -> f64 {
    1.0 / (2.0 * t).exp_m1()
}

#[test]
fn restated_independently() {
    for t in [0.1, 0.3, 1.5] {
        let claim = at_time(two(), t).then(&MUTUAL_INFORMATION);
        assert!(claim.holds(), "{claim}");
        assert_close(claim.measured(), by_hand(snr_at(t)));
        assert_close(claim.bound(), by_hand(snr_at(t)));
    }
    // `immse_2pt` of the reference values: all that there is to know is ln 2; for several coordinates they add.
    let all = at_time(two(), 0.005).then(&MUTUAL_INFORMATION);
    assert!(all.holds(), "{all}");
    assert_close(all.measured(), std::f64::consts::LN_2);
    let blocks = at_time(Data::product(vec![(two(), 3), (three_points(), 1)]).unwrap(), 1e-3).then(&MUTUAL_INFORMATION);
    let entropy = -(0.6 * 0.3_f64.ln() + 0.4 * 0.4_f64.ln());
    assert!(blocks.holds(), "{blocks}");
    assert_close(blocks.measured(), 3.0 * std::f64::consts::LN_2 + entropy);
    // Between the levels of a sampler.
    let between = reversed_from(two(), 1.0, 0.2).then(&MUTUAL_INFORMATION);
    assert!(between.holds(), "{between}");
    assert_close(between.bound(), by_hand(snr_at(0.2)) - by_hand(snr_at(1.0)));
    assert!((between.term("I before") / by_hand(snr_at(1.0)) - 1.0).abs() < 1e-10, "{between}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(
        weight in 0.05..0.95f64, distance in 0.1..3.0f64, snr in 0.05..20.0f64, alpha in 0.05..1.0f64, copies in 1..40u64,
        horizon in 0.8..2.0f64,
    ) {
        let level = NoiseLevel { alpha, sigma: alpha * distance / snr.sqrt() };
        let pair = points(&[weight, 1.0 - weight], &[-distance, distance]);
        for data in [pair.clone(), Data::product(vec![(pair, copies), (atoms(), 2)]).unwrap()] {
            let claim = at_level(data.clone(), level).then(&MUTUAL_INFORMATION);
            prop_assert!(claim.holds(), "{claim}");
            let claim = reversed_from(data, horizon, 0.3).then(&MUTUAL_INFORMATION);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(at_time(atoms(), 0.5).then(&MUTUAL_INFORMATION).holds());
    let noise = "the level has alpha > 0 and sigma > 0";
    for level in [NoiseLevel::DATA, NoiseLevel { alpha: 0.0, sigma: 1.0 }] {
        assert_eq!(at_level(two(), level).then(&MUTUAL_INFORMATION).failed(), Some(noise));
    }
    let discrete = "the data have independent coordinates, each with finitely many atoms";
    assert_eq!(at_time(Data::Density(two_modes()), 0.5).then(&MUTUAL_INFORMATION).failed(), Some(discrete));
    let (program, _) = ve_predictor(1.0, 0.2, 2);
    let backwards = given_data(atoms()).start(normal(1, 0.0, 3.0)).along(program, Process::Ve.level(2.0));
    let noisier = "the sampler's first level, if there is one, is noisier than the level of the instance";
    assert_eq!(backwards.then(&MUTUAL_INFORMATION).failed(), Some(noisier));
}

/// The law at another level, and eight digits.
#[test]
fn can_be_violated() {
    let good = at_time(atoms(), 0.4);
    assert!(good.then(&MUTUAL_INFORMATION).holds());
    assert!(good.with_bound_over(1.0 + 1e-8, &MUTUAL_INFORMATION).is_violated());
    assert!(good.against(&at_time(atoms(), 0.4 + 1e-7), 1.0, &MUTUAL_INFORMATION).is_violated());
    assert!(good.against(&at_time(three_points(), 0.4), 1.0, &MUTUAL_INFORMATION).is_violated());
    // An integral from the first level of a sampler is not that from 0.
    let (all, part) = (at_time(atoms(), 0.4), reversed_from(atoms(), 1.0, 0.4));
    assert!(all.against(&part, 1.0, &MUTUAL_INFORMATION).is_violated());
}

/// Under much noise the information is `gamma V/2`.
#[test]
fn rate() {
    let found: Vec<(f64, f64)> = [1e-3, 3e-3, 1e-2, 3e-2]
        .map(|snr: f64| {
            let claim = at_level(two(), NoiseLevel { alpha: 1.0, sigma: snr.sqrt().recip() }).then(&MUTUAL_INFORMATION);
            // The other side is too wide there to decide.
            assert!(!claim.is_violated(), "{claim}");
            (snr, claim.measured().mid())
        })
        .to_vec();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) - 1.0).abs() < 2e-2, "{found:?}");
    }
    assert!((found[0].1 / 5e-4 - 1.0).abs() < 1e-3, "{found:?}");
}
