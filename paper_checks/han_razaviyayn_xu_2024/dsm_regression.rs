//! HRX-4. See `dsm_regression.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::DSM_REGRESSION;
use scorebound::processes::{NoiseLevel, Process};
use scorebound::scores::ErrorShape;
use scorebound::targets::{Data, Points};
use scorebound::verdicts::{Verdict, judge};
use std::sync::Arc;

/// `sigma^2(t)` of two equal atoms at -1 and 1, `1 - E tanh(gamma + sqrt(gamma) Z)`, at t = 0.1, 0.3 and 1 (`noise_2pt` of the reference
/// values).
const NOISE: [(f64, f64); 3] = [(0.1, 0.05079005388074477), (0.3, 0.3869405732086844), (1.0, 0.8633187174291149)];

/// Copies of two atoms beside three.
fn blocks() -> Data {
    Data::product(vec![(two(), 3), (three_points(), 1)]).unwrap()
}

#[test]
fn restated_independently() {
    for (t, noise) in NOISE {
        let level = Process::Ou.level(t);
        let a = (-t).exp() / -(-2.0 * t).exp_m1();
        let exact = at_level(two(), level).then(&DSM_REGRESSION);
        assert_close_to(exact.measured(), noise, 1e-11);
        assert_close_to(exact.bound(), noise, 1e-11);
        // A constant error, and one that is b on the right half-line, of mass 1/2.
        for (shape, part) in [(constant(1), 1.0), (outward(1, 0.0, 0.0), 0.5)] {
            let claim = at_level(two(), level).error(shape, 0.7).then(&DSM_REGRESSION);
            assert!(claim.holds(), "{claim}");
            assert_close_to(claim.measured(), noise + part * (0.7 / a).powi(2), 1e-11);
            assert_close_to(claim.bound(), noise + part * (0.7 / a).powi(2), 1e-11);
        }
        // Coordinates add.
        let claim =
            at_level(Data::product(vec![(two(), 5)]).unwrap(), level).error(constant(5), 0.7).then(&DSM_REGRESSION);
        assert!(claim.holds(), "{claim}");
        assert_close_to(claim.measured(), 5.0 * noise + (0.7 / a).powi(2), 1e-11);
    }
    // With the score of pure noise, `s = -x`: e = -x - grad ln p. For one atom at m, f_* = m and e = a (f - m).
    let level = NoiseLevel { alpha: 0.6, sigma: 0.8 };
    let claim = at_level(points(&[1.0], &[1.5]), level).error(affine(1, 2.0), 0.3).then(&DSM_REGRESSION);
    assert!(claim.holds(), "{claim}");
    assert_close(claim.measured(), 0.36 * (0.81 + 0.64) / (0.6f64 / 0.64).powi(2));
}

fn shapes(dim: usize, threshold: f64) -> [Arc<dyn ErrorShape>; 5] {
    [constant(dim), affine(dim, -0.4), fourier(dim, 2.3), outward(dim, threshold, 0.0), outward(dim, threshold, 0.2)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(
        weight in 0.05..0.95f64, distance in 0.1..2.0f64, snr in 0.05..8.0f64, alpha in 0.05..1.0f64,
        threshold in -1.0..1.0f64, size in 1e-3..3.0f64,
    ) {
        // Any alpha and sigma, of OU or not.
        let level = NoiseLevel { alpha, sigma: alpha * distance / snr.sqrt() };
        let pair = points(&[weight, 1.0 - weight], &[-distance, distance]);
        for (data, dim) in [(pair.clone(), 1), (Data::product(vec![(pair, 2), (atoms(), 1)]).unwrap(), 3)] {
            for shape in shapes(dim, threshold) {
                let claim = at_level(data.clone(), level).error(shape, size / level.sigma).then(&DSM_REGRESSION);
                prop_assert!(claim.holds(), "{claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let level = Process::Ou.level(0.5);
    let good = at_level(blocks(), level).error(fourier(4, 1.0), 0.2);
    assert!(good.then(&DSM_REGRESSION).holds(), "{}", good.then(&DSM_REGRESSION));
    let noise = "the level has alpha > 0 and sigma > 0";
    assert_eq!(at_level(two(), NoiseLevel::DATA).then(&DSM_REGRESSION).failed(), Some(noise));
    let pure = NoiseLevel { alpha: 0.0, sigma: 1.0 };
    assert_eq!(at_level(two(), pure).then(&DSM_REGRESSION).failed(), Some(noise));
    let atoms = "the data have independent coordinates, each with finitely many atoms";
    assert_eq!(at_level(Data::Density(two_modes()), level).then(&DSM_REGRESSION).failed(), Some(atoms));
    let corner = |x: f64, y: f64| nalgebra::DVector::from_vec(vec![x, y]);
    let triangle =
        Points::new(vec![0.5, 0.3, 0.2], vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0)]).unwrap();
    assert_eq!(at_level(Data::Points(triangle), level).then(&DSM_REGRESSION).failed(), Some(atoms));
    // Along the diagonal the coordinates are coupled.
    let uniform = scorebound::scores::Direction::uniform(4);
    let diagonal = scorebound::scores::errors::Window { direction: uniform, lo: 0.0, hi: None, edge: 0.0 };
    let coupled = good.clone().error(Arc::new(diagonal), 0.2).then(&DSM_REGRESSION);
    assert_eq!(coupled.failed(), Some("the error does not couple the coordinates"));
    // At another level the error is none that is known.
    let mut elsewhere = good.instance();
    elsewhere.level = Process::Ou.level(0.7);
    let verdict = judge(&DSM_REGRESSION, &elsewhere).verdict;
    let here = "the score error, if there is one, is one at this level";
    assert!(matches!(verdict, Verdict::HypothesisFailed { says, .. } if says == here), "{verdict}");
    let large = good.error(affine(4, -100.0), 1e307).then(&DSM_REGRESSION);
    assert!(large.leaves_open("E_p |e|^2 <= epsilon^2 < inf"), "{large}");
}

/// Any other number is no identity: another level, another size of the error, and eight digits.
#[test]
fn can_be_violated() {
    let good = at_level(two(), Process::Ou.level(0.4)).error(fourier(1, 1.5), 0.5);
    assert!(good.then(&DSM_REGRESSION).holds());
    assert!(good.with_bound_over(1.0 + 1e-8, &DSM_REGRESSION).is_violated());
    assert!(good.with_bound_over(1.0 - 1e-8, &DSM_REGRESSION).is_violated());
    let other = at_level(two(), Process::Ou.level(0.4)).error(fourier(1, 1.5), 0.5 + 1e-7);
    assert!(good.against(&other, 1.0, &DSM_REGRESSION).is_violated());
    let later = at_level(two(), Process::Ou.level(0.41)).error(fourier(1, 1.5), 0.5);
    assert!(good.against(&later, 1.0, &DSM_REGRESSION).is_violated());
}

/// What the loss is above the noise is quadratic in the error.
#[test]
fn rate() {
    let level = Process::Ou.level(0.3);
    let loss = |amplitude: f64| at_level(two(), level).error(fourier(1, 2.0), amplitude).then(&DSM_REGRESSION);
    let excess = |amplitude: f64| loss(amplitude).measured().mid() - loss(0.0).measured().mid();
    let found: Vec<(f64, f64)> = [0.1, 0.4, 1.6, 6.4].map(|size| (size, excess(size))).to_vec();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) - 2.0).abs() < 1e-8, "{found:?}");
    }
}

/// An error that is all beyond where the integral looks widens what is measured.
#[test]
fn far_errors_are_not_lost() {
    let far = at_level(two(), Process::Ou.level(0.4)).error(outward(1, 14.0, 0.0), 1e32);
    let claim = far.then(&DSM_REGRESSION);
    assert!(claim.bound().hi() > 2.0 * claim.measured().lo() && claim.bound().lo() < claim.measured().hi(), "{claim}");
    assert!(claim.measured().lo() >= 0.0, "{claim}");
    assert_eq!(claim.judgement.verdict.word(), "UNDECIDED", "{claim}");
}
