//! HRX-18a. See `early_stopping.md`.

use crate::lessons::*;
use crate::support::*;
use nalgebra::DMatrix;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::EARLY_STOPPING;
use scorebound::scores::learned::{Learner, Lesson, Stop};
use std::f64::consts::E;

/// `E |f_t - f_H|_n^2` for labels f_H + noise, every step made: bias, and each label's noise by itself.
fn by_steps(lesson: &Lesson, steps: u64) -> f64 {
    let (train, element) = (lesson.train(), lesson.element().1);
    let n = train.len();
    let left = |labels: &DMatrix<f64>| walked(lesson, labels, steps).0.pop().unwrap();
    let bias = left(element).norm_squared();
    let one = |j: usize| {
        let unit = DMatrix::from_fn(n, 1, |i, _| f64::from(u8::from(i == j)));
        (&unit - left(&unit)).norm_squared() * train.variances.row(j).sum()
    };
    (bias + (0..n).map(one).sum::<f64>()) / n as f64
}

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 25), (triangle(), 9)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&EARLY_STOPPING), at.lesson());
        assert!(claim.holds(), "{claim}");
        assert_close_to(claim.measured(), by_steps(&lesson, steps), 1e-9);
        let (eta, n) = (lesson.step() * 40.0 * steps as f64, 40.0);
        let capped: f64 = lesson.spectrum().values().iter().map(|value| (value / n).min(1.0 / eta)).sum::<f64>() / n;
        let largest = lesson.train().variances.row_iter().map(|row| row.sum()).fold(0.0, f64::max);
        let (norm, _, _) = lesson.element();
        let rho = norm.norms_squared().iter().sum::<f64>();
        assert_close(claim.bound(), rho / (2.0 * E * eta) + largest * eta * capped);
        assert!((claim.term("bias") - rho / (2.0 * E * eta)).abs() < 1e-9 * rho, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in descents(3..60, 1..100_000)) {
        let claim = at.then(&EARLY_STOPPING);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&EARLY_STOPPING).holds());
    assert_eq!(law(two()).then(&EARLY_STOPPING).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&EARLY_STOPPING).failed(), Some("training stops, after at least one step"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&EARLY_STOPPING).holds());
    assert!(good.with_bound_over(1e6, &EARLY_STOPPING).is_violated());
    // After many steps all the noise is learned, and the bound of few does not hold.
    let late = kernel(two(), 1_000_000);
    assert!(late.then(&EARLY_STOPPING).holds());
    assert!(kernel(two(), 8).samples(400).against(&late, 1.0, &EARLY_STOPPING).is_violated());
    // Neither term is enough by itself.
    let claim = late.then(&EARLY_STOPPING);
    assert!(claim.measured().lo() > claim.term("bias"), "{claim}");
    let sure = taught(points(&[1.0], &[0.7]), Learner::Kernel, Stop::Steps(3)).then(&EARLY_STOPPING);
    assert!(sure.holds() && sure.term("variance") == 0.0 && sure.measured().lo() > 0.0, "{sure}");
}

/// The bias term falls like 1/t, the bias itself at least as fast: without noise nothing else is there.
#[test]
fn rate() {
    let sure = points(&[1.0], &[0.7]);
    let found: Vec<(f64, Claim)> =
        [10, 100, 1000, 10_000].map(|steps| (steps as f64, kernel(sure.clone(), steps).then(&EARLY_STOPPING))).into();
    for pair in found.windows(2) {
        let of = |side: fn(&Claim) -> f64| slope((pair[0].0, side(&pair[0].1)), (pair[1].0, side(&pair[1].1)));
        assert!((of(|claim| claim.term("bias")) + 1.0).abs() < 1e-9);
        assert!(of(|claim| claim.measured().mid()) < -1.0, "{} {}", pair[0].1, pair[1].1);
    }
}
