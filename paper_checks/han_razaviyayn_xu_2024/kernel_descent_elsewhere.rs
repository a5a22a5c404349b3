//! HRX-12b. See `kernel_descent_elsewhere.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::KERNEL_DESCENT_ELSEWHERE;
use scorebound::scores::learned::{Descent, filter, gram};

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 300), (triangle(), 50)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&KERNEL_DESCENT_ELSEWHERE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let labels = &lesson.train().clean;
        let values = walked(&lesson, labels, steps).1;
        let descent = Descent::new(lesson.spectrum(), lesson.step(), labels).unwrap();
        let closed = descent.increments(lesson.features(), &[steps]).swap_remove(0);
        let apart = (closed - &values).row_iter().map(|row| row.norm()).fold(0.0, f64::max);
        assert!(apart <= claim.bound().lo() && claim.bound().hi() < 1e-6 * labels.norm(), "{claim} {apart}");
        let (n, u, k) = (40.0, f64::EPSILON, steps as f64);
        let one = (n + 4.0) * lesson.step() * gram(&lesson.train().inputs).norm() + 2.0;
        let farthest = kernel_between(&lesson.test().inputs, &lesson.train().inputs);
        let farthest = farthest.row_iter().map(|row| row.norm()).fold(0.0, f64::max);
        let by_hand = lesson.step() * k * farthest * 1.01 * labels.norm() * u * (0.5 * k * one + k + n + 2.0);
        assert!((claim.term("rounding of the steps") / by_hand - 1.0).abs() < 1e-6, "{claim} {by_hand}");
    }
    // phi_2(3) for a step of 1/4: (1 - 1/16)/3, and its value at 0.
    assert!((filter(0.25, 3.0, 2) - 0.3125).abs() < 1e-16 && (filter(0.25, 0.0, 2) - 0.5).abs() < 1e-16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..60usize, steps in 1..3000u64, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let claim = kernel(data, steps).samples(samples).repetition(repetition).then(&KERNEL_DESCENT_ELSEWHERE);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&KERNEL_DESCENT_ELSEWHERE).holds());
    assert_eq!(law(two()).then(&KERNEL_DESCENT_ELSEWHERE).failed(), Some("the score is learned on the spot"));
    let stops = "training stops, after at least one step";
    assert_eq!(kernel(two(), 0).then(&KERNEL_DESCENT_ELSEWHERE).failed(), Some(stops));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&KERNEL_DESCENT_ELSEWHERE).holds());
    assert!(good.with_bound_over(1e6, &KERNEL_DESCENT_ELSEWHERE).is_violated());
    // Another number of steps is another function.
    let lesson = good.lesson();
    let descent = Descent::new(lesson.spectrum(), lesson.step(), &lesson.train().clean).unwrap();
    let [one, other] = [29, 30].map(|k| descent.increments(lesson.features(), &[k]).swap_remove(0));
    assert!((one - other).amax() > 1e6 * good.then(&KERNEL_DESCENT_ELSEWHERE).bound().hi());
}

/// What rounding may amount to grows at most like the square of the number of steps.
#[test]
fn rate() {
    let of =
        |k: u64| (k as f64, kernel(two(), k).samples(20).then(&KERNEL_DESCENT_ELSEWHERE).term("rounding of the steps"));
    let found: Vec<(f64, f64)> = [1000, 3000, 10_000, 100_000].map(of).into();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) - 2.0).abs() < 1e-2, "{found:?}");
    }
}
