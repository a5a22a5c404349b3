//! HRX-12b. See `kernel_descent_elsewhere.md`.

use crate::lessons::*;
use crate::support::*;
use nalgebra::DMatrix;
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
        assert!(apart <= claim.bound().lo() && claim.bound().hi() < 1e-10 * labels.norm(), "{claim} {apart}");
        // The term of the steps at every test point; the one that is told is among them.
        let (u, eta, residuals) = (0.5 * f64::EPSILON, lesson.step(), walked(&lesson, labels, steps).0);
        let sum: f64 = residuals[..steps as usize].iter().map(|r| r.norm()).sum();
        let each = 12.0 * eta * gram(&lesson.train().inputs).norm() + 2.0;
        let coefficients = descent.coefficients(steps).norm();
        let cross = kernel_between(&lesson.test().inputs, &lesson.train().inputs);
        // phi_k(K) is the sum of the powers of I - eta K.
        let contraction = DMatrix::identity(40, 40) - gram(&lesson.train().inputs) * eta;
        let (mut row, mut reach) = (&cross * eta, &cross * 0.0);
        for _ in 0..steps {
            reach += &row;
            row *= &contraction;
        }
        let of = |z: usize| {
            let others = cross.row(z).norm() * (eta * sum + 15.0 * coefficients);
            1.01 * u * (reach.row(z).norm() * each * sum + others)
        };
        let found = claim.term("rounding of the steps");
        let near = (0..cross.nrows()).map(of).any(|by_hand| (1.0 - 1e-6..1.02).contains(&(found / by_hand)));
        assert!(near, "{claim}");
    }
    // phi_2(3) for a step of 1/4: (1 - 1/16)/3, and its value at 0.
    assert!((filter(0.25, 3.0, 2) - 0.3125).abs() < 1e-16 && (filter(0.25, 0.0, 2) - 0.5).abs() < 1e-16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in descents(2..60, 1..3000)) {
        let claim = at.then(&KERNEL_DESCENT_ELSEWHERE);
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

/// Of 400 samples: no more than a few hundred times what is seen.
#[test]
fn the_allowance_is_near_what_is_seen() {
    let claim = kernel(two(), 100).samples(400).then(&KERNEL_DESCENT_ELSEWHERE);
    assert!(claim.holds() && claim.bound().hi() < 1e-10, "{claim}");
}

/// What rounding may amount to in the steps grows at most like the power 3/2 of their number.
#[test]
fn rate() {
    let of =
        |k: u64| (k as f64, kernel(two(), k).samples(20).then(&KERNEL_DESCENT_ELSEWHERE).term("rounding of the steps"));
    let found: Vec<(f64, f64)> = [1000, 3000, 10_000, 100_000].map(of).into();
    for pair in found.windows(2) {
        assert!((0.0..1.5 + 1e-9).contains(&slope(pair[0], pair[1])), "{found:?}");
    }
}
