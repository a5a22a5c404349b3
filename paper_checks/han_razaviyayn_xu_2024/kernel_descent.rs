//! HRX-12a. See `kernel_descent.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::KERNEL_DESCENT;
use scorebound::scores::learned::{Descent, gained, gram, remaining};

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 300), (triangle(), 50)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&KERNEL_DESCENT), at.lesson());
        assert!(claim.holds(), "{claim}");
        // Both sides are rounding: the left-hand side by another order of sums is as small.
        let labels = &lesson.train().clean;
        let residual = walked(&lesson, labels, steps).0.pop().unwrap();
        let descent = Descent::new(lesson.spectrum(), lesson.step(), labels).unwrap();
        let apart = (descent.at_inputs(steps) - (labels - residual)).norm();
        assert!(apart <= claim.bound().lo() && claim.bound().hi() < 3e-11 * labels.norm(), "{claim} {apart}");
        // The terms of the page; 40 numbers are added up by halves of 20, 10: each goes through 10 + 2 roundings.
        let (u, residuals) = (0.5 * f64::EPSILON, walked(&lesson, labels, steps).0);
        let sum: f64 = residuals[..steps as usize].iter().map(|r| r.norm()).sum();
        let each = 12.0 * lesson.step() * gram(&lesson.train().inputs).norm() + 2.0;
        let share = claim.term("rounding of the steps") / (1.01 * u * each * sum);
        assert!((1.0 - 1e-6..1.02).contains(&share), "{claim} {share}");
        let vectors = lesson.spectrum().vectors().abs();
        let gross = vectors.tr_mul(&labels.abs()).norm();
        let left = lesson.spectrum().coordinates(&residuals[steps as usize]).abs();
        let products = 1.01 * u * (40.0 * (gross + (&vectors * left).norm()) + 16.0 * labels.norm());
        assert!((claim.term("products") / products - 1.0).abs() < 1e-6, "{claim} {products}");
    }
    // (1 - x)^k and what is missing to 1, by hand.
    assert!((remaining(0.25, 2.0, 3) - 0.125).abs() < 1e-16 && (gained(0.25, 2.0, 3) - 0.875).abs() < 1e-16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..60usize, steps in 1..3000u64, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = kernel(data, steps).samples(samples).repetition(repetition);
        let claim = at.then(&KERNEL_DESCENT);
        prop_assert!(claim.holds(), "{claim}");
        // Residuals never grow, up to rounding.
        let lesson = at.lesson();
        let residuals = walked(&lesson, &lesson.train().clean, steps.min(100)).0;
        prop_assert!(residuals.windows(2).all(|pair| pair[1].norm() <= pair[0].norm() * (1.0 + 1e-12)));
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&KERNEL_DESCENT).holds());
    assert_eq!(law(two()).then(&KERNEL_DESCENT).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&KERNEL_DESCENT).failed(), Some("training stops, after at least one step"));
    // Too many steps are not made one by one.
    let many = kernel(two(), 1_000_000_000).then(&KERNEL_DESCENT);
    assert!(many.leaves_open("too many to make one by one"), "{many}");
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&KERNEL_DESCENT).holds());
    assert!(good.with_bound_over(1e6, &KERNEL_DESCENT).is_violated());
    // One step less, or the eigenvalues of the limit of many inputs, is another function.
    let lesson = good.lesson();
    let labels = &lesson.train().clean;
    let descent = Descent::new(lesson.spectrum(), lesson.step(), labels).unwrap();
    let before = (descent.at_inputs(29) - descent.at_inputs(30)).norm();
    assert!(before > 1e6 * good.then(&KERNEL_DESCENT).bound().hi());
}

/// What rounding may amount to in the steps grows no faster than their number: like the path that the residuals go.
#[test]
fn rate() {
    let found: Vec<(f64, f64)> = [100, 1000, 10_000, 100_000]
        .map(|k| (k as f64, kernel(two(), k).samples(20).then(&KERNEL_DESCENT).term("rounding of the steps")))
        .into();
    for pair in found.windows(2) {
        assert!((0.0..1.0 + 1e-9).contains(&slope(pair[0], pair[1])), "{found:?}");
    }
}
