//! HRX-16a. See `label_mismatch.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::LABEL_MISMATCH;
use scorebound::scores::learned::{Learner, Stop};

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 40), (triangle(), 15)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&LABEL_MISMATCH), at.lesson());
        assert!(claim.holds(), "{claim}");
        let delta = &lesson.train().regression - lesson.element().1;
        assert_close(claim.bound(), delta.norm());
        // Descent on delta, every step made.
        let residuals = walked(&lesson, &delta, steps).0;
        assert_close_to(claim.measured(), (&delta - residuals.last().unwrap()).norm(), 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in descents(3..60, 1..2000)) {
        let claim = at.then(&LABEL_MISMATCH);
        prop_assert!(claim.holds_or_equal(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&LABEL_MISMATCH).holds());
    assert_eq!(law(two()).then(&LABEL_MISMATCH).failed(), Some("the score is learned on the spot"));
    let stops = "training stops, after at least one step";
    assert_eq!(kernel(two(), 0).then(&LABEL_MISMATCH).failed(), Some(stops));
    // Where the rule allows no step there is none.
    let noisy = |r| taught(two(), Learner::Kernel, Stop::CriticalRadius(1.0)).samples(3).repetition(r);
    let none = (0..100).map(noisy).find(|at| at.lesson().stopping_time() == Some(0)).unwrap();
    assert_eq!(none.then(&LABEL_MISMATCH).failed(), Some(stops));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&LABEL_MISMATCH).holds());
    assert!(good.with_bound_over(1e6, &LABEL_MISMATCH).is_violated());
    // In the end descent reaches all of delta: half of it is no bound.
    assert!(kernel(two(), 10_000).with_bound_over(2.0, &LABEL_MISMATCH).is_violated());
    // The norm over all inputs is meant, not their mean.
    let claim = kernel(two(), 10_000).then(&LABEL_MISMATCH);
    assert!(claim.measured().lo() > claim.bound().hi() / 40f64.sqrt(), "{claim}");
    assert!(good.against(&kernel(two(), 100_000).samples(400), 1.0, &LABEL_MISMATCH).is_violated());
}

/// It grows with the number of steps and tends to the bound.
#[test]
fn rate() {
    let found: Vec<Claim> = [10, 100, 1000, 1_000_000].map(|steps| kernel(two(), steps).then(&LABEL_MISMATCH)).into();
    for pair in found.windows(2) {
        assert!(pair[1].measured().mid() > pair[0].measured().mid(), "{} {}", pair[0], pair[1]);
        assert_eq!(pair[1].bound(), pair[0].bound());
    }
    let share = found[3].measured().mid() / found[3].bound().mid();
    assert!((0.9..1.0 + 1e-9).contains(&share), "{}", found[3]);
}
